//! A stand-in for Lagrange.OneBot: the same files, the same log, the same WebSocket server, the same deaths.
//! It comes in the order of `Lagrange.OneBot/Program.cs`.

mod actions;
mod banner;
mod crash;
mod files;
mod handshake;
mod link;
mod log;
mod login;
mod process;
mod qq;
mod qr;
mod server;
mod settings;
mod signer;
mod stop;
mod wire;

use std::io::{self, IsTerminal as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use fake_core::{Build, Fate, Phone, Report, Scenario};
use tokio::sync::{mpsc, watch};

use crate::actions::Account;
use crate::crash::{TASK_CANCELED, crash};
use crate::link::{Orders, Reporter};
use crate::log::{Level, Log, print_raw};
use crate::login::Login;
use crate::qq::Levers;
use crate::server::{Server, Shared};
use crate::settings::{ForwardWebSocket, Settings};
use crate::signer::Signer;
use crate::stop::Stop;

const LIFETIME: &str = "Microsoft.Hosting.Lifetime";
const LOGIN_SERVICE: &str = "Lagrange.OneBot.Core.Login.LoginService";
const SERVICES: &str = "Lagrange.OneBot.Core.Network.LagrangeWebSvcCollection";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(process::CHILD) {
        process::live_as_child().await;
        return Ok(());
    }
    let build = Build::beside(&std::env::current_exe()?)?;
    let folder = std::env::current_dir()?;
    let scenario = Scenario::read(&folder)?;
    let mut stop = Stop::listen(scenario.ignores_stop)?;
    if build.fate == Fate::Mute {
        stop.asked().await;
        return Ok(());
    }
    let (hang, is_hung) = watch::channel(false);
    let (desks, orders) = link::desks(hang);
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
    let settings = settings_of(&folder);
    let log = Log::new(&settings, is_hung.clone());
    let core = Core {
        build,
        folder,
        scenario,
        settings,
        log,
        reporter,
        hung: is_hung,
    };
    core.run(orders, &mut stop).await;
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

/// One run.
struct Core {
    build: Build,
    folder: PathBuf,
    scenario: Scenario,
    settings: Settings,
    log: Log,
    reporter: Reporter,
    hung: watch::Receiver<bool>,
}

impl Core {
    async fn run(self, orders: Orders, stop: &mut Stop) {
        let (uin, signer) = tokio::select! {
            logged_in = self.log_in(orders.phone) => logged_in,
            () = stop.asked() => {
                self.lifetime("Application is shutting down...");
                crash(TASK_CANCELED)
            }
        };
        self.log.write(
            Level::Information,
            LOGIN_SERVICE,
            0,
            &format!("Bot Uin: {uin}"),
        );
        if let Fate::CrashesOnline(after) = self.build.fate {
            tokio::spawn(async move {
                // The time until its crash is what tells this version from others.
                tokio::time::sleep(Duration::from_millis(after)).await;
                crash(
                    "System.NullReferenceException: Object reference not set to an instance of an object.",
                );
            });
        }
        let (silent, is_silent) = watch::channel(false);
        let (cuts, cuts_seen) = watch::channel(0);
        let shared = Arc::new(Shared {
            account: Account {
                self_id: uin,
                protocol: signer.protocol(),
            },
            signer,
            log: self.log.clone(),
            reporter: self.reporter.clone(),
            scenario: self.scenario.clone(),
            hung: self.hung.clone(),
            silent: is_silent,
            cuts: cuts_seen,
            listeners: Mutex::default(),
        });
        self.open_services(&shared).await;
        tokio::spawn(qq::obey(orders.qq, Levers { silent, cuts }, shared));
        self.say_started();
        stop.asked().await;
        self.lifetime("Application is shutting down...");
    }

    /// What happens before there is a server: all of it is cancelled when a stop is asked for.
    async fn log_in(&self, phone: mpsc::Receiver<Phone>) -> (u64, Signer) {
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
        if let Err(error) = files::refresh_device(&self.folder) {
            crash(&format!("System.IO.IOException: {error}"));
        }
        let signer = Signer::ask(&self.settings, &self.folder, self.log.clone()).await;
        let file_uin = self.settings.uin();
        if let Err(error) = files::open_database(&self.folder, file_uin, &self.log) {
            crash(&format!("System.IO.IOException: {error}"));
        }
        self.log.write(
            Level::Information,
            LOGIN_SERVICE,
            0,
            &format!("Protocol Version: {}", signer.version()),
        );
        let login = Login {
            scenario: &self.scenario,
            folder: self.folder.clone(),
            file_uin,
            compatible: self.settings.flag("QrCode:ConsoleCompatibilityMode", false),
            log: self.log.clone(),
            signer: &signer,
            reporter: self.reporter.clone(),
        };
        let uin = login.run(phone).await;
        (uin, signer)
    }

    async fn open_services(&self, shared: &Arc<Shared>) {
        if self.settings.implementations() == 0 {
            self.log.write(
                Level::Warning,
                SERVICES,
                3,
                "[LagrangeWebSvcCollection]: No implementation has been configured",
            );
            return;
        }
        self.log.write(
            Level::Information,
            SERVICES,
            1,
            "[LagrangeWebSvcCollection]: Multi Connection has been configured",
        );
        for entry in self.settings.servers() {
            self.open_server(entry, shared).await;
        }
    }

    async fn open_server(&self, entry: ForwardWebSocket, shared: &Arc<Shared>) {
        let (host, port) = (entry.host.clone(), entry.port);
        let _thief = self.steal(port);
        match Server::start(entry, shared.clone()).await {
            Ok(()) => {
                let sentence = format!("The server is started at http://{host}:{port}/");
                self.log
                    .write(Level::Information, server::CATEGORY, 10, &sentence);
                self.reporter.tell(Report::Serving(port)).await;
            }
            Err(error) => {
                self.log.write_with(
                    Level::Warning,
                    SERVICES,
                    4,
                    "[LagrangeWebSvcCollection]: WebService start failed.",
                    Some(&start_failure(&error, &host, port)),
                );
                self.reporter.tell(Report::NotServing(port)).await;
            }
        }
    }

    /// Where the scenario wants it, someone else has the port, and the scenario is counted down.
    fn steal(&self, port: u16) -> Option<TcpListener> {
        let left = self.scenario.taken_ports.checked_sub(1)?;
        let next = Scenario {
            taken_ports: left,
            ..self.scenario.clone()
        };
        if let Err(error) = next.write(&self.folder) {
            crash(&format!("System.IO.IOException: {error}"));
        }
        TcpListener::bind(("127.0.0.1", port)).ok()
    }

    fn say_started(&self) {
        self.lifetime("Application started. Press Ctrl+C to shut down.");
        self.lifetime("Hosting environment: Production");
        self.lifetime(&format!("Content root path: {}", self.folder.display()));
    }

    fn lifetime(&self, sentence: &str) {
        self.log.write(Level::Information, LIFETIME, 0, sentence);
    }
}

/// What `HttpListener` throws, on each system in its own way.
fn start_failure(error: &io::Error, host: &str, port: u16) -> String {
    let words = match (error.kind(), std::env::consts::OS) {
        (io::ErrorKind::AddrInUse, "windows") => format!(
            "(183): Failed to listen on prefix 'http://{host}:{port}/' because it conflicts with an existing registration on the machine."
        ),
        (io::ErrorKind::AddrInUse, "macos") => "(48): Address already in use".to_owned(),
        (io::ErrorKind::AddrInUse, _) => "(98): Address already in use".to_owned(),
        (io::ErrorKind::PermissionDenied, _) => "(5): Access is denied.".to_owned(),
        _ => "(50): The request is not supported.".to_owned(),
    };
    format!(
        "System.Net.HttpListenerException {words}\n   at System.Net.HttpEndPointManager.GetEPListener(String host, Int32 port, HttpListener listener, Boolean secure)"
    )
}
