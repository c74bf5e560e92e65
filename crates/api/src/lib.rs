//! HTTP and WebSocket: DTOs, authentication, OpenAPI, live updates. Owns the wire; decides nothing.

mod acts;
mod assist;
mod attribution;
mod auth;
mod behaviour;
mod customer;
mod customer_live;
mod customer_tickets;
mod dto;
mod error;
mod flows;
mod guidance;
mod inspection;
mod journeys;
mod knowledge;
mod limits;
mod openapi;
mod path;
mod reveal;
mod seat;
mod staff;
mod staff_live;
mod team;
mod tickets;
mod upkeep;
mod views;
mod wall;

pub use auth::{IdentityError, hash_password, sign_identity};
pub use openapi::document;

use auth::Keys;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use jieti_engine::Engine;
use limits::Limits;
use std::sync::Arc;
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

/// Largest request body: a batch test of 10,000 lines fits.
const LARGEST_BODY: usize = 2 * 1024 * 1024;

/// How the API is run.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// Shared with the lender's back end, which signs identity tokens with it.
    pub identity_secret: String,
    /// Messages a customer may send in one minute; twice as many as the fastest typist sends.
    pub messages_per_minute: u32,
    /// Failed or successful log-ins for one name in one minute.
    pub logins_per_minute: u32,
    /// Set `Secure` on the staff cookie: right behind HTTPS, wrong on plain HTTP.
    pub secure_cookies: bool,
}

#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

pub(crate) struct Inner {
    pub engine: Engine,
    pub keys: Keys,
    pub limits: Limits,
    pub secure_cookies: bool,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Every route under `/api`, and the API's page at `/docs`.
pub fn router(engine: Engine, config: &ApiConfig) -> Router {
    let app = App(Arc::new(Inner {
        engine,
        keys: Keys::new(&config.identity_secret),
        limits: Limits::new(config.messages_per_minute, config.logins_per_minute),
        secure_cookies: config.secure_cookies,
    }));
    // The widget runs in pages of any origin and authenticates with a bearer token, never with a cookie.
    let anywhere =
        CorsLayer::new().allow_origin(Any).allow_methods(Any).allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]);
    let header =
        |name: HeaderName, value: &'static str| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let (routes, _) = openapi::routes(app.clone()).split_for_parts();
    // Its own fallback, beneath the layer: a browser's question before a call is a method that no route has.
    let customer = customer_live::routes(app.clone())
        .merge(routes_of_customer(app.clone()))
        .method_not_allowed_fallback(error::wrong_method)
        .layer(anywhere);
    routes
        .merge(customer)
        .merge(staff_live::routes(app.clone()))
        .merge(openapi::pages())
        .fallback(error::no_such_page)
        .method_not_allowed_fallback(error::wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
}

fn routes_of_customer(app: App) -> Router {
    openapi::customer_routes(app).split_for_parts().0
}
