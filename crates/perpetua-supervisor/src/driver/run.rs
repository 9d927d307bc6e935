//! The process of one start: its lines, its end, what it takes.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use perpetua_fetch::VersionLease;
use perpetua_lagrange::{
    ResolvedSigner, exit_cause,
    log::{FLUSH_AFTER, LogReader, LogRecord, RecordKind, Stream},
};
use perpetua_lifecycle::{Exit, Generation, LifecycleEvent, Reading};
use perpetua_process::{ExitStatus, Line, OutputStream, Usage};
use tokio::{
    task::AbortHandle,
    time::{Duration, Instant},
};
use tracing::info;

use super::Driver;
use crate::{
    CoreLogLine, Endpoint, LineSource, RunningProcess, launch::Launched, orphan, picture,
    steps::Done,
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
    lines: Option<Box<dyn LineSource>>,
    reader: LogReader,
    /// Its last records without what people wrote, oldest first: by them its end is judged.
    judged: VecDeque<String>,
    /// The signer that it was started with.
    pub(super) signer: ResolvedSigner,
    /// When what the reader holds back is taken as finished.
    pub(super) flush_at: Option<Instant>,
    /// How it ended, and until when its last lines may come.
    pub(super) exit: Option<(ExitStatus, Instant)>,
    port: u16,
    endpoint: Endpoint,
    is_serving: bool,
    is_over_memory: bool,
    /// Whether a step looks at what it takes.
    is_measured: bool,
    /// Where the picture of its QR code will be, and the step that waits for it.
    picture: PathBuf,
    awaited: Option<AbortHandle>,
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
            signer: ready.chosen.signer,
            flush_at: None,
            exit: None,
            port: ready.port,
            endpoint: Endpoint {
                generation,
                url: format!("ws://127.0.0.1:{}/", ready.port),
                token: ready.token,
            },
            is_serving: false,
            is_over_memory: false,
            is_measured: false,
            picture: ready.picture,
            awaited: None,
        }
    }

    /// What is still to be waited for: its end, and its lines.
    pub(super) fn parts(
        &mut self,
    ) -> (
        Option<&dyn RunningProcess>,
        Option<&mut Box<dyn LineSource>>,
    ) {
        let process = self.exit.is_none().then_some(&*self.process);
        (process, self.lines.as_mut())
    }

    /// The server of this start, once it listens and until the process has ended.
    pub(super) fn endpoint(&self) -> Option<&Endpoint> {
        (self.is_serving && self.exit.is_none()).then_some(&self.endpoint)
    }

    fn note(&mut self, redacted: String) {
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

    pub(super) fn line(&mut self, line: Option<Line>) {
        let Some(run) = &mut self.run else { return };
        let Some(line) = line else {
            run.lines = None;
            return self.conclude_run(Instant::now());
        };
        let stream = match line.source {
            OutputStream::Stdout => Stream::Output,
            OutputStream::Stderr => Stream::Errors,
        };
        let records = run.reader.line(stream, &line.text);
        run.flush_at = run
            .reader
            .is_waiting()
            .then(|| Instant::now() + FLUSH_AFTER);
        let generation = run.generation;
        self.read_all(generation, records);
    }

    /// Takes what the reader holds back: nothing more came, so it is whole.
    pub(super) fn flush_reader(&mut self) {
        if let Some(run) = &mut self.run {
            run.flush_at = None;
            let (generation, records) = (run.generation, run.reader.flush());
            self.read_all(generation, records);
        }
    }

    fn read_all(&mut self, generation: Generation, records: Vec<LogRecord>) {
        for record in records {
            self.keep(generation, &record);
            if let Some(reading) = record.reading {
                self.read(generation, reading);
            }
        }
    }

    fn keep(&mut self, generation: Generation, record: &LogRecord) {
        let Some(redacted) = record.redacted() else {
            return;
        };
        let text = match &record.kind {
            RecordKind::Log(_) if self.settings.log_messages => record.with_messages(),
            _ => redacted.clone(),
        };
        if let Some(run) = self.run_of(generation) {
            run.note(redacted);
        }
        let line = CoreLogLine {
            time: jiff::Timestamp::now(),
            generation,
            text: text.into(),
        };
        if let Some(log) = &self.log {
            log.write(&format!("{:.3} {}", line.time, line.text));
        }
        self.tail.push(line);
    }

    fn read(&mut self, generation: Generation, reading: Reading) {
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

    /// A signature failed. It speaks against the signer that this start was given, also when another
    /// one has been chosen meanwhile.
    pub(super) fn blame_signer(&mut self, generation: Generation, words: &str) {
        let signer = self.run_of(generation).map(|run| run.signer.clone());
        // One whose address was put right meanwhile has not failed yet.
        if let Some(signer) = signer.filter(|signer| self.settings.signers.contains(signer)) {
            self.signing.failed(&signer.name, words, Instant::now());
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
        let Some(mut run) = self.run.take() else {
            return;
        };
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
        let Some(run) = self.run.as_mut().filter(|run| !run.is_measured) else {
            return;
        };
        run.is_measured = true;
        let (generation, usage) = (run.generation, run.process.usage());
        self.steps
            .spawn(async move { Done::Measured(generation, usage.await) });
    }

    pub(super) fn measured(&mut self, generation: Generation, usage: Option<Usage>) {
        let limit = self.settings.memory_limit;
        let Some(run) = self.run_of(generation) else {
            return;
        };
        run.is_measured = false;
        let Some(usage) = usage else { return };
        let is_over = limit.is_some_and(|limit| usage.memory_bytes > limit);
        let is_new = is_over && !run.is_over_memory;
        run.is_over_memory |= is_over;
        self.publisher.flicker(|view| view.usage = Some(usage));
        if is_new {
            self.feed(LifecycleEvent::MemoryExceeded(
                generation,
                usage.memory_bytes,
            ));
        }
    }
}
