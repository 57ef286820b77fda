//! Single bits that flip in a data file: nothing wrong is told, and every start goes well.

use super::*;
use crate::store::{DayState, Facts as _, Ledger as _, LogDay, Reader};
use crate::usage::{
    AuditedDay, Cause, Columns, Day, DayRange, DayUsage, Dimension, Filter, Finding, KeyUsage,
    Metrics, Quarter, Request, Span, SumQuestion, Team, TeamUsage, quarters_of,
};

const TODAY: &str = "2026-11-24";

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a timestamp")
}

fn days() -> DayRange {
    DayRange::ending(Day::parse(TODAY).expect("a day"), 6)
}

fn usage(day: Day, factor: i64) -> DayUsage {
    let mut usage = DayUsage::empty(day);
    usage.has_usage = true;
    for team in 0..5 {
        let team_id = format!("team-{team}");
        let mut of_team = TeamUsage { team_id: team_id.clone(), ..TeamUsage::default() };
        for key in 0..3 {
            let api_key = format!("{team_id}-key-{key}-0123456789abcdef");
            let mut of_key = KeyUsage { api_key: api_key.clone(), ..KeyUsage::default() };
            for model in ["acme/one", "acme/two"] {
                let metrics = Metrics {
                    total_tokens: factor * (team + 1) * 1_000 + key,
                    requests: factor,
                    spend_usd: 0.125,
                    ..Metrics::default()
                };
                of_key.metrics += &metrics;
                of_key.models.push((model.to_owned(), metrics));
            }
            let provider = format!("provider-{key}");
            of_key.facets.push((Dimension::Provider, provider, of_key.metrics));
            usage.key_aliases.insert(api_key, format!("key {key} of {team_id}"));
            of_team.metrics += &of_key.metrics;
            of_team.keys.push(of_key);
        }
        usage.total += &of_team.metrics;
        usage.teams.push(of_team);
    }
    usage
}

fn request(day: Day, n: u32) -> Request {
    let at = Quarter(quarters_of(day).start.0 + i64::from(n % 96)).start();
    Request {
        identity: u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
        started_at: at,
        team_id: format!("team-{}", n % 5),
        api_key: format!("key-{}", n % 7),
        model_group: "acme/one".to_owned(),
        metrics: Metrics { total_tokens: 10, requests: 1, ..Metrics::default() },
        duration_ms: Some(1_000),
        ..Request::default()
    }
}

async fn fill(store: &EmbeddedStore) {
    let teams = (0..5).map(|n| Team { team_id: format!("team-{n}"), alias: Some(format!("T{n}")) });
    store.replace_teams(teams.collect(), now()).await.expect("stored");
    for (n, day) in (1..).zip(days().newest_first()) {
        let discrepancy = (n == 3).then(|| crate::store::Discrepancy {
            read: Metrics { requests: 1, ..Metrics::default() },
            gateway: Metrics { requests: 2, ..Metrics::default() },
        });
        let state = DayState { fetched_at: now(), checked_at: now(), has_usage: true, discrepancy };
        store.replace_day(usage(day, n), state).await.expect("stored");
        let log_day = LogDay { read_until: Some(day.end()), read_at: Some(now()), pushed: false };
        let requests = (0..60).map(|n| request(day, n)).collect();
        store.add_requests(requests, vec![(day, log_day)]).await.expect("stored");
    }
    let found = AuditedDay {
        day: days().first(),
        ours: None,
        gateway: Metrics { requests: 5, ..Metrics::default() },
        cause: Cause::Moved,
    };
    store.record_findings(vec![Finding { found_at: now(), found }]).await.expect("stored");
    store.set_empty_before(days().first()).await.expect("stored");
}

/// The sums of a span, each row as a text.
async fn rows(reader: &Reader, span: Span, by: &[Dimension]) -> Vec<String> {
    let question = SumQuestion {
        with_times: matches!(span, Span::Quarters(_)),
        most_rows: usize::MAX,
        slots: vec![vec![span]],
        by: by.to_vec(),
        filter: Filter::default(),
        columns: Columns::ALL,
    };
    let sums = reader.facts.sum(&question).await.expect("sums");
    let row = |(row, (_, group)): (usize, &(u32, u32))| {
        let ids: Vec<_> = (0..by.len()).map(|place| sums.id(*group, place)).collect();
        format!("{ids:?} {:?} {:?}", sums.metrics(row), sums.times.get(row))
    };
    let mut rows: Vec<String> = sums.rows.iter().enumerate().map(row).collect();
    rows.sort_unstable();
    rows
}

