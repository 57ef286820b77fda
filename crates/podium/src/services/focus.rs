//! Costs in the FinOps Open Cost and Usage Specification (FOCUS) 1.2: a row for each UTC day, team,
//! API key, model group and provider.
//!
//! Sources of the rules: FOCUS 1.2 `specification/columns`; LiteLLM's own export for what is mapped
//! to what. Prices are not known here, so the columns of prices are left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::sheet::{Cell, CellType, Column, ColumnKind, Grid, TimeType};
use super::{Question, SheetError};
use crate::query::{Query, Table};
use crate::usage::{Day, DayRange, Dimension, Metrics, REST};

/// A day's costs.
#[derive(Debug)]
pub struct Focus {
    columns: Vec<Column>,
    rows: Vec<FocusRow>,
    period: [Timestamp; 4],
}

#[derive(Debug)]
struct FocusRow {
    api_key: Arc<str>,
    key_alias: Option<Arc<str>>,
    team: Option<(Arc<str>, String)>,
    model: Arc<str>,
    provider: String,
    description: String,
    tags: String,
    metrics: Metrics,
}

use CellType::{Instant, Integer, Number, String as Text};

/// The columns: those of FOCUS in the order of the alphabet, then our own.
const COLUMNS: [(&str, CellType); 37] = [
    ("BilledCost", Number),
    ("BillingAccountId", Text),
    ("BillingAccountName", Text),
    ("BillingAccountType", Text),
    ("BillingCurrency", Text),
    ("BillingPeriodEnd", Instant),
    ("BillingPeriodStart", Instant),
    ("ChargeCategory", Text),
    ("ChargeClass", Text),
    ("ChargeDescription", Text),
    ("ChargeFrequency", Text),
    ("ChargePeriodEnd", Instant),
    ("ChargePeriodStart", Instant),
    ("ConsumedQuantity", Number),
    ("ConsumedUnit", Text),
    ("ContractedCost", Number),
    ("EffectiveCost", Number),
    ("InvoiceId", Text),
    ("InvoiceIssuerName", Text),
    ("ListCost", Number),
    ("PricingQuantity", Number),
    ("PricingUnit", Text),
    ("ProviderName", Text),
    ("PublisherName", Text),
    ("ServiceCategory", Text),
    ("ServiceName", Text),
    ("ServiceSubcategory", Text),
    ("SubAccountId", Text),
    ("SubAccountName", Text),
    ("SubAccountType", Text),
    ("Tags", Text),
    ("x_CacheReadTokens", Integer),
    ("x_CacheWriteTokens", Integer),
    ("x_CompletionTokens", Integer),
    ("x_FailedRequests", Integer),
    ("x_PromptTokens", Integer),
    ("x_Requests", Integer),
];

/// What is said where the gateway names nothing.
const UNKNOWN: &str = "unknown";
/// Of a model group that several providers run, or whose provider cannot be told.
const MULTIPLE: &str = "multiple";
const NO_KEY: &str = "no-api-key";

/// The costs of one UTC day.
pub async fn focus(question: Question<'_>, day: Day) -> Result<Focus, SheetError> {
    let by = [Dimension::Team, Dimension::ApiKey, Dimension::Model];
    let measures = [
        "tokens",
        "prompt_tokens",
        "completion_tokens",
        "cache_read_tokens",
        "cache_creation_tokens",
        "requests",
        "failed_requests",
        "request_spend_usd",
        "flat_cost_usd",
    ];
    let days = DayRange::single(day);
    let table = question.ask(&Query { days, ..question.query(&by, &measures) }).await?;
    let providers = Providers::of(question, days, &table).await?;
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let metrics = table.metrics(*row);
        if metrics.is_zero() {
            continue;
        }
        let [team, api_key, model] = [0, 1, 2].map(|place| table.id(*row, place).clone());
        rows.push(FocusRow::new(question, &table, &providers, team, api_key, model, metrics));
    }
    rows.sort_unstable_by(|one, other| one.order().cmp(&other.order()));
    let column = |(name, cells): &(&str, CellType)| Column {
        name: (*name).to_owned(),
        kind: ColumnKind::Dimension,
        cells: *cells,
        unit: None,
    };
    Ok(Focus { columns: COLUMNS.iter().map(column).collect(), rows, period: periods(day) })
}

