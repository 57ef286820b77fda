//! Facts of one moment, wherever they rest.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{EmbeddedStore, SharedFile};
use crate::store::Error;
use crate::store::contents::ReadContent;
use crate::store::facts::{FactsThen, Reader};
use crate::store::kernel;
use crate::store::snapshot::{FactColumns, Snapshot};
use crate::usage::{Day, Dimension, Metrics, SumQuestion, Sums};

const TIDIES_EVERY: Duration = Duration::from_secs(10);

/// The facts of a moment, and the store that forgets those that turn out damaged.
#[derive(Debug)]
struct FactsOfMoment {
    facts: Arc<FactColumns>,
    store: EmbeddedStore,
}

#[async_trait]
impl FactsThen for FactsOfMoment {
    async fn sum(&self, question: &SumQuestion) -> Result<Sums, Error> {
        let sums = kernel::sum(&self.facts, question);
        if let Err(Error::DamagedDay { day }) = &sums {
            self.store.forget_damaged(*day, &self.facts).await?;
        }
        sums
    }

    fn ids(&self, dimension: Dimension) -> Vec<Arc<str>> {
        self.facts.dictionary.names(dimension).all().to_vec()
    }

    fn team_totals(&self, day: Day) -> Option<BTreeMap<String, Metrics>> {
        // A day that cannot be read is as one that never was: it is read anew.
        self.facts.team_totals(day).ok().flatten()
    }
}

/// The allocator gives free memory back to the system when something large is freed, not while
/// nothing happens.
fn give_memory_back() {
    const LARGE: usize = 1 << 20;
    drop(std::hint::black_box(vec![1_u8; LARGE]));
}

#[derive(Debug)]
pub(super) struct ReadFile(pub(super) SharedFile);

impl ReadContent for ReadFile {
    fn read_content(&self, day: Day) -> Result<Option<Vec<u8>>, Error> {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.as_ref().map_or(Ok(None), |file| file.database.content(day))
    }
}

impl EmbeddedStore {
    pub(super) fn reader(&self, snapshot: &Snapshot) -> Reader {
        let facts = FactsOfMoment { facts: Arc::clone(&snapshot.facts), store: self.clone() };
        Reader { ledger: Arc::clone(&snapshot.ledger), facts: Arc::new(facts) }
    }

    /// Reads every day once and forgets those that are not what was written, so that they are read
    /// anew before somebody asks for them. Returns how many there were.
    pub async fn look_over(&self) -> Result<usize, Error> {
        let facts = Arc::clone(&self.inner.snapshot.load().facts);
        let mut damaged = 0;
        for (day, content) in facts.days.iter().rev() {
            let (facts_now, content) = (Arc::clone(&facts), Arc::clone(content));
            let looked = crate::tasks::spawn_blocking(move || {
                let contents = &facts_now.contents;
                match contents.kept(&content) {
                    Some(_) => Ok(()),
                    None => contents.read(&content, &facts_now.dictionary).map(drop),
                }
            });
            match looked.await {
                Ok(Err(Error::DamagedDay { day })) => {
                    damaged += 1;
                    self.forget_damaged(day, &facts).await?;
                }
                Ok(looked) => looked?,
                Err(_) => tracing::error!(%day, "a day could not be looked at"),
            }
        }
        Ok(damaged)
    }

    /// Forgets a day whose facts are not what was written, unless it was replaced meanwhile.
    async fn forget_damaged(&self, day: Day, then: &FactColumns) -> Result<(), Error> {
        let seal = then.days.get(&day).map(|content| content.seal());
        self.change("damaged day", move |next, database| {
            let is_same = next.facts.days.get(&day).map(|content| content.seal()) == seal;
            if !is_same || seal.is_none() {
                return Ok((false, ()));
            }
            tracing::error!(%day, "a stored day is not what was written; it is read anew");
            if let Some(database) = database {
                database.forget_days(&[day.to_string().into()])?;
            }
            Arc::make_mut(&mut next.facts_mut().days).remove(&day);
            Arc::make_mut(&mut next.ledger_mut().days).remove(&day);
            Ok((true, ()))
        })
        .await
    }

    /// Looks over what is stored, and then lets go again and again of what nobody asks for.
    pub async fn tend(self) {
        if let Err(error) = self.look_over().await {
            tracing::warn!(%error, "what is stored could not be looked over");
        }
        loop {
            tokio::time::sleep(TIDIES_EVERY).await;
            self.inner.snapshot.load().facts.contents.tidy();
            give_memory_back();
        }
    }
}
