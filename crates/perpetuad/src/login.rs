//! `perpetuad login`: the login of a managed account in the terminal, until it is online.

use std::time::Duration;

use perpetua_lagrange::qr::QrDrawing;
use perpetua_node::ExitCode;
use perpetua_schema::{
    CoreBrake, CoreState, CoreStatus, Login, LoginRestore, QrCode, SetAsideFile, Status,
};
use perpetua_words::{Message, Param, cli, rpc};

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    hint,
    install::progress_line,
    kept_login, place,
    remote::Remote,
    status_line::StatusLine,
    terminal::{self, Terminal, print, seconds},
};

/// How often the node is asked: a new QR code or a confirmation is seen at once.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Starts the account if need be and shows what there is to do.
pub(crate) fn login(
    terminal: &Terminal,
    place: &PlaceArguments,
    account: &str,
    restore: bool,
) -> Result<(), Failure> {
    let remote = Remote::find(&place::folders(place)?)?;
    if restore {
        let restored = remote.call(&LoginRestore {
            account: account.to_owned(),
        })?;
        for change in restored.changes {
            terminal.say(change)?;
        }
    }
    let mut watcher = Watcher {
        terminal,
        remote,
        account,
        line: StatusLine::default(),
        shown_code: String::new(),
        too_narrow: None,
        begun: false,
        has_told_of_kept: restore,
        canceled: None,
    };
    let result = watcher.watch();
    // What comes next begins on a line of its own, whatever ended it.
    watcher.line.end();
    result
}

/// Whether there is anything left to wait for.
enum Shown {
    Done,
    Waiting,
}

impl Shown {
    fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// A person at the terminal.
struct Watcher<'a> {
    terminal: &'a Terminal,
    remote: Remote,
    account: &'a str,
    line: StatusLine,
    /// The picture of the QR code that is on the screen.
    shown_code: String,
    /// The width of the terminal in which that code could not be drawn, as was said.
    too_narrow: Option<usize>,
    /// It was seen on its way, so that a stop after that is someone's wish.
    begun: bool,
    /// That there is a login which needs no phone.
    has_told_of_kept: bool,
    /// How often it had been turned away on the phone when this began.
    canceled: Option<u64>,
}

impl Watcher<'_> {
    /// Tells the node that a person looks, which also starts what is stopped.
    fn look(&self) -> Result<CoreStatus, Failure> {
        Ok(self.remote.call(&Login {
            account: self.account.to_owned(),
        })?)
    }

    /// Before somebody takes out a phone: there may be a login that needs none.
    fn tell_of_kept_login(&mut self, files: &[SetAsideFile]) -> Result<(), Failure> {
        if files.is_empty() || std::mem::replace(&mut self.has_told_of_kept, true) {
            return Ok(());
        }
        self.line.end();
        let now = kept_login::now();
        let lines = kept_login::lines(self.terminal, self.account, files, now);
        lines
            .iter()
            .try_for_each(|line| print(&format!("{line}\n")))
    }

    /// Looks until there is nothing left to wait for.
    fn watch(&mut self) -> Result<(), Failure> {
        let mut status = self.look()?;
        loop {
            if self.show(&status)?.is_done() {
                return Ok(());
            }
            self.remote.pause(LOOK_EVERY);
            status = self.status()?;
        }
    }

    fn status(&self) -> Result<CoreStatus, Failure> {
        let status = self.remote.call(&Status {})?;
        let mut accounts = status.accounts.into_iter();
        let account = accounts.find(|account| account.name == self.account);
        let core = account.and_then(|account| account.core);
        core.ok_or_else(|| {
            let account = self.account;
            Failure::usage(rpc::NoCore { account })
        })
    }

    fn show(&mut self, status: &CoreStatus) -> Result<Shown, Failure> {
        self.begun |= !matches!(status.state, CoreState::Stopped | CoreState::Stopping);
        if status.canceled > *self.canceled.get_or_insert(status.canceled) {
            return Err(self.turned_away());
        }
        match &status.state {
            CoreState::Stopped if self.begun => return Err(self.give_up(status)),
            CoreState::Online { who, .. } => {
                self.line.end();
                let account = self.account;
                self.terminal.say(cli::LoginOnline { account, id: *who })?;
                return Ok(Shown::Done);
            }
            CoreState::Refused { .. }
            | CoreState::SignerProblem { .. }
            | CoreState::Absent {
                retry_in_s: None, ..
            } => {
                return Err(self.give_up(status));
            }
            CoreState::Braked {
                reason,
                cause,
                last_lines,
            } => {
                self.line.end();
                let is_failing = matches!(reason, CoreBrake::Failing | CoreBrake::CannotRun);
                if is_failing && cause.as_ref().is_none_or(is_unexplained) {
                    for line in last_lines {
                        terminal::print_error(&format!("  | {line}"));
                    }
                }
                return Err(self.give_up(status));
            }
            CoreState::WaitingForScan { qr } => {
                self.tell_of_kept_login(&status.set_aside)?;
                self.show_code(qr)?;
            }
            CoreState::Installing { progress } => {
                let line = progress_line(self.terminal, progress);
                self.line
                    .show_step(&self.terminal.text(progress.step), &line);
            }
            _ => {
                let step = self.terminal.text(step_of(&status.message));
                let text = self.terminal.text(status.message.clone());
                self.line.show_step(&step, &text);
            }
        }
        Ok(Shown::Waiting)
    }

    /// The login ends here, with what a person can do about it.
    fn give_up(&mut self, status: &CoreStatus) -> Failure {
        self.line.end();
        let message = cli::LoginEnded {
            account: self.account,
            cause: status.message.clone(),
        };
        // `login` itself is what has just been tried.
        let hints = match status.state {
            CoreState::Refused { .. } => Vec::new(),
            _ => hint::for_core(self.terminal, self.account, &status.state),
        };
        Failure::with_details(ExitCode::Unavailable, message, hints)
    }

    /// Somebody has said no on the phone: the code that follows is for whoever asks anew.
    fn turned_away(&mut self) -> Failure {
        self.line.end();
        let account = self.account;
        let command = self.terminal.command(&format!("login {account}"));
        let hint = cli::HintRun { command }.into();
        let message = cli::LoginCanceled { account };
        Failure::with_details(ExitCode::Unavailable, message, vec![hint])
    }

    /// Draws a new QR code once, then counts its seconds down.
    fn show_code(&mut self, qr: &QrCode) -> Result<(), Failure> {
        if self.shown_code != qr.png_base64 && self.draw(qr)? {
            self.shown_code.clone_from(&qr.png_base64);
        }
        let waiting = self.terminal.text(cli::LoginWaiting);
        let left = self.terminal.text(cli::LoginLeft {
            time: seconds(qr.expires_in_s),
        });
        self.line.show_step(&waiting, &left);
        Ok(())
    }

    /// Draws a code, or says why not; gives whether that is all there is to do for it. In a terminal that is too
    /// narrow each row would be broken, and it is drawn once that is wider.
    fn draw(&mut self, qr: &QrCode) -> Result<bool, Failure> {
        let Some(drawing) = qr.url.as_deref().and_then(QrDrawing::new) else {
            self.line.end();
            self.terminal.say(cli::LoginNoPicture)?;
            return Ok(true);
        };
        let (needed, width) = (drawing.columns(), terminal::columns());
        if let Some(width) = width.filter(|width| *width < needed) {
            if self.too_narrow.replace(width) != Some(width) {
                self.line.end();
                let command = self.terminal.command("ui");
                self.terminal.say(cli::LoginTooNarrow {
                    columns: needed,
                    command,
                    width,
                })?;
            }
            return Ok(false);
        }
        self.too_narrow = None;
        self.line.end();
        terminal::draw(&drawing.draw(terminal::ink()))?;
        self.terminal.say(cli::LoginScan)?;
        Ok(true)
    }
}

