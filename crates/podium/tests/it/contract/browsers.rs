//! What browsers and HTTP clients rely on.

use gateway_sim::{Simulator, Version};
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Podium, Setup, gateway_of};
use crate::worlds::workshop;

const BOARD: &str = "http://ada-leaderboard-frontend.mkhe.de";

async fn with_origins() -> (Simulator, Podium) {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let cors_origins = vec![BOARD.to_owned(), "http://localhost:5173".to_owned()];
    let podium = Podium::start(&gateway, Setup { cors_origins, ..Setup::default() }).await;
    (gateway, podium)
}

#[tokio::test]
async fn allowed_origins_may_read_every_status() {
    let (gateway, podium) = with_origins().await;
    for path in ["/tokens", "/tokens?start_date=x", "/nowhere", "/tokens/", "/tokens/hourly"] {
        let answer = podium.send(Method::GET, path, &[("Origin", BOARD)]).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(BOARD), "{path}");
        assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "Origin"), "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    let answer = podium.send(Method::POST, "/tokens", &[("Origin", BOARD)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("access-control-allow-origin")),
        (405, Some(BOARD))
    );
    gateway.faults().set("", gateway_sim::Fault::ResetBefore);
    let answer =
        podium.send(Method::GET, "/tokens?start_date=2026-11-01", &[("Origin", BOARD)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("access-control-allow-origin")),
        (502, Some(BOARD))
    );
}

#[tokio::test]
async fn other_origins_get_no_cors_header() {
    let (_gateway, podium) = with_origins().await;
    for origin in ["http://evil.example", "null", "http://localhost:5174", "https://localhost:5173"]
    {
        let preflight = [("Origin", origin), ("Access-Control-Request-Method", "GET")];
        for answer in [
            podium.send(Method::GET, "/tokens", &[("Origin", origin)]).await,
            podium.send(Method::OPTIONS, "/tokens", &preflight).await,
        ] {
            let cors =
                answer.headers.keys().find(|name| name.as_str().starts_with("access-control"));
            assert_eq!(cors, None, "{origin}");
        }
    }
}

#[tokio::test]
async fn questions_may_be_posted_from_allowed_origins() {
    let (_gateway, podium) = with_origins().await;
    let asked = [("Origin", BOARD), ("Access-Control-Request-Method", "POST")];
    let allowed = podium.send(Method::OPTIONS, "/api/v1/query", &asked).await;
    assert_eq!(allowed.header("access-control-allow-methods"), Some("GET, POST"));
    let elsewhere = podium.send(Method::OPTIONS, "/api/v1/audit", &asked).await;
    assert_eq!(elsewhere.status, 400, "what begins something is not for other pages");
}

#[tokio::test]
async fn a_preflight_allows_get_with_authorization_and_nothing_else() {
    let (gateway, podium) = with_origins().await;
    let preflight = async |method: &str, headers: &str| {
        let asked = [
            ("Origin", BOARD),
            ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", headers),
        ];
        podium.send(Method::OPTIONS, "/tokens", &asked).await
    };
    let allowed = preflight("GET", "authorization").await;
    assert!(allowed.status.is_success());
    assert_eq!(allowed.header("access-control-allow-origin"), Some(BOARD));
    assert_eq!(allowed.header("access-control-allow-methods"), Some("GET"));
    let headers = "Authorization, Traceparent, Tracestate, X-Request-Id";
    assert_eq!(allowed.header("access-control-allow-headers"), Some(headers));
    let traced = preflight("GET", "authorization, traceparent, x-request-id").await;
    assert!(traced.status.is_success(), "pages that trace themselves may ask");
    for refused in [preflight("POST", "").await, preflight("GET", "x-secret").await] {
        assert_eq!(refused.status, 400);
        assert_eq!(refused.header("access-control-allow-methods"), None);
        assert_eq!(refused.header("access-control-allow-headers"), None);
    }
    assert_eq!(gateway.calls(), []);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_json() {
    let (_gateway, podium) = with_origins().await;
    for path in ["/nowhere", "/tokens/nowhere", "/Tokens", "//tokens", "/nowhere/", "/docs/nothing"]
    {
        let answer = podium.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (404, r#"{"detail":"Not Found"}"#),
            "{path}"
        );
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = podium.send(method.clone(), "/tokens", &[]).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.text, r#"{"detail":"Method Not Allowed"}"#);
        assert!(answer.header("allow").expect("Allow").contains("GET"));
    }
    assert_eq!(podium.send(Method::POST, "/nowhere", &[]).await.status, 404);
}

#[tokio::test]
async fn a_slash_behind_a_path_leads_to_the_path_with_its_query() {
    let (_gateway, podium) = with_origins().await;
    let answer = podium.get("/tokens/?start_date=2026-11-24&x=%20").await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.header("location"), Some("/tokens?start_date=2026-11-24&x=%20"));
    assert_eq!(podium.get("/tokens/models/").await.header("location"), Some("/tokens/models"));
}

