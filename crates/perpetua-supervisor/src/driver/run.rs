//! The process of one start: what it says, its end, what it takes.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use perpetua_fetch::VersionLease;
use perpetua_lagrange::{exit_cause, log::LogReader};
use perpetua_lifecycle::{Exit, Generation, LifecycleEvent, QrState, Reading};
use perpetua_process::{ExitStatus, Usage};
use perpetua_signing::{Desk, DeskView};
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{Duration, Instant},
};
use tracing::info;

use super::Driver;
use crate::{
    Endpoint, LineSource, RunningProcess, fold::Fold, launch::Launched, orphan, picture,
    signing::SigningWay, steps::Done,
};

/// How long the last lines of a process that has ended may take. They wait in the pipe, so that
/// this is only for one whose children hold the pipe open.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// So many records are enough to tell why a process ended.
const JUDGED: usize = 50;

/// A process and what is known of it.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) generation: Generation,
    pub(super) process: Box<dyn RunningProcess>,
    /// Keeps the version's files until the process is gone.
    _lease: Option<Arc<VersionLease>>,
    pub(super) lines: Option<Box<dyn LineSource>>,
    pub(super) reader: LogReader,
    /// Its last records without what people wrote, oldest first: by them its end is judged.
    judged: VecDeque<String>,
    /// How it gets its signatures.
    pub(super) way: SigningWay,
    /// What the desk sees at which it asks.
    signed: Option<watch::Receiver<DeskView>>,
    /// What the machine knows of that.
    pub(super) told_of_desk: ToldOfDesk,
    /// Its records of who reads too slowly.
    pub(super) slow_reader: Fold,
    /// When what the reader holds back is taken as finished.
    pub(super) flush_at: Option<Instant>,
    /// How it ended, and until when its last lines may come.
    pub(super) exit: Option<(ExitStatus, Instant)>,
    port: u16,
    endpoint: Endpoint,
    is_serving: bool,
    memory: MemoryWatch,
    /// Its QR code was turned away on the phone.
    is_canceled: bool,
    /// Where the picture of its QR code will be, and the step that waits for it.
    picture: PathBuf,
    awaited: Option<AbortHandle>,
}

/// How its memory is watched.
#[derive(Debug, Default)]
struct MemoryWatch {
    /// Whether a step looks at what it takes.
    is_looked_at: bool,
    /// Whether it has taken more than it may, which is told once.
    is_over: bool,
}

/// What the machine was last told of a desk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct ToldOfDesk {
    /// So many requests have ended.
    pub(super) answered: u64,
    /// The core waits for a signature since then.
    pub(super) waiting_since: Option<std::time::Instant>,
}

/// What a run brings.
#[derive(Default)]
pub(super) struct Parts<'a> {
    /// Its end.
    pub(super) process: Option<&'a dyn RunningProcess>,
    /// What it writes.
    pub(super) lines: Option<&'a mut Box<dyn LineSource>>,
    /// What becomes of its requests for signatures.
    pub(super) signed: Option<&'a mut watch::Receiver<DeskView>>,
}

impl Run {
    pub(super) fn new(generation: Generation, ready: Launched) -> Self {
        Self {
            generation,
            process: ready.started.process,
            _lease: ready.core.lease,
            lines: Some(ready.started.lines),
            reader: LogReader::new(Some(ready.mark)),
            judged: VecDeque::new(),
            signed: ready.way.desk().map(Desk::view),
            way: ready.way,
            told_of_desk: ToldOfDesk::default(),
            slow_reader: Fold::default(),
            flush_at: None,
            exit: None,
            port: ready.port,
            endpoint: Endpoint {
                generation,
                url: format!("ws://127.0.0.1:{}/", ready.port),
                token: ready.token,
            },
            is_serving: false,
            memory: MemoryWatch::default(),
            is_canceled: false,
            picture: ready.picture,
            awaited: None,
        }
    }

    /// What is still to be waited for.
    pub(super) fn parts(&mut self) -> Parts<'_> {
        Parts {
            process: self.exit.is_none().then_some(&*self.process),
            lines: self.lines.as_mut(),
            signed: self.signed.as_mut(),
        }
    }

    /// The server of this start, once it listens and until the process has ended.
    pub(super) fn endpoint(&self) -> Option<&Endpoint> {
        (self.is_serving && self.exit.is_none()).then_some(&self.endpoint)
    }

    pub(super) fn note(&mut self, redacted: String) {
        if self.judged.len() == JUDGED {
            self.judged.pop_front();
        }
        self.judged.push_back(redacted);
    }

    fn is_over(&self, now: Instant) -> bool {
        self.exit
            .is_some_and(|(_, drained_by)| self.lines.is_none() || drained_by <= now)
    }
}

impl Drop for Run {
    /// Nobody waits for the picture of a process that is gone.
    fn drop(&mut self) {
        if let Some(awaited) = &self.awaited {
            awaited.abort();
        }
    }
}

