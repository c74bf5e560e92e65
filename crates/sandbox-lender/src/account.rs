//! The customer's account: profile, change of mobile number, and closing.

use crate::book::{self, LoanState};
use crate::codes;
use crate::english::english;
use crate::error::{Failure, conflict, invalid, missing};
use crate::http::{Lender, Order};
use crate::money::yuan;
use crate::schedule::days_between;
use crate::store::Desk;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Closing an account takes this long.
const CLOSING_DAYS: i64 = 15;

#[derive(Debug, Serialize, ToSchema)]
struct Profile {
    name: String,
    level: String,
    level_en: String,
    /// Masked.
    phone: String,
    /// The repayment day of new loans.
    day_of_month: i64,
    overdue: bool,
    /// Of the oldest overdue term.
    days_overdue: i64,
}

/// Unmasked: for systems that keep a record of who saw it and why.
#[derive(Debug, Serialize, ToSchema)]
struct Contact {
    phone: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PhoneOrder {
    new_phone: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct PhoneChange {
    change: String,
    /// Masked.
    code_sent_to: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeOrder {
    code: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct PhoneView {
    /// Masked.
    phone: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct ClosureCheck {
    can_close: bool,
    open_loans: i64,
    /// Principal owed or on its way.
    balance_fen: i64,
    /// 不能注销的原因
    reasons: Vec<String>,
    reasons_en: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClosureOrder {}

#[derive(Debug, Serialize, ToSchema)]
struct Closure {
    closure: String,
    state: ClosureState,
    done_by: Date,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ClosureState {
    Processing,
}

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new()
        .routes(routes!(show_profile))
        .routes(routes!(show_contact))
        .routes(routes!(change_phone))
        .routes(routes!(verify_phone))
        .routes(routes!(check_closure))
        .routes(routes!(close_account))
}

/// Who the customer is, and whether they are overdue
#[utoipa::path(get, path = "/v1/customers/{customer}", tag = "account", params(("customer" = String, Path)), responses((status = 200, body = Profile)))]
async fn show_profile(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<Profile>, Failure> {
    let show = move |desk: &Desk| {
        let customer = book::customer(desk, &customer)?;
        let mut days_overdue = 0;
        for loan in book::loans(desk, &customer.id)? {
            for term in book::terms(desk, &loan.id)?.iter().filter(|term| term.is_overdue(desk.today)) {
                days_overdue = days_overdue.max(days_between(term.due_date, desk.today));
            }
        }
        Ok(Profile {
            phone: codes::masked(&customer.phone),
            name: customer.name,
            level_en: english(&customer.level),
            level: customer.level,
            day_of_month: customer.repayment_day,
            overdue: days_overdue > 0,
            days_overdue,
        })
    };
    lender.look(show).await
}

/// How to reach the customer, unmasked
#[utoipa::path(get, path = "/v1/customers/{customer}/contact", tag = "account", params(("customer" = String, Path)), responses((status = 200, body = Contact)))]
async fn show_contact(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<Contact>, Failure> {
    lender.look(move |desk: &Desk| Ok(Contact { phone: book::customer(desk, &customer)?.phone })).await
}

/// Change the mobile number; a code goes to the new one
#[utoipa::path(post, path = "/v1/customers/{customer}/phone-changes", tag = "account", request_body = PhoneOrder, params(("customer" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = PhoneChange)))]
async fn change_phone(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    order: Order<PhoneOrder>,
) -> Result<Response, Failure> {
    let change = move |desk: &Desk, PhoneOrder { new_phone }: PhoneOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let new_phone = codes::mobile(&new_phone)?;
        if new_phone == customer.phone {
            return Err(invalid("phone.same", "新手机号与当前手机号相同", "that is your mobile number already"));
        }
        if desk.row("select 1 from customers where phone = ?1", [new_phone], |_| Ok(()))?.is_some() {
            return Err(conflict("phone.taken", "该手机号已被其他账户使用", "this mobile number belongs to another account"));
        }
        let change = desk.next_id("p")?;
        let sql = "insert into phone_changes (id, customer, new_phone, done) values (?1, ?2, ?3, 0)";
        desk.tx.execute(sql, (&change, &customer.id, new_phone))?;
        codes::send(desk, &change, new_phone)?;
        Ok(PhoneChange { change, code_sent_to: codes::masked(new_phone) })
    };
    lender.change(order, change).await
}

/// Finish changing the mobile number with its code
#[utoipa::path(post, path = "/v1/customers/{customer}/phone-changes/{change}/verification", tag = "account", request_body = CodeOrder, params(("customer" = String, Path), ("change" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = PhoneView)))]
async fn verify_phone(
    State(lender): State<Lender>,
    Path((customer, change)): Path<(String, String)>,
    order: Order<CodeOrder>,
) -> Result<Response, Failure> {
    let verify = move |desk: &Desk, CodeOrder { code }: CodeOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let sql = "select new_phone from phone_changes where id = ?1 and customer = ?2 and done = 0";
        let new_phone: String = desk
            .row(sql, (&change, &customer.id), |row| row.get(0))?
            .ok_or_else(|| missing("phone_change.unknown", "未找到该手机号变更申请", "there is no such change of number"))?;
        codes::verify(desk, &change, &code)?;
        desk.tx.execute("update phone_changes set done = 1 where id = ?1", [&change])?;
        desk.tx.execute("update customers set phone = ?2 where id = ?1", (&customer.id, &new_phone))?;
        Ok(PhoneView { phone: codes::masked(&new_phone) })
    };
    lender.change(order, verify).await
}

/// Whether the account can be closed, and why not
#[utoipa::path(get, path = "/v1/customers/{customer}/closure-check", tag = "account", params(("customer" = String, Path)), responses((status = 200, body = ClosureCheck)))]
async fn check_closure(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<ClosureCheck>, Failure> {
    lender.look(move |desk| closure_check(desk, &book::customer(desk, &customer)?.id)).await
}

fn closure_check(desk: &Desk, customer: &str) -> Result<ClosureCheck, Failure> {
    let (mut reasons, mut reasons_en) = (Vec::new(), Vec::new());
    let mut because = |zh: String, en: String| {
        reasons.push(zh);
        reasons_en.push(en);
    };
    let open =
        book::loans(desk, customer)?.into_iter().filter(|loan| matches!(loan.state, LoanState::Active | LoanState::Disbursing));
    let open_loans = open.count() as i64;
    let balance_fen = book::principal_outstanding_fen(desk, customer)?;
    if open_loans > 0 {
        because(
            format!("还有{open_loans}笔借款未结清，剩余本金{}元", yuan(balance_fen)),
            format!("{open_loans} loans are not settled yet; {} yuan of principal are left", yuan(balance_fen)),
        );
    }
    let reviewing = "select 1 from applications where customer = ?1 and state = 'reviewing'";
    if desk.row(reviewing, [customer], |_| Ok(()))?.is_some() {
        because("有借款申请正在审核中".to_owned(), "an application is being reviewed".to_owned());
    }
    if desk.row("select 1 from closures where customer = ?1", [customer], |_| Ok(()))?.is_some() {
        because("注销申请已提交，正在处理".to_owned(), "closing has been asked for already".to_owned());
    }
    Ok(ClosureCheck { can_close: reasons.is_empty(), open_loans, balance_fen, reasons, reasons_en })
}

/// Close the account
#[utoipa::path(post, path = "/v1/customers/{customer}/closures", tag = "account", request_body = ClosureOrder, params(("customer" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Closure)))]
async fn close_account(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    order: Order<ClosureOrder>,
) -> Result<Response, Failure> {
    let close = move |desk: &Desk, ClosureOrder {}: ClosureOrder| {
        let customer = book::customer(desk, &customer)?;
        let check = closure_check(desk, &customer.id)?;
        if !check.can_close {
            return Err(conflict(
                "closure.not_possible",
                format!("暂时无法注销：{}", check.reasons.join("；")),
                format!("the account cannot be closed: {}", check.reasons_en.join("; ")),
            ));
        }
        let closure = desk.next_id("x")?;
        let done_by = desk.today.saturating_add(CLOSING_DAYS.days());
        desk.tx.execute("insert into closures (id, customer, done_by) values (?1, ?2, ?3)", (&closure, &customer.id, done_by))?;
        Ok(Closure { closure, state: ClosureState::Processing, done_by })
    };
    lender.change(order, close).await
}
