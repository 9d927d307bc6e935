//! `perpetuad login`: the login of a managed account in the terminal, until it is online.

use std::time::Duration;

use perpetua_node::ExitCode;
use perpetua_schema::{CoreBrake, CoreState, CoreStatus, Login, LoginRestore, QrCode, Status};
use perpetua_words::{cli, rpc};

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    hint,
    install::progress_line,
    place,
    remote::Remote,
    status_line::StatusLine,
    terminal::{Terminal, print, seconds},
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
        begun: false,
    };
    let mut status = watcher.look()?;
    loop {
        if watcher.show(&status)?.is_done() {
            return Ok(());
        }
        watcher.remote.pause(LOOK_EVERY);
        status = watcher.status()?;
    }
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
    /// It was seen on its way, so that a stop after that is someone's wish.
    begun: bool,
}

impl Watcher<'_> {
    /// Tells the node that a person looks, which also starts what is stopped.
    fn look(&self) -> Result<CoreStatus, Failure> {
        Ok(self.remote.call(&Login {
            account: self.account.to_owned(),
        })?)
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
                reason, last_lines, ..
            } => {
                self.line.end();
                if *reason != CoreBrake::NobodyScanned {
                    for line in last_lines {
                        eprintln!("  | {line}");
                    }
                }
                return Err(self.give_up(status));
            }
            CoreState::WaitingForScan { qr } => self.show_code(qr)?,
            CoreState::Installing { progress } => {
                let line = progress_line(self.terminal, progress);
                self.line
                    .show_step(&self.terminal.text(progress.step), &line);
            }
            _ => self.line.show(&self.terminal.text(status.message.clone())),
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
        Failure::with_details(ExitCode::Usage, message, hints)
    }

    /// Draws a new QR code once, then counts its seconds down.
    fn show_code(&mut self, qr: &QrCode) -> Result<(), Failure> {
        if self.shown_code != qr.png_base64 {
            self.shown_code.clone_from(&qr.png_base64);
            self.line.end();
            match &qr.url {
                Some(url) => {
                    print(&perpetua_lagrange::qr::terminal(url))?;
                    self.terminal.say(cli::LoginScan)?;
                }
                None => self.terminal.say(cli::LoginNoPicture)?,
            }
        }
        let waiting = self.terminal.text(cli::LoginWaiting);
        let left = self.terminal.text(cli::LoginLeft {
            time: seconds(qr.expires_in_s),
        });
        self.line.show_step(&waiting, &left);
        Ok(())
    }
}
