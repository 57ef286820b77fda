//! Traces, as a collector gets them.

use reqwest::Method;
use serde_json::json;

use crate::collector::{Collector, Value};
use crate::gateway::{Gateway, Nowhere};
use crate::place::{Launch, Place};
use crate::server::{Server, answer};

const SERVER: u64 = 2;
const CLIENT: u64 = 3;

fn traced(launch: Launch, url: &str) -> Launch {
    // Soon, so that nobody waits for it.
    launch.with("OTEL_EXPORTER_OTLP_ENDPOINT", url).with("OTEL_BSP_SCHEDULE_DELAY", "20")
}

#[tokio::test]
async fn a_request_and_its_questions_are_one_trace() {
    let (place, gateway, collector) =
        (Place::new(), Gateway::start().await, Collector::start().await);
    let serve = place.serve(&gateway.simulator).with("PODIUM_ACCESS", "board");
    let serve = traced(serve, &collector.url())
        .with("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=podiums%20own")
        .with("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
        .with("OTEL_SERVICE_NAME", "podium-test")
        .with("PODIUM_LOG_FORMAT", "json")
        .with("PODIUM_ACCESS_LOG", "all");
    let server = Server::start(serve).await;
    let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let sign_in = server
        .client
        .post(server.url("/api/v1/sign-in"))
        .header("Traceparent", format!("00-{trace}-{span}-01"))
        .body(json!({ "key": gateway.simulator.api_key() }).to_string());
    let entered = answer(sign_in).await.expect("answered");
    assert_eq!(entered.status, 200, "{}", entered.text);

    let request = collector.span("the request", |of| of.name == "POST /api/v1/sign-in").await;
    assert_eq!((request.trace_id.as_str(), request.parent.as_str()), (trace, span));
    assert_eq!((request.kind, request.has_failed), (SERVER, false));
    assert_eq!(request.text("http.route"), "/api/v1/sign-in");
    assert_eq!(request.text("http.request.method"), "POST");
    assert_eq!(request.text("url.scheme"), "http");
    assert_eq!(request.number("http.response.status_code"), 200);
    assert!(request.began_ns > 0 && request.ended_ns >= request.began_ns);

    let question = collector.span("a question", |of| of.parent == request.span_id).await;
    assert_eq!((question.trace_id.as_str(), question.kind), (trace, CLIENT));
    assert!(question.name.starts_with("GET /"), "{question:?}");
    assert_eq!(question.text("server.address"), "127.0.0.1");
    assert_eq!(question.number("http.response.status_code"), 200);
    let sent = format!("00-{trace}-{}-01", question.span_id);
    let calls = gateway.simulator.calls();
    let has_sent = |call: &gateway_sim::Call| {
        call.headers.iter().any(|(name, value)| name == "traceparent" && *value == sent)
    };
    assert!(calls.iter().any(has_sent), "{sent}: {calls:?}");

    let ended = server.stop().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines = crate::log::json_lines(&ended.stderr);
    assert!(lines.iter().any(|line| line["trace_id"] == trace), "lines name it: {lines:?}");
    let seen = collector.seen();
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    assert_eq!(seen.resource.get("service.name").cloned(), text("podium-test"));
    assert_eq!(seen.resource.get("deployment.environment.name").cloned(), text("test"));
    assert!(seen.heads.iter().all(|head| head.starts_with("POST /v1/traces ")));
    assert!(seen.heads[0].contains("x-tenant: podiums own"), "{}", seen.heads[0]);
}

#[tokio::test]
async fn answers_out_of_memory_and_faults_have_spans_too() {
    let (place, gateway, collector) =
        (Place::new(), Gateway::start().await, Collector::start().await);
    let server = Server::start(traced(place.serve(&gateway.simulator), &collector.url())).await;
    let path = format!("/tokens{}", gateway.only(2));
    for id in ["first", "again"] {
        let headers = [("X-Request-Id", id)];
        assert_eq!(server.send(Method::GET, &path, &headers).await.status, 200);
    }
    let again = Some(&Value::Text("again".to_owned()));
    let span = collector.span("it", |of| of.attributes.get("request_id") == again).await;
    assert_eq!((span.name.as_str(), span.parent.as_str()), ("GET /tokens", ""));
    gateway.simulator.faults().set("", gateway_sim::Fault::EchoKey { status: 500 });
    assert_eq!(server.get(&format!("/tokens{}", gateway.only(9))).await.status, 502);
    let failed = collector.span("the fault", |of| of.kind == SERVER && of.has_failed).await;
    assert_eq!(failed.text("error.type"), "502");
    let failed = collector.span("its cause", |of| of.kind == CLIENT && of.has_failed).await;
    assert_eq!(failed.text("error.type"), "status");
    server.stop().await;
    let seen = collector.seen();
    assert!(seen.spans.iter().any(|span| span.name == "driver"), "looks have spans");
    let queries = seen.bodies.iter().any(|body| memchr::memmem::find(body, b"_date").is_some());
    assert!(!queries, "no query is told");
}

#[tokio::test]
async fn a_collector_that_is_away_keeps_nobody() {
    let (place, gateway, nowhere) = (Place::new(), Gateway::start().await, Nowhere::new());
    let server = Server::start(traced(place.serve(&gateway.simulator), &nowhere.url())).await;
    server.child.complains("traces cannot be sent").await;
    for _ in 0..3_000 {
        assert_eq!(server.get("/livez").await.status, 200);
    }
    let ended = server.stop().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stderr.matches("traces cannot be sent").count(), 1, "{ended:?}");
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
}

