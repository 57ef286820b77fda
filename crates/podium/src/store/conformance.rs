//! What every store must do: random operations on `dyn Ledger` and `dyn Facts` beside a plain model,
//! which keeps everything in lists and adds up row by row.
//!
//! A store passes if the ledger, sums of random questions and the outcome of every operation are
//! those of the model: after each operation, after restarts, and for readers of an earlier moment.

mod model;
mod worlds;

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use super::{EmbeddedStore, Extract, Intake, IntakeError, Location, Reader, Store};
use crate::usage::{DayRange, Dimension, Histogram, Metrics, Span, SumQuestion, quarters_of_days};
use model::Model;
use worlds::{Operation, World};

/// Slot and ids to what was used, with the times where they are asked for.
type Sum = HashMap<(u32, Vec<String>), (Metrics, Histogram, Histogram)>;

/// A store that can be closed and opened again.
trait Kept {
    /// Opens it: what was there before is there again.
    fn open(&mut self, now: Timestamp) -> Store;
    /// Whether it outlives a restart.
    fn is_kept(&self) -> bool;
}

/// How many random histories of how many operations.
fn runner(cases: u32) -> TestRunner {
    let seed = RngSeed::Fixed(20_261_126);
    TestRunner::new(Config {
        cases,
        rng_seed: seed,
        failure_persistence: None,
        ..Config::default()
    })
}

