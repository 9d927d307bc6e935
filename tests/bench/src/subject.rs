//! The programs under test: how each is started, and a running one.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::process::Usage;

/// How long a program may take to say that it is ready.
const START_LIMIT: Duration = Duration::from_secs(20);
/// What a program has written to its standard error, in its folder.
const LOG_FILE: &str = "stderr.log";
/// Enough of it to see why it ended.
const LOG_TAIL_LINES: usize = 20;

/// A program under test.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// `plain-relay`, the measure of all things here.
    Relay(PathBuf),
    /// `perpetuad`.
    Node(Node),
}

/// `perpetuad`, and what its client's settings ask for.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) program: PathBuf,
    /// The format of messages; `None` is the default, as the upstream sends them.
    pub(crate) format: Option<&'static str>,
}

/// A program that runs. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// Open, so that the program may write further lines.
    stdout: BufReader<ChildStdout>,
    program: PathBuf,
    log: PathBuf,
    /// Where clients connect.
    pub(crate) clients: SocketAddr,
    /// From before it was started until its `ready` was read; zero where it says none.
    pub(crate) ready_after: Duration,
}

impl Subject {
    /// Starts the program with its files in `folder` and waits until it is ready.
    pub(crate) async fn start(&self, folder: &Path, upstream: SocketAddr) -> Result<Running> {
        let clients = free_address()?;
        let url = format!("ws://{upstream}/");
        let command = match self {
            Self::Relay(program) => {
                let mut command = Command::new(program);
                command.args([url, clients.to_string()]);
                command
            }
            Self::Node(node) => {
                let format = node.format.map(|format| format!("format = \"{format}\"\n"));
                let settings = settings(&url, clients) + &format.unwrap_or_default();
                fs::write(folder.join("perpetua.toml"), settings)?;
                let mut command = Command::new(&node.program);
                command.arg("--data-dir").arg(folder);
                command
            }
        };
        Running::start(command, folder, clients).await
    }
}

impl Node {
    /// With the settings that people have.
    pub(crate) fn by_default(program: PathBuf) -> Self {
        Self {
            program,
            format: None,
        }
    }
}

impl Running {
    /// Starts a program that is to listen for clients at `clients`, and waits until it is ready.
    pub(crate) async fn start(
        command: Command,
        folder: &Path,
        clients: SocketAddr,
    ) -> Result<Self> {
        let begin = Instant::now();
        let mut running = Self::spawn(command, folder, clients)?;
        let mut line = String::new();
        let read = timeout(START_LIMIT, running.stdout.read_line(&mut line)).await;
        running.ready_after = begin.elapsed();
        let ready = read.is_ok_and(|read| read.is_ok()) && line.starts_with("ready");
        ensure!(
            ready,
            "it did not become ready within {START_LIMIT:?}; {}",
            running.last_words()
        );
        Ok(running)
    }

    /// Starts a program that does not say when it is ready.
    pub(crate) fn spawn(mut command: Command, folder: &Path, clients: SocketAddr) -> Result<Self> {
        let program = PathBuf::from(command.as_std().get_program());
        let log = folder.join(LOG_FILE);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log)?)
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start `{}`", program.display()))?;
        Ok(Self {
            stdout: BufReader::new(child.stdout.take().context("stdout is a pipe")?),
            child,
            program,
            log,
            clients,
            ready_after: Duration::ZERO,
        })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> Result<u32> {
        self.child.id().context("the program has ended")
    }

    /// What it has used so far; `None` where that is not measured.
    pub(crate) fn usage(&self) -> Result<Option<Usage>> {
        Usage::of(self.id()?)
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n");
        format!("`{}` wrote last: {tail}", self.program.display())
    }

    /// Ends it and waits until it is gone.
    pub(crate) async fn end(mut self) -> Result<()> {
        self.child
            .kill()
            .await
            .context("the program cannot be ended")
    }
}

/// Everything but the number of connections is left at its default, the queue's size among it: what is
/// measured is what people run.
pub(crate) fn settings(upstream: &str, clients: SocketAddr) -> String {
    format!(
        r#"secrets = "file"

[api]
listen = "127.0.0.1:0"

[[accounts]]
name = "main"
[accounts.upstream]
kind = "onebot"
url = "{upstream}"

[[accounts.clients]]
name = "bench"
kind = "forward"
listen = "{clients}"
token = "off"
max-connections = 64
"#
    )
}

/// A port that nobody listens on at this moment.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}
