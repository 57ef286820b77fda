//! Exports as other programs read them: `tests/readers/read.py` has pyarrow, pandas, polars and
//! DuckDB, and compares their sums with the answers in JSON.

use gateway_sim::{Options, Simulator, Spec, World};
use jiff::ToSpan as _;
use jiff::civil::Date;
use podium::clock::{Clock as _, SystemClock};
use serde_json::json;
use tokio::process::Command;

use crate::gateway::{add_named, simulated};
use crate::place::Place;
use crate::server::Server;

const DAYS: usize = 10;

/// Names that a file could break on, of teams and of models.
const NAMES: [&str; 12] = [
    "Red, Green and Blue",
    "The \"Quoted\" One",
    "semi;colon\tand tab",
    "two\nlines",
    "🦀 Überflieger 日本語",
    "=1+1",
    "+49 30 1234",
    "-2+3",
    "@SUM(A1:A9)",
    "'already guarded",
    "NA",
    "0123",
];

/// Ordinary teams with logs of the last days, and one team and model for each of the names.
fn world(today: Date) -> World {
    let spec = Spec { log_days: 2, ..Spec::of_size(6, 2, 4, DAYS, today) };
    let mut world = World::generate(&spec);
    add_named(&mut world, &NAMES, today, 3, |_, name| Some(name.to_owned()));
    world
}

fn first_day(today: Date) -> Date {
    today - (i32::try_from(DAYS).expect("few") - 1).days()
}

/// A server that knows the days, and hours as well.
async fn everything_read(place: &Place, simulator: &Simulator, start: Date, today: Date) -> Server {
    let server = Server::start(place.serve(simulator)).await;
    server.get(&format!("/tokens?start_date={start}&end_date={today}")).await.figures();
    server.knows_hours(today).await;
    server
}

#[tokio::test]
#[ignore = "needs Python and its packages: make test-readers"]
async fn the_programs_people_use_read_the_same_sums_out_of_every_file() {
    let today = SystemClock.today().date();
    let simulator = simulated(world(today), Options::default()).await;
    let place = Place::new();
    let start = first_day(today);
    let server = everything_read(&place, &simulator, start, today).await;
    let given = json!({
        "url": server.url(""),
        "start": start.to_string(),
        "end": today.to_string(),
        "teams": NAMES,
        "models": NAMES,
    });

    let python = std::env::var("PODIUM_READERS_PYTHON").expect("make test-readers sets it");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/read.py");
    let read = Command::new(python).arg(script).arg(given.to_string()).status().await;
    assert!(read.expect("Python starts").success(), "they do not agree");
    server.stop().await;
}

#[tokio::test]
#[ignore = "needs Python and its packages: make test-readers"]
async fn the_programs_people_use_read_every_file_of_an_export() {
    let today = SystemClock.today().date();
    let simulator = simulated(world(today), Options::default()).await;
    let place = Place::new();
    let server = everything_read(&place, &simulator, first_day(today), today).await;
    let target = place.path("export");
    let export = place.podium(&["export", target.to_str().expect("UTF-8")]);
    let export = export.in_front_of(&simulator).with("PODIUM_DATA_DIR", place.path("data"));
    let ended = export.run().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let python = std::env::var("PODIUM_READERS_PYTHON").expect("make test-readers sets it");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/export.py");
    let chapter = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/BACKUP.md");
    let read = Command::new(python).arg(script).arg(&target).arg(chapter).status().await;
    assert!(read.expect("Python starts").success(), "they do not agree");
    server.stop().await;
}
