//! How a typed or submitted text becomes a fact, and what is said when it does not.

use crate::lender::Fact;
use crate::masked::RevealReason;
use crate::message::FieldKind;
use crate::money::Fen;
use crate::personal::{is_card_number, is_mobile};
use crate::understanding::{EntityValue, Lang};
use jiff::civil::Date;
use thiserror::Error;

/// Why a value was refused. [`ValueError::explain`] says it to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("value is not a {kind:?}")]
pub struct ValueError {
    pub kind: FieldKind,
}

impl ValueError {
    /// What is wrong and how to write it.
    pub fn explain(self, lang: Lang) -> &'static str {
        match (self.kind, lang) {
            (FieldKind::Text, Lang::ZhCn) => "这一项不能为空，也不要超过 200 个字。",
            (FieldKind::Text, Lang::En) => "Please fill this in, in at most 200 characters.",
            (FieldKind::Money, Lang::ZhCn) => "金额请写成数字，例如 1200 或 1200.50，并且要大于 0。",
            (FieldKind::Money, Lang::En) => "Please write the sum in digits, such as 1200 or 1200.50, above 0.",
            (FieldKind::Date | FieldKind::Month, Lang::ZhCn) => "日期请写成 2026-12-05 这样的格式。",
            (FieldKind::Date | FieldKind::Month, Lang::En) => "Please write the date like 2026-12-05.",
            (FieldKind::DayOfMonth, Lang::ZhCn) => "请选择 1 到 28 之间的一天。",
            (FieldKind::DayOfMonth, Lang::En) => "Please choose a day between 1 and 28.",
            (FieldKind::Days, Lang::ZhCn) => "请写天数，例如 7。",
            (FieldKind::Days, Lang::En) => "Please write a number of days, such as 7.",
            (FieldKind::Phone, Lang::ZhCn) => "手机号应为 11 位数字，请检查。",
            (FieldKind::Phone, Lang::En) => "A mobile number has 11 digits; please check it.",
            (FieldKind::Card, Lang::ZhCn) => "这个卡号有一位不对，请对照卡面再输一次。",
            (FieldKind::Card, Lang::En) => "One digit of this card number is wrong; please compare it with your card.",
            (FieldKind::Code, Lang::ZhCn) => "验证码是 4 到 8 位数字，请再看一下短信。",
            (FieldKind::Code, Lang::En) => "The code has 4 to 8 digits; please look at the message again.",
            (FieldKind::Choice, Lang::ZhCn) => "请从列出的选项里选一个。",
            (FieldKind::Choice, Lang::En) => "Please choose one of the options.",
        }
    }
}

/// Reads a form's text. `Choice` is checked against the options by the caller.
///
/// # Errors
/// `ValueError` where the text is not of the kind.
pub fn parse_value(kind: FieldKind, text: &str) -> Result<Fact, ValueError> {
    let text = text.trim();
    let refused = Err(ValueError { kind });
    let digits = || -> String { text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect() };
    match kind {
        FieldKind::Text if text.is_empty() || text.chars().count() > 200 => refused,
        FieldKind::Text | FieldKind::Choice => Ok(Fact::Text(text.to_owned())),
        FieldKind::Money => match Fen::parse_yuan(text) {
            Ok(sum) if sum > Fen::ZERO => Ok(Fact::Money(sum)),
            Ok(_) | Err(_) => refused,
        },
        FieldKind::Date => text.parse::<Date>().map(Fact::Date).or(refused),
        FieldKind::Month => {
            let day = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
            day.parse::<Date>().map(|d| Fact::Date(d.first_of_month())).or(refused)
        }
        FieldKind::DayOfMonth => match text.parse::<i64>() {
            Ok(day) if (1..=28).contains(&day) => Ok(Fact::Count(day)),
            Ok(_) | Err(_) => refused,
        },
        FieldKind::Days => match text.parse::<i64>() {
            Ok(days) if (1..=365).contains(&days) => Ok(Fact::Count(days)),
            Ok(_) | Err(_) => refused,
        },
        FieldKind::Phone if is_mobile(&digits()) => Ok(Fact::Text(digits())),
        FieldKind::Card if is_card_number(&digits()) => Ok(Fact::Text(digits())),
        FieldKind::Code if (4..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(Fact::Text(text.to_owned()))
        }
        FieldKind::Phone | FieldKind::Card | FieldKind::Code => refused,
    }
}

/// The fact that an entity gives for a field of this kind, if it fits.
pub(super) fn entity_fact(kind: FieldKind, value: &EntityValue) -> Option<Fact> {
    let lender = RevealReason::SentToLender;
    match (kind, value) {
        (FieldKind::Money, EntityValue::Money(sum)) if *sum > Fen::ZERO => Some(Fact::Money(*sum)),
        (FieldKind::Money, EntityValue::Number(yuan)) if *yuan > 0 => yuan.checked_mul(100).map(|f| Fact::Money(Fen(f))),
        (FieldKind::Date, EntityValue::Date(date)) => Some(Fact::Date(*date)),
        (FieldKind::Month, EntityValue::Month(month)) => Some(Fact::Date(*month)),
        (FieldKind::Month, EntityValue::Date(date)) => Some(Fact::Date(date.first_of_month())),
        (FieldKind::DayOfMonth, EntityValue::Number(day) | EntityValue::Ordinal(day)) if (1..=28).contains(day) => {
            Some(Fact::Count(*day))
        }
        (FieldKind::DayOfMonth, EntityValue::Date(date)) if date.day() <= 28 => Some(Fact::Count(date.day().into())),
        (FieldKind::Days, EntityValue::Days(days) | EntityValue::Number(days)) if (1..=365).contains(days) => {
            Some(Fact::Count(*days))
        }
        (FieldKind::Phone, EntityValue::Phone(phone)) => Some(Fact::Text(phone.reveal(lender).to_owned())),
        (FieldKind::Card, EntityValue::CardNumber(card)) => Some(Fact::Text(card.reveal(lender).to_owned())),
        (FieldKind::Code, EntityValue::Code(code)) => Some(Fact::Text(code.reveal(lender).to_owned())),
        _ => None,
    }
}