impl Driver {
    pub(super) fn run_of(&mut self, generation: Generation) -> Option<&mut Run> {
        self.run.as_mut().filter(|run| run.generation == generation)
    }

    pub(super) fn read(&mut self, generation: Generation, reading: Reading) {
        match &reading {
            Reading::Version(commit) => {
                let commit = Some(commit.clone());
                self.publisher.change(|view| view.commit = commit);
            }
            Reading::Protocol(protocol) => {
                let protocol = Some(protocol.clone());
                self.publisher.change(|view| view.protocol = protocol);
            }
            Reading::QrFetched(_) => self.await_picture(generation),
            Reading::QrCanceled | Reading::QrPolled(QrState::Canceled, _) => {
                self.note_canceled(generation);
            }
            Reading::SignFailed(words) => self.blame_signer(generation, words),
            Reading::Serving(port) => {
                // The settings may have other servers beside ours.
                if let Some(run) = self.run_of(generation) {
                    run.is_serving |= run.port == *port;
                }
            }
            _ => {}
        }
        self.feed(LifecycleEvent::Read(generation, reading));
    }

    /// It says so in two records.
    fn note_canceled(&mut self, generation: Generation) {
        let run = self.run_of(generation);
        if run.is_some_and(|run| !std::mem::replace(&mut run.is_canceled, true)) {
            self.publisher.change(|view| view.canceled += 1);
        }
    }

    /// The core has announced a QR code: its picture is about to be written.
    fn await_picture(&mut self, generation: Generation) {
        let Some(run) = self.run_of(generation) else {
            return;
        };
        let path = run.picture.clone();
        let awaited = self
            .steps
            .spawn(async move { Done::QrRead(generation, picture::wait_for(path).await) });
        let former = self
            .run_of(generation)
            .and_then(|run| run.awaited.replace(awaited));
        if let Some(former) = former {
            former.abort();
        }
    }

    /// The process has ended; its last lines tell why.
    pub(super) fn exited(&mut self, status: ExitStatus) {
        let now = Instant::now();
        if let Some(run) = &mut self.run {
            run.exit = Some((status, now + DRAIN_LIMIT));
            self.conclude_run(now);
        }
    }

    /// Once its last line has come, or will not come, the run is over.
    pub(super) fn conclude_run(&mut self, now: Instant) {
        if !self.run.as_ref().is_some_and(|run| run.is_over(now)) {
            return;
        }
        self.flush_reader();
        self.unfold(Fold::finish);
        let Some(mut run) = self.run.take() else {
            return;
        };
        self.keep_due = None;
        let Some((status, _)) = run.exit else { return };
        let generation = run.generation;
        let last_lines = self.tail.of(generation);
        let exit = Exit {
            code: status.code,
            signal: status.signal,
            cause: exit_cause(status.code, status.signal, run.judged.make_contiguous()),
        };
        let (account, number) = (&self.account, generation.0);
        // How a process ends that is killed by us says nothing of it.
        if let Some(why) = self.machine.ending() {
            info!(account, generation = number, %why, "perpetua has ended the core");
        } else {
            info!(account, generation = number, %exit, "the core ended");
        }
        self.publisher.change(|view| {
            view.pid = None;
            view.usage = None;
        });
        let run_file = self.paths.run_file.clone();
        self.steps.chore(move || {
            // What its process has left of its tree ends before the next one starts.
            drop(run);
            orphan::forget(&run_file);
            Ok(())
        });
        self.change_login();
        self.feed(LifecycleEvent::Exited {
            generation,
            exit,
            last_lines,
        });
    }

    /// Looks at what the process takes, beside the loop: some systems list all processes for it.
    pub(super) fn measure(&mut self) {
        let Some(run) = self.run.as_mut().filter(|run| !run.memory.is_looked_at) else {
            return;
        };
        run.memory.is_looked_at = true;
        let (generation, usage) = (run.generation, run.process.usage());
        self.steps
            .spawn(async move { Done::Measured(generation, usage.await) });
    }

    pub(super) fn measured(&mut self, generation: Generation, usage: Option<Usage>) {
        let limit = self.settings.memory_limit;
        let Some(run) = self.run_of(generation) else {
            return;
        };
        run.memory.is_looked_at = false;
        let Some(usage) = usage else { return };
        let exceeded = limit.filter(|limit| usage.memory_bytes > *limit);
        let is_new = exceeded.is_some() && !run.memory.is_over;
        run.memory.is_over |= is_new;
        self.publisher.flicker(|view| view.usage = Some(usage));
        if let Some(limit) = exceeded.filter(|_| is_new) {
            self.feed(LifecycleEvent::MemoryExceeded {
                generation,
                used: usage.memory_bytes,
                limit,
            });
        }
    }
}
