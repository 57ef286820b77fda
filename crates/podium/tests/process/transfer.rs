//! Moving what is stored to another place: every answer there is the same.

use gateway_sim::{Options, Simulator, Spec, World};
use jiff::ToSpan as _;
use jiff::civil::Date;
use podium::clock::{Clock as _, SystemClock};
use serde_json::Value;

use crate::backup::{assert_done, assert_refused};
use crate::gateway::{add_named, simulated};
use crate::place::{Launch, Place};
use crate::server::Server;

const DAYS: usize = 14;

/// Names that a file could break on.
const NAMES: [&str; 7] =
    ["a \"quoted\", one", "two\nlines", "🦀 Überflieger", "=1+1", "../..", "NA", "0123"];

/// All that is awkward of teams and keys, logs of some days, and names as above.
fn world(today: Date) -> World {
    let spec =
        Spec { log_days: 5, dense: false, oddities: true, ..Spec::of_size(11, 2, 4, DAYS, today) };
    let mut world = World::generate(&spec);
    add_named(&mut world, &NAMES, today, 4, |number, name| {
        (number % 2 == 0).then(|| name.to_owned())
    });
    world
}

fn stored(place: &Place, simulator: &Simulator, arguments: &[&str], directory: &str) -> Launch {
    place
        .podium(arguments)
        .with("LITELLM_BASE_URL", simulator.url())
        .with("PODIUM_DATA_DIR", place.path(directory))
}

fn serve(place: &Place, simulator: &Simulator, directory: &str) -> Launch {
    let launch = place.serve(simulator).with("PODIUM_BACKFILL_DAYS", DAYS.to_string());
    launch.with("PODIUM_DATA_DIR", place.path(directory))
}

/// Questions whose answers must be the same: the contract's, and any others.
fn questions(today: Date) -> Vec<String> {
    let start = today - (i32::try_from(DAYS).expect("few") - 1).days();
    let range = format!("start_date={start}&end_date={today}");
    // Days of other zones begin on the UTC day before, and today may not have begun there.
    let zoned = format!("start_date={}&end_date={}", start + 1.day(), today - 1.day());
    let mut questions = Vec::new();
    for path in [
        "/tokens",
        "/tokens/timeseries",
        "/tokens/models",
        "/tokens/success-rate",
        "/tokens/cost-efficiency",
        "/api/v1/leaderboard",
        "/api/v1/heatmap",
    ] {
        questions.push(format!("{path}?{range}&include=unassigned,deleted"));
        for tz in ["Asia/Kathmandu", "America/St_Johns"] {
            questions.push(format!("{path}?{zoned}&tz={tz}&include=unassigned,deleted"));
        }
    }
    questions.push(format!("/api/v1/facts.parquet?{range}&include=unassigned,deleted"));
    questions.push(format!("/api/v1/focus.csv?{range}"));
    for by in [
        "team",
        "api_key",
        "model",
        "provider_model",
        "provider",
        "endpoint",
        "mcp_tool",
        "team,api_key,model",
    ] {
        for grain in ["1d", "1mo", "total"] {
            let path = format!("/api/v1/query?{range}&by={by}&grain={grain}");
            questions.push(format!("{path}&format=csv"));
            questions.push(path);
        }
    }
    for by in ["team", "model", "provider"] {
        questions
            .push(format!("/api/v1/query?{zoned}&by={by}&grain=1h&tz=Asia/Kathmandu&format=csv"));
        questions.push(format!("/api/v1/activity?{range}&by={by}&grain=15m"));
    }
    questions
}

/// Quarter hours are added up as requests come, and anew where they moved to, which shows in the last
/// bits of amounts: the only thing that a move may change.
fn to_ten_digits(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            Value::String(format!("{:.10e}", number.as_f64().expect("it is one")))
        }
        Value::Array(values) => values.into_iter().map(to_ten_digits).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, to_ten_digits(value))).collect()
        }
        other => other,
    }
}

