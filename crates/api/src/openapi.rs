//! The API described: the document at `/api/openapi.json`, and a page to read it at `/docs`.

use crate::dto::{CustomerToServer, Health, ServerToCustomer, ServerToStaff, StaffToServer};
use crate::{
    App, acts, assist, attribution, behaviour, customer, customer_tickets, flows, guidance, inspection, journeys, knowledge,
    reveal, seat, staff, team, tickets, upkeep, wall,
};
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jieti API",
        description = "Customers, staff and knowledge. Two WebSockets carry the live part: `/api/customer/live` \
            (frames `CustomerToServer` and `ServerToCustomer`) and `/api/staff/live` (frames `StaffToServer` and `ServerToStaff`)."
    ),
    components(schemas(CustomerToServer, ServerToCustomer, StaffToServer, ServerToStaff))
)]
struct Document;

/// The server is up.
#[utoipa::path(get, path = "/api/health", tag = "service", responses((status = 200, body = Health)))]
async fn health(State(app): State<App>) -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store: app.engine.store().kind().to_owned(),
        entries: app.engine.brain().rules.knowledge.len(),
    })
}

pub(crate) fn customer_routes(app: App) -> OpenApiRouter {
    customer_paths().with_state(app)
}

fn customer_paths() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(customer::open_session))
        .routes(routes!(customer::offers))
        .routes(routes!(behaviour::record))
        .routes(routes!(behaviour::guidance_act))
        .routes(routes!(customer_tickets::my_tickets))
        .routes(routes!(customer_tickets::act_on_my_ticket))
}

pub(crate) fn routes(app: App) -> OpenApiRouter {
    staff_paths().with_state(app)
}

fn staff_paths() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(staff::login))
        .routes(routes!(staff::logout))
        .routes(routes!(staff::me))
        .routes(routes!(staff::presence))
        .routes(routes!(staff::conversations))
        .routes(routes!(staff::conversation))
        .routes(routes!(staff::people))
        .routes(routes!(acts::act))
        .routes(routes!(assist::assist))
        .routes(routes!(assist::facts))
        .routes(routes!(assist::replies))
        .routes(routes!(reveal::reveal))
        .routes(routes!(reveal::reveals))
        .routes(routes!(seat::seat_report))
        .routes(routes!(tickets::tickets))
        .routes(routes!(tickets::ticket))
        .routes(routes!(tickets::ticket_words))
        .routes(routes!(tickets::filled_ticket))
        .routes(routes!(tickets::open_ticket))
        .routes(routes!(tickets::act_on_ticket))
        .routes(routes!(tickets::split_ticket))
        .routes(routes!(wall::wall))
        .routes(routes!(journeys::journeys))
        .routes(routes!(journeys::survey))
        .routes(routes!(journeys::breaks))
        .routes(routes!(journeys::break_sessions))
        .routes(routes!(journeys::session))
        .routes(routes!(journeys::live_map))
        .routes(routes!(journeys::precursors))
        .routes(routes!(journeys::draft_trigger))
        .routes(routes!(journeys::keep_truth))
        .routes(routes!(journeys::detection))
        .routes(routes!(journeys::import))
        .routes(routes!(guidance::triggers))
        .routes(routes!(guidance::set_trigger))
        .routes(routes!(team::team))
        .routes(routes!(team::set_profile))
        .routes(routes!(knowledge::entries))
        .routes(routes!(knowledge::entry))
        .routes(routes!(knowledge::save_draft, knowledge::drop_draft))
        .routes(routes!(knowledge::publish))
        .routes(routes!(knowledge::roll_back))
        .routes(routes!(knowledge::try_out))
        .routes(routes!(knowledge::batch_test))
        .routes(routes!(upkeep::gate))
        .routes(routes!(upkeep::test_questions, upkeep::add_test_questions))
        .routes(routes!(upkeep::drop_test_question))
        .routes(routes!(upkeep::publications))
        .routes(routes!(upkeep::conflicts))
        .routes(routes!(upkeep::act_on_conflict))
        .routes(routes!(upkeep::inbox))
        .routes(routes!(upkeep::act_on_group))
        .routes(routes!(upkeep::lessons))
        .routes(routes!(upkeep::review_lesson))
        .routes(routes!(upkeep::model, upkeep::order_model))
        .routes(routes!(flows::flows))
        .routes(routes!(attribution::problems))
        .routes(routes!(attribution::export))
        .routes(routes!(attribution::problem))
        .routes(routes!(attribution::correct))
        .routes(routes!(attribution::decide_proposal))
        .routes(routes!(attribution::open_case))
        .routes(routes!(attribution::cases))
        .routes(routes!(attribution::case))
        .routes(routes!(attribution::act_on_case))
        .routes(routes!(inspection::inspections))
        .routes(routes!(inspection::inspection))
        .routes(routes!(inspection::add_finding))
        .routes(routes!(inspection::finish))
        .routes(routes!(inspection::judge))
        .routes(routes!(inspection::appeal))
        .routes(routes!(inspection::decide))
        .routes(routes!(inspection::alarms))
        .routes(routes!(inspection::figures))
        .routes(routes!(inspection::scorecard, inspection::publish_scorecard))
        .routes(routes!(inspection::try_scorecard))
}

/// The whole document as pretty JSON, for the generated client and its freshness test.
pub fn document() -> String {
    let mut document = Document::openapi();
    document.merge(customer_paths().into_openapi());
    document.merge(staff_paths().into_openapi());
    document.to_pretty_json().expect("a document of string keys serialises") + "\n"
}

pub(crate) fn pages() -> Router {
    let json: &'static str = Box::leak(document().into_boxed_str());
    Router::new()
        .route(
            "/api/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json).into_response() }),
        )
        .route("/docs", get(|| async { Html(include_str!("docs.html")) }))
}
