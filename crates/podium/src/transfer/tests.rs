use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;

use jiff::Timestamp;
use parquet::basic::Encoding;
use parquet::file::properties::WriterProperties;

use super::records::Value;
use super::writer::TableWriter;
use super::*;
use crate::store::{
    DayState, Discrepancy, EmbeddedStore, Facts as _, Ledger as _, Location, LogDay,
};
use crate::usage::{
    AuditedDay, Cause, Day, DayUsage, Dimension, Finding, KeyUsage, Metrics, Request,
    RequestSource, Team, TeamUsage,
};

const GATEWAY: &str = "a gateway";
/// Names that a file could break on.
const NAMES: [&str; 6] =
    ["", "two\nlines", "🦀 Überflieger 日本語", "=1+1", "../../etc/passwd", "NULL"];

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a timestamp")
}

fn metrics(tokens: i64) -> Metrics {
    Metrics {
        total_tokens: tokens,
        prompt_tokens: tokens - 1,
        requests: 2,
        spend_usd: 0.1 * tokens as f64,
        ..Metrics::default()
    }
}

/// A day with a team and a key for each name; keys that tell more than their teams, and models that tell
/// less than their keys.
fn usage(day: Day, tokens: i64) -> DayUsage {
    let mut usage = DayUsage::empty(day);
    usage.has_usage = true;
    for (n, name) in (0_i64..).zip(NAMES) {
        let whole = metrics(tokens + n);
        let models = NAMES.map(|model| (model.to_owned(), metrics(1))).to_vec();
        let facets = vec![(Dimension::Endpoint, name.to_owned(), metrics(tokens * 3))];
        let api_key = format!("key {name}");
        let keys = vec![KeyUsage { api_key, metrics: metrics(tokens * 2), models, facets }];
        usage.total += &whole;
        usage.teams.push(TeamUsage { team_id: name.to_owned(), metrics: whole, keys });
        usage.key_aliases.insert(format!("key {name}"), name.to_owned());
    }
    usage
}

/// A directory with a store that has something of everything; the store is closed.
async fn filled() -> (tempfile::TempDir, Location) {
    let directory = tempfile::tempdir().expect("a directory");
    let location = Location::File(directory.path().join("here/gateway.sqlite3"));
    let store = EmbeddedStore::open(&location, now()).expect("a new file");
    let today = Day::of(now());
    let state =
        DayState { fetched_at: now(), checked_at: now(), has_usage: true, discrepancy: None };
    for ago in [3, 1, 2] {
        store.replace_day(usage(today.minus(ago), 10), state.clone()).await.expect("stored");
    }
    let both = Discrepancy { read: metrics(3), gateway: metrics(4) };
    let unsure = DayState { discrepancy: Some(both), ..state.clone() };
    store.replace_day(usage(today, 20), unsure).await.expect("stored");
    let nothing = DayState { has_usage: false, ..state };
    store.replace_day(DayUsage::empty(today.minus(9)), nothing).await.expect("stored");
    let team = |team_id: &str, alias: Option<&str>| Team {
        team_id: team_id.to_owned(),
        alias: alias.map(str::to_owned),
    };
    let teams = vec![team("=1+1", Some("first")), team("", None)];
    store.replace_teams(teams, now()).await.expect("stored");
    let request = |n: i64| Request {
        team_id: NAMES[2].to_owned(),
        model: NAMES[1].to_owned(),
        identity: u128::from(n.unsigned_abs()) << 70 | 5,
        source: if n % 2 == 0 { RequestSource::Logs } else { RequestSource::Push },
        started_at: now() - jiff::SignedDuration::from_mins(7 * n),
        duration_ms: (n % 3 > 0).then_some(n * n * 100),
        first_token_ms: (n % 5 > 0).then_some(n),
        metrics: metrics(n),
        ..Request::default()
    };
    let log_day = LogDay { read_until: Some(now()), read_at: None, pushed: true };
    let requests = (0..400).map(request).collect();
    store.add_requests(requests, vec![(today, log_day)]).await.expect("stored");
    let found = AuditedDay { day: today, ours: None, gateway: metrics(4), cause: Cause::NotStored };
    let ours = AuditedDay { ours: Some(metrics(1)), cause: Cause::Moved, ..found.clone() };
    let findings = [found, ours].map(|found| Finding { found_at: now(), found }).to_vec();
    store.record_findings(findings).await.expect("stored");
    store.set_empty_before(today.minus(40)).await.expect("stored");
    (directory, location)
}

