//! Reading the settings, and writing the first ones.

use std::{path::PathBuf, sync::Arc};

use perpetua_config::Config;
use perpetua_fs::{Access, Folders, write_atomic};
use perpetua_secrets::SecretStore;
use perpetua_words::Message;

use crate::{
    StartError,
    settings_file::read::{ReadError, read},
};

/// A settings file as read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds, as written.
    pub bytes: Vec<u8>,
    /// The same as text.
    pub text: String,
    /// What that means.
    pub config: Arc<Config>,
    /// It was written just now, because there was none.
    pub is_new: bool,
}

/// Reads the settings, from `explicit` or the data folder; writes commented ones when the folder has none.
///
/// A machine without a keyring gets `secrets = "file"`, so that the first start works there too.
/// `keyring` is the store that is tried for that. Blocks: call it outside of async code.
pub fn load_settings(
    folders: &Folders,
    explicit: Option<PathBuf>,
    keyring: &SecretStore,
) -> Result<Settings, StartError> {
    if let Some(path) = explicit {
        return read_settings(path);
    }
    match read_settings(folders.settings()) {
        Err(StartError::NoSettings { path }) => {
            write_atomic(&path, first_text(keyring).as_bytes(), Access::Usual)?;
            let settings = read_settings(path)?;
            Ok(Settings {
                is_new: true,
                ..settings
            })
        }
        read => read,
    }
}

/// Reads settings that exist, and writes nothing. Blocks.
pub fn read_settings(path: PathBuf) -> Result<Settings, StartError> {
    let bytes = match read(&path) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Err(StartError::NoSettings { path }),
        Err(ReadError::Unreadable(cause)) => {
            return Err(StartError::UnreadableSettings { path, cause });
        }
    };
    let text = match perpetua_config::decode(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let cause = Message::from(&error);
            return Err(StartError::UnreadableSettings { path, cause });
        }
    };
    match perpetua_config::parse(&text) {
        Ok(config) => Ok(Settings {
            path,
            bytes,
            text,
            config: Arc::new(config),
            is_new: false,
        }),
        Err(problems) => Err(StartError::Settings { path, problems }),
    }
}

/// The default settings, adapted to whether this machine has a keyring that opens.
fn first_text(keyring: &SecretStore) -> String {
    const PROBE: &str = "first-start";
    let text = perpetua_config::default_text();
    match keyring.get(PROBE) {
        Ok(_) => text.to_owned(),
        Err(_no_keyring) => text.replacen("secrets = \"keyring\"", "secrets = \"file\"", 1),
    }
}

#[cfg(test)]
mod tests {
    use perpetua_config::SecretsBackend;

    #[test]
    fn the_first_settings_can_be_adapted_to_a_machine_without_keyring() {
        let adapted = perpetua_config::default_text().replacen(
            "secrets = \"keyring\"",
            "secrets = \"file\"",
            1,
        );
        let config = perpetua_config::parse(&adapted).expect("valid");
        assert_eq!(config.secrets, SecretsBackend::File);
    }
}
