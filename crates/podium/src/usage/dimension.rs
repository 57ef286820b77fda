//! The registry of dimensions: what usage can be told apart by.
//!
//! Parameters, documentation, errors, `/api/v1/meta` and exports all come from here.

/// What usage can be told apart by, besides time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The team that spent.
    Team,
    /// The API key that asked.
    ApiKey,
    /// The model group: the public name that callers use.
    Model,
    /// The provider's name of the model.
    ProviderModel,
    /// Who runs the model.
    Provider,
    /// The gateway's route, such as `/chat/completions`.
    Endpoint,
    /// The tool of an MCP server that was called.
    McpTool,
}

/// Number of dimensions.
pub const DIMENSIONS: usize = 7;

/// What is told of a dimension.
#[derive(Clone, Copy, Debug)]
pub struct DimensionInfo {
    /// Its name in parameters.
    pub name: &'static str,
    /// The column of its values' names.
    pub name_column: &'static str,
    /// The column of its values' ids, where these are not the names themselves.
    pub id: Option<&'static str>,
    /// What people call it.
    pub label: &'static str,
    /// What one of its values is.
    pub value: &'static str,
    /// Whether the gateway's daily table knows it.
    pub in_days: bool,
    /// Whether request logs know it.
    pub in_requests: bool,
    /// What usage is called that the gateway attributes to no value.
    pub rest: &'static str,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; DIMENSIONS] = [
        Self::Team,
        Self::ApiKey,
        Self::Model,
        Self::ProviderModel,
        Self::Provider,
        Self::Endpoint,
        Self::McpTool,
    ];

    /// The splits of a key's usage: each adds up to the key's whole, and the daily table knows one
    /// at a time.
    pub const FACETS: [Self; 5] =
        [Self::Model, Self::ProviderModel, Self::Provider, Self::Endpoint, Self::McpTool];

    /// Whether it splits the usage of a key.
    pub fn is_facet(self) -> bool {
        !matches!(self, Self::Team | Self::ApiKey)
    }

    /// The facets among some dimensions, each once.
    pub fn facets_among(used: impl Iterator<Item = Self> + Clone) -> impl Iterator<Item = Self> {
        Self::FACETS.into_iter().filter(move |facet| used.clone().any(|used| used == *facet))
    }

    /// The dimension of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.name() == name)
    }

    /// Its name in parameters and answers.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// What is told of it.
    pub fn info(self) -> DimensionInfo {
        let facet = |name, label, value, in_requests, rest| DimensionInfo {
            name,
            name_column: name,
            id: None,
            label,
            value,
            in_days: true,
            in_requests,
            rest,
        };
        match self {
            Self::Team => DimensionInfo {
                id: Some("team_id"),
                ..facet("team", "Team", "a team of the gateway", true, "Unassigned")
            },
            Self::ApiKey => DimensionInfo {
                name: "api_key",
                name_column: "api_key_alias",
                id: Some("api_key"),
                ..facet("", "API key", "an API key, by the gateway's hash", true, "No key")
            },
            Self::Model => {
                facet("model", "Model", "the public name of a model group", true, "All Models")
            }
            Self::ProviderModel => facet(
                "provider_model",
                "Provider's model",
                "the provider's name of a model",
                true,
                "Unknown",
            ),
            Self::Provider => facet("provider", "Provider", "who runs the model", true, "Unknown"),
            Self::Endpoint => {
                facet("endpoint", "Endpoint", "a route of the gateway", false, "Unknown")
            }
            Self::McpTool => {
                facet("mcp_tool", "MCP tool", "a tool of an MCP server", false, "No tool")
            }
        }
    }
}
