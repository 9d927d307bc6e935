//! The installer's task: one loop, one job at a time.

use std::{
    panic::resume_unwind,
    sync::Arc,
    time::{Duration, SystemTime},
};

use perpetua_fetch::{Fetcher, InstallError, InstallOutcome, InstallProgress, Sha256, Versions};
use perpetua_lifecycle::{CoreChange, InstallProblem};
use perpetua_words::{Message, install as words};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    AvailableRelease, InstallJob, InstallRequest, InstallerOptions, InstallerSettings,
    handle::{Checked, Ended, InstallerCommand, Outcome, Wanted},
    incoming::Arriving,
    job::{after, problem},
    trial::Trial,
    work::{Whence, Work},
};
use crate::steps::blocking;

/// The first look for a newer release: once the accounts are up.
const FIRST_CHECK: Duration = Duration::from_mins(1);
/// A look that failed is repeated no later than this.
const CHECK_AGAIN: Duration = Duration::from_hours(1);

/// The task.
pub(super) struct Actor {
    commands: mpsc::Receiver<InstallerCommand>,
    settings: InstallerSettings,
    fetcher: Fetcher,
    versions: Versions,
    trial: Trial,
    job: watch::Sender<InstallJob>,
    available: watch::Sender<Option<AvailableRelease>>,
    checked: watch::Sender<Option<SystemTime>>,
    progress: watch::Sender<Option<InstallProgress>>,
    changes: Arc<watch::Sender<Option<CoreChange>>>,
    running: Option<Running>,
    /// A file whose digest a person compares. Whoever confirms it, calls it off, sends another one or has a core
    /// from elsewhere spends it; nobody else does.
    asked: Option<Asked>,
    checking: Option<watch::Sender<Option<Checked>>>,
    /// At most one job and one check.
    work: JoinSet<Done>,
    next_check: Option<Instant>,
}

/// The job under way.
struct Running {
    /// None is asked for an upload: nobody else can join it.
    request: Option<InstallRequest>,
    outcome: watch::Sender<Option<Ended>>,
    cancel: CancellationToken,
    progress: watch::Receiver<InstallProgress>,
}

/// A file that is there, and that a person has to confirm.
struct Asked {
    name: String,
    sha256: Sha256,
    rolled_back: Option<Message>,
    whence: Whence,
}

impl Asked {
    fn job(&self) -> InstallJob {
        InstallJob::Unconfirmed {
            name: self.name.clone(),
            sha256: self.sha256.to_string(),
            rolled_back: self.rolled_back.clone(),
        }
    }
}

/// What came of the work.
enum Done {
    Installed(super::work::Outcome),
    Checked(Checked),
}

impl Actor {
    pub(super) fn new(
        commands: mpsc::Receiver<InstallerCommand>,
        options: InstallerOptions,
        fetcher: Fetcher,
        versions: Versions,
        changes: Arc<watch::Sender<Option<CoreChange>>>,
    ) -> Self {
        Self {
            commands,
            next_check: options.settings.check_every.map(first_check),
            settings: options.settings,
            fetcher,
            versions,
            trial: Trial {
                launcher: options.launcher,
                folder: options.folder,
                limit: options.trial_limit,
            },
            job: watch::Sender::default(),
            available: watch::Sender::default(),
            checked: watch::Sender::default(),
            progress: watch::Sender::default(),
            changes,
            running: None,
            asked: None,
            checking: None,
            work: JoinSet::new(),
        }
    }

    pub(super) fn job(&self) -> watch::Receiver<InstallJob> {
        self.job.subscribe()
    }

    pub(super) fn available(&self) -> watch::Receiver<Option<AvailableRelease>> {
        self.available.subscribe()
    }

    pub(super) fn checked_at(&self) -> watch::Receiver<Option<SystemTime>> {
        self.checked.subscribe()
    }

    pub(super) fn progress(&self) -> watch::Receiver<Option<InstallProgress>> {
        self.progress.subscribe()
    }

    /// Runs until the last handle is dropped.
    pub(super) async fn run(mut self) {
        loop {
            tokio::select! {
                // Commands first: a flood of progress must not delay calling off.
                biased;
                command = self.commands.recv() => match command {
                    Some(command) => self.handle(command),
                    None => return,
                },
                Some(done) = self.work.join_next() => self.ended(done),
                progress = progressed(&mut self.running) => self.tell(progress),
                () = until(self.next_check) => drop(self.check()),
            }
        }
    }

