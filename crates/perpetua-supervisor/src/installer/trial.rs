//! The trial start: does a new core run on this machine at all?
//!
//! It works in a folder of its own that is thrown away. It is ended as soon as it has said its
//! version, which it does before anything else (`Program.cs`): it has talked to nobody then. Should it
//! get further, its signer is an address where nobody answers, so no login is ever tried.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use perpetua_lagrange::{
    CoreProtocol, LagrangeSettings, SignerUrl, exit_cause,
    log::{LogMark, LogReader, LogRecord, RecordKind, Stream},
};
use perpetua_lifecycle::{Exit, Reading};
use perpetua_process::{Console, Launch, OutputStream};
use perpetua_secrets::generate_token;
use perpetua_words::{Message, install as words, io};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{Launcher, RunningProcess, StartedProcess, steps::blocking, workdir::environment};

/// Nobody listens here: the port is reserved for a service of 1988.
const NOBODY: &str = "http://127.0.0.1:1/api/sign";
/// A port that no user may bind; the trial never gets that far.
const NO_PORT: u16 = 1;
/// How long a process may take to end once it has no more to say, or was killed.
const END_LIMIT: Duration = Duration::from_secs(5);
/// So many last lines say what went wrong.
const LAST_LINES: usize = 10;

/// Starts new cores on trial.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) launcher: Arc<dyn Launcher>,
    /// The folder of installed versions.
    pub(super) folder: PathBuf,
    /// How long a core may take to say its version.
    pub(super) limit: Duration,
}

/// What a trial found out.
enum Heard {
    /// It runs; its commit, where it knows it.
    Version(Option<String>),
    /// It wrote its last line.
    Silence,
}

impl Trial {
    /// Starts the program; gives the commit it was built from, or why it does not run here. Dropping
    /// it ends the program.
    pub(super) async fn run(self, program: PathBuf) -> Result<Option<String>, Message> {
        let (launcher, folder) = (self.launcher, self.folder);
        let mark = LogMark::generate().map_err(|error| Message::from(&error))?;
        let mut reader = LogReader::new(Some(mark.clone()));
        let begun = blocking(move || begin(&*launcher, &folder, program, mark)).await;
        let (place, mut started) = begun?;
        let mut last = VecDeque::new();
        let heard = timeout(self.limit, listen(&mut started, &mut reader, &mut last)).await;
        let found = match heard {
            Ok(Heard::Version(commit)) => Ok(commit),
            Ok(Heard::Silence) => Err(end_in_words(&*started.process, &last).await),
            Err(_) => Err(words::TrialMute {
                lines: quoted(&last),
                seconds: self.limit.as_secs(),
            }
            .into()),
        };
        started.process.kill();
        // Its files can be removed once it is gone; a process that does not even end when it is
        // killed is left to the system.
        let _ended = timeout(END_LIMIT, started.process.wait()).await;
        blocking(move || drop(place)).await;
        found
    }
}

/// Makes a folder for the trial and starts the program in it.
fn begin(
    launcher: &dyn Launcher,
    versions: &Path,
    program: PathBuf,
    mark: LogMark,
) -> Result<(TempDir, StartedProcess), Message> {
    // The name is one that is swept, should this process be killed meanwhile.
    let place = tempfile::Builder::new()
        .prefix(".new-trial-")
        .tempdir_in(versions);
    let place = place.map_err(|error| {
        Message::from(words::TrialFolder {
            cause: Message::from(&error),
        })
    })?;
    let settings = LagrangeSettings {
        port: NO_PORT,
        token: generate_token().map_err(|error| Message::from(&error))?,
        uin: None,
        protocol: CoreProtocol::default(),
        sign_server: SignerUrl::new(NOBODY).map_err(|error| Message::from(&error))?,
        sign_proxy: None,
        log_mark: mark,
        extract_folder: place.path().join("extracted"),
    };
    let written = settings.write(place.path());
    written.map_err(|error| Message::from(&error))?;
    let launch = Launch {
        program,
        arguments: Vec::new(),
        folder: place.path().to_owned(),
        environment: environment(&settings),
        console: Console::for_core(),
    };
    let started = launcher
        .start(&launch)
        .map_err(|error| Message::from(&error))?;
    Ok((place, started))
}

/// Reads until the version or the end.
async fn listen(
    started: &mut StartedProcess,
    reader: &mut LogReader,
    last: &mut VecDeque<String>,
) -> Heard {
    while let Some(line) = started.lines.next().await {
        let stream = match line.source {
            OutputStream::Stdout => Stream::Output,
            OutputStream::Stderr => Stream::Errors,
        };
        for record in reader.line(stream, &line.text) {
            if let Some(heard) = version(&record) {
                return heard;
            }
            keep(&record, last);
        }
    }
    for record in reader.flush() {
        keep(&record, last);
    }
    Heard::Silence
}

fn version(record: &LogRecord) -> Option<Heard> {
    match &record.reading {
        Some(Reading::Version(commit)) => Some(Heard::Version(Some(commit.clone()))),
        // A build of someone's own may have no commit.
        _ if record.kind == RecordKind::Console && record.text.starts_with("Version: ") => {
            Some(Heard::Version(None))
        }
        _ => None,
    }
}

fn keep(record: &LogRecord, last: &mut VecDeque<String>) {
    if let Some(text) = record.redacted() {
        last.push_back(text);
        while last.len() > LAST_LINES {
            last.pop_front();
        }
    }
}

async fn end_in_words(process: &dyn RunningProcess, last: &VecDeque<String>) -> Message {
    let Ok(status) = timeout(END_LIMIT, process.wait()).await else {
        return words::TrialHangs {
            lines: quoted(last),
        }
        .into();
    };
    let lines: Vec<String> = last.iter().cloned().collect();
    let exit = Exit {
        code: status.code,
        signal: status.signal,
        cause: exit_cause(status.code, status.signal, &lines),
    };
    words::TrialEnded {
        cause: Message::from(&exit),
        lines: quoted(last),
    }
    .into()
}

/// Its last lines, in its own words.
fn quoted(last: &VecDeque<String>) -> Vec<Message> {
    if last.is_empty() {
        return vec![words::NoLines.into()];
    }
    let line = |text| Message::from(io::Other { text });
    last.iter().map(line).collect()
}
