//! Signing in with a key of the gateway.

use gateway_sim::hash_token;
use podium::access::{AccessSettings, Mappings, Mode};
use podium::config::DataDir;
use serde_json::json;

use super::browser::set_cookies;
use super::{Browser, KEYS, in_mode, settings, start, with};
use crate::harness::Setup;

#[tokio::test]
async fn a_key_of_a_team_shows_that_team_in_full() {
    let (_gateway, podium) = in_mode(Mode::Board).await;
    let mut browser = Browser::of(&podium);
    let answer = browser.sign_in("sk-alpha").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let me = answer.json();
    assert_eq!(me, browser.me().await, "the cookie says the same");
    assert_eq!(
        (&me["role"], &me["how"], &me["name"]),
        (&json!("team"), &json!("key"), &json!("alpha"))
    );
    assert_eq!(me["teams"], json!([{ "team_id": "t-alpha", "name": "Alpha" }]));
    assert_eq!((&me["signed_in"], &me["may_see"]["own"]), (&json!(true), &json!("teams")));
    assert_eq!(me["expires_at"], "2026-11-25T00:00:00Z");
    let answer = browser.get("/api/v1/query?by=team&measures=tokens,spend_usd").await.json();
    assert_eq!(answer["meta"]["scope"]["reach"], "all", "{answer}");
    assert_eq!(answer["meta"]["scope"]["hidden"], json!(["spend_usd"]), "{answer}");
    let tokens = browser.get("/tokens").await;
    assert!(tokens.text.contains("Alpha") && !tokens.text.contains("beta one"), "{}", tokens.text);
}

#[tokio::test]
async fn a_key_without_a_team_shows_itself_alone() {
    let (_gateway, podium) = in_mode(Mode::Board).await;
    let mut browser = Browser::signed_in(&podium, "sk-lone").await;
    let me = browser.me().await;
    assert_eq!((&me["role"], &me["may_see"]["own"]), (&json!("self"), &json!("keys")));
    assert_eq!(me["teams"], json!([]));
    let answer = browser.get("/api/v1/query?by=api_key&measures=tokens").await;
    let scope = &answer.json()["meta"]["scope"];
    assert_eq!(scope["reach"], "own", "{}", answer.text);
    assert!(answer.text.contains("lone"), "{}", answer.text);
    for other in ["alpha one", "beta one", "key-a1", "key-b1"] {
        assert!(!answer.text.contains(other), "{other}: {}", answer.text);
    }
}

#[tokio::test]
async fn admins_and_viewers_are_who_the_gateway_says() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    for (key, role, masked, lists) in [
        ("sk-root", "admin", false, 200),
        ("sk-sim", "admin", false, 200),
        ("sk-looker", "viewer", true, 403),
    ] {
        let mut browser = Browser::signed_in(&podium, key).await;
        let me = browser.me().await;
        assert_eq!(me["role"], role, "{key}");
        assert_eq!(me["may_see"]["own"], "everything", "{key}");
        assert_eq!(me["may_see"]["keys_masked"], masked, "{key}");
        for path in ["/tokens", "/api/v1/audit", "/metrics"] {
            assert_eq!(browser.get(path).await.status, 200, "{key} {path}");
        }
        for path in ["/api/v1/tokens", "/api/v1/access-log"] {
            assert_eq!(browser.get(path).await.status, lists, "{key} {path}");
        }
        let audit = browser.post("/api/v1/audit", &json!({})).await.status;
        assert_eq!(audit, if role == "admin" { 202 } else { 403 }, "{key}");
    }
    let mut team = Browser::signed_in(&podium, "sk-alpha").await;
    for path in ["/api/v1/audit", "/api/v1/tokens", "/api/v1/access-log"] {
        let answer = team.get(path).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text);
        assert_eq!(answer.detail(), "This is for more than the role team", "{path}");
    }
}

