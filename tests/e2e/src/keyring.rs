//! A session with a real Secret Service: GNOME's keyring on a bus of its own, and nothing else.

use anyhow::Result;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{DataFolder, Program, bus};

/// A bus and a keyring that is open. Dropping it ends both.
pub struct KeyringSession {
    address: String,
    _keyring: Program,
    _bus: Program,
    home: TempDir,
}

impl KeyringSession {
    /// Starts both.
    pub async fn start() -> Result<Self> {
        let home = TempDir::with_prefix("perpetua-keyring-")?;
        let (bus, address) = bus::start(home.path()).await?;
        let mut shell = Command::new("sh");
        shell
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("XDG_RUNTIME_DIR", home.path())
            .env("DBUS_SESSION_BUS_ADDRESS", &address);
        let keyring = bus::open_keyring(shell, home.path(), &address).await?;
        Ok(Self {
            address,
            _keyring: keyring,
            _bus: bus,
            home,
        })
    }

    /// Whatever is started on this data folder from now on belongs to the session.
    pub fn adopt(&self, folder: &mut DataFolder) {
        folder.variable("DBUS_SESSION_BUS_ADDRESS", &self.address);
        let home = self.home.path().display().to_string();
        folder.variable("XDG_RUNTIME_DIR", &home);
    }

    /// All secrets of the keyring with their labels.
    pub async fn secrets(&self) -> Result<Vec<(String, Vec<u8>)>> {
        bus::secrets(&self.address).await
    }
}