/// What a state says, as long as nothing but the seconds that it counts has changed.
fn step_of(message: &Message) -> Message {
    let mut step = message.clone();
    if let Some(counted) = step.params.get_mut("seconds") {
        *counted = Param::Number(0);
    }
    step
}

/// Whether a cause says nothing that a person could do something about, so that the core's own last lines may.
fn is_unexplained(cause: &Message) -> bool {
    const UNEXPLAINED: [&str; 6] = [
        "core.exit_unknown",
        "core.exit_crashed",
        "core.exit_ended",
        "core.exit_memory_fault",
        "core.no_progress",
        "core.no_server",
    ];
    UNEXPLAINED.contains(&&*cause.code)
        || cause.params.values().any(|param| match param {
            Param::Message(inner) => is_unexplained(inner),
            Param::Messages(several) => several.iter().any(is_unexplained),
            Param::Number(_) | Param::Text(_) => false,
        })
}

#[cfg(test)]
mod tests {
    use perpetua_words::{Message, core as words};

    use super::{is_unexplained, step_of};

    #[test]
    fn a_step_is_the_same_while_its_seconds_are_counted() {
        let states: [fn(Message, u64) -> Message; 3] = [
            |cause, seconds| words::AbsentRetry { cause, seconds }.into(),
            |cause, seconds| words::Backoff { cause, seconds }.into(),
            |cause, seconds| words::Reconnecting { cause, seconds }.into(),
        ];
        for state in states {
            let step = |cause: Message, seconds| step_of(&state(cause, seconds));
            let first = step(words::ExitUnknown.into(), 300);
            for seconds in [299, 1] {
                assert_eq!(step(words::ExitUnknown.into(), seconds), first);
            }
            assert_ne!(step(words::ExitNoConsole.into(), 299), first);
        }
        let of_silence = |seconds: u64| {
            let cause = Message::from(words::NoProgress { seconds });
            step_of(&words::AbsentBecause { cause }.into())
        };
        assert_ne!(
            of_silence(60),
            of_silence(90),
            "what a cause says is not counted"
        );
    }

    #[test]
    fn the_last_lines_are_shown_where_nobody_knows_better() {
        let failing = |cause: Message| Message::from(words::Failing { cause, count: 5 });
        let exited = |cause: Message| Message::from(words::Exited { cause });
        let crashed = exited(
            words::ExitCrashed {
                text: "Unhandled exception",
            }
            .into(),
        );
        for (cause, shown) in [
            (exited(words::ExitUnknown.into()), true),
            (crashed.clone(), true),
            (words::NoProgress { seconds: 60_u64 }.into(), true),
            (words::CodeCanceled.into(), false),
            (exited(words::ExitNoConsole.into()), false),
            (exited(words::ExitLoginFailed.into()), false),
        ] {
            assert_eq!(is_unexplained(&failing(cause.clone())), shown, "{cause}");
        }
    }
}
