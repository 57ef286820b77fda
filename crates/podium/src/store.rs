//! Where usage rests, and how it is read.
//!
//! The rest of Podium knows a [`Store`] by two interfaces: the [`Ledger`] keeps small things, the
//! [`Facts`] keep usage. [`EmbeddedStore`] is both: SQLite for durability, columns in memory for
//! speed. A day is replaced whole: readers and a crash see the old day or the new one, never a
//! part. A [`Reader`] has the ledger and the facts of one moment, so that all sums of one answer fit
//! together. `conformance` holds for every store.

mod access_book;
mod backup;
mod columns;
#[cfg(test)]
mod conformance;
mod contents;
mod counted;
mod database;
mod day;
mod dictionary;
mod embedded;
mod extract;
mod facts;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod health;
mod incoming;
mod intake;
mod kernel;
mod ledger;
mod lock;
mod packed;
mod quarters;
mod seal;
mod snapshot;

use std::sync::Arc;

pub use access_book::{AccessBook, StoredToken};
pub use backup::{
    BackupError, BackupManifest, RestoreWish, Restored, back_up_to, back_up_to_file, restore,
};
pub use database::Health;
pub use embedded::{EmbeddedStore, Location};
pub use extract::{
    DayRecord, DayRecords, Extract, LogRecords, NameRecords, QuarterRecord, RequestRecord,
    UsageRecord,
};
pub use facts::{Added, Facts, FactsThen, Reader};
pub use health::{StoreFailure, StoreHealth, StoreSize};
pub use intake::{Intake, IntakeError};
pub use ledger::{DayState, Discrepancy, Ledger, LedgerState, LogDay};

/// Why usage could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has the database open.
    #[error(
        "the data in {path} is in use by another Podium; stop that one, or give this one \
         another directory with --data-dir"
    )]
    InUse {
        /// The database file.
        path: String,
    },
    /// The directory or file cannot be made or opened.
    #[error(
        "cannot open {path}: {cause}; check the directory's permissions, or choose another with --data-dir"
    )]
    Open {
        /// The database file or its directory.
        path: String,
        /// What the system says.
        cause: String,
    },
    /// A newer Podium wrote the file.
    #[error(
        "{path} was written by a newer Podium (schema {found}, this one knows {known}); use \
         that version, or another directory with --data-dir"
    )]
    Newer {
        /// The database file.
        path: String,
        /// The file's schema version.
        found: i64,
        /// The newest one that this program knows.
        known: i64,
    },
    /// The file is no database, or its content is not what was written.
    #[error("the data file is damaged: {0}")]
    Damaged(String),
    /// The facts of a day are not what was written.
    #[error("the stored usage of {day} is damaged; it is read anew from the gateway")]
    DamagedDay {
        /// The day.
        day: crate::usage::Day,
    },
    /// Reading or writing failed: disk full, for example.
    #[error("the data file cannot be used: {0}")]
    Database(String),
}

/// Where usage is kept: one store behind both of its interfaces.
#[derive(Clone, Debug)]
pub struct Store {
    /// The small things: what is known of days, teams and names.
    pub ledger: Arc<dyn Ledger>,
    /// Usage.
    pub facts: Arc<dyn Facts>,
}

impl Store {
    /// Everything as it is now.
    pub fn read(&self) -> Reader {
        self.facts.read()
    }
}
