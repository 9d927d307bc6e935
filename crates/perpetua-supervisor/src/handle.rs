//! The handle to a core, and what can be asked of it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use perpetua_lagrange::ForgottenLogin;
use perpetua_lifecycle::Generation;
use perpetua_telemetry::{LogTrouble, LogWatch};
use perpetua_words::{Message, core as words};
use thiserror::Error;
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    time::Instant,
};

use crate::{
    CoreLines, CoreNews, CoreOptions, CoreSettings, CoreView, driver::Driver, lines::Tail,
};

/// Commands that may wait. The task takes them at once, so a full line means that it has ended
/// or that someone floods it, who then waits.
pub(crate) const COMMANDS: usize = 64;
/// How long before the end of a shutdown what has not ended is killed: enough for the system to
/// end a tree of processes and for us to see it.
const KILL_MARGIN: Duration = Duration::from_secs(1);

/// What can be asked of a core.
#[derive(Debug)]
pub(crate) enum CoreCommand {
    Start,
    Stop,
    Restart,
    RestartAtOnce,
    Look,
    Change(Box<CoreSettings>),
    LinkOpened(Generation),
    LinkLost(Generation),
    AnswersStopped(Generation),
    SendUnsigned(Generation),
    Kicked(Generation, String),
    RestoreLogin(oneshot::Sender<Result<(), LoginError>>),
    ForgetLogin(oneshot::Sender<Result<ForgottenLogin, LoginError>>),
    AskKeptLogin(oneshot::Sender<Result<Option<SystemTime>, LoginError>>),
    ShutDown {
        /// When to kill what has not ended.
        kill_at: Instant,
        /// When to end in any case.
        by: Instant,
    },
}

/// Why the files of a login were not changed.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum LoginError {
    /// It would replace a session that works.
    Online,
    /// They are being changed already.
    UnderWay,
    /// A file is missing, or could not be opened, written or deleted; the words say which.
    Failed(Message),
    /// The core's task has ended.
    Ended,
}

impl From<&LoginError> for Message {
    fn from(error: &LoginError) -> Self {
        match error {
            LoginError::Online => words::RestoreOnline.into(),
            LoginError::UnderWay => words::LoginUnderWay.into(),
            LoginError::Failed(cause) => cause.clone(),
            LoginError::Ended => words::RestoreEnded.into(),
        }
    }
}

/// A handle to one account's core. Clones lead to the same one; verbs given after the task has
/// ended do nothing. When the last handle is dropped, the core is ended at once.
#[derive(Clone, Debug)]
pub struct CoreHandle {
    pub(crate) commands: mpsc::Sender<CoreCommand>,
    pub(crate) view: watch::Receiver<Arc<CoreView>>,
    pub(crate) news: broadcast::Sender<CoreNews>,
    pub(crate) tail: Tail,
    pub(crate) log: Option<LogWatch>,
}

