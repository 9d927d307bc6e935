//! The tasks of a node that runs, and the order in which they end.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::select_all;
use tokio::time::Instant;

use perpetua_access::{Origins, WaitingRoom};
use perpetua_accounts::{Context, Events, ManagedContext, Notifier, Poster, StopRequest, Webhook};
use perpetua_config::Config;
use perpetua_fs::{FolderLock, Folders, LockError};
use perpetua_http::{ApiNotices, Discovery, HttpParts, HttpSettings};
use perpetua_hub::Calendar;
use perpetua_proxy::{Clock, FrameBudget, LeaseCounts};
use perpetua_schema::Event;
use perpetua_secrets::Secret;
use perpetua_signing::{Desks, SigningListener};
use perpetua_supervisor::{CorePorts, Launcher, SystemNames};
use perpetua_task::{GapWatch, blocking, every};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot, watch},
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::debug;

use super::{SessionFile, prepare::Prepared};
use crate::{
    backend::{NodeBackend, TRIALS},
    controller::{Controller, ControllerHandle, ControllerParts},
    data::DataPlace,
    edits::Edits,
    first_start::Settings,
    history::{History, remember},
    installed_cores::InstalledCores,
    renames::AccountNotes,
    rpc::NodeRpc,
    settings_file::SettingsFile,
    signer_test::SignerTests,
    snapshots::Snapshots,
    updates::{UpdateWatch, look_for_updates},
    wire,
};

/// The tasks that accounts use.
const HELPERS: usize = 8;

/// How often it is looked whether the files are there by which programs find the node.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// How often descriptors are kept back anew where some of them had to be used.
const RESERVE_EVERY: Duration = Duration::from_secs(1);

/// A task that runs for as long as the node. Dropping it ends it.
#[derive(Debug)]
struct Part {
    cancel: DropGuard,
    task: JoinHandle<()>,
}

/// The tasks of a node.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) rpc: NodeRpc,
    http: Part,
    settings_file: Part,
    controller: Part,
    stop: StopRequest,
    /// What the accounts use, and ends after them.
    helpers: [Part; HELPERS],
    held: Arc<Held>,
}

/// What others see of a node. Its parts hold it until the last of them has ended: then the session file goes,
/// and after it the right to use the folder.
#[derive(Debug)]
struct Held {
    session: SessionFile,
    lock: FolderLock,
}

impl Held {
    fn shared(session: SessionFile, lock: FolderLock) -> Arc<Self> {
        Arc::new(Self { session, lock })
    }

    /// Makes its files anew where somebody has deleted them, so that programs find the node.
    fn renew(&self) {
        match self.lock.renew() {
            // The other one's session file stays, too; the status tells it.
            Err(error @ LockError::Held { .. }) => {
                debug!(%error, "another node has taken the folder");
                return;
            }
            Err(error) => debug!(%error, "the lock of the running node cannot be renewed"),
            Ok(()) => {}
        }
        if let Err(error) = self.session.renew() {
            debug!(%error, "the files of the running node are gone and cannot be written");
        }
    }
}

impl Part {
    fn spawn<F>(run: impl FnOnce(CancellationToken) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::spawn_with(CancellationToken::new(), run)
    }

    fn spawn_with<F>(cancel: CancellationToken, run: impl FnOnce(CancellationToken) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let task = tokio::spawn(run(cancel.clone()));
        Self {
            cancel: cancel.drop_guard(),
            task,
        }
    }

    async fn end(self) {
        drop(self.cancel);
        // One whose end was seen by `failed` must not be awaited again.
        if !self.task.is_finished() {
            let _ended = self.task.await;
        }
    }
}

