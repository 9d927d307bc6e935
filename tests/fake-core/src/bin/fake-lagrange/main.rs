//! A stand-in for Lagrange.OneBot: the same files, the same log, the same WebSocket server, the same deaths.
//! It comes in the order of `Lagrange.OneBot/Program.cs`.

mod actions;
mod banner;
mod calls;
mod connection;
mod crash;
mod disorder;
mod files;
mod frames;
mod handshake;
mod lateness;
mod link;
mod log;
mod login;
mod process;
mod qq;
mod qr;
mod server;
mod services;
mod settings;
mod signer;
mod socket;
mod stop;
mod wire;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use fake_core::{Build, Fate, Network, Phone, Report, Scenario};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::actions::Account;
use crate::connection::Connection;
use crate::crash::{TASK_CANCELED, crash};
use crate::disorder::Disorder;
use crate::files::{Database, Keystore};
use crate::link::{Orders, Reporter};
use crate::log::{Level, Log, print_raw};
use crate::login::Login;
use crate::qq::Levers;
use crate::server::Shared;
use crate::services::Services;
use crate::settings::Settings;
use crate::signer::Signer;
use crate::stop::Stop;

const LIFETIME: &str = "Microsoft.Hosting.Lifetime";
const LOGIN_SERVICE: &str = "Lagrange.OneBot.Core.Login.LoginService";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(process::CHILD) {
        process::live_as_child().await;
        return Ok(());
    }
    let build = Build::beside(&std::env::current_exe()?)?;
    let folder = std::env::current_dir()?;
    let scenario = Scenario::read(&folder)?;
    if build.fate == Fate::Mute {
        std::future::pending::<()>().await;
    }
    let (hang, is_hung) = watch::channel(false);
    let (network, _) = watch::channel(Network::Good);
    let (desks, orders) = link::desks(hang, network.clone());
    let reporter = link::connect(&scenario, desks.clone()).await;
    let started = Report::Started {
        pid: std::process::id(),
        commit: build.commit.clone(),
        folder: folder.display().to_string(),
    };
    reporter.tell(started).await;

    if !scenario.console.unwrap_or_else(banner::has_console) {
        crash("System.IO.IOException: The handle is invalid.");
    }
    banner::print(&build.commit);
    if build.fate == Fate::Hangs {
        std::future::pending::<()>().await;
    }
    let settings = settings_of(&folder);
    // A host is built, and only then does it listen to signals: that time is what the scenario sets.
    sleep(Duration::from_millis(scenario.boot_ms)).await;
    let log = Log::new(&settings, Disorder::new(scenario.seed), is_hung.clone());
    let says_so = log.clone();
    let stop = Stop::listen(scenario.ignores_stop, move || {
        lifetime(&says_so, "Application is shutting down...");
    })?;
    let core = Core {
        build,
        folder,
        connection: Connection::new(&scenario, log.clone(), reporter.clone(), network),
        scenario,
        settings,
        log,
        reporter,
        hung: is_hung,
        stop,
    };
    core.run(orders).await;
    drop(desks);
    Ok(())
}

/// The settings; without a file Lagrange writes one and waits for a key.
fn settings_of(folder: &Path) -> Settings {
    let path = folder.join(settings::FILE);
    if !path.exists() {
        print_raw("No exist config file, create it now...\n");
        if let Err(error) = std::fs::write(&path, settings::DEFAULT) {
            crash(&format!("System.UnauthorizedAccessException: {error}"));
        }
        print_raw(
            "Please Edit the appsettings.json to set configs and press any key to continue\n",
        );
        if !io::stdin().is_terminal() {
            crash(crash::NO_KEYS);
        }
    }
    Settings::load(folder, std::env::vars())
}

fn lifetime(log: &Log, sentence: &str) {
    log.write(Level::Information, LIFETIME, 0, sentence);
}

/// One run.
struct Core {
    build: Build,
    folder: PathBuf,
    scenario: Scenario,
    settings: Settings,
    log: Log,
    connection: Connection,
    reporter: Reporter,
    hung: watch::Receiver<bool>,
    stop: Stop,
}

