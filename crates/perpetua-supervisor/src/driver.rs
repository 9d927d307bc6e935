//! The loop of one account's core.
//!
//! It collects inputs, feeds the machine, and performs what the machine wants done. It never waits
//! for anything but the next input: what takes time is a step of [`Steps`] or the process itself.

mod command;
mod done;
mod keep;
mod network;
mod perform;
mod publish;
mod records;
mod run;
mod signers;
mod time;

use std::{ops::ControlFlow, sync::Arc};

use futures_util::future::OptionFuture;
use perpetua_fetch::InstallProgress;
use perpetua_lagrange::ForgottenLogin;
use perpetua_lifecycle::{CoreChange, Generation, Lifecycle, LifecycleEvent, LifecycleState};
use perpetua_process::{ExitStatus, Line};
use perpetua_telemetry::LineFiles;
use perpetua_words::{Message, core as words};
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    task::AbortHandle,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use self::{network::NameWatch, publish::Publisher, run::Run, time::Closing};
use crate::{
    CoreNews, CoreOptions, CorePorts, CoreSettings, CoreView, LoginError, RunningProcess,
    handle::{COMMANDS, CoreCommand, CoreHandle},
    lines::Tail,
    news::NEWS_BEHIND,
    options::CorePaths,
    orphan,
    signing::Signing,
    steps::{Done, Steps, blocking},
};

/// Everything that belongs to one account's core.
#[derive(Debug)]
pub(crate) struct Driver {
    account: String,
    paths: CorePaths,
    ports: CorePorts,
    settings: CoreSettings,
    machine: Lifecycle,
    signing: Signing,
    steps: Steps,
    /// The launch under way, which can be called off.
    launch: Option<(Generation, CancellationToken)>,
    install: Option<AbortHandle>,
    /// The process. There is never one beside a launch.
    run: Option<Run>,
    log: Option<LineFiles>,
    tail: Tail,
    news: broadcast::Sender<CoreNews>,
    publisher: Publisher,
    commands: mpsc::Receiver<CoreCommand>,
    progress: watch::Receiver<Option<InstallProgress>>,
    changes: watch::Receiver<Option<CoreChange>>,
    usage_due: Instant,
    names: Option<NameWatch>,
    closing: Option<Closing>,
    /// Whether a person asked for the process that comes next.
    is_asked: bool,
    login_change: LoginChange,
    /// When a copy of the login of this start is tried again that could not be kept, and what was told of it.
    keep_due: Option<(Generation, Instant)>,
    not_kept: Option<Message>,
    /// The end of the latest gap in this process's own time that the machine knows of.
    woke: Instant,
}

/// What is wanted of the files of the login, and who waits for it.
#[derive(Debug)]
enum LoginWish {
    /// A kept login is put back.
    Restore(oneshot::Sender<Result<(), LoginError>>),
    /// The login and all copies of it are deleted.
    Forget(oneshot::Sender<Result<ForgottenLogin, LoginError>>),
}

/// A change of the files of the login: only while there is no process, which could write its own.
#[derive(Debug)]
enum LoginChange {
    No,
    /// It waits for the end of the process, or of the launch.
    Waiting(LoginWish),
    UnderWay,
}

/// All that the loop waits for.
#[derive(Debug)]
enum Input {
    /// Someone wants something.
    CoreCommand(CoreCommand),
    /// Nobody can want anything any more.
    Abandoned,
    /// A step is done.
    Done(Done),
    /// The process has ended.
    Exited(ExitStatus),
    /// The process wrote a line, or its last one has come.
    Line(Option<Line>),
    /// The installation goes on.
    InstallProgressed,
    /// Another core is the current one.
    CoreChanged,
    /// The core has asked for a signature at its desk.
    Signed,
    /// Something is due.
    Due,
}

impl Driver {
    /// A core that nobody wants to run yet, and the handle to it.
    pub(crate) fn new(options: CoreOptions) -> (CoreHandle, Self) {
        let CoreOptions {
            account,
            folders,
            settings,
            log,
            seed,
            ports,
        } = options;
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let (publisher, view) = Publisher::new(CoreView::stopped(
            Instant::now().into_std(),
            settings.policy.qr_codes,
            settings.remark.clone(),
        ));
        let files = LineFiles::begin(&folders.logs(), &format!("core-{account}"), &log);
        let core = CoreHandle {
            commands,
            view,
            news: broadcast::Sender::new(NEWS_BEHIND),
            tail: Tail::new(),
            log: files.as_ref().ok().map(LineFiles::watch),
        };
        let mut driver = Self {
            paths: CorePaths::new(&folders, &account),
            machine: Lifecycle::new(settings.policy.clone(), seed),
            signing: Signing::default(),
            steps: Steps::default(),
            launch: None,
            install: None,
            run: None,
            log: None,
            tail: core.tail.clone(),
            news: core.news.clone(),
            publisher,
            commands: receiver,
            progress: ports.cores.progress(),
            changes: ports.cores.changes(),
            usage_due: Instant::now(),
            names: None,
            closing: None,
            is_asked: false,
            login_change: LoginChange::No,
            keep_due: None,
            not_kept: None,
            woke: Instant::now(),
            account,
            ports,
            settings,
        };
        match files {
            Ok(files) => driver.log = Some(files),
            Err(error) => {
                let cause = Message::from(&error);
                driver.notice(words::LogNotKept { cause }.into());
            }
        }
        (core, driver)
    }