impl Parts {
    /// The second phase of a start: everything begins to run. The receiver hears when the first steps are
    /// over.
    pub(super) fn run(prepared: Prepared) -> (Self, oneshot::Receiver<()>) {
        let options = prepared.options;
        let (folders, settings, tokens) = (options.folders, options.settings, options.tokens);
        let (clock, cores, address) = (options.clock, prepared.cores, prepared.address);
        let gaps = clock.gaps().clone();
        let (watchers, signers) = (
            Events::default(),
            SignerTests::new(tokens.clone(), gaps.clone()),
        );
        let (held, poster) = (
            Held::shared(prepared.session, options.lock),
            Poster::new(prepared.client, options.language),
        );
        let (refused, waiting) = (api_notices(&clock), WaitingRoom::default());
        let (desks, signing) = spawn_signing(prepared.signing, &signers, &waiting, &refused);
        let installer = spawn_installer(prepared.installing, &held);
        let jobs = Part::spawn(|cancel| tell_jobs(cores.clone(), watchers.clone(), cancel));
        let (webhooks, notifier, notifying) = spawn_webhooks(poster.clone(), &held);
        let (node_clock, started) = (clock.clone(), clock.now());
        let context = Context {
            clock,
            budget: FrameBudget::new(settings.config.limits.memory),
            tls: prepared.tls.clone(),
            ports: prepared.ports,
            waiting: waiting.clone(),
            leases: LeaseCounts::default(),
            tokens: tokens.clone(),
            watchers: watchers.clone(),
            notifier,
            managed: ManagedContext {
                folders: folders.clone(),
                ports: core_ports(prepared.launcher, &cores, &signers, desks, &node_clock),
                log: settings.config.log.clone(),
            },
        };
        let (http, http_seen) = watch::channel(first_http_settings(
            &settings.config,
            &prepared.session_token,
        ));
        let (settled, settled_seen) = oneshot::channel();
        let parts = ControllerParts {
            api: address,
            context,
            cores: cores.clone(),
            log: options.log.clone(),
            session_token: prepared.session_token,
            http,
            webhooks,
            random: fastrand::Rng::with_seed(options.seed),
        };
        let (controller, handle, view) =
            Controller::new(parts, Arc::clone(&settings.config), settled);
        let (notes, account_notes) = watch::channel(prepared.account_notes);
        let (file, edits) = editable(&settings, &folders, &handle, &signers, address, notes);
        let backend = Arc::new(NodeBackend {
            view,
            controller: handle,
            settings: edits.settings().clone(),
            edits,
            tls: prepared.tls,
            tokens,
            poster,
            trials: Semaphore::new(TRIALS),
            cores,
            signers,
            events: watchers,
            snapshots: Snapshots::default(),
            history: History::new(started.instant),
            api: format!("http://{address}"),
            calendar: Mutex::new(Calendar::new(started)),
            clock: node_clock,
            started,
            refused: refused.clone(),
            browsers: prepared.browsers,
            account_notes,
            log: options.log,
            updates: UpdateWatch::new(options.updates, options.build),
            lock: held.lock.watch(),
        });
        let watching = spawn_watching(&backend);
        let (rpc, stop) = (NodeRpc::new(backend), StopRequest::default());
        let parts = Self {
            http: spawn_http(prepared.listener, &rpc, http_seen, refused, waiting.clone()),
            rpc,
            settings_file: Part::spawn(|cancel| file.run(cancel)),
            controller: spawn_controller(controller, &stop, &held),
            stop,
            helpers: [
                installer,
                jobs,
                notifying,
                signing,
                watching,
                Part::spawn(|cancel| watch_gaps(gaps, cancel)),
                spawn_renewal(&held),
                spawn_reserve(waiting),
            ],
            held,
        };
        (parts, settled_seen)
    }

    /// Waits until a part ends by itself.
    pub(super) async fn failed(&mut self) {
        tokio::select! {
            _ended = &mut self.http.task => {}
            _ended = &mut self.settings_file.task => {}
            _ended = &mut self.controller.task => {}
            _ended = ended(&mut self.helpers) => {}
        }
    }

    /// Ends everything in order, each within what is left until `deadline`.
    pub(super) async fn end(self, deadline: Instant) {
        self.http.end().await;
        self.rpc.backend().browsers.keep_at_end().await;
        self.stop.begin(deadline);
        tokio::join!(self.settings_file.end(), self.controller.end());
        for helper in self.helpers {
            helper.end().await;
        }
        drop(self.held);
    }
}

/// The task that looks at the node as a whole: remembers what happens, tidies up, looks for newer versions.
fn spawn_watching(backend: &Arc<NodeBackend>) -> Part {
    let (remembered, tidied) = (Arc::clone(backend), Arc::clone(backend));
    let updated = Arc::clone(backend);
    Part::spawn(|cancel| async move {
        tokio::join!(
            remember(remembered, cancel.clone()),
            tidy_up(tidied, cancel.clone()),
            look_for_updates(updated, cancel)
        );
    })
}

fn spawn_installer(
    installing: impl Future<Output = ()> + Send + 'static,
    held: &Arc<Held>,
) -> Part {
    let keep = Arc::clone(held);
    Part::spawn(|cancel| async move {
        cancel.run_until_cancelled(installing).await;
        drop(keep);
    })
}

fn spawn_controller(controller: Controller, stop: &StopRequest, held: &Arc<Held>) -> Part {
    let (stop, keep) = (stop.clone(), Arc::clone(held));
    Part::spawn_with(stop.token().clone(), |_| async move {
        controller.run(stop).await;
        drop(keep);
    })
}

/// The task of the settings file, and who changes single settings.
fn editable(
    settings: &Settings,
    folders: &Folders,
    controller: &ControllerHandle,
    signers: &SignerTests,
    listening: SocketAddr,
    notes: watch::Sender<AccountNotes>,
) -> (SettingsFile, Edits) {
    let (folders, tokens) = (folders.clone(), signers.tokens.clone());
    let (file, handle) = SettingsFile::new(
        settings,
        folders.clone(),
        tokens.clone(),
        controller.clone(),
        notes,
    );
    let place = DataPlace {
        folders,
        settings: settings.path.clone(),
    };
    let edits = Edits::new(
        handle,
        controller.clone(),
        tokens,
        place,
        listening,
        signers.marks.clone(),
    );
    (file, edits)
}

