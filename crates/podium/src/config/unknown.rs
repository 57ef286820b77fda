//! Names that nobody knows, and which known one may be meant.

use super::registry;

/// Longer names are not looked at, nor told.
const MOST_LETTERS: usize = 64;

/// What is said of a variable that looks like one of ours and is not. Those that an orchestrator
/// sets for a service called `podium` are none.
pub(super) fn variable(name: &str, value: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    if !upper.starts_with("PODIUM_") || is_of_a_service(&upper, value) {
        return None;
    }
    let known: Vec<String> = registry::names().map(registry::Named::variable).collect();
    let meant = match upper.as_str() {
        "PODIUM_PORT" => Some("VITE_LEADERBOARD_BACKEND_PORT, or PODIUM_LISTEN"),
        _ => nearest(&upper, known.iter().map(String::as_str)),
    };
    Some(match meant {
        Some(meant) => {
            format!("{} is not known and has no effect; did you mean {meant}?", told(name))
        }
        None => format!("{} is not known and has no effect", told(name)),
    })
}

/// Kubernetes tells every container of every service near it, in such variables:
/// `PODIUM_SERVICE_HOST`, `PODIUM_PORT` (`tcp://…`), `PODIUM_PORT_8000_TCP_ADDR`.
fn is_of_a_service(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|begin| value.starts_with(begin));
    let is_of_a_port = || {
        let (_, port) = name.rsplit_once("_PORT_")?;
        let (number, rest) = port.split_once('_')?;
        let protocol = rest.split('_').next()?;
        Some(number.parse::<u16>().is_ok() && matches!(protocol, "TCP" | "UDP" | "SCTP"))
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || (name.ends_with("_PORT") && is_address)
        || is_of_a_port().unwrap_or(false)
}

/// The known name that is spelt most alike, if it is near, or that goes on where this one ends.
pub(super) fn nearest<'a>(
    wrong: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    if wrong.is_empty() || wrong.len() > MOST_LETTERS {
        return None;
    }
    let distance = |name: &str| strsim::damerau_levenshtein(wrong, name);
    let near = known.clone().min_by_key(|name| distance(name));
    let near = near.filter(|name| distance(name) <= 1 + name.len() / 5);
    near.or_else(|| known.clone().find(|name| wrong.len() > 2 && name.starts_with(wrong)))
}

/// A name as it can be told: short, on one line.
pub(super) fn told(name: &str) -> String {
    let told: String = name.chars().take(MOST_LETTERS).flat_map(char::escape_debug).collect();
    if name.chars().nth(MOST_LETTERS).is_some() { format!("{told}…") } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_orchestrator_sets_is_no_mistake() {
        for (name, value) in [
            ("PODIUM_SERVICE_HOST", "10.0.0.1"),
            ("PODIUM_SERVICE_PORT", "8000"),
            ("PODIUM_SERVICE_PORT_HTTP", "8000"),
            ("PODIUM_PORT", "tcp://10.0.0.1:8000"),
            ("PODIUM_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
            ("PODIUM_PORT_8000_TCP_PROTO", "tcp"),
            ("PODIUM_PORT_8000_TCP_PORT", "8000"),
            ("PODIUM_PORT_53_UDP_ADDR", "10.0.0.1"),
            ("PODIUM_METRICS_SERVICE_HOST", "10.0.0.1"),
            ("PODIUM_METRICS_PORT", "tcp://10.0.0.1:9000"),
            ("PODIUM_METRICS_PORT_9000_TCP_ADDR", "10.0.0.1"),
            ("LITELLM_MASTER_KEY", "sk-canary"),
            ("HOME", "/root"),
        ] {
            assert_eq!(variable(name, value), None, "{name}");
        }
    }

    #[test]
    fn none_of_ours_is_taken_for_one_of_a_service() {
        for named in registry::names() {
            let name = named.variable();
            assert!(!is_of_a_service(&name, ""), "an orchestrator would set {name}");
            let by_a_service = name.starts_with("PODIUM_") && name.ends_with("_PORT");
            assert!(!by_a_service, "Kubernetes sets {name} for a service of that name");
        }
    }

    #[test]
    fn what_is_meant_is_suggested_without_the_value() {
        for (name, meant) in [
            ("PODIUM_REFERSH", "PODIUM_REFRESH"),
            ("podium_refresh", "PODIUM_REFRESH"),
            ("PODIUM_PORT", "PODIUM_LISTEN"),
            ("PODIUM_PORT", "VITE_LEADERBOARD_BACKEND_PORT"),
            ("PODIUM_BACKFILL", "PODIUM_BACKFILL_DAYS"),
            ("PODIUM_OIDC_SECRET", "PODIUM_OIDC_"),
        ] {
            let warning = variable(name, "canary").expect(name);
            assert!(warning.contains(meant) && warning.starts_with(name), "{warning}");
            assert!(!warning.contains("canary"));
        }
        let none = variable("PODIUM_ENTIRELY_ELSE", "").expect("not known");
        assert!(!none.contains("did you mean"), "{none}");
        let long = variable(&format!("PODIUM_{}\n", "X".repeat(10_000)), "").expect("not known");
        assert!(long.len() < 200, "{long}");
    }
}
