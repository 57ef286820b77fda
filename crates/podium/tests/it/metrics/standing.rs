//! How Podium stands: what it asks, what it is asked, and what it can keep.

use gateway_sim::Fault;
use podium::config::DataDir;

use super::{book, scrape, start};
use crate::harness::Setup;
use crate::worlds::Use;

#[tokio::test]
async fn requests_are_counted_by_their_routes_and_never_by_addresses() {
    let (_gateway, podium) = start(Setup::default()).await;
    for _ in 0..3 {
        podium.get("/tokens").await;
    }
    podium.get("/tokens?start_date=nonsense").await;
    podium.get("/some/secret/address").await;
    podium.get("/team/t-alpha").await;
    let told = scrape(&podium).await;
    let count = |route: &str, class: &str| {
        let labels = [("route", route), ("method", "GET"), ("class", class)];
        told.sum("podium_http_request_duration_seconds_count", &labels)
    };
    assert_eq!((count("/tokens", "2xx"), count("/tokens", "4xx")), (3.0, 1.0));
    assert_eq!((count("none", "4xx"), count("page", "2xx")), (1.0, 1.0));
    assert_eq!(told.sum("podium_http_requests_in_flight", &[]), 1.0);
    let answers = |from: &str| told.sum("podium_answers_total", &[("from", from)]);
    assert_eq!((answers("store"), answers("cache"), answers("address")), (1.0, 0.0, 2.0));
    let text = podium.get("/metrics").await.text;
    assert!(!text.contains("secret") && !text.contains("nonsense"), "{text}");
    // A scrape is a request as well.
    let labels = [("route", "/metrics"), ("class", "2xx")];
    let scrapes = scrape(&podium).await;
    assert_eq!(scrapes.sum("podium_http_request_duration_seconds_count", &labels), 2.0);
    // All that were counted lie below infinity.
    let all = scrapes.sum("podium_http_request_duration_seconds_bucket", &[("le", "+Inf")]);
    assert_eq!(all, scrapes.sum("podium_http_request_duration_seconds_count", &[]));
}

#[tokio::test]
async fn a_gateway_in_trouble_shows() {
    let (gateway, podium) = start(Setup::default()).await;
    let well = scrape(&podium).await;
    let is = |of: &super::Scrape, name: &str| of.sum(name, &[]);
    assert_eq!(is(&well, "podium_gateway_up"), 1.0);
    assert_eq!(is(&well, "podium_gateway_breaker_open"), 0.0);
    let count = "podium_gateway_request_duration_seconds_count";
    assert!(well.sum(count, &[("outcome", "answered")]) > 0.0);
    assert_eq!(well.sum(count, &[]), is(&well, "podium_gateway_requests_total"));
    gateway.faults().set("", Fault::TooManyRequests { retry_after_s: 120 });
    podium.look().await.expect_err("the gateway wants to be left alone");
    podium.clock.pass(jiff::SignedDuration::from_secs(90));
    let ill = scrape(&podium).await;
    assert_eq!(is(&ill, "podium_gateway_up"), 0.0);
    assert_eq!(is(&ill, "podium_gateway_breaker_open"), 1.0);
    assert_eq!(is(&ill, "podium_gateway_failing_seconds"), 90.0);
    assert!((100.0..=120.0).contains(&is(&ill, "podium_gateway_backoff_seconds")));
    assert_eq!(ill.sum(count, &[("outcome", "failed")]), 1.0);
    assert_eq!(is(&ill, "podium_oldest_check_age_seconds"), 90.0);
    ill.assert_not_below(&well);
}

#[tokio::test]
async fn what_is_stored_and_kept_shows() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = DataDir::At(directory.path().to_owned());
    let (gateway, podium) = start(Setup { data, ..Setup::default() }).await;
    let before = scrape(&podium).await;
    assert!(before.sum("podium_day_states", &[("state", "verified")]) >= 3.0, "{before:?}");
    assert_eq!(before.sum("podium_day_states", &[("state", "unverified")]), 0.0);
    assert!(before.sum("podium_store_bytes", &[("part", "file")]) > 0.0);
    assert!(before.sum("podium_store_bytes", &[("part", "wal")]) > 0.0);
    assert!(before.sum("podium_store_series", &[]) > 0.0);
    book(&gateway, &podium, [Use::default()]).await;
    let after = scrape(&podium).await;
    for grows in ["podium_store_writes_total", "podium_day_reads_total", "podium_data_version"] {
        assert!(after.sum(grows, &[]) > before.sum(grows, &[]), "{grows}");
    }
    assert_eq!(after.sum("podium_store_errors_total", &[]), 0.0);
    assert_eq!(after.sum("podium_store_up", &[]), 1.0);
    for of_process in ["process_resident_memory_bytes", "process_open_fds", "process_threads"] {
        assert!(after.sum(of_process, &[]) > 0.0, "{of_process}");
    }
    assert!(after.sum("process_start_time_seconds", &[]) > 1.7e9);
}

#[tokio::test]
async fn in_memory_there_is_no_file() {
    let (_gateway, podium) = start(Setup::default()).await;
    let told = scrape(&podium).await;
    let parts: Vec<String> = told.values("podium_store_bytes", "part").into_iter().collect();
    assert_eq!(parts, ["memory"]);
    assert!(told.sum("podium_store_bytes", &[]) > 0.0);
}
