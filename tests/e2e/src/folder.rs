//! A node's data folder, made for one test.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::node::run;
use crate::settings::{ACCOUNT, Settings};

/// A data folder that disappears with the test.
pub struct DataFolder {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl DataFolder {
    /// An empty folder, as before a first start.
    pub fn empty() -> Result<Self> {
        let folder = TempDir::with_prefix("perpetua-").context("cannot make a temporary folder")?;
        let variables = Vec::new();
        Ok(Self { folder, variables })
    }

    /// A folder with these settings.
    pub fn with(settings: &Settings) -> Result<Self> {
        let folder = Self::empty()?;
        folder.write_settings(&settings.to_string())?;
        Ok(folder)
    }

    /// Whatever is started on it from now on has this variable in its environment.
    pub fn variable(&mut self, name: &'static str, value: &str) {
        self.variables.push((name, value.to_owned()));
    }

    /// The variables of what is started on it.
    pub(crate) fn variables(&self) -> &[(&'static str, String)] {
        &self.variables
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where its settings are.
    pub fn settings_path(&self) -> PathBuf {
        self.path().join("perpetua.toml")
    }

    /// Replaces the settings in one step, by renaming: a running node never sees half a file.
    pub fn write_settings(&self, text: &str) -> Result<()> {
        let next = self.path().join("perpetua.toml.next");
        std::fs::write(&next, text).context("cannot write the settings")?;
        std::fs::rename(&next, self.settings_path()).context("cannot replace the settings")
    }

    /// Writes over the settings, as `cp`, `scp` and many editors do: the file is empty first, then half
    /// of it is there, then all of it.
    pub async fn write_settings_in_place(&self, bytes: &[u8], pause: Duration) -> Result<()> {
        let mut file = std::fs::File::create(self.settings_path())?;
        sleep(pause).await;
        let (first, second) = bytes.split_at(bytes.len() / 2);
        file.write_all(first)?;
        sleep(pause).await;
        file.write_all(second).context("cannot write the settings")
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