fn content(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut files: Vec<_> = entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let content = fs::read(entry.path()).expect("a file");
            (entry.file_name().to_string_lossy().into_owned(), content)
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn an_export_of_an_import_is_the_same_files() {
    let (directory, here) = filled().await;
    let one = directory.path().join("one");
    let manifest = export(&here, GATEWAY, &one, now()).expect("an export");
    assert!(manifest.files.iter().all(|file| file.rows > 0), "{:?}", manifest.files);
    for entry in fs::read_dir(&one).expect("a directory") {
        let mode = entry.expect("a file").metadata().expect("its mode").permissions().mode();
        assert_eq!(mode & 0o077, 0, "others may not read it");
    }
    let there = Location::File(directory.path().join("there/gateway.sqlite3"));
    import(&one, &there, GATEWAY, false, now()).expect("an import");
    let other = directory.path().join("other");
    export(&there, GATEWAY, &other, now()).expect("an export");
    let (one, other) = (content(&one), content(&other));
    let names: Vec<&String> = one.iter().map(|(name, _)| name).collect();
    assert_eq!(names, other.iter().map(|(name, _)| name).collect::<Vec<_>>());
    for ((name, one), (_, other)) in one.iter().zip(&other) {
        assert!(one == other, "{name} is another");
    }
    // It answers as the one it came from.
    let state = |location: &Location| EmbeddedStore::open(location, now()).expect("it opens");
    let (one, other) = (state(&here), state(&there));
    for ago in 0..10 {
        let day = Day::of(now()).minus(ago);
        assert_eq!(one.read().totals(day), other.read().totals(day));
        assert_eq!(one.state().explained(day), other.state().explained(day));
        assert_eq!(one.state().day_state(day), other.state().day_state(day));
    }
}

#[tokio::test]
async fn an_export_needs_a_new_place_and_an_import_an_empty_one() {
    let (directory, here) = filled().await;
    let target = directory.path().join("export");
    fs::create_dir(&target).expect("a directory");
    export(&here, GATEWAY, &target, now()).expect("an empty directory is a new one");
    let error = export(&here, GATEWAY, &target, now()).expect_err("it is taken");
    assert!(matches!(error, TransferError::Taken(_)), "{error}");
    let error = import(&target, &here, GATEWAY, false, now()).expect_err("it is not empty");
    assert!(error.to_string().contains("needs an empty place"), "{error}");
    let there = Location::File(directory.path().join("there/gateway.sqlite3"));
    let error = import(&target, &there, "another", false, now()).expect_err("another gateway");
    assert!(matches!(error, TransferError::OtherGateway), "{error}");
    let error = import(directory.path(), &there, GATEWAY, false, now()).expect_err("no export");
    assert!(matches!(error, TransferError::NoExport(..)), "{error}");
    import(&target, &there, "another", true, now()).expect("it was said so");
}

/// An export in a directory of its own, to be harmed.
async fn exported() -> (tempfile::TempDir, PathBuf, Location) {
    let (directory, here) = filled().await;
    let target = directory.path().join("export");
    export(&here, GATEWAY, &target, now()).expect("an export");
    let there = Location::File(directory.path().join("there/gateway.sqlite3"));
    (directory, target, there)
}

fn file(target: &Path, table: usize) -> PathBuf {
    target.join(tables()[table].file())
}

/// Writes lengths, hashes and rows into the manifest as they are now: who forges does that, too.
fn forge(target: &Path, rows: Option<(usize, u64)>) {
    let path = target.join(manifest::NAME);
    let text = fs::read_to_string(&path).expect("a manifest");
    let mut manifest: ExportManifest = serde_json::from_str(&text).expect("a manifest");
    for (table, told) in manifest.files.iter_mut().enumerate() {
        let mut file = File::open(target.join(&told.name)).expect("a file");
        (told.bytes, told.sha256) = crate::hashing::of_all(&mut file).expect("its hash");
        if let Some((_, rows)) = rows.filter(|(of, _)| *of == table) {
            told.rows = rows;
        }
    }
    fs::write(path, manifest.text()).expect("written");
}

fn refused(target: &Path, there: &Location) -> String {
    let error = import(target, there, GATEWAY, false, now()).expect_err("it is harmed").to_string();
    let Location::File(path) = there else { panic!("a file") };
    let left: Vec<_> = fs::read_dir(path.parent().expect("one"))
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.file_name()).collect())
        .unwrap_or_default();
    assert!(left.is_empty(), "nothing is left: {left:?} after {error}");
    error
}

