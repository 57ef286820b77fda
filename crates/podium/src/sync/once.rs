//! One run over a range, for the command line.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::keep_up::LOOK_DAYS;
use super::queue::Priority;
use super::{Error, Inner};
use crate::usage::DayRange;

impl Inner {
    /// Reads what is missing or moved in `range` and waits for it.
    pub(super) async fn run_once(
        self: &Arc<Self>,
        range: DayRange,
        mut progress: impl FnMut(usize, usize) + Send,
    ) -> Result<(), Error> {
        self.read_teams().await?;
        self.find_beginning().await?;
        let first = self.store.read().await.empty_before().unwrap_or(range.first());
        let mut outcomes = FuturesUnordered::new();
        let mut rest = range.from(first);
        while let Some(part) = rest {
            let month = part.newest(LOOK_DAYS);
            rest = month.first().previous().and_then(|last| DayRange::new(part.first(), last));
            let totals = self.heard(self.source.totals(month).await).map_err(Error::Usage)?;
            outcomes.extend(match totals {
                Some(totals) => {
                    let moved = self.compare(month, &totals).await?;
                    self.queue.want(moved, Priority::Asked, true)
                }
                None => self.queue.want(month.newest_first(), Priority::Asked, false),
            });
        }
        let total = outcomes.len();
        progress(0, total);
        let mut ends = outcomes.enumerate();
        let mut first_error = None;
        while let Some((done, outcome)) = ends.next().await {
            progress(done + 1, total);
            first_error = first_error.or(outcome.err());
        }
        first_error.map_or(Ok(()), Err)
    }
}