/// The start and end of the day, and of its month.
fn periods(day: Day) -> [Timestamp; 4] {
    let start = |day: Day| day.previous().map_or(Timestamp::MIN, Day::end);
    let month = |date: jiff::civil::Date| Day::new(date.year(), date.month(), date.day());
    let first = month(day.date().first_of_month()).unwrap_or(day);
    let last = month(day.date().last_of_month()).unwrap_or(day);
    [start(day), day.end(), start(first), last.end()]
}

impl FocusRow {
    fn new(
        question: Question<'_>,
        table: &Table,
        providers: &Providers,
        team: Arc<str>,
        api_key: Arc<str>,
        model: Arc<str>,
        metrics: Metrics,
    ) -> Self {
        let view = question.view;
        let provider = providers.of_model(&model).to_owned();
        let service = if &*model == REST { UNKNOWN } else { &*model };
        let key_alias = table.keys.alias(view.reader, &api_key);
        let team = (&*team != crate::usage::UNASSIGNED).then(|| {
            let alias = view.reader.ledger.team_alias(&team).unwrap_or(&team).to_owned();
            (team, alias)
        });
        let mut tags: BTreeMap<&str, &str> = BTreeMap::new();
        if let Some((id, alias)) = &team {
            tags.extend([("team_id", &**id), ("team_alias", alias.as_str())]);
        }
        tags.extend(key_alias.as_deref().map(|alias| ("api_key_alias", alias)));
        if &*model != REST {
            tags.insert("model_group", &model);
        }
        if ![UNKNOWN, MULTIPLE].contains(&provider.as_str()) {
            tags.insert("custom_llm_provider", &provider);
        }
        Self {
            description: format!("{service} via {provider}"),
            tags: serde_json::to_string(&tags).unwrap_or_default(),
            model: service.into(),
            api_key: if &*api_key == REST { NO_KEY.into() } else { api_key },
            key_alias,
            team,
            provider,
            metrics,
        }
    }

    /// By which rows are in the same order in every copy of the same usage: rows without a team
    /// first.
    fn order(&self) -> (Option<&str>, &str, &str, &str) {
        let team = self.team.as_ref().map(|(id, _)| &**id);
        (team, &self.api_key, &self.model, &self.tags)
    }

    #[expect(clippy::cast_precision_loss, reason = "FOCUS quantities are decimals")]
    fn cell(&self, column: &str, [start, end, month_start, month_end]: [Timestamp; 4]) -> Cell<'_> {
        let team = self.team.as_ref();
        match column {
            "BilledCost" | "ContractedCost" | "EffectiveCost" | "ListCost" => {
                Cell::Amount(self.metrics.cost_usd())
            }
            "BillingAccountId" => Cell::Text(&self.api_key),
            "BillingAccountName" => self.key_alias.as_deref().map_or(Cell::Null, Cell::Text),
            "BillingAccountType" => Cell::Text("API Key"),
            "BillingCurrency" => Cell::Text("USD"),
            "BillingPeriodStart" => Cell::Instant(month_start),
            "BillingPeriodEnd" => Cell::Instant(month_end),
            "ChargePeriodStart" => Cell::Instant(start),
            "ChargePeriodEnd" => Cell::Instant(end),
            "ChargeCategory" => Cell::Text("Usage"),
            "ChargeDescription" => Cell::Text(&self.description),
            "ChargeFrequency" => Cell::Text("Usage-Based"),
            "ConsumedQuantity" | "PricingQuantity" => {
                Cell::Amount(self.metrics.total_tokens as f64)
            }
            "ConsumedUnit" | "PricingUnit" => Cell::Text("Tokens"),
            "InvoiceIssuerName" | "ProviderName" | "PublisherName" => Cell::Text(&self.provider),
            "ServiceCategory" => Cell::Text("AI and Machine Learning"),
            "ServiceName" => Cell::Text(&self.model),
            "ServiceSubcategory" => Cell::Text("Generative AI"),
            "SubAccountId" => team.map_or(Cell::Null, |(id, _)| Cell::Text(id)),
            "SubAccountName" => team.map_or(Cell::Null, |(_, alias)| Cell::Text(alias)),
            "SubAccountType" => team.map_or(Cell::Null, |_| Cell::Text("Team")),
            "Tags" => Cell::Text(&self.tags),
            "x_CacheReadTokens" => Cell::Count(self.metrics.cache_read_tokens),
            "x_CacheWriteTokens" => Cell::Count(self.metrics.cache_creation_tokens),
            "x_CompletionTokens" => Cell::Count(self.metrics.completion_tokens),
            "x_FailedRequests" => Cell::Count(self.metrics.failed_requests),
            "x_PromptTokens" => Cell::Count(self.metrics.prompt_tokens),
            "x_Requests" => Cell::Count(self.metrics.requests),
            // There is no invoice, and nothing that corrects one.
            _ => Cell::Null,
        }
    }
}

