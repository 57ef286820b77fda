//! The key goes to the gateway and nowhere else: not into output, answers or files, in no
//! form and no part, whatever goes wrong.

mod questions;
mod witness;

use futures_util::future::join_all;
use gateway_sim::{Fault, Target};
use serde_json::json;

use crate::collector::Collector;
use crate::gateway::{Gateway, Nowhere};
use crate::place::{Launch, Place};
use crate::server::{Server, answer};
use questions::ask_everything;
use witness::Witness;

/// Every character here may stand in a key; some change when they are put into a URL.
const KEY: &str = "sk-canary-Zq7+Xw9/Lp2=Vt5%Kd8~Rm3?Bn6";

/// Runs `serve` with every question, then `check` and `sync`, as `with` sets each up, and
/// searches all that was said, answered and written.
async fn nothing_tells_the_key(base_url: &str, with: impl Fn(Launch) -> Launch) {
    let place = Place::new();
    let data = place.path("data");
    let launch = |arguments: &[&str]| {
        let launch = place
            .podium(arguments)
            .with("LITELLM_BASE_URL", base_url)
            .with("LITELLM_API_KEY", KEY)
            .with("PODIUM_DATA_DIR", &data);
        with(launch)
    };
    let witness = Witness::of(KEY);
    let server = Server::start(launch(&["serve", "--port", "0"])).await;
    ask_everything(&server, &witness).await;
    // While the process runs, its files are in another state than after its end.
    witness.search_files(&place);
    witness.search_output("serve", &server.stop().await);
    witness.search_output("check", &launch(&["check"]).run().await);
    witness.search_output("sync", &launch(&["sync"]).run().await);
    witness.search_files(&place);
}

#[tokio::test]
async fn a_key_that_works_is_told_to_nobody() {
    let gateway = Gateway::with_key(KEY).await;
    nothing_tells_the_key(&gateway.simulator.url(), |launch| launch).await;
    assert!(gateway.simulator.calls().iter().all(|call| call.key_accepted), "it was the key");
}

#[tokio::test]
async fn a_talkative_log_does_not_tell_the_key() {
    join_all(["debug", "trace"].map(async |level| {
        let gateway = Gateway::with_key(KEY).await;
        nothing_tells_the_key(&gateway.simulator.url(), |launch| launch.with("PODIUM_LOG", level))
            .await;
    }))
    .await;
}

