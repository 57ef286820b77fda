//! Every request has an id: its own, or a new one, which the answer names.

use gateway_sim::Version;
use reqwest::Method;

use crate::harness::{Podium, YESTERDAY, gateway_of};
use crate::worlds::workshop;

#[tokio::test]
async fn an_id_that_came_with_a_request_goes_back_with_its_answer() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let path = format!("/tokens?start_date={YESTERDAY}&end_date={YESTERDAY}");
    // The second time the answer comes out of memory.
    for id in ["first", "second"] {
        let answer = podium.send(Method::GET, &path, &[("X-Request-Id", id)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-request-id")), (200, Some(id)));
    }
    for path in ["/nowhere", "/tokens?start_date=x", "/livez", "/"] {
        let answer = podium.send(Method::GET, path, &[("X-Request-Id", "Root=1-5759e988")]).await;
        assert_eq!(answer.header("x-request-id"), Some("Root=1-5759e988"), "{path}");
    }
}

#[tokio::test]
async fn an_id_is_made_where_there_is_none_that_is_sane() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let long = "x".repeat(129);
    for id in [None, Some("two words"), Some(long.as_str())] {
        let headers: Vec<_> = id.map(|id| ("X-Request-Id", id)).into_iter().collect();
        let answer = podium.send(Method::GET, "/livez", &headers).await;
        let made = answer.header("x-request-id").expect("an id");
        assert!(made.len() == 32 && made.bytes().all(|b| b.is_ascii_hexdigit()), "{made}");
    }
}

#[tokio::test]
async fn errors_keep_their_body_and_name_their_id() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let answer = podium.get("/tokens?start_date=x").await;
    let fields: Vec<_> = answer.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(fields, ["detail"]);
    assert!(answer.header("x-request-id").is_some());
}
