//! The task that runs the node.

use std::time::Duration;

use perpetua_client::NodeClient;
use perpetua_fs::{FolderLock, Folders};
use perpetua_node::{
    FirstSettings, Node, NodeOptions, NodePlace, Pages, Settings, StartError, Tokens,
};
use perpetua_proxy::Clock;
use perpetua_schema::{Rpc as _, Topics};
use perpetua_task::blocking;
use perpetua_words::{Message, desktop as words};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tracing::{error, info, warn};

use super::{
    Command, KeeperOptions, NodeState, Reply, other_port, other_version, rewrite, secrets_file,
};
use crate::{Retried, StartFailure, Way};

/// How long a program that ended may take to come back, as at an update, before we say that it is gone.
const OTHER_RETURNS_WITHIN: Duration = Duration::from_secs(5);
/// How often it is looked for meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The owner of the node.
pub(super) struct Keeper {
    options: KeeperOptions,
    state: watch::Sender<NodeState>,
}

/// What runs.
enum Running {
    Nothing,
    Own(Box<Node>),
    Other(NodeClient),
}

/// What a start needs from the disk.
struct Found {
    folders: Folders,
    lock: FolderLock,
    settings: Settings,
    tokens: Tokens,
}

impl Keeper {
    pub(super) fn new(options: KeeperOptions, state: watch::Sender<NodeState>) -> Self {
        Self { options, state }
    }

    pub(super) async fn run(self, mut commands: mpsc::Receiver<Command>) {
        let mut running = self.start_own().await;
        let ended = loop {
            let command = tokio::select! {
                biased;
                command = commands.recv() => command,
                failure = running.ended(&self.options.place) => {
                    running = self.after_end(running, failure).await;
                    continue;
                }
            };
            match command {
                Some(Command::Retry(way, reply)) => running = self.retry(way, running, reply).await,
                Some(Command::End(done)) => break Some(done),
                None => break None,
            }
        };
        if let Running::Own(node) = running {
            node.drain().await;
        }
        self.state.send_replace(NodeState::Ended);
        if let Some(done) = ended {
            let _nobody_waits = done.send(());
        }
    }

    /// Answers as soon as it is known what became of it; of a node that shall start, the state tells.
    async fn retry(&self, way: Way, running: Running, reply: Reply) -> Running {
        let answer = |answer| {
            let _nobody_waits = reply.send(answer);
        };
        match (way, running) {
            (Way::SecretsFile, running) => {
                let (now, kept) = self.keep_secrets_in_file(running).await;
                answer(kept);
                now
            }
            (Way::Restart, running) => {
                let (now, restarted) = self.restart(running).await;
                answer(restarted);
                now
            }
            (Way::Again, Running::Nothing) => {
                answer(Ok(Retried::default()));
                self.start_own().await
            }
            (Way::UseRunning, Running::Nothing) => {
                answer(Ok(Retried::default()));
                self.use_running().await
            }
            (Way::OtherPort, Running::Nothing) => match self.choose_other_port().await {
                Ok(changed) => {
                    answer(Ok(Retried { changed }));
                    self.start_own().await
                }
                Err(failure) => {
                    answer(Err(failure.clone()));
                    self.fail(failure)
                }
            },
            // It runs already.
            (Way::Again | Way::UseRunning | Way::OtherPort, running) => {
                answer(Ok(Retried::default()));
                running
            }
        }
    }

    async fn start_own(&self) -> Running {
        self.state.send_replace(NodeState::Starting);
        match self.try_to_start().await {
            Ok(node) => {
                self.state.send_replace(NodeState::Own(node.rpc()));
                Running::Own(Box::new(node))
            }
            Err(cause) => {
                warn!(%cause, "the node does not start");
                self.fail(StartFailure::from(&cause))
            }
        }
    }

    async fn try_to_start(&self) -> Result<Node, StartError> {
        let place = self.options.place.clone();
        let found = blocking(move || find(&place)).await?;
        self.options.log.apply(&found.settings.config.log);
        Node::start(NodeOptions {
            folders: found.folders,
            lock: found.lock,
            settings: found.settings,
            tokens: found.tokens,
            clock: Clock::system(),
            seed: fastrand::u64(..),
            log: self.options.log.clone(),
            language: self.options.language,
            // The window is what they would show.
            pages: Pages::NONE,
            build: self.options.build,
            updates: None,
        })
        .await
    }

    /// Another port for what could not listen; nothing is changed when no port was the fault.
    async fn choose_other_port(&self) -> Result<Option<Message>, StartFailure> {
        let taken = match &*self.state.borrow() {
            NodeState::Failed(failure) => failure.taken.clone(),
            _ => None,
        };
        match taken {
            Some(taken) => other_port::choose(&self.options.place, taken)
                .await
                .map(Some),
            None => Ok(None),
        }
    }

