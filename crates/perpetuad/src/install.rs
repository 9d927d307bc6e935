//! Following an installation of the core to its end.

use std::time::Duration;

use perpetua_node::ExitCode;
use perpetua_schema::{CoreCancel, CoreInstall, CoreJob, CoreProgress, ListCores, Method};
use perpetua_words::{Message, cli};

use crate::{
    failure::Failure,
    status_line::StatusLine,
    terminal::{Terminal, seconds},
    way::{Interrupts, Way},
};

/// How often the installation is looked at: often enough for a bar that moves.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Begins an installation and shows its progress until it ends. `command` is what the person typed,
/// to be typed again with a confirmed hash.
pub(crate) fn install(
    terminal: &Terminal,
    way: &Way,
    request: &CoreInstall,
    command: &str,
) -> Result<(), Failure> {
    let mut interrupts = Interrupts::default();
    let mut job = way.call(request)?;
    let mut line = StatusLine::default();
    let mut is_called_off = false;
    loop {
        if let CoreJob::Running(progress) = &job {
            line.show_step(
                &terminal.text(progress.step),
                &progress_line(terminal, progress),
            );
        } else {
            line.end();
        }
        match job {
            CoreJob::Running(_) => {}
            CoreJob::Done { version } => return terminal.say(cli::CoreInstalled { version }),
            CoreJob::Unconfirmed {
                name,
                sha256,
                rolled_back,
            } => {
                let why = why_unconfirmed(&name, rolled_back.as_ref());
                let [first, rest @ ..] = unconfirmed(terminal, why, &sha256, command);
                return Err(Failure::with_details(ExitCode::Usage, first, rest.into()));
            }
            CoreJob::Failed { problem } => return Err(Failure::unavailable(problem)),
            CoreJob::Idle => return Err(Failure::unavailable(cli::CoreCalledOff)),
        }
        let is_pressed = way.pause(LOOK_EVERY, &mut interrupts).is_break();
        if is_called_off {
            // Whoever presses again waits for nothing more, whatever holds the answer up.
            if is_pressed {
                return Err(left());
            }
            job = called_off(way, &ListCores {}, &mut interrupts)?.job;
            continue;
        }
        // Who goes does not leave a node behind that installs what nobody waits for.
        if is_pressed {
            is_called_off = true;
            called_off(way, &CoreCancel {}, &mut interrupts)?;
        }
        job = way.call(&ListCores {})?.job;
    }
}

/// One call after the installation was called off: pressing Ctrl+C once more ends the command.
fn called_off<M: Method>(
    way: &Way,
    call: &M,
    interrupts: &mut Interrupts,
) -> Result<M::Reply, Failure> {
    let answer = way.call_unless(call, interrupts);
    Ok(answer.ok_or_else(left)??)
}

/// The end of a command whose caller did not wait until the installation was called off.
fn left() -> Failure {
    Failure::unavailable(cli::CoreLeft)
}

/// Why a person is asked about a download.
pub(crate) fn why_unconfirmed(name: &str, rolled_back: Option<&Message>) -> Message {
    rolled_back
        .cloned()
        .unwrap_or_else(|| cli::CoreUnconfirmed { name }.into())
}

/// What a person has to do about a download that cannot be verified without them, or was rolled back before.
pub(crate) fn unconfirmed(
    terminal: &Terminal,
    why: Message,
    sha256: &str,
    command: &str,
) -> [Message; 4] {
    let text = terminal.command(&format!("{command} --accept {sha256}"));
    [
        why,
        cli::CoreUnconfirmedSha256 { sha256 }.into(),
        cli::CoreUnconfirmedRun.into(),
        cli::Command { text }.into(),
    ]
}

/// `downloading: 12 of 48 MB, 3.1 MB/s, 12 seconds left`
pub(crate) fn progress_line(terminal: &Terminal, progress: &CoreProgress) -> String {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    let mut parts = Vec::new();
    let received = megabytes(progress.received);
    match progress.total {
        Some(total) => parts.push(terminal.text(cli::ProgressOf {
            received,
            total: megabytes(total),
        })),
        None if progress.received == 0 => {}
        None => parts.push(format!("{received} MB")),
    }
    if progress.rate_per_s > 0 {
        let tenths = progress.rate_per_s / 100_000;
        parts.push(format!("{}.{} MB/s", tenths / 10, tenths % 10));
    }
    if let Some(left) = progress.remaining_s {
        let time = seconds(left);
        parts.push(terminal.text(cli::ProgressLeft { time }));
    }
    let step = terminal.text(progress.step);
    if parts.is_empty() {
        return step;
    }
    let parts = terminal.joined(parts);
    terminal.text(cli::Progress { step, parts })
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{CoreProgress, CoreStep};
    use perpetua_words::Language::{self, Chinese, English};

    use super::progress_line;
    use crate::{arguments::PlaceArguments, terminal::Terminal};

    fn said(progress: &CoreProgress, language: Language) -> String {
        let place = PlaceArguments {
            data_dir: None,
            config: None,
        };
        progress_line(&Terminal::new(language, &place), progress)
    }

    #[test]
    fn a_download_says_how_far_it_is_as_far_as_that_is_known() {
        let begun = CoreProgress {
            step: CoreStep::Downloading,
            ..CoreProgress::default()
        };
        assert_eq!(said(&begun, English), "downloading");
        let running = CoreProgress {
            received: 12_400_000,
            total: Some(48_000_000),
            rate_per_s: 3_140_000,
            remaining_s: Some(12),
            ..begun
        };
        assert_eq!(
            said(&running, English),
            "downloading: 12 of 48 MB, 3.1 MB/s, 12 seconds left"
        );
        assert_eq!(
            said(&running, Chinese),
            "下载：12 / 48 MB，3.1 MB/s，还要 12 秒"
        );
    }
}
