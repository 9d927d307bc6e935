//! Puts the parts together, and the handles that stay.

use std::env;
use std::fmt::{Display, Formatter};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use perpetua_config::{Log, LogFormat};
use perpetua_words::{Message, log};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry, fmt, reload};

use crate::buffer::Buffer;
use crate::harmless_lines::Lines;
use crate::levels;
use crate::panics::log_panics;
use crate::rotating_files::RotatingFiles;
use crate::rotation::RotationPolicy;
use crate::trouble::{LogTrouble, LogWatch};
use crate::writer_threads::{self, BESIDE_FILES, Ended, Place};

/// How long the last lines may take at the end, each way. A stuck reader of stderr waits for nobody.
pub(crate) const LAST_LINES: Duration = Duration::from_millis(500);
/// What the names of the node's own log files begin with.
const SERIES: &str = "perpetua";

/// Why logging could not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum InitError {
    /// This process has a logger already.
    AlreadyInstalled,
    /// The system starts no thread to write the lines.
    Thread(io::Error),
}

impl From<&InitError> for Message {
    fn from(error: &InitError) -> Self {
        match error {
            InitError::AlreadyInstalled => log::AlreadyInitialized.into(),
            InitError::Thread(cause) => log::NoThread { cause }.into(),
        }
    }
}

impl Display for InitError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for InitError {}

/// Changes and counts of the running log. A cheap clone.
#[derive(Clone, Debug)]
pub struct LogHandle {
    levels: reload::Handle<Targets, Registry>,
    policy: Arc<Mutex<RotationPolicy>>,
    buffers: Arc<[Buffer]>,
    files: Option<LogWatch>,
}

/// Writes what still waits when it is dropped; the program keeps it until its end.
#[derive(Debug)]
#[must_use = "the last lines are lost without it"]
pub struct LogGuard {
    buffers: Arc<[Buffer]>,
    ended: Vec<Ended>,
}

/// Starts logging for the whole process: to stderr in this format, and as text to files in `folder`,
/// unless a short command wants none. `folder` is made where it is missing. Panics
/// are logged from now on too.
///
/// Blocks for nothing: the files are opened by their own thread.
pub fn init(
    log: &Log,
    format: LogFormat,
    folder: Option<&Path>,
) -> Result<(LogHandle, LogGuard), InitError> {
    let (dispatch, handle, guard) = build(log, format, folder).map_err(InitError::Thread)?;
    tracing::dispatcher::set_global_default(dispatch).map_err(|_| InitError::AlreadyInstalled)?;
    log_panics();
    Ok((handle, guard))
}

/// All of [`init`] except taking over the process.
fn build(
    log: &Log,
    format: LogFormat,
    folder: Option<&Path>,
) -> io::Result<(Dispatch, LogHandle, LogGuard)> {
    let (filter, levels) = reload::Layer::new(levels::targets(log));
    let policy = Arc::new(Mutex::new(RotationPolicy::new(log)));

    let stderr = Buffer::of(stderr_lines(format));
    let mut buffers = vec![stderr.clone()];
    let mut ended = vec![writer_threads::write_stderr(stderr.clone())?];
    let (mut file, mut files) = (None, None);
    if let Some(folder) = folder {
        let buffer = Buffer::of(Lines::Text);
        buffers.push(buffer.clone());
        ended.push(writer_threads::write_files(
            buffer.clone(),
            Place::Files,
            RotatingFiles::new(folder, SERIES),
            Arc::clone(&policy),
        )?);
        files = Some(LogWatch::new(&buffer, folder, SERIES));
        file = Some(file_layer(buffer));
    }

    let subscriber = Registry::default()
        .with(filter)
        .with(stderr_layer(stderr, format))
        .with(file);
    let buffers: Arc<[Buffer]> = buffers.into();
    let handle = LogHandle {
        levels,
        policy,
        buffers: Arc::clone(&buffers),
        files,
    };
    let guard = LogGuard { buffers, ended };
    Ok((Dispatch::new(subscriber), handle, guard))
}

fn stderr_lines(format: LogFormat) -> Lines {
    match format {
        LogFormat::Json => Lines::Json,
        LogFormat::Text if takes_colours() => Lines::ColouredText,
        LogFormat::Text => Lines::Text,
    }
}

