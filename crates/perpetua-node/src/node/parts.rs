//! The tasks of a node that runs, and the order in which they end.

use std::sync::Arc;

use tokio::time::Instant;

use perpetua_access::Origins;
use perpetua_accounts::{Context, Events, ManagedContext, Notifier, StopRequest};
use perpetua_http::{Backend, Discovery, HttpSettings};
use perpetua_schema::Event;
use perpetua_supervisor::CorePorts;
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{NodeOptions, SessionFile, prepare::Prepared};
use crate::{
    backend::NodeBackend,
    controller::{Controller, ControllerParts},
    installed_cores::InstalledCores,
    rpc::NodeRpc,
    settings_file::SettingsFile,
    signer_test::SignerTests,
    snapshots::Snapshots,
    wire,
};

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
    helpers: [Part; 3],
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
    pub(super) fn run(prepared: Prepared) -> (Self, SessionFile, oneshot::Receiver<()>) {
        let Prepared {
            options,
            listener,
            address,
            ports,
            cores,
            installing,
            tls,
            client,
            session_token,
            session,
            launcher,
        } = prepared;
        let NodeOptions {
            folders,
            lock,
            settings,
            tokens,
            clock,
            seed,
            log,
            language,
        } = options;
        let watchers = Events::default();
        let signers = SignerTests::new(tokens.clone());
        let installer = Part::spawn(|cancel| async move {
            // Held until everything has ended.
            let _lock = lock;
            cancel.run_until_cancelled(installing).await;
        });
        let jobs = Part::spawn(|cancel| tell_jobs(cores.clone(), watchers.clone(), cancel));
        let (webhooks, webhooks_seen) = watch::channel(Vec::new());
        let cancel = CancellationToken::new();
        let (notifier, notifying) = Notifier::new(webhooks_seen, client, language, cancel.clone());
        let notifying = Part::spawn_with(cancel, |_| notifying);
        let context = Context {
            clock,
            tls,
            ports,
            tokens: tokens.clone(),
            watchers: watchers.clone(),
            notifier,
            managed: ManagedContext {
                folders: folders.clone(),
                ports: CorePorts {
                    launcher,
                    cores: Arc::new(cores.installer.clone()),
                    signers: signers.prober.clone(),
                    secrets: tokens.store().clone(),
                },
                log: settings.config.log.clone(),
            },
        };
        let (http, http_seen) = watch::channel(HttpSettings {
            session_token: session_token.clone(),
            origins: Origins {
                allowed_hosts: settings.config.api.allow_hosts.clone(),
            },
            // Its token comes with the first steps.
            discovery: Discovery::default(),
        });
        let (settled, settled_seen) = oneshot::channel();
        let parts = ControllerParts {
            api: address,
            context,
            cores: cores.clone(),
            log,
            session_token,
            http,
            webhooks,
            random: fastrand::Rng::with_seed(seed),
        };
        let (controller, handle, view) =
            Controller::new(parts, Arc::clone(&settings.config), settled);
        let (file, settings_handle) = SettingsFile::new(&settings, folders, tokens, handle.clone());
        let backend = NodeBackend {
            view,
            controller: handle,
            settings: settings_handle,
            cores,
            signers,
            events: watchers,
            snapshots: Snapshots::default(),
            api: format!("http://{address}"),
            started: std::time::Instant::now(),
        };
        let rpc = NodeRpc::new(Arc::new(backend));
        let backend: Arc<dyn Backend> = Arc::new(rpc.clone());
        let stop = StopRequest::default();
        let parts = Self {
            rpc,
            http: Part::spawn(|cancel| perpetua_http::serve(listener, backend, http_seen, cancel)),
            settings_file: Part::spawn(|cancel| file.run(cancel)),
            controller: Part::spawn_with(stop.token().clone(), |_| controller.run(stop.clone())),
            stop,
            helpers: [installer, jobs, notifying],
        };
        (parts, session, settled_seen)
    }

    /// Waits until a part ends by itself.
    pub(super) async fn failed(&mut self) {
        tokio::select! {
            _ended = &mut self.http.task => {}
            _ended = &mut self.settings_file.task => {}
            _ended = &mut self.controller.task => {}
        }
    }

    /// Ends everything in order, each within what is left until `deadline`.
    pub(super) async fn end(self, deadline: Instant) {
        self.http.end().await;
        self.settings_file.end().await;
        self.stop.begin(deadline);
        self.controller.end().await;
        for helper in self.helpers {
            helper.end().await;
        }
    }
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
