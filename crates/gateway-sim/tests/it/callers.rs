//! Who may read what, and what happens to those who may not.

use gateway_sim::{Clock, Options, Simulator};
use jiff::civil::date;

use crate::client::{Reply, get, get_as};
use crate::story::{TODAY, day, token, two_teams, usage};

fn question() -> String {
    format!("/team/daily/activity?{}", day(TODAY))
}

fn error(reply: &Reply) -> (u16, String) {
    let error = reply.json()["error"].clone();
    assert_eq!(error["code"], reply.status.to_string(), "the code is text");
    (reply.status, error["type"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn callers_without_a_valid_key_are_refused() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");

    let nobody = get_as(&simulator, &question(), None).await;
    assert_eq!(error(&nobody), (401, "auth_error".to_owned()));
    let not_a_key = get_as(&simulator, &question(), Some("password")).await;
    assert_eq!(error(&not_a_key), (401, "auth_error".to_owned()));
    let stranger = get_as(&simulator, &question(), Some("sk-stranger")).await;
    assert_eq!(error(&stranger), (401, "token_not_found_in_db".to_owned()));
    assert!(stranger.text().contains(&token("sk-stranger")), "the gateway tells the key's hash");
    assert_eq!(get_as(&simulator, "/no/such/path", None).await.status, 404);
}

#[tokio::test]
async fn a_refused_call_to_lists_is_booked_as_a_failed_request_of_today() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");

    get_as(&simulator, "/team/list", Some("sk-stranger")).await;
    get_as(&simulator, "/v2/team/list", Some("sk-stranger")).await;
    get_as(&simulator, "/model/info", None).await;
    get_as(&simulator, &question(), Some("sk-stranger")).await;

    let day = &get(&simulator, &question()).await["results"][0];
    assert_eq!(day["metrics"]["failed_requests"], 3, "activity is not booked");
    assert_eq!(day["breakdown"]["models"], serde_json::json!({}));
    assert_eq!(day["breakdown"]["endpoints"], serde_json::json!({}));
    assert_eq!(day["breakdown"]["providers"]["unknown"]["metrics"]["api_requests"], 3);
    let keys = &day["breakdown"]["entities"]["Unassigned"]["api_key_breakdown"];
    assert_eq!(keys[token("sk-stranger")]["metrics"]["failed_requests"], 2);
    assert_eq!(keys[""]["metrics"]["failed_requests"], 1);
    let logged = "/spend/logs/v2?start_date=2026-11-20%2000:00:00&end_date=2026-11-21%2000:00:00";
    assert_eq!(get(&simulator, logged).await["data"][0]["status"], "failure");
}

#[tokio::test]
async fn today_is_the_clocks() {
    let clock = Clock::noon(date(2027, 1, 2));
    let options = Options { clock: Some(clock), ..Options::default() };
    let simulator = Simulator::start_with(two_teams(), options).await.expect("a port");

    get_as(&simulator, "/team/list", Some("sk-stranger")).await;

    let rows = simulator.change(|world| world.rows().collect::<Vec<_>>());
    assert_eq!(rows[0].date, date(2027, 1, 2));
}

#[tokio::test]
async fn a_plain_user_sees_only_its_own_keys_and_no_lists() {
    let mut world = two_teams();
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 2));
    world.record(usage(TODAY, "red", "sk-red-2", "Big", 3));
    world.record(usage(TODAY, "blue", "sk-blue-1", "Big", 5));
    world.add_user_key("sk-user", vec![token("sk-red-1")]);
    world.add_user_key("sk-idle", Vec::new());
    let simulator = Simulator::start(world).await.expect("a port");
    let ask = async |path: &str, key| get_as(&simulator, path, Some(key)).await;

    for list in ["/team/list", "/v2/team/list"] {
        let reply = ask(list, "sk-user").await;
        assert_eq!(reply.status, 401);
        assert!(reply.text().contains("Your user role=internal_user"));
    }
    let own = ask(&question(), "sk-user").await.json();
    assert_eq!(own["metadata"]["total_api_requests"], 2);
    let aggregated = format!("/team/daily/activity/aggregated?{}", day(TODAY));
    assert_eq!(ask(&aggregated, "sk-user").await.json()["metadata"]["total_api_requests"], 2);
    let foreign = ask(&format!("{}&team_ids=blue", question()), "sk-user").await;
    assert_eq!(foreign.status, 404);
    assert!(foreign.text().contains("User does not belong to Team= blue"));
    let idle = ask(&question(), "sk-idle").await;
    assert_eq!(idle.status, 200, "which looks like no usage");
    assert_eq!(idle.json()["results"], serde_json::json!([]));
}

#[tokio::test]
async fn a_key_without_a_user_is_not_found() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");

    let reply = get_as(&simulator, &question(), Some("sk-red-1")).await;

    assert_eq!(reply.status, 404);
    assert_eq!(reply.json(), serde_json::json!({ "detail": { "error": "User= None not found" } }));
    simulator.change(|world| world.delete_key(&token("sk-red-1")));
    assert_eq!(get_as(&simulator, &question(), Some("sk-red-1")).await.status, 401);
}

#[tokio::test]
async fn probes_need_no_key() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");

    let alive = get_as(&simulator, "/health/liveliness", None).await;
    assert_eq!((alive.status, alive.text().as_str()), (200, "\"I'm alive!\""));
    let ready = get_as(&simulator, "/health/readiness", None).await;
    assert_eq!(ready.json(), serde_json::json!({ "status": "healthy", "db": "connected" }));
}
