//! Single requests: polled or pushed, counted once, told by the quarter hour in any zone.

mod any_zone;
mod coverage;
mod identity;
mod live;
mod polled;
mod pushed;

use gateway_sim::{Request, Simulator, World};
use jiff::{SignedDuration, Timestamp};
use podium::config::IngestToken;
use podium::sync::Settings;

use crate::harness::{Podium, Setup};
use crate::worlds::workshop;

const TOKEN: &str = "a-token-for-pushing";

/// A setup that reads the logs of a week.
pub fn with_logs() -> Setup {
    let settings = Settings { log_days: 7, ..Setup::default().settings };
    Setup { settings, ingest_token: IngestToken::parse(TOKEN), ..Setup::default() }
}

pub async fn with_logs_in_front_of(gateway: &Simulator) -> Podium {
    Podium::start(gateway, with_logs()).await
}

/// The teams of the workshop, without their usage.
pub fn people() -> World {
    let mut world = workshop();
    for day in ["2026-11-23", "2026-11-24"] {
        world.clear_day(day.parse().expect("a date"));
    }
    world
}

/// A request of 10 + 2 tokens that took a second and a half.
pub fn request(id: &str, started_at: &str) -> Request {
    let started_at: Timestamp = started_at.parse().expect("a time");
    Request {
        request_id: id.to_owned(),
        call_type: "acompletion".to_owned(),
        api_key: "key-a1".to_owned(),
        team_id: Some("t-alpha".to_owned()),
        model: "openai/gpt-5.2".to_owned(),
        model_group: "acme/OpenAI/gpt-5.2".to_owned(),
        provider: "openai".to_owned(),
        user: String::new(),
        started_at,
        ended_at: started_at + SignedDuration::from_millis(1_500),
        success: true,
        spend: 0.001,
        prompt_tokens: 10,
        completion_tokens: 2,
        cache_read_input_tokens: 4,
    }
}

/// The hours of an answer that are not zero.
fn hours(answer: &serde_json::Value) -> Vec<(u64, i64)> {
    let hours = answer["hours"].as_array().expect("hours");
    assert_eq!(hours.len(), 24);
    let pairs = hours.iter().enumerate().map(|(place, hour)| {
        assert_eq!(hour["hour"], place);
        (hour["hour"].as_u64().expect("a number"), hour["tokens"].as_i64().expect("a number"))
    });
    pairs.filter(|(_, tokens)| *tokens != 0).collect()
}
