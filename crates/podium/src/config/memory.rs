//! How much memory stored facts may take.

use super::faults::Faults;

/// As little as this keeps a few days of a large gateway.
const LEAST: u64 = 16 << 20;
/// Nobody is surprised by more than this.
const MOST_UNASKED: u64 = 2 << 30;

/// What `PODIUM_MEMORY` says; otherwise a quarter of what there is, two gigabytes at most.
pub(super) fn memory(faults: &mut Faults<'_>) -> u64 {
    let asked = faults.parsed("PODIUM_MEMORY", "a size of at least 16MB", |text| {
        size(text).filter(|bytes| *bytes >= LEAST)
    });
    asked.unwrap_or_else(|| usual(there_is()))
}

fn usual(there_is: Option<u64>) -> u64 {
    there_is.map_or(MOST_UNASKED / 8, |bytes| (bytes / 4).clamp(LEAST, MOST_UNASKED))
}

/// `512MB`, `2GB`, `1.5 GB`, or a number of megabytes.
fn size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let unit: u64 = match &text[digits.len()..] {
        "" | "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        "K" | "KB" | "KIB" => 1 << 10,
        _ => return None,
    };
    let number: f64 = digits.trim().parse().ok().filter(|number| *number >= 0.0)?;
    let bytes = number * unit as f64;
    (bytes < (1_u64 << 50) as f64).then_some(bytes as u64)
}

/// The machine's memory, or what the container may have of it.
fn there_is() -> Option<u64> {
    let of_machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|told| {
        let line = told.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
    });
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let of_container = limits
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok());
    of_machine.into_iter().chain(of_container).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_or_are_megabytes() {
        for (text, bytes) in [
            ("512MB", 512 << 20),
            ("512", 512 << 20),
            ("2GB", 2 << 30),
            ("1.5 gb", 3 << 29),
            ("64MiB", 64 << 20),
            ("20000k", 20_000 << 10),
        ] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "much", "-1MB", "5 parsecs", "NaN", "1e99GB", "MB"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn a_quarter_of_what_there_is_within_bounds() {
        assert_eq!(usual(Some(1 << 30)), 256 << 20);
        assert_eq!(usual(Some(64 << 30)), 2 << 30);
        assert_eq!(usual(Some(10 << 20)), LEAST);
        assert_eq!(usual(None), 256 << 20);
        assert!(there_is().is_none_or(|bytes| bytes > 1 << 20));
    }
}