/// Everything that is told of one day: its facts by everything, and whether it is in doubt.
async fn told_of_day(reader: &Reader, day: Day) -> Option<String> {
    use Dimension::{ApiKey, Model, Provider, Team};
    let state = reader.ledger.day_state(day)?;
    let mut told = vec![format!("{:?} {:?}", state.discrepancy, state.has_usage)];
    for by in [&[Team] as &[Dimension], &[Team, ApiKey], &[Team, ApiKey, Model], &[Provider]] {
        told.extend(rows(reader, Span::Days(DayRange::single(day)), by).await);
    }
    told.push(format!("{:?}", reader.ledger.day_total(day)));
    Some(told.join("\n"))
}

/// Everything that is told of the hours of one day, if it is said to be known.
async fn told_of_hours(reader: &Reader, day: Day) -> Option<String> {
    let log_day = reader.ledger.log_day(day)?;
    let by = [Dimension::Team, Dimension::ApiKey, Dimension::Model];
    let rows = rows(reader, Span::Quarters(quarters_of(day)), &by).await;
    Some(format!("{log_day:?} {:?} {}", reader.ledger.explained(day), rows.join("\n")))
}

struct Truth {
    days: Vec<(Day, String, String)>,
    teams: String,
}

async fn truth(store: &EmbeddedStore) -> Truth {
    let reader = store.read();
    let mut truth = Vec::new();
    for day in days().newest_first() {
        let of_day = told_of_day(&reader, day).await.expect("stored");
        truth.push((day, of_day, told_of_hours(&reader, day).await.expect("stored")));
    }
    Truth { days: truth, teams: format!("{:?}", reader.ledger.teams()) }
}

/// Sends the requests of a day once more, as reading its logs anew does: each counts once in all.
async fn read_hours_anew(store: &EmbeddedStore, day: Day) {
    let log_day = LogDay { read_until: Some(day.end()), read_at: Some(now()), pushed: false };
    let requests = (0..60).map(|n| request(day, n)).collect();
    store.add_requests(requests, vec![(day, log_day)]).await.expect("stored");
}

#[tokio::test]
async fn a_flipped_bit_never_tells_a_wrong_figure_and_never_stops_a_start() {
    let flips: u64 =
        std::env::var("PODIUM_FLIPS").ok().and_then(|flips| flips.parse().ok()).unwrap_or(100);
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("gateway.sqlite3");
    let location = Location::File(path.clone());
    let store = EmbeddedStore::open(&location, now()).expect("a new file");
    fill(&store).await;
    let truth = truth(&store).await;
    drop(store);
    let sound = std::fs::read(&path).expect("the file");
    let mut dice = fastrand::Rng::with_seed(8);
    let (mut equal, mut forgotten, mut anew) = (0, 0, 0);
    for flip in 0..flips {
        let bit = dice.usize(..sound.len() * 8);
        let mut flipped = sound.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("gateway.sqlite3");
        std::fs::write(&path, &flipped).expect("written");
        let opened = EmbeddedStore::open(&Location::File(path.clone()), now());
        let store = opened.unwrap_or_else(|error| panic!("flip {flip} of bit {bit}: {error}"));
        store.look_over().await.unwrap_or_else(|error| panic!("flip {flip} of bit {bit}: {error}"));
        anew += usize::from(std::fs::read_dir(place.path()).expect("files").any(|file| {
            file.is_ok_and(|file| file.file_name().to_string_lossy().contains("damaged"))
        }));
        for (day, of_day, of_hours) in &truth.days {
            let reader = store.read();
            match told_of_day(&reader, *day).await {
                Some(told) if told == *of_day => equal += 1,
                Some(told) => panic!("flip {flip} of bit {bit}, {day}: {told}\nnot\n{of_day}"),
                None => forgotten += 1,
            }
            let told = told_of_hours(&reader, *day).await;
            if let Some(told) = &told {
                assert_eq!(told, of_hours, "flip {flip} of bit {bit}, hours of {day}");
            }
            drop(reader);
            // What is unknown is read, and what ended lately is read once more.
            if told.is_none() || *day >= Day::of(now()).minus(2) {
                read_hours_anew(&store, *day).await;
                let told = told_of_hours(&store.read(), *day).await;
                assert_eq!(told.as_ref(), Some(of_hours), "flip {flip} of bit {bit}, {day} anew");
            }
        }
        let teams = format!("{:?}", store.state().teams());
        assert!(teams == truth.teams || teams == "None", "flip {flip} of bit {bit}: {teams}");
        drop(store);
        let health = EmbeddedStore::inspect(&Location::File(path)).expect("a verdict");
        let is_told = health.fault.as_ref().is_some_and(|fault| fault.contains("not as it was"));
        assert!(!is_told, "flip {flip} of bit {bit}: {:?}", health.fault);
    }
    let all = equal + forgotten;
    assert!(equal > forgotten, "{equal} of {all} days survived");
    eprintln!(
        "{flips} flips: {equal} of {all} days as before, {forgotten} to be read anew, {anew} files set aside"
    );
}
