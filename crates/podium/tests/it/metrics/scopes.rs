//! Whoever sees a part is told a part.

use podium::access::{AccessSettings, Mode, Policy, Secret};
use reqwest::Method;
use serde_json::json;

use super::Scrape;
use crate::harness::{Podium, Setup, gateway_with_clock};
use crate::worlds::{Use, workshop};
use gateway_sim::{Role, Simulator, Version, hash_token};

const SECRET: &str = "one-secret-that-is-long-enough-for-cookies";

async fn start(policy: &str) -> (Simulator, Podium) {
    let mut world = workshop();
    world.add_user("root", Some("root@example.test"), Role::Admin, &[]);
    world.add_key(&hash_token("sk-root"), Some("root"), None);
    world.give_key(&hash_token("sk-root"), Some("root"));
    let access = AccessSettings {
        mode: Mode::Private,
        policy: Policy::parse(policy).expect("a policy"),
        secrets: vec![Secret::parse(SECRET).expect("long enough")],
        ..AccessSettings::default()
    };
    let setup = Setup { access, ..Setup::default() };
    let gateway = gateway_with_clock(world, Version::CURRENT, setup.clock.clone()).await;
    let podium = Podium::start(&gateway, setup).await;
    podium.look().await.expect("in step");
    (gateway, podium)
}

/// A token for a team's own people, or for somebody who sees everything.
async fn token(podium: &Podium, role: &str, teams: &[&str]) -> String {
    let signed_in = podium.post("/api/v1/sign-in", "{\"key\":\"sk-root\"}").await;
    let cookie = signed_in.header("set-cookie").expect("a cookie").to_owned();
    let wish = json!({ "name": role, "role": role, "teams": teams }).to_string();
    let headers = [
        ("Cookie", cookie.split(';').next().expect("a pair")),
        ("Content-Type", "application/json"),
        ("X-Requested-With", "test"),
    ];
    let made = podium.send_with(Method::POST, "/api/v1/tokens", &headers, Some(wish)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["token"].as_str().expect("a token").to_owned()
}

async fn scrape(podium: &Podium, token: &str) -> Scrape {
    let bearer = format!("Bearer {token}");
    let answer = podium.send(Method::GET, "/metrics", &[("Authorization", &bearer)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    Scrape::of(&answer.text)
}

async fn book(gateway: &Simulator, podium: &Podium) {
    let beta = Use { team: Some("t-beta"), key: "key-b1", prompt: 7, ..Use::default() };
    super::book(gateway, podium, [Use::default(), beta]).await;
}

#[tokio::test]
async fn a_team_is_told_of_itself_and_of_others_as_the_policy_shows_them() {
    let (gateway, podium) = start("team: name rank tokens").await;
    let (alpha, viewer) =
        (token(&podium, "team", &["t-alpha"]).await, token(&podium, "viewer", &[]).await);
    scrape(&podium, &viewer).await;
    let first = scrape(&podium, &alpha).await;
    book(&gateway, &podium).await;
    let (of_alpha, of_all) = (scrape(&podium, &alpha).await, scrape(&podium, &viewer).await);
    of_alpha.assert_not_below(&first);
    of_all.assert_adds_up();
    let name = "podium_team_tokens_total";
    assert_eq!(of_alpha.sum(name, &[("team", "Beta")]), 27.0);
    assert_eq!(of_alpha.sum("podium_usage_tokens_total", &[]), 147.0);
    let spend = of_alpha.values("podium_team_spend_usd_total", "team_id");
    assert_eq!(spend.into_iter().collect::<Vec<_>>(), ["t-alpha"], "others' is not shown");
    assert_eq!(of_alpha.named("podium_usage_spend_usd_total").count(), 0, "nor that of all");
    assert_eq!(of_alpha.sum("podium_model_tokens_total", &[]), 120.0, "models of one's own alone");
    assert!(
        of_alpha.kinds.keys().all(|name| {
            ["podium_usage_", "podium_team_", "podium_model_", "podium_provider_", "podium_today_"]
                .iter()
                .any(|begins| name.starts_with(begins))
        }),
        "how Podium stands is not for them: {:?}",
        of_alpha.kinds
    );
    assert!(of_all.kinds.contains_key("podium_gateway_up"));
}

#[tokio::test]
async fn teams_whose_names_are_hidden_go_by_others() {
    let (gateway, podium) = start("team: rank tokens").await;
    let alpha = token(&podium, "team", &["t-alpha"]).await;
    scrape(&podium, &alpha).await;
    book(&gateway, &podium).await;
    let told = scrape(&podium, &alpha).await;
    let ids = told.values("podium_team_tokens_total", "team_id");
    assert!(ids.contains("t-alpha") && !ids.contains("t-beta"), "{ids:?}");
    assert!(ids.iter().any(|id| id.starts_with("anon-")), "{ids:?}");
    assert_eq!(told.sum("podium_usage_tokens_total", &[]), 147.0);
}

#[tokio::test]
async fn what_one_began_to_count_says_nothing_of_when_others_did() {
    let (gateway, podium) = start("team: none").await;
    let (alpha, beta) =
        (token(&podium, "team", &["t-alpha"]).await, token(&podium, "team", &["t-beta"]).await);
    scrape(&podium, &alpha).await;
    book(&gateway, &podium).await;
    let (of_alpha, of_beta) = (scrape(&podium, &alpha).await, scrape(&podium, &beta).await);
    assert_eq!(of_alpha.sum("podium_usage_tokens_total", &[]), 120.0);
    assert_eq!(of_beta.sum("podium_usage_tokens_total", &[]), 0.0, "it begins now");
    assert_eq!(
        of_beta.values("podium_team_tokens_total", "team_id").len(),
        2,
        "Beta, and the rest"
    );
}
