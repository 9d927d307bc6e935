//! A node's data folder, made for one test.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::node::run;
use crate::settings::{ACCOUNT, Settings};

/// A data folder that disappears with the test.
pub struct DataFolder {
    folder: TempDir,
}

impl DataFolder {
    /// An empty folder, as before a first start.
    pub fn empty() -> Result<Self> {
        let folder = TempDir::with_prefix("perpetua-").context("cannot make a temporary folder")?;
        Ok(Self { folder })
    }

    /// A folder with these settings.
    pub fn with(settings: &Settings) -> Result<Self> {
        let folder = Self::empty()?;
        folder.write_settings(&settings.to_string())?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where its settings are.
    pub fn settings_path(&self) -> PathBuf {
        self.path().join("perpetua.toml")
    }

    /// Replaces the settings in one step, as editors do: a running node never sees half a file.
    pub fn write_settings(&self, text: &str) -> Result<()> {
        let next = self.path().join("perpetua.toml.next");
        std::fs::write(&next, text).context("cannot write the settings")?;
        std::fs::rename(&next, self.settings_path()).context("cannot replace the settings")
    }

    /// The settings as they are now.
    pub fn read_settings(&self) -> Result<String> {
        std::fs::read_to_string(self.settings_path()).context("cannot read the settings")
    }

    /// The token of a client of [`ACCOUNT`], asked as a user does, with `perpetuad token`.
    pub async fn token(&self, client: &str) -> Result<String> {
        let place = format!("{ACCOUNT}/{client}");
        let asked = run(self, &["token", &place]).await?;
        ensure!(
            asked.code == Some(0),
            "`perpetuad token {place}` failed: {asked:?}"
        );
        let token = asked.stdout.trim().to_owned();
        ensure!(
            !token.is_empty(),
            "`perpetuad token {place}` printed nothing"
        );
        Ok(token)
    }
}
