//! Usage at rest, in SQLite.
//!
//! One process has the file to itself. Every change is one transaction, on the disk when it
//! is done.

mod findings;
pub(super) mod quarters;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Transaction, params_from_iter, types::Value,
};

use self::quarters::StoredQuarters;
use super::dictionary::Dictionary;
use super::{DayState, Discrepancy, Error};
use crate::usage::{COUNT_NAMES, COUNTS, Day, Finding, Metrics, Team};

/// Each entry takes the schema one version further; never edit one that was released.
const MIGRATIONS: [&str; 2] = [include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// How long another Podium may take to let go of the file when it is being replaced.
const WAIT_FOR_FILE_MS: u64 = 3_000;

#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
}

/// What `podium check` says of the store.
#[derive(Clone, Debug)]
pub struct Health {
    /// The database file; `None` where nothing is kept.
    pub path: Option<PathBuf>,
    /// Whether SQLite finds the file sound, and what is wrong otherwise.
    pub fault: Option<String>,
}

/// A day as it is in the file.
pub(super) struct DayAtRest {
    pub(super) day: Day,
    pub(super) state: DayState,
    pub(super) total: Metrics,
    pub(super) facts: Vec<(u32, Metrics)>,
}

/// Everything that is at rest.
pub(super) struct Stored {
    pub(super) dictionary: Dictionary,
    pub(super) days: Vec<DayAtRest>,
    pub(super) teams: Option<Vec<Team>>,
    pub(super) team_aliases: Vec<(String, String)>,
    pub(super) key_aliases: Vec<(String, String)>,
    pub(super) empty_before: Option<Day>,
    pub(super) findings: Vec<Finding>,
    pub(super) quarters: StoredQuarters,
    pub(super) seen_from: Option<Day>,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Database(error.to_string()),
        }
    }
}

