//! Reading the settings, and writing the first ones.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
};

use perpetua_config::Config;
use perpetua_fs::{Access, Folders, write_atomic};
use perpetua_secrets::SecretStore;
use perpetua_words::Message;

use crate::{
    StartError,
    edits::ports::{listeners, next_free},
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

/// What the settings of a first start hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstSettings {
    /// An account on the built-in simulator with one client, so that there is something to connect to.
    Simulator,
    /// No account: whoever shows pages asks a person which one it shall be.
    NoAccount,
}

impl FirstSettings {
    fn text(self) -> String {
        match self {
            Self::Simulator => perpetua_config::default_text().to_owned(),
            Self::NoAccount => perpetua_config::default_text_without_account(),
        }
    }
}

/// Reads the settings, from `explicit` or the data folder; writes commented ones when the folder has none.
///
/// What listens there gets a port that is free at this moment. A machine without a keyring gets `secrets = "file"`, so that the first start works there too.
/// `keyring` is the store that is tried for that. Blocks: call it outside of async code.
pub fn load_settings(
    folders: &Folders,
    explicit: Option<PathBuf>,
    keyring: &SecretStore,
    first: FirstSettings,
) -> Result<Settings, StartError> {
    if let Some(path) = explicit {
        return read_settings(path);
    }
    match read_settings(folders.settings()) {
        Err(StartError::NoSettings { path }) => {
            let text = on_free_ports(first_text(keyring, first));
            write_atomic(&path, text.as_bytes(), Access::Usual)?;
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

/// The same settings with the next free port wherever another program has one of theirs.
fn on_free_ports(text: String) -> String {
    let Ok(config) = perpetua_config::parse(&text) else {
        return text;
    };
    let clients = config.accounts.iter().flat_map(listeners);
    let addresses = clients.map(|(_, address)| address);
    let taken = addresses.chain([config.api.listen]).filter(|address| {
        // Whatever else is wrong with it, another port does not help.
        TcpListener::bind(address).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    });
    taken.fold(text, |text, taken| match next_free(&config, taken) {
        Some(free) => {
            let line = |address: SocketAddr| format!("\nlisten = \"{address}\"");
            text.replacen(&line(taken), &line(free), 1)
        }
        None => text,
    })
}

/// The default settings, adapted to whether this machine has a keyring that opens.
fn first_text(keyring: &SecretStore, first: FirstSettings) -> String {
    const PROBE: &str = "first-start";
    let text = first.text();
    match keyring.get(PROBE) {
        Ok(_) => text,
        Err(_no_keyring) => text.replacen("secrets = \"keyring\"", "secrets = \"file\"", 1),
    }
}

#[cfg(test)]
mod tests {
    use std::{iter, net::TcpListener};

    use perpetua_config::SecretsBackend;

    use super::{FirstSettings, on_free_ports};

    #[test]
    fn first_settings_avoid_the_ports_of_other_programs() {
        let text = FirstSettings::Simulator.text();
        let first = perpetua_config::parse(&text).expect("valid");
        let port = |taken: &TcpListener| taken.local_addr().expect("bound").port();
        let is_leased = |port| {
            let mut leased = first.discovery.range.clone().into_iter().flatten();
            leased.any(|leased| leased == port)
        };
        // Another program has them.
        let taken = [(); 2].map(|()| {
            let mut all = iter::repeat_with(|| TcpListener::bind("127.0.0.1:0").expect("bound"));
            all.find(|taken| !is_leased(port(taken))).expect("a port")
        });
        let [api_taken, bot_taken] = taken.each_ref().map(port);
        let text = text
            .replacen(":8080\"\n", &format!(":{api_taken}\"\n"), 1)
            .replacen(":6700\"\n", &format!(":{bot_taken}\"\n"), 1);
        let config = perpetua_config::parse(&on_free_ports(text)).expect("valid");
        let bot = config.accounts[0].clients[0].listen().expect("a port");
        for (address, taken) in [(config.api.listen, api_taken), (bot, bot_taken)] {
            assert!(address.ip().is_loopback());
            assert_ne!(address.port(), taken);
        }
    }

    #[test]
    fn settings_whose_ports_are_free_stay_as_they_are() {
        let text = FirstSettings::Simulator.text();
        let free = text
            .replace(":8080\"\n", ":0\"\n")
            .replace(":6700\"\n", ":0\"\n");
        assert_ne!(free, text);
        assert_eq!(on_free_ports(free.clone()), free);
    }

    #[test]
    fn the_first_settings_can_be_adapted_to_a_machine_without_keyring() {
        for first in [FirstSettings::Simulator, FirstSettings::NoAccount] {
            let text = first.text();
            let adapted = text.replacen("secrets = \"keyring\"", "secrets = \"file\"", 1);
            let config = perpetua_config::parse(&adapted).expect("valid");
            assert_eq!(config.secrets, SecretsBackend::File);
            assert_eq!(
                config.accounts.is_empty(),
                first == FirstSettings::NoAccount
            );
        }
    }
}
