//! A core with everything around it played by the test.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use futures_util::future::BoxFuture;
use perpetua_backoff::Backoff;
use perpetua_config::{Log, SignThrough};
use perpetua_fetch::InstallProgress;
use perpetua_fs::Folders;
use perpetua_lagrange::{CoreProtocol, ResolvedSigner, SignerUrl};
use perpetua_lifecycle::{
    CoreChange, InstallProblem, LaunchFailure, LifecyclePolicy, LifecycleState, SignerProblem,
};
use perpetua_secrets::SecretStore;
use perpetua_signing::{Chosen, Desks, ProbeReport, Prober, SignerAnswer, Wanted};
use perpetua_supervisor::{
    CoreHandle, CoreNews, CoreOptions, CorePorts, CoreSettings, CoreView, Cores, Endpoint, Names,
    RollBackOutcome, SignerChoice, VerifiedCore,
};
use perpetua_task::{GapWatch, WallClock};
use perpetua_words::{Message, signer as words};
use tempfile::TempDir;
use tokio::{
    sync::{Notify, broadcast, mpsc, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::play::{Play, ScriptedLauncher};

/// The account of most tests.
pub(crate) const WHO: u64 = 10001;
/// Longer than anything takes, in mocked time.
const PATIENCE: Duration = Duration::from_hours(1);

pub(crate) struct Stage {
    pub(crate) core: CoreHandle,
    pub(crate) news: broadcast::Receiver<CoreNews>,
    pub(crate) launcher: Arc<ScriptedLauncher>,
    pub(crate) cores: Arc<PlayedCores>,
    pub(crate) names: Arc<PlayedNames>,
    pub(crate) signers: Arc<PlayedSigners>,
    pub(crate) settings: CoreSettings,
    pub(crate) secrets: SecretStore,
    /// Sees gaps once it runs.
    pub(crate) gaps: GapWatch,
    /// What the clock on the wall says; it stands still until it is set.
    pub(crate) wall: Arc<Mutex<SystemTime>>,
    pub(crate) task: JoinHandle<()>,
    plays: mpsc::Receiver<Play>,
    data: TempDir,
}

impl Stage {
    /// A core that nobody wants to run yet, with two signers that work.
    pub(crate) fn new() -> Self {
        Self::on(tempfile::tempdir().expect("it goes on"), settings())
    }

    pub(crate) fn with(change: impl FnOnce(&mut CoreSettings)) -> Self {
        let mut settings = settings();
        change(&mut settings);
        Self::on(tempfile::tempdir().expect("it goes on"), settings)
    }

    pub(crate) fn on(data: TempDir, settings: CoreSettings) -> Self {
        // Nobody asks there: what signers do is played.
        let prober = Prober::new(|_| Err("nobody is asked".into()));
        Self::at(data, settings, Desks::new(Arc::new(prober), 1))
    }

    /// With desks at which somebody may ask.
    pub(crate) fn at(data: TempDir, settings: CoreSettings, desks: Desks) -> Self {
        let folders = Folders::at(data.path()).expect("it goes on");
        folders.create().expect("it goes on");
        let (sender, plays) = mpsc::channel(64);
        let launcher = Arc::new(ScriptedLauncher {
            plays: sender,
            refuses: Mutex::default(),
            ended: Mutex::default(),
            stubborn_leftover: Mutex::default(),
            last: Mutex::default(),
        });
        let cores = Arc::new(PlayedCores::default());
        let names = Arc::new(PlayedNames::default());
        let signers = Arc::new(PlayedSigners::default());
        let (secrets, gaps) = (SecretStore::in_memory(), GapWatch::default());
        let wall = Arc::new(Mutex::new(SystemTime::now()));
        let said = Arc::clone(&wall);
        let (core, task) = CoreHandle::new(CoreOptions {
            account: "main".into(),
            folders,
            settings: settings.clone(),
            log: Log::default(),
            seed: 7,
            ports: CorePorts {
                launcher: launcher.clone(),
                cores: cores.clone(),
                names: names.clone(),
                signers: signers.clone(),
                desks,
                secrets: secrets.clone(),
                gaps: gaps.clone(),
                wall: WallClock::new(move || *said.lock().expect("lock")),
            },
        });
        Self {
            news: core.news(),
            task: tokio::spawn(task),
            core,
            launcher,
            cores,
            names,
            signers,
            settings,
            secrets,
            gaps,
            wall,
            plays,
            data,
        }
    }

    /// The next process that is started.
    pub(crate) async fn play(&mut self) -> Play {
        let play = timeout(PATIENCE, self.plays.recv()).await;
        let view = self.core.view().borrow().clone();
        play.unwrap_or_else(|_| panic!("no process was started: {view:?}"))
            .expect("it goes on")
    }

    /// Whether a process was started of which the test knows nothing yet.
    pub(crate) fn has_play(&self) -> bool {
        !self.plays.is_empty()
    }

    /// Waits for a view.
    pub(crate) async fn until(&self, what: impl Fn(&CoreView) -> bool) -> Arc<CoreView> {
        let mut view = self.core.view();
        let found = timeout(PATIENCE, view.wait_for(|view| what(view))).await;
        if let Ok(found) = found {
            return found.expect("it goes on").clone();
        }
        panic!("it never came to that: {:?}", self.core.view().borrow());
    }

    /// Waits for a state.
    pub(crate) async fn until_state(
        &self,
        what: impl Fn(&LifecycleState) -> bool,
    ) -> Arc<CoreView> {
        self.until(|view| what(&view.state)).await
    }

    /// Waits for the server's address.
    pub(crate) async fn endpoint(&self) -> Endpoint {
        let view = self.until(|view| view.endpoint.is_some()).await;
        view.endpoint.clone().expect("it goes on")
    }

    /// Starts it and leads it online by its session.
    pub(crate) async fn online(&mut self) -> Play {
        self.core.start().await;
        self.next_online().await
    }

    /// Leads the next process online.
    pub(crate) async fn next_online(&mut self) -> Play {
        let play = self.play().await;
        play.log_in_by_session(WHO).await;
        let endpoint = self.endpoint().await;
        self.core.link_opened(endpoint.generation).await;
        self.until_state(LifecycleState::is_online).await;
        play
    }

    /// The next news.
    pub(crate) async fn told(&mut self) -> CoreNews {
        let news = timeout(PATIENCE, self.news.recv()).await;
        news.expect("no news came").expect("it goes on")
    }

    /// A path in the account's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.data.path().join("accounts/main").join(name)
    }

    pub(crate) fn data(&self) -> &TempDir {
        &self.data
    }

    /// Ends the core and gives its folder.
    pub(crate) async fn close(self) -> TempDir {
        self.core.shutdown(Duration::from_secs(8)).await;
        self.task.await.expect("it goes on");
        self.data
    }
}

/// Without jitter, so that waits can be told.
pub(crate) fn settings() -> CoreSettings {
    CoreSettings {
        policy: LifecyclePolicy {
            backoff: Backoff {
                jitter: 0.0,
                ..Backoff::default()
            },
            ..LifecyclePolicy::default()
        },
        protocol: CoreProtocol::Linux,
        signers: ["first", "second"].map(signer).into(),
        sign_through: SignThrough::Core,
        sign_patience: Duration::from_secs(5),
        memory_limit: None,
        remark: None,
        log_messages: false,
    }
}

pub(crate) fn signer(name: &str) -> ResolvedSigner {
    ResolvedSigner {
        name: name.into(),
        url: SignerUrl::new("http://127.0.0.1:9/api/sign/30366").expect("it goes on"),
        proxy: None,
    }
}

/// Installed cores.
#[derive(Debug)]
pub(crate) struct PlayedCores {
    /// What is installed, or why nothing can be started.
    pub(crate) current: Mutex<Result<VerifiedCore, LaunchFailure>>,
    /// What an installation comes to, once it is let go on.
    pub(crate) installs: Mutex<Result<(), InstallProblem>>,
    pub(crate) may_install: Arc<Notify>,
    pub(crate) progress: watch::Sender<Option<InstallProgress>>,
    pub(crate) changes: watch::Sender<Option<CoreChange>>,
    pub(crate) rolls_back: Mutex<RollBackOutcome>,
    /// What was noted: a version, and whether the account stayed online with it.
    pub(crate) noted: Mutex<Vec<(String, bool)>>,
}

pub(crate) fn version(id: &str) -> VerifiedCore {
    VerifiedCore {
        id: id.into(),
        program: PathBuf::from(format!("/core/{id}/Lagrange.OneBot")),
        lease: None,
        is_on_trial: false,
    }
}

impl Default for PlayedCores {
    fn default() -> Self {
        Self {
            current: Mutex::new(Ok(version("nightly-11111111"))),
            installs: Mutex::new(Ok(())),
            may_install: Arc::default(),
            progress: watch::Sender::new(None),
            changes: watch::Sender::new(None),
            rolls_back: Mutex::new(RollBackOutcome::NothingBefore(
                perpetua_words::install::NothingBefore.into(),
            )),
            noted: Mutex::default(),
        }
    }
}

impl PlayedCores {
    /// A new version becomes the current one.
    pub(crate) fn install(&self, id: &str) {
        let version = id.into();
        self.change(id, CoreChange::Installed { version });
    }

    /// Another version becomes the current one.
    pub(crate) fn change(&self, id: &str, change: CoreChange) {
        *self.current.lock().expect("lock") = Ok(version(id));
        self.changes.send_replace(Some(change));
    }
}

impl Cores for PlayedCores {
    fn current(&self, _account: &str) -> BoxFuture<'static, Result<VerifiedCore, LaunchFailure>> {
        let current = self.current.lock().expect("lock").clone();
        Box::pin(async move { current })
    }

    fn ensure(&self) -> BoxFuture<'static, Result<(), InstallProblem>> {
        let (may, installs) = (
            Arc::clone(&self.may_install),
            self.installs.lock().expect("lock").clone(),
        );
        Box::pin(async move {
            may.notified().await;
            installs
        })
    }

    fn progress(&self) -> watch::Receiver<Option<InstallProgress>> {
        self.progress.subscribe()
    }

    fn changes(&self) -> watch::Receiver<Option<CoreChange>> {
        self.changes.subscribe()
    }

    fn note_online(
        &self,
        version: String,
        _account: String,
        lasted: bool,
    ) -> BoxFuture<'static, Result<(), Message>> {
        self.noted.lock().expect("lock").push((version, lasted));
        Box::pin(async { Ok(()) })
    }

    fn roll_back(
        &self,
        _from: String,
        _account: String,
        _why: Message,
    ) -> BoxFuture<'static, RollBackOutcome> {
        let rolled_back = self.rolls_back.lock().expect("lock").clone();
        if let RollBackOutcome::To(id) = &rolled_back {
            let version = id.clone();
            self.change(id, CoreChange::RolledBack { version });
        }
        Box::pin(async move { rolled_back })
    }
}

