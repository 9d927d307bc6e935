//! The handle to the installer, and what can be asked of it.

use std::{sync::Arc, time::SystemTime};

use perpetua_fetch::{
    ClientError, Fetcher, FetcherOptions, InstallProgress, Installed, Sha256, Upload, UploadError,
    Versions, VersionsError,
};
use perpetua_lifecycle::{CoreChange, InstallProblem};
use perpetua_words::{Message, install as words};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    AvailableRelease, InstallJob, InstallRequest, InstallerError, InstallerOptions,
    InstallerSettings,
    actor::Actor,
    incoming::{Arriving, IncomingCore},
};
use crate::steps::blocking;

/// Commands that may wait. The task takes them at once, so a full line means that it has ended
/// or that someone floods it, who then waits.
pub(super) const COMMANDS: usize = 64;

/// What will come of something that several may wait for.
pub(super) type Outcome<T> = watch::Receiver<Option<T>>;
/// What comes of a job.
pub(super) type Ended = Result<Installed, InstallProblem>;
/// What comes of a look for a newer release; an error is for people.
pub(super) type Checked = Result<Option<AvailableRelease>, Message>;

/// What can be asked of the installer.
#[derive(Debug)]
pub(super) enum InstallerCommand {
    Ensure(oneshot::Sender<Result<Outcome<Ended>, InstallProblem>>),
    Install(
        Box<Wanted>,
        oneshot::Sender<Result<Outcome<Ended>, InstallProblem>>,
    ),
    Receive(Box<Arriving>, oneshot::Sender<Result<(), InstallProblem>>),
    Cancel,
    Check(oneshot::Sender<Outcome<Checked>>),
    Change(Box<(InstallerSettings, Fetcher)>),
}

/// An installation that a person wants, understood.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) request: InstallRequest,
    pub(super) accept: Option<Sha256>,
}

/// A handle to the installer; clones lead to the same one. When the last one is dropped, it ends
/// and calls its job off.
#[derive(Clone, Debug)]
pub struct Installer {
    commands: mpsc::Sender<InstallerCommand>,
    job: watch::Receiver<InstallJob>,
    available: watch::Receiver<Option<AvailableRelease>>,
    checked_at: watch::Receiver<Option<SystemTime>>,
    progress: watch::Receiver<Option<InstallProgress>>,
    changes: Arc<watch::Sender<Option<CoreChange>>>,
    versions: Versions,
    fetch: Arc<FetcherOptions>,
}

impl Installer {
    /// An installer and its task, which the caller spawns. Opens the folder, which blocks for a
    /// moment. Dropping the task calls off what it does.
    pub fn new(
        options: InstallerOptions,
    ) -> Result<(Self, impl Future<Output = ()> + Send + 'static), InstallerError> {
        let versions = Versions::open(&options.folder)?;
        let fetcher = Fetcher::new(options.settings.fetch(&options.fetch))?;
        let (commands, orders) = mpsc::channel(COMMANDS);
        let changes = Arc::new(watch::Sender::new(None));
        let fetch = Arc::new(options.fetch.clone());
        let actor = Actor::new(orders, options, fetcher, versions.clone(), changes.clone());
        let installer = Self {
            commands,
            job: actor.job(),
            available: actor.available(),
            checked_at: actor.checked_at(),
            progress: actor.progress(),
            changes,
            versions,
            fetch,
        };
        Ok((installer, actor.run()))
    }

    /// Sees to it that there is a version. Joins the job that runs, whoever wanted it; begins one
    /// where the settings allow that.
    pub async fn ensure(&self) -> Result<(), InstallProblem> {
        let versions = self.versions.clone();
        let current = blocking(move || versions.current()).await;
        if current
            .map_err(|error| InstallProblem::Failed(Message::from(&error)))?
            .is_some()
        {
            return Ok(());
        }
        let (reply, outcome) = oneshot::channel();
        self.tell(InstallerCommand::Ensure(reply)).await;
        ended(outcome).await.map(drop)
    }

    /// Installs what a person wants and makes it the current version. Joins the job that runs when it
    /// is for the same; another one is refused while it runs.
    pub async fn install(&self, request: InstallRequest) -> Result<Installed, InstallProblem> {
        let accept: Option<Result<Sha256, _>> = request.accept.as_deref().map(str::parse);
        let accept = accept
            .transpose()
            .map_err(|error: perpetua_fetch::Sha256Error| {
                InstallProblem::Failed(Message::from(&error))
            })?;
        let wanted = Box::new(Wanted { request, accept });
        let (reply, outcome) = oneshot::channel();
        self.tell(InstallerCommand::Install(wanted, reply)).await;
        ended(outcome).await
    }

    /// Begins a job with a file that is uploaded: its name, which is only shown, and its size in bytes, where that
    /// is known. One is refused while another job runs.
    pub async fn receive(
        &self,
        name: &str,
        size: Option<u64>,
    ) -> Result<IncomingCore, ReceiveError> {
        let told = watch::Sender::default();
        let largest = self.largest_upload();
        let upload = Upload::begin(&self.versions, name, size, largest, told.clone()).await?;
        let (incoming, arriving) = IncomingCore::new(upload, told);
        let (reply, begun) = oneshot::channel();
        self.tell(InstallerCommand::Receive(Box::new(arriving), reply))
            .await;
        let begun = begun.await.map_err(|_| ReceiveError::Stopping)?;
        begun.map_err(ReceiveError::Refused)?;
        Ok(incoming)
    }

