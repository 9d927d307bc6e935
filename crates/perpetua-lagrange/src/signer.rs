//! Signers: who signs what the core sends, and what client of QQ it signs for (`OneBotSigner.cs`).

mod address;
mod app_info;
mod known;

pub use address::{ProxyUrl, ProxyUrlError, SignerUrl, SignerUrlError};
pub use app_info::AppInfo;

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

impl ResolvedSigner {
    /// The proxy that it is asked through: none leads to a program of this machine.
    pub fn way(&self) -> Option<&ProxyUrl> {
        self.proxy.as_ref().filter(|_| !self.url.is_loopback())
    }
}