#[tokio::test]
async fn a_changed_or_missing_byte_anywhere_imports_nothing() {
    let (_directory, target, there) = exported().await;
    let mut dice = fastrand::Rng::with_seed(20_261_124);
    for table in tables() {
        let path = target.join(table.file());
        let sound = fs::read(&path).expect("a file");
        for turn in 0..3 {
            let mut harmed = sound.clone();
            match turn {
                0 => harmed.truncate(dice.usize(0..sound.len())),
                _ => {
                    let at = dice.usize(0..sound.len());
                    harmed[at] ^= 1 << dice.u8(0..8);
                }
            }
            fs::write(&path, harmed).expect("written");
            let error = refused(&target, &there);
            assert!(error.contains(&table.file()) && error.contains("manifest says"), "{error}");
        }
        fs::remove_file(&path).expect("it is there");
        assert!(refused(&target, &there).contains("cannot read"));
        fs::write(&path, sound).expect("written");
    }
    import(&target, &there, GATEWAY, false, now()).expect("all is as it was");
}

/// Bytes that somebody changed who wrote the hashes anew: an error, or the same as before; never a panic
/// that ends the process, and never much memory.
#[tokio::test]
async fn forged_bytes_are_found_or_harmless() {
    let (directory, target, there) = exported().await;
    let mut dice = fastrand::Rng::with_seed(20_261_124);
    let Location::File(place) = &there else { panic!("a file") };
    let mut found = 0;
    for turn in 0..66 {
        let table = &tables()[turn % tables().len()];
        let path = target.join(table.file());
        let sound = fs::read(&path).expect("a file");
        let mut harmed = sound.clone();
        for _ in 0..dice.usize(1..4) {
            let at = dice.usize(4..sound.len());
            harmed[at] = dice.u8(..);
        }
        fs::write(&path, harmed).expect("written");
        forge(&target, None);
        match import(&target, &there, GATEWAY, false, now()) {
            Err(_) => found += 1,
            Ok(_) => fs::remove_dir_all(place.parent().expect("one")).expect("it is there"),
        }
        fs::write(&path, sound).expect("written");
    }
    assert!(found > 33, "{found}");
    drop(directory);
}

/// Writes a table anew, with rows of somebody else's.
fn rewrite(target: &Path, table: usize, rows: impl IntoIterator<Item = Vec<Value>>) {
    let spec = &tables()[table];
    let file = File::create(file(target, table)).expect("a file");
    let mut writer = TableWriter::new(spec, file).expect("a writer");
    rows.into_iter().for_each(|row| writer.write(row).expect("a row"));
    let rows = writer.finish().expect("a file");
    forge(target, Some((table, rows)));
}

