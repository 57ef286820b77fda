//! Whose key it is that somebody signs in with: told without a trace in anybody's figures, and
//! never guessed.

use gateway_sim::{ErrorBody, Fault, Role, Simulator, Version, World, hash_token};
use podium::gateway::{
    Error, Gateway, GatewayRole, KeyHeader, KeyOwner, KeyStanding, Limits, LiteLlm, MASTER_KEY,
    Person, PersonId,
};
use secrecy::SecretString;
use serde_json::json;

use crate::harness::{TODAY, gateway_of};

const ALL: [Version; 3] = [Version::CURRENT, Version::NEWEST, Version::OLDER];

/// Teams Red and Blue. Ada of Red has a key in it and one without a team; `sk-red` and
/// `sk-nobody` are nobody's.
fn people() -> World {
    let mut world = World::empty(TODAY.parse().expect("a date"));
    world.add_team("red", Some("Red"));
    world.add_team("blue", Some("Blue"));
    world.add_user("ada", Some("Ada@example.test"), Role::InternalUser, &["red", "blue"]);
    world.add_user("root", Some("root@example.test"), Role::Admin, &[]);
    world.add_user("looker", Some("looker@example.test"), Role::AdminViewer, &[]);
    for (secret, team, user) in [
        ("sk-red", Some("red"), None),
        ("sk-nobody", None, None),
        ("sk-ada", None, Some("ada")),
        ("sk-ada-red", Some("red"), Some("ada")),
        ("sk-root", None, Some("root")),
        ("sk-looker", None, Some("looker")),
    ] {
        world.add_key(&hash_token(secret), Some(secret.trim_start_matches("sk-")), team);
        world.give_key(&hash_token(secret), user);
    }
    world
}

async fn start(version: Version) -> Simulator {
    gateway_of(people(), version).await
}

/// Podium's side, with its own key.
fn with_key(simulator: &Simulator, api_key: &str) -> LiteLlm {
    let base_url = simulator.url().parse().expect("an address");
    let gateway = Gateway { direct: true, ..Gateway::new(base_url, api_key.into()) };
    LiteLlm::new(gateway, Limits::default()).expect("a client")
}

async fn who(client: &LiteLlm, key: &str) -> Result<KeyStanding, Error> {
    client.who_is(&SecretString::from(key)).await
}

async fn owner(client: &LiteLlm, key: &str) -> KeyOwner {
    match who(client, key).await {
        Ok(KeyStanding::Valid(owner)) => owner,
        other => panic!("{key}: {other:?}"),
    }
}

/// The requests that the gateway has booked.
fn booked(simulator: &Simulator) -> i64 {
    simulator.change(|world| world.rows().map(|row| row.counters.api_requests).sum())
}

#[tokio::test]
async fn every_kind_of_key_is_told_by_itself_and_by_its_hash() {
    for version in ALL {
        for asking in ["sk-sim", "sk-looker"] {
            let simulator = start(version.clone()).await;
            let client = with_key(&simulator, asking);
            for (key, team_id, user_id, role) in [
                ("sk-red", Some("red"), None, GatewayRole::Other),
                ("sk-nobody", None, None, GatewayRole::Other),
                ("sk-ada", None, Some("ada"), GatewayRole::Other),
                ("sk-ada-red", Some("red"), Some("ada"), GatewayRole::Other),
                ("sk-root", None, Some("root"), GatewayRole::Admin),
                ("sk-looker", None, Some("looker"), GatewayRole::AdminViewer),
            ] {
                let expected = KeyOwner {
                    api_key: hash_token(key),
                    alias: Some(key.trim_start_matches("sk-").to_owned()),
                    team_id: team_id.map(str::to_owned),
                    user_id: user_id.map(str::to_owned),
                    role,
                    expires_at: None,
                };
                assert_eq!(owner(&client, key).await, expected, "{asking}");
                let by_hash = client.standing_of_key(&hash_token(key)).await;
                assert_eq!(by_hash, Ok(KeyStanding::Valid(expected)), "{asking}");
            }
        }
    }
}

