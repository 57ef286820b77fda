//! The registry of an export's files: their columns, types and meanings. The documentation has the same
//! table, and a test compares both.

use crate::usage::{AMOUNT_NAMES, COUNT_NAMES};

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// A day in UTC.
    Date,
    /// A time in UTC.
    Instant,
    /// A whole number of 64 bits.
    Integer,
    /// A float of 64 bits.
    Number,
    /// True or false.
    Boolean,
    /// Bytes.
    Bytes,
    /// Any number of whole numbers.
    Integers,
}

impl Kind {
    /// What DuckDB calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "VARCHAR",
            Self::Date => "DATE",
            Self::Instant => "TIMESTAMPTZ",
            Self::Integer => "BIGINT",
            Self::Number => "DOUBLE",
            Self::Boolean => "BOOLEAN",
            Self::Bytes => "BLOB",
            Self::Integers => "BIGINT[]",
        }
    }
}

/// A column of a file.
#[derive(Clone, Debug)]
pub struct ColumnSpec {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Whether each row has a value.
    pub is_required: bool,
    /// What it holds.
    pub about: String,
}

/// A file of an export.
#[derive(Clone, Debug)]
pub struct TableSpec {
    /// Its name, without `.parquet`.
    pub name: &'static str,
    /// What a row of it is.
    pub about: &'static str,
    /// Its columns, in their order.
    pub columns: Vec<ColumnSpec>,
}

impl TableSpec {
    /// The name of the file.
    pub fn file(&self) -> String {
        format!("{}.parquet", self.name)
    }
}

fn column(name: &str, kind: Kind, about: &str) -> ColumnSpec {
    ColumnSpec { name: name.to_owned(), kind, is_required: true, about: about.to_owned() }
}

fn optional(name: &str, kind: Kind, about: &str) -> ColumnSpec {
    ColumnSpec { is_required: false, ..column(name, kind, about) }
}

/// A column for each measure that is kept.
fn measures(prefix: &str, is_required: bool) -> impl Iterator<Item = ColumnSpec> + '_ {
    let names = AMOUNT_NAMES.iter().map(|name| (name, Kind::Number));
    let names = names.chain(COUNT_NAMES.iter().map(|name| (name, Kind::Integer)));
    names.map(move |(name, kind)| ColumnSpec {
        name: format!("{prefix}{name}"),
        kind,
        is_required,
        about: "as in `/api/v1/meta`".to_owned(),
    })
}

/// The places of the files among [`tables`].
pub(super) const DAYS: usize = 0;
pub(super) const TEAM_USAGE: usize = 1;
pub(super) const KEY_USAGE: usize = 2;
pub(super) const MODEL_USAGE: usize = 3;
pub(super) const FACET_USAGE: usize = 4;
pub(super) const QUARTER_HOURS: usize = 5;
pub(super) const LOG_DAYS: usize = 6;
pub(super) const COUNTED_REQUESTS: usize = 7;
pub(super) const TEAMS: usize = 8;
pub(super) const API_KEYS: usize = 9;
pub(super) const FINDINGS: usize = 10;

