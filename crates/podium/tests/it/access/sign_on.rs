//! Coming in by a company's single sign-on, as a browser does it.

use podium::access::{AccessSettings, Mappings, Mode};
use serde_json::json;

use super::browser::set_cookies;
use super::{Browser, in_mode, log, settings, start, with};
use crate::harness::{Answer, Podium, Setup};
use crate::sign_on::fake::Fake;
use crate::sign_on::settings as at;

/// A provider, a Podium that sends people there, and its gateway.
async fn with_a_provider(base_path: &str) -> (Fake, gateway_sim::Simulator, Podium) {
    let mappings = Mappings {
        admins: Mappings::parse_rules("group:admins").expect("rules"),
        ..Mappings::default()
    };
    let access = AccessSettings { mappings, ..settings(Mode::Private) };
    let setup = with(access);
    let fake = Fake::start(setup.clock.clone()).await;
    let setup = Setup {
        sign_on: Some(at(&fake.url())),
        base_path: base_path.to_owned(),
        public_url: Some(format!("http://podium.example{base_path}")),
        ..setup
    };
    let (gateway, podium) = start(setup).await;
    (fake, gateway, podium)
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.header("location").expect("it leads somewhere").to_owned()
}

/// A browser goes to the provider, somebody signs in there, and this is where it comes back to.
async fn at_the_provider(fake: &Fake, browser: &mut Browser<'_>, to: &str) -> String {
    let begun = browser.get(&format!("/auth/sign-on{to}")).await;
    let url = location(&begun).parse().expect("an address");
    let (code, state) = fake.browser_comes(&url);
    format!("/auth/callback?code={code}&state={state}")
}

#[tokio::test]
async fn somebody_comes_in_and_is_where_they_wanted_to_be() {
    let (fake, _gateway, podium) = with_a_provider("").await;
    let mut browser = Browser::of(&podium);
    assert_eq!(browser.me().await["sign_in"]["single_sign_on"], "Provider");
    let back = at_the_provider(&fake, &mut browser, "?to=/charts%3Frange%3Dweek").await;
    assert!(browser.cookies.contains_key("podium-sign-on"));
    let done = browser.get(&back).await;
    assert_eq!(location(&done), "/charts?range=week");
    for cookie in set_cookies(&done) {
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    }
    let me = browser.me().await;
    assert_eq!((&me["role"], &me["how"]), (&json!("admin"), &json!("single_sign_on")));
    assert_eq!(me["name"], "ada@example.com");
    assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["podium"]);
    let left = browser.post("/api/v1/sign-out", &json!({})).await.json();
    let end = left["location"].as_str().expect("the provider's session is to end, too");
    assert!(end.starts_with(&format!("{}/end?", fake.url())), "{end}");
    assert_eq!(browser.role().await, "anybody");
    let lines = log(&podium).await;
    assert_eq!(lines[1]["who"], "ada@example.com", "{lines:?}");
}

#[tokio::test]
async fn below_a_base_path_one_stays_below_it() {
    let (fake, _gateway, podium) = with_a_provider("/board").await;
    let mut browser = Browser::of(&podium);
    let back = at_the_provider(&fake, &mut browser, "?to=/team/t-1").await;
    assert_eq!(location(&browser.get(&back).await), "/board/team/t-1");
    assert_eq!(browser.role().await, "admin");
    let failed = Browser::of(&podium).get("/auth/callback?error=access_denied").await;
    assert_eq!(location(&failed), "/board/sign-in?error=refused");
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let (fake, _gateway, podium) = with_a_provider("").await;
    for to in ["", "?to=", "?to=//evil.example", "?to=https://evil.example", "?to=/%5Cevil.example"]
    {
        let mut browser = Browser::of(&podium);
        let back = at_the_provider(&fake, &mut browser, to).await;
        assert_eq!(location(&browser.get(&back).await), "/", "{to}");
    }
}

/// Somebody else's way back would sign a browser in as somebody else.
#[tokio::test]
async fn only_the_browser_that_went_comes_back() {
    let (fake, _gateway, podium) = with_a_provider("").await;
    let mut attacker = Browser::of(&podium);
    let back = at_the_provider(&fake, &mut attacker, "").await;
    let mut victim = Browser::of(&podium);
    assert_eq!(location(&victim.get(&back).await), "/sign-in?error=expired");
    at_the_provider(&fake, &mut victim, "").await;
    assert_eq!(location(&victim.get(&back).await), "/sign-in?error=expired");
    assert_eq!(victim.role().await, "anybody");
    assert!(victim.cookies.is_empty(), "{:?}", victim.cookies);
    let mut browser = Browser::of(&podium);
    let back = at_the_provider(&fake, &mut browser, "").await;
    browser.get(&back).await;
    assert_eq!(browser.role().await, "admin");
    assert_eq!(location(&browser.get(&back).await), "/sign-in?error=expired", "it goes once");
    assert_eq!(browser.role().await, "admin", "what was reached before stays");
}

#[tokio::test]
async fn what_goes_wrong_is_told_by_the_page() {
    let (fake, gateway, podium) = with_a_provider("").await;
    for query in ["", "?code=x", "?state=x", "?code=x&state=x"] {
        let answer = Browser::of(&podium).get(&format!("/auth/callback{query}")).await;
        assert_eq!(location(&answer), "/sign-in?error=expired", "{query}");
    }
    let answer = Browser::of(&podium).get("/auth/callback?error=access_denied&state=x").await;
    assert_eq!(location(&answer), "/sign-in?error=refused");
    let mut browser = Browser::of(&podium);
    fake.script(|script| script.claims = json!({ "groups": [] }));
    let back = at_the_provider(&fake, &mut browser, "").await;
    gateway.abort().await;
    assert_eq!(location(&browser.get(&back).await), "/sign-in?error=unavailable");
    assert_eq!(browser.role().await, "anybody");
    fake.script(|script| script.claims = json!({}));
    let back = at_the_provider(&fake, &mut browser, "").await;
    assert_eq!(location(&browser.get(&back).await), "/");
    assert_eq!(browser.role().await, "admin", "those who look after Podium come in all the same");
    let (_gateway, without) = in_mode(Mode::Private).await;
    for path in ["/auth/sign-on", "/auth/callback"] {
        assert_eq!(without.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn who_left_a_group_is_out_of_it_when_they_sign_on_again() {
    let (fake, _gateway, podium) = with_a_provider("").await;
    let mut browser = Browser::of(&podium);
    let back = at_the_provider(&fake, &mut browser, "").await;
    browser.get(&back).await;
    assert_eq!(browser.role().await, "admin");
    fake.script(|script| script.claims = json!({ "groups": [] }));
    let mut again = Browser::of(&podium);
    let back = at_the_provider(&fake, &mut again, "").await;
    again.get(&back).await;
    assert_eq!(again.role().await, "self");
    podium.clock.pass(super::next_question());
    browser.get("/tokens").await;
    assert_eq!(again.role().await, "self", "an older session gives nothing back");
}
