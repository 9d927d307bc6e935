//! A scripted process: what it writes and when it ends is up to the test.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::BoxFuture;
use perpetua_process::{
    ExitStatus, Identity, Launch, Line, OutputStream, SpawnError, StillRunning, Usage,
};
use perpetua_supervisor::{Launcher, LineSource, RunningProcess, StartedProcess};
use tokio::sync::{mpsc, watch};

/// The exit of a process that was killed.
pub(crate) const KILLED: ExitStatus = ExitStatus {
    code: None,
    signal: Some(9),
};

/// Hands each process that is started to the test.
#[derive(Debug)]
pub(crate) struct ScriptedLauncher {
    pub(crate) plays: mpsc::Sender<Play>,
    /// Why processes cannot be started at the moment.
    pub(crate) refuses: Mutex<bool>,
    /// The orphans that were ended.
    pub(crate) ended: Mutex<Vec<Identity>>,
    /// Whether processes of a former run cannot be ended.
    pub(crate) stubborn_leftover: Mutex<bool>,
    /// The process that was started last.
    pub(crate) last: Mutex<Option<Arc<Shared>>>,
}

/// One process, as the test plays it.
#[derive(Debug)]
pub(crate) struct Play {
    pub(crate) launch: Launch,
    pub(crate) id: u32,
    lines: Option<mpsc::Sender<Line>>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    exit: watch::Sender<Option<ExitStatus>>,
    asked: watch::Sender<u32>,
    killed: watch::Sender<bool>,
    usage: Mutex<Option<Usage>>,
}

/// The driver's side of it.
#[derive(Debug)]
struct Scripted {
    id: u32,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct ScriptedLines {
    lines: mpsc::Receiver<Line>,
    shared: Arc<Shared>,
}

impl Launcher for ScriptedLauncher {
    fn start(&self, launch: &Launch) -> Result<StartedProcess, SpawnError> {
        if *self.refuses.lock().expect("lock") {
            let program = launch.program.clone();
            return Err(SpawnError::ProgramMissing { program });
        }
        let (lines, receiver) = mpsc::channel(1024);
        let shared = Arc::new(Shared {
            exit: watch::Sender::new(None),
            asked: watch::Sender::new(0),
            killed: watch::Sender::new(false),
            usage: Mutex::new(None),
        });
        let id =
            4000 + u32::try_from(self.plays.max_capacity() - self.plays.capacity()).expect("few");
        let play = Play {
            launch: launch.clone(),
            id,
            lines: Some(lines),
            shared: Arc::clone(&shared),
        };
        self.plays.try_send(play).expect("room for another process");
        let former = self.last.lock().expect("lock").replace(Arc::clone(&shared));
        let is_alone = former.is_none_or(|former| former.exit.borrow().is_some());
        assert!(is_alone, "an account never has two processes");
        let lines = ScriptedLines {
            lines: receiver,
            shared: Arc::clone(&shared),
        };
        Ok(StartedProcess {
            process: Box::new(Scripted { id, shared }),
            lines: Box::new(lines),
        })
    }

    fn end_orphan(
        &self,
        identity: Identity,
        _grace: Duration,
    ) -> BoxFuture<'static, Result<bool, StillRunning>> {
        let pid = identity.pid();
        if *self.stubborn_leftover.lock().expect("lock") {
            return Box::pin(async move { Err(StillRunning { pid }) });
        }
        self.ended.lock().expect("lock").push(identity);
        Box::pin(async { Ok(true) })
    }
}

impl RunningProcess for Scripted {
    fn id(&self) -> u32 {
        self.id
    }

    fn identity(&self) -> Identity {
        identity(self.id)
    }

    fn stop(&self) {
        self.shared.asked.send_modify(|asked| *asked += 1);
    }

    fn kill(&self) {
        let runs = self.shared.exit.send_if_modified(|exit| {
            let runs = exit.is_none();
            exit.get_or_insert(KILLED);
            runs
        });
        if runs {
            self.shared.killed.send_replace(true);
        }
    }

