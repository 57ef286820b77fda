//! Which answers get a line in the log of the process.

/// The target of these lines.
pub const ACCESS_LOG: &str = "podium::access_log";

/// Which ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessLog {
    /// None.
    Off,
    /// Those that failed by Podium's or the gateway's fault.
    #[default]
    Errors,
    /// All of them.
    All,
}

impl AccessLog {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "off" => Some(Self::Off),
            "errors" => Some(Self::Errors),
            "all" => Some(Self::All),
            _ => None,
        }
    }
}
