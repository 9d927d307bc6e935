//! `perpetuad login`: the login of a managed account in the terminal, until it is online.

use std::time::Duration;

use perpetua_schema::{
    CallError, CoreBrake, CoreState, CoreStatus, Login, LoginRestore, QrCode, Status,
};

use crate::{
    arguments::{PlaceArguments, Unusable},
    install::{StatusLine, progress_line},
    output, place,
    remote::Remote,
};

/// How often the node is asked: a new QR code or a confirmation is seen at once.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Starts the account if need be and shows what there is to do.
pub(crate) fn login(place: &PlaceArguments, account: &str, restore: bool) -> anyhow::Result<()> {
    let remote = Remote::find(&place::folders(place)?)?;
    if restore {
        let restored = remote.call(&LoginRestore {
            account: account.to_owned(),
        })?;
        for change in restored.changes {
            output::print(&format!("{change}\n"))?;
        }
    }
    let mut watcher = Watcher {
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
    fn look(&self) -> Result<CoreStatus, CallError> {
        self.remote.call(&Login {
            account: self.account.to_owned(),
        })
    }

    fn status(&self) -> anyhow::Result<CoreStatus> {
        let status = self.remote.call(&Status {})?;
        let mut accounts = status.accounts.into_iter();
        let account = accounts.find(|account| account.name == self.account);
        account
            .and_then(|account| account.core)
            .ok_or_else(|| Unusable::NotManaged(self.account.to_owned()).into())
    }

    fn show(&mut self, status: &CoreStatus) -> anyhow::Result<Shown> {
        self.begun |= !matches!(status.state, CoreState::Stopped | CoreState::Stopping);
        match &status.state {
            CoreState::Stopped if self.begun => return Err(self.give_up(status)),
            CoreState::Online { who, .. } => {
                self.line.end();
                output::print(&format!("{} is online as {who}\n", self.account))?;
                return Ok(Shown::Done);
            }
            CoreState::Refused { .. }
            | CoreState::SignerProblem { .. }
            | CoreState::Absent { retry_in_s: None } => {
                return Err(self.give_up(status));
            }
            CoreState::Braked { reason, last_lines } => {
                self.line.end();
                if *reason != CoreBrake::NobodyScanned {
                    for line in last_lines {
                        eprintln!("  | {line}");
                    }
                }
                return Err(self.give_up(status));
            }
            CoreState::WaitingForScan { qr } => self.show_code(qr)?,
            CoreState::Installing { progress } => self.line.show(&progress_line(progress)),
            _ => self.line.show(&status.message.to_string()),
        }
        Ok(Shown::Waiting)
    }

    fn give_up(&mut self, status: &CoreStatus) -> anyhow::Error {
        self.line.end();
        Unusable::NoLogin {
            account: self.account.to_owned(),
            words: status.message.to_string(),
        }
        .into()
    }

    /// Draws a new QR code once, then counts its seconds down.
    fn show_code(&mut self, qr: &QrCode) -> anyhow::Result<()> {
        if self.shown_code != qr.png_base64 {
            self.shown_code.clone_from(&qr.png_base64);
            self.line.end();
            match &qr.url {
                Some(url) => {
                    output::print(&perpetua_lagrange::qr::terminal(url))?;
                    output::print("用手机 QQ 扫描 / scan with QQ on the phone\n")?;
                }
                None => output::print(
                    "the QR code cannot be drawn here; open the web page or the file `qr-*.png` in the account's folder\n",
                )?,
            }
        }
        self.line
            .show(&format!("waiting for the scan  {} s left", qr.expires_in_s));
        Ok(())
    }
}
