//! A program in a pseudo-console (`ConPTY`), through `portable-pty`.
//!
//! Its output comes by a thread, because the console's pipe can only be read by blocking. That
//! thread reads to the end even when nobody wants the lines any more: until its output is read, the
//! system does not close the console.

use std::error::Error;
use std::io::{self, Read, Write};
use std::os::windows::io::RawHandle;
use std::thread;

use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};
use tokio::sync::mpsc;

use crate::conpty_text::Screen;
use crate::spawn_error::{missing, spawn_error};
use crate::stream::Stream;
use crate::{Launch, SpawnError};

/// A screen of usual height: what has scrolled off it was sent before.
const ROWS: u16 = 50;
/// What is read at once.
const CHUNK: usize = 4096;
/// How many chunks wait for whoever takes the lines: as much as a pipe holds, 64 KiB.
const CHUNKS: usize = 16;
/// `portable-pty` has the console ask where the cursor is, and the console waits for this answer
/// before it starts anything: in the upper left corner.
const CURSOR_IS_HOME: &[u8] = b"\x1b[1;1R";

/// A program that was just started in a console.
pub(super) struct ConsoleStarted {
    pub(super) child: ConsoleChild,
    pub(super) keyboard: Box<dyn Write + Send>,
    pub(super) conpty_text: Stream,
}

/// The program and its console, which closes when this is dropped.
pub(super) struct ConsoleChild {
    child: Box<dyn Child + Send + Sync>,
    _console: PtyPair,
}

/// Starts a program in a console of its own.
pub(super) fn start(launch: &Launch, columns: u16) -> Result<ConsoleStarted, SpawnError> {
    // `portable-pty` gives its failures as text, so what can be known is looked at first.
    if let Some(missing) = missing(launch) {
        return Err(missing);
    }
    let size = PtySize {
        rows: ROWS,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    };
    let console = native_pty_system()
        .openpty(size)
        .map_err(|error| failed(launch, error))?;
    let mut keyboard = console
        .master
        .take_writer()
        .map_err(|error| failed(launch, error))?;
    keyboard
        .write_all(CURSOR_IS_HOME)
        .map_err(|error| spawn_error(launch, error))?;
    let output = console
        .master
        .try_clone_reader()
        .map_err(|error| failed(launch, error))?;
    let (sender, chunks) = mpsc::channel(CHUNKS);
    let reader = thread::Builder::new().name("process-console".into());
    let conpty_text = Screen::new(columns);
    reader
        .spawn(move || read(output, conpty_text, &sender))
        .map_err(|error| spawn_error(launch, error))?;
    let child = console
        .slave
        .spawn_command(command(launch))
        .map_err(|error| failed(launch, error))?;
    Ok(ConsoleStarted {
        child: ConsoleChild {
            child,
            _console: console,
        },
        keyboard,
        conpty_text: Stream::console(chunks),
    })
}

fn failed(launch: &Launch, error: impl Into<Box<dyn Error + Send + Sync>>) -> SpawnError {
    spawn_error(launch, io::Error::other(error))
}

fn command(launch: &Launch) -> CommandBuilder {
    let mut command = CommandBuilder::new(&launch.program);
    command.args(&launch.arguments);
    command.cwd(&launch.folder);
    // By itself it would take variables from the registry, too.
    command.env_clear();
    for (name, value) in &launch.environment {
        command.env(name, value);
    }
    command
}

fn read(mut output: impl Read, mut conpty_text: Screen, lines: &mpsc::Sender<Vec<u8>>) {
    let mut chunk = [0; CHUNK];
    while let Ok(count @ 1..) = output.read(&mut chunk) {
        let text = conpty_text.unroll(&chunk[..count]);
        if !text.is_empty() {
            // Nobody takes the lines any more: the rest is read and dropped.
            let _ = lines.blocking_send(text);
        }
    }
}

impl ConsoleChild {
    /// The system's number for the program.
    pub(super) fn id(&self) -> u32 {
        // It has one for as long as its handle is held.
        self.child.process_id().unwrap_or_default()
    }

    /// The program's handle, for its job.
    pub(super) fn handle(&self) -> Option<RawHandle> {
        self.child.as_raw_handle()
    }

    /// Whether the program has ended already.
    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Waits for the program to end, and gives its exit code.
    pub(super) fn wait(&mut self) -> Option<i32> {
        let status = self.child.wait().ok()?;
        Some(status.exit_code().cast_signed())
    }
}
