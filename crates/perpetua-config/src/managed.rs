//! Where the managed core comes from, and who signs for it.

use std::path::PathBuf;
use std::time::Duration;

use crate::{AddressSource, HttpUrl, Name, ProxySource};

/// `[core]`: the one that all managed accounts of the node share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreInstallSettings {
    /// Whether one is downloaded when an account needs it.
    pub auto_install: bool,
    /// How often a newer one is looked for; `None` never.
    pub check_every: Option<Duration>,
    /// The proxy that downloads go through.
    pub proxy: Option<ProxySource>,
    /// Where it may come from, in the order in which they are asked.
    pub sources: Vec<CoreSource>,
}

impl Default for CoreInstallSettings {
    fn default() -> Self {
        Self {
            auto_install: true,
            check_every: Some(Duration::from_hours(24)),
            proxy: None,
            sources: vec![CoreSource::default()],
        }
    }
}

/// `[[core.sources]]`: a place that releases of the core come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CoreSource {
    /// A release of a repository on GitHub, or on a server with the same API.
    Github {
        /// The API's address.
        api: HttpUrl,
        /// `owner/name`.
        repository: String,
        /// The release's tag.
        tag: String,
        /// The file's name: `{rid}` stands for the system (`linux-x64`), `{archive}` for `zip` or
        /// `tar.gz`, `*` for anything.
        asset: String,
    },
    /// A static index of releases.
    Index {
        /// The index's address.
        url: HttpUrl,
    },
    /// A proxy for the addresses of the GitHub sources, of which there is at least one.
    Mirror {
        /// What stands before theirs, with or without a `/` at its end.
        prefix: HttpUrl,
    },
    /// A file or a folder of this machine.
    Local {
        /// As written: a relative path starts at the folder of `perpetua.toml`.
        path: PathBuf,
    },
}

impl CoreSource {
    /// The repository that the core is developed in.
    pub const REPOSITORY: &str = "LagrangeDev/Lagrange.Core";
    /// Its only release (`Lagrange.OneBot-release.yml` there).
    pub const TAG: &str = "nightly";
    /// What its files are called; the version of .NET changes with the years.
    pub const ASSET: &str = "Lagrange.OneBot_{rid}_net*_SelfContained.{archive}";
}

impl Default for CoreSource {
    /// The core's own release.
    fn default() -> Self {
        Self::Github {
            api: HttpUrl::github_api(),
            repository: Self::REPOSITORY.to_owned(),
            tag: Self::TAG.to_owned(),
            asset: Self::ASSET.to_owned(),
        }
    }
}

/// `[[signers]]`: a server that signs what a core sends to QQ. Without one QQ refuses every login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Its name, unique in the file.
    pub name: Name,
    /// The address that is posted to, with or without a `/` at its end.
    pub url: AddressSource,
}
