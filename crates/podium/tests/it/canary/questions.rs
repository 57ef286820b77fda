//! Every question that somebody may think of who wants to know what is hidden from them.

use reqwest::Method;

use super::ask::Ask;
use super::stage::{HERONS, MOTHS, OTTERS, Stage, TEAMS, VOLES};

const WEEK: &str = "start_date=2026-11-21&end_date=2026-11-24";

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Names and ids of everybody and of nobody, by the parameter that filters by them.
fn names(stage: &Stage) -> Vec<(&'static str, String)> {
    let mut names = vec![
        ("team", "canary-nobody".to_owned()),
        ("team", "Unassigned".to_owned()),
        ("team", "unassigned".to_owned()),
        ("team", "Team 1".to_owned()),
        ("api_key", "hidden".to_owned()),
        ("api_key", "No key".to_owned()),
        ("api_key", "0123…4567".to_owned()),
        ("model", "canary-model-none".to_owned()),
        ("model", "All Models".to_owned()),
        ("provider", "canary-provider-none".to_owned()),
    ];
    for team in TEAMS {
        names.push(("team", stage.team_name(team)));
        names.extend(team.id.map(|id| ("team", id.to_owned())));
        names.push(("model", stage.model(team, 0)));
        names.push(("provider", stage.provider(team)));
        for key in [0, team.keys - 1] {
            let hash = stage.key(team, key);
            names.push(("api_key", format!("{}…{}", &hash[..4], &hash[60..])));
            names.push(("api_key", hash));
            names.push(("api_key", stage.key_name(team, key)));
        }
    }
    names
}

/// The figures that there were before there were questions of any kind.
fn figures() -> Vec<String> {
    let mut paths = Vec::new();
    for path in [
        "/tokens",
        "/tokens/timeseries",
        "/tokens/models",
        "/tokens/success-rate",
        "/tokens/cost-efficiency",
        "/tokens/hourly",
        "/api/v1/leaderboard",
        "/api/v1/activity",
        "/api/v1/heatmap",
    ] {
        paths.push(format!("{path}?{WEEK}"));
        paths.push(format!("{path}?{WEEK}&include=deleted,unassigned"));
        paths.push(format!("{path}?start_date=2026-11-22&end_date=2026-11-22"));
        paths.push(format!("{path}?{WEEK}&tz=Asia/Tokyo"));
        paths.push(format!("{path}?start_date=2027-01-01"));
    }
    for by in ["team", "api_key", "model", "provider", "total"] {
        paths.push(format!("/api/v1/activity?{WEEK}&by={by}"));
        paths.push(format!("/api/v1/activity?start_date=2026-11-23&grain=1h&by={by}"));
        paths.push(format!("/api/v1/activity?{WEEK}&by={by}&measures=spend_usd"));
    }
    paths
}

/// Questions of any kind.
fn queries() -> Vec<String> {
    let all = "tokens,requests,failed_requests,spend_usd";
    let mut queries = Vec::new();
    for by in [
        "",
        "team",
        "api_key",
        "model",
        "provider",
        "team,api_key",
        "team,model",
        "team,api_key,model",
    ] {
        queries.push(format!("by={by}"));
        queries.push(format!("by={by}&grain=1d"));
        queries.push(format!("by={by}&include=deleted,unassigned&measures={all},share_of_tokens"));
        queries.push(format!("by={by}&measures=tokens&limit=1&rest=true"));
        queries.push(format!("by={by}&measures=spend_usd&order=spend_usd&limit=2&rest=true"));
    }
    for more in [
        "zeros=true",
        "zeros=true&measures=tokens",
        "measures=tokens&order=tokens",
        "measures=tokens&order=-team",
        "measures=spend_usd",
        "measures=usd_per_1k_tokens,success_rate",
        "measures=tokens&grain=1h",
        "measures=tokens&grain=15m&tz=Asia/Kathmandu",
        "measures=duration_p50_ms",
        "measures=tokens&compare=previous",
        "compare_start=2026-11-21&compare_end=2026-11-22",
        "grain=1d&compare=previous",
        "measures=tokens,spend_usd&limit=1",
        "measures=tokens,spend_usd&order=-spend_usd&limit=1&rest=true",
        "measures=tokens&grain=hour_of_day",
        "measures=tokens&grain=weekday_hour",
        "measures=tokens&grain=auto",
        "format=csv",
        "format=csv&bom=true&sep=;&decimal=,",
        "format=ndjson",
        "format=markdown",
        "format=parquet",
        "format=csv&grain=1d&measures=tokens",
        "format=parquet&include=deleted,unassigned&grain=1d",
    ] {
        queries.push(format!("by=team&{more}"));
    }
    for format in ["csv", "ndjson", "markdown", "parquet"] {
        queries.push(format!("by=team,api_key,model&grain=1d&format={format}"));
        queries.push(format!("by=api_key&measures=tokens&format={format}"));
    }
    for total in ["measures=tokens&compare=previous_to_now", "measures=tokens&zeros=true"] {
        queries.push(total.to_owned());
    }
    queries.into_iter().map(|query| format!("/api/v1/query?{WEEK}&{query}")).collect()
}

