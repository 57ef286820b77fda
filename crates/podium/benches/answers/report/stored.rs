//! What a full store costs, beside what it is to cost at most.

use std::fmt::Write as _;

use super::{kilobytes, megabytes, time};
use crate::scenes::stored::{Hot, Stored};

/// A store that is full, with what it is to cost at most.
pub(crate) fn stored(measured: &Stored) -> String {
    let Stored { size, .. } = measured;
    let facts = size.facts();
    let a_fact = |bytes: u64| format!("{:.1} B", bytes as f64 / facts as f64);
    let beyond = |bytes: u64| a_fact(bytes.saturating_sub(measured.empty));
    let mut text = format!(
        "### Stored: {}\n\n\
         {} teams × {} keys × {} models of a key × {} days: {facts} facts, and as many by provider's \
         model; the gateway is away. Written in {:.1} s.\n\n\
         | | measured | goal |\n| --- | ---: | ---: |\n",
        size.name,
        size.teams,
        size.keys,
        size.models,
        size.days,
        measured.filled.as_secs_f64(),
    );
    let memory = |bytes: u64| format!("{} ({} a fact beyond it)", megabytes(bytes), beyond(bytes));
    let rows = [
        ("from the command until ready", time(measured.ready), "100 ms"),
        ("resident without anything stored", megabytes(measured.empty), ""),
        ("resident, idle after a start", memory(measured.idle), "40 B a fact"),
        ("resident after all answers below", memory(measured.after_answers), ""),
        ("resident, idle after them", memory(measured.idle_again), "40 B a fact"),
        (
            "the file",
            format!("{}, {} a fact", megabytes(measured.file_bytes), a_fact(measured.file_bytes)),
            "",
        ),
    ];
    for (what, told, goal) in rows {
        let _ = writeln!(text, "| {what} | {told} | {goal} |");
    }
    text.push_str("\n| question | body | first after a start | later, other days |\n| --- | ---: | ---: | ---: |\n");
    for asked in &measured.asked {
        let (first, later) = (time(asked.first), time(asked.later));
        let body = kilobytes(asked.bytes as u64);
        let _ = writeln!(text, "| `{}` | {body} | {first} | {later} |", asked.question);
    }
    text.push_str("\n| first answer of the time series | body | took |\n| --- | ---: | ---: |\n");
    for (encoding, took, bytes) in &measured.compressed {
        let _ = writeln!(text, "| {encoding} | {} | {} |", kilobytes(*bytes as u64), time(*took));
    }
    text.push_str(
        "\n| stored answer, 16 clients | body | a second | static body | share | goal |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for Hot { what, bytes, per_second, fixed } in &measured.hot {
        let share = per_second / fixed * 100.0;
        let goal = if (1..16_384).contains(bytes) { "85 %" } else { "95 %" };
        let body = kilobytes(*bytes as u64);
        let _ = writeln!(
            text,
            "| {what} | {body} | {per_second:.0} | {fixed:.0} | {share:.0} % | {goal} |"
        );
    }
    text
}