/// The task that notifies webhooks, and the way to it.
fn spawn_webhooks(
    poster: Poster,
    held: &Arc<Held>,
) -> (watch::Sender<Vec<Webhook>>, Notifier, Part) {
    let (webhooks, webhooks_seen) = watch::channel(Vec::new());
    let cancel = CancellationToken::new();
    let (notifier, notifying) = Notifier::new(webhooks_seen, poster, cancel.clone());
    let keep = Arc::clone(held);
    let part = Part::spawn_with(cancel, |_| async move {
        notifying.await;
        drop(keep);
    });
    (webhooks, notifier, part)
}

/// What all managed accounts start their cores with.
fn core_ports(
    launcher: Arc<dyn Launcher>,
    cores: &InstalledCores,
    signers: &SignerTests,
    desks: Desks,
    clock: &Clock,
) -> CorePorts {
    CorePorts {
        launcher,
        cores: Arc::new(cores.installer.clone()),
        names: Arc::new(SystemNames),
        signers: signers.prober.clone(),
        desks,
        secrets: signers.tokens.store().clone(),
        gaps: clock.gaps().clone(),
        wall: clock.wall().clone(),
    }
}

/// The task that answers cores which ask for signatures, and where it opens desks for them.
fn spawn_signing(
    listener: SigningListener,
    signers: &SignerTests,
    waiting: &WaitingRoom,
    refused: &ApiNotices,
) -> (Desks, Part) {
    let desks = Desks::new(Arc::clone(&signers.prober), listener.port());
    let (serving, door, refused) = (desks.clone(), waiting.door(), refused.clone());
    let note = move |message| refused.note_latest(message);
    let part = Part::spawn(|cancel| listener.serve(serving, door, note, cancel));
    (desks, part)
}

/// A list of what is refused at the API, with the node's clock.
fn api_notices(clock: &Clock) -> ApiNotices {
    let clock = clock.clone();
    ApiNotices::new(move || clock.now())
}

fn spawn_http(
    listener: TcpListener,
    rpc: &NodeRpc,
    settings: watch::Receiver<HttpSettings>,
    refused: ApiNotices,
    waiting: WaitingRoom,
) -> Part {
    let browsers = &rpc.backend().browsers;
    let parts = HttpParts {
        backend: Arc::new(rpc.clone()),
        settings,
        notices: refused,
        waiting,
        sign_in: browsers.sign_in().clone(),
        pages: browsers.pages(),
    };
    Part::spawn(|cancel| perpetua_http::serve(listener, parts, cancel))
}

/// Who may use the HTTP side at first; the token of discovery comes with the first steps.
fn first_http_settings(config: &Config, session_token: &Secret) -> HttpSettings {
    HttpSettings {
        session_token: session_token.clone(),
        origins: Origins {
            allowed_hosts: config.api.allow_hosts.clone(),
        },
        trusted_proxies: config.api.trusted_proxies.clone(),
        discovery: Discovery::default(),
    }
}

/// Waits until one of some parts ends.
async fn ended(parts: &mut [Part; HELPERS]) {
    let _ended = select_all(parts.iter_mut().map(|part| &mut part.task)).await;
}

/// The task that looks whether the files are there by which programs find the node.
fn spawn_renewal(held: &Arc<Held>) -> Part {
    let keep = Arc::clone(held);
    Part::spawn(|cancel| async move {
        let mut timer = every(RENEW_EVERY);
        while cancel.run_until_cancelled(timer.tick()).await.is_some() {
            let held = Arc::clone(&keep);
            blocking(move || held.renew()).await;
        }
        drop(keep);
    })
}

/// Keeps some descriptors, from now on, for those who come when all others are taken.
fn spawn_reserve(waiting: WaitingRoom) -> Part {
    waiting.keep_reserve();
    Part::spawn(|cancel| async move {
        let mut timer = every(RESERVE_EVERY);
        while cancel.run_until_cancelled(timer.tick()).await.is_some() {
            waiting.keep_reserve();
        }
    })
}

/// Sees when this process itself stood still, for all who measure the silence of others.
async fn watch_gaps(gaps: GapWatch, cancel: CancellationToken) {
    cancel.run_until_cancelled(gaps.run()).await;
}

/// Ends what changes of a former run have begun, and waits then.
async fn tidy_up(backend: Arc<NodeBackend>, cancel: CancellationToken) {
    cancel.run_until_cancelled(backend.edits.tidy_up()).await;
    drop(backend);
    cancel.cancelled().await;
}

/// Tells the node's watchers how an installation goes on.
async fn tell_jobs(cores: InstalledCores, watchers: Events, cancel: CancellationToken) {
    let mut job = cores.installer.job();
    let telling = async {
        while job.changed().await.is_ok() {
            let job = wire::install_job(&job.borrow_and_update());
            watchers.send(Event::CoreJob { job });
        }
    };
    cancel.run_until_cancelled(telling).await;
}
