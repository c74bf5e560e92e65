//! Borrowing: the limit, applications, and coupons. An application within the limit is approved on the spot and its
//! money sent on its way.

use crate::book::{self, Loan, LoanState};
use crate::cards;
use crate::english::english;
use crate::error::{Failure, conflict, invalid};
use crate::http::{Lender, Order};
use crate::money::yuan;
use crate::schedule::Method;
use crate::store::{Desk, stored_as_text};
use crate::transfers::{self, Transfer, TransferKind};
use crate::weather::TransferState;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) const PRODUCT: &str = "随心借";
/// Loans begin at 500 yuan, in steps of 100.
const MIN_LOAN_FEN: i64 = 50_000;
const LOAN_STEP_FEN: i64 = 10_000;
const TERMS: [i64; 4] = [3, 6, 12, 24];

#[derive(Debug, Serialize, ToSchema)]
struct LimitView {
    limit_fen: i64,
    /// Principal owed or on its way.
    used_fen: i64,
    /// What can be borrowed now: nothing unless the limit is active.
    available_fen: i64,
    rate_bp: i64,
    valid_until: Option<Date>,
    state: LimitState,
    /// Empty where the limit is active.
    reason: String,
    reason_en: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LimitState {
    Active,
    Frozen,
    Expired,
    /// Never granted.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ApplicationState {
    Reviewing,
    Rejected,
    Disbursing,
    Disbursed,
    DisbursementFailed,
}

stored_as_text!(LimitState, ApplicationState);

#[derive(Debug, Serialize, ToSchema)]
struct ApplicationList {
    /// Latest first.
    applications: Vec<ApplicationView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ApplicationView {
    id: String,
    product: String,
    product_en: String,
    amount_fen: i64,
    applied_on: Date,
    state: ApplicationState,
    /// By when the next step is expected; absent where there is none.
    expected_by: Option<Date>,
    /// Why it was rejected or failed, else empty.
    reason: String,
    reason_en: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ApplicationOrder {
    /// At least 500 yuan, in steps of 100.
    amount_fen: i64,
    /// 3, 6, 12 or 24.
    terms: i64,
    method: Method,
}

#[derive(Debug, Serialize, ToSchema)]
struct CouponList {
    coupons: Vec<CouponView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CouponView {
    id: String,
    title: String,
    title_en: String,
    value_fen: i64,
    /// The least repayment it can be used for.
    min_amount_fen: i64,
    valid_until: Date,
    state: CouponState,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CouponState {
    Usable,
    Used,
    Expired,
}

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(show_limit)).routes(routes!(list_applications, apply)).routes(routes!(list_coupons))
}

/// The customer's credit limit
#[utoipa::path(get, path = "/v1/customers/{customer}/limit", tag = "credit", params(("customer" = String, Path)), responses((status = 200, body = LimitView)))]
async fn show_limit(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<LimitView>, Failure> {
    lender.look(move |desk| limit(desk, &book::customer(desk, &customer)?.id)).await
}

fn limit(desk: &Desk, customer: &str) -> Result<LimitView, Failure> {
    let sql = "select limit_fen, rate_bp, valid_until, state, reason, reason_en from limits where customer = ?1";
    let none = LimitView {
        limit_fen: 0,
        used_fen: 0,
        available_fen: 0,
        rate_bp: 0,
        valid_until: None,
        state: LimitState::None,
        reason: "尚未获得额度".to_owned(),
        reason_en: "no limit has been granted yet".to_owned(),
    };
    let granted = desk.row(sql, [customer], |row| {
        Ok(LimitView {
            limit_fen: row.get(0)?,
            used_fen: 0,
            available_fen: 0,
            rate_bp: row.get(1)?,
            valid_until: row.get(2)?,
            state: row.get(3)?,
            reason: row.get(4)?,
            reason_en: row.get(5)?,
        })
    })?;
    let mut limit = granted.unwrap_or(none);
    limit.used_fen = book::principal_outstanding_fen(desk, customer)?;
    if limit.state == LimitState::Active && limit.valid_until.is_some_and(|last| last < desk.today) {
        limit.state = LimitState::Expired;
        limit.reason = "额度已过有效期，请重新申请".to_owned();
        limit.reason_en = "the limit has expired; please apply again".to_owned();
    }
    if limit.state == LimitState::Active {
        limit.available_fen = (limit.limit_fen - limit.used_fen).max(0);
    }
    Ok(limit)
}

/// The customer's applications
#[utoipa::path(get, path = "/v1/customers/{customer}/applications", tag = "credit", params(("customer" = String, Path)), responses((status = 200, body = ApplicationList)))]
async fn list_applications(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<ApplicationList>, Failure> {
    let list = move |desk: &Desk| {
        let customer = book::customer(desk, &customer)?;
        let sql = "select id, product, amount_fen, applied_on, state, expected_by, reason, reason_en from applications
                   where customer = ?1 order by applied_on desc, id desc";
        let applications = desk.rows(sql, [&customer.id], |row| {
            Ok(ApplicationView {
                id: row.get(0)?,
                product_en: english(&row.get::<_, String>(1)?),
                product: row.get(1)?,
                amount_fen: row.get(2)?,
                applied_on: row.get(3)?,
                state: row.get(4)?,
                expected_by: row.get(5)?,
                reason: row.get(6)?,
                reason_en: row.get(7)?,
            })
        })?;
        Ok(ApplicationList { applications })
    };
    lender.look(list).await
}

/// Borrow within the limit
#[utoipa::path(post, path = "/v1/customers/{customer}/applications", tag = "credit", request_body = ApplicationOrder, params(("customer" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = ApplicationView)))]
async fn apply(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    order: Order<ApplicationOrder>,
) -> Result<Response, Failure> {
    let apply = move |desk: &Desk, order: ApplicationOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let ApplicationOrder { amount_fen, terms, method } = order;
        if amount_fen < MIN_LOAN_FEN || amount_fen % LOAN_STEP_FEN != 0 {
            return Err(invalid(
                "application.amount_invalid",
                "借款金额须为100元的整数倍，最低500元",
                "borrow at least 500 yuan, in steps of 100",
            ));
        }
        if !TERMS.contains(&terms) {
            return Err(invalid("application.terms_invalid", "借款期数请选择3、6、12或24期", "choose 3, 6, 12 or 24 terms"));
        }
        let limit = limit(desk, &customer.id)?;
        if limit.state != LimitState::Active {
            return Err(conflict(
                "limit.not_active",
                format!("当前额度不可用：{}", limit.reason),
                format!("the limit cannot be used: {}", limit.reason_en),
            ));
        }
        if amount_fen > limit.available_fen {
            return Err(conflict(
                "limit.exceeded",
                format!("可用额度为{}元", yuan(limit.available_fen)),
                format!("{} yuan of the limit are available", yuan(limit.available_fen)),
            ));
        }
        let loan = Loan {
            id: desk.next_id("l")?,
            card: cards::default_card(desk, &customer.id)?,
            customer: customer.id,
            product: PRODUCT.to_owned(),
            principal_fen: amount_fen,
            rate_bp: limit.rate_bp,
            terms,
            method,
            repayment_day: customer.repayment_day,
            state: LoanState::Disbursing,
            disbursed_on: None,
            day_changed_on: None,
            version: 0,
        };
        book::save_loan(desk, &loan)?;
        disburse(desk, &loan, Held::No)?;
        let expected_by = desk.today.saturating_add(1.day());
        let id = record_application(
            desk,
            &loan.customer,
            amount_fen,
            desk.today,
            ApplicationState::Disbursing,
            Some(expected_by),
            Some(&loan.id),
        )?;
        Ok(ApplicationView {
            id,
            product_en: english(&loan.product),
            product: loan.product,
            amount_fen,
            applied_on: desk.today,
            state: ApplicationState::Disbursing,
            expected_by: Some(expected_by),
            reason: String::new(),
            reason_en: String::new(),
        })
    };
    lender.change(order, apply).await
}

/// Whether a transfer waits for the weather to be set again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    No,
    UntilWeatherIsSet,
}

/// Sends the loan's money to its card.
pub(crate) fn disburse(desk: &Desk, loan: &Loan, held: Held) -> Result<(), Failure> {
    let state = match held {
        Held::No => TransferState::Submitted,
        Held::UntilWeatherIsSet => TransferState::Processing,
    };
    transfers::save(
        desk,
        &Transfer {
            id: desk.next_id("t")?,
            customer: loan.customer.clone(),
            loan: loan.id.clone(),
            kind: TransferKind::Disbursement,
            amount_fen: loan.principal_fen,
            card: loan.card.clone(),
            quote: None,
            value_date: desk.today,
            state,
            reason: String::new(),
            reason_en: String::new(),
            since_ms: desk.now_ms,
            held: held == Held::UntilWeatherIsSet,
        },
    )
}

pub(crate) fn record_application(
    desk: &Desk,
    customer: &str,
    amount_fen: i64,
    applied_on: Date,
    state: ApplicationState,
    expected_by: Option<Date>,
    loan: Option<&str>,
) -> Result<String, Failure> {
    let id = desk.next_id("a")?;
    desk.tx.execute(
        "insert into applications (id, customer, product, amount_fen, applied_on, state, expected_by, reason, reason_en, loan)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', '', ?8)",
        (&id, customer, PRODUCT, amount_fen, applied_on, state, expected_by, loan),
    )?;
    Ok(id)
}

/// The customer's coupons
#[utoipa::path(get, path = "/v1/customers/{customer}/coupons", tag = "credit", params(("customer" = String, Path)), responses((status = 200, body = CouponList)))]
async fn list_coupons(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<CouponList>, Failure> {
    let list = move |desk: &Desk| {
        let customer = book::customer(desk, &customer)?;
        let sql = "select id, title, value_fen, min_amount_fen, valid_until, used from coupons where customer = ?1 order by valid_until, id";
        let coupons = desk.rows(sql, [&customer.id], |row| {
            let valid_until: Date = row.get(4)?;
            let state = match row.get(5)? {
                true => CouponState::Used,
                false if valid_until < desk.today => CouponState::Expired,
                false => CouponState::Usable,
            };
            Ok(CouponView {
                id: row.get(0)?,
                title_en: english(&row.get::<_, String>(1)?),
                title: row.get(1)?,
                value_fen: row.get(2)?,
                min_amount_fen: row.get(3)?,
                valid_until,
                state,
            })
        })?;
        Ok(CouponList { coupons })
    };
    lender.look(list).await
}
