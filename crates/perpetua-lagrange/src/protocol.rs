//! Which client of QQ the core pretends to be.

use std::fmt;
use std::str::FromStr;

/// The kind of client; `Account.Protocol` of the core's settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CoreProtocol {
    /// QQ for Linux; what signers usually sign for.
    #[default]
    Linux,
    /// QQ for Windows.
    Windows,
    /// QQ for macOS.
    MacOs,
}

/// No such protocol.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a protocol of the core")]
pub struct UnknownProtocol(pub String);

impl CoreProtocol {
    /// As the core's settings spell it; the core heeds the case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
            Self::MacOs => "MacOs",
        }
    }

    /// The protocol of an app info's `Os`: it says `Mac` where the settings say `MacOs` (`OneBotSigner.cs`).
    pub fn of_system(system: &str) -> Option<Self> {
        match system {
            "Mac" => Some(Self::MacOs),
            other => other.parse().ok(),
        }
    }
}

impl fmt::Display for CoreProtocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for CoreProtocol {
    type Err = UnknownProtocol;

    /// Takes any case: people write `macos`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Linux, Self::Windows, Self::MacOs]
            .into_iter()
            .find(|protocol| protocol.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownProtocol(text.to_owned()))
    }
}
