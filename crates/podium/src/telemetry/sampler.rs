//! Which traces are recorded (`OTEL_TRACES_SAMPLER`).

use super::TraceContext;

/// Decides at the first span of a trace; spans below go with those above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sampler {
    /// Whether a decision that came in with a request holds.
    pub(super) by_parent: bool,
    pub(super) root: Root,
}

/// What is decided where nobody has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Root {
    AlwaysOn,
    AlwaysOff,
    /// This share of all traces.
    Ratio(f64),
}

impl Default for Sampler {
    fn default() -> Self {
        Self { by_parent: true, root: Root::AlwaysOn }
    }
}

impl Sampler {
    /// The sampler of a name, with its argument; none for those that are not known.
    pub(super) fn named(name: &str, argument: Option<&str>) -> Option<Self> {
        let (by_parent, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name),
        };
        let root = match root {
            "always_on" => Root::AlwaysOn,
            "always_off" => Root::AlwaysOff,
            "traceidratio" => {
                let ratio = argument.map_or(Some(1.0), |text| text.parse().ok())?;
                if !(0.0..=1.0).contains(&ratio) {
                    return None;
                }
                Root::Ratio(ratio)
            }
            _ => return None,
        };
        Some(Self { by_parent, root })
    }

    /// Whether the spans of a trace are recorded, `parent` being the span of somebody else's above.
    pub(super) fn samples(self, trace_id: u128, parent: Option<TraceContext>) -> bool {
        match (parent, self.root) {
            (Some(parent), _) if self.by_parent => parent.is_sampled,
            (_, Root::AlwaysOn) => true,
            (_, Root::AlwaysOff) => false,
            (_, Root::Ratio(ratio)) => is_within(trace_id, ratio),
        }
    }
}

/// By the last 63 bits of the id, as other implementations have it, so that all agree.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share needs no 63 bits"
)]
fn is_within(trace_id: u128, ratio: f64) -> bool {
    let bound = (ratio * (1_u64 << 63) as f64) as u64;
    ((trace_id as u64) >> 1) < bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samplers_have_the_names_of_the_standard() {
        let ratio = |argument| Sampler::named("traceidratio", argument).map(|s| s.root);
        assert_eq!(ratio(Some("0.25")), Some(Root::Ratio(0.25)));
        assert_eq!(ratio(None), Some(Root::Ratio(1.0)));
        assert_eq!(ratio(Some("2")), None);
        assert_eq!(ratio(Some("NaN")), None);
        assert_eq!(Sampler::named("parentbased_always_on", None), Some(Sampler::default()));
        assert_eq!(Sampler::named("xray", None), None);
    }

    #[test]
    fn a_share_of_traces_is_recorded_and_parents_are_heard() {
        let quarter = Sampler { by_parent: true, root: Root::Ratio(0.25) };
        let (low, high) = (u128::from(u64::MAX / 5), u128::from(u64::MAX / 3));
        assert!(quarter.samples(low, None) && !quarter.samples(high, None));
        let parent = |is_sampled| Some(TraceContext { trace_id: high, span_id: 1, is_sampled });
        assert!(quarter.samples(high, parent(true)) && !quarter.samples(low, parent(false)));
        let alone = Sampler { by_parent: false, ..quarter };
        assert!(!alone.samples(high, parent(true)));
        assert!(Sampler { root: Root::Ratio(1.0), ..alone }.samples(u128::MAX, None));
        assert!(!Sampler { root: Root::Ratio(0.0), ..alone }.samples(1, None));
    }
}
