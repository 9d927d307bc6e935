//! Starting a node, and ending it.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use perpetua_config::Config;
use perpetua_fetch::{Proxy, http_client};
use perpetua_fs::{Access, FileError, FolderLock, Folders, write_atomic};
use perpetua_proxy::{Clock, bind};
use perpetua_schema::{Event, Session};
use perpetua_secrets::Secret;
use perpetua_supervisor::{CorePorts, Launcher, SystemLauncher};
use perpetua_task::blocking;
use perpetua_telemetry::LogHandle;
use tokio::{
    net::TcpListener,
    sync::{broadcast, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    StartError, Tokens, accounts::Accounts, backend::NodeBackend, first_start::Settings,
    installed_cores::InstalledCores, kept_ports::KeptPorts, live::LiveSettings,
    managed::ManagedSupplies, notify::Notifier, signer_test::SignerTests, steward::Steward,
    supplies::Supplies, wire,
};

/// Events kept for watchers that read slowly; what they miss beyond that is counted for them.
const WATCHED_EVENTS: usize = 256;
/// How long ending may take; scripts are promised 10 s.
const DRAIN_LIMIT: Duration = Duration::from_secs(8);

/// What a node is started with.
#[derive(Debug)]
pub struct NodeOptions {
    /// The node's folders; they exist.
    pub folders: Folders,
    /// The right to use them.
    pub lock: FolderLock,
    /// The settings as read.
    pub settings: Settings,
    /// Where tokens are found and kept.
    pub tokens: Tokens,
    /// The clock.
    pub clock: Clock,
    /// Seeds everything random but tokens.
    pub seed: u64,
    /// The program's log, whose levels follow the settings.
    pub log: LogHandle,
}

/// A running node.
#[derive(Debug)]
pub struct Node {
    api: String,
    session: PathBuf,
    http: Part,
    steward: Part,
    /// What the accounts use, and ends after them.
    helpers: [Part; 3],
    _lock: FolderLock,
}

/// A task that runs as long as the node.
#[derive(Debug)]
struct Part {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Part {
    fn spawn<F>(run: impl FnOnce(CancellationToken) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let cancel = CancellationToken::new();
        let task = tokio::spawn(run(cancel.clone()));
        Self { cancel, task }
    }

    async fn end(self) {
        self.cancel.cancel();
        // One whose end was seen by `failed` must not be awaited again.
        if !self.task.is_finished() {
            let _ended = self.task.await;
        }
    }
}

impl Node {
    /// Starts everything; when this returns, every listener is bound.
    pub async fn start(options: NodeOptions) -> Result<Self, StartError> {
        let NodeOptions {
            folders,
            lock,
            settings,
            tokens,
            clock,
            seed,
            log,
        } = options;
        let listener = bind_api(&settings.config).await?;
        let api = format!("http://{}", local_address(&listener, &settings.config));
        let (watchers, _) = broadcast::channel(WATCHED_EVENTS);
        let launcher: Arc<dyn Launcher> = Arc::new(SystemLauncher);
        let (cores, installing) = InstalledCores::open(
            &folders,
            &settings.config.core,
            tokens.clone(),
            Arc::clone(&launcher),
        )
        .await?;
        let installer = Part::spawn(|cancel| async move {
            cancel.run_until_cancelled(installing).await;
        });
        let jobs = Part::spawn(|cancel| tell_jobs(cores.clone(), watchers.clone(), cancel));
        let (hooks, hooks_seen) = watch::channel(Vec::new());
        let client = http_client(&Proxy::Environment)?;
        let cancel = CancellationToken::new();
        let (notifier, notifying) = Notifier::new(hooks_seen, client, cancel.clone());
        let notifying = Part {
            cancel,
            task: tokio::spawn(notifying),
        };
        let signers = SignerTests::new(tokens.clone());
        let supplies = Supplies {
            clock,
            ports: KeptPorts::load(folders.state()),
            managed: ManagedSupplies {
                folders: folders.clone(),
                ports: CorePorts {
                    launcher,
                    cores: Arc::new(cores.installer.clone()),
                    signers: signers.prober.clone(),
                    secrets: tokens.store().clone(),
                },
                log: settings.config.log.clone(),
                signers: Vec::new(),
            },
            tokens,
            watchers: watchers.clone(),
            notifier,
            random: fastrand::Rng::with_seed(seed),
        };
        let (live, http) = LiveSettings::start(&settings.config, &supplies, hooks, log).await?;
        let session = write_session(&folders, &api, live.session_token()).await?;
        let mut accounts = Accounts::start(settings.config.clone(), supplies).await;
        if let Some((port, cause)) = accounts.take_bind_error() {
            accounts.stop().await;
            return Err(StartError::Bind { port, cause });
        }
        let (steward, handle, view) =
            Steward::new(accounts, live, cores.clone(), &settings, watchers.clone());
        let backend = NodeBackend {
            view,
            steward: handle,
            cores,
            signers,
            watchers,
            settings: settings.path,
            api: api.clone(),
            started: Instant::now(),
        };
        let backend = Arc::new(backend);
        let http = Part::spawn(|cancel| perpetua_http::serve(listener, backend, http, cancel));
        let steward = Part::spawn(|cancel| steward.run(cancel));
        info!(%api, version = env!("CARGO_PKG_VERSION"), "the node runs");
        Ok(Self {
            api,
            session,
            http,
            steward,
            helpers: [installer, jobs, notifying],
            _lock: lock,
        })
    }

    /// Where it listens, for example `http://127.0.0.1:8080`.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// Waits until a part of the node ends by itself, which is a fault of ours.
    pub async fn failed(&mut self) {
        tokio::select! {
            _ended = &mut self.http.task => {}
            _ended = &mut self.steward.task => {}
        }
    }

    /// Stops accepting, tells the clients, waits for them, and ends. Calls that are under way are
    /// answered first, for they may need the accounts.
    pub async fn drain(self) {
        info!("shutting down");
        let ended = async {
            self.http.end().await;
            self.steward.end().await;
            for helper in self.helpers {
                helper.end().await;
            }
        };
        if timeout(DRAIN_LIMIT, ended).await.is_err() {
            warn!("not everything ended in time");
        }
        let _already_gone = std::fs::remove_file(&self.session);
    }
}

/// Tells the node's watchers how an installation goes on.
async fn tell_jobs(
    cores: InstalledCores,
    watchers: broadcast::Sender<Event>,
    cancel: CancellationToken,
) {
    let mut job = cores.installer.job();
    let telling = async {
        while job.changed().await.is_ok() {
            let job = wire::install_job(&job.borrow_and_update());
            let _nobody_watches = watchers.send(Event::CoreJob { job });
        }
    };
    cancel.run_until_cancelled(telling).await;
}

async fn bind_api(config: &Config) -> Result<TcpListener, StartError> {
    bind(config.api.listen)
        .await
        .map_err(|cause| StartError::Bind {
            port: perpetua_words::start::PortOfApi.into(),
            cause,
        })
}

fn local_address(listener: &TcpListener, config: &Config) -> std::net::SocketAddr {
    listener.local_addr().unwrap_or(config.api.listen)
}

async fn write_session(
    folders: &Folders,
    api: &str,
    token: &Secret,
) -> Result<PathBuf, StartError> {
    let session = Session {
        api: api.to_owned(),
        token: token.expose().to_owned(),
        pid: std::process::id(),
    };
    let (path, bytes) = (
        folders.session(),
        serde_json::to_vec(&session).unwrap_or_default(),
    );
    blocking(move || write_atomic(&path, &bytes, Access::Owner).map(|()| path))
        .await
        .map_err(|error: FileError| error.into())
}
