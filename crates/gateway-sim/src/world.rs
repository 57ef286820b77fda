//! The gateway's database.
//!
//! Rows of daily usage are kept by date and, within a date, by a row id that is a hash of the
//! row's identity: like the random ids of the real table it puts a new row anywhere within its
//! date, and unlike them it is the same in every run.
//!
//! The rules of who may read what, and the shapes of answers, are left to `api`.

mod counters;
mod hash;
mod keys;
mod models;
mod names;
mod requests;
mod rows;
mod shared;
mod teams;
mod usage;
mod users;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

pub use counters::Counters;
pub use hash::hash_token;
pub(crate) use hash::{NumberHashing, hash_text, scatter};
pub use keys::{Key, UserKey};
pub use models::Model;
pub(crate) use names::{Name, Names};
pub use requests::Request;
pub(crate) use requests::RequestLog;
pub use rows::DailyRow;
pub(crate) use rows::Row;
pub(crate) use shared::SharedWorld;
pub(crate) use teams::DeletedTeam;
pub use teams::Team;
pub use users::{Role, User};

/// Teams, users, keys, models, daily usage and request logs of a gateway.
///
/// The same calls in the same order make the same world, down to the order of its rows.
#[derive(Clone, Debug)]
pub struct World {
    today: Date,
    names: Names,
    teams: Vec<Team>,
    team_places: HashMap<String, usize>,
    deleted_teams: Vec<DeletedTeam>,
    keys: HashMap<String, Key>,
    user_keys: HashMap<String, UserKey>,
    admin_keys: HashMap<String, Vec<String>>,
    users: Vec<User>,
    models: Vec<Model>,
    days: BTreeMap<Date, Vec<Row>>,
    requests: RequestLog,
}

impl World {
    /// A world without anything in it.
    pub fn empty(today: Date) -> World {
        World {
            today,
            names: Names::new(),
            teams: Vec::new(),
            team_places: HashMap::new(),
            deleted_teams: Vec::new(),
            keys: HashMap::new(),
            user_keys: HashMap::new(),
            admin_keys: HashMap::new(),
            users: Vec::new(),
            models: Vec::new(),
            days: BTreeMap::new(),
            requests: RequestLog::default(),
        }
    }

    /// The day the world was made for. What happens later happens on the simulator's clock.
    pub fn today(&self) -> Date {
        self.today
    }

    pub(crate) fn names(&self) -> &Names {
        &self.names
    }
}