    fn wait(&self) -> BoxFuture<'_, ExitStatus> {
        let mut exit = self.shared.exit.subscribe();
        Box::pin(async move {
            let ended = exit.wait_for(Option::is_some).await;
            ended.ok().and_then(|exit| *exit).unwrap_or(KILLED)
        })
    }

    fn usage(&self) -> BoxFuture<'static, Option<Usage>> {
        let usage = *self.shared.usage.lock().expect("lock");
        Box::pin(async move { usage })
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.kill();
    }
}

impl LineSource for ScriptedLines {
    fn next(&mut self) -> BoxFuture<'_, Option<Line>> {
        let mut killed = self.shared.killed.subscribe();
        Box::pin(async move {
            tokio::select! {
                biased;
                line = self.lines.recv() => line,
                // What is killed closes its output.
                _ = killed.wait_for(|killed| *killed) => None,
            }
        })
    }
}

/// The files that a login leaves in the account's folder.
pub(crate) fn write_session(folder: &Path, who: u64) {
    let session = serde_json::json!({
        "Uin": who, "Uid": "u_1", "PasswordMd5": "",
        "Session": { "D2Key": "AA==", "D2": "AA==", "Tgt": "AA==", "TempPassword": "AA==" },
        "Info": { "Age": 0, "Gender": 0, "Name": "bot" },
    });
    let device = serde_json::json!({ "Guid": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "MacAddress": "AA==", "DeviceName": "d" });
    for (name, content) in [("keystore.json", session), ("device.json", device)] {
        let path = folder.join(name);
        std::fs::write(path, content.to_string()).expect("written");
    }
}

/// The identity of a process of this number.
pub(crate) fn identity(pid: u32) -> Identity {
    let identity = serde_json::json!({
        "pid": pid, "group": null, "started": "then", "program": "/core/Lagrange.OneBot",
    });
    serde_json::from_value(identity).expect("an identity")
}

impl Play {
    /// Writes lines to standard output.
    pub(crate) async fn say(&self, text: &str) {
        self.write(OutputStream::Stdout, text).await;
    }

    /// Writes lines to standard error.
    pub(crate) async fn cry(&self, text: &str) {
        self.write(OutputStream::Stderr, text).await;
    }

    async fn write(&self, source: OutputStream, text: &str) {
        let lines = self.lines.as_ref().expect("it has not ended");
        for line in text.lines() {
            let text = line.to_owned();
            lines
                .send(Line { source, text })
                .await
                .expect("someone reads");
        }
    }

    /// A record of the core itself.
    pub(crate) async fn log(&self, tag: &str, level: &str, text: &str) {
        self.record(
            "Lagrange.Core.BotContext[0]",
            &format!("[2026-11-21 10:11:31] [{tag}] [{level}]: {text}"),
        )
        .await;
    }

    /// A record of a class.
    pub(crate) async fn record(&self, class: &str, text: &str) {
        self.say(&format!("info: {class}\n      {text}")).await;
    }

    /// What it says before any login.
    pub(crate) async fn begin(&self) {
        self.say("Version: 625e9b29268c94feddaa64d57287b622b5bb2293\n\n")
            .await;
        let class = "Lagrange.OneBot.Core.Login.LoginService[0]";
        self.record(class, "Protocol Version: 3.2.15-30366").await;
    }

    /// From the start to a server that listens, with the session of a former login.
    pub(crate) async fn log_in_by_session(&self, who: u64) {
        self.begin().await;
        self.login_step("Session has not expired, using session to login and register status")
            .await;
        self.finish_login(who).await;
    }

    /// A line of the login.
    pub(crate) async fn login_step(&self, text: &str) {
        self.log("WtExchangeLogic", "INFORMATION", text).await;
    }