impl Database {
    /// Opens or makes the file and brings its schema up to date.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let cannot_open = |cause: String| Error::Open { path: path.display().to_string(), cause };
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(|error| cannot_open(error.to_string()))?;
        }
        let mut connection =
            Connection::open(path).map_err(|error| cannot_open(error.to_string()))?;
        connection.busy_timeout(std::time::Duration::from_millis(WAIT_FOR_FILE_MS))?;
        let taken = connection.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE;
                 PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA cache_size = -32768;
                 PRAGMA foreign_keys = ON;
                 BEGIN IMMEDIATE; COMMIT;",
        );
        if let Err(error) = taken {
            return Err(match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    Error::InUse { path: path.display().to_string() }
                }
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => error.into(),
                _ => cannot_open(error.to_string()),
            });
        }
        migrate(&mut connection, path)?;
        Ok(Self { connection })
    }

    /// Reads everything back.
    pub(super) fn load(&self) -> Result<Stored, Error> {
        let mut dictionary = Dictionary::default();
        self.load_series(&mut dictionary)?;
        let days = self.load_days()?;
        let teams_read: Option<i64> = self.setting("teams_read_at_ms")?;
        let mut statement = self.connection.prepare(
            "SELECT team_id, alias, position FROM team ORDER BY position IS NULL, position",
        )?;
        let mut listed = Vec::new();
        let mut team_aliases = Vec::new();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (team_id, alias): (String, Option<String>) = (row.get(0)?, row.get(1)?);
            team_aliases.extend(alias.clone().map(|alias| (team_id.clone(), alias)));
            if row.get::<_, Option<i64>>(2)?.is_some() {
                listed.push(Team { team_id, alias });
            }
        }
        let key_aliases = self
            .connection
            .prepare("SELECT api_key, alias FROM api_key")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let day_of = |name| -> Result<Option<Day>, Error> {
            let day: Option<String> = self.setting(name)?;
            Ok(day.and_then(|day| Day::parse(&day).ok()))
        };
        let quarters = self.load_quarters(&mut dictionary)?;
        Ok(Stored {
            dictionary,
            days,
            teams: teams_read.map(|_| listed),
            team_aliases,
            key_aliases,
            empty_before: day_of("empty_before")?,
            findings: self.load_findings()?,
            quarters,
            seen_from: day_of("seen_from")?,
        })
    }

    fn setting<T: rusqlite::types::FromSql>(&self, name: &str) -> Result<Option<T>, Error> {
        Ok(self
            .connection
            .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))
            .optional()?)
    }

    fn load_series(&self, dictionary: &mut Dictionary) -> Result<(), Error> {
        let mut statement = self
            .connection
            .prepare("SELECT series, team_id, api_key, model_group FROM series ORDER BY series")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let code: u32 = row.get(0)?;
            let (team, api_key, model_group): (String, Option<String>, Option<String>) =
                (row.get(1)?, row.get(2)?, row.get(3)?);
            let given = dictionary.series_code(&team, api_key.as_deref(), model_group.as_deref());
            if given != code {
                return Err(Error::Damaged("the series have gaps".to_owned()));
            }
        }
        Ok(())
    }

    fn load_days(&self) -> Result<Vec<DayAtRest>, Error> {
        let columns = COUNT_NAMES.join(", ");
        let mut facts = self
            .connection
            .prepare(&format!("SELECT series, spend_usd, {columns} FROM fact WHERE day = ?1"))?;
        let mut statement = self.connection.prepare(&format!(
            "SELECT day, fetched_at_ms, checked_at_ms, has_usage, discrepancy, spend_usd, {columns}
             FROM day ORDER BY day"
        ))?;
        let mut rows = statement.query([])?;
        let mut days = Vec::new();
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            let day = Day::parse(&text)
                .map_err(|_| Error::Damaged(format!("there is a day {text:?}")))?;
            let discrepancy: Option<String> = row.get(4)?;
            let state = DayState {
                fetched_at: timestamp(row.get(1)?),
                checked_at: timestamp(row.get(2)?),
                has_usage: row.get(3)?,
                discrepancy: discrepancy.and_then(|text| discrepancy_from(&text)),
            };
            let facts = facts
                .query_map([&text], |row| Ok((row.get(0)?, metrics(row, 1)?)))?
                .collect::<Result<_, _>>()?;
            days.push(DayAtRest { day, state, total: metrics(row, 5)?, facts });
        }
        Ok(days)
    }

    /// Replaces a day and its facts. `new_series` are those the file does not have yet, in
    /// the order of their codes.
    pub(super) fn replace_day(&mut self, write: &DayWrite<'_>) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        write.series(&transaction)?;
        write_aliases(&transaction, &write.key_aliases, &write.team_aliases)?;
        write.day(&transaction)?;
        write.facts(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// Replaces the list of teams; those not in it lose their place, not their name.
    pub(super) fn replace_teams(
        &mut self,
        teams: &[Team],
        read_at: Timestamp,
    ) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        transaction.execute("UPDATE team SET position = NULL", [])?;
        {
            let mut upsert = transaction.prepare_cached(
                "INSERT INTO team (team_id, alias, position) VALUES (?1, ?2, ?3)
                 ON CONFLICT (team_id) DO UPDATE SET alias = excluded.alias, position = excluded.position",
            )?;
            for (position, team) in (0_i64..).zip(teams) {
                upsert.execute((&team.team_id, &team.alias, position))?;
            }
        }
        set(&transaction, "teams_read_at_ms", read_at.as_millisecond())?;
        Ok(transaction.commit()?)
    }

    pub(super) fn mark_checked(
        &mut self,
        days: &[Day],
        checked_at: Timestamp,
    ) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        {
            let mut update =
                transaction.prepare_cached("UPDATE day SET checked_at_ms = ?2 WHERE day = ?1")?;
            for day in days {
                update.execute((day.to_string(), checked_at.as_millisecond()))?;
            }
        }
        Ok(transaction.commit()?)
    }

    pub(super) fn set_empty_before(&mut self, day: Day) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        set(&transaction, "empty_before", day.to_string())?;
        Ok(transaction.commit()?)
    }

    /// What SQLite itself finds wrong with the file.
    pub(super) fn fault(&self) -> Result<Option<String>, Error> {
        let verdict: String =
            self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((verdict != "ok").then_some(verdict))
    }
}

#[cfg(test)]
impl Database {
    /// Lets the file grow no further, as a full disk does.
    pub(super) fn limit_to_its_size(&self) -> Result<(), Error> {
        let pages: i64 = self.connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        Ok(self.connection.pragma_update(None, "max_page_count", pages)?)
    }
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(Error::Newer { path: path.display().to_string(), found, known });
    }
    for (version, migration) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Moves a damaged file out of the way, together with SQLite's files beside it, and says where
/// it is now. Nothing of it is lost: somebody may want to look.
pub(super) fn set_aside(path: &Path, now: Timestamp) -> std::io::Result<PathBuf> {
    let moved = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".damaged-{}{suffix}", now.as_second()));
        PathBuf::from(name)
    };
    for suffix in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(suffix);
        match std::fs::rename(&beside, moved(suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    std::fs::rename(path, moved(""))?;
    Ok(moved(""))
}

/// A day on its way into the file.
pub(super) struct DayWrite<'a> {
    pub(super) day: Day,
    pub(super) state: &'a DayState,
    pub(super) total: &'a Metrics,
    pub(super) facts: &'a [(u32, Metrics)],
    pub(super) new_series: Vec<(u32, String, Option<String>, Option<String>)>,
    pub(super) key_aliases: Vec<(&'a str, &'a str)>,
    pub(super) team_aliases: Vec<(&'a str, &'a str)>,
}