fn conforms(cases: u32, make: impl Fn() -> Box<dyn Kept>) {
    let often: u32 =
        std::env::var("PODIUM_CONFORMANCE").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let operations = vec(any::<u64>(), 1..24);
    let outcome = runner(cases * often).run(&operations, |seeds| {
        runtime.block_on(history(make().as_mut(), &seeds)).map_err(TestCaseError::fail)
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// One history; says what differs.
async fn history(kept: &mut dyn Kept, seeds: &[u64]) -> Result<(), String> {
    let mut world = World::default();
    let mut model = Model::default();
    let mut store = kept.open(world.now());
    let mut earlier: Vec<(Reader, Model, u64)> = Vec::new();
    for (step, seed) in seeds.iter().enumerate() {
        let before = store.read();
        let operation = world.operation(*seed);
        let told = format!("step {step}: {operation:?}");
        if matches!(operation, Operation::Restart) && kept.is_kept() {
            earlier.clear();
            drop(before);
            let version = store.ledger.state().version();
            drop(store);
            store = kept.open(world.now());
            model.restart();
            ensure(store.ledger.state().version() > version, "no version is used twice", &told)?;
        } else {
            let changed = model.apply(&operation);
            apply(&store, &operation, &model).await.map_err(|fault| format!("{told}: {fault}"))?;
            versions(&before, &store, changed).map_err(|fault| format!("{told}: {fault}"))?;
            days_alone(&before, &store.read()).await.map_err(|fault| format!("{told}: {fault}"))?;
        }
        let reader = store.read();
        same(&reader, &model, *seed).await.map_err(|fault| format!("{told}: {fault}"))?;
        earlier.push((reader, model.clone(), *seed));
    }
    for (reader, model, seed) in earlier {
        same(&reader, &model, seed).await.map_err(|fault| format!("later: {fault}"))?;
    }
    Ok(())
}

fn ensure(holds: bool, rule: &str, told: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{told}: {rule}")) }
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, store: T, model: T) -> Result<(), String> {
    if store == model { Ok(()) } else { Err(format!("{what}: {store:?}, and not {model:?}")) }
}

async fn apply(store: &Store, operation: &Operation, model: &Model) -> Result<(), String> {
    let (ledger, facts) = (&store.ledger, &store.facts);
    let done = match operation.clone() {
        Operation::ReplaceDay(usage, state) => facts.replace_day(*usage, state).await,
        Operation::Check(days, at) => ledger.mark_checked(&days, at).await,
        Operation::List(teams, at) => ledger.replace_teams(teams, at).await,
        Operation::NameModels(names) => ledger.name_models(names).await,
        Operation::EmptyBefore(day) => ledger.set_empty_before(day).await,
        Operation::Find(findings) => ledger.record_findings(findings).await,
        Operation::Forget(keep_from, seen_from) => {
            facts.forget_quarters(keep_from, seen_from).await
        }
        Operation::Add(requests, log_days) => {
            let added = facts.add_requests(requests, log_days).await;
            let added = added.map_err(|error| error.to_string())?;
            return equal("what became of requests", added, model.added);
        }
        Operation::Restart => Ok(()),
    };
    done.map_err(|error| error.to_string())
}

/// The version grows with figures and names, the revision with everything.
fn versions(before: &Reader, store: &Store, changed: bool) -> Result<(), String> {
    let now = store.ledger.state();
    let grew = now.version() > before.ledger.version();
    if changed && !grew {
        return Err("a figure or a name changed, the version did not".to_owned());
    }
    if now.version() < before.ledger.version() || now.revision() < before.ledger.revision() {
        return Err("versions do not fall".to_owned());
    }
    equal("what listeners hear", *store.ledger.changes().borrow(), now.revision())?;
    equal("the reader's ledger", store.read().ledger.revision(), now.revision())
}

/// Days whose version stayed add up to what they did.
async fn days_alone(before: &Reader, now: &Reader) -> Result<(), String> {
    let mut days = BTreeSet::new();
    for ledger in [&before.ledger, &now.ledger] {
        days.extend(ledger.days.keys().chain(ledger.explained.keys()).copied());
    }
    for day in days {
        let range = DayRange::single(day);
        if before.ledger.version_of(range) != now.ledger.version_of(range) {
            continue;
        }
        for span in [Span::Days(range), Span::Quarters(quarters_of_days(range))] {
            let question = worlds::everything(span);
            let [then, now] = [sums_of(before, &question).await?, sums_of(now, &question).await?];
            differ(&now, &then)
                .map_err(|row| format!("{day} changed, its version did not: {row}"))?;
        }
    }
    Ok(())
}

/// Compares the ledger and some sums.
async fn same(reader: &Reader, model: &Model, seed: u64) -> Result<(), String> {
    model.compare(reader)?;
    for question in worlds::questions(seed) {
        let store = sums_of(reader, &question).await?;
        differ(&store, &model.sum(&question)).map_err(|row| format!("{question:?}: {row}"))?;
    }
    Ok(())
}

async fn sums_of(reader: &Reader, question: &SumQuestion) -> Result<Sum, String> {
    let sums = reader.facts.sum(question).await.map_err(|error| error.to_string())?;
    let mut rows = Sum::new();
    for (row, (slot, group)) in sums.rows.iter().enumerate() {
        let ids = (0..question.by.len()).map(|place| sums.id(*group, place).to_string()).collect();
        let times = sums.times.get(row).cloned().unwrap_or_default();
        if rows.insert((*slot, ids), (sums.metrics(row), times.0, times.1)).is_some() {
            return Err("two rows of one slot and group".to_owned());
        }
    }
    Ok(rows)
}

/// The first row that differs; a row without usage is like none.
fn differ(store: &Sum, model: &Sum) -> Result<(), String> {
    let nothing = Default::default();
    for place in store.keys().chain(model.keys()) {
        let (ours, theirs) =
            (store.get(place).unwrap_or(&nothing), model.get(place).unwrap_or(&nothing));
        let near = |(a, b): (f64, f64)| (a - b).abs() < 1e-9;
        let amounts = ours.0.amounts().into_iter().zip(theirs.0.amounts());
        let is_same = ours.0.counts() == theirs.0.counts() && amounts.into_iter().all(near);
        if !is_same || (&ours.1, &ours.2) != (&theirs.1, &theirs.2) {
            return Err(format!("{place:?}: {ours:?}, and not {theirs:?}"));
        }
    }
    Ok(())
}

struct InMemory;

impl Kept for InMemory {
    fn open(&mut self, now: Timestamp) -> Store {
        EmbeddedStore::open(&Location::Memory, now).expect("memory").store()
    }

    fn is_kept(&self) -> bool {
        false
    }
}

/// A file of which much is in memory, or nothing.
struct InFile {
    directory: tempfile::TempDir,
    memory: u64,
}

impl InFile {
    fn location(&self) -> Location {
        Location::File(self.directory.path().join("gateway.sqlite3"))
    }
}

impl Kept for InFile {
    fn open(&mut self, now: Timestamp) -> Store {
        let opened = EmbeddedStore::open_within(&self.location(), now, self.memory);
        opened.expect("the file").store()
    }

    fn is_kept(&self) -> bool {
        true
    }
}

#[test]
fn the_store_in_memory_does_what_every_store_must() {
    conforms(400, || Box::new(InMemory));
}

#[test]
fn the_store_in_a_file_does_what_every_store_must() {
    conforms(40, || in_file(1 << 30));
}

#[test]
fn a_store_with_more_history_than_memory_does_what_every_store_must() {
    conforms(40, || in_file(1));
}

fn in_file(memory: u64) -> Box<dyn Kept> {
    Box::new(tempfile(memory))
}

fn tempfile(memory: u64) -> InFile {
    InFile { directory: tempfile::tempdir().expect("a directory"), memory }
}

/// All records of a store, one after the other.
fn move_records(from: &Extract, mut to: Intake, now: Timestamp) -> Result<(), IntakeError> {
    to.add_names(from.names())?;
    for day in from.days() {
        to.add_day(&day, &from.usage_of(day.day)?)?;
    }
    for day in from.log_days() {
        to.add_logs(day, &from.logs_of(day)?)?;
    }
    to.add_rest(from.findings(), from.empty_before(), from.seen_from())?;
    to.finish(now).map(drop)
}

/// Plays a history in one place, and moves what it left to another.
async fn moved(seeds: &[u64]) -> Result<(), String> {
    let (mut here, mut there) = (tempfile(1 << 30), tempfile(1 << 30));
    let (mut world, mut model) = (World::default(), Model::default());
    let store = here.open(world.now());
    for seed in seeds {
        let operation = world.operation(*seed);
        model.apply(&operation);
        apply(&store, &operation, &model).await?;
    }
    let told = |error: &dyn std::fmt::Display| format!("{error}");
    let one = Extract::open(&here.location()).map_err(|error| told(&error))?;
    let intake = Intake::begin(&there.location()).map_err(|error| told(&error))?;
    move_records(&one, intake, world.now()).map_err(|error| told(&error))?;
    let other = Extract::open(&there.location()).map_err(|error| told(&error))?;
    equal("days", other.days().collect::<Vec<_>>(), one.days().collect())?;
    for day in one.days() {
        equal("usage", other.usage_of(day.day).ok(), one.usage_of(day.day).ok())?;
    }
    equal("days of logs", other.log_days().collect::<Vec<_>>(), one.log_days().collect())?;
    for day in one.log_days() {
        equal("logs", other.logs_of(day).ok(), one.logs_of(day).ok())?;
    }
    equal("names", other.names(), one.names())?;
    equal("findings", other.findings(), one.findings())?;
    drop(other);
    model.restart();
    let store = there.open(world.now());
    for seed in seeds {
        same(&store.read(), &model, *seed).await?;
    }
    Ok(())
}

#[test]
fn a_store_that_was_moved_is_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let outcome = runner(20).run(&vec(any::<u64>(), 1..24), |seeds| {
        runtime.block_on(moved(&seeds)).map_err(TestCaseError::fail)
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn all_dimensions_and_kinds_of_spans_are_asked_for() {
    let asked: Vec<SumQuestion> = (0..200).flat_map(worlds::questions).collect();
    for dimension in Dimension::ALL {
        assert!(asked.iter().any(|question| question.by.contains(&dimension)), "{dimension:?}");
        let is_filtered = |question: &SumQuestion| {
            question.filter.dimensions().any(|filtered| filtered == dimension)
        };
        assert!(asked.iter().any(is_filtered), "{dimension:?}");
    }
    let spans = asked.iter().flat_map(|question| question.slots.iter().flatten());
    let kinds: std::collections::HashSet<_> = spans.map(std::mem::discriminant).collect();
    assert_eq!(kinds.len(), 4);
}
