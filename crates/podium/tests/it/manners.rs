//! What holds for every answer: JSON with a detail where something is wrong, headers against
//! mischief, and addresses below a base path.

use gateway_sim::Version;
use podium::gateway::KeyHeader;
use reqwest::Method;

use crate::harness::{Podium, Setup, gateway_of};
use crate::worlds::workshop;

#[tokio::test]
async fn every_error_has_a_detail() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    for (method, path, status) in [
        (Method::GET, "/assets/%ff", 400),
        (Method::GET, "/assets/nothing.js", 404),
        (Method::GET, "/docs/%ff", 400),
        (Method::GET, "/docs/nothing", 404),
        (Method::GET, "/nowhere/%ff", 404),
        (Method::POST, "/tokens", 405),
        (Method::DELETE, "/api/v1/audit", 405),
        (Method::PUT, "/ingest/litellm", 405),
        (Method::GET, "/ingest/litellm", 405),
        (Method::POST, "/ingest/litellm", 403),
        (Method::GET, "/tokens?tz=%2B02:00", 400),
        (Method::GET, "/tokens?tz=/etc/localtime", 400),
    ] {
        let answer = podium.send(method.clone(), path, &[]).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        assert!(!answer.detail().is_empty(), "{method} {path}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{method} {path}");
        assert_eq!(answer.headers.contains_key("allow"), status == 405, "{method} {path}");
    }
}

#[tokio::test]
async fn every_answer_carries_headers_against_mischief() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    for path in
        ["/", "/tokens", "/docs", "/openapi.json", "/metrics", "/livez", "/nowhere", "/tokens/"]
    {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let answer = podium.send(method.clone(), path, &[]).await;
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{method} {path}");
            let policy = answer.header("content-security-policy").unwrap_or_default();
            assert!(policy.contains("default-src 'none'"), "{method} {path}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{method} {path}: {policy}");
        }
    }
    let docs = podium.get("/docs").await;
    assert!(docs.text.contains("<a href=\"openapi.json\">/openapi.json</a>"), "{}", docs.text);
}

#[tokio::test]
async fn zones_are_told_by_their_canonical_names() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let answer = podium.get("/tokens?tz=europe/berlin").await;
    assert_eq!(answer.json()["meta"]["tz"], "Europe/Berlin", "{}", answer.text);
}

#[tokio::test]
async fn who_reads_is_told_by_the_page_that_there_is_no_such_address() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let reads = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let get = async |path: &str| podium.send(Method::GET, path, &reads).await;
    for path in ["/nope", "/charts/nope", "/team/a/b", "/team//"] {
        let answer = get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        let kind = answer.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("text/html"), "{path}: {kind}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert!(answer.text.contains("<base href=\"/\">"), "{path}");
    }
    for path in ["/api/v1/nope", "/assets/nope.js", "/tokens/nope"] {
        let answer = get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.detail().is_empty(), "{path}");
    }
    for (path, lasting) in [
        ("/charts/?range=week", "/charts?range=week"),
        ("/team/t-alpha/", "/team/t-alpha"),
        ("/present/", "/present"),
    ] {
        let answer = get(path).await;
        assert_eq!(answer.status, 307, "{path}");
        assert_eq!(answer.header("location"), Some(lasting), "{path}");
    }
}

#[tokio::test]
async fn everything_is_found_below_a_base_path_stripped_or_not() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let setup = Setup { base_path: "/podium".to_owned(), ..Setup::default() };
    let podium = Podium::start(&gateway, setup).await;
    for prefix in ["/podium", ""] {
        let get = async |path: &str| podium.get(&format!("{prefix}{path}")).await;
        assert_eq!(get("/tokens").await.status, 200, "{prefix}");
        let page = get("/charts").await;
        assert!(page.text.contains("<base href=\"/podium/\">"), "{}", page.text);
        let slash = get("/tokens/?start_date=2026-11-24").await;
        assert_eq!(slash.status, 307);
        assert_eq!(slash.header("location"), Some("/podium/tokens?start_date=2026-11-24"));
        let document = get("/openapi.json").await.json();
        assert_eq!(document["servers"][0]["url"], "/podium");
        assert!(get("/docs").await.text.contains("docs/swagger-ui.css"));
        assert_eq!(get("/docs/swagger-ui.css").await.status, 200);
    }
    assert_eq!(podium.get("/podium").await.status, 200);
    assert_eq!(podium.get("/podiums/tokens").await.status, 404);
}

#[tokio::test]
async fn the_key_and_more_travel_in_the_headers_that_were_chosen() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let setup = Setup {
        key_header: KeyHeader { name: "x-litellm-key".parse().expect("a name"), scheme: None },
        headers: vec![("x-access".parse().expect("a name"), "let me in".into())],
        ..Setup::default()
    };
    let podium = Podium::start(&gateway, setup).await;
    // The simulated gateway reads Authorization alone, so it takes nobody.
    let answer = podium.get("/tokens").await;
    assert_eq!(answer.status, 502, "{}", answer.text);
    let calls = gateway.calls();
    let call = calls.first().expect("it was asked");
    assert_eq!(call.header("x-litellm-key"), Some("sk-sim"));
    assert_eq!(call.header("x-access"), Some("let me in"));
    assert_eq!(call.header("authorization"), None);
}