/// Names that are found, unless the network is away.
#[derive(Debug, Default)]
pub(crate) struct PlayedNames {
    pub(crate) missing: Mutex<bool>,
}

impl Names for PlayedNames {
    fn are_found(&self) -> BoxFuture<'static, bool> {
        let found = !*self.missing.lock().expect("lock");
        Box::pin(async move { found })
    }
}

/// Signers that work unless they are in the list of those that do not.
#[derive(Debug, Default)]
pub(crate) struct PlayedSigners {
    pub(crate) broken: Mutex<Vec<&'static str>>,
    /// The version that those sign for who work; they do not say it otherwise.
    pub(crate) version: Mutex<Option<&'static str>>,
    /// Who was asked, each time.
    pub(crate) asked: Mutex<Vec<Vec<String>>>,
    /// Whether nobody can be reached, so that none works.
    pub(crate) out_of_reach: Mutex<bool>,
    /// Whether they do not answer, for as long as that is so.
    pub(crate) silent: Mutex<bool>,
}

impl SignerChoice for PlayedSigners {
    fn choose(
        self: Arc<Self>,
        signers: Vec<ResolvedSigner>,
        _wanted: Wanted,
    ) -> BoxFuture<'static, Result<Chosen, SignerProblem>> {
        let names = signers.iter().map(|signer| signer.name.clone()).collect();
        self.asked.lock().expect("lock").push(names);
        let broken = self.broken.lock().expect("lock").clone();
        let out_of_reach = *self.out_of_reach.lock().expect("lock");
        let working = signers
            .iter()
            .find(|signer| !out_of_reach && !broken.contains(&signer.name.as_str()))
            .cloned();
        let problem = || {
            let sentence = |signer: &ResolvedSigner| {
                let cause = Message::from(words::Silent { seconds: 10_u64 });
                let name = &signer.name;
                Message::from(words::Named { cause, name })
            };
            let sentences = signers.iter().map(sentence).collect();
            if out_of_reach {
                SignerProblem::NoneReached(sentences)
            } else {
                SignerProblem::NoneWorks(sentences)
            }
        };
        let chosen = working.ok_or_else(problem).map(|signer| Chosen {
            report: ProbeReport {
                name: signer.name.clone(),
                host: signer.url.host(),
                through: None,
                latency: Duration::from_millis(20),
                answer: Ok(SignerAnswer {
                    version: self.version.lock().expect("lock").map(str::to_owned),
                    ..SignerAnswer::default()
                }),
            },
            signer,
        });
        Box::pin(async move {
            while *self.silent.lock().expect("lock") {
                sleep(Duration::from_secs(1)).await;
            }
            chosen
        })
    }
}
