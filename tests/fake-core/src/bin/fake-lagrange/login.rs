//! Logging in: with the session, or with a QR code (`Core/Login/LoginService.cs` and `WtExchangeLogic.cs`).

use std::path::PathBuf;
use std::time::Duration;

use fake_core::{Network, Phone, Report, Scenario, SessionFate};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until};

use crate::crash::crash;
use crate::files::{Keystore, NICKNAME};
use crate::link::Reporter;
use crate::log::{Log, Stamp, print_raw};
use crate::qq::{self, SERVER, SOCKET};
use crate::qr;
use crate::signer::Signer;

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
}

/// How the login by QR code went on after the phone.
enum Scanned {
    /// Confirmed by this account.
    By(u64),
    /// Confirmed, and refused by QQ with code, tag and state.
    Refused(i64, String, String),
    /// There will be no login.
    No,
}

impl Login<'_> {
    /// Logs in and gives the account; dies where Lagrange does.
    pub(crate) async fn run(&self, phone: mpsc::Receiver<Phone>) -> u64 {
        let kept = Keystore::read(&self.folder).filter(|kept| kept.session.temp_password.is_some());
        let by_session = match &kept {
            Some(kept) => self.by_session().await.then_some(kept.uin),
            None => None,
        };
        let uin = match by_session {
            Some(uin) => uin,
            None => self.by_qr_code(phone).await,
        };
        self.info("Register Status: register success");
        self.info("AutoReLogin Enabled, session would be refreshed in 15 days period");
        if let Err(error) = Keystore::of(uin).write(&self.folder) {
            crash(&format!("System.IO.IOException: {error}"));
        }
        self.reporter.tell(Report::LoggedIn(uin)).await;
        uin
    }

    /// The connection to QQ, over which all else goes; what a broken one does was seen on the real program.
    async fn connect(&self) {
        let no_name =
            "System.Net.Sockets.SocketException (00000001, 11): Resource temporarily unavailable";
        if self.scenario.network == Network::NoName {
            crash(no_name);
        }
        let server = format!("Server: {SERVER} Latency: 12");
        self.log.core(SOCKET, Stamp::Verbose, &server);
        match self.scenario.network {
            Network::Good | Network::NoName => {}
            Network::Refused => {
                qq::broken_socket(&self.log, "Connection refused");
                all_failed();
            }
            Network::Silent => std::future::pending().await,
            Network::Breaks => self.dial_for_ever().await,
        }
    }

    async fn dial_for_ever(&self) -> ! {
        loop {
            qq::broken_socket(&self.log, "Connection reset by peer");
            // Lagrange's own wait.
            sleep(Duration::from_millis(self.scenario.redial_ms)).await;
            let redials = format!("Reconnect to {SERVER}");
            self.log.core(SOCKET, Stamp::Information, &redials);
        }
    }

    async fn by_session(&self) -> bool {
        self.info("Session has not expired, using session to login and register status");
        self.connect().await;
        match self.scenario.session {
            SessionFate::Accepted => true,
            SessionFate::Unanswered => std::future::pending().await,
            SessionFate::Renewed => {
                self.begin_easy_login();
                self.info("Login Success, try to register services");
                true
            }
            SessionFate::Dead => {
                self.begin_easy_login();
                self.warn("Fast Login Failed with code 140022015, trying to Login by Password...");
                self.warn("Invalid Session found, try to clean D2Key, D2 and TGT Token");
                false
            }
        }
    }

    fn begin_easy_login(&self) {
        self.warn("Register by session failed, try to login by EasyLogin");
        self.info("Key Exchange successfully!");
        self.info("Trying to Login by EasyLogin...");
    }

    async fn by_qr_code(&self, phone: mpsc::Receiver<Phone>) -> u64 {
        self.info("Connecting Servers...");
        self.connect().await;
        let signed = self
            .signer
            .sign("wtlogin.trans_emp", "Login.TransEmpEvent")
            .await;
        if signed.is_err() {
            all_failed();
        }
        if let Err(error) = self.show_code().await {
            crash(&format!("System.IO.IOException: {error}"));
        }
        match self.poll(phone).await {
            Scanned::By(uin) => self.finish(uin).await,
            Scanned::Refused(code, tag, state) => {
                self.confirmed();
                self.log
                    .core(TAG, Stamp::Fatal, &format!("Login failed: {code}"));
                let words = format!("Tag: {tag}\nState: {state}");
                self.log.core(TAG, Stamp::Fatal, &words);
                all_failed()
            }
            Scanned::No => all_failed(),
        }
    }

    async fn show_code(&self) -> std::io::Result<()> {
        let seconds = self.scenario.qr_seconds;
        self.info(&format!("QrCode Fetched, Expiration: {seconds} seconds"));
        let url = qr::fresh_url();
        let code = qr::code_of(&url)?;
        let picture = self.folder.join(format!("qr-{}.png", self.file_uin));
        qr::write_picture(&code, &picture)?;
        print_raw(&qr::drawing(&code, self.compatible));
        self.reporter.tell(Report::QrShown(url)).await;
        Ok(())
    }

    /// Asks for the code's state until there is an end to it.
    async fn poll(&self, mut phone: mpsc::Receiver<Phone>) -> Scanned {
        let distance = Duration::from_millis(self.scenario.poll_ms.max(1));
        let mut ticks = interval_at(Instant::now() + distance, distance);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let expiry = sleep_until(Instant::now() + Duration::from_secs(self.scenario.qr_seconds));
        tokio::pin!(expiry);
        let mut who = None;
        let mut polls = 0;
        self.polled("WaitingForScan", who);
        loop {
            tokio::select! {
                biased;
                () = &mut expiry => return self.lapse("CodeExpired", who, "Expired"),
                _ = ticks.tick() => {
                    polls += 1;
                    if self.scenario.confirms_after_polls.is_some_and(|after| polls > after) {
                        return self.decide(Phone::Confirm, who);
                    }
                }
                order = phone.recv() => match order {
                    Some(Phone::Scan(uin)) => who = Some(uin.unwrap_or(self.scenario.uin)),
                    Some(order) => return self.decide(order, who),
                    None => std::future::pending().await,
                },
            }
            let state = if who.is_some() {
                "WaitingForConfirm"
            } else {
                "WaitingForScan"
            };
            self.polled(state, who);
        }
    }

    fn decide(&self, order: Phone, who: Option<u64>) -> Scanned {
        let by = who.unwrap_or(self.scenario.uin);
        match order {
            Phone::Confirm | Phone::Scan(_) => {
                self.polled("Confirmed", Some(by));
                Scanned::By(by)
            }
            Phone::Refused(code, tag, state) => {
                self.polled("Confirmed", Some(by));
                Scanned::Refused(code, tag, state)
            }
            Phone::Cancel => self.lapse("Canceled", who, "Canceled"),
            Phone::Expire => self.lapse("CodeExpired", who, "Expired"),
            Phone::NetworkFails => crash(
                "System.Net.Http.HttpRequestException: Resource temporarily unavailable (ntlogin.qq.com:443)",
            ),
        }
    }

    fn lapse(&self, state: &str, who: Option<u64>, word: &str) -> Scanned {
        self.polled(state, who);
        self.warn(&format!("QrCode {word}, Please Fetch QrCode Again"));
        Scanned::No
    }

    async fn finish(&self, uin: u64) -> u64 {
        self.confirmed();
        if self
            .signer
            .sign("wtlogin.login", "Login.LoginEvent")
            .await
            .is_err()
        {
            all_failed();
        }
        self.info("Login Success");
        self.info(&format!("Bot name: {NICKNAME} | Gender: 1 | Age: 0"));
        uin
    }

    fn confirmed(&self) {
        self.info("QrCode Confirmed, Logging in with A1 sig...");
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

fn all_failed() -> ! {
    crash("System.Exception: All login failed!")
}
