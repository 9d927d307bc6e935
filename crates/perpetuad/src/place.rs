//! From the arguments to the folders, the settings and the secrets of a node.

use perpetua_config::SecretsBackend;
use perpetua_fs::Folders;
use perpetua_node::{Settings, StartError, Tokens, load_settings};
use perpetua_secrets::{KEYRING_TIME_LIMIT, SecretStore};

use crate::arguments::PlaceArguments;

/// The name under which the system's keyring shows our entries.
const KEYRING_SERVICE: &str = "perpetua";

/// The folders that the arguments mean; not made yet.
pub(crate) fn folders(place: &PlaceArguments) -> Result<Folders, StartError> {
    Ok(Folders::locate(place.data_dir.as_deref())?)
}

/// The settings that the arguments mean; written if this is the first start.
pub(crate) fn settings(place: &PlaceArguments, folders: &Folders) -> Result<Settings, StartError> {
    load_settings(folders, place.config.clone(), &keyring(place, folders))
}

/// The tokens that the settings speak of.
pub(crate) fn tokens(place: &PlaceArguments, folders: &Folders, settings: &Settings) -> Tokens {
    let store = match settings.config.secrets {
        SecretsBackend::Keyring => keyring(place, folders),
        SecretsBackend::File => SecretStore::file(folders.secrets()),
    };
    Tokens::new(store, &settings.path)
}

/// Nodes with folders of their own keep their entries apart.
fn keyring(place: &PlaceArguments, folders: &Folders) -> SecretStore {
    let service = match place.data_dir {
        None => KEYRING_SERVICE.to_owned(),
        Some(_) => format!("{KEYRING_SERVICE} {}", folders.data().display()),
    };
    SecretStore::keyring(&service, KEYRING_TIME_LIMIT)
}