fn stderr_layer<S>(buffer: Buffer, format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    match format {
        LogFormat::Json => fmt::layer().json().with_writer(buffer).boxed(),
        LogFormat::Text => fmt::layer()
            .with_ansi(takes_colours())
            .with_writer(buffer)
            .boxed(),
    }
}

/// Whether stderr is a terminal that shows colours; the old console of Windows shows their codes.
fn takes_colours() -> bool {
    let is_unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_old_console = cfg!(windows) && env::var_os("WT_SESSION").is_none();
    io::stderr().is_terminal() && !is_unwanted && !is_old_console
}

fn file_layer<S>(buffer: Buffer) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fmt::layer()
        .with_ansi(false)
        .fmt_fields(FileFields(DefaultFields::new()))
        .with_writer(buffer)
        .with_filter(filter_fn(|event| event.target() != BESIDE_FILES))
        .boxed()
}

/// The usual fields as a type of their own: layers share the fields of a span by this type, and
/// those that stderr has coloured have no place in a file.
struct FileFields(DefaultFields);

impl<'w> FormatFields<'w> for FileFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> std::fmt::Result {
        self.0.format_fields(writer, fields)
    }
}

impl LogHandle {
    /// Applies new settings: levels at once, limits of the files with the next line. The format of
    /// stderr stays until the next start.
    pub fn apply(&self, log: &Log) {
        // Fails only when the process has no logger any more.
        let _ = self.levels.reload(levels::targets(log));
        *self.policy.lock().unwrap_or_else(PoisonError::into_inner) = RotationPolicy::new(log);
    }

    /// How this program is called for the node that logs, such as `perpetuad --data-dir /srv/bot`: commands in lines
    /// are those for this node from now on. What is said first stays.
    pub fn commands_begin_with(&self, program: &str) {
        for buffer in &*self.buffers {
            buffer.commands_begin_with(program);
        }
    }

    /// What keeps the files from being written; `None` while all is well, or where there are none.
    pub fn trouble(&self) -> Option<LogTrouble> {
        self.files.as_ref()?.trouble()
    }

    /// How many lines stderr or the files did not get since the start.
    pub fn lost_lines(&self) -> u64 {
        self.buffers.iter().map(Buffer::lost).sum()
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        // The files first: what goes wrong with them is still said on stderr.
        for (buffer, ended) in self.buffers.iter().zip(&self.ended).rev() {
            buffer.close();
            let _ = ended.recv_timeout(LAST_LINES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Everything in the files of a folder.
    fn logged(folder: &Path) -> String {
        let files = fs::read_dir(folder).expect("folder");
        files
            .map(|file| fs::read_to_string(file.expect("file").path()).expect("text"))
            .collect()
    }

    #[test]
    fn levels_change_while_it_runs() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (dispatch, handle, guard) =
            build(&Log::default(), LogFormat::Json, Some(folder.path())).expect("logging");
        tracing::dispatcher::with_default(&dispatch, || {
            tracing::debug!("too early");
            handle.apply(&Log {
                level: perpetua_config::LogLevel::Debug,
                ..Log::default()
            });
            tracing::debug!(client = "bot", "in time");
            handle.apply(&Log::default());
            tracing::debug!("too late");
        });
        drop(guard);
        let logged = logged(folder.path());
        assert!(
            logged.ends_with("DEBUG perpetua_telemetry::setup::tests: in time client=\"bot\"\n"),
            "{logged}"
        );
        assert_eq!(logged.lines().count(), 1, "{logged}");
        assert_eq!(handle.lost_lines(), 0);
    }

    #[test]
    fn colours_of_stderr_do_not_reach_the_files() {
        let (coloured, plain) = (Buffer::of(Lines::ColouredText), Buffer::of(Lines::Text));
        let stderr = fmt::layer().with_ansi(true).with_writer(coloured.clone());
        let subscriber = Registry::default()
            .with(stderr)
            .with(file_layer(plain.clone()));
        tracing::subscriber::with_default(subscriber, || {
            let _span = tracing::info_span!("client", name = "bot").entered();
            tracing::info!("connected");
        });
        let (mut on_stderr, mut in_file) = (Vec::new(), Vec::new());
        coloured.take(&mut on_stderr, None);
        plain.take(&mut in_file, None);
        assert!(on_stderr.contains(&0x1b));
        let in_file = String::from_utf8(in_file).expect("text");
        assert!(
            in_file.contains("client{name=\"bot\"}: ") && !in_file.contains('\u{1b}'),
            "{in_file:?}"
        );
    }
}
