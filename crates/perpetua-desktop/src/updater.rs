//! Newer versions of this program: looked for once a day, downloaded and proven beside what runs, installed when
//! the program ends.
//!
//! ```text
//!  Unknown ─► Asking ─► Newest
//!                │
//!                ▼        by itself, or a person      proven
//!               Out ────────────────────────► Downloading ─► Ready ── the program ends ─► UpdateInstall::carry_out
//!                ▲                                │  canceled, or no file was good
//!                └────────────────────────────────┘
//! ```

mod image;
mod install;
mod trial;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use perpetua_fetch::InstallProgress;
use perpetua_fs::Folders;
use perpetua_node::{NodePlace, read_settings, update_wishes};
use perpetua_schema::{ErrorCode, NewerVersion, RpcError};
use perpetua_task::blocking;
use perpetua_update::{
    NewVersion, ObtainError, Obtained, Obtaining, Package, Project, Wishes, find, former_installer,
    obtain, sweep,
};
use perpetua_words::{Message, update as words};
use tokio::{
    sync::{mpsc, watch},
    time::{Duration, Instant, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use install::UpdateInstall;
pub use trial::ReadyReport;

use crate::{UpdateStage, UpdateStatus, image::AppImage};

/// Wishes of a person that may wait; they give one at a time.
const WISHES: usize = 4;
/// How often the page hears how far a download is.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// What an updater is made of.
#[derive(Clone, Debug)]
pub struct UpdaterOptions {
    /// The node, whose settings say what is wanted.
    pub place: NodePlace,
    /// Its folders.
    pub folders: Option<Folders>,
    /// How this copy was installed.
    pub package: Package,
    /// Where newer versions are, and who makes them good.
    pub project: Project,
}

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Look,
    Download,
}

/// How this copy was installed, with what Tauri's bundler has written into it. An `AppImage` counts only where it
/// runs us: any program may have been started from within another one.
pub fn package_of(bundle: impl FnOnce() -> Package) -> Package {
    match AppImage::this() {
        Some(AppImage {
            file: Some(file), ..
        }) => Package::Image(file),
        _ => bundle(),
    }
}

/// Looks for newer versions. A cheap clone.
#[derive(Clone, Debug)]
pub struct Updater {
    asked: mpsc::Sender<Asked>,
    status: watch::Receiver<UpdateStatus>,
    shared: Arc<Shared>,
}

/// What the updater's task and the end of the program have in common.
#[derive(Debug)]
struct Shared {
    options: UpdaterOptions,
    /// Where files are kept; none: nothing can be.
    folder: Option<PathBuf>,
    ready: Mutex<Option<Obtained>>,
    /// Calls the download under way off.
    cancel: Mutex<CancellationToken>,
}

/// The owner of the status.
struct Task {
    shared: Arc<Shared>,
    status: watch::Sender<UpdateStatus>,
    /// What the addresses offered at last.
    offered: Vec<NewVersion>,
    /// The version that was put back, which nothing but a person tries again.
    undone: Option<String>,
}

impl Updater {
    /// Begins to look. Needs a runtime, and waits for nothing.
    pub fn start(options: UpdaterOptions) -> Self {
        let (asked, coming) = mpsc::channel(WISHES);
        let (status, seen) = watch::channel(UpdateStatus::default());
        let folder = install::folder(&options);
        let shared = Arc::new(Shared {
            options,
            folder,
            ready: Mutex::default(),
            cancel: Mutex::default(),
        });
        let task = Task {
            shared: Arc::clone(&shared),
            status,
            offered: Vec::new(),
            undone: None,
        };
        tokio::spawn(task.run(coming));
        Self {
            asked,
            status: seen,
            shared,
        }
    }

    /// How it stands, and each change.
    pub fn status(&self) -> watch::Receiver<UpdateStatus> {
        self.status.clone()
    }

    /// Asks now whether there is a newer version.
    pub fn look(&self) {
        let _one_waits_already = self.asked.try_send(Asked::Look);
    }

    /// Downloads the newer version that was found.
    pub fn download(&self) {
        let _one_waits_already = self.asked.try_send(Asked::Download);
    }

    /// Calls the download under way off.
    pub fn cancel(&self) {
        locked(&self.shared.cancel).cancel();
    }

    /// What to install when the program ends; none where nothing is ready. The program starts again after it, if
    /// that is wanted.
    pub fn install(&self, restart: bool) -> Option<UpdateInstall> {
        let obtained = locked(&self.shared.ready).clone()?;
        UpdateInstall::new(&self.shared, obtained, restart)
    }

    /// The same, where a person has asked for it now.
    pub fn install_now(&self) -> Result<UpdateInstall, RpcError> {
        let nothing = || RpcError::new(ErrorCode::Conflict, words::NothingReady);
        self.install(true).ok_or_else(nothing)
    }

    /// This start is one that stays: what was kept to go back to is not needed any more.
    pub async fn confirm_version(&self) {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.confirm()).await;
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn confirm(&self) {
        let Some(folder) = &self.folder else { return };
        let (package, own) = (&self.options.package, &self.options.project.version);
        // One above ours may be on its way, ours is the one to go back to from that, and from ours to the one before.
        if folder.is_dir() {
            let newer = locked(&self.ready)
                .as_ref()
                .map(|ready| ready.version.clone());
            let former = former_installer(folder, own, package).map(|(version, _)| version);
            let keep: Vec<_> = newer.iter().chain(&former).chain([own]).collect();
            sweep(folder, &keep);
        }
        trial::forget_undone(folder, own);
        if let Package::Image(_) = package {
            image::forget_former(folder);
        }
    }

    /// What is wanted, by the settings as they are now; settings that cannot be read want what is usual.
    async fn wishes(&self) -> Wishes {
        let place = self.options.place.clone();
        let found = blocking(move || {
            let folders = place.folders().ok()?;
            let path = place.config.clone().unwrap_or_else(|| folders.settings());
            let settings = read_settings(path).ok()?;
            let tokens = place.tokens(&folders, &settings);
            Some((settings, tokens))
        });
        match found.await {
            Some((settings, tokens)) => update_wishes(&settings.config, &tokens).await,
            None => Wishes::default(),
        }
    }
}

impl Task {
    async fn run(mut self, mut asked: mpsc::Receiver<Asked>) {
        self.look_around().await;
        let pace = self.shared.options.project.pace;
        let mut due = Instant::now() + pace.first;
        loop {
            let asked = tokio::select! {
                biased;
                asked = asked.recv() => match asked {
                    Some(asked) => Some(asked),
                    None => return,
                },
                () = sleep_until(due) => None,
            };
            let wishes = self.shared.wishes().await;
            match asked {
                None => {
                    let answered = !wishes.automatic || self.look(&wishes).await;
                    due = Instant::now() + if answered { pace.every } else { pace.again };
                    self.download_unasked(&wishes).await;
                }
                Some(Asked::Look) => {
                    self.look(&wishes).await;
                    self.download_unasked(&wishes).await;
                }
                Some(Asked::Download) => self.download(&wishes).await,
            }
        }
    }

    /// What the disk says before anybody is asked.
    async fn look_around(&mut self) {
        let shared = Arc::clone(&self.shared);
        let (by_hand, undone, kept) = blocking(move || {
            let options = &shared.options;
            let by_hand = install::by_hand(options);
            let folder = shared.folder.as_deref();
            let undone = folder.and_then(trial::undone);
            let kept = folder.and_then(|folder| {
                former_installer(folder, &options.project.version, &options.package)
            });
            (by_hand, undone, kept)
        })
        .await;
        self.undone = undone.as_ref().map(|undone| undone.version.clone());
        self.status.send_modify(|status| {
            status.by_hand = by_hand;
            status.undone = undone.map(|undone| undone.message);
            status.kept = kept.map(|(_, path)| path.display().to_string());
        });
    }

    fn stage(&self, stage: UpdateStage) {
        self.status.send_modify(|status| status.stage = stage);
    }

    /// Asks the addresses; says whether one answered.
    async fn look(&mut self, wishes: &Wishes) -> bool {
        let before = self.status.borrow().stage.clone();
        self.stage(UpdateStage::Asking);
        let options = &self.shared.options;
        let package = match self.status.borrow().by_hand {
            Some(_) => Package::Other,
            None => options.package.clone(),
        };
        let found = find(&options.project, wishes, &package).await;
        let asked_ms = Some(now_ms());
        match found {
            Ok(found) => {
                for refused in &found.refused {
                    let problem = Message::from(refused);
                    info!(%problem, "an address offers no newer version");
                }
                self.offered = found.newer;
                let stage = self.stage_of_offers();
                self.status.send_modify(|status| {
                    status.stage = stage;
                    status.asked_ms = asked_ms;
                    status.problem = None;
                });
                true
            }
            Err(problem) => {
                info!(%problem, "nobody tells of newer versions");
                self.status.send_modify(|status| {
                    status.stage = before;
                    status.problem = Some(problem);
                });
                false
            }
        }
    }

    fn stage_of_offers(&self) -> UpdateStage {
        let ready = locked(&self.shared.ready).clone();
        match (self.offered.first(), ready) {
            (Some(newest), Some(ready)) if ready.version >= newest.version => self.ready(&ready),
            (Some(newest), _) => UpdateStage::Out {
                newer: self.shown(newest),
            },
            (None, Some(ready)) => self.ready(&ready),
            (None, None) => UpdateStage::Newest,
        }
    }

    fn ready(&self, ready: &Obtained) -> UpdateStage {
        let newer = self.named(ready.version.to_string(), ready.notes.clone());
        UpdateStage::Ready { newer }
    }

    fn shown(&self, newer: &NewVersion) -> NewerVersion {
        self.named(newer.version.to_string(), newer.notes.clone())
    }

    fn named(&self, version: String, notes: String) -> NewerVersion {
        let page = self.shared.options.project.page_of(&version);
        NewerVersion {
            version,
            notes,
            page,
        }
    }

    /// Gets a newer version that nobody asked for, unless it is one that did not start.
    async fn download_unasked(&mut self, wishes: &Wishes) {
        let newest = self.offered.first().map(|newer| newer.version.to_string());
        if wishes.automatic && newest.is_some() && newest != self.undone {
            self.download(wishes).await;
        }
    }

    async fn download(&mut self, wishes: &Wishes) {
        let is_out = matches!(self.status.borrow().stage, UpdateStage::Out { .. });
        let replaces_itself = self.status.borrow().by_hand.is_none();
        let Some(folder) = self
            .shared
            .folder
            .clone()
            .filter(|_| is_out && replaces_itself)
        else {
            return;
        };
        let cancel = CancellationToken::new();
        *locked(&self.shared.cancel) = cancel.clone();
        let (progress, seen) = watch::channel(InstallProgress::default());
        let options = &self.shared.options;
        let obtaining = Obtaining {
            project: &options.project,
            package: &options.package,
            proxy: &wishes.proxy,
            folder: &folder,
            progress: &progress,
            cancel: &cancel,
        };
        let (trying, tried) = watch::channel(None);
        let begin = |newer: &NewVersion| {
            info!(version = %newer.version, place = newer.place, "a newer version is being downloaded");
            trying.send_replace(Some(self.shown(newer)));
        };
        let obtained = tokio::select! {
            obtained = obtain(&obtaining, &self.offered, begin) => obtained,
            () = self.follow(tried, seen) => return,
        };
        self.finish(obtained);
    }

    /// Tells how far it is, again and again.
    #[expect(
        clippy::infinite_loop,
        reason = "it is dropped once the download has ended"
    )]
    async fn follow(
        &self,
        tried: watch::Receiver<Option<NewerVersion>>,
        seen: watch::Receiver<InstallProgress>,
    ) {
        let mut timer = interval(TELL_EVERY);
        loop {
            timer.tick().await;
            let Some(newer) = tried.borrow().clone() else {
                continue;
            };
            let InstallProgress {
                received,
                total,
                rate,
                ..
            } = *seen.borrow();
            self.stage(UpdateStage::Downloading {
                newer,
                received,
                total,
                rate,
            });
        }
    }

    fn finish(&mut self, obtained: Result<Obtained, ObtainError>) {
        let mut problem = None;
        match obtained {
            Ok(obtained) => *locked(&self.shared.ready) = Some(obtained),
            Err(ObtainError::Canceled) => info!("the download of a newer version was called off"),
            Err(ObtainError::Failed(why)) => {
                warn!(%why, "no newer version could be had");
                problem = Some(why);
            }
        }
        let stage = self.stage_of_offers();
        self.status.send_modify(|status| {
            status.stage = stage;
            status.problem = problem;
        });
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}