/// Answers without what tells when they were made.
async fn answers(server: &Server, questions: &[String]) -> Vec<(String, u16, String)> {
    let mut answers = Vec::new();
    for question in questions {
        let answer = server.get(question).await;
        let mut text = answer.text;
        if let Ok(mut json) = serde_json::from_str::<Value>(&text) {
            for part in ["as_of", "data_version"] {
                json.get_mut("meta").and_then(|meta| meta.as_object_mut()?.remove(part));
            }
            text = to_ten_digits(json).to_string();
        } else if question.contains("format=csv") || question.contains(".csv") {
            let cells = text.split_inclusive([',', '\n', '"']).map(|cell| {
                let number = cell.trim_end_matches([',', '\n', '\r', '"']);
                let end = &cell[number.len()..];
                let is_amount = number.contains('.') || number.contains('e');
                let amount = number.parse::<f64>().ok().filter(|_| is_amount);
                amount.map_or_else(|| cell.to_owned(), |amount| format!("{amount:.10e}{end}"))
            });
            text = cells.collect();
        }
        answers.push((question.clone(), answer.status, text));
    }
    answers
}

#[tokio::test]
async fn every_answer_of_a_store_that_moved_is_the_same() {
    let today = SystemClock.today().date();
    let simulator = simulated(world(today), Options::default()).await;
    let place = Place::new();
    let server = Server::start(serve(&place, &simulator, "data")).await;
    server.stores(DAYS as u64).await;
    server.knows_hours(today).await;
    // From here on nothing moves, and both servers know no more than what is stored.
    server.child.kill();
    let nobody = simulator.hold("");
    let started = async |directory| {
        let launch = serve(&place, &simulator, directory);
        Server::start(launch.with("PODIUM_GATEWAY_TIMEOUT", "1s")).await
    };
    let server = started("data").await;
    let one = place.path("one").to_str().expect("UTF-8").to_owned();
    assert_done(&stored(&place, &simulator, &["export", &one], "data").run().await);
    let beside = stored(&place, &simulator, &["import", &one], "data").run().await;
    assert_refused(&beside, "in use by another Podium");
    server.child.kill();

    assert_done(&stored(&place, &simulator, &["import", &one], "moved").run().await);
    let questions = questions(today);
    let answered = async |directory| {
        let server = started(directory).await;
        let answers = answers(&server, &questions).await;
        server.child.kill();
        answers
    };
    // What runs on has another end a quarter hour later.
    let quarter = || SystemClock.now().as_second().div_euclid(900);
    let (before, after) = loop {
        let began = quarter();
        let both = (answered("data").await, answered("moved").await);
        if quarter() == began {
            break both;
        }
    };
    let mut differing = Vec::new();
    for ((question, status, before), (_, _, after)) in before.iter().zip(&after) {
        if before != after {
            differing.push(format!("{question}:\n{before}\nand now\n{after}"));
        }
        assert_eq!(*status, 200, "{question}: {before}");
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    // And once more: the same files.
    let other = place.path("other").to_str().expect("UTF-8").to_owned();
    assert_done(&stored(&place, &simulator, &["export", &other], "moved").run().await);
    for entry in std::fs::read_dir(&one).expect("a directory") {
        let name = entry.expect("a file").file_name();
        let read =
            |directory: &str| std::fs::read(place.path(directory).join(&name)).expect("a file");
        let is_parquet = name.to_string_lossy().ends_with(".parquet");
        assert!(!is_parquet || read("one") == read("other"), "{name:?} is another");
    }
    drop(nobody);
}

#[tokio::test]
async fn what_cannot_be_exported_or_imported_is_told_in_a_sentence() {
    let place = Place::new();
    let world = World::generate(&Spec::of_size(1, 1, 1, 1, SystemClock.today().date()));
    let simulator = Simulator::start(world).await.expect("a free port");
    let target = place.path("export").to_str().expect("UTF-8").to_owned();
    let run = |command: &str, directory: &str| {
        stored(&place, &simulator, &[command, &target], directory).run()
    };
    assert_refused(&run("export", "none").await, "there is no usage at");
    assert_refused(&run("import", "none").await, "is no export");
    let memory = stored(&place, &simulator, &["export", &target], "none");
    assert_refused(&memory.with("PODIUM_DATA_DIR", ":memory:").run().await, "memory only");
    assert!(!place.path("export").exists());
}