impl Grid for Focus {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn row_count(&self) -> usize {
        self.rows.len()
    }

    fn cells(&self, row: usize) -> Vec<Cell<'_>> {
        let row = &self.rows[row];
        COLUMNS.iter().map(|(name, _)| row.cell(name, self.period)).collect()
    }

    fn time_type(&self) -> TimeType {
        TimeType::Name
    }
}

/// The providers of a day's model groups.
struct Providers(HashMap<Arc<str>, BTreeSet<Arc<str>>>);

impl Providers {
    /// From requests, where these tell; else those that every key has which used the model group.
    async fn of(question: Question<'_>, days: DayRange, table: &Table) -> Result<Self, SheetError> {
        let by = [Dimension::Model, Dimension::Provider];
        let joint = Query { days, ..question.query(&by, &["requests"]) };
        let joint = question.ask(&joint).await?;
        let mut known: HashMap<Arc<str>, BTreeSet<Arc<str>>> = HashMap::new();
        for row in &joint.rows {
            let (model, provider) = (joint.id(*row, 0), joint.id(*row, 1));
            if **model != *REST && **provider != *REST && joint.metrics(*row).requests > 0 {
                known.entry(model.clone()).or_default().insert(provider.clone());
            }
        }
        let by = [Dimension::ApiKey, Dimension::Provider];
        let of_keys = Query { days, ..question.query(&by, &["requests"]) };
        let of_keys = question.ask(&of_keys).await?;
        let mut by_key: HashMap<Arc<str>, BTreeSet<Arc<str>>> = HashMap::new();
        for row in &of_keys.rows {
            let (api_key, provider) = (of_keys.id(*row, 0), of_keys.id(*row, 1));
            if **provider != *REST {
                by_key.entry(api_key.clone()).or_default().insert(provider.clone());
            }
        }
        let mut common: HashMap<Arc<str>, BTreeSet<Arc<str>>> = HashMap::new();
        for row in &table.rows {
            let (api_key, model) = (table.id(*row, 1), table.id(*row, 2));
            let Some(providers) = by_key.get(api_key) else { continue };
            common
                .entry(model.clone())
                .and_modify(|common| common.retain(|one| providers.contains(one)))
                .or_insert_with(|| providers.clone());
        }
        for (model, providers) in common {
            known.entry(model).or_insert(providers);
        }
        Ok(Self(known))
    }

    fn of_model(&self, model: &Arc<str>) -> &str {
        if **model == *REST {
            return UNKNOWN;
        }
        match self.0.get(model) {
            None => UNKNOWN,
            Some(providers) if providers.len() == 1 => providers.first().map_or(UNKNOWN, |one| one),
            Some(_) => MULTIPLE,
        }
    }
}