    /// Whoever asked and has gone does not hear the answer.
    fn handle(&mut self, command: InstallerCommand) {
        match command {
            InstallerCommand::Ensure(reply) => {
                let _gone = reply.send(self.ensure());
            }
            InstallerCommand::Install(wanted, reply) => {
                let _gone = reply.send(self.install(*wanted));
            }
            InstallerCommand::Receive(arriving, reply) => {
                let _gone = reply.send(self.receive(*arriving));
            }
            InstallerCommand::Cancel => self.cancel(),
            InstallerCommand::Check(reply) => {
                let _gone = reply.send(self.check());
            }
            InstallerCommand::Change(new) => {
                let (settings, fetcher) = *new;
                if settings.check_every != self.settings.check_every {
                    self.next_check = settings.check_every.map(first_check);
                }
                self.settings = settings;
                self.fetcher = fetcher;
            }
        }
    }

    /// Calls off the job that runs, or the file that a person is asked about.
    fn cancel(&mut self) {
        if let Some(running) = &self.running {
            running.cancel.cancel();
        } else if self.asked.take().is_some() {
            self.job.send_replace(InstallJob::Idle);
        }
    }

    fn ensure(&mut self) -> Result<Outcome<Ended>, InstallProblem> {
        if let Some(running) = &self.running {
            return Ok(running.outcome.subscribe());
        }
        if let Some(problem) = self.waits_for_person() {
            return Err(problem);
        }
        if !self.settings.auto_install {
            return Err(InstallProblem::NotAllowed);
        }
        Ok(self.begin(Wanted {
            request: InstallRequest::default(),
            accept: None,
        }))
    }

    /// What whoever needs a core hears while a person compares a file that no source would give again.
    fn waits_for_person(&self) -> Option<InstallProblem> {
        let asked = self.asked.as_ref()?;
        let is_found_again = matches!(asked.whence, Whence::Settings);
        (!is_found_again).then(|| InstallProblem::Unconfirmed {
            name: asked.name.clone(),
            sha256: asked.sha256.to_string(),
            rolled_back: asked.rolled_back.clone(),
        })
    }

    fn install(&mut self, wanted: Wanted) -> Result<Outcome<Ended>, InstallProblem> {
        match &self.running {
            None => Ok(self.begin(wanted)),
            Some(running) if running.request.as_ref() == Some(&wanted.request) => {
                Ok(running.outcome.subscribe())
            }
            Some(_) => Err(InstallProblem::Failed(words::AnotherUnderWay.into())),
        }
    }

    fn receive(&mut self, arriving: Arriving) -> Result<(), InstallProblem> {
        if self.running.is_some() {
            return Err(InstallProblem::Failed(words::AnotherUnderWay.into()));
        }
        let (told, cancel) = (arriving.told.clone(), arriving.cancel.clone());
        let work = self.work_for(None, told.clone(), cancel.clone());
        self.work
            .spawn(async move { Done::Installed(work.receive(arriving).await) });
        self.begun(None, &told, cancel);
        Ok(())
    }

    fn begin(&mut self, wanted: Wanted) -> Outcome<Ended> {
        let Wanted { request, accept } = wanted;
        let whence = if let Some(source) = &request.source {
            Whence::Named(source.clone())
        } else {
            let confirmed = self.asked.take_if(|asked| accept == Some(asked.sha256));
            confirmed.map_or(Whence::Settings, |asked| asked.whence)
        };
        let (told, cancel) = (watch::Sender::default(), CancellationToken::new());
        let work = self.work_for(accept, told.clone(), cancel.clone());
        self.work
            .spawn(async move { Done::Installed(work.run(whence).await) });
        self.begun(Some(request), &told, cancel)
    }

    fn work_for(
        &self,
        accept: Option<Sha256>,
        told: watch::Sender<InstallProgress>,
        cancel: CancellationToken,
    ) -> Work {
        Work {
            fetcher: self.fetcher.clone(),
            versions: self.versions.clone(),
            trial: self.trial.clone(),
            accept,
            told,
            cancel,
        }
    }

    fn begun(
        &mut self,
        request: Option<InstallRequest>,
        told: &watch::Sender<InstallProgress>,
        cancel: CancellationToken,
    ) -> Outcome<Ended> {
        let outcome = watch::Sender::new(None);
        let ended = outcome.subscribe();
        let progress = told.subscribe();
        let first = progress.borrow().clone();
        self.running = Some(Running {
            request,
            outcome,
            cancel,
            progress,
        });
        self.tell(first);
        ended
    }

