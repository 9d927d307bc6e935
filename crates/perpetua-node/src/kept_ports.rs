//! Ports that were chosen once and are kept (`listen = "127.0.0.1:0"`).

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use perpetua_fs::{Access, FileError, write_atomic};
use perpetua_proxy::{BindError, bind};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tracing::warn;

/// The content of `state.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    /// The chosen port of each listener, by `account/client`.
    ports: BTreeMap<String, u16>,
}

/// Binds listeners and remembers what the system chose.
#[derive(Debug)]
pub(crate) struct KeptPorts {
    path: PathBuf,
    state: State,
}

impl KeptPorts {
    /// Reads what was chosen before. A damaged file costs the choices, not the start.
    pub(crate) fn load(path: PathBuf) -> Self {
        let state = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                warn!(path = %path.display(), %error, "the file of chosen ports is damaged; choosing anew");
                State::default()
            }),
            Err(_not_there) => State::default(),
        };
        Self { path, state }
    }

    /// Listens on `address`; port 0 means the one chosen before for `name`, or one chosen now.
    pub(crate) async fn bind(
        &mut self,
        name: &str,
        address: SocketAddr,
    ) -> Result<TcpListener, BindError> {
        if address.port() != 0 {
            return bind(address).await;
        }
        let kept = self.state.ports.get(name).copied().unwrap_or(0);
        let listener = bind(SocketAddr::new(address.ip(), kept)).await?;
        if kept == 0
            && let Ok(chosen) = listener.local_addr()
        {
            self.state.ports.insert(name.to_owned(), chosen.port());
            if let Err(error) = self.save() {
                warn!(%error, "the chosen port is not kept for the next start");
            }
        }
        Ok(listener)
    }

    fn save(&self) -> Result<(), FileError> {
        let bytes = serde_json::to_vec_pretty(&self.state).unwrap_or_default();
        write_atomic(&self.path, &bytes, Access::Usual)
    }
}

#[cfg(test)]
mod tests {
    use super::KeptPorts;

    #[tokio::test]
    async fn a_chosen_port_is_the_same_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.json");
        let any = "127.0.0.1:0".parse().expect("valid");
        let listener = KeptPorts::load(path.clone())
            .bind("main/bot", any)
            .await
            .expect("free");
        let chosen = listener.local_addr().expect("bound").port();
        drop(listener);
        let again = KeptPorts::load(path.clone())
            .bind("main/bot", any)
            .await
            .expect("free again");
        assert_eq!(again.local_addr().expect("bound").port(), chosen);
        let other = KeptPorts::load(path)
            .bind("main/other", any)
            .await
            .expect("free");
        assert_ne!(other.local_addr().expect("bound").port(), chosen);
    }
}
