//! A proxy in front that knows who asks: believed if it is one of those that are configured.

use std::net::{Ipv6Addr, SocketAddr};

use podium::access::{AccessSettings, Mappings, Mode};
use reqwest::Method;
use serde_json::json;

use super::{Browser, in_mode, log, logged, next_question, questions, settings, start, with};
use crate::harness::Setup;

const LOCAL: &str = "127.0.0.0/8";

fn behind(networks: &[&str]) -> AccessSettings {
    let networks = networks.iter().map(|network| network.parse().expect("a network"));
    AccessSettings { trusted_proxies: networks.collect(), ..settings(Mode::Private) }
}

#[tokio::test]
async fn a_trusted_proxy_says_who_asks() {
    let (_gateway, podium) = start(with(behind(&[LOCAL]))).await;
    let mut ada = Browser::of(&podium)
        .with("X-Forwarded-User", "4711")
        .with("X-Forwarded-Email", "Ada@Example.test");
    let me = ada.me().await;
    assert_eq!((&me["role"], &me["how"]), (&json!("team"), &json!("proxy")), "{me}");
    assert_eq!(me["name"], "Ada@Example.test");
    assert_eq!(me["teams"], json!([{ "team_id": "t-alpha", "name": "Alpha" }]));
    assert!(ada.get("/tokens").await.text.contains("Alpha"));
    let mut root = Browser::of(&podium).with("X-Forwarded-User", "root");
    assert_eq!(root.role().await, "admin", "by the gateway's own id");
    let mut stranger = Browser::of(&podium).with("X-Forwarded-User", "stranger");
    let me = stranger.me().await;
    assert_eq!((&me["role"], &me["teams"]), (&json!("self"), &json!([])));
    let mut nobody = Browser::of(&podium).with("X-Forwarded-Groups", "admins");
    assert_eq!(nobody.role().await, "anybody", "groups alone are nobody");
    assert!(ada.cookies.is_empty(), "there is no session");
}

#[tokio::test]
async fn nobody_else_is_believed() {
    for networks in [&[][..], &["10.0.0.0/8"], &["127.0.0.2/32", "::1/128"]] {
        let (gateway, podium) = start(with(behind(networks))).await;
        gateway.clear_calls();
        let mut browser = Browser::of(&podium)
            .with("X-Forwarded-User", "root")
            .with("X-Forwarded-Email", "root@example.test")
            .with("X-Forwarded-Groups", "admins")
            .with("X-Forwarded-For", "127.0.0.2");
        assert_eq!(browser.role().await, "anybody", "{networks:?}");
        assert_eq!(browser.get("/tokens").await.status, 401, "{networks:?}");
        assert_eq!(questions(&gateway), 0, "{networks:?}");
    }
}

/// A proxy that adds its header to the client's does not make the client whoever it likes.
#[tokio::test]
async fn what_is_said_twice_is_not_believed() {
    let (_gateway, podium) = start(with(behind(&[LOCAL]))).await;
    let twice = [("X-Forwarded-User", "root"), ("X-Forwarded-User", "ada")];
    let me = podium.send(Method::GET, "/api/v1/me", &twice).await.json();
    assert_eq!(me["role"], "anybody");
    let email = "X-Forwarded-Email";
    let headers = [("X-Forwarded-User", "x"), (email, "root@example.test"), (email, "x@x.example")];
    let me = podium.send(Method::GET, "/api/v1/me", &headers).await.json();
    assert_eq!((&me["role"], &me["name"]), (&json!("self"), &json!("x")));
}

/// A socket for both versions tells addresses of version 4 within those of version 6.
#[tokio::test]
async fn an_address_of_version_4_within_one_of_version_6_is_the_same() {
    let listen = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    if std::net::TcpListener::bind(listen).is_err() {
        return;
    }
    let (_gateway, podium) = start(Setup { listen, ..with(behind(&["127.0.0.1/32"])) }).await;
    let mut root = Browser::of(&podium).with("X-Forwarded-User", "root");
    assert_eq!(root.role().await, "admin");
    let mut browser = Browser::of(&podium).with("X-Forwarded-For", "::ffff:192.0.2.7");
    browser.sign_in("sk-never-made").await;
    assert_eq!(logged(&podium, "sign_in_failed").await[0]["from"], "192.0.2.7");
}

