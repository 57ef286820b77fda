//! Whose a key is, and what belongs to a user.

use gateway_sim::{Options, Role, Simulator, Version, World};
use serde_json::{Value, json};

use crate::client::{get, get_as, try_get};
use crate::story::{TODAY, day, token, two_teams};

/// Ada is a member of Red and owns `sk-red-1`; there are an admin's and a viewer's key.
fn world() -> World {
    let mut world = two_teams();
    world.add_user("ada", Some("Ada@example.test"), Role::InternalUser, &["red"]);
    world.add_user("root", Some("root@example.test"), Role::Admin, &[]);
    world.add_user("looker", None, Role::AdminViewer, &[]);
    world.give_key(&token("sk-red-1"), Some("ada"));
    for (secret, user_id) in [("sk-root", "root"), ("sk-looker", "looker")] {
        world.add_key(&token(secret), Some(user_id), None);
        world.give_key(&token(secret), Some(user_id));
    }
    world
}

async fn start() -> Simulator {
    Simulator::start(world()).await.expect("a port")
}

fn path_of(secret: &str) -> String {
    format!("/key/info?key={}", token(secret))
}

#[tokio::test]
async fn a_key_is_told_of_itself() {
    let simulator = start().await;

    let own = get_as(&simulator, "/key/info", Some("sk-red-1")).await.json();

    assert_eq!(own["key"], token("sk-red-1"));
    assert_eq!(own["info"]["key_alias"], "red-1");
    assert_eq!((&own["info"]["team_id"], &own["info"]["user_id"]), (&json!("red"), &json!("ada")));
    assert_eq!(own["info"]["status"], "active");
    assert_eq!(own["info"].get("token"), None, "nor is there a role");
    let master = try_get(&simulator, "/key/info").await;
    assert_eq!(master.status, 404);
    assert_eq!(master.json()["error"]["type"], "not_found_error");
}

#[tokio::test]
async fn refused_keys_say_why_and_are_booked_under_their_team() {
    let simulator = start().await;
    let past = "2026-11-19T00:00:00Z".parse().ok();
    simulator.change(|world| {
        world.block_key(&token("sk-red-2"), true);
        world.expire_key(&token("sk-blue-1"), past);
        world.delete_key(&token("sk-red-1"));
    });
    let kind = async |path: &str, secret| {
        let reply = get_as(&simulator, path, Some(secret)).await;
        assert_eq!(reply.status, 401);
        reply.json()["error"]["type"].as_str().unwrap_or_default().to_owned()
    };

    let question = format!("/team/daily/activity?{}", day(TODAY));
    for path in ["/key/info", question.as_str()] {
        assert_eq!(kind(path, "sk-red-2").await, "auth_error");
        assert_eq!(kind(path, "sk-blue-1").await, "expired_key");
        assert_eq!(kind(path, "sk-red-1").await, "token_not_found_in_db");
    }

    let entities = &get(&simulator, &question).await["results"][0]["breakdown"]["entities"];
    for (team, secret) in [("red", "sk-red-2"), ("blue", "sk-blue-1"), ("Unassigned", "sk-red-1")] {
        let booked = &entities[team]["api_key_breakdown"][token(secret)]["metrics"];
        assert_eq!(booked["failed_requests"], 1, "{secret}: activity is not booked");
    }
}

#[tokio::test]
async fn admins_are_told_of_every_key_whatever_became_of_it() {
    let simulator = start().await;
    let (past, future) = ("2026-11-19T00:00:00Z".parse().ok(), "2026-12-01T00:00:00Z".parse().ok());
    simulator.change(|world| {
        world.add_key(&token("sk-old"), None, None);
        world.expire_key(&token("sk-old"), past);
        world.expire_key(&token("sk-red-1"), future);
        world.block_key(&token("sk-red-2"), true);
        world.delete_key(&token("sk-blue-1"));
    });

    for asking in [simulator.api_key(), "sk-root", "sk-looker"] {
        for (secret, status) in [
            ("sk-red-1", "active"),
            ("sk-red-2", "revoked"),
            ("sk-blue-1", "deleted"),
            ("sk-old", "expired"),
        ] {
            let told = get_as(&simulator, &path_of(secret), Some(asking)).await.json();
            assert_eq!(told["info"]["status"], status, "{secret}");
        }
        let stranger = get_as(&simulator, &path_of("sk-stranger"), Some(asking)).await;
        assert_eq!(stranger.status, 404);
    }
    assert_eq!(get_as(&simulator, &path_of("sk-root"), Some("sk-red-1")).await.status, 403);
    assert_eq!(get_as(&simulator, &path_of("sk-red-2"), Some("sk-red-1")).await.status, 200);
}

