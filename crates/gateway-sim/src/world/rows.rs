//! Rows of daily usage.

use jiff::civil::Date;

use super::counters::Counters;
use super::hash::scatter;
use super::names::{Name, Names};

/// One row of the daily table, as its writers and readers see it.
///
/// A row is identified by everything but `model_group` and `counters`. The gateway leaves the
/// model group out, so usage of one provider model under two public names is booked under the
/// name that was used first (LiteLLM 1.106, unique index of `LiteLLM_DailyTeamSpend`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DailyRow {
    /// The UTC date on which the requests began.
    pub date: Date,
    /// `None` as old releases wrote for no team, `Some("")` as new ones do.
    pub team_id: Option<String>,
    /// SHA-256 of the key in hex, `""` for none, or `litellm_proxy_master_key`.
    pub api_key: String,
    /// The provider's name, such as `openai/gpt-5.2`.
    pub model: Option<String>,
    /// The public name, such as `acme/OpenAI/gpt-5.2`.
    pub model_group: Option<String>,
    /// Such as `openai`; reported as `unknown` when missing.
    pub provider: Option<String>,
    /// Such as `/chat/completions`; refused management calls have none.
    pub endpoint: Option<String>,
    /// The tool of an MCP server that was called, with the server's name before it.
    pub mcp_tool: Option<String>,
    /// What was counted.
    pub counters: Counters,
}

/// A row with codes in place of texts. Its date is that of the list it is in.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) team: Name,
    pub(crate) api_key: Name,
    pub(crate) model: Name,
    pub(crate) model_group: Name,
    pub(crate) provider: Name,
    pub(crate) endpoint: Name,
    pub(crate) mcp_tool: Name,
    pub(crate) counters: Counters,
}

impl Row {
    /// Whether two rows of one date are the same row of the table.
    pub(crate) fn same_identity(&self, other: &Row) -> bool {
        self.team == other.team
            && self.api_key == other.api_key
            && self.model == other.model
            && self.provider == other.provider
            && self.endpoint == other.endpoint
            && self.mcp_tool == other.mcp_tool
    }

    /// Fills in the id that the row's identity leads to.
    pub(crate) fn identify(&mut self, names: &Names, date: Date) {
        let day = u64::from(date.year().unsigned_abs()) * 366
            + u64::from(date.day_of_year().unsigned_abs());
        self.id = [self.team, self.api_key, self.model, self.provider, self.endpoint]
            .into_iter()
            // Most rows have no tool.
            .chain(Some(self.mcp_tool).filter(|tool| tool.is_filled()))
            .fold(scatter(day), |id, name| scatter(id ^ names.hash(name)));
    }

    pub(crate) fn spell(&self, names: &Names, date: Date) -> DailyRow {
        let nullable = |name| names.nullable(name).map(str::to_owned);
        DailyRow {
            date,
            team_id: nullable(self.team),
            api_key: names.text(self.api_key).to_owned(),
            model: nullable(self.model),
            model_group: nullable(self.model_group),
            provider: nullable(self.provider),
            endpoint: nullable(self.endpoint),
            mcp_tool: nullable(self.mcp_tool),
            counters: self.counters,
        }
    }
}
