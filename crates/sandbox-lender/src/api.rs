//! The lender's whole API: which endpoints there are, which of them weather and key apply to, and its description at
//! `/v1/openapi.json` and `/docs`.

use crate::clock::china_date;
use crate::error::Failure;
use crate::http::{Lender, Premises, check_key, unknown_path, weather_over_api};
use crate::store::{OpenError, Store};
use crate::{Config, account, cards, certificates, credit, deferral, loans, repayments, sandbox, settlement};
use axum::extract::State;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router, middleware};
use jiff::civil::Date;
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "沙箱贷款机构 Sandbox lender",
        description = "Sums are in fen, rates in basis points a year, dates ISO. Every refusal is {code, message, message_en} with 401, 404, 409 or 422; 5xx may be tried again with the same Idempotency-Key."
    ),
    components(schemas(crate::error::Problem))
)]
struct Description;

#[derive(Debug, Serialize, ToSchema)]
struct Health {
    today: Date,
}

/// Opens the store and puts the API together.
pub(crate) fn app(config: Config, address: SocketAddr) -> Result<Router, OpenError> {
    let store = Store::open(&config.store, config.clock.now_ms())?;
    let public_url = config.public_url.unwrap_or_else(|| format!("http://{address}"));
    let public_url = public_url.trim_end_matches('/').to_owned();
    let lender = Lender(Arc::new(Premises { store, clock: config.clock, api_key: config.api_key, public_url }));

    let business = OpenApiRouter::new()
        .routes(routes!(check_health))
        .merge(account::routes())
        .merge(loans::routes())
        .merge(repayments::routes())
        .merge(settlement::routes())
        .merge(deferral::routes())
        .merge(cards::routes())
        .merge(credit::routes())
        .merge(certificates::routes())
        .layer(middleware::from_fn_with_state(lender.clone(), weather_over_api));
    let guarded = business.merge(sandbox::routes()).layer(middleware::from_fn_with_state(lender.clone(), check_key));
    let (router, mut description) =
        OpenApiRouter::with_openapi(Description::openapi()).merge(guarded).merge(certificates::public_routes()).split_for_parts();
    let key = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    description.components.get_or_insert_default().add_security_scheme("api_key", key);
    description.security = Some(vec![SecurityRequirement::new("api_key", Vec::<String>::new())]);

    Ok(router
        .route("/v1/openapi.json", get(|| async move { Json(description) }))
        .route("/docs", get(|| async { Html(include_str!("docs.html")) }))
        .fallback(unknown_path)
        .with_state(lender))
}

/// Whether the lender is open
#[utoipa::path(get, path = "/v1/health", tag = "sandbox", responses((status = 200, body = Health)))]
async fn check_health(State(lender): State<Lender>) -> Result<Json<Health>, Failure> {
    Ok(Json(Health { today: china_date(lender.0.clock.now_ms()) }))
}
