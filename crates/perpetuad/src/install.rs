//! Following an installation of the core to its end.

use std::{io::IsTerminal as _, time::Duration};

use perpetua_schema::{CoreInstall, CoreJob, CoreProgress, ListCores};

use perpetua_words::Message;

use crate::{
    arguments::{Unavailable, Unusable},
    output,
    way::Way,
};

/// How often the installation is looked at: often enough for a bar that moves.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Begins an installation and shows its progress until it ends. `command` is what the person typed,
/// to be typed again with a confirmed hash.
pub(crate) fn install(way: &Way, request: &CoreInstall, command: &str) -> anyhow::Result<()> {
    let mut job = way.call(request)?;
    let mut line = StatusLine::default();
    loop {
        match job {
            CoreJob::Running(progress) => line.show(&progress_line(&progress)),
            CoreJob::Done { version } => {
                line.end();
                return Ok(output::print(&format!(
                    "`{version}` is installed and current\n"
                ))?);
            }
            CoreJob::Unconfirmed { name, sha256 } => {
                line.end();
                return Err(Unusable::Unconfirmed(unconfirmed(&name, &sha256, command)).into());
            }
            CoreJob::Failed { problem } => {
                line.end();
                return Err(Unavailable(problem.to_string()).into());
            }
            CoreJob::Idle => {
                line.end();
                anyhow::bail!("the installation was called off; nothing was changed");
            }
        }
        way.pause(LOOK_EVERY);
        job = way.call(&ListCores {})?.job;
    }
}

/// What a person has to do about a download that nobody vouches for.
pub(crate) fn unconfirmed(name: &str, sha256: &str, command: &str) -> String {
    format!(
        "nobody vouches for `{name}`: its publisher names no checksum.\n  SHA-256 {sha256}\n\
         Compare it with one from a place that you trust; if they are equal, run\n  perpetuad {command} --accept {sha256}"
    )
}

/// `downloading  12 of 48 MB, 3.1 MB/s, 12 s left`
pub(crate) fn progress_line(progress: &CoreProgress) -> String {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    let mut parts = vec![Message::from(progress.step).to_string()];
    match (progress.total, progress.received) {
        (Some(total), received) => {
            parts.push(format!(
                "  {} of {} MB",
                megabytes(received),
                megabytes(total)
            ));
        }
        (None, 0) => {}
        (None, received) => parts.push(format!("  {} MB", megabytes(received))),
    }
    if progress.rate_per_s > 0 {
        let tenths = progress.rate_per_s / 100_000;
        parts.push(format!(", {}.{} MB/s", tenths / 10, tenths % 10));
    }
    if let Some(seconds) = progress.remaining_s {
        parts.push(format!(", {seconds} s left"));
    }
    parts.concat()
}

/// One line on a terminal that is written over; where nobody sees it change, each new step is a line.
#[derive(Debug, Default)]
pub(crate) struct StatusLine {
    shown: String,
}

impl StatusLine {
    /// Shows a text in place of the one before.
    pub(crate) fn show(&mut self, text: &str) {
        if self.shown == text {
            return;
        }
        if std::io::stderr().is_terminal() {
            anstream::eprint!("\r\x1b[2K{text}");
        } else if first_words(text) != first_words(&self.shown) {
            eprintln!("{text}");
        }
        text.clone_into(&mut self.shown);
    }

    /// Whatever comes next begins on a line of its own.
    pub(crate) fn end(&mut self) {
        if std::io::stderr().is_terminal() && !self.shown.is_empty() {
            anstream::eprint!("\r\x1b[2K");
        }
        self.shown.clear();
    }
}

/// The part of a status line that does not count anything.
fn first_words(text: &str) -> &str {
    text.split("  ").next().unwrap_or(text)
}
