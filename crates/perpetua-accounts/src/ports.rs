//! The ports of listeners: reserved before anything runs, and chosen once where the settings leave
//! the choice to us (`listen = "127.0.0.1:0"`).

mod state_file;

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use perpetua_proxy::{BindError, bind};
use perpetua_words::{Message, start as words};
use tokio::{net::TcpListener, task::spawn_blocking};
use tracing::warn;

use crate::desired::Desired;
use state_file::ChosenPorts;

/// Whose listener it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PortOwner {
    /// A client, as `account/client`.
    Client(String),
    /// An account whose upstream dials us.
    Upstream(String),
}

/// Binds listeners and remembers what the system chose. A cheap clone.
#[derive(Clone, Debug)]
pub struct PortRegistry {
    path: PathBuf,
    chosen: Arc<Mutex<ChosenPorts>>,
    /// Bound for their owners, who have not taken them yet.
    reserved: Arc<Mutex<HashMap<PortOwner, (SocketAddr, TcpListener)>>>,
    /// How many choices the file has. One at a time writes it, so that the last choice is the one that stands there.
    written: Arc<tokio::sync::Mutex<u64>>,
    /// Why the file is left as it is.
    left_alone: Option<Message>,
    /// What was wrong with the file when it was read.
    problem: Arc<Mutex<Option<Message>>>,
    /// Why the last choice could not be written.
    not_kept: Arc<Mutex<Option<Message>>>,
}

/// A port that cannot be had.
#[derive(Debug)]
pub struct UnusablePort {
    /// Whose port it is.
    pub owner: PortOwner,
    /// What is wrong with it.
    pub cause: BindError,
}

impl PortRegistry {
    /// Reads what was chosen before. A file that cannot be used costs the choices, not the start, see
    /// [`PortRegistry::problem`]. Blocks.
    pub fn load(path: PathBuf) -> Self {
        let found = state_file::read(&path);
        Self {
            path,
            chosen: Arc::new(Mutex::new(found.chosen)),
            reserved: Arc::default(),
            written: Arc::default(),
            left_alone: found.left_alone,
            problem: Arc::new(Mutex::new(found.problem)),
            not_kept: Arc::default(),
        }
    }

    /// What the owner has to know of the ports that were chosen: they are others than before, or will be.
    pub fn problem(&self) -> Option<Message> {
        let found = lock(&self.problem).clone();
        found.or_else(|| lock(&self.not_kept).clone())
    }

    /// An account has another name: the ports that were chosen for it are those of the new one, once that is written.
    /// Those of the new name stay if it `keeps` them, and then those of the old one, too. Nothing else chooses ports
    /// meanwhile. Blocks.
    pub fn rename_account(&self, from: &str, to: &str, keeps: bool) -> Result<(), Message> {
        if let Some(refused) = &self.left_alone {
            // What it holds of the account is not known.
            return Err(refused.clone());
        }
        let former = lock(&self.chosen).clone();
        let mut renamed = former.clone();
        renamed.rename_account(from, to, keeps);
        if renamed.count() > former.count() {
            let written = state_file::write(&self.path, &renamed);
            written.map_err(|error| Message::from(&error))?;
        }
        *lock(&self.chosen) = renamed;
        Ok(())
    }

    /// Listens on the address of everything that is to listen.
    pub async fn reserve_all(&self, desired: &Desired) -> Result<(), UnusablePort> {
        // Fixed ports first: a port that is chosen could be one of them.
        let (fixed, chosen): (Vec<_>, Vec<_>) =
            owners(desired).partition(|(_, address)| address.port() != 0);
        for (owner, address) in fixed.into_iter().chain(chosen) {
            let reserved = self.reserve(owner.clone(), address).await;
            reserved.map_err(|cause| UnusablePort { owner, cause })?;
        }
        self.keep().await;
        Ok(())
    }

    /// Listens on `address` for an owner who will take the listener later with [`PortRegistry::bind`].
    pub(crate) async fn reserve(
        &self,
        owner: PortOwner,
        address: SocketAddr,
    ) -> Result<(), BindError> {
        let listener = self.bind_any(&owner, address).await?;
        lock(&self.reserved).insert(owner, (address, listener));
        Ok(())
    }

    /// Closes what was reserved and not taken.
    pub fn close_reserved(&self) {
        lock(&self.reserved).clear();
    }

    /// Closes what was reserved for owners who are not to listen there any more.
    pub fn close_unwanted(&self, desired: &Desired) {
        let wanted: HashSet<_> = owners(desired).collect();
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
        let listener = self.bind_any(owner, address).await?;
        self.keep().await;
        Ok(listener)
    }

    /// The same for what is not reserved; a choice is remembered, and kept by [`PortRegistry::keep`].
    async fn bind_any(
        &self,
        owner: &PortOwner,
        address: SocketAddr,
    ) -> Result<TcpListener, BindError> {
        if address.port() != 0 {
            return bind(address).await;
        }
        let kept = lock(&self.chosen).of(owner).unwrap_or(0);
        let listener = bind(SocketAddr::new(address.ip(), kept)).await?;
        if kept == 0
            && let Ok(chosen) = listener.local_addr()
        {
            lock(&self.chosen).choose(owner, chosen.port());
        }
        Ok(listener)
    }

