//! Metrics as text, in the format that was asked for.

use axum::http::{HeaderMap, HeaderValue, header};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::meter::{BOUNDS, Durations};

/// A format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Format {
    /// The text format 0.0.4, which everybody reads.
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// The format that is liked best; the older one where both are the same to whoever asks.
    pub(in crate::api) fn wanted(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter();
        let accepted: Vec<&str> = accepted.filter_map(|value| value.to_str().ok()).collect();
        let liked = |media_type: &str| {
            let of = accepted.iter().flat_map(|value| value.split(',')).filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let is_it = parts.next()?.eq_ignore_ascii_case(media_type);
                let weight = parts.find_map(|part| part.strip_prefix("q="));
                is_it.then(|| weight.map_or(Some(1.0), |text| text.parse::<f32>().ok()))?
            });
            of.fold(0.0, f32::max)
        };
        let open = liked("application/openmetrics-text");
        if open > 0.0 && open > liked("text/plain") { Self::OpenMetrics } else { Self::Text }
    }

    /// What an answer in it says of itself.
    pub(in crate::api) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        })
    }
}

type Labels = Vec<(&'static str, String)>;

/// All metrics of one moment.
#[derive(Debug, Default)]
pub(in crate::api) struct Exposition(Vec<Family>);

/// A metric with all of its series.
#[derive(Debug)]
struct Family {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
    series: Vec<(Labels, Reading)>,
}

/// A number of a series.
#[derive(Debug)]
pub(in crate::api) enum Reading {
    Count(u64),
    Amount(f64),
    Durations(Box<Durations>),
}

impl From<u64> for Reading {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<usize> for Reading {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<bool> for Reading {
    fn from(is_so: bool) -> Self {
        Self::Count(is_so.into())
    }
}

impl From<f64> for Reading {
    fn from(amount: f64) -> Self {
        Self::Amount(if amount.is_finite() { amount } else { 0.0 })
    }
}

/// Adds to one family.
#[derive(Debug)]
pub(in crate::api) struct Adding<'e>(&'e mut Family);

impl Adding<'_> {
    /// A series with some labels.
    pub(in crate::api) fn add(
        &mut self,
        labels: &[(&'static str, &str)],
        value: impl Into<Reading>,
    ) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.0.series.push((labels, value.into()));
    }
}

impl Exposition {
    /// A metric that only grows; its series are called `{name}_total`.
    pub(in crate::api) fn counters(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> Adding<'_> {
        self.family(name, help, MetricType::Counter)
    }

    /// A metric that goes up and down.
    pub(in crate::api) fn gauges(&mut self, name: &'static str, help: &'static str) -> Adding<'_> {
        self.family(name, help, MetricType::Gauge)
    }

    /// A metric of one series that only grows.
    pub(in crate::api) fn counter(
        &mut self,
        name: &'static str,
        help: &'static str,
        value: impl Into<Reading>,
    ) {
        self.counters(name, help).add(&[], value);
    }

    /// A metric of one series that goes up and down.
    pub(in crate::api) fn gauge(
        &mut self,
        name: &'static str,
        help: &'static str,
        value: impl Into<Reading>,
    ) {
        self.gauges(name, help).add(&[], value);
    }

    /// Durations by some labels.
    pub(in crate::api) fn durations<'l>(
        &mut self,
        name: &'static str,
        help: &'static str,
        of: impl IntoIterator<Item = (Vec<(&'static str, &'l str)>, Durations)>,
    ) {
        let mut family = self.family(name, help, MetricType::Histogram);
        for (labels, durations) in of {
            family.add(&labels, Reading::Durations(Box::new(durations)));
        }
    }

    fn family(&mut self, name: &'static str, help: &'static str, kind: MetricType) -> Adding<'_> {
        let place = self.0.len();
        self.0.push(Family { name, help, kind, series: Vec::new() });
        Adding(&mut self.0[place])
    }

    /// All of it as text.
    pub(in crate::api) fn write(self, format: Format) -> Result<String, std::fmt::Error> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let mut to = String::new();
        match format {
            Format::Text => prometheus_text::encode(&mut to, &registry)?,
            Format::OpenMetrics => text::encode(&mut to, &registry)?,
        }
        Ok(to)
    }
}

