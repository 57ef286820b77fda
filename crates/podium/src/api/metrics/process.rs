//! The process itself, under the names that all exporters use. Only Linux tells; elsewhere these
//! metrics are not there.

use std::fs;

use super::exposition::Exposition;

/// What `/proc/self` tells.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Process {
    cpu_seconds: f64,
    started_at: f64,
    threads: u64,
    virtual_bytes: u64,
    resident_bytes: u64,
}

/// In what the system counts.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Units {
    page_bytes: u64,
    ticks_per_second: u64,
}

/// Tells of the process, as far as the system does.
pub(super) fn tell_process(to: &mut Exposition) {
    let read = |file: &str| fs::read_to_string(file).ok();
    let units = fs::read("/proc/self/auxv").ok().and_then(|auxv| Units::of(&auxv));
    let told = read("/proc/self/stat")
        .zip(read("/proc/stat"))
        .zip(units)
        .and_then(|((own, system), units)| parse(&own, &system, units));
    if let Some(process) = told {
        to.counter("process_cpu_seconds", "Processor time, user and system", process.cpu_seconds);
        to.gauge("process_start_time_seconds", "Start, since the epoch", process.started_at);
        to.gauge("process_threads", "Threads", process.threads);
        to.gauge("process_virtual_memory_bytes", "Virtual memory", process.virtual_bytes);
        to.gauge("process_resident_memory_bytes", "Resident memory", process.resident_bytes);
    }
    // The one with which they are counted is none of them.
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        to.gauge("process_open_fds", "Open file descriptors", open.count().saturating_sub(1));
        let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        if let Some(most) = most {
            to.gauge("process_max_fds", "File descriptors that may be open", most);
        }
    }
}

impl Units {
    /// What the system told the process when it began: pairs of a key and a value.
    fn of(auxv: &[u8]) -> Option<Self> {
        const PAGE_BYTES: usize = 6;
        const TICKS_PER_SECOND: usize = 17;
        const WORD: usize = size_of::<usize>();
        let word = |bytes: &[u8]| Some(usize::from_ne_bytes(bytes.try_into().ok()?));
        let value = |wanted: usize| {
            let mut pairs = auxv.chunks_exact(2 * WORD);
            pairs.find_map(|pair| (word(&pair[..WORD])? == wanted).then(|| word(&pair[WORD..]))?)
        };
        Some(Self {
            page_bytes: value(PAGE_BYTES)? as u64,
            ticks_per_second: value(TICKS_PER_SECOND)? as u64,
        })
    }
}

fn parse(own: &str, system: &str, units: Units) -> Option<Process> {
    // The name of the program may hold anything, brackets and blanks included.
    let (_, after_name) = own.rsplit_once(") ")?;
    let fields: Vec<&str> = after_name.split(' ').collect();
    // The third field of `man 5 proc` is the first here.
    let field = |number: usize| fields.get(number - 3)?.trim().parse::<u64>().ok();
    let booted = system.lines().find_map(|line| line.strip_prefix("btime "))?;
    #[expect(clippy::cast_precision_loss, reason = "hundredths of seconds")]
    let seconds = |ticks: u64| ticks as f64 / units.ticks_per_second as f64;
    Some(Process {
        cpu_seconds: seconds(field(14)? + field(15)?),
        started_at: booted.trim().parse::<f64>().ok()? + seconds(field(22)?),
        threads: field(20)?,
        virtual_bytes: field(23)?,
        resident_bytes: field(24)? * units.page_bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_proc_is_understood_whatever_the_program_is_called() {
        let own = "42 (pod) ium) S 1 42 42 0 -1 4194560 900 0 3 0 250 50 0 0 20 0 7 0 12345 \
                   1073741824 2048 18446744073709551615 1 1 0 0 0 0";
        let words: Vec<u8> = [33, 1, 6, 4_096, 17, 100, 0, 0]
            .iter()
            .flat_map(|word: &usize| word.to_ne_bytes())
            .collect();
        let units = Units::of(&words).expect("both are there");
        let told = parse(own, "cpu 1 2 3\nbtime 1700000000\nprocesses 5\n", units);
        assert_eq!(
            told,
            Some(Process {
                cpu_seconds: 3.0,
                started_at: 1_700_000_123.45,
                threads: 7,
                virtual_bytes: 1 << 30,
                resident_bytes: 8 << 20,
            })
        );
        assert_eq!(parse("nonsense", "", units), None);
    }
}