/// All files, in the order in which they are written.
pub fn tables() -> Vec<TableSpec> {
    use Kind::{Boolean, Bytes, Date, Instant, Integer, Integers, Text};
    let table = |name, about, columns| TableSpec { name, about, columns };
    let day = || column("day", Date, "the day, in UTC");
    let team = || column("team_id", Text, "the team's id; `Unassigned` without a team");
    let key = || {
        optional("api_key", Text, "the gateway's hash of the key; none: attributed to none of them")
    };
    let rest = || {
        column(
            "is_rest",
            Boolean,
            "not told by the gateway, but what is left of a whole; may be negative",
        )
    };
    let usage = |columns: Vec<ColumnSpec>| {
        columns.into_iter().chain(measures("", true)).collect::<Vec<_>>()
    };
    vec![
        table("days", "a day that was read, with the gateway's total", {
            let columns = vec![
                day(),
                column("fetched_at", Instant, "when it was read in full"),
                column(
                    "checked_at",
                    Instant,
                    "when the gateway last said that it is as it is stored",
                ),
                column("has_usage", Boolean, "whether the gateway has rows of it"),
                column("with_facets", Boolean, "whether it was read with all facets"),
                column(
                    "is_unverified",
                    Boolean,
                    "whether its sums did not agree, however often it was read",
                ),
            ];
            let mut columns = usage(columns);
            columns.extend(measures("read_", false));
            columns.extend(measures("gateway_", false));
            columns
        }),
        table("team_usage", "what a team used on a day", usage(vec![day(), team()])),
        table(
            "key_usage",
            "what an API key used on a day under a team",
            usage(vec![day(), team(), key(), rest()]),
        ),
        table(
            "model_usage",
            "what an API key used on a day of a model group; the rows of a day add up to it",
            usage(vec![
                day(),
                team(),
                key(),
                optional("model", Text, "the model group; none: told of none"),
                rest(),
            ]),
        ),
        table(
            "facet_usage",
            "the same split by another facet, where the gateway tells it; the rows of a day and a facet add up to the day",
            usage(vec![
                day(),
                column("facet", Text, "`provider_model`, `provider`, `endpoint` or `mcp_tool`"),
                team(),
                key(),
                optional("value", Text, "the facet's value; none: told of none"),
                rest(),
            ]),
        ),
        table(
            "quarter_hours",
            "what was used in a quarter hour, as far as request logs and pushes tell",
            {
                let mut columns = vec![
                    column("starts_at", Instant, "when the quarter hour begins"),
                    team(),
                    column("api_key", Text, "the gateway's hash of the key"),
                    column("model", Text, "the model group"),
                    column("provider_model", Text, "the provider's name of the model"),
                    column("provider", Text, "who runs the model"),
                ];
                columns.extend(measures("", true).filter(|column| column.name != "flat_cost_usd"));
                columns.extend([
                column("duration_bands", Integers, "bands of durations, rising: 0 holds 0 ms, *b* more than 1.1^(*b*-1) and up to 1.1^*b* ms"),
                column("duration_counts", Integers, "how many requests are in each of them"),
                column("first_token_bands", Integers, "the same bands, of the time to the first token"),
                column("first_token_counts", Integers, "how many requests are in each of them"),
            ]);
                columns
            },
        ),
        table(
            "log_days",
            "how far the request logs of a day were read",
            vec![
                day(),
                optional(
                    "read_until",
                    Instant,
                    "they were read from the day's beginning until here",
                ),
                optional("read_at", Instant, "when reading them from the beginning was last begun"),
                column("has_pushes", Boolean, "whether requests of the day were pushed"),
            ],
        ),
        table(
            "counted_requests",
            "a request that was counted and may come again",
            vec![
                day(),
                column("identity", Bytes, "a hash of its id, key and outcome, 16 bytes"),
                column("started_at", Instant, "when it began"),
                column("has_tokens", Boolean, "whether its tokens were counted, too"),
                column("is_logged", Boolean, "whether it came from the logs"),
                column("is_pushed", Boolean, "whether it was pushed"),
            ],
        ),
        table(
            "teams",
            "a team that has a name, or is listed",
            vec![
                column("team_id", Text, "its id"),
                optional("alias", Text, "its name"),
                optional(
                    "position",
                    Integer,
                    "its place in the gateway's list, from 0; none: not listed any more",
                ),
            ],
        ),
        table(
            "api_keys",
            "an API key that has a name",
            vec![
                column("api_key", Text, "the gateway's hash of it"),
                column("alias", Text, "its name"),
            ],
        ),
        table("findings", "a difference that an audit found", {
            let mut columns = vec![
                column("found_at", Instant, "when it was found"),
                day(),
                column("cause", Text, "`moved`, `unverified`, `not_stored` or `equal`"),
                column(
                    "is_stored",
                    Boolean,
                    "whether the day was stored, so that there are `our_` figures",
                ),
            ];
            columns.extend(measures("our_", false));
            columns.extend(measures("gateway_", true));
            columns
        }),
    ]
}