#[tokio::test]
async fn groups_and_domains_have_roles_and_teams() {
    let mappings = Mappings {
        admins: Mappings::parse_rules("group:platform").expect("rules"),
        viewers: Mappings::parse_rules("domain:audit.example, email:eve@other.example")
            .expect("rules"),
        teams: Mappings::parse_teams("t-beta=group:herons; t-quiet=domain:quiet.example")
            .expect("teams"),
    };
    let (_gateway, podium) = start(with(AccessSettings { mappings, ..behind(&[LOCAL]) })).await;
    for (user, email, groups, role, teams) in [
        ("a", "a@x.example", "other, platform", "admin", vec![]),
        ("b", "b@audit.example", "", "viewer", vec![]),
        ("c", "Eve@other.example", "", "viewer", vec![]),
        ("d", "d@x.example", "herons,others", "team", vec!["t-beta"]),
        ("e", "e@quiet.example", "herons", "team", vec!["t-beta", "t-quiet"]),
        ("f", "f@notquiet.example", "Herons", "self", vec![]),
        ("g", "ada@example.test", "herons", "team", vec!["t-alpha", "t-beta"]),
    ] {
        let mut browser =
            Browser::of(&podium).with("X-Forwarded-User", user).with("X-Forwarded-Email", email);
        if !groups.is_empty() {
            browser = browser.with("X-Forwarded-Groups", groups);
        }
        let me = browser.me().await;
        assert_eq!(me["role"], role, "{user}: {me}");
        let told = me["teams"].as_array().expect("a list").iter();
        let told: Vec<&str> = told.map(|team| team["team_id"].as_str().expect("an id")).collect();
        assert_eq!(told, teams, "{user}");
    }
}

/// What the proxy says of somebody counts at once, whatever it said of them before.
#[tokio::test]
async fn who_left_a_group_is_out_of_it_with_the_next_request() {
    let mappings = Mappings {
        admins: Mappings::parse_rules("group:platform").expect("rules"),
        ..Mappings::default()
    };
    let (_gateway, podium) = start(with(AccessSettings { mappings, ..behind(&[LOCAL]) })).await;
    let browser = Browser::of(&podium).with("X-Forwarded-User", "a");
    assert_eq!(browser.clone().with("X-Forwarded-Groups", "platform").role().await, "admin");
    assert_eq!(browser.clone().role().await, "self");
    assert_eq!(browser.clone().with("X-Forwarded-Groups", "platform").role().await, "admin");
}

#[tokio::test]
async fn what_litellm_says_of_a_person_is_asked_again() {
    let (gateway, podium) = start(with(behind(&[LOCAL]))).await;
    let mut ada = Browser::of(&podium).with("X-Forwarded-Email", "ada@example.test");
    assert_eq!(ada.role().await, "team");
    gateway.clear_calls();
    ada.get("/tokens").await;
    assert_eq!(questions(&gateway), 0);
    gateway.change(|world| world.set_teams("ada", &["t-beta"]));
    podium.clock.pass(next_question());
    assert_eq!(ada.me().await["teams"][0]["team_id"], "t-beta");
    let changed = logged(&podium, "role_changed").await;
    assert_eq!((changed.len(), &changed[0]["who"]), (1, &json!("ada@example.test")));
    gateway.abort().await;
    podium.clock.pass(jiff::SignedDuration::from_mins(61));
    assert_eq!(ada.get("/tokens").await.status, 503);
}

#[tokio::test]
async fn another_site_changes_nothing_through_a_proxy() {
    let (_gateway, podium) = start(with(behind(&[LOCAL]))).await;
    let root = || Browser::of(&podium).with("X-Forwarded-User", "root");
    let wish = json!({ "name": "a", "role": "viewer" });
    let foreign = root().with("Sec-Fetch-Site", "cross-site").post("/api/v1/tokens", &wish).await;
    assert_eq!(foreign.status, 403, "{}", foreign.text);
    assert_eq!(root().post("/api/v1/tokens", &wish).await.status, 201);
    let wish = json!({ "everywhere": true });
    assert_eq!(root().post("/api/v1/sign-out", &wish).await.status, 200);
    assert_eq!(root().role().await, "admin", "that is the proxy's matter");
}

#[tokio::test]
async fn the_last_address_that_is_no_proxys_is_where_somebody_comes_from() {
    let (_gateway, podium) = start(with(behind(&[LOCAL, "10.0.0.0/8"]))).await;
    for (forwarded, from) in [
        ("192.0.2.7", "192.0.2.7"),
        ("198.51.100.1, 192.0.2.8", "192.0.2.8"),
        ("198.51.100.1,192.0.2.9, 10.0.0.3", "192.0.2.9"),
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8::7", "2001:db8::7"),
        ("nonsense", "127.0.0.1"),
        ("192.0.2.7, nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
    ] {
        let mut browser = Browser::of(&podium).with("X-Forwarded-For", forwarded);
        let status = browser.sign_in("sk-beta").await.status;
        assert_eq!(status, 200, "{forwarded}");
        assert_eq!(log(&podium).await[0]["from"], from, "{forwarded}");
    }
    let (_gateway, podium) = in_mode(Mode::Private).await;
    Browser::of(&podium).with("X-Forwarded-For", "192.0.2.7").sign_in("sk-beta").await;
    assert_eq!(log(&podium).await[0]["from"], "127.0.0.1", "whoever is not trusted");
}