    /// Starts the node of this program anew, unless none would start by what is on the disk now.
    async fn restart(&self, running: Running) -> (Running, Result<Retried, StartFailure>) {
        match running {
            Running::Own(node) => {
                let place = self.options.place.clone();
                let checked = blocking(move || rewrite::check_unchanged(&place)).await;
                if let Err(failure) = checked {
                    return (Running::Own(node), Err(failure));
                }
                self.state.send_replace(NodeState::Starting);
                node.drain().await;
            }
            Running::Other(client) => {
                let failure = StartFailure::new(words::RestartElsewhere);
                return (Running::Other(client), Err(failure));
            }
            Running::Nothing => {}
        }
        let now = self.start_own().await;
        let answer = match &*self.state.borrow() {
            NodeState::Failed(failure) => Err(failure.clone()),
            _ => Ok(Retried::default()),
        };
        (now, answer)
    }

    /// Has the settings keep secrets in a file, and starts the node by them.
    async fn keep_secrets_in_file(
        &self,
        running: Running,
    ) -> (Running, Result<Retried, StartFailure>) {
        match running {
            // The program that runs it reads where secrets are when it starts.
            Running::Other(client) => {
                let failure = StartFailure::new(words::SecretsElsewhere);
                return (Running::Other(client), Err(failure));
            }
            Running::Own(node) => {
                // It goes on by what it has read: none would start by what is on the disk now.
                if let Err(failure) = secrets_file::check(&self.options.place).await {
                    return (Running::Own(node), Err(failure));
                }
                self.state.send_replace(NodeState::Starting);
                node.drain().await;
            }
            Running::Nothing => {}
        }
        let written = secrets_file::choose(&self.options.place).await;
        let answer = written.map(|said| Retried {
            changed: Some(said),
        });
        (self.start_own().await, answer)
    }

    /// Shows the node of another program; if that has ended meanwhile, one of our own is started.
    async fn use_running(&self) -> Running {
        match find_other(&self.options.place).await {
            Some(client) => self.show(client).await,
            None => self.start_own().await,
        }
    }

    async fn show(&self, client: NodeClient) -> Running {
        let version = match other_version::of(&client).await {
            Ok(version) => version,
            Err(unfit) => {
                warn!(cause = %unfit.problem, "another program's node cannot be shown");
                return self.fail(unfit);
            }
        };
        info!(
            api = client.session().api,
            version, "showing another program's node"
        );
        let state = NodeState::Other {
            client: client.clone(),
            version,
        };
        self.state.send_replace(state);
        Running::Other(client)
    }

    fn fail(&self, failure: StartFailure) -> Running {
        self.state.send_replace(NodeState::Failed(failure));
        Running::Nothing
    }

    /// What runs after something ended by itself.
    async fn after_end(&self, ended: Running, failure: StartFailure) -> Running {
        match ended {
            Running::Own(node) => {
                error!("a part of the node stopped unexpectedly");
                node.drain().await;
                self.fail(failure)
            }
            Running::Other(_) => match timeout(OTHER_RETURNS_WITHIN, self.returned()).await {
                Ok(client) => self.show(client).await,
                Err(_gone) => self.fail(failure),
            },
            Running::Nothing => Running::Nothing,
        }
    }

    /// One that answers: a program that is ending holds its folder longer than its interface.
    async fn returned(&self) -> NodeClient {
        loop {
            sleep(LOOK_EVERY).await;
            if let Some(client) = find_other(&self.options.place).await
                && !matches!(other_version::of(&client).await, Ok(None))
            {
                return client;
            }
        }
    }
}

impl Running {
    /// Waits until what runs ends by itself.
    async fn ended(&mut self, place: &NodePlace) -> StartFailure {
        match self {
            Self::Nothing => std::future::pending().await,
            Self::Own(node) => {
                node.failed().await;
                StartFailure::ended()
            }
            Self::Other(client) => {
                loop {
                    // It may refuse to be followed, and runs all the same.
                    if let Ok(mut events) = client.events(&Topics::default()).await {
                        while events.next().await.is_some() {}
                    }
                    sleep(LOOK_EVERY).await;
                    // First whether it is there at all: its address may be somebody else's by now.
                    let found = find_other(place).await;
                    let token = &client.session().token;
                    if found.is_none_or(|found| found.session().token != *token) {
                        return StartFailure::new(words::OtherEnded);
                    }
                    // One that began to answer late had not told its version yet.
                    if let Err(unfit) = other_version::of(client).await {
                        return unfit;
                    }
                }
            }
        }
    }
}

/// Reads what a start needs; the first settings have no account, for the page asks a person which one.
fn find(place: &NodePlace) -> Result<Found, StartError> {
    let folders = place.folders()?;
    folders.create()?;
    let lock = FolderLock::acquire(&folders)?;
    let settings = place.settings(&folders, FirstSettings::NoAccount)?;
    let tokens = place.tokens(&folders, &settings);
    Ok(Found {
        folders,
        lock,
        settings,
        tokens,
    })
}

async fn find_other(place: &NodePlace) -> Option<NodeClient> {
    let place = place.clone();
    blocking(move || {
        let folders = place.folders().ok()?;
        NodeClient::find(&folders).ok()
    })
    .await
}