/// Questions about somebody by name: whether there is such a one must not show.
fn oracles(stage: &Stage) -> Vec<String> {
    let mut paths = Vec::new();
    for (dimension, name) in names(stage) {
        let name = encoded(&name);
        for by in ["team", dimension] {
            paths.push(format!("/api/v1/query?{WEEK}&by={by}&measures=tokens&{dimension}={name}"));
        }
        paths.push(format!("/api/v1/query?{WEEK}&by=team&measures=tokens&{dimension}=!{name}"));
        let id = if dimension == "team" { "team_id" } else { dimension };
        paths.push(format!("/api/v1/activity?{WEEK}&{id}={name}"));
        if dimension == "team" {
            paths.push(format!("/tokens/hourly?{WEEK}&team={name}"));
            let included = "include=deleted,unassigned&measures=tokens,spend_usd&zeros=true";
            paths.push(format!("/api/v1/query?{WEEK}&by=team&{included}&team={name}"));
        }
        paths.push(format!("/api/v1/heatmap?{WEEK}&{id}={name}"));
    }
    paths
}

fn pictures() -> Vec<String> {
    let ids = [OTTERS, HERONS, MOTHS, VOLES].map(|team| team.id.expect("an id"));
    let of_teams = ids.iter().map(|id| format!("of=team&team={id}&range=week"));
    let others = [
        "range=week",
        "range=week&measure=spend_usd&unlisted=on",
        "of=charts&range=week",
        "of=money&range=week",
        "of=team&team=canary-nobody&range=week",
    ];
    let all = others.map(str::to_owned).into_iter().chain(of_teams);
    all.map(|query| format!("/preview.png?{query}")).collect()
}

/// What else there is: how Podium stands, the document, the page, and what is not there.
fn others(stage: &Stage) -> Vec<Ask> {
    let mut asks: Vec<Ask> = [
        "/livez",
        "/readyz",
        "/readyz?verbose",
        "/metrics",
        "/api/v1/status",
        "/api/v1/meta",
        "/api/v1/me",
        "/api/v1/audit",
        "/api/v1/tokens",
        "/api/v1/access-log",
        "/auth/sign-on",
        "/auth/callback",
        "/openapi.json",
        "/nothing",
        "/api/v1/nothing",
        "/api/v1/events?topics=nothing",
        "/api/v1/query?by=nothing",
        "/",
        "/charts",
    ]
    .map(Ask::get)
    .into();
    for team in [OTTERS, HERONS, MOTHS] {
        asks.push(Ask::get(format!("/team/{}", team.id.expect("an id"))));
    }
    asks.push(Ask::get("/team/canary-nobody"));
    for file in ["facts.parquet", "focus.csv", "focus.parquet"] {
        asks.push(Ask::get(format!("/api/v1/{file}?{WEEK}")));
        asks.push(Ask::get(format!("/api/v1/{file}?{WEEK}")).by(Method::HEAD));
        asks.push(Ask::get(format!("/api/v1/{file}?{WEEK}")).with("Range", "bytes=0-99"));
    }
    asks.push(Ask::get(format!("/api/v1/facts.parquet?{WEEK}&include=deleted,unassigned")));
    for path in ["/tokens", "/api/v1/leaderboard", "/api/v1/query", "/metrics", "/preview.png"] {
        asks.push(Ask::get(path).by(Method::HEAD));
        asks.push(Ask::get(path).by(Method::DELETE).with("X-Requested-With", "canary"));
        asks.push(Ask::get(path).by(Method::OPTIONS).with("Origin", "http://elsewhere.example"));
    }
    for accept in ["text/csv", "application/x-ndjson", "text/markdown"] {
        asks.push(Ask::get(format!("/api/v1/query?{WEEK}&by=team")).with("Accept", accept));
    }
    let week = "\"start_date\":\"2026-11-21\",\"end_date\":\"2026-11-24\"";
    let herons = stage.team_name(HERONS);
    asks.extend(
        [
            format!("{{{week},\"by\":[\"team\",\"model\"]}}"),
            format!("{{{week},\"by\":[\"team\"],\"team\":[\"{herons}\"]}}"),
            "{\"by\":\"nothing\"}".to_owned(),
            "no JSON".to_owned(),
        ]
        .map(|body| Ask::get("/api/v1/query").json(body)),
    );
    asks.push(Ask::get("/api/v1/audit").json(""));
    asks.push(Ask::get("/api/v1/tokens").json("{\"name\":\"x\",\"role\":\"admin\"}"));
    asks.push(Ask::get("/ingest/litellm").json("[]"));
    for id in ["0123456789ab", "x"] {
        let revoke = Ask::get(format!("/api/v1/tokens/{id}")).by(Method::DELETE);
        asks.push(revoke.with("X-Requested-With", "canary"));
    }
    asks
}

/// All of them, but for those that never end or end somebody's session.
pub fn all(stage: &Stage) -> Vec<Ask> {
    let paths = [figures(), queries(), pictures()].concat();
    let mut all: Vec<Ask> = paths.into_iter().map(Ask::get).collect();
    let alone = |path| Ask { is_alone: true, ..Ask::get(path) };
    all.extend(oracles(stage).into_iter().map(alone));
    all.extend(others(stage));
    all
}

/// Those that are asked at the end, since they change who asks.
pub fn last() -> Vec<Ask> {
    vec![
        // What was booked since it was first asked is counted by now.
        Ask::get("/metrics"),
        Ask::get("/api/v1/sign-in").json("{\"key\":\"sk-canary-wrong\"}"),
        Ask::get("/api/v1/sign-in").json("{}"),
        Ask::get("/api/v1/sign-out").json("{}"),
    ]
}
