//! What a build knows of its project: where newer versions are, and whose signature makes them good.

use std::time::Duration;

use semver::Version;
use serde::Deserialize;
use thiserror::Error;

use crate::ReleaseKey;

/// The one place where the project says it, as `plugins.updater`, where Tauri's own tools look for the key.
const FILE: &str = include_str!("../../../tauri.conf.json");
/// The version of this build.
const OWN: &str = env!("CARGO_PKG_VERSION");
/// By this variable a test stands in for the project. A build for people does not know it.
#[cfg(debug_assertions)]
const TEST_VARIABLE: &str = "PERPETUA_TEST_UPDATES";

/// Where newer versions are, and whose signature makes them good.
#[derive(Clone, Debug)]
pub struct Project {
    /// The version that runs.
    pub version: Version,
    /// The key of the project; none: nothing can be installed.
    pub key: Option<ReleaseKey>,
    /// Addresses of the usual channel.
    pub stable: Vec<String>,
    /// Those of the channel of what is tried out.
    pub beta: Vec<String>,
    /// Where people find a version, which stands in it as `{version}`; empty: nowhere.
    pub page: String,
    /// When it is looked for, and how long is waited.
    pub pace: UpdatePace,
}

/// When something is looked for, and how long is waited.
#[derive(Clone, Copy, Debug)]
pub struct UpdatePace {
    /// After the start: what is more urgent then comes first.
    pub first: Duration,
    /// Then so often.
    pub every: Duration,
    /// After a time at which no address answered.
    pub again: Duration,
    /// How long a new version may take until it is ready.
    pub trial: Duration,
    /// How long one address may take to tell its version.
    pub listing: Duration,
    /// How long one may be silent in a file.
    pub stall: Duration,
}

impl Default for UpdatePace {
    fn default() -> Self {
        Self {
            first: Duration::from_mins(1),
            every: Duration::from_hours(24),
            again: Duration::from_hours(4),
            trial: Duration::from_secs(90),
            listing: Duration::from_secs(10),
            stall: Duration::from_secs(20),
        }
    }
}

/// The file of the project, or what stands in for it, cannot be used; English, for the log.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// The text is none.
    #[error("unreadable: {0}")]
    Text(String),
    /// The key is none.
    #[error("no key")]
    Key,
    /// The version is none.
    #[error("no version")]
    Version,
}

/// As it is written.
#[derive(Deserialize)]
struct WrittenFile {
    plugins: WrittenPlugins,
}

/// As it is written.
#[derive(Deserialize)]
struct WrittenPlugins {
    updater: Written,
}

/// As it is written; an empty key is none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    pubkey: String,
    endpoints: Vec<String>,
    #[serde(rename = "previewEndpoints")]
    preview_endpoints: Vec<String>,
    page: String,
}

impl Project {
    /// What this build was made with.
    pub fn built_in() -> Result<Self, ProjectError> {
        #[cfg(debug_assertions)]
        if let Ok(text) = std::env::var(TEST_VARIABLE) {
            return stand_in::read(&text);
        }
        let written = serde_json::from_str(FILE);
        let written: WrittenFile =
            written.map_err(|error| ProjectError::Text(error.to_string()))?;
        Self::new(written.plugins.updater, OWN)
    }

    fn new(written: Written, version: &str) -> Result<Self, ProjectError> {
        let key = match &*written.pubkey {
            "" => None,
            text => Some(ReleaseKey::new(text).ok_or(ProjectError::Key)?),
        };
        Ok(Self {
            version: Version::parse(version).map_err(|_none| ProjectError::Version)?,
            key,
            stable: written.endpoints,
            beta: written.preview_endpoints,
            page: written.page,
            pace: UpdatePace::default(),
        })
    }

    /// Where people find this version; `None` where the project names no page.
    pub fn page_of(&self, version: &str) -> Option<String> {
        let is_named = !self.page.is_empty();
        is_named.then(|| self.page.replace("{version}", version))
    }
}

/// What a test has in place of the project.
#[cfg(debug_assertions)]
mod stand_in {
    use std::time::Duration;

    use serde::Deserialize;

    use super::{OWN, Project, ProjectError, UpdatePace, Written};

    #[derive(Deserialize)]
    struct Text {
        key: String,
        addresses: Vec<String>,
        #[serde(default)]
        page: String,
        /// The version that the program shall believe to be.
        version: Option<String>,
        first_ms: Option<u64>,
        trial_ms: Option<u64>,
        limit_ms: Option<u64>,
    }

    pub(super) fn read(text: &str) -> Result<Project, ProjectError> {
        let read = serde_json::from_str(text);
        let text: Text = read.map_err(|error| ProjectError::Text(error.to_string()))?;
        let written = Written {
            pubkey: text.key,
            preview_endpoints: text.addresses.clone(),
            endpoints: text.addresses,
            page: text.page,
        };
        let version = text.version.as_deref().unwrap_or(OWN);
        let project = Project::new(written, version)?;
        let usual = UpdatePace::default();
        let or =
            |milliseconds: Option<u64>, usual| milliseconds.map_or(usual, Duration::from_millis);
        let pace = UpdatePace {
            first: or(text.first_ms, usual.first),
            trial: or(text.trial_ms, usual.trial),
            listing: or(text.limit_ms, usual.listing),
            stall: or(text.limit_ms, usual.stall),
            ..usual
        };
        Ok(Project { pace, ..project })
    }
}

#[cfg(test)]
mod tests {
    use super::Project;

    #[test]
    fn what_the_project_says_can_be_used() {
        let project = Project::built_in().expect("the file of the repository");
        assert_eq!(project.version.to_string(), env!("CARGO_PKG_VERSION"));
        let named = Project {
            page: "https://host.example/releases/v{version}".to_owned(),
            ..project
        };
        let page = "https://host.example/releases/v0.2.0".to_owned();
        assert_eq!(named.page_of("0.2.0"), Some(page));
    }
}