/// The rows of a table as they are.
fn rows(target: &Path, table: usize) -> Vec<Vec<Value>> {
    let manifest = ExportManifest::read(target).expect("a manifest");
    let reader = reader::TableReader::open(target, &tables()[table], &manifest.files[table]);
    let mut reader = reader.expect("a file");
    let mut rows = Vec::new();
    while let Some(row) = reader.next().expect("a row") {
        rows.push(row);
    }
    rows
}

#[tokio::test]
async fn forged_figures_and_names_are_named() {
    let (_directory, target, there) = exported().await;
    let sound: Vec<_> = (0..tables().len()).map(|table| rows(&target, table)).collect();
    type Harm = fn(&mut Vec<Vec<Value>>);
    let harms: [(usize, Harm, &str); 14] = [
        (schema::DAYS, |rows| rows.swap(0, 1), "order of days"),
        (schema::DAYS, |rows| drop(rows.pop()), "is out of the order of days, or not among them"),
        (schema::DAYS, |rows| rows[2][6] = Value::Number(1e9), "do not add up"),
        (schema::DAYS, |rows| rows[2][6] = Value::Number(f64::NAN), "other values"),
        (schema::DAYS, |rows| rows[2][1] = Value::Integer(i64::MAX), "is no day"),
        (schema::DAYS, |rows| rows[2][0] = Value::Date(i32::MAX), "is no day"),
        (schema::TEAM_USAGE, |rows| drop(rows.remove(3)), "do not add up"),
        (schema::KEY_USAGE, |rows| rows.push(rows[0].clone()), "order of days"),
        (schema::MODEL_USAGE, |rows| rows.insert(1, rows[0].clone()), "told twice"),
        (schema::MODEL_USAGE, |rows| rows[0][5] = Value::Number(5.0), "rests are not"),
        (schema::FACET_USAGE, |rows| rows[0][1] = records::text("moon"), "cannot be"),
        (schema::QUARTER_HOURS, |rows| rows[0][0] = Value::Integer(1_000), "cannot be"),
        (schema::COUNTED_REQUESTS, |rows| rows[0][1] = Value::Bytes(vec![1]), "cannot be"),
        (schema::FINDINGS, |rows| rows[0][2] = records::text("magic"), "cannot be"),
    ];
    for (table, harm, told) in harms {
        let mut harmed = sound[table].clone();
        harm(&mut harmed);
        rewrite(&target, table, harmed);
        let error = refused(&target, &there);
        assert!(error.contains(told), "{told}: {error}");
        rewrite(&target, table, sound[table].clone());
    }
    import(&target, &there, GATEWAY, false, now()).expect("all is as it was");
}

#[tokio::test]
async fn a_file_of_other_columns_or_claims_is_refused() {
    let (_directory, target, there) = exported().await;
    // Another table's columns under this name.
    let (teams, keys) = (file(&target, schema::TEAMS), file(&target, schema::API_KEYS));
    let sound = fs::read(&teams).expect("a file");
    fs::copy(&keys, &teams).expect("a copy");
    forge(&target, None);
    assert!(refused(&target, &there).contains("columns are others"));
    fs::write(&teams, sound).expect("written");
    // More rows than there are.
    forge(&target, Some((schema::TEAMS, 5_000_000_000)));
    assert!(refused(&target, &there).contains("another number of rows"));
    // A manifest that leads elsewhere, and one of a later format.
    let path = target.join(manifest::NAME);
    let text = fs::read_to_string(&path).expect("a manifest");
    fs::write(&path, text.replace("teams.parquet", "../teams.parquet")).expect("written");
    assert!(refused(&target, &there).contains("lists other files"));
    fs::write(&path, text.replace("\"version\": 1", "\"version\": 9")).expect("written");
    assert!(refused(&target, &there).contains("newer Podium"));
}