/// What was answered lately is answered at once, but to those alone who see the same.
#[tokio::test]
async fn what_one_is_told_another_is_not() {
    let (_gateway, podium) = in_mode(Mode::Board).await;
    for path in ["/tokens", "/api/v1/query?by=team&measures=tokens,spend_usd"] {
        let mut told = Vec::new();
        for _ in 0..2 {
            for key in ["sk-root", "sk-looker", "sk-alpha", "sk-beta", "sk-lone"] {
                let answer = Browser::signed_in(&podium, key).await.get(path).await;
                assert_eq!(answer.status, 200, "{path} {key}");
                told.push(answer.figures().to_string());
            }
            let anybody = Browser::of(&podium).get(path).await;
            told.push(format!("{} {}", anybody.status, anybody.json()["rows"]));
        }
        let (first, again) = told.split_at(6);
        assert_eq!(first, again, "{path}");
        let [root, _, alpha, beta, lone, anybody] = first else { panic!("six") };
        for (one, other) in [(root, alpha), (alpha, beta), (alpha, lone), (lone, anybody)] {
            assert_ne!(one, other, "{path}");
        }
    }
}

#[tokio::test]
async fn who_has_which_role_may_be_configured() {
    let mappings = Mappings {
        admins: Mappings::parse_rules("key:alpha").expect("rules"),
        viewers: Mappings::parse_rules("user:ada").expect("rules"),
        teams: Mappings::parse_teams("t-quiet=key:lone").expect("teams"),
    };
    let (_gateway, podium) =
        start(with(AccessSettings { mappings, ..settings(Mode::Board) })).await;
    for (key, role, team) in
        [("sk-alpha", "admin", "t-alpha"), ("sk-ada", "viewer", ""), ("sk-lone", "team", "t-quiet")]
    {
        let me = Browser::signed_in(&podium, key).await.me().await;
        assert_eq!(me["role"], role, "{key}");
        assert_eq!(me["teams"][0]["team_id"].as_str().unwrap_or_default(), team, "{key}");
    }
    let own = AccessSettings { members_see_team: false, ..settings(Mode::Board) };
    let (_gateway, podium) = start(with(own)).await;
    assert_eq!(Browser::signed_in(&podium, "sk-alpha").await.role().await, "self");
}

#[tokio::test]
async fn keys_that_open_nothing_are_refused_with_the_reason() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    gateway.change(|world| {
        for name in ["blocked", "late", "gone"] {
            world.add_key(&hash_token(&format!("sk-{name}")), None, Some("t-alpha"));
        }
        world.block_key(&hash_token("sk-blocked"), true);
        world.expire_key(&hash_token("sk-late"), "2026-11-23T00:00:00Z".parse().ok());
        world.delete_key(&hash_token("sk-gone"));
    });
    for (key, reason) in [
        ("sk-blocked", "This key is blocked at the gateway"),
        ("sk-late", "This key has expired"),
        ("sk-gone", "does not know this key"),
        ("sk-never-made", "does not know this key"),
    ] {
        let mut browser = Browser::of(&podium);
        let answer = browser.sign_in(key).await;
        assert_eq!(answer.status, 401, "{key}: {}", answer.text);
        assert!(answer.detail().contains(reason), "{key}: {}", answer.text);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(set_cookies(&answer), Vec::<&str>::new(), "{key}");
        assert_eq!(browser.role().await, "anybody", "{key}");
    }
}

