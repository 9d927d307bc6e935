//! Logging in: with the session, or with a QR code (`Core/Login/LoginService.cs` and `WtExchangeLogic.cs`).

use std::path::PathBuf;
use std::time::Duration;

use fake_core::{Phase, Phone, Report, Scenario, SessionFate};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use crate::connection::{AUTO_RELOGIN, Connection};
use crate::crash::{all_login_failed, crash};
use crate::files::{Keystore, NICKNAME};
use crate::link::Reporter;
use crate::log::{Log, Stamp};
use crate::qr;
use crate::signer::Signer;
use crate::stop::Stop;

/// The tag of almost all of a login's records.
const TAG: &str = "WtExchangeLogic";

/// All that a login needs.
pub(crate) struct Login<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) folder: PathBuf,
    /// `Account:Uin`, which names the picture.
    pub(crate) file_uin: u64,
    /// Whether the drawing keeps to ASCII.
    pub(crate) compatible: bool,
    pub(crate) log: Log,
    pub(crate) signer: &'a Signer,
    pub(crate) reporter: Reporter,
    pub(crate) connection: &'a Connection,
    pub(crate) stop: &'a Stop,
}

/// How the login by QR code went on after the phone.
enum Scanned {
    /// Confirmed by this account.
    By(u64),
    /// Confirmed by this account, and refused by QQ with code, tag and state.
    Refused(u64, i64, String, String),
    /// There will be no login.
    No,
}

