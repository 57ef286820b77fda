//! Prometheus itself, scraping a Podium that lives through corrections, midnight and a restart.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::SignedDuration;
use podium::config::DataDir;
use serde_json::Value;

use super::{book, start};
use crate::harness::{Podium, Setup};
use crate::worlds::Use;

/// A Prometheus, ended with its test.
struct Prometheus {
    process: Child,
    url: String,
    client: reqwest::Client,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

impl Prometheus {
    /// Scrapes that address each second.
    fn scraping(podium: &Podium, directory: &Path) -> Self {
        let port = free_port();
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: podium\n  \
             static_configs: [{{targets: ['{}']}}]\n",
            podium.address()
        );
        let file = directory.join("prometheus.yml");
        std::fs::write(&file, config).expect("written");
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", directory.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tools/bring prometheus brings it");
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { process, url: format!("http://127.0.0.1:{port}"), client }
    }

    /// The samples that a question has; none while nobody answers.
    async fn ask(&self, question: &str) -> Vec<Value> {
        let query: String = form_urlencoded::byte_serialize(question.as_bytes()).collect();
        let url = format!("{}/api/v1/query?query={query}", self.url);
        let Ok(answer) = self.client.get(url).send().await else { return Vec::new() };
        let Ok(answer) = answer.json::<Value>().await else { return Vec::new() };
        answer["data"]["result"].as_array().cloned().unwrap_or_default()
    }

    /// The one number that a question has.
    async fn number(&self, question: &str) -> Option<f64> {
        let samples = self.ask(question).await;
        samples.first()?["value"][1].as_str()?.parse().ok()
    }

    /// Waits until a question has this answer.
    async fn comes_to(&self, question: &str, number: f64) {
        for _ in 0..600 {
            if self.number(question).await == Some(number) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{question} is {:?} and never {number}", self.ask(question).await);
    }

    /// What was added up from scrape to scrape, as `increase` does it but for what it guesses
    /// beyond them.
    async fn risen(&self, series: &str) -> f64 {
        let samples = self.ask(&format!("{series}[30m]")).await;
        let values = samples.first().map(|series| series["values"].clone()).unwrap_or_default();
        let value = |sample: &Value| sample[1].as_str().and_then(|text| text.parse::<f64>().ok());
        let values: Vec<f64> = values.as_array().into_iter().flatten().filter_map(value).collect();
        let steps = values
            .windows(2)
            .map(|pair| if pair[1] >= pair[0] { pair[1] - pair[0] } else { pair[1] });
        steps.sum()
    }
}

async fn tokens(podium: &Podium) -> f64 {
    let path = "/tokens?start_date=2026-11-20&include=deleted,unassigned";
    let answer = podium.get(path).await.figures();
    let teams = answer["teams"].as_array().expect("teams").iter();
    teams.filter_map(|team| team["tokens"].as_f64()).sum()
}

const WHOLE: &str = "sum(podium_usage_tokens_total)";

fn used(date: &'static str, prompt: i64) -> Use {
    Use { date, prompt, completion: 0, ..Use::default() }
}

#[tokio::test]
#[ignore = "needs Debian's prometheus: make test-prometheus"]
async fn prometheus_sees_what_tokens_tells_and_nothing_ever_less() {
    let directory = tempfile::tempdir().expect("a directory");
    let setup = || Setup { data: DataDir::At(directory.path().join("podium")), ..Setup::default() };
    let (gateway, mut podium) = start(setup()).await;
    let before = tokens(&podium).await;
    let prometheus = Prometheus::scraping(&podium, directory.path());
    prometheus.comes_to("up", 1.0).await;
    prometheus.comes_to(WHOLE, 0.0).await;

    book(&gateway, &podium, [used("2026-11-24", 500)]).await;
    prometheus.comes_to(WHOLE, 500.0).await;
    let alpha = "sum(podium_team_tokens_total{team='Alpha',team_id='t-alpha'})";
    prometheus.comes_to(alpha, 500.0).await;
    // A correction, and what makes up for it.
    let less = Use { prompt: -200, successes: 0, spend: 0.0, ..used("2026-11-24", 0) };
    book(&gateway, &podium, [less]).await;
    book(&gateway, &podium, [used("2026-11-24", 300)]).await;
    prometheus.comes_to(WHOLE, 600.0).await;
    // Midnight; something comes late.
    podium.clock.advance(13);
    book(&gateway, &podium, [used("2026-11-24", 40), used("2026-11-25", 2)]).await;
    prometheus.comes_to(WHOLE, 642.0).await;
    assert_eq!(tokens(&podium).await - before, 642.0);
    prometheus.comes_to("sum(resets(podium_usage_tokens_total[30m]))", 0.0).await;
    prometheus.comes_to("sum(resets(podium_team_tokens_total[30m]))", 0.0).await;
    for by in ["team", "model", "provider"] {
        prometheus.comes_to(&format!("sum(podium_{by}_tokens_total) == bool {WHOLE}"), 1.0).await;
    }
    // It is away for a while, and back at the same address.
    let (listen, clock) = (podium.address(), podium.clock.clone());
    podium.stop().await;
    prometheus.comes_to("up", 0.0).await;
    clock.pass(SignedDuration::from_mins(5));
    let podium = Podium::start(&gateway, Setup { listen, clock, ..setup() }).await;
    podium.look().await.expect("in step");
    prometheus.comes_to("up", 1.0).await;
    prometheus.comes_to(WHOLE, 0.0).await;
    book(&gateway, &podium, [used("2026-11-25", 58)]).await;
    prometheus.comes_to(WHOLE, 58.0).await;
    let risen = prometheus.risen("podium_usage_tokens_total{kind='prompt'}").await;
    assert_eq!(risen, tokens(&podium).await - before, "nothing twice, nothing lost");
    assert_eq!(risen, 700.0);
    promtool_finds_no_fault(&podium).await;
}

/// What Prometheus's own tool says of both the names and the format.
async fn promtool_finds_no_fault(podium: &Podium) {
    use std::io::Write as _;
    let metrics = podium.get("/metrics").await.text;
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tools/bring prometheus brings it");
    promtool.stdin.take().expect("it is piped").write_all(metrics.as_bytes()).expect("it reads");
    let said = promtool.wait_with_output().expect("it ends");
    assert!(said.status.success() && said.stderr.is_empty(), "{said:?}");
}