impl Collector for Exposition {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        for family in self.0.iter().filter(|family| !family.series.is_empty()) {
            let mut metric =
                encoder.encode_descriptor(family.name, family.help, None, family.kind)?;
            for (labels, reading) in &family.series {
                let mut one = metric.encode_family(labels)?;
                match (reading, family.kind) {
                    (Reading::Count(count), MetricType::Counter) => {
                        one.encode_counter::<Labels, _, f64>(count, None)?;
                    }
                    (Reading::Amount(amount), MetricType::Counter) => {
                        one.encode_counter::<Labels, _, f64>(amount, None)?;
                    }
                    (Reading::Count(count), _) => one.encode_gauge(count)?,
                    (Reading::Amount(amount), _) => one.encode_gauge(amount)?,
                    (Reading::Durations(durations), _) => {
                        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
                        let classes: Vec<(f64, u64)> = bounds.zip(durations.classes).collect();
                        let (sum, count) = (durations.sum_seconds, durations.count());
                        one.encode_histogram::<Labels>(sum, count, &classes, None)?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn wanted(accept: &str) -> Format {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header"));
        Format::wanted(&headers)
    }

    #[test]
    fn the_format_is_the_one_that_is_liked_best() {
        let prometheus = "application/openmetrics-text;version=1.0.0,\
                          application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(wanted(prometheus), Format::OpenMetrics);
        assert_eq!(wanted("text/plain, application/openmetrics-text;q=0.5"), Format::Text);
        assert_eq!(wanted("Application/OpenMetrics-Text; q=0.2"), Format::OpenMetrics);
        for plain in ["*/*", "text/html", "application/openmetrics-text;q=0", "q=1", ""] {
            assert_eq!(wanted(plain), Format::Text, "{plain}");
        }
        assert_eq!(Format::wanted(&HeaderMap::new()), Format::Text);
    }

    fn told() -> Exposition {
        let mut told = Exposition::default();
        let awkward = "back\\slash \"quote\"\nline 🦀";
        told.counters("podium_a", "Counted").add(&[("team", awkward)], 7_u64);
        told.gauge("podium_b", "Measured", 0.25);
        told.gauges("podium_none", "Nothing of it is known");
        let meter = crate::meter::DurationMeter::default();
        meter.add(Duration::from_millis(2));
        told.durations("podium_c_seconds", "Lasted", [(vec![("route", "/x")], meter.read())]);
        told
    }

    #[test]
    fn both_formats_say_the_same_in_their_own_words() {
        let text = told().write(Format::Text).expect("text");
        assert!(
            text.starts_with(
                "# HELP podium_a_total Counted\n# TYPE podium_a_total counter\n\
             podium_a_total{team=\"back\\\\slash \\\"quote\\\"\\nline 🦀\"} 7\n"
            ),
            "{text}"
        );
        let open = told().write(Format::OpenMetrics).expect("text");
        assert!(open.starts_with("# HELP podium_a Counted\n# TYPE podium_a counter\n"), "{open}");
        assert!(open.ends_with("# EOF\n") && !text.contains("# EOF"), "{open}");
        for told in [text, open] {
            assert!(told.contains("podium_b 0.25\n") && !told.contains("podium_none"), "{told}");
            // Labels have no order.
            let is_bucket = |line: &&str| {
                line.starts_with("podium_c_seconds_bucket{")
                    && line.contains("le=\"0.005\"")
                    && line.contains("route=\"/x\"")
            };
            assert!(
                told.lines().find(is_bucket).is_some_and(|line| line.ends_with(" 1")),
                "{told}"
            );
            assert!(told.contains("podium_c_seconds_count{route=\"/x\"} 1\n"), "{told}");
        }
    }
}
