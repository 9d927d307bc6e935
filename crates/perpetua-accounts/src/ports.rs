//! The ports of listeners: reserved before anything runs, and chosen once where the settings leave
//! the choice to us (`listen = "127.0.0.1:0"`).

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use perpetua_fs::{Access, write_atomic};
use perpetua_proxy::{BindError, bind};
use perpetua_words::{Message, start as words};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, task::spawn_blocking};
use tracing::warn;

use crate::desired::{Desired, Listens};

/// Whose listener it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PortOwner {
    /// A client, as `account/client`.
    Client(String),
    /// An account whose upstream dials us.
    Upstream(String),
}

/// The content of `state.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct ChosenPorts {
    /// The chosen port of each client's listener, by `account/client`.
    clients: BTreeMap<String, u16>,
    /// The chosen port of each upstream's listener, by its account.
    upstreams: BTreeMap<String, u16>,
}

impl ChosenPorts {
    fn place(&mut self, owner: &PortOwner) -> (&mut BTreeMap<String, u16>, String) {
        match owner {
            PortOwner::Client(name) => (&mut self.clients, name.clone()),
            PortOwner::Upstream(name) => (&mut self.upstreams, name.clone()),
        }
    }
}

/// Binds listeners and remembers what the system chose. A cheap clone.
#[derive(Clone, Debug)]
pub struct PortRegistry {
    path: PathBuf,
    chosen: Arc<Mutex<ChosenPorts>>,
    /// Bound for their owners, who have not taken them yet.
    reserved: Arc<Mutex<HashMap<PortOwner, (SocketAddr, TcpListener)>>>,
    /// One at a time writes the file, so that the last choice is the one that stands there.
    writing: Arc<Mutex<()>>,
}

/// A port that cannot be had.
#[derive(Debug)]
pub struct UnusablePort {
    /// Whose port it is.
    pub port: Message,
    /// What is wrong with it.
    pub cause: BindError,
}

impl UnusablePort {
    fn new(port: impl Into<Message>, cause: BindError) -> Self {
        Self {
            port: port.into(),
            cause,
        }
    }
}

impl PortRegistry {
    /// Reads what was chosen before. A damaged file costs the choices, not the start. Blocks.
    pub fn load(path: PathBuf) -> Self {
        let chosen = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                warn!(path = %path.display(), %error, "the file of chosen ports is damaged; choosing again");
                ChosenPorts::default()
            }),
            Err(_not_there) => ChosenPorts::default(),
        };
        Self {
            path,
            chosen: Arc::new(Mutex::new(chosen)),
            reserved: Arc::default(),
            writing: Arc::default(),
        }
    }

    /// Listens on the address of everything that is to listen.
    pub async fn reserve_all(&self, desired: &Desired) -> Result<(), UnusablePort> {
        // Fixed ports first: a port that is chosen could be one of them.
        let (fixed, chosen): (Vec<_>, Vec<_>) =
            owners(desired).partition(|(_, address)| address.port() != 0);
        for (owner, address) in fixed.into_iter().chain(chosen) {
            let reserved = self.reserve(owner.clone(), address).await;
            reserved.map_err(|cause| UnusablePort::new(port_of(&owner), cause))?;
        }
        Ok(())
    }

    /// Listens on `address` for an owner who will take the listener later with [`PortRegistry::bind`].
    pub(crate) async fn reserve(
        &self,
        owner: PortOwner,
        address: SocketAddr,
    ) -> Result<(), BindError> {
        let listener = self.bind(&owner, address).await?;
        lock(&self.reserved).insert(owner, (address, listener));
        Ok(())
    }

    /// Closes what was reserved and not taken.
    pub fn close_reserved(&self) {
        lock(&self.reserved).clear();
    }

    /// Closes what was reserved for owners who are not to listen there any more.
    pub fn close_unwanted(&self, desired: &Desired) {
        let wanted: Vec<_> = owners(desired).collect();
        lock(&self.reserved)
            .retain(|owner, (address, _)| wanted.contains(&(owner.clone(), *address)));
    }

    /// Closes what was reserved for an owner who cannot take it now.
    pub(crate) fn close_reserved_of(&self, owner: &PortOwner) {
        lock(&self.reserved).remove(owner);
    }

    /// Listens on `address`; port 0 means the one chosen before for this owner, or one chosen now.
    pub(crate) async fn bind(
        &self,
        owner: &PortOwner,
        address: SocketAddr,
    ) -> Result<TcpListener, BindError> {
        if let Some((reserved, listener)) = lock(&self.reserved).remove(owner)
            && reserved == address
        {
            return Ok(listener);
        }
        if address.port() != 0 {
            return bind(address).await;
        }
        let kept = {
            let mut chosen = lock(&self.chosen);
            let (ports, name) = chosen.place(owner);
            ports.get(&name).copied().unwrap_or(0)
        };
        let listener = bind(SocketAddr::new(address.ip(), kept)).await?;
        if kept == 0
            && let Ok(chosen) = listener.local_addr()
        {
            self.keep(owner, chosen.port()).await;
        }
        Ok(listener)
    }

    async fn keep(&self, owner: &PortOwner, port: u16) {
        {
            let mut chosen = lock(&self.chosen);
            let (ports, name) = chosen.place(owner);
            ports.insert(name, port);
        }
        let registry = self.clone();
        let saved = spawn_blocking(move || registry.save()).await;
        if let Ok(Err(error)) = saved {
            warn!(%error, "the chosen port is not kept for the next start");
        }
    }

    fn save(&self) -> Result<(), perpetua_fs::FileError> {
        let _one_at_a_time = lock(&self.writing);
        let bytes = serde_json::to_vec_pretty(&*lock(&self.chosen)).unwrap_or_default();
        write_atomic(&self.path, &bytes, Access::Usual)
    }
}