impl DayWrite<'_> {
    fn series(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO series (series, team_id, api_key, model_group) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for series in &self.new_series {
            insert.execute((series.0, &series.1, &series.2, &series.3))?;
        }
        Ok(())
    }

    fn day(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let day = self.day.to_string();
        transaction.execute("DELETE FROM fact WHERE day = ?1", [&day])?;
        let mut values = vec![
            Value::from(day),
            Value::from(self.state.fetched_at.as_millisecond()),
            Value::from(self.state.checked_at.as_millisecond()),
            Value::from(self.state.has_usage),
            Value::from(self.state.discrepancy.as_ref().map(discrepancy_text)),
        ];
        values.extend(metrics_values(self.total));
        let marks = vec!["?"; values.len()].join(", ");
        let columns = COUNT_NAMES.join(", ");
        transaction
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO day
                   (day, fetched_at_ms, checked_at_ms, has_usage, discrepancy, spend_usd, {columns})
                 VALUES ({marks})"
            ))?
            .execute(params_from_iter(values))?;
        Ok(())
    }

    fn facts(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let day = self.day.to_string();
        let columns = COUNT_NAMES.join(", ");
        let marks = vec!["?"; COUNTS + 3].join(", ");
        let mut insert = transaction.prepare_cached(&format!(
            "INSERT INTO fact (day, series, spend_usd, {columns}) VALUES ({marks})"
        ))?;
        for (series, metrics) in self.facts {
            let mut values = vec![Value::from(day.clone()), Value::from(*series)];
            values.extend(metrics_values(metrics));
            insert.execute(params_from_iter(values))?;
        }
        Ok(())
    }
}

/// Names of keys, and of teams that are not listed.
fn write_aliases(
    transaction: &Transaction<'_>,
    key_aliases: &[(&str, &str)],
    team_aliases: &[(&str, &str)],
) -> Result<(), Error> {
    let mut key = transaction.prepare_cached(
        "INSERT INTO api_key (api_key, alias) VALUES (?1, ?2)
         ON CONFLICT (api_key) DO UPDATE SET alias = excluded.alias",
    )?;
    for (api_key, alias) in key_aliases {
        key.execute((api_key, alias))?;
    }
    let mut team = transaction.prepare_cached(
        "INSERT INTO team (team_id, alias) VALUES (?1, ?2)
         ON CONFLICT (team_id) DO UPDATE SET alias = excluded.alias WHERE position IS NULL",
    )?;
    for (team_id, alias) in team_aliases {
        team.execute((team_id, alias))?;
    }
    Ok(())
}

fn set(
    transaction: &Transaction<'_>,
    name: &str,
    value: impl rusqlite::ToSql,
) -> Result<(), rusqlite::Error> {
    transaction
        .execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)", (name, value))
        .map(drop)
}

fn timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn metrics(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Metrics> {
    let mut counts = [0; COUNTS];
    for (i, count) in counts.iter_mut().enumerate() {
        *count = row.get(first + 1 + i)?;
    }
    Ok(Metrics::from_parts(row.get(first)?, counts))
}

fn metrics_values(metrics: &Metrics) -> impl Iterator<Item = Value> {
    std::iter::once(Value::from(metrics.spend_usd)).chain(metrics.counts().map(Value::from))
}

/// A sum as text: spend, then the counters in the order of [`COUNT_NAMES`].
fn sum_text(sum: &Metrics) -> String {
    serde_json::to_string(&(sum.spend_usd, sum.counts())).expect("numbers can be written as JSON")
}

fn sum_from(text: &str) -> Option<Metrics> {
    let (spend_usd, counts): (f64, [i64; COUNTS]) = serde_json::from_str(text).ok()?;
    Some(Metrics::from_parts(spend_usd, counts))
}

/// Both sums, what was read first.
fn discrepancy_text(discrepancy: &Discrepancy) -> String {
    format!("[{}, {}]", sum_text(&discrepancy.read), sum_text(&discrepancy.gateway))
}

fn discrepancy_from(text: &str) -> Option<Discrepancy> {
    let [read, gateway]: [(f64, [i64; COUNTS]); 2] = serde_json::from_str(text).ok()?;
    Some(Discrepancy {
        read: Metrics::from_parts(read.0, read.1),
        gateway: Metrics::from_parts(gateway.0, gateway.1),
    })
}