    /// Runs until it is shut down or all handles are gone. Dropping it ends the core at once.
    pub(crate) async fn run(mut self) {
        self.end_orphan();
        self.look_aside();
        self.show_signing();
        loop {
            let input = self.next().await;
            if self.take(input).is_break() {
                break;
            }
        }
        let log = self.log.take();
        blocking(move || drop(log)).await;
    }

    async fn next(&mut self) -> Input {
        let due = self.next_due();
        let parts = self.run.as_mut().map(Run::parts).unwrap_or_default();
        let exit = parts.process.map(RunningProcess::wait);
        let line = parts.lines.map(|lines| lines.next());
        let signed = parts.signed.map(watch::Receiver::changed);
        tokio::select! {
            // A new core is known before anybody starts it, so that it is on trial. Commands are
            // rare and a person waits; what has ended is known before more is done with it; a core
            // that writes without end must not keep what is due from being done.
            biased;
            Ok(()) = self.changes.changed() => Input::CoreChanged,
            command = self.commands.recv() => command.map_or(Input::Abandoned, Input::CoreCommand),
            done = self.steps.next() => Input::Done(done),
            Some(status) = OptionFuture::from(exit) => Input::Exited(status),
            Some(()) = OptionFuture::from(due.map(sleep_until)) => Input::Due,
            Ok(()) = self.progress.changed() => Input::InstallProgressed,
            Some(Ok(())) = OptionFuture::from(signed) => Input::Signed,
            Some(line) = OptionFuture::from(line) => Input::Line(line),
        }
    }

    fn take(&mut self, input: Input) -> ControlFlow<()> {
        self.notice_gap();
        match input {
            Input::CoreCommand(command) => self.command(command),
            Input::Abandoned => return ControlFlow::Break(()),
            Input::Done(done) => self.done(done),
            Input::Exited(status) => self.exited(status),
            Input::Line(line) => self.line(line),
            Input::InstallProgressed => self.install_progressed(),
            Input::CoreChanged => self.core_changed(),
            Input::Signed => self.desk_changed(),
            Input::Due => self.due(Instant::now())?,
        }
        self.follow_wait();
        self.publish();
        self.may_end()
    }

    /// What was not heard while this process stood still is not held against anybody, whatever comes first now.
    fn notice_gap(&mut self) {
        if let Some(woke) = self.ports.gaps.woke_after(self.woke) {
            self.woke = woke;
            self.feed(LifecycleEvent::Woke);
        }
    }

    /// Tells the machine, shows what became of it, and does what it wants.
    fn feed(&mut self, event: LifecycleEvent) {
        let effects = self.machine.handle(event, Instant::now().into_std());
        self.perform_all(effects);
    }

    fn perform_all(&mut self, effects: Vec<perpetua_lifecycle::LifecycleEffect>) {
        // Who hears the news and then looks must not see how it was before.
        self.publish();
        for effect in effects {
            self.perform(effect);
        }
    }

    fn install_progressed(&mut self) {
        let progress = self.progress.borrow_and_update().clone();
        // Who waits for a core waits for whatever is being installed, also where a person had to see to it.
        if matches!(
            self.machine.state(),
            LifecycleState::Installing | LifecycleState::Absent { .. }
        ) {
            self.publisher.flicker(|view| view.install = progress);
        }
    }

    fn core_changed(&mut self) {
        let change = self.changes.borrow_and_update().clone();
        if let Some(change) = change {
            self.feed(LifecycleEvent::CoreChanged(change));
        }
    }

    /// A process of a former run works on the same account: it is ended whether or not a new one is wanted.
    fn end_orphan(&mut self) {
        let launcher = Arc::clone(&self.ports.launcher);
        let run_file = self.paths.run_file.clone();
        self.steps.in_order(async move {
            let ended = orphan::end(&*launcher, &run_file).await;
            Done::Chore(ended.map_err(|error| Message::from(&error)))
        });
    }
}
