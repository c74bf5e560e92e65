//! What only a sandbox has: the weather, the codes that would have been sent, and the list of demo customers. Spared by
//! the API's weather, so that bad weather can be ended.

use crate::error::{Failure, invalid, missing};
use crate::http::Lender;
use crate::store::Desk;
use crate::transfers;
use crate::weather::{ApiWeather, TransferWeather, Weather};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Parts that are absent stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WeatherOrder {
    api: Option<ApiWeather>,
    disbursement: Option<TransferWeather>,
    repayment: Option<TransferWeather>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SentCode {
    code: String,
    /// Masked.
    sent_to: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct DemoCustomers {
    today: Date,
    customers: Vec<DemoCustomer>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DemoCustomer {
    id: String,
    name: String,
    /// What there is to see with this customer.
    situation: String,
}

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(show_weather, set_weather)).routes(routes!(show_code)).routes(routes!(list_customers))
}

/// The weather
#[utoipa::path(get, path = "/v1/sandbox/weather", tag = "sandbox", responses((status = 200, body = Weather)))]
async fn show_weather(State(lender): State<Lender>) -> Result<Json<Weather>, Failure> {
    lender.look(transfers::weather).await
}

/// Change the weather
///
/// Setting the weather of disbursements or repayments also lets those go that the seed holds back.
#[utoipa::path(post, path = "/v1/sandbox/weather", tag = "sandbox", request_body = WeatherOrder, responses((status = 200, body = Weather)))]
async fn set_weather(
    State(lender): State<Lender>,
    order: Result<Json<WeatherOrder>, JsonRejection>,
) -> Result<Json<Weather>, Failure> {
    let Json(order) = order.map_err(|cause| invalid("weather.unreadable", "天气设置不正确", cause.body_text()))?;
    let set = move |desk: &Desk| {
        let mut weather = transfers::weather(desk)?;
        weather.api = order.api.unwrap_or(weather.api);
        if let Some(disbursement) = order.disbursement {
            weather.disbursement = disbursement;
            desk.tx.execute("update transfers set held = 0 where kind = 'disbursement'", [])?;
        }
        if let Some(repayment) = order.repayment {
            weather.repayment = repayment;
            desk.tx.execute("update transfers set held = 0 where kind <> 'disbursement'", [])?;
        }
        let spoken = serde_json::to_string(&weather)?;
        desk.tx.execute("insert or replace into weather (only_row, spoken) values (1, ?1)", [spoken])?;
        Ok(weather)
    };
    lender.look(set).await
}

/// A verification code that would have been sent
#[utoipa::path(get, path = "/v1/sandbox/codes/{reference}", tag = "sandbox", params(("reference" = String, Path, description = "The card or phone change it verifies")), responses((status = 200, body = SentCode)))]
async fn show_code(State(lender): State<Lender>, Path(reference): Path<String>) -> Result<Json<SentCode>, Failure> {
    let show = move |desk: &Desk| {
        let sql = "select code, sent_to from codes where ref = ?1";
        desk.row(sql, [&reference], |row| Ok(SentCode { code: row.get(0)?, sent_to: row.get(1)? }))?
            .ok_or_else(|| missing("code.unknown", "没有待验证的验证码", "no code is waiting for this"))
    };
    lender.look(show).await
}

/// The demo customers and what each is there to show
#[utoipa::path(get, path = "/v1/sandbox/customers", tag = "sandbox", responses((status = 200, body = DemoCustomers)))]
async fn list_customers(State(lender): State<Lender>) -> Result<Json<DemoCustomers>, Failure> {
    let list = move |desk: &Desk| {
        let sql = "select id, name, situation from customers order by id";
        let customers =
            desk.rows(sql, [], |row| Ok(DemoCustomer { id: row.get(0)?, name: row.get(1)?, situation: row.get(2)? }))?;
        Ok(DemoCustomers { today: desk.today, customers })
    };
    lender.look(list).await
}