#[tokio::test]
async fn a_page_that_would_fill_the_memory_is_refused() {
    let (_directory, target, there) = exported().await;
    let spec = &tables()[schema::API_KEYS];
    // One value of 100 MB, packed into some kilobytes.
    let properties = WriterProperties::builder()
        .set_compression(parquet::basic::Compression::ZSTD(Default::default()))
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::PLAIN)
        .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None)
        .build();
    let out = File::create(file(&target, schema::API_KEYS)).expect("a file");
    let schema = writer::file_schema(spec).expect("a schema");
    let mut writer =
        parquet::file::writer::SerializedFileWriter::new(out, schema, properties.into())
            .expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    for _ in 0..2 {
        let value = parquet::data_type::ByteArray::from(vec![b'a'; 100 << 20]);
        let mut column = group.next_column().expect("a column").expect("there are two");
        let typed = column.typed::<parquet::data_type::ByteArrayType>();
        typed.write_batch(&[value], None, None).expect("written");
        column.close().expect("written");
    }
    group.close().expect("written");
    writer.close().expect("written");
    assert!(fs::metadata(file(&target, schema::API_KEYS)).expect("it is there").len() < 1 << 20);
    forge(&target, Some((schema::API_KEYS, 1)));
    assert!(refused(&target, &there).contains("a page is larger"));
}

#[test]
fn every_column_has_its_own_name_and_every_file_its_place() {
    let all = tables();
    let names: BTreeSet<&str> = all.iter().map(|table| table.name).collect();
    assert_eq!(names.len(), all.len());
    for table in &all {
        let columns: BTreeSet<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
    }
    assert_eq!(all[schema::FINDINGS].name, "findings");
    assert_eq!(all[schema::QUARTER_HOURS].name, "quarter_hours");
}

/// The tables of `docs/BACKUP.md` between its marks.
fn documented() -> String {
    let mut text = String::new();
    for table in tables() {
        text.push_str(&format!("**`{}`**: {}.\n\n", table.file(), table.about));
        text.push_str("| column | type | |\n| --- | --- | --- |\n");
        let mut last: Option<&str> = None;
        let measures = crate::usage::AMOUNT_NAMES.iter().chain(&crate::usage::COUNT_NAMES);
        let measures: Vec<&&str> = measures.collect();
        for column in &table.columns {
            // Measures go by one line for each of their prefixes.
            let is_prefix = |prefix: &&str| ["", "read_", "gateway_", "our_"].contains(prefix);
            let prefix =
                measures.iter().find_map(|name| column.name.strip_suffix(**name).filter(is_prefix));
            if let Some(prefix) = prefix {
                if last != Some(prefix) {
                    let maybe = if column.is_required { "" } else { ", or none" };
                    let without =
                        if table.name == "quarter_hours" { " but `flat_cost_usd`" } else { "" };
                    let named =
                        if prefix.is_empty() { String::new() } else { format!("`{prefix}`") };
                    text.push_str(&format!("| {named}*measure* | BIGINT, amounts DOUBLE{maybe} | a column for each measure{without} |\n"));
                }
                last = Some(prefix);
                continue;
            }
            last = None;
            let maybe = if column.is_required { "" } else { ", or none" };
            let kind = column.kind.name();
            text.push_str(&format!("| `{}` | {kind}{maybe} | {} |\n", column.name, column.about));
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_documentation_has_the_columns_of_every_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/BACKUP.md");
    let text = fs::read_to_string(&path).expect("docs/BACKUP.md");
    let (begin, end) = ("<!-- export: tables -->\n\n", "<!-- export: end -->");
    let (before, rest) = text.split_once(begin).expect("the first mark");
    let (told, after) = rest.split_once(end).expect("the second mark");
    let documented = documented();
    if told != documented && std::env::var_os("PODIUM_WRITE_DOCS").is_some() {
        let new = format!("{before}{begin}{documented}{end}{after}");
        fs::write(&path, new).expect("written");
    } else {
        assert!(told == documented, "docs/BACKUP.md is out of date: make backup-docs");
    }
}
