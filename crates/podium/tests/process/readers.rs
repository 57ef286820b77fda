//! Exports as other programs read them: `tests/readers/read.py` has pyarrow, pandas, polars and
//! DuckDB, and compares their sums with the answers in JSON.

use gateway_sim::{DailyRow, Options, Simulator, Spec, World};
use jiff::ToSpan as _;
use jiff::civil::Date;
use podium::clock::{Clock as _, SystemClock};
use serde_json::json;
use tokio::process::Command;

use crate::place::Place;
use crate::server::Server;
use crate::stream::until;

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
    for (number, name) in NAMES.into_iter().enumerate() {
        let (team, key) = (format!("team-{number}"), format!("key-{number}"));
        world.add_team(&team, Some(name));
        world.add_key(&key, Some(name), Some(&team));
        for ago in 0..3 {
            let mut row: DailyRow = world.rows_of(today).next().expect("every day has rows");
            row.date = today - ago.days();
            row.team_id = Some(team.clone());
            row.api_key.clone_from(&key);
            row.model_group = Some(name.to_owned());
            world.record(row);
        }
    }
    world
}

fn first_day(today: Date) -> Date {
    today - (i32::try_from(DAYS).expect("few") - 1).days()
}

/// A server that knows the days, and the hours of yesterday: today may be too young to have any.
async fn everything_read(place: &Place, simulator: &Simulator, start: Date, today: Date) -> Server {
    let server = Server::start(place.serve(simulator)).await;
    server.get(&format!("/tokens?start_date={start}&end_date={today}")).await.figures();
    let yesterday = today - 1.day();
    let hours = format!("/api/v1/query?grain=1h&start_date={yesterday}&end_date={yesterday}");
    until("hours", async || server.get(&hours).await.status == 200).await;
    server
}

#[tokio::test]
#[ignore = "needs Python and its packages: make test-readers"]
async fn the_programs_people_use_read_the_same_sums_out_of_every_file() {
    let today = SystemClock.today().date();
    let options = Options { clock: Some(gateway_sim::Clock::system()), ..Options::default() };
    let simulator = Simulator::start_with(world(today), options).await.expect("a free port");
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
    let options = Options { clock: Some(gateway_sim::Clock::system()), ..Options::default() };
    let simulator = Simulator::start_with(world(today), options).await.expect("a free port");
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