impl Core {
    async fn run(self, orders: Orders) {
        let kept = self.read_files();
        let signer = Signer::ask(&self.settings, &self.scenario, &self.folder, &self.log).await;
        // Nothing ends the wait for the signer; the host looks after it.
        if self.stop.is_asked() {
            crash(TASK_CANCELED);
        }
        let database = self.open_database();
        let protocol = format!("Protocol Version: {}", signer.version());
        self.log
            .write(Level::Information, LOGIN_SERVICE, 0, &protocol);
        let uin = self.log_in(kept, &signer, orders.phone).await;
        self.log.write(
            Level::Information,
            LOGIN_SERVICE,
            0,
            &format!("Bot Uin: {uin}"),
        );
        self.plan_crash();
        let (silent, is_silent) = watch::channel(false);
        let (cuts, cuts_seen) = watch::channel(0);
        let shared = Arc::new(Shared {
            account: Account {
                self_id: uin,
                protocol: signer.protocol(),
            },
            signer,
            database,
            log: self.log.clone(),
            reporter: self.reporter.clone(),
            scenario: self.scenario.clone(),
            hung: self.hung.clone(),
            silent: is_silent,
            cuts: cuts_seen,
            listeners: Mutex::default(),
        });
        let services = Services {
            settings: &self.settings,
            folder: &self.folder,
            stop: &self.stop,
            shared: &shared,
        };
        services.open().await;
        self.connection.serves(shared.clone());
        let levers = Levers { silent, cuts };
        tokio::spawn(qq::obey(orders.qq, levers, self.connection.clone(), shared));
        if !self.stop.is_asked() {
            self.say_started();
        }
        self.stop.asked().await;
    }

    /// What is put together before anyone is asked anything; gives the login.
    fn read_files(&self) -> Option<Keystore> {
        let music = self.settings.text("MusicSignServerUrl");
        let (level, sentence) = match music {
            None => (
                Level::Warning,
                "MusicSignServer is not available, sign may be failed",
            ),
            Some(_) => (
                Level::Information,
                "MusicSignServer Service is successfully established",
            ),
        };
        self.log
            .write(level, "Lagrange.OneBot.Utility.MusicSigner", 0, sentence);
        let _dials_again = self.settings.flag("Account:AutoReconnect", true);
        if let Err(error) = files::refresh_device(&self.folder) {
            crash(&format!("System.IO.IOException: {error}"));
        }
        Keystore::read(&self.folder)
    }

    fn open_database(&self) -> Database {
        Database::open(&self.folder, self.settings.uin(), &self.log)
            .unwrap_or_else(|error| crash(&format!("System.IO.IOException: {error}")))
    }

    async fn log_in(
        &self,
        kept: Option<Keystore>,
        signer: &Signer,
        phone: mpsc::Receiver<Phone>,
    ) -> u64 {
        let login = Login {
            scenario: &self.scenario,
            folder: self.folder.clone(),
            file_uin: self.settings.uin(),
            compatible: self.settings.flag("QrCode:ConsoleCompatibilityMode", false),
            log: self.log.clone(),
            signer,
            reporter: self.reporter.clone(),
            connection: &self.connection,
            stop: &self.stop,
        };
        login.run(kept, phone).await
    }

    /// A bad version crashes some time after the account is online.
    fn plan_crash(&self) {
        let Fate::CrashesOnline(after) = self.build.fate else {
            return;
        };
        tokio::spawn(async move {
            // The time until its crash is what tells this version from others.
            sleep(Duration::from_millis(after)).await;
            crash(
                "System.NullReferenceException: Object reference not set to an instance of an object.",
            );
        });
    }

    fn say_started(&self) {
        lifetime(&self.log, "Application started. Press Ctrl+C to shut down.");
        lifetime(&self.log, "Hosting environment: Production");
        let root = format!("Content root path: {}", self.folder.display());
        lifetime(&self.log, &root);
    }
}
