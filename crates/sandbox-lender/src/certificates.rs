//! Certificates: issued with a number and a link to a printable page. A settlement certificate exists only for a settled
//! loan.

use crate::book::{self, LoanState};
use crate::error::{Failure, conflict, missing};
use crate::http::{Lender, Order};
use crate::money::yuan;
use crate::store::{Desk, stored_as_text};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateKind {
    /// 结清证明
    Settlement,
    /// 借款合同
    Contract,
    /// 还款计划
    Schedule,
    /// 负债证明
    Debt,
}

stored_as_text!(CertificateKind);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CertificateOrder {
    kind: CertificateKind,
}

#[derive(Debug, Serialize, ToSchema)]
struct Certificate {
    number: String,
    kind: CertificateKind,
    loan: String,
    issued_on: Date,
    url: String,
}

impl CertificateKind {
    fn letter(self) -> char {
        match self {
            CertificateKind::Settlement => 'S',
            CertificateKind::Contract => 'C',
            CertificateKind::Schedule => 'P',
            CertificateKind::Debt => 'D',
        }
    }

    fn title(self) -> &'static str {
        match self {
            CertificateKind::Settlement => "贷款结清证明",
            CertificateKind::Contract => "借款合同",
            CertificateKind::Schedule => "还款计划",
            CertificateKind::Debt => "负债证明",
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(issue_certificate))
}

/// The page a certificate's link leads to; its token is the only key.
pub(crate) fn public_routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(show_certificate))
}

/// Issue a certificate for a loan
#[utoipa::path(post, path = "/v1/customers/{customer}/loans/{loan}/certificates", tag = "certificates", request_body = CertificateOrder, params(("customer" = String, Path), ("loan" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Certificate)))]
async fn issue_certificate(
    State(lender): State<Lender>,
    Path((customer, loan)): Path<(String, String)>,
    order: Order<CertificateOrder>,
) -> Result<Response, Failure> {
    let public_url = lender.0.public_url.clone();
    let issue = move |desk: &Desk, CertificateOrder { kind }: CertificateOrder| {
        let customer = book::customer(desk, &customer)?;
        let loan = book::loan(desk, &customer.id, &loan)?;
        match (kind, loan.state) {
            (_, LoanState::Disbursing | LoanState::DisbursementFailed) => return Err(book::not_disbursed()),
            (CertificateKind::Settlement, LoanState::Active) => {
                return Err(conflict(
                    "certificate.not_settled",
                    "该笔借款尚未结清，结清后才能开具结清证明",
                    "this loan is not settled yet; the certificate can be issued once it is",
                ));
            }
            (CertificateKind::Settlement, LoanState::Settled) => {}
            (
                CertificateKind::Contract | CertificateKind::Schedule | CertificateKind::Debt,
                LoanState::Active | LoanState::Settled,
            ) => {}
        }
        let serial = desk.next_id("")?;
        let number = format!("JT{}{}{serial:0>6}", kind.letter(), desk.today.strftime("%Y%m%d"));
        let token = random_token()?;
        let sql = "insert into certificates (number, token, customer, loan, kind, issued_on) values (?1, ?2, ?3, ?4, ?5, ?6)";
        desk.tx.execute(sql, (&number, &token, &customer.id, &loan.id, kind, desk.today))?;
        Ok(Certificate {
            url: format!("{public_url}/certificates/{number}/{token}"),
            number,
            kind,
            loan: loan.id,
            issued_on: desk.today,
        })
    };
    lender.change(order, issue).await
}

/// A certificate as a printable page
#[utoipa::path(get, path = "/certificates/{number}/{token}", tag = "certificates", params(("number" = String, Path), ("token" = String, Path)), responses((status = 200, content_type = "text/html", body = String)))]
async fn show_certificate(
    State(lender): State<Lender>,
    Path((number, token)): Path<(String, String)>,
) -> Result<Html<String>, Failure> {
    let show = move |desk: &Desk| {
        let sql = "select customer, loan, kind, issued_on from certificates where number = ?1 and token = ?2";
        let found = desk.row(sql, (&number, &token), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, CertificateKind>(2)?, row.get::<_, Date>(3)?))
        })?;
        let (customer, loan, kind, issued_on) =
            found.ok_or_else(|| missing("certificate.unknown", "未找到该证明", "there is no such certificate"))?;
        let customer = book::customer(desk, &customer)?;
        let loan = book::loan(desk, &customer.id, &loan)?;
        let title = kind.title();
        let balance = yuan(book::balance_fen(&book::terms(desk, &loan.id)?));
        let (name, product, principal, id) = (&customer.name, &loan.product, yuan(loan.principal_fen), &loan.id);
        // Nothing in it was typed by a customer, so nothing needs escaping.
        Ok(format!(
            "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>编号：{number}<p>客户：{name}\
             <p>产品：{product}（{id}）<p>借款本金：{principal}元<p>剩余本金：{balance}元<p>开具日期：{issued_on}<p>沙箱贷款机构 · 仅供演示</html>"
        ))
    };
    let Json(page) = lender.look(show).await?;
    Ok(Html(page))
}

/// 128 random bits in hexadecimal.
fn random_token() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