#[tokio::test]
async fn lines_for_programs_and_traces_do_not_tell_the_key() {
    let (gateway, collector) = (Gateway::with_key(KEY).await, Collector::start().await);
    nothing_tells_the_key(&gateway.simulator.url(), |launch| {
        launch
            .with("PODIUM_LOG", "trace")
            .with("PODIUM_LOG_FORMAT", "json")
            .with("PODIUM_ACCESS_LOG", "all")
            .with("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
            .with("OTEL_BSP_SCHEDULE_DELAY", "20")
    })
    .await;
    nothing_was_sent_of_the_key(&collector);
}

#[track_caller]
fn nothing_was_sent_of_the_key(collector: &Collector) {
    let (witness, seen) = (Witness::of(KEY), collector.seen());
    assert!(!seen.spans.is_empty(), "traces were sent");
    seen.bodies.iter().for_each(|body| witness.search("a body for the collector", body));
    seen.heads.iter().for_each(|head| witness.search("a head for the collector", head.as_bytes()));
}

#[tokio::test]
async fn a_key_for_the_collector_is_told_to_nobody_else() {
    let (gateway, nowhere) = (Gateway::with_key("sk-another").await, Nowhere::new());
    nothing_tells_the_key(&gateway.simulator.url(), |launch| {
        launch
            .with("PODIUM_LOG", "trace")
            .with("OTEL_EXPORTER_OTLP_ENDPOINT", nowhere.url())
            .with("OTEL_EXPORTER_OTLP_HEADERS", format!("api-key={KEY}"))
    })
    .await;
}

#[tokio::test]
async fn developers_variables_do_not_tell_the_key() {
    let gateway = Gateway::with_key(KEY).await;
    gateway.simulator.faults().set(Target::exact("/model/info"), Fault::EchoKey { status: 500 });
    nothing_tells_the_key(&gateway.simulator.url(), |launch| {
        launch
            .with("PODIUM_LOG", "trace")
            .with("RUST_LOG", "trace")
            .with("RUST_BACKTRACE", "1")
            .with("RUST_LIB_BACKTRACE", "full")
    })
    .await;
}

#[tokio::test]
async fn a_wrong_key_is_told_to_nobody() {
    let gateway = Gateway::with_key("sk-another").await;
    nothing_tells_the_key(&gateway.simulator.url(), |launch| launch.with("PODIUM_LOG", "trace"))
        .await;
    assert!(gateway.simulator.calls().iter().any(|call| !call.key_accepted), "it was refused");
}

#[tokio::test]
async fn nobody_is_told_the_key_of_a_gateway_that_is_not_there() {
    let nowhere = Nowhere::new();
    let urls = [nowhere.url(), "http://gateway.invalid:4000/llm".to_owned()];
    join_all(urls.iter().map(async |base_url| {
        nothing_tells_the_key(base_url, |launch| launch.with("PODIUM_LOG", "trace")).await;
    }))
    .await;
}

/// Somebody signs in with it, or tries to, and looks around.
async fn signing_in_does_not_tell_the_key(gateway: &Gateway, own_key: &str, status: u16) {
    let (place, collector) = (Place::new(), Collector::start().await);
    let witness = Witness::of(KEY);
    let launch = place
        .podium(&["serve", "--port", "0"])
        .with("LITELLM_BASE_URL", gateway.simulator.url())
        .with("LITELLM_API_KEY", own_key)
        .with("PODIUM_DATA_DIR", place.path("data"))
        .with("PODIUM_ACCESS", "board")
        .with("PODIUM_ACCESS_LOG", "all")
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .with("OTEL_BSP_SCHEDULE_DELAY", "20")
        .with("PODIUM_LOG", "trace");
    let server = Server::start(launch).await;
    let sign_in = server.client.post(server.url("/api/v1/sign-in"));
    let entered = answer(sign_in.body(json!({ "key": KEY }).to_string())).await.expect("answered");
    assert_eq!(entered.status, status, "{}", entered.text);
    witness.search_answer("/api/v1/sign-in", &entered);
    let cookie = entered.header("set-cookie").unwrap_or_default();
    for path in ["/api/v1/me", "/api/v1/access-log", "/tokens", "/metrics", "/api/v1/status"] {
        let asked = server.client.get(server.url(path)).header("Cookie", cookie);
        witness.search_answer(path, &answer(asked).await.expect("answered"));
    }
    witness.search_files(&place);
    witness.search_output("serve", &server.stop().await);
    witness.search_files(&place);
    nothing_was_sent_of_the_key(&collector);
}

#[tokio::test]
async fn who_signs_in_with_the_key_tells_it_to_nobody() {
    let gateway = Gateway::with_key(KEY).await;
    signing_in_does_not_tell_the_key(&gateway, KEY, 200).await;
    let gateway = Gateway::with_key("sk-another").await;
    signing_in_does_not_tell_the_key(&gateway, "sk-another", 401).await;
    for status in [401, 403, 500] {
        let gateway = Gateway::with_key(KEY).await;
        gateway.simulator.faults().set("", Fault::EchoKey { status });
        signing_in_does_not_tell_the_key(&gateway, "sk-another", 502).await;
    }
}

/// With a fault at everything, or only at usage.
async fn a_fault_does_not_tell_the_key(target: &str, fault: Fault) {
    let gateway = Gateway::with_key(KEY).await;
    gateway.simulator.faults().set(target, fault);
    nothing_tells_the_key(&gateway.simulator.url(), |launch| launch.with("PODIUM_LOG", "trace"))
        .await;
    assert!(gateway.simulator.calls().iter().all(|call| call.key_accepted), "it was the key");
}

#[tokio::test]
async fn errors_that_repeat_the_key_are_not_passed_on() {
    join_all([400, 401, 404, 429, 500, 503].map(async |status| {
        a_fault_does_not_tell_the_key("", Fault::EchoKey { status }).await;
    }))
    .await;
}

#[tokio::test]
async fn errors_about_usage_that_repeat_the_key_are_not_passed_on() {
    join_all([400, 401, 404, 429, 500, 503].map(async |status| {
        a_fault_does_not_tell_the_key("/team/daily/activity", Fault::EchoKey { status }).await;
    }))
    .await;
}

#[tokio::test]
async fn answers_of_another_shape_that_repeat_the_key_are_not_passed_on() {
    let answers = [
        json!(KEY),
        json!({ "error": KEY }),
        json!({ "results": KEY, "teams": KEY, "data": KEY }),
        json!({ "results": [KEY], "teams": [KEY], "data": [KEY] }),
        json!({ "results": [{ "date": KEY, "metrics": KEY }], "metadata": { "total_pages": KEY } }),
        json!({ "results": [], "teams": [], "litellm_version": { KEY: KEY } }),
    ];
    join_all(answers.map(async |answer| {
        a_fault_does_not_tell_the_key("", Fault::OtherJson(answer)).await;
    }))
    .await;
}

#[tokio::test]
async fn a_version_that_repeats_the_key_is_not_passed_on() {
    for answer in [json!([KEY]), json!({ "litellm_version": KEY })] {
        a_fault_does_not_tell_the_key("/health/readiness", Fault::OtherJson(answer)).await;
    }
}

#[tokio::test]
async fn the_demo_has_no_use_for_the_key_and_does_not_tell_it() {
    let place = Place::new();
    let witness = Witness::of(KEY);
    let launch = place.podium(&["demo", "--port", "0"]).with("LITELLM_API_KEY", KEY);
    let server = Server::start_demo(launch.with("PODIUM_LOG", "trace")).await;
    ask_everything(&server, &witness).await;
    witness.search_files(&place);
    witness.search_output("demo", &server.stop().await);
    witness.search_files(&place);
}

#[tokio::test]
async fn help_does_not_tell_the_key() {
    let place = Place::new();
    let witness = Witness::of(KEY);
    for arguments in [
        &["--help"] as &[_],
        &["--version"],
        &["serve", "--help"],
        &["serve", "-h"],
        &["demo", "--help"],
        &["sync", "--help"],
        &["check", "--help"],
        &["help", "serve"],
        &["openapi"],
        &[],
        &["serve", "--unknown"],
        &["sync", "--from", "yesterday"],
    ] {
        let ended = place.podium(arguments).with("LITELLM_API_KEY", KEY).run().await;
        witness.search_output(&format!("{arguments:?}"), &ended);
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_sent_is_refused_by_name() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    let place = Place::new();
    let witness = Witness::of(KEY);
    let [before, after] = [&KEY[..12], &KEY[12..]];
    let mut malformed: Vec<OsString> =
        [" ", "\t", "\n", "\r\n", "\u{1}", "\u{7f}", "é", "\u{200b}"]
            .map(|between| format!("{before}{between}{after}{KEY}").into())
            .into();
    malformed.push(OsString::from_vec([KEY.as_bytes(), b"\xff", KEY.as_bytes()].concat()));
    for key in malformed {
        for command in ["serve", "check", "sync"] {
            let launch = place.podium(&[command]).with("LITELLM_BASE_URL", "http://gateway");
            let ended =
                launch.with("LITELLM_API_KEY", &key).with("PODIUM_LOG", "trace").run().await;
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert!(ended.stderr.contains("LITELLM_API_KEY"), "{ended:?}");
            witness.search_output(command, &ended);
        }
    }
    witness.search_files(&place);
}

#[tokio::test]
async fn a_key_in_the_wrong_place_is_not_shown() {
    let place = Place::new();
    let witness = Witness::of(KEY);
    for (variable, value) in [
        ("LITELLM_BASE_URL", KEY.to_owned()),
        ("LITELLM_BASE_URL", format!("http://{KEY}@gateway")),
        ("LITELLM_BASE_URL", format!("http://user:{KEY}@gateway")),
        ("LITELLM_BASE_URL", format!("http://gateway?key={KEY}")),
        ("VITE_LEADERBOARD_BACKEND_PORT", KEY.to_owned()),
        ("VITE_LEADERBOARD_FRONTEND_PORT", KEY.to_owned()),
        ("VITE_WORKSHOP_USER", KEY.to_owned()),
        ("PODIUM_CORS_DOMAIN", KEY.to_owned()),
        ("PODIUM_CORS_ORIGINS", KEY.to_owned()),
        ("PODIUM_REFRESH", KEY.to_owned()),
        ("PODIUM_BACKFILL_DAYS", KEY.to_owned()),
        ("PODIUM_GATEWAY_TIMEOUT", KEY.to_owned()),
        ("PODIUM_LOG", KEY.to_owned()),
        ("PODIUM_LOG_FORMAT", KEY.to_owned()),
        ("PODIUM_ACCESS_LOG", KEY.to_owned()),
    ] {
        let launch = place
            .podium(&["serve"])
            .with("LITELLM_BASE_URL", "http://gateway")
            .with("LITELLM_API_KEY", "sk-other");
        let ended = launch.with(variable, value).run().await;
        assert_eq!(ended.code, Some(2), "{variable}: {ended:?}");
        assert!(ended.stderr.contains(variable), "{variable}: {ended:?}");
        witness.search_output(variable, &ended);
    }
}

#[tokio::test]
async fn lines_of_a_broken_env_file_are_not_shown() {
    let place = Place::new();
    let witness = Witness::of(KEY);
    for content in [
        KEY.to_owned(),
        format!("LITELLM_API_KEY {KEY}"),
        format!("LITELLM_API_KEY: {KEY}"),
        format!("LITELLM_API_KEY=\"{KEY}"),
        format!("LITELLM_API_KEY='{KEY}"),
        format!("{KEY}=LITELLM_API_KEY"),
        format!("LITELLM_API_KEY={KEY} {KEY}"),
    ] {
        place.write("work/.env", &content);
        let launch = place.podium(&["serve"]).with("LITELLM_BASE_URL", "http://gateway");
        let ended = launch.with("PODIUM_LOG", "trace").run().await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains("LITELLM_API_KEY"), "{ended:?}");
        witness.search_output(".env", &ended);
    }
}
