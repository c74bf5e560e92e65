//! Verification codes: sent, read back, and counted when wrong. Nothing is really sent: the sandbox shows every code at
//! `/v1/sandbox/codes/{ref}`, and it is always 888888.

use crate::error::{Failure, conflict, invalid, missing};
use crate::store::Desk;

/// What the sandbox sends.
const CODE: &str = "888888";
const VALID_MS: i64 = 5 * 60_000;
const ATTEMPTS: i64 = 3;

/// Sends a code for `reference` to `phone`, replacing one sent before.
pub(crate) fn send(desk: &Desk, reference: &str, phone: &str) -> Result<(), Failure> {
    let sql = "insert or replace into codes (ref, code, sent_to, attempts_left, expires_ms) values (?1, ?2, ?3, ?4, ?5)";
    desk.tx.execute(sql, (reference, CODE, masked(phone), ATTEMPTS, desk.now_ms + VALID_MS))?;
    Ok(())
}

/// Uses up the code for `reference`. A wrong one is counted even though the request fails.
pub(crate) fn verify(desk: &Desk, reference: &str, given: &str) -> Result<(), Failure> {
    let sql = "select code, attempts_left, expires_ms from codes where ref = ?1";
    let found = desk.row(sql, [reference], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))?;
    let (code, attempts_left, expires_ms) =
        found.ok_or_else(|| missing("code.unknown", "请先获取验证码", "ask for a code first"))?;
    if attempts_left == 0 {
        return Err(conflict("code.locked", "验证码错误次数过多，请重新获取", "too many wrong codes; please ask for a new one"));
    }
    if desk.now_ms > expires_ms {
        return Err(conflict("code.expired", "验证码已过期，请重新获取", "this code has expired; please ask for a new one"));
    }
    if given != code {
        let left = attempts_left - 1;
        desk.tx.execute("update codes set attempts_left = ?2 where ref = ?1", (reference, left))?;
        let refusal = invalid(
            "code.wrong",
            format!("验证码不正确，还可再试{left}次"),
            format!("that code is wrong; {left} attempts are left"),
        );
        return Err(refusal.keeping_changes());
    }
    desk.tx.execute("delete from codes where ref = ?1", [reference])?;
    Ok(())
}

/// A mainland mobile number: eleven digits, the first 1 and the second 3 to 9.
pub(crate) fn mobile(phone: &str) -> Result<&str, Failure> {
    match phone.as_bytes() {
        [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit) => Ok(phone),
        _ => Err(invalid("phone.invalid", "手机号格式不正确，请核对", "that is not a mobile number of mainland China")),
    }
}

/// `138****1234`
pub(crate) fn masked(phone: &str) -> String {
    match (phone.get(..3), phone.get(7..)) {
        (Some(head), Some(tail)) => format!("{head}****{tail}"),
        _ => "****".to_owned(),
    }
}
