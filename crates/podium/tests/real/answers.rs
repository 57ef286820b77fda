//! What Podium answers, all endpoints of a range.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::podium::Podium;
use crate::sums::exact;

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
    pub(crate) cost_efficiency: CostEfficiency,
}

impl Answers {
    pub(crate) async fn ask(podium: &Podium, ranges: &[Range]) -> Vec<Answers> {
        let mut all = Vec::new();
        for range in ranges {
            let of = |path: &str| format!("{path}{}", range.query);
            all.push(Answers {
                tokens: podium.get(&of("/tokens")).await,
                time_series: podium.get(&of("/tokens/timeseries")).await,
                models: podium.get(&of("/tokens/models")).await,
                success_rate: podium.get(&of("/tokens/success-rate")).await,
                cost_efficiency: podium.get(&of("/tokens/cost-efficiency")).await,
            });
        }
        all
    }

    /// What each answer says of itself, under its endpoint.
    pub(crate) fn meta(&self) -> [(&'static str, &Value); 5] {
        [
            ("/tokens", &self.tokens["meta"]),
            ("/tokens/timeseries", &self.time_series["meta"]),
            ("/tokens/models", &self.models["meta"]),
            ("/tokens/success-rate", &self.success_rate["meta"]),
            ("/tokens/cost-efficiency", &self.cost_efficiency.meta),
        ]
    }
}

/// The one answer with floats that are compared digit by digit.
#[derive(Deserialize)]
pub(crate) struct CostEfficiency {
    pub(crate) cells: Vec<CostCell>,
    meta: Value,
}

#[derive(Deserialize)]
pub(crate) struct CostCell {
    pub(crate) team: String,
    pub(crate) team_id: String,
    pub(crate) model: String,
    pub(crate) total_tokens: i64,
    #[serde(deserialize_with = "exact")]
    pub(crate) total_cost: f64,
    #[serde(deserialize_with = "exact")]
    pub(crate) total_cost_unrounded: f64,
    #[serde(deserialize_with = "exact")]
    pub(crate) cost_per_1k_tokens: f64,
    #[serde(deserialize_with = "exact")]
    pub(crate) cost_per_1k_tokens_unrounded: f64,
}
