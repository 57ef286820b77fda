//! The measurements as Markdown.

mod reading;
mod stored;

use std::fmt::Write as _;
use std::time::Duration;

use crate::child::Memory;
use crate::gateway::{BenchGateway, DAYS, KEYS_PER_TEAM, MODELS, Questions, TEAMS};
use crate::load::Measured;
use crate::scenes::cold::{Cold, FirstAnswer};
use crate::scenes::keeping_up::KeepingUp;
use crate::scenes::large::{self, InZones, Large};
use crate::scenes::requests::Requests;
use crate::scenes::serving::{Case, Encoding, Serving};
pub(crate) use reading::reading;
pub(crate) use stored::stored;

/// Everything that was measured.
pub(crate) fn markdown(
    gateway: &BenchGateway,
    cold: &Cold,
    serving: &Serving,
    keeping_up: &KeepingUp,
) -> String {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let mut text = format!(
        "{TEAMS} teams × {KEYS_PER_TEAM} keys × {MODELS} models × {DAYS} days: {} rows; \
         {processors} processors.\n",
        gateway.rows()
    );
    text.push_str(&first_answers(cold));
    for encoding in Encoding::ALL {
        text.push_str(&table(serving, encoding));
    }
    text.push_str(&processor_time(serving));
    text.push_str(&costs(serving, keeping_up));
    text
}

fn first_answers(cold: &Cold) -> String {
    let mut text = "\n### First answers\n\n\
        | first question | took | questions to the gateway | it sent | memory |\n\
        | --- | ---: | --- | ---: | ---: |\n"
        .to_owned();
    let rows = cold.answers.iter().map(|answer| (format!("`{}`", answer.endpoint), answer));
    let restarted = (format!("`{}` after a restart", cold.restarted.endpoint), &cold.restarted);
    for (what, answer) in rows.chain([restarted]) {
        let FirstAnswer { took, questions, memory, .. } = answer;
        let (sent, memory) = (kilobytes(questions.bytes), megabytes(memory.now));
        let _ = writeln!(
            text,
            "| {what} | {} | {} | {sent} | {memory} |",
            time(*took),
            asked(questions)
        );
    }
    let day_bytes = kilobytes(cold.day_bytes as u64);
    let _ =
        writeln!(text, "\nThe gateway itself takes {} for a day ({day_bytes}).", time(cold.day));
    text
}

fn table(serving: &Serving, encoding: Encoding) -> String {
    let name = match encoding {
        Encoding::Identity => "Answers about stored days",
        Encoding::Gzip => "The same, compressed",
    };
    let mut text = format!(
        "\n### {name}\n\n\
         | endpoint | body | clients | median: static | stored | computed | p99: static | stored \
         | computed | per second: static | stored | computed |\n\
         | --- | ---: | ---: {}|\n",
        "| ---: ".repeat(9)
    );
    for case in serving.cases.iter().filter(|case| case.encoding == encoding) {
        let Case { endpoint, clients, fixed, stored, computed, .. } = case;
        let body = kilobytes(case.body_bytes as u64);
        let _ = write!(text, "| `{endpoint}` | {body} | {clients} ");
        for latency in [|of: &Measured| of.median, |of: &Measured| of.p99] {
            let base = latency(fixed);
            let _ = write!(text, "| {} ", time(base));
            for of in [stored, computed] {
                let ratio = latency(of).as_secs_f64() / base.as_secs_f64();
                let _ = write!(text, "| {} ({}) ", time(latency(of)), times(ratio));
            }
        }
        let _ = write!(text, "| {:.0} ", fixed.per_second);
        for of in [stored, computed] {
            let ratio = of.per_second / fixed.per_second;
            let _ = write!(text, "| {:.0} ({}) ", of.per_second, times(ratio));
        }
        text.push_str("|\n");
    }
    text
}

fn processor_time(serving: &Serving) -> String {
    let most_clients = serving.cases.iter().map(|case| case.clients).max().unwrap_or_default();
    let mut text = format!(
        "\n### Processor time of the server for a request ({most_clients} clients)\n\n\
         | endpoint | static | stored | computed | static, gzip | stored, gzip | computed, gzip |\n\
         | --- {}|\n",
        "| ---: ".repeat(6)
    );
    let cases = serving.cases.iter().filter(|case| case.clients == most_clients);
    let (plain, gzip): (Vec<&Case>, Vec<&Case>) =
        cases.partition(|case| case.encoding == Encoding::Identity);
    for (plain, gzip) in plain.iter().zip(gzip) {
        let _ = write!(text, "| `{}` ", plain.endpoint);
        for of in
            [plain.fixed, plain.stored, plain.computed, gzip.fixed, gzip.stored, gzip.computed]
        {
            let _ = write!(text, "| {} ", time(of.cpu));
        }
        text.push_str("|\n");
    }
    text
}

