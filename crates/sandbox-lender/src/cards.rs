//! Bank cards: bound with a code, one of them the default. Owns the Luhn check and the little table of banks; keeps no
//! whole card number.

use crate::book;
use crate::codes;
use crate::english::english;
use crate::error::{Failure, conflict, invalid, missing};
use crate::http::{Lender, Order};
use crate::store::{Desk, stored_as_text};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Banks by the first six digits of their debit cards.
const BANKS: [(&str, &str); 10] = [
    ("622202", "中国工商银行"),
    ("621226", "中国工商银行"),
    ("621700", "中国建设银行"),
    ("622848", "中国农业银行"),
    ("621661", "中国银行"),
    ("622588", "招商银行"),
    ("621485", "招商银行"),
    ("622260", "交通银行"),
    ("621098", "中国邮政储蓄银行"),
    ("622908", "兴业银行"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CardState {
    /// Waits for its code; cannot be used yet.
    Unverified,
    Bound,
}

stored_as_text!(CardState);

#[derive(Debug, Serialize, ToSchema)]
struct CardList {
    cards: Vec<CardRow>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CardRow {
    id: String,
    bank: String,
    bank_en: String,
    /// The last four digits.
    tail: String,
    default: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCard {
    card_number: String,
    /// The mobile number the bank knows.
    phone: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct CardWithCode {
    card: String,
    bank: String,
    bank_en: String,
    tail: String,
    /// Masked.
    code_sent_to: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeOrder {
    code: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DefaultCardOrder {
    card: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct CardView {
    card: String,
    bank: String,
    bank_en: String,
    tail: String,
}

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(list_cards, add_card)).routes(routes!(verify_card)).routes(routes!(set_default_card))
}

/// The customer's bound cards
#[utoipa::path(get, path = "/v1/customers/{customer}/cards", tag = "cards", params(("customer" = String, Path)), responses((status = 200, body = CardList)))]
async fn list_cards(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<CardList>, Failure> {
    let list = move |desk: &Desk| {
        let customer = book::customer(desk, &customer)?;
        let sql = "select id, bank, tail, is_default from cards where customer = ?1 and state = ?2 order by is_default desc, id";
        let cards = desk.rows(sql, (&customer.id, CardState::Bound), |row| {
            let bank: String = row.get(1)?;
            Ok(CardRow { id: row.get(0)?, bank_en: english(&bank), bank, tail: row.get(2)?, default: row.get(3)? })
        })?;
        Ok(CardList { cards })
    };
    lender.look(list).await
}

/// Bind a card; a code goes to the phone
#[utoipa::path(post, path = "/v1/customers/{customer}/cards", tag = "cards", request_body = NewCard, params(("customer" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = CardWithCode)))]
async fn add_card(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    order: Order<NewCard>,
) -> Result<Response, Failure> {
    let add = move |desk: &Desk, NewCard { card_number, phone }: NewCard| {
        let customer = book::acting_customer(desk, &customer)?;
        let (bin, tail) = card_ends(&card_number)?;
        let phone = codes::mobile(&phone)?;
        let bank = bank_of(bin)?;
        let sql = "select id, state from cards where customer = ?1 and bin = ?2 and tail = ?3";
        let card = match desk.row(sql, (&customer.id, bin, tail), |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
            Some((_, CardState::Bound)) => {
                return Err(conflict("card.already_bound", "该银行卡已绑定", "this card is bound already"));
            }
            Some((card, CardState::Unverified)) => card,
            None => desk.next_id("k")?,
        };
        let sql = "insert or replace into cards (id, customer, bin, bank, tail, phone, state, is_default, declines)
                   values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0)";
        desk.tx.execute(sql, (&card, &customer.id, bin, bank, tail, phone, CardState::Unverified))?;
        codes::send(desk, &card, phone)?;
        let (bank, bank_en) = (bank.to_owned(), english(bank));
        Ok(CardWithCode { card, bank, bank_en, tail: tail.to_owned(), code_sent_to: codes::masked(phone) })
    };
    lender.change(order, add).await
}

/// Finish binding a card with its code
#[utoipa::path(post, path = "/v1/customers/{customer}/cards/{card}/verification", tag = "cards", request_body = CodeOrder, params(("customer" = String, Path), ("card" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = CardView)))]
async fn verify_card(
    State(lender): State<Lender>,
    Path((customer, card)): Path<(String, String)>,
    order: Order<CodeOrder>,
) -> Result<Response, Failure> {
    let verify = move |desk: &Desk, CodeOrder { code }: CodeOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let (view, state) = find(desk, &customer.id, &card)?;
        if state == CardState::Bound {
            return Err(conflict("card.already_bound", "该银行卡已绑定", "this card is bound already"));
        }
        codes::verify(desk, &card, &code)?;
        // A first card becomes the default.
        let sql = "update cards set state = ?2, is_default = not exists (select 1 from cards as other
                   where other.customer = cards.customer and other.is_default = 1) where id = ?1";
        desk.tx.execute(sql, (&card, CardState::Bound))?;
        Ok(view)
    };
    lender.change(order, verify).await
}

/// Take repayments from this card from now on
#[utoipa::path(post, path = "/v1/customers/{customer}/default-card", tag = "cards", request_body = DefaultCardOrder, params(("customer" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = CardView)))]
async fn set_default_card(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    order: Order<DefaultCardOrder>,
) -> Result<Response, Failure> {
    let set = move |desk: &Desk, DefaultCardOrder { card }: DefaultCardOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let card = usable(desk, &customer.id, &card)?;
        desk.tx.execute("update cards set is_default = (id = ?2) where customer = ?1", (&customer.id, &card))?;
        let sql = "update loans set card = ?2 where customer = ?1 and state in ('active', 'disbursing')";
        desk.tx.execute(sql, (&customer.id, &card))?;
        Ok(find(desk, &customer.id, &card)?.0)
    };
    lender.change(order, set).await
}

/// The customer's bound card of this id.
pub(crate) fn usable(desk: &Desk, customer: &str, card: &str) -> Result<String, Failure> {
    match find(desk, customer, card)? {
        (view, CardState::Bound) => Ok(view.card),
        (_, CardState::Unverified) => {
            Err(conflict("card.unverified", "该银行卡尚未完成验证", "this card has not been verified yet"))
        }
    }
}

/// The customer's default card.
pub(crate) fn default_card(desk: &Desk, customer: &str) -> Result<String, Failure> {
    desk.row("select id from cards where customer = ?1 and is_default = 1", [customer], |row| row.get(0))?
        .ok_or_else(|| conflict("card.none", "请先绑定银行卡", "bind a bank card first"))
}

fn find(desk: &Desk, customer: &str, card: &str) -> Result<(CardView, CardState), Failure> {
    let sql = "select id, bank, tail, state from cards where customer = ?1 and id = ?2";
    desk.row(sql, (customer, card), |row| {
        let bank: String = row.get(1)?;
        Ok((CardView { card: row.get(0)?, bank_en: english(&bank), bank, tail: row.get(2)? }, row.get(3)?))
    })?
    .ok_or_else(|| missing("card.unknown", "未找到该银行卡", "there is no such card"))
}

/// The first six and last four digits of a sound card number.
fn card_ends(number: &str) -> Result<(&str, &str), Failure> {
    let unsound =
        || invalid("card.number_invalid", "银行卡号不正确，请核对后重新输入", "that card number is not right; please check it");
    if !(16..=19).contains(&number.len()) || !luhn_holds(number) {
        return Err(unsound());
    }
    number.get(..6).zip(number.get(number.len() - 4..)).ok_or_else(unsound)
}

fn bank_of(bin: &str) -> Result<&'static str, Failure> {
    BANKS.iter().find(|(known, _)| *known == bin).map(|(_, bank)| *bank).ok_or_else(|| {
        invalid(
            "card.bank_unsupported",
            "暂不支持该银行卡，请更换其他银行的储蓄卡",
            "cards of this bank are not supported; please use another",
        )
    })
}

/// The Luhn check of ISO/IEC 7812-1: from the right, every second digit doubled, the digits' sum a multiple of ten.
fn luhn_holds(number: &str) -> bool {
    let mut sum = 0;
    for (place, digit) in number.chars().rev().enumerate() {
        let Some(digit) = digit.to_digit(10) else { return false };
        let weighed = if place % 2 == 1 { digit * 2 } else { digit };
        sum += weighed / 10 + weighed % 10;
    }
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_passes_only_whole() {
        for (number, holds) in
            [("4539578763621486", true), ("4539578763621487", false), ("4539578763612486", false), ("453957876362148a", false)]
        {
            assert_eq!(luhn_holds(number), holds, "{number}");
        }
    }
}