    /// What follows an accepted login.
    pub(crate) async fn finish_login(&self, who: u64) {
        self.save_session(who);
        self.login_step("Register Status: register success").await;
        let class = "Lagrange.OneBot.Core.Login.LoginService[0]";
        self.record(class, &format!("Bot Uin: {who}")).await;
        let server = format!("The server is started at http://127.0.0.1:{}/", self.port());
        let class = "Lagrange.OneBot.Core.Network.Service.ForwardWSService[10]";
        self.record(class, &server).await;
        let class = "Microsoft.Hosting.Lifetime[0]";
        self.record(class, "Application started. Press Ctrl+C to shut down.")
            .await;
    }

    fn save_session(&self, who: u64) {
        write_session(&self.launch.folder, who);
    }

    /// Shows a QR code; what is in the picture is up to the test.
    pub(crate) async fn show_code(&self, picture: &[u8]) {
        self.begin().await;
        self.login_step("Connecting Servers...").await;
        self.login_step("QrCode Fetched, Expiration: 120 seconds")
            .await;
        let path = self.launch.folder.join("qr-0.png");
        std::fs::write(path, picture).expect("written");
    }

    /// QQ ends its session.
    pub(crate) async fn be_kicked(&self) {
        let words = "KickNTEvent: 你的帐号当前登录已失效: 下线通知";
        self.log("WtExchangeLogic", "FATAL", words).await;
    }

    /// The end of a core whose QR code expired, cancelled, or was refused.
    pub(crate) async fn give_up_login(&mut self) {
        self.cry("Unhandled exception. System.Exception: All login failed!")
            .await;
        self.abort();
    }

    /// Ends by an unhandled exception.
    pub(crate) fn abort(&mut self) {
        self.end(ExitStatus {
            code: None,
            signal: Some(6),
        });
    }

    /// Ends in order.
    pub(crate) fn end_well(&mut self) {
        self.end(ExitStatus {
            code: Some(0),
            signal: None,
        });
    }

    fn end(&mut self, status: ExitStatus) {
        self.shared.exit.send_replace(Some(status));
        self.lines = None;
    }

    /// Ends, while something holds its output open.
    pub(crate) fn end_with_open_output(&self) {
        let status = ExitStatus {
            code: Some(0),
            signal: None,
        };
        self.shared.exit.send_replace(Some(status));
    }

    /// What it takes from now on.
    pub(crate) fn takes(&self, memory_bytes: u64) {
        let cpu_percent = 1.5;
        *self.shared.usage.lock().expect("lock") = Some(Usage {
            memory_bytes,
            cpu_percent,
        });
    }

    /// Waits until it is asked to end.
    pub(crate) async fn asked_to_end(&self) {
        let mut asked = self.shared.asked.subscribe();
        asked
            .wait_for(|asked| *asked > 0)
            .await
            .expect("it goes on");
    }

    /// Waits until it is killed.
    pub(crate) async fn killed(&self) {
        let mut killed = self.shared.killed.subscribe();
        killed.wait_for(|killed| *killed).await.expect("it goes on");
    }

    /// Whether it has not ended.
    pub(crate) fn runs(&self) -> bool {
        self.lines.is_some() && self.shared.exit.borrow().is_none()
    }

    pub(crate) fn is_killed(&self) -> bool {
        *self.shared.killed.borrow()
    }

    /// The port that it is told.
    pub(crate) fn port(&self) -> u64 {
        let port = self.variable("Implementations__0__Port");
        port.expect("it goes on").parse().expect("it goes on")
    }

    /// The names of all its variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let names = self.launch.environment.iter();
        names.filter_map(|(name, _)| name.to_str())
    }

    /// A variable of its environment.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let mut variables = self.launch.environment.iter();
        let (_, value) = variables.find(|(variable, _)| variable == name)?;
        Some(value.to_str().expect("it goes on").to_owned())
    }

    pub(crate) fn program(&self) -> &PathBuf {
        &self.launch.program
    }
}