#[tokio::test]
async fn older_releases_forget_deleted_keys_and_tell_no_status() {
    let options = Options { version: Version::OLDER, ..Options::default() };
    let simulator = Simulator::start_with(world(), options).await.expect("a port");
    simulator.change(|world| {
        world.block_key(&token("sk-red-2"), true);
        world.delete_key(&token("sk-blue-1"));
    });

    let blocked = get(&simulator, &path_of("sk-red-2")).await;

    assert_eq!((&blocked["info"]["blocked"], blocked["info"].get("status")), (&json!(true), None));
    assert_eq!(try_get(&simulator, &path_of("sk-blue-1")).await.status, 404);
    let missing = try_get(&simulator, "/v2/user/info?user_id=ada").await;
    assert_eq!((missing.status, missing.json()), (404, json!({ "detail": "Not Found" })));
}

#[tokio::test]
async fn the_role_of_a_user_decides_what_a_key_sees() {
    let simulator = start().await;
    simulator.change(|world| world.limit_key(&token("sk-red-2"), &["/chat/completions"]));
    let question = format!("/team/daily/activity?{}&team_ids=none", day(TODAY));
    let ask = async |secret| get_as(&simulator, &question, Some(secret)).await;

    assert_eq!(ask("sk-root").await.status, 200);
    assert_eq!(ask("sk-looker").await.status, 200);
    let plain = ask("sk-red-1").await;
    assert_eq!(plain.status, 404);
    assert!(plain.text().contains("User does not belong to Team= none"));
    assert!(ask("sk-blue-1").await.text().contains("User= None not found"));
    let narrow = ask("sk-red-2").await;
    assert_eq!(narrow.status, 403);
    assert!(narrow.text().contains("is not allowed to call this route"));
    simulator.change(|world| world.set_role("root", Role::InternalUser));
    assert_eq!(ask("sk-root").await.status, 404);
}

#[tokio::test]
async fn users_are_told_to_admins_and_to_themselves() {
    let simulator = start().await;

    let ada = get(&simulator, "/v2/user/info?user_id=ada").await;
    assert_eq!((&ada["user_role"], &ada["teams"]), (&json!("internal_user"), &json!(["red"])));
    let own = get_as(&simulator, "/v2/user/info", Some("sk-red-1")).await.json();
    assert_eq!(own, ada);
    for path in ["/v2/user/info?user_id=root", "/v2/user/info?user_id=nobody"] {
        let unseen = get_as(&simulator, path, Some("sk-red-1")).await;
        assert_eq!(unseen.status, 404);
        assert!(unseen.text().contains("User not found: "));
    }
    let long = get(&simulator, "/user/info?user_id=ada").await;
    assert_eq!(long["user_info"]["user_email"], "Ada@example.test");
    assert_eq!(long["keys"][0]["token"], token("sk-red-1"));
    assert_eq!(long["teams"][0]["keys"].as_array().map(Vec::len), Some(2));
    let foreign = get_as(&simulator, "/user/info?user_id=root", Some("sk-red-1")).await;
    assert_eq!(foreign.status, 403);
    assert_eq!(try_get(&simulator, "/user/info?user_id=nobody").await.status, 404);
}

#[tokio::test]
async fn lists_are_narrowed_to_a_user() {
    let simulator = start().await;
    let ids = |users: &Value| -> Vec<String> {
        let users = users["users"].as_array().expect("a list").iter();
        users.filter_map(|user| user["user_id"].as_str().map(str::to_owned)).collect()
    };

    let found = get(&simulator, "/user/list?user_email=ADA%40").await;
    assert_eq!(ids(&found), ["ada"], "a part, in capitals or not");
    let second = get(&simulator, "/user/list?page=2&page_size=2").await;
    assert_eq!((ids(&second), &second["total_pages"]), (vec!["ada".to_owned()], &json!(2)));
    assert_eq!(get_as(&simulator, "/user/list", Some("sk-red-1")).await.status, 403);

    let keys = get(&simulator, "/key/list?user_id=ada&size=100").await;
    assert_eq!(keys["keys"], json!([token("sk-red-1")]));
    assert_eq!(get(&simulator, "/key/list?user_id=nobody").await["keys"], json!([]));
    let foreign = get_as(&simulator, "/key/list?user_id=root", Some("sk-red-1")).await;
    assert_eq!(foreign.status, 403);

    let teams = get(&simulator, "/v2/team/list?user_id=ada").await;
    assert_eq!((&teams["total"], &teams["teams"][0]["team_id"]), (&json!(1), &json!("red")));
    assert_eq!(try_get(&simulator, "/v2/team/list?user_id=nobody").await.status, 404);
    simulator.change(|world| world.delete_user("ada"));
    assert_eq!(get_as(&simulator, "/key/info", Some("sk-red-1")).await.status, 401);
}