/// Everything that is to listen, and where.
fn owners(desired: &Desired) -> impl Iterator<Item = (PortOwner, SocketAddr)> {
    desired.accounts.iter().flat_map(|account| {
        let name = account.name.as_str();
        let upstream = account.upstream.address();
        let upstream = upstream.map(|address| (PortOwner::Upstream(name.to_owned()), address));
        let clients = account.clients.iter().filter_map(move |client| {
            let owner = PortOwner::Client(format!("{name}/{}", client.name));
            Some((owner, client.address()?))
        });
        upstream.into_iter().chain(clients)
    })
}

/// Whose port it is, for people.
fn port_of(owner: &PortOwner) -> Message {
    match owner {
        PortOwner::Upstream(account) => words::PortOfUpstream { account }.into(),
        PortOwner::Client(name) => {
            let (account, client) = name.split_once('/').unwrap_or((name, ""));
            words::PortOfClient { account, client }.into()
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{PortOwner, PortRegistry};

    #[tokio::test]
    async fn a_chosen_port_is_the_same_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.json");
        let bot = client("main/bot");
        let chosen = bound(&PortRegistry::load(path.clone()), &bot).await;
        let again = bound(&PortRegistry::load(path.clone()), &bot).await;
        assert_eq!(again, chosen);
        let other = bound(&PortRegistry::load(path), &client("main/other")).await;
        assert_ne!(other, chosen);
    }

    #[tokio::test]
    async fn an_account_called_upstream_has_ports_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let ports = PortRegistry::load(folder.path().join("state.json"));
        let of_client = ports.bind(&client("upstream/main"), any()).await;
        let of_upstream = ports
            .bind(&PortOwner::Upstream("main".into()), any())
            .await
            .expect("another port");
        let of_client = of_client.expect("a port").local_addr().expect("bound");
        assert_ne!(of_upstream.local_addr().expect("bound"), of_client);
    }

    #[tokio::test]
    async fn what_is_reserved_is_handed_over_bound_and_else_closed() {
        let folder = tempfile::tempdir().expect("a folder");
        let ports = PortRegistry::load(folder.path().join("state.json"));
        let (bot, other) = (client("main/bot"), client("main/other"));
        ports.reserve(bot.clone(), any()).await.expect("a port");
        ports.reserve(other.clone(), any()).await.expect("a port");
        let taken = ports.bind(&bot, any()).await.expect("reserved");
        let taken = taken.local_addr().expect("bound");
        ports.close_reserved();
        let later = bound(&ports, &other).await;
        assert_ne!(later, taken);
    }

    #[tokio::test]
    async fn a_reserved_port_is_not_taken_for_another_address() {
        let folder = tempfile::tempdir().expect("a folder");
        let ports = PortRegistry::load(folder.path().join("state.json"));
        let bot = client("main/bot");
        ports.reserve(bot.clone(), any()).await.expect("a port");
        let elsewhere: SocketAddr = "127.0.0.2:0".parse().expect("valid");
        let bound = ports.bind(&bot, elsewhere).await.expect("a port");
        assert_eq!(bound.local_addr().expect("bound").ip(), elsewhere.ip());
    }

    fn client(name: &str) -> PortOwner {
        PortOwner::Client(name.into())
    }

    fn any() -> SocketAddr {
        "127.0.0.1:0".parse().expect("valid")
    }

    async fn bound(ports: &PortRegistry, owner: &PortOwner) -> SocketAddr {
        let listener = ports.bind(owner, any()).await.expect("free");
        listener.local_addr().expect("bound")
    }
}