#[tokio::test]
async fn refused_keys_are_told_apart_and_leave_no_trace_in_the_figures() {
    for version in ALL {
        let has_status = version.key_status;
        let simulator = start(version).await;
        let client = with_key(&simulator, "sk-sim");
        let past = "2026-11-23T00:00:00Z".parse().ok();
        simulator.change(|world| {
            for (secret, team) in [("sk-blocked", "red"), ("sk-late", "red"), ("sk-gone", "red")] {
                world.add_key(&hash_token(secret), None, Some(team));
            }
            world.block_key(&hash_token("sk-blocked"), true);
            world.expire_key(&hash_token("sk-late"), past);
            world.delete_key(&hash_token("sk-gone"));
        });

        assert_eq!(who(&client, "sk-blocked").await, Ok(KeyStanding::Blocked));
        assert_eq!(who(&client, "sk-late").await, Ok(KeyStanding::Expired));
        assert_eq!(who(&client, "sk-gone").await, Ok(KeyStanding::Unknown));
        assert_eq!(who(&client, "sk-never-made").await, Ok(KeyStanding::Unknown));
        let by_hash = async |key| client.standing_of_key(&hash_token(key)).await;
        assert_eq!(by_hash("sk-blocked").await, Ok(KeyStanding::Blocked));
        assert_eq!(by_hash("sk-gone").await, Ok(KeyStanding::Unknown));
        assert_eq!(by_hash("sk-never-made").await, Ok(KeyStanding::Unknown));
        match by_hash("sk-late").await {
            Ok(KeyStanding::Expired) => assert!(has_status),
            Ok(KeyStanding::Valid(late)) => {
                assert_eq!((late.expires_at, has_status), (past, false))
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(booked(&simulator), 0, "no failed requests");
    }
}

#[tokio::test]
async fn the_master_key_is_an_admins() {
    for version in ALL {
        let simulator = start(version).await;
        let client = with_key(&simulator, "sk-looker");
        let master = owner(&client, "sk-sim").await;
        assert_eq!((master.api_key.as_str(), master.role), (MASTER_KEY, GatewayRole::Admin));
        assert_eq!(client.standing_of_key(MASTER_KEY).await, Ok(KeyStanding::Valid(master)));
    }
}

#[tokio::test]
async fn a_key_for_models_alone_is_looked_up_by_its_hash() {
    let simulator = start(Version::CURRENT).await;
    simulator.change(|world| {
        world.limit_key(&hash_token("sk-ada-red"), &["/chat/completions"]);
        world.limit_key(&hash_token("sk-root"), &["/chat/completions"]);
    });
    let client = with_key(&simulator, "sk-looker");
    assert_eq!(owner(&client, "sk-ada-red").await.team_id.as_deref(), Some("red"));
    assert_eq!(owner(&client, "sk-root").await.role, GatewayRole::Admin);

    let narrow = with_key(&simulator, "sk-red");
    assert_eq!(who(&narrow, "sk-root").await, Err(Error::IdentityRefused));
    assert_eq!(booked(&simulator), 0);
}

#[tokio::test]
async fn plain_keys_sign_in_where_podiums_own_key_may_only_read_usage() {
    let simulator = start(Version::CURRENT).await;
    simulator.change(|world| {
        world.add_admin_key("sk-two", &["/team/list", "/team/daily/activity"]);
    });
    let client = with_key(&simulator, "sk-two");
    assert_eq!(owner(&client, "sk-ada").await.user_id.as_deref(), Some("ada"));
    assert_eq!(owner(&client, "sk-red").await.team_id.as_deref(), Some("red"));
    assert_eq!(who(&client, "sk-root").await, Err(Error::IdentityRefused));
    let by_hash = client.standing_of_key(&hash_token("sk-red")).await;
    assert_eq!(by_hash, Err(Error::IdentityRefused));
    assert_eq!(client.person(PersonId::UserId("ada")).await, Err(Error::IdentityRefused));
}

#[tokio::test]
async fn a_given_key_travels_in_the_configured_header_alone() {
    let simulator = start(Version::CURRENT).await;
    let name = "x-litellm-api-key";
    let key_header = KeyHeader { name: name.parse().expect("a header"), scheme: None };
    let base_url = simulator.url().parse().expect("an address");
    let gateway = Gateway::new(base_url, "sk-sim".into());
    let headers = vec![("x-door".parse().expect("a header"), "open".into())];
    let gateway = Gateway { direct: true, key_header, headers, ..gateway };
    let client = LiteLlm::new(gateway, Limits::default()).expect("a client");

    let _ = who(&client, "sk-given").await;

    let calls = simulator.calls();
    assert_eq!(calls.len(), 1, "asked once: {calls:?}");
    assert_eq!(calls[0].header(name), Some("sk-given"));
    assert_eq!(calls[0].header("x-door"), Some("open"));
    assert_eq!(calls[0].header("authorization"), None);
    assert!(calls[0].query.iter().all(|(_, value)| !value.contains("sk-given")));
}

#[tokio::test]
async fn what_is_no_key_is_never_sent() {
    let simulator = start(Version::CURRENT).await;
    let client = with_key(&simulator, "sk-sim");
    let long = format!("sk-{}", "a".repeat(254));
    for key in ["", "password", "Bearer sk-red", "sk-a b", "sk-\n", "sk-ä", &long] {
        assert_eq!(who(&client, key).await, Ok(KeyStanding::Unknown), "{key:?}");
    }
    for hash in ["", "sk-red", "../key/list", &hash_token("x")[1..]] {
        assert_eq!(client.standing_of_key(hash).await, Ok(KeyStanding::Unknown), "{hash:?}");
    }
    for by in [PersonId::UserId(""), PersonId::Email("")] {
        assert_eq!(client.person(by).await, Ok(None));
    }
    assert_eq!(simulator.calls(), []);
}

#[tokio::test]
async fn what_nobody_can_say_is_an_error() {
    let simulator = start(Version::CURRENT).await;
    let client = with_key(&simulator, "sk-sim");
    let faults = [
        Fault::Status(500, ErrorBody::Plain("no")),
        Fault::Status(502, ErrorBody::Html),
        Fault::Status(401, ErrorBody::Html),
        Fault::Status(403, ErrorBody::Html),
        Fault::Status(404, ErrorBody::Html),
        Fault::TooManyRequests { retry_after_s: 0 },
        Fault::OtherJson(json!([])),
        Fault::OtherJson(json!({})),
    ];
    for fault in faults {
        for path in ["/team/daily/activity", "/key/info", "/v2/user/info"] {
            let refuses = matches!(fault, Fault::Status(401 | 403 | 404, _));
            if path == "/v2/user/info" && refuses {
                continue; // The older answer stands in.
            }
            simulator.faults().set(path, fault.clone());
            let told = who(&client, "sk-root").await;
            assert!(told.is_err(), "{path} {fault:?}: {told:?}");
            if path == "/key/info" {
                let by_hash = client.standing_of_key(&hash_token("sk-root")).await;
                assert!(by_hash.is_err(), "{fault:?}: {by_hash:?}");
            }
            simulator.faults().clear();
        }
    }
    simulator.abort().await;
    assert!(matches!(who(&client, "sk-root").await, Err(Error::Unreachable(_))));
}

#[tokio::test]
async fn a_refusal_of_podiums_own_key_says_nothing_of_others() {
    let simulator = start(Version::CURRENT).await;
    let client = with_key(&simulator, "sk-wrong");
    let by_hash = client.standing_of_key(&hash_token("sk-red")).await;
    assert_eq!(by_hash, Err(Error::KeyRefused));
    for by in [PersonId::UserId("ada"), PersonId::Email("ada@example.test")] {
        assert_eq!(client.person(by).await, Err(Error::KeyRefused));
    }
}

#[tokio::test]
async fn a_gateway_that_limits_a_given_key_is_still_followed() {
    let simulator = start(Version::CURRENT).await;
    let client = with_key(&simulator, "sk-sim");
    let limited = Fault::TooManyRequests { retry_after_s: 500 };
    simulator.faults().set_next(1, "/team/daily/activity", limited);
    assert!(matches!(who(&client, "sk-red").await, Err(Error::RateLimited { .. })));
    assert_eq!(owner(&client, "sk-red").await.team_id.as_deref(), Some("red"));
}

#[tokio::test]
async fn people_are_found_by_id_and_by_address() {
    for version in ALL {
        let simulator = start(version).await;
        let client = with_key(&simulator, "sk-looker");
        let mut api_keys = vec![hash_token("sk-ada"), hash_token("sk-ada-red")];
        api_keys.sort();
        let ada = Person {
            user_id: "ada".to_owned(),
            email: Some("Ada@example.test".to_owned()),
            role: GatewayRole::Other,
            team_ids: vec!["red".to_owned(), "blue".to_owned()],
            api_keys,
        };
        let by = async |by| client.person(by).await;
        assert_eq!(by(PersonId::UserId("ada")).await, Ok(Some(ada.clone())));
        assert_eq!(by(PersonId::Email("ada@EXAMPLE.test")).await, Ok(Some(ada)));
        let root = by(PersonId::Email("root@example.test")).await.expect("told").expect("known");
        assert_eq!(root.role, GatewayRole::Admin);
        assert_eq!(by(PersonId::UserId("nobody")).await, Ok(None));
        // A part of an address is nobody's.
        assert_eq!(by(PersonId::Email("example.test")).await, Ok(None));
    }
}

#[tokio::test]
async fn an_address_is_found_on_any_page_and_nobodys_where_two_have_it() {
    let simulator = start(Version::CURRENT).await;
    let client = with_key(&simulator, "sk-sim");
    simulator.change(|world| {
        for number in 0..250 {
            let email = format!("{number}-ada@example.test");
            world.add_user(&format!("user-{number}"), Some(&email), Role::InternalUser, &[]);
        }
    });
    let ada = client.person(PersonId::Email("ada@example.test")).await;
    assert_eq!(ada.expect("told").expect("known").user_id, "ada");
    simulator.change(|world| {
        world.add_user("ada-2", Some("ada@example.test"), Role::Admin, &[]);
        for number in 0..150 {
            let token = hash_token(&format!("sk-many-{number}"));
            world.add_key(&token, None, None);
            world.give_key(&token, Some("ada"));
        }
    });
    let ambiguous = client.person(PersonId::Email("ada@example.test")).await;
    assert!(matches!(ambiguous, Err(Error::Shape(_))), "{ambiguous:?}");
    let ada = client.person(PersonId::UserId("ada")).await.expect("told").expect("known");
    assert_eq!(ada.api_keys.len(), 152);
}

#[tokio::test]
async fn a_role_that_changed_is_told_at_the_next_question() {
    let simulator = start(Version::CURRENT).await;
    let client = with_key(&simulator, "sk-sim");
    assert_eq!(owner(&client, "sk-root").await.role, GatewayRole::Admin);
    simulator.change(|world| world.set_role("root", Role::InternalUser));
    assert_eq!(owner(&client, "sk-root").await.role, GatewayRole::Other);
    simulator.change(|world| world.delete_user("root"));
    let by_hash = client.standing_of_key(&hash_token("sk-root")).await;
    assert_eq!(by_hash, Ok(KeyStanding::Unknown));
}
