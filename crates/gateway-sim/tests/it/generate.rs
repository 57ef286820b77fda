//! Generated worlds.

use std::collections::BTreeSet;

use gateway_sim::{Counters, Role, Spec, Workshop, World, hash_token};
use jiff::Span;

use crate::story::TODAY;

#[test]
fn the_same_spec_makes_the_same_world() {
    let spec = Spec::workshop(TODAY);
    let (one, other) = (World::generate(&spec), World::generate(&spec));

    assert!(one.rows().eq(other.rows()));
    assert!(one.requests().eq(other.requests()));
    assert_eq!(one.teams(), other.teams());
    let seeded = World::generate(&Spec { seed: 2, ..spec });
    assert!(!one.rows().eq(seeded.rows()));
    assert_eq!(one.teams(), seeded.teams());
}

#[test]
fn a_workshop_has_friendly_names_and_lifelike_days() {
    let world = World::generate(&Spec::workshop(TODAY));

    assert_eq!(world.teams().len(), 8);
    assert_eq!(world.teams()[0].alias.as_deref(), Some("Prompt Pirates"));
    assert_eq!(world.keys().count(), 24 + 2, "and those of the hosts");
    let dates: BTreeSet<_> = world.rows().map(|row| row.date).collect();
    assert_eq!(dates.len(), 60);
    let total: Counters = world.rows().map(|row| row.counters).sum();
    let failed = total.failed_requests as f64 / total.api_requests as f64;
    assert!((0.01..0.08).contains(&failed), "{failed}");
    assert_eq!(total.api_requests, total.successful_requests + total.failed_requests);
    assert!(total.cache_read_input_tokens > 0);
    assert!(total.cache_read_input_tokens < total.prompt_tokens);
    let of = |ago: i64| -> Counters {
        world.rows_of(TODAY - Span::new().days(ago)).map(|row| row.counters).sum()
    };
    // The 20th of November 2026 is a Friday, so the 15th was a Sunday and the 17th a Tuesday.
    assert!(of(5).api_requests * 2 < of(3).api_requests + of(3).api_requests / 2);
}

#[test]
fn a_workshop_has_keys_to_sign_in_with() {
    let world = World::generate(&Spec::workshop(TODAY));

    let used: BTreeSet<_> = world.rows().map(|row| row.api_key).collect();
    for team in ["prompt-pirates", "zero-shot-heroes"] {
        let token = hash_token(&format!("sk-demo-{team}"));
        let alias = world.key(&token).and_then(|key| key.alias.clone());
        assert_eq!(alias, Some(format!("{team}-ada")));
        assert!(used.contains(&token), "{team} has usage");
    }
    for (name, role) in [("admin", Role::Admin), ("viewer", Role::AdminViewer)] {
        let key = world.key(&hash_token(&format!("sk-demo-{name}"))).expect("a key");
        let user = key.user_id.as_ref().and_then(|user_id| world.user(user_id));
        assert_eq!(user.map(|user| user.role), Some(role));
    }
}

#[test]
fn a_dense_world_has_a_row_for_everything() {
    let world = World::generate(&Spec::of_size(20, 4, 15, 3, TODAY));

    assert_eq!(world.row_count(), 20 * 4 * 15 * 3);
    let names: BTreeSet<_> = world.teams().iter().map(|team| &team.alias).collect();
    assert_eq!(names.len(), 20);
}

#[test]
fn the_last_day_grows_until_it_is_over() {
    let until = |time: &str| {
        let spec = Spec { now: Some(time.parse().expect("a time")), ..Spec::workshop(TODAY) };
        let counters: Counters =
            World::generate(&spec).rows_of(TODAY).map(|row| row.counters).sum();
        counters.api_requests
    };
    let (night, noon, over) = (
        until("2026-11-20T01:00:00Z"),
        until("2026-11-20T12:00:00Z"),
        until("2026-11-21T00:00:00Z"),
    );
    assert!(night < noon && noon < over, "{night} {noon} {over}");
}

#[test]
fn odd_worlds_have_a_key_of_two_teams_and_usage_of_none() {
    let spec = Spec { oddities: true, ..Spec::of_size(12, 2, 4, 9, TODAY) };
    let world = World::generate(&spec);
    let dense = World::generate(&Spec { oddities: false, ..spec });
    let moved = world
        .keys()
        .find(|key| dense.key(&key.token).is_some_and(|before| before.team_id != key.team_id));
    let moved = moved.expect("a moved key").token.clone();
    let middle = TODAY - Span::new().days(4);

    let teams_on = |date| -> BTreeSet<_> {
        world
            .rows_of(date)
            .filter(|row| row.api_key == moved)
            .filter_map(|row| row.team_id)
            .collect()
    };
    assert_eq!(teams_on(middle).len(), 2);
    assert_eq!(teams_on(TODAY).len(), 1);
    assert_ne!(teams_on(TODAY), teams_on(TODAY - Span::new().days(8)));
    assert_eq!(world.teams().len(), 11, "one was deleted");
    assert_eq!(world.teams().iter().filter(|team| team.alias.is_none()).count(), 1);
    assert!(world.rows().any(|row| row.team_id.is_none()));
    assert!(world.rows().any(|row| row.team_id.as_deref() == Some("")));
    assert!(world.rows().any(|row| row.api_key.is_empty()));
}

#[test]
fn a_workshop_is_in_full_swing_whenever_one_looks() {
    for hour in 0..24 {
        let now = format!("2026-11-20T{hour:02}:30:00Z").parse().expect("a time");
        let workshop = Some(Workshop::around(now, 3));
        let world = World::generate(&Spec { now: Some(now), workshop, ..Spec::workshop(TODAY) });
        let of = |from: i64, to: i64| {
            let ago = |hours| now - jiff::SignedDuration::from_hours(hours);
            world.requests().filter(|one| (ago(from)..ago(to)).contains(&one.started_at)).count()
        };
        // The morning of offices was as many hours ago as this hour is later than theirs.
        assert!(of(1, 0) > 200, "{hour}: {}", of(1, 0));
        assert!(world.requests().all(|one| one.started_at <= now), "{hour}: nothing of the future");
    }
}

#[test]
fn failures_of_a_workshop_tell_a_story() {
    let now = "2026-11-20T16:00:00Z".parse().expect("a time");
    let world = World::generate(&Spec { now: Some(now), ..Spec::workshop(TODAY) });
    let rate = |model: usize, ago: i64, from: &str, to: &str| {
        let day = TODAY - Span::new().days(ago);
        let at =
            |clock: &str| format!("{day}T{clock}Z").parse::<jiff::Timestamp>().expect("a time");
        let model = world.models()[model].public_name.clone();
        let (from, to) = (at(from), at(to));
        let of_then: Vec<_> = world
            .requests()
            .filter(|one| one.model_group == model && (from..to).contains(&one.started_at))
            .collect();
        let failed = of_then.iter().filter(|one| !one.success).count();
        (failed as f64 / of_then.len().max(1) as f64, of_then.len())
    };
    let (outage, many) = rate(3, 4, "10:00:00", "11:12:00");
    let (after, _) = rate(3, 4, "12:00:00", "17:00:00");
    assert!(outage > 0.3 && many > 20, "{outage} of {many}");
    assert!(after < 0.15, "{after}");
}