impl CoreHandle {
    /// A core that nobody wants to run yet, and its task, which the caller spawns. A process that a
    /// former run left behind is ended first. Dropping the task ends the core at once.
    pub fn new(options: CoreOptions) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (core, driver) = Driver::new(options);
        (core, driver.run())
    }

    /// How it stands; changes wake whoever waits on it, numbers that flicker (usage, progress) at
    /// most ten times a second.
    pub fn view(&self) -> watch::Receiver<Arc<CoreView>> {
        self.view.clone()
    }

    /// What people want to hear of, from now on.
    pub fn news(&self) -> broadcast::Receiver<CoreNews> {
        self.news.subscribe()
    }

    /// The last lines of its log, and those to come.
    pub fn lines(&self) -> CoreLines {
        self.tail.watch()
    }

    /// What keeps its log from being written; `None` while all is well.
    pub fn log_trouble(&self) -> Option<LogTrouble> {
        self.log.as_ref()?.trouble()
    }

    /// Lets it run; leads out of `GivenUp` and `Refused`. Does nothing when it runs.
    pub async fn start(&self) {
        self.tell(CoreCommand::Start).await;
    }

    /// Ends it, and keeps it ended.
    pub async fn stop(&self) {
        self.tell(CoreCommand::Stop).await;
    }

    /// Ends it and starts it again. Wishes that fall together are one, and a start that has just begun is what is
    /// wanted.
    pub async fn restart(&self) {
        self.tell(CoreCommand::Restart).await;
    }

    /// The same, whatever has just begun: what it was started with does not count any more.
    pub async fn restart_at_once(&self) {
        self.tell(CoreCommand::RestartAtOnce).await;
    }

    /// A person looks at the login: QR codes that nobody scanned are counted anew.
    pub async fn look(&self) {
        self.tell(CoreCommand::Look).await;
    }

    /// Takes new settings over. Signers and limits hold at once; what goes into the core's own
    /// settings holds from its next start on, for which the caller may ask with
    /// [`CoreHandle::restart_at_once`]. A core that asks its signer by itself is started anew when that is not the one
    /// of the settings any more, and that is told.
    pub async fn change(&self, settings: CoreSettings) {
        self.tell(CoreCommand::Change(Box::new(settings))).await;
    }

    /// The link to the endpoint of this start is open, and the account answers.
    pub async fn link_opened(&self, generation: Generation) {
        self.tell(CoreCommand::LinkOpened(generation)).await;
    }

    /// The link to the endpoint of this start is broken.
    pub async fn link_lost(&self, generation: Generation) {
        self.tell(CoreCommand::LinkLost(generation)).await;
    }

    /// The account has not answered for so long that it counts as hung.
    pub async fn answers_stopped(&self, generation: Generation) {
        self.tell(CoreCommand::AnswersStopped(generation)).await;
    }

    /// An action came back with the code of a failed signature (9057).
    pub async fn send_unsigned(&self, generation: Generation) {
        self.tell(CoreCommand::SendUnsigned(generation)).await;
    }

    /// The core told its clients that QQ ended the session, in these words; its log most often
    /// said so before.
    pub async fn kicked(&self, generation: Generation, words: String) {
        self.tell(CoreCommand::Kicked(generation, words)).await;
    }

    /// Puts the last kept login back. A core that is wanted is started anew with it; one that runs
    /// is ended first, because it could write a login of its own.
    pub async fn restore_login(&self) -> Result<(), LoginError> {
        let (reply, answer) = oneshot::channel();
        self.tell(CoreCommand::RestoreLogin(reply)).await;
        answer.await.unwrap_or(Err(LoginError::Ended))
    }

    /// Ends the core, and deletes its login and the copies of it: its next start needs a scan.
    pub async fn forget_login(&self) -> Result<ForgottenLogin, LoginError> {
        let (reply, answer) = oneshot::channel();
        self.tell(CoreCommand::ForgetLogin(reply)).await;
        answer.await.unwrap_or(Err(LoginError::Ended))
    }

    /// When the newest copy of the login was made; `None` when there is none.
    pub async fn kept_login(&self) -> Result<Option<SystemTime>, LoginError> {
        let (reply, answer) = oneshot::channel();
        self.tell(CoreCommand::AskKeptLogin(reply)).await;
        answer.await.unwrap_or(Err(LoginError::Ended))
    }

    /// Ends the core and its task: the process is asked first, and killed with its whole tree
    /// shortly before the limit.
    pub async fn shutdown(&self, limit: Duration) {
        let now = Instant::now();
        let patience = limit.saturating_sub(KILL_MARGIN).max(limit / 2);
        let (kill_at, by) = (now + patience, now + limit);
        self.tell(CoreCommand::ShutDown { kill_at, by }).await;
        self.commands.closed().await;
    }

    async fn tell(&self, command: CoreCommand) {
        let _task_has_ended = self.commands.send(command).await;
    }
}