#[tokio::test]
async fn the_browsers_authorization_is_ignored_and_not_passed_on() {
    let (gateway, podium) = with_origins().await;
    let answer =
        podium.send(Method::GET, "/tokens", &[("Authorization", "Bearer sk-stranger")]).await;
    assert_eq!(answer.status, 200);
    assert!(gateway.calls().iter().all(|call| call.key_accepted), "only our own key is used");
}

#[tokio::test]
async fn an_answer_that_did_not_change_is_not_sent_again() {
    let (gateway, podium) = with_origins().await;
    let first = podium.get("/tokens").await;
    let etag = first.header("etag").expect("a tag").to_owned();
    let again = podium.send(Method::GET, "/tokens", &[("If-None-Match", &etag)]).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    gateway.change(|world| world.rename_team("t-alpha", Some("Alpha Centauri")));
    podium.look().await.expect("the gateway answers");
    let changed = podium.send(Method::GET, "/tokens", &[("If-None-Match", &etag)]).await;
    assert_eq!(changed.status, 200);
    assert!(changed.text.contains("Alpha Centauri"));
}

/// What somebody has with what they are told of it.
fn stepped(text: &str, steps: &Value) -> String {
    let count = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
    let mut parts = text.split(',');
    let mut made: Vec<&str> = Vec::new();
    for step in steps.as_array().expect("a list of steps") {
        made.extend(parts.by_ref().take(count(&step[0])));
        parts.by_ref().take(count(&step[1])).for_each(|_| ());
        made.extend(step[2].as_str());
    }
    made.extend(parts);
    made.join(",")
}

#[tokio::test]
async fn who_has_an_earlier_answer_may_be_told_what_changed() {
    let (gateway, podium) = with_origins().await;
    let ask = async |asked: &[(&str, &str)]| podium.send(Method::GET, "/tokens", asked).await;
    let stranger = ask(&[]).await;
    gateway.change(|world| world.rename_team("t-alpha", Some("Alpha, \"the\" first")));
    podium.look().await.expect("the gateway answers");
    let tag = |answer: &Answer| answer.header("etag").expect("a tag").to_owned();
    let [unknown, parts] = [tag(&stranger), "parts".to_owned()];
    let first = ask(&[("A-IM", &parts), ("If-None-Match", &unknown)]).await;
    assert_eq!(first.status, 200, "nobody remembers what was sent to strangers to deltas");
    let known = tag(&first);

    gateway.change(|world| world.rename_team("t-alpha", Some("Alpha Centauri")));
    podium.look().await.expect("the gateway answers");
    let whole = ask(&[("If-None-Match", &known)]).await;
    assert_eq!(whole.status, 200, "nobody else gets a delta");
    for way in ["computed", "given again", "given again at once"] {
        let delta = ask(&[("A-IM", "gzip, parts"), ("If-None-Match", &known)]).await;
        assert_eq!(delta.status, 226, "{way}");
        assert_eq!(delta.header("im"), Some("parts"), "{way}");
        assert_eq!(delta.header("delta-base"), Some(&*known), "{way}");
        assert_eq!(delta.header("cache-control"), Some("no-store, im"), "{way}");
        assert_eq!(tag(&delta), tag(&whole), "{way}");
        assert_eq!(stepped(&first.text, &delta.json()), whole.text, "{way}");
        assert!(delta.text.len() < whole.text.len() / 3, "{way}: {}", delta.text);
    }
    let again = ask(&[("A-IM", "parts"), ("If-None-Match", &tag(&whole))]).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
}