    /// Writes what was chosen, unless that has been done. Each write waits for the disk, so whoever writes takes along
    /// what others have chosen meanwhile.
    async fn keep(&self) {
        let choices = lock(&self.chosen).count();
        if self.left_alone.is_some() || choices == 0 {
            return;
        }
        let mut written = self.written.lock().await;
        if *written >= choices {
            return;
        }
        let (path, chosen) = (self.path.clone(), lock(&self.chosen).clone());
        let count = chosen.count();
        let saved = spawn_blocking(move || state_file::write(&path, &chosen)).await;
        let not_kept = match saved {
            Ok(Ok(())) => {
                *written = count;
                None
            }
            // It is tried again with the next listener that opens.
            Ok(Err(error)) => {
                warn!(%error, "the chosen port is not kept for the next start");
                let cause = Message::from(&error);
                Some(words::StateNotKept { cause }.into())
            }
            Err(_ended) => return,
        };
        *lock(&self.not_kept) = not_kept;
    }
}

/// Everything that is to listen, and where.
fn owners(desired: &Desired) -> impl Iterator<Item = (PortOwner, SocketAddr)> {
    desired.accounts.iter().flat_map(|account| {
        let name = account.name.as_str();
        let upstream = account.upstream.listen();
        let upstream = upstream.map(|address| (PortOwner::Upstream(name.to_owned()), address));
        let clients = account.clients.iter().filter_map(move |client| {
            let owner = PortOwner::Client(format!("{name}/{}", client.name));
            Some((owner, client.listen()?))
        });
        upstream.into_iter().chain(clients)
    })
}

impl From<&PortOwner> for Message {
    fn from(owner: &PortOwner) -> Self {
        match owner {
            PortOwner::Upstream(account) => words::PortOfUpstream { account }.into(),
            PortOwner::Client(name) => {
                let (account, client) = name.split_once('/').unwrap_or((name, ""));
                words::PortOfClient { account, client }.into()
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::task::JoinSet;

    use super::{PortOwner, PortRegistry, lock};

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
    async fn a_damaged_file_is_kept_aside_told_and_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.json");
        for kept in ["state.json.damaged", "state.json.damaged-2"] {
            std::fs::write(&path, "{ \"clients\": ").expect("written");
            let ports = PortRegistry::load(path.clone());
            let problem = ports.problem().expect("its owner is told").to_string();
            assert!(problem.contains(kept), "{problem}");
            let kept = std::fs::read_to_string(folder.path().join(kept));
            assert_eq!(kept.expect("nothing is lost"), "{ \"clients\": ");
            let chosen = bound(&ports, &client("main/bot")).await;
            drop(ports);
            let next = PortRegistry::load(path.clone());
            assert_eq!(next.problem(), None);
            assert_eq!(bound(&next, &client("main/bot")).await, chosen);
        }
    }

    #[tokio::test]
    async fn a_folder_in_its_place_is_told_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.json");
        std::fs::create_dir(&path).expect("made");
        std::fs::write(path.join("notes"), "mine").expect("written");
        let ports = PortRegistry::load(path.clone());
        bound(&ports, &client("main/bot")).await;
        let problem = ports.problem().expect("its owner is told");
        assert_eq!(problem.code, "start.state_unreadable");
        let notes = std::fs::read_to_string(path.join("notes"));
        assert_eq!(notes.expect("nothing is lost"), "mine");
    }

    #[tokio::test]
    async fn a_choice_that_cannot_be_kept_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.json");
        let ports = PortRegistry::load(path.clone());
        assert_eq!(ports.problem(), None);
        // No file can take the place of a folder.
        std::fs::create_dir(&path).expect("made");
        bound(&ports, &client("main/bot")).await;
        let problem = ports.problem().expect("its owner is told");
        assert_eq!(problem.code, "start.state_not_kept");
        // Once the disk is right, whoever opens next takes it along.
        std::fs::remove_dir(&path).expect("removed");
        bound(&ports, &client("main/other")).await;
        assert_eq!(ports.problem(), None);
        let text = std::fs::read_to_string(&path).expect("written");
        assert_eq!(text.matches("main/").count(), 2, "{text}");
    }

    /// A thousand clients wait for a few writes, and not each for its own.
    #[tokio::test]
    async fn what_is_chosen_while_somebody_writes_is_written_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.json");
        let ports = PortRegistry::load(path.clone());
        let writing = ports.written.lock().await;
        let mut binding = JoinSet::new();
        for number in 0..20 {
            let (ports, bot) = (ports.clone(), client(&format!("main/{number}")));
            binding.spawn(async move { bound(&ports, &bot).await });
        }
        while lock(&ports.chosen).count() < 20 {
            tokio::task::yield_now().await;
        }
        drop(writing);
        binding
            .join_next()
            .await
            .expect("one of them")
            .expect("bound");
        let text = std::fs::read_to_string(&path).expect("written");
        assert_eq!(text.matches("main/").count(), 20, "{text}");
        binding.join_all().await;
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
