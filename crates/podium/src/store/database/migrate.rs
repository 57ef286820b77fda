//! The schema, and files of older versions.

use std::path::Path;

use rusqlite::types::Value;

use super::{Database, set};
use crate::store::Error;

/// Each entry takes the schema one version further; never edit one that was released.
const MIGRATIONS: [&str; 5] = [
    include_str!("../schema_1.sql"),
    include_str!("../schema_2.sql"),
    include_str!("../schema_3.sql"),
    include_str!("../schema_4.sql"),
    include_str!("../schema_5.sql"),
];

/// From this version on everything has a seal.
const SEALED: i64 = 3;
/// From this version on a day's facts are packed.
const PACKED: i64 = 5;

/// The version of the schema that this program writes.
pub(in crate::store) fn known_schema() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

impl Database {
    pub(super) fn migrate(&mut self, path: &Path) -> Result<(), Error> {
        let found: i64 = self.connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let known = known_schema();
        if found > known {
            // A newer Podium says so twice; where it does not, one bit may have flipped.
            let witness: Option<i64> = self.setting("schema_version")?;
            let is_one_bit_off = (found ^ known).count_ones() == 1;
            if is_one_bit_off && witness != Some(found) {
                return Err(Error::Damaged(format!("its schema version {found} is not ours")));
            }
            return Err(Error::Newer { path: path.display().to_string(), found, known });
        }
        if found == known {
            return Ok(());
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        if let Err(error) = self.take_further(found, known) {
            self.connection.execute_batch("ROLLBACK")?;
            return Err(error);
        }
        self.connection.execute_batch("COMMIT")?;
        if (1..PACKED).contains(&found) {
            // The file is as large as its rows were; that it stays so harms nothing.
            let _ = self.connection.execute_batch("VACUUM");
        }
        Ok(())
    }

    /// From one version to the newest; what is done here is one transaction.
    fn take_further(&mut self, found: i64, known: i64) -> Result<(), Error> {
        for (_, migration) in (1_i64..).zip(MIGRATIONS).filter(|(at, _)| *at > found) {
            self.connection.execute_batch(migration)?;
        }
        if found < SEALED {
            self.adopt()?;
        }
        if found < PACKED {
            self.pack_facts()?;
        }
        self.connection.pragma_update(None, "user_version", known)?;
        set(&self.connection, "schema_version", known.into())
    }

    /// Seals what an older version wrote, as it is: nobody can say any more whether it changed.
    fn adopt(&mut self) -> Result<(), Error> {
        let settings: Vec<(String, Value)> = self
            .connection
            .prepare("SELECT name, value FROM setting")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (name, value) in settings {
            set(&self.connection, &name, value)?;
        }
        self.seal_facts()?;
        self.adopt_names()?;
        self.adopt_findings()?;
        self.adopt_quarters()
    }
}
