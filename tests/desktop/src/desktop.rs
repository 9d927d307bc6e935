//! A desktop that nobody sees.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use perpetua_e2e::{Program, bus, until};
use perpetua_words::Language;
use tempfile::TempDir;
use tokio::process::Command;

use crate::processes::{self, Process};
use crate::screen::Screen;
use crate::{Notifications, Opened, Panel, Tray, Window, Words};

/// Names another program than the one that stands beside the tests, such as a release build.
const PROGRAM_VARIABLE: &str = "PERPETUA_TEST_WINDOW";

/// Who keeps secrets on a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// Nobody.
    Absent,
    /// GNOME's, and it is open.
    Open,
    /// Somebody who has the name and never answers.
    Silent,
}

/// Who has the keyring's name on the bus, for as long as this lives.
enum Held {
    Nobody,
    #[expect(dead_code, reason = "held until the desktop ends")]
    Program(Box<Program>),
    #[expect(dead_code, reason = "held until the desktop ends")]
    Connection(zbus::Connection),
}

/// A screen, a bus and a home. Dropping it ends every process on it.
pub struct Desktop {
    language: Language,
    address: String,
    /// What holds the keyring's name.
    keyring: Held,
    bus: Program,
    screen: Screen,
    /// Variables of the session beside those that every session has, and in place of them.
    variables: Vec<(&'static str, String)>,
    home: TempDir,
}

impl Desktop {
    /// A desktop in English with an open keyring, as most are.
    pub async fn new() -> Result<Self> {
        Self::with(Language::English, Keyring::Open).await
    }

    /// A desktop in this language with this keyring.
    pub async fn with(language: Language, keyring: Keyring) -> Result<Self> {
        let home = TempDir::with_prefix("perpetua-desktop-")?;
        let screen = Screen::start("1280x900").await?;
        let (bus, address) = bus::start(home.path()).await?;
        let mut desktop = Self {
            language,
            address,
            keyring: Held::Nobody,
            bus,
            screen,
            variables: Vec::new(),
            home,
        };
        match keyring {
            Keyring::Absent => {}
            Keyring::Open => {
                let shell = desktop.command("sh");
                let opened = bus::open_keyring(shell, desktop.home.path(), &desktop.address);
                desktop.keyring = Held::Program(Box::new(opened.await?));
            }
            Keyring::Silent => {
                let silent = bus::silent_keyring(&desktop.address);
                desktop.keyring = Held::Connection(silent.await?);
            }
        }
        Ok(desktop)
    }

    /// The same desktop with a variable in its session; an empty one is as good as none.
    #[must_use]
    pub fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Ends the screen, as a display server does that dies; what was drawn there notices by itself.
    pub async fn end_screen(&mut self) -> Result<()> {
        self.screen.end().await
    }

    /// Ends the bus, as one that crashes does.
    pub async fn end_bus(&mut self) -> Result<()> {
        self.bus.terminate().await?;
        self.bus.ended(perpetua_testkit::PATIENCE).await?;
        Ok(())
    }

    /// Another screen of this size takes the place of the one there was, `1280x900` at first.
    pub async fn replace_screen(&mut self, size: &str) -> Result<()> {
        self.screen = Screen::start(size).await?;
        Ok(())
    }

    /// Starts the program, and waits for its window.
    pub async fn open(&self) -> Result<Window> {
        self.open_with(&[]).await
    }

    /// Starts the program with these arguments, and waits for its window.
    pub async fn open_with(&self, arguments: &[&str]) -> Result<Window> {
        Window::open(self, arguments).await
    }

    /// Starts the program and waits for nothing: beside one that runs, as a second click on its icon does,
    /// or with the session.
    pub fn start(&self, arguments: &[&str]) -> Result<Program> {
        let mut command = self.command(Self::program()?);
        command.args(arguments);
        Program::start("perpetua", command)
    }

    /// Becomes who shows notifications here.
    pub async fn notifications(&self) -> Result<Notifications> {
        Notifications::serve(&self.address).await
    }

    /// Becomes who shows tray icons here.
    pub async fn tray(&self) -> Result<Tray> {
        Tray::serve(&self.address).await
    }

