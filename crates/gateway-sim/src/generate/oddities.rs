//! What makes real data awkward.
//!
//! In a world with enough teams (numbers count from 1): teams 3 and 4 share a name, team 5 has
//! none, team 6 was deleted; key 7-1 moved to team 8 on the middle day, on which it has rows in
//! both; key 9-1 was deleted, key 10-1 has no name. Three keys belong to no team: one in rows of
//! an old release (null), one in new ones (`''`), one that nobody remembers. On the last day two
//! calls were refused, one of them without any key.

use jiff::civil::Date;

use super::cast::Cast;
use super::dice::dice;
use crate::spec::Spec;
use crate::world::{Counters, DailyRow, Model, World, hash_token};

/// What has to be so before history is made.
pub(super) fn prepare(world: &mut World, spec: &Spec, cast: &mut Cast) {
    cast.move_first_key(world, spec, 7, 8);
}

/// What happened since.
pub(super) fn add(world: &mut World, spec: &Spec, cast: &Cast) {
    let team = |number| cast.team(number).map(|team| team.team_id.as_str());
    let key = |number| cast.team(number).and_then(|team| team.tokens.first());
    for twin in [team(3), team(4)].into_iter().flatten() {
        world.rename_team(twin, Some("Twins"));
    }
    if let Some(nameless) = team(5) {
        world.rename_team(nameless, None);
    }
    if let Some(gone) = team(6) {
        world.delete_team(gone);
    }
    if let Some(deleted) = key(9) {
        world.delete_key(deleted);
    }
    if let Some(unnamed) = key(10) {
        world.rename_key(unnamed, None);
    }
    for (number, team_id) in [(1, None), (2, Some("")), (3, Some(""))] {
        let token = hash_token(&format!("sk-without-a-team-{number}"));
        if number < 3 {
            world.add_key(&token, Some(&format!("without-a-team-{number}")), None);
        }
        add_teamless_rows(world, spec, team_id, &token);
    }
    for api_key in [hash_token("sk-mistyped"), String::new()] {
        world.record(refused_call(spec.until, api_key));
    }
}

/// A row for each model on every day.
fn add_teamless_rows(world: &mut World, spec: &Spec, team_id: Option<&str>, token: &str) {
    let models = world.models().to_vec();
    let mut date = spec.until;
    for day in 0..spec.days {
        for model in &models {
            let requests =
                dice(spec.seed, &[token, &model.public_name, &model.provider_model], day as u64)
                    .i64(1..9);
            world.record(usage(date, team_id, token, model, requests));
        }
        let Ok(yesterday) = date.yesterday() else { return };
        date = yesterday;
    }
}

fn usage(date: Date, team_id: Option<&str>, token: &str, model: &Model, requests: i64) -> DailyRow {
    let (prompt_tokens, completion_tokens) = (requests * 120, requests * 45);
    DailyRow {
        date,
        team_id: team_id.map(str::to_owned),
        api_key: token.to_owned(),
        model: Some(model.provider_model.clone()),
        model_group: Some(model.public_name.clone()),
        provider: Some(model.provider.clone()),
        endpoint: Some("/chat/completions".to_owned()),
        mcp_tool: None,
        counters: Counters {
            spend: model.price(prompt_tokens, 0, completion_tokens),
            prompt_tokens,
            completion_tokens,
            api_requests: requests,
            successful_requests: requests,
            total_response_time_ms: requests * 800,
            timed_requests: requests,
            ..Counters::default()
        },
    }
}

fn refused_call(date: Date, api_key: String) -> DailyRow {
    DailyRow {
        date,
        team_id: Some(String::new()),
        api_key,
        model: None,
        model_group: None,
        provider: None,
        endpoint: None,
        mcp_tool: None,
        counters: Counters { api_requests: 1, failed_requests: 1, ..Counters::default() },
    }
}
