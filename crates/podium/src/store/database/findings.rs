//! What audits found, at rest.

use super::{Database, sum_from, sum_text, timestamp};
use crate::store::Error;
use crate::usage::{AuditedDay, Cause, Day, Finding};

impl Database {
    pub(super) fn load_findings(&self) -> Result<Vec<Finding>, Error> {
        let mut statement = self.connection.prepare(
            "SELECT found_at_ms, day, cause, ours, gateway FROM finding ORDER BY finding",
        )?;
        let mut rows = statement.query([])?;
        let mut findings = Vec::new();
        while let Some(row) = rows.next()? {
            let (day, cause): (String, String) = (row.get(1)?, row.get(2)?);
            let (ours, gateway): (Option<String>, String) = (row.get(3)?, row.get(4)?);
            let found = || {
                Some(AuditedDay {
                    day: Day::parse(&day).ok()?,
                    ours: ours.and_then(|text| sum_from(&text)),
                    gateway: sum_from(&gateway)?,
                    cause: Cause::ALL.into_iter().find(|known| known.name() == cause)?,
                })
            };
            let found_at = timestamp(row.get(0)?);
            findings.extend(found().map(|found| Finding { found_at, found }));
        }
        Ok(findings)
    }

    /// Keeps findings, and of all of them the last `most`.
    pub(in crate::store) fn record_findings(
        &mut self,
        findings: &[Finding],
        most: usize,
    ) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO finding (found_at_ms, day, cause, ours, gateway) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for Finding { found_at, found } in findings {
                insert.execute((
                    found_at.as_millisecond(),
                    found.day.to_string(),
                    found.cause.name(),
                    found.ours.as_ref().map(sum_text),
                    sum_text(&found.gateway),
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
}