fn costs(serving: &Serving, keeping_up: &KeepingUp) -> String {
    let requests: usize =
        serving.cases.iter().map(|case| case.stored.requests + case.computed.requests).sum();
    let memory = |memory: &Memory| {
        format!("{} (highest {})", megabytes(memory.now), megabytes(memory.highest))
    };
    format!(
        "\n### What it costs\n\n\
         | | |\n| --- | --- |\n\
         | {} looks at the gateway, nothing moved | {}, {} |\n\
         | until a request on today is in the answers | {}, {} |\n\
         | resident memory, the month stored | {} |\n\
         | resident memory after {requests} answers | {} |\n",
        keeping_up.looks,
        asked(&keeping_up.unmoved),
        kilobytes(keeping_up.unmoved.bytes),
        asked(&keeping_up.moved),
        kilobytes(keeping_up.moved.bytes),
        memory(&serving.memory_before),
        memory(&serving.memory_after),
    )
}

/// Single requests: reading them, asking about them, listening to changes.
pub(crate) fn requests(measured: &Requests) -> String {
    let Requests { requests, took, facts, listeners, .. } = measured;
    let per_second = *requests as f64 / took.as_secs_f64();
    let mut text = format!(
        "\n### Single requests\n\n\
         {requests} requests of one day were read from the gateway's logs and stored in {:.1} s: \
         {per_second:.0} a second, in {} questions. Highest memory {}, {facts} tokens explained.\n\n\
         | that day, never asked for before | median |\n| --- | ---: |\n",
        took.as_secs_f64(),
        measured.questions,
        megabytes(measured.memory.highest),
    );
    for (what, median) in &measured.answers {
        let _ = writeln!(text, "| `{what}` | {} |", time(*median));
    }
    let _ = writeln!(
        text,
        "\n{listeners} listeners to changes take {} together; while they listened for {:.0} s, \
         the gateway was asked {} questions, and {} with one listener.",
        megabytes(measured.listening_bytes),
        measured.listened.as_secs_f64(),
        measured.questions_of_many,
        measured.questions_of_one,
    );
    text
}

/// Many facts: Podium, DuckDB and an older build.
pub(crate) fn large(measured: &Large) -> String {
    let Large { facts, read, memory_bytes, duckdb_version, rows } = measured;
    let mut text = format!(
        "### Large\n\n\
         {} teams × {} keys × {} models × {} days: {facts} facts, read in {:.1} s, {} resident after \
         the answers. Each time is the median of {} answers about days that nobody asked for before.\n\n",
        large::TEAMS,
        large::KEYS_PER_TEAM,
        large::MODELS,
        large::DAYS,
        read.as_secs_f64(),
        megabytes(*memory_bytes),
        large::ANSWERS,
    );
    let mut columns = vec!["question".to_owned(), "Podium".to_owned(), "Europe/Berlin".to_owned()];
    if let Some(version) = duckdb_version {
        columns.extend([format!("DuckDB {version}"), "DuckDB, as JSON".to_owned()]);
    }
    if rows.iter().any(|row| row.before.is_some()) {
        columns.extend(["before".to_owned(), "before, Europe/Berlin".to_owned()]);
    }
    let dashes = "| ---: ".repeat(columns.len() - 1);
    let _ = writeln!(text, "| {} |\n| --- {dashes}|", columns.join(" | "));
    for row in rows {
        let InZones { utc, berlin } = row.now;
        let beside = |of: Duration, base: Duration| {
            format!("{} ({})", time(of), times(of.as_secs_f64() / base.as_secs_f64()))
        };
        let _ = write!(text, "| `{}` | {} | {} ", row.question, time(utc), beside(berlin, utc));
        let before = row.before.map(|before| [(before.utc, utc), (before.berlin, berlin)]);
        let duckdb = [row.duckdb, row.duckdb_json].into_iter().flatten();
        for (of, base) in duckdb.map(|duckdb| (duckdb, utc)).chain(before.into_iter().flatten()) {
            let _ = write!(text, "| {} ", beside(of, base));
        }
        text.push_str("|\n");
    }
    text
}

fn asked(questions: &Questions) -> String {
    let kinds = [
        (questions.days, "days in full"),
        (questions.totals, "totals"),
        (questions.teams, "teams"),
        (questions.others, "others"),
    ];
    let told: Vec<String> = kinds
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} × {kind}"))
        .collect();
    if told.is_empty() { "none".to_owned() } else { told.join(", ") }
}

fn time(time: Duration) -> String {
    let microseconds = time.as_secs_f64() * 1e6;
    match microseconds {
        ..100.0 => format!("{microseconds:.1} µs"),
        ..10_000.0 => format!("{microseconds:.0} µs"),
        _ => format!("{:.0} ms", microseconds / 1e3),
    }
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("×{ratio:.2}") } else { format!("×{ratio:.0}") }
}

fn kilobytes(bytes: u64) -> String {
    format!("{:.1} kB", bytes as f64 / 1e3)
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
