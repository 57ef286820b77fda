//! What audits found, at rest.

use super::sums::{sum_from, sum_text};
use super::{Database, decoded, timestamp};
use crate::store::Error;
use crate::store::seal::{Seal, from_blob, to_blob};
use crate::usage::{AuditedDay, Cause, Day, Finding};

/// A finding as the file has it.
struct Row {
    found_at_ms: i64,
    day: String,
    cause: String,
    ours: Option<String>,
    gateway: String,
}

impl Row {
    fn of(Finding { found_at, found }: &Finding) -> Self {
        Self {
            found_at_ms: found_at.as_millisecond(),
            day: found.day.to_string(),
            cause: found.cause.name().to_owned(),
            ours: found.ours.as_ref().map(sum_text),
            gateway: sum_text(&found.gateway),
        }
    }

    fn seal(&self) -> u128 {
        Seal::of("finding")
            .number(self.found_at_ms)
            .text(&self.day)
            .text(&self.cause)
            .optional(self.ours.as_deref())
            .text(&self.gateway)
            .done()
    }

    fn finding(&self) -> Option<Finding> {
        let ours = match &self.ours {
            Some(text) => Some(sum_from(text)?),
            None => None,
        };
        let found = AuditedDay {
            day: Day::parse(&self.day).ok()?,
            ours,
            gateway: sum_from(&self.gateway)?,
            cause: Cause::ALL.into_iter().find(|known| known.name() == self.cause)?,
        };
        Some(Finding { found_at: timestamp(self.found_at_ms)?, found })
    }
}

impl Database {
    /// The findings that are as they were written, oldest first, and how many are not.
    pub(super) fn load_findings(&self) -> Result<(Vec<Finding>, usize), Error> {
        let mut statement = self.connection.prepare(
            "SELECT found_at_ms, day, cause, ours, gateway, seal FROM finding ORDER BY finding",
        )?;
        let mut rows = statement.query([])?;
        let (mut findings, mut distrusted) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let read = decoded((|| {
                let read = Row {
                    found_at_ms: row.get(0)?,
                    day: row.get(1)?,
                    cause: row.get(2)?,
                    ours: row.get(3)?,
                    gateway: row.get(4)?,
                };
                Ok((read, from_blob(row.get(5)?)))
            })())?;
            let sealed = read.filter(|(row, seal)| *seal == Some(row.seal()));
            match sealed.and_then(|(row, _)| row.finding()) {
                Some(finding) => findings.push(finding),
                None => distrusted += 1,
            }
        }
        Ok((findings, distrusted))
    }

    /// Keeps findings, and of all of them the last `most`.
    pub(in crate::store) fn record_findings(
        &mut self,
        findings: &[Finding],
        most: usize,
    ) -> Result<(), Error> {
        let transaction = self.connection.savepoint()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO finding (found_at_ms, day, cause, ours, gateway, seal)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for row in findings.iter().map(Row::of) {
                let seal = to_blob(row.seal());
                insert.execute((
                    row.found_at_ms,
                    row.day,
                    row.cause,
                    row.ours,
                    row.gateway,
                    seal,
                ))?;
            }
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            transaction.execute(
                "DELETE FROM finding WHERE finding <= (SELECT max(finding) FROM finding) - ?1",
                [most],
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// Writes all findings of an older file anew, under the names of their measures and sealed.
    pub(super) fn adopt_findings(&mut self) -> Result<(), Error> {
        let mut old = Vec::new();
        {
            let mut statement = self.connection.prepare(
                "SELECT found_at_ms, day, cause, ours, gateway FROM finding ORDER BY finding",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let by_name = |text: Option<String>| {
                    text.and_then(|text| super::sums::by_place::sum_from(&text))
                        .as_ref()
                        .map(sum_text)
                };
                let read = decoded((|| {
                    Ok(Row {
                        found_at_ms: row.get(0)?,
                        day: row.get(1)?,
                        cause: row.get(2)?,
                        ours: by_name(row.get(3)?),
                        gateway: by_name(Some(row.get(4)?)).unwrap_or_default(),
                    })
                })())?;
                old.extend(read.and_then(|row| row.finding()));
            }
        }
        self.connection.execute("DELETE FROM finding", [])?;
        self.record_findings(&old, usize::MAX)
    }
}
