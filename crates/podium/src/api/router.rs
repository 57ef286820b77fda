//! Every route on one screen.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use tower::Layer as _;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cache::AnswerCache;
use super::cookies::CookieKeys;
use super::delta::Earlier;
use super::desk::Desk;
use super::export::ExportDesk;
use super::front::Front;
use super::hot::Hot;
use super::live::{Broadcast, LiveBoard, LiveTotals};
use super::manners::{self, Manners};
use super::metrics::HttpMeter;
use super::preview::Previews;
use super::recent::Recent;
use super::routes::ingest::IngestDesk;
use super::routes::{
    access_log, access_tokens, activity, audit, cost_efficiency, events, facts, focus, heatmap,
    hourly, ingest, leaderboard, me, meta, metrics, models, preview, probes, query, sign_in,
    sign_on, status, success_rate, time_series, tokens,
};
use super::{App, Parts, Shared, cors, docs, error, fallback, gate, limits, page, shapes, watch};
use crate::services::UsageCounters;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Podium",
        description = "Exact, instant usage analytics for LLM gateways. Days are UTC days; \
                       counts are exact 64-bit integers; costs are US dollars.",
        license(name = "MIT", identifier = "MIT"),
        contact(name = "Podium")
    ),
    components(schemas(LiveTotals, LiveBoard)),
    tags(
        (name = "usage", description = "Who used how much, of what, when, at what cost"),
        (name = "access", description = "Who asks, and what they may see"),
        (name = "operation", description = "How Podium itself stands"),
    )
)]
struct Document;

fn operations() -> OpenApiRouter<App> {
    let mut operations = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(tokens::get_tokens))
        .routes(routes!(time_series::get_time_series))
        .routes(routes!(models::get_models))
        .routes(routes!(success_rate::get_success_rate))
        .routes(routes!(cost_efficiency::get_cost_efficiency))
        .routes(routes!(hourly::get_hourly))
        .routes(routes!(leaderboard::get_leaderboard))
        .routes(routes!(activity::get_activity))
        .routes(routes!(heatmap::get_heatmap))
        .routes(routes!(query::get_query, query::post_query))
        .routes(routes!(meta::get_meta))
        .routes(routes!(facts::get_facts))
        .routes(routes!(focus::get_focus_csv))
        .routes(routes!(focus::get_focus_parquet))
        .routes(routes!(events::get_events))
        .routes(routes!(preview::get_preview))
        .routes(routes!(audit::get_audit, audit::start_audit))
        .routes(routes!(status::get_status))
        .routes(routes!(probes::get_livez))
        .routes(routes!(probes::get_readyz))
        .routes(routes!(metrics::get_metrics))
        .routes(routes!(ingest::push_requests))
        .routes(routes!(me::get_me))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(sign_on::begin_sign_on))
        .routes(routes!(sign_on::end_sign_on))
        .routes(routes!(access_tokens::list_tokens, access_tokens::create_token))
        .routes(routes!(access_tokens::revoke_token))
        .routes(routes!(access_log::get_access_log));
    shapes::sharpen(operations.get_openapi_mut());
    operations
}

/// The OpenAPI 3.1 document of everything served, as JSON.
pub fn openapi() -> String {
    let (_, document) = operations().split_for_parts();
    let mut json = document.to_pretty_json().expect("the document consists of text and numbers");
    json.push('\n');
    json
}

/// The document with the address below which everything is.
fn served_document(base_path: &str) -> String {
    if base_path.is_empty() {
        return openapi();
    }
    let (_, mut document) = operations().split_for_parts();
    document.servers = Some(vec![utoipa::openapi::Server::new(base_path)]);
    document.to_pretty_json().expect("the document consists of text and numbers")
}

/// The whole HTTP interface.
pub fn router(parts: Parts) -> Front {
    let broadcast = Arc::new(Broadcast::new(parts.clone(), parts.ending.clone()));
    let cache = AnswerCache::new(parts.limits.cache_bytes);
    let earlier = Earlier::new();
    parts.tasks.spawn_until_end("cache", cache.clone().forget_unused(earlier.clone()));
    let (recent, hot, audits) = (Recent::default(), Hot::default(), Arc::default());
    let (desk, ingest) = (Desk::new(), IngestDesk::new());
    let (exports, previews) = (ExportDesk::default(), Previews::default());
    let manners = Manners::new(&parts);
    let cookie_keys = CookieKeys::new(&parts.access);
    let counters = UsageCounters::new(parts.limits.metrics_top, parts.clock.now());
    let shared = Shared {
        parts,
        manners,
        cookie_keys,
        cache,
        earlier,
        recent,
        hot,
        meter: HttpMeter::default(),
        counters,
        scrapes: Desk::new(),
        desk,
        ingest,
        audits,
        exports,
        previews,
        broadcast,
    };
    let app = App(Arc::new(shared));
    let (operations, document) = operations().split_for_parts();
    let paths: Arc<[String]> = document
        .paths
        .paths
        .keys()
        .cloned()
        .chain(["/docs", "/openapi.json"].map(str::to_owned))
        .collect();
    let document: Arc<str> = served_document(&app.parts.base_path).into();
    let json = [(header::CONTENT_TYPE, "application/json")];
    let base_path = Arc::clone(&app.parts.base_path);
    let files = page::Files::new(&app.parts);
    let known = fallback::Known { paths, base_path: Arc::clone(&base_path), files: files.clone() };
    let served = operations
        .route("/openapi.json", get(async move || (json, document.to_string()).into_response()))
        .merge(page::routes(files))
        .merge(docs::routes())
        .fallback_service(get(fallback::not_found).fallback(fallback::not_found).with_state(known))
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(CatchPanicLayer::custom(error::panic_response))
        .layer(axum::middleware::from_fn_with_state(app.clone(), gate::keep))
        .layer(axum::middleware::from_fn_with_state(app.clone(), limits::hold))
        .layer(axum::middleware::from_fn_with_state(app.clone(), cors::cors))
        .layer(axum::middleware::from_fn_with_state(app.clone(), manners::keep))
        .layer(MapRequestLayer::new(watch::note_route))
        .with_state(app.clone());
    // Before the routes are looked up.
    let below = MapRequestLayer::new(move |request| manners::below(&base_path, request));
    Front::new(app, Router::new().fallback_service(below.layer(served)))
}
