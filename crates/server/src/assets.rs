//! What is built into the binary: the web apps, the starter pack and the flows.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jieti_engine::pack::SourceFile;
use rust_embed::RustEmbed;
use std::fmt::Write;
use tower_http::compression::CompressionLayer;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Web;

#[derive(RustEmbed)]
#[folder = "../../packs/consumer-loan/knowledge"]
struct Pack;

#[derive(RustEmbed)]
#[folder = "../../packs/consumer-loan/service"]
struct Service;

#[derive(RustEmbed)]
#[folder = "../../packs/consumer-loan/journeys"]
struct Journeys;

#[derive(RustEmbed)]
#[folder = "../../packs/consumer-loan/guidance"]
struct Guidance;

#[derive(RustEmbed)]
#[folder = "../../flows"]
struct Flows;

/// Scripts and styles come from this server only; the component library writes styles at run time.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

fn sources<E: RustEmbed>(root: &str) -> Vec<SourceFile> {
    E::iter()
        .filter_map(|path| {
            let text = String::from_utf8(E::get(&path)?.data.into_owned()).ok()?;
            Some(SourceFile { path: format!("{root}/{path}"), text })
        })
        .collect()
}

/// Knowledge files of the starter pack.
pub fn pack() -> Vec<SourceFile> {
    sources::<Pack>("packs/consumer-loan/knowledge")
}

/// How the starter pack's service team works.
pub fn service() -> Vec<SourceFile> {
    sources::<Service>("packs/consumer-loan/service")
}

/// The starter pack's ways through the app, and the help that is offered on them.
pub fn journeys() -> Vec<SourceFile> {
    let mut files = sources::<Journeys>("packs/consumer-loan/journeys");
    files.extend(sources::<Guidance>("packs/consumer-loan/guidance"));
    files
}

pub fn flows() -> Vec<SourceFile> {
    sources::<Flows>("flows")
}

/// Console, widget, behaviour SDK and, where asked for, the demo app.
pub fn router(with_demo: Demo) -> Router {
    let home = match with_demo {
        Demo::Yes => "/demo/",
        Demo::No => "/console/",
    };
    let mut router = Router::new()
        .route("/", get(move || async move { Redirect::temporary(home) }))
        .route("/widget.js", get(|headers: HeaderMap| async move { file("widget/widget.js", &headers) }))
        .route("/sdk.js", get(|headers: HeaderMap| async move { file("sdk/sdk.js", &headers) }))
        .route("/console", get(|| async { Redirect::permanent("/console/") }))
        .route("/console/", get(|headers: HeaderMap| async move { file("console/index.html", &headers) }))
        .route(
            "/console/{*path}",
            get(|Path(path): Path<String>, headers: HeaderMap| async move { page("console", &path, &headers) }),
        );
    if with_demo == Demo::Yes {
        router = router
            .route("/demo", get(|| async { Redirect::permanent("/demo/") }))
            .route("/demo/", get(|headers: HeaderMap| async move { file("demo-app/index.html", &headers) }))
            .route(
                "/demo/{*path}",
                get(|Path(path): Path<String>, headers: HeaderMap| async move { page("demo-app", &path, &headers) }),
            );
    }
    router.layer(CompressionLayer::new())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demo {
    Yes,
    No,
}

/// A file of a single-page app; any other path is the app's own, so it gets the app.
fn page(app: &str, path: &str, headers: &HeaderMap) -> Response {
    let name = format!("{app}/{path}");
    if Web::get(&name).is_some() || path.starts_with("assets/") {
        file(&name, headers)
    } else {
        file(&format!("{app}/index.html"), headers)
    }
}

fn file(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Web::get(name) else {
        let message = format!("{name} is not in this build; run `npm run build` in web/ and build the server again");
        return (StatusCode::NOT_FOUND, message).into_response();
    };
    let mut etag = String::with_capacity(66);
    for byte in file.metadata.sha256_hash() {
        write!(etag, "{byte:02x}").expect("writing to a String does not fail");
    }
    let etag = format!("\"{etag}\"");
    if headers.get(header::IF_NONE_MATCH).is_some_and(|h| h.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    // Built files under assets/ carry a hash in their names; the others are asked for again each time.
    let cache = if name.contains("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        Some(_) | None => "application/octet-stream",
    }
}
