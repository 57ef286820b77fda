//! Small worlds whose figures can be added up by hand.

use gateway_sim::{Counters, DailyRow, World};

use crate::harness::{TODAY, YESTERDAY};

/// The usage of one key and model on one day.
pub struct Use {
    pub date: &'static str,
    pub team: Option<&'static str>,
    pub key: &'static str,
    pub model: &'static str,
    pub prompt: i64,
    pub completion: i64,
    pub spend: f64,
    pub successes: i64,
    pub failures: i64,
}

impl Default for Use {
    fn default() -> Self {
        Self {
            date: TODAY,
            team: Some("t-alpha"),
            key: "key-a1",
            model: "acme/OpenAI/gpt-5.2",
            prompt: 100,
            completion: 20,
            spend: 0.01,
            successes: 1,
            failures: 0,
        }
    }
}

impl Use {
    pub fn row(&self) -> DailyRow {
        let provider_model = self.model.to_lowercase().replace("acme/", "");
        DailyRow {
            date: self.date.parse().expect("a date"),
            team_id: self.team.map(str::to_owned),
            api_key: self.key.to_owned(),
            model: Some(provider_model.clone()),
            model_group: Some(self.model.to_owned()),
            provider: provider_model.split('/').next().map(str::to_owned),
            endpoint: Some("/chat/completions".to_owned()),
            mcp_tool: None,
            counters: Counters {
                spend: self.spend,
                prompt_tokens: self.prompt,
                completion_tokens: self.completion,
                api_requests: self.successes + self.failures,
                successful_requests: self.successes,
                failed_requests: self.failures,
                ..Counters::default()
            },
        }
    }
}

/// Three teams, one of them without usage, on two days.
pub fn workshop() -> World {
    let mut world = World::empty(TODAY.parse().expect("a date"));
    world.add_team("t-alpha", Some("Alpha"));
    world.add_team("t-beta", Some("Beta"));
    world.add_team("t-quiet", Some("Quiet"));
    world.add_key("key-a1", Some("alpha one"), Some("t-alpha"));
    world.add_key("key-a2", None, Some("t-alpha"));
    world.add_key("key-b1", Some("beta one"), Some("t-beta"));
    let sonnet = "acme/Anthropic/claude-sonnet-4.5";
    for usage in [
        Use { successes: 8, failures: 1, ..Use::default() },
        Use {
            model: sonnet,
            prompt: 1_000,
            completion: 500,
            spend: 0.25,
            successes: 3,
            ..Use::default()
        },
        Use { key: "key-a2", prompt: 7, completion: 0, spend: 0.03125, ..Use::default() },
        Use {
            team: Some("t-beta"),
            key: "key-b1",
            prompt: 300,
            completion: 33,
            successes: 2,
            failures: 1,
            ..Use::default()
        },
        Use { date: YESTERDAY, prompt: 50, completion: 5, ..Use::default() },
        Use {
            date: YESTERDAY,
            team: Some("t-beta"),
            key: "key-b1",
            model: sonnet,
            prompt: 11,
            completion: 0,
            spend: 0.0,
            successes: 0,
            failures: 4,
        },
    ] {
        world.record(usage.row());
    }
    world
}