    /// Joins the look that is under way, or begins one.
    fn check(&mut self) -> Outcome<Checked> {
        self.next_check = self
            .settings
            .check_every
            .map(|every| Instant::now() + every);
        if let Some(checking) = &self.checking {
            return checking.subscribe();
        }
        let outcome = watch::Sender::new(None);
        let checked = outcome.subscribe();
        self.checking = Some(outcome);
        let (fetcher, versions) = (self.fetcher.clone(), self.versions.clone());
        self.work
            .spawn(async move { Done::Checked(look(fetcher, versions).await) });
        checked
    }

    fn ended(&mut self, done: Result<Done, JoinError>) {
        match done {
            Ok(Done::Installed(ended)) => self.installed(ended),
            Ok(Done::Checked(checked)) => self.checked(checked),
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            // Nobody aborts it but the end of this task.
            Err(_aborted) => {}
        }
    }

    fn installed(&mut self, (ended, whence): super::work::Outcome) {
        let Some(running) = self.running.take() else {
            return;
        };
        match &ended {
            Err(InstallError::Unconfirmed {
                name,
                sha256,
                rolled_back,
            }) => {
                self.asked = Some(Asked {
                    name: name.clone(),
                    sha256: *sha256,
                    rolled_back: rolled_back.clone(),
                    whence,
                });
            }
            // An upload is gone before anybody is told how it ended.
            Ok(_) => {
                self.asked = None;
                drop(whence);
            }
            Err(_) => drop(whence),
        }
        let job = match &self.asked {
            // Whoever sent a file that is none has heard so; what was asked before is asked still.
            Some(asked) if running.request.is_none() => asked.job(),
            _ => after(&ended),
        };
        self.job.send_replace(job);
        self.progress.send_replace(None);
        if let Ok(outcome) = &ended {
            let installed = outcome.version();
            self.changes.send_replace(Some(match outcome {
                InstallOutcome::New(installed) => CoreChange::Installed {
                    version: installed.id.clone(),
                },
                InstallOutcome::Present(present) => CoreChange::Chosen {
                    version: present.id.clone(),
                },
            }));
            let is_it =
                |new: &mut AvailableRelease| new.sha256.is_none_or(|it| it == installed.sha256);
            self.available
                .send_if_modified(|available| available.take_if(is_it).is_some());
        }
        let ended = ended.map(InstallOutcome::into_version).map_err(problem);
        running.outcome.send_replace(Some(ended));
    }

    fn checked(&mut self, checked: Checked) {
        self.checked.send_replace(Some(SystemTime::now()));
        match &checked {
            Ok(available) => {
                self.available.send_if_modified(|told| {
                    let is_new = told != available;
                    told.clone_from(available);
                    is_new
                });
            }
            Err(problem) => {
                tracing::info!(%problem, "no newer core could be looked for");
                let again = self
                    .settings
                    .check_every
                    .map(|every| every.min(CHECK_AGAIN));
                self.next_check = again.map(|wait| Instant::now() + wait);
            }
        }
        if let Some(outcome) = self.checking.take() {
            outcome.send_replace(Some(checked));
        }
    }

    fn tell(&self, progress: InstallProgress) {
        self.progress.send_replace(Some(progress.clone()));
        self.job.send_replace(InstallJob::Running(progress));
    }
}

fn first_check(every: Duration) -> Instant {
    Instant::now() + every.min(FIRST_CHECK)
}

async fn look(fetcher: Fetcher, versions: Versions) -> Checked {
    let offer = fetcher.latest(&versions).await;
    let offer = offer.map_err(|error| Message::from(&error))?;
    if let Some(stale) = offer.staleness() {
        return Err(stale);
    }
    let sha256 = offer.sha256;
    let installed = blocking(move || {
        let rolled_back = sha256.map(|sha256| versions.rolled_back(sha256));
        let rolled_back = rolled_back.transpose()?.flatten();
        Ok((versions.current()?, versions.list()?, rolled_back))
    });
    let (current, all, rolled_back) = installed
        .await
        .map_err(|error: perpetua_fetch::VersionsError| Message::from(&error))?;
    let available = AvailableRelease::of(offer, current.as_ref(), &all, rolled_back);
    Ok(available)
}

/// The next progress of the job under way; waits for ever when there is none. A job that has
/// ended tells so in another way.
async fn progressed(running: &mut Option<Running>) -> InstallProgress {
    if let Some(running) = running
        && running.progress.changed().await.is_ok()
    {
        return running.progress.borrow_and_update().clone();
    }
    std::future::pending().await
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
