//! Signers: who signs what the core sends, and whether they would (`OneBotSigner.cs`).

mod address;
mod app_info;
mod choose;
mod fault;
mod probe;

pub use address::{ProxyUrl, ProxyUrlError, SignerUrl, SignerUrlError};
pub use app_info::AppInfo;
pub use choose::Chosen;
pub use fault::SignerFault;
pub use probe::{LastReport, PROBE_TIMEOUT, ProbeReport, Prober, SignerAnswer};

/// A signer of the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResolvedSigner {
    /// Its name in the settings.
    pub name: String,
    /// Where it signs.
    pub url: SignerUrl,
    /// The HTTP proxy on the way to it.
    pub proxy: Option<ProxyUrl>,
}
