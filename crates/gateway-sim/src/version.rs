//! What a release of the gateway can do.

/// The abilities of a release. Start from a preset and change single switches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// `/team/daily/activity/aggregated` and its `/keys` exist; 404 otherwise.
    pub aggregated: bool,
    /// `/v2/team/list` exists; 404 otherwise.
    pub team_list_v2: bool,
    /// `/spend/logs/v2` exists; 404 otherwise.
    pub spend_logs_v2: bool,
    /// The largest `page_size` of `/spend/logs/…`; 422 above.
    pub spend_logs_max_page_size: u32,
    /// The largest `page_size` of `/team/daily/activity`; 422 above. `None`: no bound.
    pub max_page_size: Option<u32>,
    /// `breakdown` has `model_groups`.
    pub model_groups: bool,
    /// `breakdown` has `endpoints`.
    pub endpoints: bool,
    /// `/team/daily/activity` rejects a range that ends before it begins; 200 and empty otherwise.
    pub rejects_backward_ranges: bool,
    /// `/v2/user/info` exists; 404 otherwise.
    pub user_info_v2: bool,
    /// `/key/info` tells a `status`, and also of deleted keys.
    pub key_status: bool,
    /// Metrics have response times, savings and `flat_cost`.
    pub timings: bool,
}

impl Version {
    /// LiteLLM 1.106.
    pub const CURRENT: Version = Version {
        aggregated: true,
        team_list_v2: true,
        spend_logs_v2: true,
        spend_logs_max_page_size: 1000,
        max_page_size: None,
        model_groups: true,
        endpoints: true,
        rejects_backward_ranges: false,
        user_info_v2: true,
        key_status: true,
        timings: true,
    };

    /// LiteLLM 1.110.
    pub const NEWEST: Version = Version { rejects_backward_ranges: true, ..Version::CURRENT };

    /// Before the aggregated answer and the second version of the lists. Pages were ordered by
    /// date alone then: set [`crate::Fault::UnstablePages`] to have rows of a date change places
    /// from read to read.
    pub const OLDER: Version = Version {
        aggregated: false,
        team_list_v2: false,
        spend_logs_v2: false,
        spend_logs_max_page_size: 100,
        user_info_v2: false,
        key_status: false,
        timings: false,
        ..Version::CURRENT
    };

    /// Also without model groups and endpoints in the breakdown.
    pub const OLDEST: Version = Version { model_groups: false, endpoints: false, ..Version::OLDER };
}

impl Default for Version {
    fn default() -> Version {
        Version::CURRENT
    }
}
