//! Every URL of the simulated gateway.

use super::caller::Caller;
use super::context::Context;
use super::incoming::Incoming;
use super::{activity, chat, health, keys, models, spend_logs, teams, users};
use crate::answer::{Answer, Outcome};
use crate::world::{Request, World};

/// Answers a request, and books it where the gateway would.
pub(crate) fn answer(world: &mut World, incoming: &Incoming<'_>) -> Answer {
    match (incoming.method, incoming.path) {
        ("GET", "/health/liveliness" | "/health/liveness") => return health::liveliness(),
        ("GET", "/health/readiness") => return health::readiness(incoming.database_away),
        ("POST", "/v1/chat/completions" | "/chat/completions") if incoming.database_away => {
            return Answer::no_database();
        }
        ("POST", "/v1/chat/completions" | "/chat/completions") => {
            return chat::complete(world, incoming).unwrap_or_else(|early| early);
        }
        _ => {}
    }
    let Some(route) = route(incoming) else {
        return Answer::not_found();
    };
    if incoming.method != "GET" {
        return Answer::detail(405, "Method Not Allowed");
    }
    if incoming.database_away {
        return away(incoming.path);
    }
    let caller = incoming.caller(world);
    if let Some(refusal) = caller.refusal() {
        let is_unknown = !matches!(caller, Caller::Elsewhere { .. });
        if is_unknown && books_refusals(incoming.path) {
            book_refusal(world, incoming, &caller);
        }
        return refusal;
    }
    let context = Context {
        world,
        version: incoming.version,
        caller: &caller,
        own_key: incoming.bearer().and_then(|bearer| world.key_of(bearer)),
        now: incoming.now,
        query: incoming.query,
        shuffle: incoming.shuffle,
    };
    route(&context).unwrap_or_else(|early| early)
}

type Route = fn(&Context<'_>) -> Outcome;

fn route(incoming: &Incoming<'_>) -> Option<Route> {
    let version = incoming.version;
    match incoming.path {
        "/team/list" => Some(teams::list),
        "/v2/team/list" if version.team_list_v2 => Some(teams::list_v2),
        "/team/daily/activity" => Some(activity::pages),
        "/team/daily/activity/aggregated" if version.aggregated => Some(activity::aggregated),
        "/team/daily/activity/aggregated/keys" if version.aggregated => Some(activity::keys),
        "/key/info" => Some(keys::info),
        "/key/list" => Some(keys::list),
        "/user/info" => Some(users::info),
        "/v2/user/info" if version.user_info_v2 => Some(users::info_v2),
        "/user/list" => Some(users::list),
        "/model/info" | "/v1/model/info" => Some(models::deployments),
        "/models" | "/v1/models" => Some(models::public_names),
        "/spend/logs/v2" if version.spend_logs_v2 => Some(spend_logs::v2),
        "/spend/logs/ui" => Some(spend_logs::ui),
        _ => None,
    }
}

/// What answers while the database is away (LiteLLM 1.106): mostly 503, but 500 where the route
/// turns every exception into one of its own.
fn away(path: &str) -> Answer {
    if path.starts_with("/team/daily/activity/aggregated") {
        return Answer::detail_error(
            500,
            "Failed to fetch analytics: the database cannot be reached",
        );
    }
    Answer::no_database()
}

/// The routes on which a refused call counts as a failed request of today.
fn books_refusals(path: &str) -> bool {
    matches!(path, "/team/list" | "/v2/team/list" | "/model/info" | "/v1/model/info" | "/key/info")
}

fn book_refusal(world: &mut World, incoming: &Incoming<'_>, caller: &Caller) {
    let number = world.request_log().written();
    world.record_request(Request {
        request_id: format!("refused-{number}"),
        call_type: incoming.path.to_owned(),
        api_key: caller.refused_api_key().to_owned(),
        team_id: caller.refused_team().map(str::to_owned),
        model: String::new(),
        model_group: String::new(),
        provider: String::new(),
        user: String::new(),
        started_at: incoming.now,
        ended_at: incoming.now,
        success: false,
        spend: 0.0,
        prompt_tokens: 0,
        completion_tokens: 0,
        cache_read_input_tokens: 0,
    });
}