    /// Lets a real panel show tray icons here.
    pub async fn panel(&self) -> Result<Panel<'_>> {
        Panel::start(self).await
    }

    /// The address of the bus.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What people read here.
    pub fn words(&self) -> Words {
        Words(self.language)
    }

    /// The folder of settings and data, as the program finds it by itself.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data").join("perpetua")
    }

    /// The home, in which everything is that the program keeps.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Puts a settings file into the data folder, as an earlier run would have left it.
    pub fn write_settings(&self, text: &str) -> Result<()> {
        std::fs::create_dir_all(self.data())?;
        std::fs::write(self.data().join("perpetua.toml"), text).context("cannot write the settings")
    }

    /// The processes of the program and of its pages, but not those that make the desktop.
    pub fn processes(&self) -> Vec<Process> {
        self.processes_of("perpetua")
    }

    /// The same of another program of this name.
    pub fn processes_of(&self, program: &str) -> Vec<Process> {
        let all = processes::of_home(self.home.path());
        let of_program = |process: &Process| {
            let name = process.name.as_str();
            name == program || name.starts_with("WebKit") && name != "WebKitWebDriver"
        };
        all.into_iter().filter(of_program).collect()
    }

    /// The process that draws the page, while there is one.
    pub fn drawing(&self) -> Option<Process> {
        let mut all = self.processes().into_iter();
        all.find(|process| process.name.starts_with("WebKitWebProces"))
    }

    /// Whether a page is drawn, seen or not.
    pub fn draws(&self) -> bool {
        self.drawing().is_some()
    }

    /// What the program and its pages hold.
    pub fn footprint(&self) -> processes::Footprint {
        processes::Footprint::of(&self.processes())
    }

    /// What the program has written into its log so far.
    pub fn log(&self) -> Result<String> {
        logged(&self.data())
    }

    /// Waits until nothing of the program runs any more.
    pub async fn is_empty(&self) -> Result<()> {
        let gone = until("the end of every process", async || {
            Ok(self.processes().is_empty().then_some(()))
        });
        let gone = gone.await;
        gone.with_context(|| format!("these still run: {:?}", self.processes()))
    }

    /// Puts a program in the way of what the system opens files with; it only notes what.
    pub fn catch_opened(&self) -> Result<Opened> {
        Opened::catch(&self.programs(), self.home.path())
    }

    /// All secrets that the keyring holds, with what they are called there.
    pub async fn secrets(&self) -> Result<Vec<(String, Vec<u8>)>> {
        bus::secrets(&self.address).await
    }

    /// The built program, beside the tests, unless `PERPETUA_TEST_WINDOW` names another one.
    pub fn program() -> Result<PathBuf> {
        if let Some(program) = std::env::var_os(PROGRAM_VARIABLE) {
            return Ok(program.into());
        }
        let tests = std::env::current_exe()?;
        let program = tests
            .ancestors()
            .nth(2)
            .context("tests are built into a folder of folders")?
            .join("perpetua");
        anyhow::ensure!(
            program.is_file(),
            "`{}` is missing; run the tests with `cargo xtask test`, which builds it",
            program.display()
        );
        Ok(program)
    }

    fn programs(&self) -> PathBuf {
        self.home.path().join("bin")
    }

    /// A program in this session.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let home = self.home.path();
        let locale = match self.language {
            Language::English => "C.UTF-8",
            Language::Chinese => "zh_CN.UTF-8",
        };
        let mut path = self.programs().into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_RUNTIME_DIR", home)
            .env("DISPLAY", &self.screen.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("LANG", locale)
            .env("LC_ALL", locale)
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            // Only with it does the program let itself be worked from outside.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(home);
        command
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for process in processes::of_home(self.home.path()) {
            process.kill();
        }
    }
}

/// What a program whose data folder this is has written into its log so far.
pub fn logged(data: &Path) -> Result<String> {
    let mut all = String::new();
    for entry in std::fs::read_dir(data.join("logs"))? {
        all.push_str(&std::fs::read_to_string(entry?.path())?);
    }
    Ok(all)
}
