//! Which requests were counted, at rest.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Transaction, params};

use super::{Database, decoded};
use crate::store::Error;
use crate::store::counted::{Counted, Novelty};
use crate::store::seal::of_identity;
use crate::usage::{Day, Quarter};

/// Days since 1970.
pub(super) fn day_number(day: Day) -> i64 {
    Quarter::first_of(day).0 / Quarter::PER_DAY
}

/// What the identities of a day add up to, as changes to what the file says.
pub(super) type IdentitySums = BTreeMap<i64, u128>;

impl Database {
    /// Whether the identities of some days are those that were noted; damaged otherwise. Looked at
    /// once for each day: what this process notes itself is right.
    pub(in crate::store) fn look_at_identities(
        &mut self,
        days: &HashSet<Day>,
    ) -> Result<(), Error> {
        for day in days {
            let number = day_number(*day);
            if self.looked_at.contains(&number) {
                continue;
            }
            let told = self.sums_of_days.get(&number).map_or(0, |sums| sums.identities);
            if self.identities_of(number)? != Some(told) {
                return Err(Error::Damaged(format!("which requests of {day} were counted")));
            }
            self.looked_at.insert(number);
        }
        Ok(())
    }

    /// What the identities of a day add up to; `None` where one cannot be read, or where they are
    /// out of order, so that they could not be found one by one.
    fn identities_of(&self, day: i64) -> Result<Option<u128>, Error> {
        let mut statement = self.connection.prepare_cached(
            // SQLite does not look again at what it looked up; a span it does.
            "SELECT day, identity, started_ms, seen FROM request WHERE day BETWEEN ?1 AND ?1
             ORDER BY day, identity, started_ms",
        )?;
        let mut rows = statement.query([day])?;
        let (mut sum, mut before) = (0_u128, None);
        while let Some(row) = rows.next()? {
            let read = decoded((|| {
                let identity: [u8; 16] = row.get(1)?;
                let place = (row.get::<_, i64>(0)?, u128::from_be_bytes(identity), row.get(2)?);
                Ok((place, row.get(3)?))
            })())?;
            let follows =
                |(place, _): &((i64, u128, i64), u8)| place.0 == day && before < Some(*place);
            let Some((place, seen)) = read.filter(follows) else { return Ok(None) };
            sum = sum.wrapping_add(of_identity(place.1, place.2, seen));
            before = Some(place);
        }
        Ok(Some(sum))
    }
}

/// Notes requests that another store counted; `sums` hears what that changes.
pub(super) fn take_in(
    transaction: &Transaction<'_>,
    day: Day,
    requests: &[(u128, i64, u8)],
    sums: &mut IdentitySums,
) -> Result<(), Error> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO request (day, identity, started_ms, seen) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let number = day_number(day);
    let sum = sums.entry(number).or_default();
    for (identity, started_ms, seen) in requests {
        put.execute(params![number, identity.to_be_bytes(), started_ms, seen])?;
        *sum = sum.wrapping_add(of_identity(*identity, *started_ms, *seen));
    }
    Ok(())
}

/// Says of each request what is new about it, and notes it. `sums` hears what that changes.
pub(super) fn note(
    transaction: &Transaction<'_>,
    requests: &[Counted],
    sums: &mut IdentitySums,
) -> Result<Vec<Novelty>, Error> {
    // In the order of the table, which is faster.
    let mut order: Vec<usize> = (0..requests.len()).collect();
    order.sort_unstable_by_key(|at| (requests[*at].day, requests[*at].identity));
    let mut news = vec![Novelty::Nothing; requests.len()];
    let mut find = transaction.prepare_cached(
        "SELECT started_ms, seen FROM request
         WHERE day = ?1 AND identity = ?2 AND started_ms BETWEEN ?3 AND ?4",
    )?;
    let mut put = transaction.prepare_cached(
        "INSERT OR REPLACE INTO request (day, identity, started_ms, seen) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for at in order {
        let request = &requests[at];
        let identity = request.identity.to_be_bytes();
        let mut known = Vec::new();
        for day in request.days() {
            let (from, to) = request.reach();
            let mut rows = find.query(params![day_number(day), identity, from, to])?;
            while let Some(row) = rows.next()? {
                known.push((day, row.get::<_, i64>(0)?, row.get::<_, u8>(1)?));
            }
        }
        let (novelty, entry) = request.judge(&known);
        news[at] = novelty;
        let Some((day, started_ms, seen)) = entry else { continue };
        let number = day_number(day);
        let sum = sums.entry(number).or_default();
        let before = known.iter().find(|(d, started, _)| (*d, *started) == (day, started_ms));
        if let Some((_, _, before)) = before {
            *sum = sum.wrapping_sub(of_identity(request.identity, started_ms, *before));
        }
        *sum = sum.wrapping_add(of_identity(request.identity, started_ms, seen));
        put.execute(params![number, identity, started_ms, seen])?;
    }
    Ok(news)
}
