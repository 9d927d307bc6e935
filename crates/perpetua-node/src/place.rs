//! Which node a program means: its folders, its settings, its secrets.

use std::path::PathBuf;

use perpetua_accounts::Tokens;
use perpetua_config::SecretsBackend;
use perpetua_fs::Folders;
use perpetua_secrets::{KEYRING_TIME_LIMIT, SecretStore};

use crate::{
    StartError,
    first_start::{FirstSettings, Settings, load_settings},
};

/// The name under which the system's keyring shows our entries.
const KEYRING_SERVICE: &str = "perpetua";

/// Where a node keeps what it has, as a person names it.
#[derive(Clone, Debug, Default)]
pub struct NodePlace {
    /// The data folder; absent: the platform's own for this user.
    pub data_dir: Option<PathBuf>,
    /// The settings file; absent: that of the data folder.
    pub config: Option<PathBuf>,
}

impl NodePlace {
    /// The folders; not made yet.
    pub fn folders(&self) -> Result<Folders, StartError> {
        Ok(Folders::locate(self.data_dir.as_deref())?)
    }

    /// The settings; written if this is the first start. Blocks, for as long as the keyring may take.
    pub fn settings(
        &self,
        folders: &Folders,
        first: FirstSettings,
    ) -> Result<Settings, StartError> {
        load_settings(folders, self.config.clone(), &self.keyring(folders), first)
    }

    /// The tokens that the settings speak of.
    pub fn tokens(&self, folders: &Folders, settings: &Settings) -> Tokens {
        let store = match settings.config.secrets {
            SecretsBackend::Keyring => self.keyring(folders),
            SecretsBackend::File => SecretStore::file(folders.secrets()),
        };
        Tokens::new(store, &settings.path)
    }

    /// Nodes with folders of their own keep their entries apart.
    fn keyring(&self, folders: &Folders) -> SecretStore {
        let service = match self.data_dir {
            None => KEYRING_SERVICE.to_owned(),
            Some(_) => format!("{KEYRING_SERVICE} {}", folders.data().display()),
        };
        SecretStore::keyring(&service, KEYRING_TIME_LIMIT)
    }
}