    /// The largest file that is taken; bytes. No core is as large, whatever way it comes.
    pub fn largest_upload(&self) -> u64 {
        self.fetch.patience.largest
    }

    /// Calls off the job that runs. A download goes on where it was when it is wanted again.
    pub async fn cancel(&self) {
        self.tell(InstallerCommand::Cancel).await;
    }

    /// Looks for a newer release now: only the listing is asked for. An error is for people.
    pub async fn check(&self) -> Result<Option<AvailableRelease>, Message> {
        let (reply, outcome) = oneshot::channel();
        self.tell(InstallerCommand::Check(reply)).await;
        let outcome = outcome.await.map_err(|_| Message::from(words::Stopping))?;
        wait(outcome)
            .await
            .unwrap_or_else(|| Err(words::Stopping.into()))
    }

    /// Takes new settings over. The job that runs keeps those it began with.
    pub async fn change(&self, settings: InstallerSettings) -> Result<(), ClientError> {
        let options = settings.fetch(&self.fetch);
        let fetcher = blocking(move || Fetcher::new(options)).await?;
        self.tell(InstallerCommand::Change(Box::new((settings, fetcher))))
            .await;
        Ok(())
    }

    /// Where it stands.
    pub fn job(&self) -> watch::Receiver<InstallJob> {
        self.job.clone()
    }

    /// The newer release that was found last.
    pub fn available(&self) -> watch::Receiver<Option<AvailableRelease>> {
        self.available.clone()
    }

    /// When the sources were last asked for a newer one, with or without success.
    pub fn checked_at(&self) -> watch::Receiver<Option<SystemTime>> {
        self.checked_at.clone()
    }

    /// How far the job is; `None` when there is none.
    pub fn progress(&self) -> watch::Receiver<Option<InstallProgress>> {
        self.progress.clone()
    }

    /// A number that grows whenever another version becomes the current one through this installer.
    pub fn changes(&self) -> watch::Receiver<Option<CoreChange>> {
        self.changes.subscribe()
    }

    /// The installed versions; its calls block for as long as the disk takes.
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Makes an installed version the current one.
    pub async fn use_version(&self, id: String) -> Result<Installed, VersionsError> {
        let use_it = move |versions: &Versions| versions.use_version(&id);
        let chosen = self.switch(use_it).await?;
        let version = chosen.id.clone();
        self.changed(CoreChange::Chosen { version });
        Ok(chosen)
    }

    /// Makes the version before the current one the current one.
    pub async fn roll_back(&self) -> Result<Installed, VersionsError> {
        let former = self.switch(Versions::roll_back).await?;
        let version = former.id.clone();
        self.changed(CoreChange::RolledBack { version });
        Ok(former)
    }

    /// Goes back from a version that does not work for this account, unless that was done already; `None` where it stays
    /// because it keeps another account online.
    pub(super) async fn roll_back_from(
        &self,
        id: String,
        account: String,
        why: Message,
    ) -> Result<Option<Installed>, VersionsError> {
        let back = move |versions: &Versions| {
            versions.roll_back_from(&id, &account, &why, SystemTime::now())
        };
        let former = self.switch(back).await?;
        if let Some(former) = &former {
            let version = former.id.clone();
            self.changed(CoreChange::RolledBack { version });
        }
        Ok(former)
    }

    async fn switch<T: Send + 'static>(
        &self,
        switch: impl FnOnce(&Versions) -> Result<T, VersionsError> + Send + 'static,
    ) -> Result<T, VersionsError> {
        let versions = self.versions.clone();
        blocking(move || switch(&versions)).await
    }

    fn changed(&self, change: CoreChange) {
        self.changes.send_replace(Some(change));
    }

    /// A task that has ended drops the command and with it its reply, which says so.
    async fn tell(&self, command: InstallerCommand) {
        let _ended = self.commands.send(command).await;
    }
}

/// Why an upload does not even begin.
#[derive(Debug)]
pub enum ReceiveError {
    /// It could only fail.
    Upload(UploadError),
    /// The installer does something else.
    Refused(InstallProblem),
    /// The installer has ended, as perpetua does.
    Stopping,
}

impl From<UploadError> for ReceiveError {
    fn from(error: UploadError) -> Self {
        Self::Upload(error)
    }
}

async fn ended(
    outcome: oneshot::Receiver<Result<Outcome<Ended>, InstallProblem>>,
) -> Result<Installed, InstallProblem> {
    let gone = || InstallProblem::Failed(words::Stopping.into());
    let outcome = outcome.await.map_err(|_| gone())??;
    wait(outcome).await.ok_or_else(gone)?
}

async fn wait<T: Clone>(mut outcome: Outcome<T>) -> Option<T> {
    let ended = outcome.wait_for(Option::is_some).await;
    ended.ok().and_then(|ended| ended.clone())
}
