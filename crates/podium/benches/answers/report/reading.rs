//! What reading costs, beside what it is to cost at most.

use std::fmt::Write as _;

use super::megabytes;
use crate::scenes::large;
use crate::scenes::reading::{LISTENED, Reading};

pub(crate) fn reading(measured: &Reading) -> String {
    let Reading { bare, read, needed, sent, listening_bytes, listening_cpu } = measured;
    let mut text = format!(
        "### Reading\n\n\
         {} teams × {} keys × {} models × {} days, from a gateway that only has pages. Processor time \
         is that of one thread.\n\n\
         | | measured | goal |\n| --- | ---: | ---: |\n",
        large::TEAMS,
        large::KEYS_PER_TEAM,
        large::MODELS,
        large::DAYS,
    );
    let a_minute = 60.0 / LISTENED.as_secs_f64();
    let share = |part: f64, whole: f64| format!("{:.0} %", part / whole * 100.0);
    let rows = [
        ("JSON that nothing is kept of", format!("{bare:.0} MB/s"), ""),
        (
            "JSON into a day, joined",
            format!("{read:.0} MB/s ({} of it)", share(*read, *bare)),
            "600 MB/s",
        ),
        ("the days, each in one answer", megabytes(*needed), ""),
        (
            "sent by the gateway until all are stored",
            format!("{} ({})", megabytes(*sent), share(*sent as f64, *needed as f64)),
            "107 %",
        ),
        (
            "one listener for a minute: sent by the gateway",
            megabytes((*listening_bytes as f64 * a_minute) as u64),
            "",
        ),
        (
            "one listener for a minute: processor time",
            format!("{:.1} s", listening_cpu.as_secs_f64() * a_minute),
            "",
        ),
    ];
    for (what, told, goal) in rows {
        let _ = writeln!(text, "| {what} | {told} | {goal} |");
    }
    text
}