#[tokio::test]
async fn what_cannot_be_done_is_told_and_podium_serves() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let serve = traced(place.serve(&gateway.simulator), "http://collector:4317");
    let server = Server::start(serve.with("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")).await;
    assert_eq!(server.get("/livez").await.status, 200);
    let ended = server.stop().await;
    assert!(ended.stderr.contains("traces are not sent"), "{ended:?}");
    assert!(ended.stderr.contains("OTEL_EXPORTER_OTLP_PROTOCOL"), "{ended:?}");
}

#[tokio::test]
async fn nothing_is_sent_where_a_sampler_says_so() {
    let (place, gateway, collector) =
        (Place::new(), Gateway::start().await, Collector::start().await);
    let serve = traced(place.serve(&gateway.simulator), &collector.url());
    let server = Server::start(serve.with("OTEL_TRACES_SAMPLER", "parentbased_always_off")).await;
    assert_eq!(server.get("/livez").await.status, 200);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let sampled = format!("00-{trace}-00f067aa0ba902b7-01");
    server.send(Method::GET, "/readyz", &[("Traceparent", sampled.as_str())]).await;
    collector.span("what somebody else samples", |of| of.name == "GET /readyz").await;
    server.stop().await;
    assert!(collector.seen().spans.iter().all(|span| span.trace_id == trace));
}

#[tokio::test]
#[ignore = "needs Python and opentelemetry-proto: make test-traces"]
async fn the_classes_of_opentelemetry_read_what_is_sent() {
    let python = std::env::var_os("PODIUM_COLLECTOR_PYTHON").expect("PODIUM_COLLECTOR_PYTHON");
    let (place, gateway, collector) =
        (Place::new(), Gateway::start().await, Collector::start().await);
    let server = Server::start(traced(place.serve(&gateway.simulator), &collector.url())).await;
    let path = format!("/tokens{}", gateway.only(2));
    assert_eq!(server.get(&path).await.status, 200);
    gateway.simulator.faults().set("", gateway_sim::Fault::EchoKey { status: 500 });
    assert_eq!(server.get(&format!("/tokens{}", gateway.only(9))).await.status, 502);
    collector.span("the fault", |of| of.kind == SERVER && of.has_failed).await;
    server.stop().await;
    let seen = collector.seen();
    let bodies = seen.bodies.iter().enumerate();
    let files = bodies.map(|(n, body)| place.write(&format!("work/{n}"), body)).collect::<Vec<_>>();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/collector/decode.py");
    let decoded = tokio::process::Command::new(python).arg(script).args(files).output().await;
    let decoded = decoded.expect("Python runs");
    let said = String::from_utf8_lossy(&decoded.stderr);
    assert!(decoded.status.success(), "{said}");
    let spans: Vec<serde_json::Value> = serde_json::from_slice(&decoded.stdout).expect("JSON");
    assert_eq!(spans.len(), seen.spans.len());
    let names: Vec<&str> = spans.iter().map(|span| span["name"].as_str().expect("text")).collect();
    let own: Vec<&str> = seen.spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, own);
    let failed = spans.iter().filter(|span| span["status"]["code"] == "STATUS_CODE_ERROR");
    assert_eq!(failed.count(), seen.spans.iter().filter(|span| span.has_failed).count());
    let is_server = |span: &&serde_json::Value| span["kind"] == "SPAN_KIND_SERVER";
    assert!(spans.iter().filter(is_server).count() >= 2, "{names:?}");
}