/// An answer that was given before takes a shorter way: nobody must be able to tell.
#[tokio::test]
async fn an_answer_given_again_is_like_the_first() {
    let (_gateway, podium) = with_origins().await;
    let ask = async |path: &str, asked: &[(&str, &str)]| {
        let answer = podium.send(Method::GET, path, asked).await;
        let mut headers = answer.headers.clone();
        headers.remove("date");
        // An answer out of memory has one where it was asked with one.
        headers.remove("x-request-id");
        (answer.status, headers, answer.text)
    };
    let etag = podium.get("/tokens").await.header("etag").expect("a tag").to_owned();
    let ways = [
        vec![],
        vec![("Origin", BOARD)],
        vec![("Origin", "http://evil.example")],
        vec![("Origin", BOARD), ("If-None-Match", &etag)],
        vec![("Accept-Encoding", "gzip, br")],
        vec![("Accept-Encoding", "zstd"), ("If-None-Match", &etag)],
        vec![("Accept", "application/json")],
    ];
    for (way, asked) in ways.iter().enumerate() {
        // An address that nobody asked for before; what it adds means nothing.
        let path = format!("/tokens?way={way}");
        let first = ask(&path, asked).await;
        assert_eq!(first, ask(&path, asked).await, "{asked:?}");
        let is_known = asked.iter().any(|(name, _)| *name == "If-None-Match");
        assert_eq!(first.0, if is_known { 304 } else { 200 }, "{asked:?}");
    }
}

#[tokio::test]
async fn answers_are_compressed_when_asked() {
    let (_gateway, podium) = with_origins().await;
    let plain = podium.get("/tokens").await;
    assert_eq!(plain.header("content-encoding"), None);
    let response = reqwest::Client::builder()
        .gzip(true)
        .no_proxy()
        .build()
        .unwrap()
        .get(podium.url("/tokens"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), plain.text);
    let packed = reqwest::Client::builder().no_gzip().no_proxy().build().unwrap();
    let packed =
        packed.get(podium.url("/tokens")).header("Accept-Encoding", "gzip").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().len() < plain.text.len());
}

#[tokio::test]
async fn the_documentation_needs_no_other_host() {
    let (_gateway, podium) = with_origins().await;
    let document = podium.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    for path in [
        "/tokens",
        "/tokens/timeseries",
        "/tokens/models",
        "/tokens/success-rate",
        "/tokens/cost-efficiency",
        "/tokens/hourly",
    ] {
        assert!(document["paths"][path]["get"].is_object(), "{path}");
    }
    let page = podium.get("/docs").await;
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(!page.text.contains("http://") && !page.text.contains("https://"));
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "start.js"] {
        assert!(page.text.contains(&format!("docs/{file}")));
        let path = format!("/docs/{file}");
        let plain = podium.get(&path).await;
        assert_eq!(
            (plain.status.as_u16(), plain.header("content-encoding")),
            (200, None),
            "{file}"
        );
        let unpacking = reqwest::Client::builder().gzip(true).no_proxy().build().unwrap();
        let unpacked = unpacking.get(podium.url(&path)).send().await.unwrap();
        assert!(unpacked.text().await.unwrap() == plain.text, "{file}");
    }
    let packed = &[("Accept-Encoding", "gzip")][..];
    let packed = podium.send(Method::GET, "/docs/swagger-ui-bundle.js", packed).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
}

/// The page without what it says of its address to those who show a link to it.
fn plain(page: &str) -> String {
    let Some((before, tags)) = page.split_once("<meta property=\"og:") else {
        return page.to_owned();
    };
    let (_, after) = tags.split_once("</head>").expect("the head ends");
    format!("{before}</head>{after}")
}

#[tokio::test]
async fn the_page_is_served_with_a_strict_policy_and_its_files_are_kept() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let page = podium.get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    for view in ["/charts", "/about", "/present", "/team/t-alpha", "/team/a%20b%2Fc"] {
        let text = podium.get(view).await.text;
        assert_eq!(plain(&text), plain(&page.text), "{view} is an address within the page");
    }
    for unknown in ["/nothing", "/team", "/assets/none.js", "/assets/../Cargo.toml"] {
        let answer = podium.get(unknown).await;
        assert_eq!((answer.status.as_u16(), answer.detail()), (404, "Not Found".to_owned()));
    }
    let tag = page.header("etag").expect("a tag");
    let again = podium.send(Method::GET, "/", &[("If-None-Match", tag)]).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    if web_assets::is_built() {
        let script =
            page.text.split('"').find(|part| part.starts_with("./assets/")).expect("files");
        let file = podium.send(Method::GET, &script[1..], &[("Accept-Encoding", "gzip, br")]).await;
        assert_eq!(file.header("content-encoding"), Some("gzip"));
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
    } else {
        assert!(page.text.contains("Node.js") && page.text.contains("make build"), "{}", page.text);
    }
    assert_eq!(gateway.calls(), [], "none of it needs the gateway");
}
