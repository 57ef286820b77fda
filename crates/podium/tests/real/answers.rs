//! What Podium answers, all endpoints of a range.

use jiff::civil::Date;
use serde_json::Value;

use crate::podium::Podium;

/// Days that are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) first: Date,
    pub(crate) last: Date,
    query: String,
}

impl Range {
    pub(crate) fn new(first: Date, last: Date) -> Range {
        Range { first, last, query: format!("?start_date={first}&end_date={last}") }
    }

    /// Yesterday and today, asked for without a parameter.
    pub(crate) fn default_at(today: Date) -> Range {
        Range { query: String::new(), ..Range::new(today.yesterday().expect("a day"), today) }
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

/// The answers about one range.
pub(crate) struct Answers {
    pub(crate) tokens: Value,
    pub(crate) time_series: Value,
    pub(crate) models: Value,
    pub(crate) success_rate: Value,
    pub(crate) cost_efficiency: Value,
}

impl Answers {
    pub(crate) async fn ask(podium: &Podium, ranges: &[Range]) -> Vec<Answers> {
        let mut all = Vec::new();
        for range in ranges {
            let ask = async |path: &str| podium.get(&format!("{path}{}", range.query)).await;
            all.push(Answers {
                tokens: ask("/tokens").await,
                time_series: ask("/tokens/timeseries").await,
                models: ask("/tokens/models").await,
                success_rate: ask("/tokens/success-rate").await,
                cost_efficiency: ask("/tokens/cost-efficiency").await,
            });
        }
        all
    }

    /// Each answer under its endpoint.
    pub(crate) fn all(&self) -> [(&'static str, &Value); 5] {
        [
            ("/tokens", &self.tokens),
            ("/tokens/timeseries", &self.time_series),
            ("/tokens/models", &self.models),
            ("/tokens/success-rate", &self.success_rate),
            ("/tokens/cost-efficiency", &self.cost_efficiency),
        ]
    }
}