impl Login<'_> {
    /// Logs in and gives the account; dies where Lagrange does.
    pub(crate) async fn run(&self, kept: Option<Keystore>, phone: mpsc::Receiver<Phone>) -> u64 {
        let by_session = if let Some(uin) = kept.and_then(|kept| kept.login()) {
            self.by_session().await.then_some(uin)
        } else {
            self.info("Connecting Servers...");
            self.stop.or(self.connection.open()).await;
            None
        };
        let uin = match by_session {
            Some(uin) => uin,
            None => self.stop.or(self.by_qr_code(phone)).await,
        };
        self.info("Register Status: register success");
        self.info(AUTO_RELOGIN);
        if let Err(error) = Keystore::of(uin).write(&self.folder) {
            crash(&format!("System.IO.IOException: {error}"));
        }
        self.reporter.tell(Report::LoggedIn(uin)).await;
        uin
    }

    /// Whether the session, or the token behind it, is good. Nothing ends the wait for QQ's answer.
    async fn by_session(&self) -> bool {
        let has_session = "Session has not expired, using session to login and register status";
        let first = self.log.disorder().swaps();
        if !first {
            self.info(has_session);
        }
        self.stop.or(self.connection.open()).await;
        if first {
            self.info(has_session);
        }
        self.connection.reached(Phase::Session);
        // QQ takes its time.
        sleep(Duration::from_millis(self.scenario.session_ms)).await;
        self.connection.answers().await;
        match self.scenario.session {
            SessionFate::Accepted => true,
            SessionFate::Unanswered => std::future::pending().await,
            SessionFate::RenewalUnanswered => {
                self.begin_easy_login();
                std::future::pending().await
            }
            SessionFate::Renewed => {
                self.begin_easy_login();
                self.info("Login Success, try to register services");
                true
            }
            SessionFate::Dead => {
                self.begin_easy_login();
                self.warn("Fast Login Failed with code 140022015, trying to Login by Password...");
                self.info("Connecting Servers...");
                false
            }
        }
    }

    fn begin_easy_login(&self) {
        self.info("Register Status: invalid session");
        self.warn("Register by session failed, try to login by EasyLogin");
        self.log.neighbours([
            (TAG, Stamp::Information, "Key Exchange successfully!"),
            (TAG, Stamp::Information, "Trying to Login by EasyLogin..."),
        ]);
    }

    async fn by_qr_code(&self, phone: mpsc::Receiver<Phone>) -> u64 {
        self.signed("wtlogin.trans_emp", "Login.TransEmpEvent")
            .await;
        self.connection.answers().await;
        if let Err(error) = self.show_code().await {
            crash(&format!("System.IO.IOException: {error}"));
        }
        self.connection.reached(Phase::QrCode);
        match self.poll(phone).await {
            Scanned::By(uin) => self.finish(uin).await,
            Scanned::Refused(uin, code, tag, state) => {
                self.confirmed(uin);
                let code = format!("Login failed: {code}");
                let words = format!("Tag: {tag}\nState: {state}");
                self.log
                    .neighbours([(TAG, Stamp::Fatal, &code), (TAG, Stamp::Fatal, &words)]);
                all_login_failed()
            }
            Scanned::No => all_login_failed(),
        }
    }

    /// Has a request of the login signed, or dies.
    async fn signed(&self, command: &str, event: &str) {
        if self.signer.sign_login(command, event).await.is_err() {
            all_login_failed();
        }
    }

    /// Writes the picture, draws the code and says that it is there, which on a busy machine comes late.
    async fn show_code(&self) -> std::io::Result<()> {
        let seconds = self.scenario.qr_seconds;
        let fetched = format!("QrCode Fetched, Expiration: {seconds} seconds");
        let url = qr::fresh_url();
        let code = qr::code_of(&url)?;
        let drawing = qr::drawing(&code, self.compatible);
        let place = self.log.disorder().place(drawing.chars().count());
        if place.is_none() {
            self.info(&fetched);
        }
        let picture = self.folder.join(format!("qr-{}.png", self.file_uin));
        qr::write_picture(&code, &picture)?;
        qr::print(&drawing, place, || self.info(&fetched));
        self.reporter.tell(Report::QrShown(url)).await;
        Ok(())
    }

    /// Asks for the code's state until there is an end to it. What the phone does shows only then.
    async fn poll(&self, mut phone: mpsc::Receiver<Phone>) -> Scanned {
        let expiry = Instant::now() + Duration::from_secs(self.scenario.qr_seconds);
        let (mut who, mut polls) = (None, 0);
        loop {
            // Lagrange's own wait.
            sleep(Duration::from_millis(self.scenario.poll_ms)).await;
            polls += 1;
            if Instant::now() >= expiry {
                return self.lapse("CodeExpired", who, "Expired");
            }
            let confirms = self.scenario.confirms_after_polls;
            if confirms.is_some_and(|after| polls > after) {
                return self.decide(Phone::Confirm, who);
            }
            match phone.try_recv() {
                Ok(Phone::Scan(uin)) => who = Some(uin.unwrap_or(self.scenario.uin)),
                Ok(order) => return self.decide(order, who),
                Err(_nothing) => {}
            }
            self.polled(
                if who.is_some() {
                    "WaitingForConfirm"
                } else {
                    "WaitingForScan"
                },
                who,
            );
        }
    }

    fn decide(&self, order: Phone, who: Option<u64>) -> Scanned {
        let by = who.unwrap_or(self.scenario.uin);
        match order {
            Phone::Confirm | Phone::Scan(_) => Scanned::By(by),
            Phone::Refused(code, tag, state) => Scanned::Refused(by, code, tag, state),
            Phone::Cancel => self.lapse("Canceled", who, "Canceled"),
            Phone::Expire => self.lapse("CodeExpired", who, "Expired"),
            Phone::NetworkFails => crash(
                "System.Net.Http.HttpRequestException: Connection refused (ntlogin.qq.com:443)",
            ),
        }
    }

    fn lapse(&self, state: &str, who: Option<u64>, word: &str) -> Scanned {
        self.polled(state, who);
        self.warn(&format!("QrCode {word}, Please Fetch QrCode Again"));
        Scanned::No
    }

    async fn finish(&self, uin: u64) -> u64 {
        self.confirmed(uin);
        self.connection.reached(Phase::LoggingIn);
        self.signed("wtlogin.login", "Login.LoginEvent").await;
        self.connection.answers().await;
        self.info("Login Success");
        self.info(&format!("Bot name: {NICKNAME} | Gender: 1 | Age: 0"));
        uin
    }

    fn confirmed(&self, uin: u64) {
        let state = format!("QrCode State Queried: Confirmed Uin: {uin}");
        let goes_on = "QrCode Confirmed, Logging in with A1 sig...";
        self.log.neighbours([
            (TAG, Stamp::Information, &state),
            (TAG, Stamp::Information, goes_on),
        ]);
        self.info("Doing Login...");
    }

    fn polled(&self, state: &str, who: Option<u64>) {
        let who = who.unwrap_or(0);
        self.info(&format!("QrCode State Queried: {state} Uin: {who}"));
    }

    fn info(&self, text: &str) {
        self.log.core(TAG, Stamp::Information, text);
    }

    fn warn(&self, text: &str) {
        self.log.core(TAG, Stamp::Warning, text);
    }
}
