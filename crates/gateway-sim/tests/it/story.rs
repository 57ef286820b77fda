//! A small world that the tests tell about.

use gateway_sim::{Counters, DailyRow, Model, Request, World, hash_token};
use jiff::civil::{Date, date};

pub(crate) const TODAY: Date = date(2026, 11, 20);
pub(crate) const YESTERDAY: Date = date(2026, 11, 19);

pub(crate) fn token(secret: &str) -> String {
    hash_token(secret)
}

/// `Red` with the keys `sk-red-1` and `sk-red-2`, `Blue` with `sk-blue-1`, two models, no usage.
pub(crate) fn two_teams() -> World {
    let mut world = World::empty(TODAY);
    world.add_team("red", Some("Red"));
    world.add_team("blue", Some("Blue"));
    for (secret, team) in [("sk-red-1", "red"), ("sk-red-2", "red"), ("sk-blue-1", "blue")] {
        world.add_key(&token(secret), Some(secret.trim_start_matches("sk-")), Some(team));
    }
    for (public_name, provider_model, provider, price) in [
        ("acme/Big", "openai/big", "openai", 2e-6),
        ("acme/Small", "hosted_vllm/small", "hosted_vllm", 0.0),
    ] {
        world.add_model(Model {
            public_name: public_name.to_owned(),
            provider_model: provider_model.to_owned(),
            provider: provider.to_owned(),
            input_price: price,
            output_price: 4.0 * price,
            cached_input_price: None,
        });
    }
    world
}

/// Some successful requests of a key to `acme/Big` (or another model).
pub(crate) fn usage(date: Date, team: &str, secret: &str, model: &str, requests: i64) -> DailyRow {
    let name = model.to_lowercase();
    DailyRow {
        date,
        team_id: Some(team.to_owned()),
        api_key: token(secret),
        model: Some(format!("openai/{name}")),
        model_group: Some(format!("acme/{model}")),
        provider: Some("openai".to_owned()),
        endpoint: Some("/chat/completions".to_owned()),
        mcp_tool: None,
        counters: counters(requests),
    }
}

pub(crate) fn counters(requests: i64) -> Counters {
    Counters {
        spend: requests as f64 * 0.25,
        prompt_tokens: requests * 100,
        completion_tokens: requests * 10,
        cache_read_input_tokens: requests * 40,
        cache_creation_input_tokens: 0,
        api_requests: requests,
        successful_requests: requests,
        failed_requests: 0,
        total_response_time_ms: requests * 900,
        timed_requests: requests,
        ..Counters::default()
    }
}

/// A request of `sk-red-1` to `acme/Big`.
pub(crate) fn request(id: &str, started_at: &str, ended_at: &str) -> Request {
    Request {
        request_id: id.to_owned(),
        call_type: "acompletion".to_owned(),
        api_key: token("sk-red-1"),
        team_id: Some("red".to_owned()),
        model: "openai/big".to_owned(),
        model_group: "acme/Big".to_owned(),
        provider: "openai".to_owned(),
        started_at: started_at.parse().expect("a time"),
        ended_at: ended_at.parse().expect("a time"),
        success: true,
        spend: 0.5,
        prompt_tokens: 100,
        completion_tokens: 10,
        ..Request::default()
    }
}

/// `start_date=…&end_date=…` for one day.
pub(crate) fn day(date: Date) -> String {
    format!("start_date={date}&end_date={date}")
}