#[tokio::test]
async fn what_is_no_key_is_not_even_asked_about() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    gateway.clear_calls();
    for key in ["", "Bearer sk-alpha", "sk-a b"] {
        let answer = Browser::of(&podium).sign_in(key).await;
        assert_eq!(answer.status, 401, "{key:?}: {}", answer.text);
    }
    let mut browser = Browser::of(&podium);
    for body in
        [json!({}), json!([]), json!("sk-alpha"), json!({ "key": 7 }), json!({ "key": null })]
    {
        let answer = browser.post("/api/v1/sign-in", &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    }
    for body in ["", "{", "key=sk-alpha", "\u{0}"] {
        let answer =
            browser.send(reqwest::Method::POST, "/api/v1/sign-in", Some(body.to_owned())).await;
        assert_eq!(answer.status, 400, "{body:?}: {}", answer.text);
    }
    let huge = json!({ "key": "sk-".to_owned() + &"a".repeat(3 * 1_024 * 1_024) });
    assert_eq!(browser.post("/api/v1/sign-in", &huge).await.status, 413);
    let long = json!({ "key": "sk-".to_owned() + &"a".repeat(1_000) });
    assert_eq!(browser.post("/api/v1/sign-in", &long).await.status, 401);
    assert_eq!(gateway.calls(), []);
    assert_eq!(browser.sign_in("  sk-alpha\n").await.status, 200, "people copy blanks along");
}

#[tokio::test]
async fn a_key_is_kept_nowhere() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = DataDir::At(directory.path().to_owned());
    let (_gateway, mut podium) = start(Setup { data, ..with(settings(Mode::Board)) }).await;
    let mut told = Vec::new();
    for (key, ..) in KEYS {
        let mut browser = Browser::of(&podium);
        let entered = browser.sign_in(key).await;
        told.push(format!("{} {:?}", entered.text, entered.headers));
        told.push(browser.get("/api/v1/me").await.text);
    }
    told.push(Browser::of(&podium).sign_in("sk-wrong-key").await.text);
    told.extend(super::log(&podium).await.iter().map(ToString::to_string));
    podium.stop().await;
    let keys = || KEYS.iter().map(|(key, ..)| *key).chain(["sk-sim", "sk-wrong-key"]);
    for key in keys() {
        assert!(told.iter().all(|text| !text.contains(key)), "{key}");
    }
    let files = std::fs::read_dir(directory.path()).expect("files");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    assert!(files.iter().any(|file| file.to_string_lossy().contains("access")), "{files:?}");
    for file in files {
        let content = std::fs::read(&file).expect("it is read");
        for key in keys() {
            let has = memchr::memmem::find(&content, key.as_bytes()).is_some();
            assert!(!has, "{key} is in {}", file.display());
        }
    }
}

#[tokio::test]
async fn who_comes_in_and_who_does_not_stands_in_the_log() {
    let (_gateway, podium) = in_mode(Mode::Board).await;
    Browser::signed_in(&podium, "sk-alpha").await;
    Browser::of(&podium).sign_in("sk-never-made").await;
    let log = super::log(&podium).await;
    let failed = &log[0];
    assert_eq!(
        (&failed["event"], &failed["from"]),
        (&json!("sign_in_failed"), &json!("127.0.0.1"))
    );
    assert_eq!(failed["who"], json!(null), "{failed}");
    let entered = &log[1];
    assert_eq!((&entered["event"], &entered["who"]), (&json!("sign_in"), &json!("alpha")));
    assert_eq!(
        (&entered["role"], &entered["at"]),
        (&json!("team"), &json!("2026-11-24T12:00:00Z"))
    );
    assert_eq!(log.len(), 2, "{log:?}");
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    for (limit, status) in [("1", 200), ("0", 400), ("20001", 400), ("x", 400), ("-1", 400)] {
        let answer = admin.get(&format!("/api/v1/access-log?limit={limit}")).await;
        assert_eq!(answer.status, status, "{limit}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_gateway_that_is_away_is_told_from_a_wrong_key() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    gateway.abort().await;
    for _ in 0..7 {
        let answer = Browser::of(&podium).sign_in("sk-alpha").await;
        assert_eq!(answer.status, 502, "{}", answer.text);
        assert!(answer.detail().starts_with("Nobody can say who you are"), "{}", answer.text);
        assert_eq!(answer.header("retry-after"), None);
    }
}
