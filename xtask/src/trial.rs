//! `perpetuad.exe` run as a stranger would: started, connected to, interrupted.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::perpetuad::READY;
use crate::wine::{self, Wine};
use crate::workspace::Workspace;
use crate::{folder, process, websocket};

/// From the start to the line that says so; Wine loads slowly on a busy machine.
const READY_LIMIT: Duration = Duration::from_mins(2);
/// From Ctrl+C to the end: the 10 s that the node promises, and as much for Wine.
const EXIT_LIMIT: Duration = Duration::from_secs(20);

/// Runs the node under Wine, on the simulator, and has one client greeted.
pub(crate) fn run(workspace: &Workspace, wine: &Wine, exe: &Path) -> Result<()> {
    let home = workspace.target.join("wine");
    let data = home.join("data");
    folder::clear(&data)?;
    fs::create_dir_all(&data).with_context(|| format!("`{}` cannot be made", data.display()))?;
    let client = free_address()?;
    fs::write(
        data.join("perpetua.toml"),
        settings(free_address()?, client),
    )?;

    wine::add_missing_dll(workspace, exe)?;
    let perpetuad = |arguments: &[&str]| {
        let mut command = wine.program(exe);
        command
            .arg("--data-dir")
            .arg(wine::windows_path(&data))
            .args(arguments);
        command
    };
    // A file, because what Wine leaves running for a while would keep our own output open.
    let log = home.join("perpetuad.log");
    let mut node = Node::start(perpetuad(&[]).stderr(File::create(&log)?))?;
    greet(&mut node, client, &mut perpetuad(&["token", "main/bot"])).with_context(|| {
        let log = fs::read_to_string(&log).unwrap_or_default();
        format!(
            "`{}` failed its trial under Wine, having logged:\n{log}",
            exe.display()
        )
    })
}

/// Has one client greeted, and the node end when it is asked to.
fn greet(node: &mut Node, client: SocketAddr, ask_token: &mut Command) -> Result<()> {
    node.wait_until_ready()?;
    let token = process::output(ask_token)?;
    let greeting = websocket::connect(client, token.trim())?.text()?;
    ensure!(
        greeting.contains("\"lifecycle\""),
        "the first frame is no greeting: `{greeting}`"
    );
    println!("a client was greeted under Wine: {greeting}");
    node.interrupt()
}

fn settings(api: SocketAddr, client: SocketAddr) -> String {
    format!(
        r#"secrets = "file"

[api]
listen = "{api}"

[[accounts]]
name = "main"
[accounts.upstream]
kind = "simulator"

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "{client}"
"#
    )
}

/// An address that nobody listens on just now.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}

/// The running node; killed when dropped early.
struct Node {
    process: Child,
    /// Gives the line that says it is ready, and closes when the node ends.
    ready: Receiver<String>,
}

impl Node {
    fn start(command: &mut Command) -> Result<Self> {
        let line = process::describe(command);
        eprintln!("$ {line}");
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{line}` could not be started"))?;
        let stdout = process
            .stdout
            .take()
            .context("the node's output is piped")?;
        let (sender, ready) = sync_channel(1);
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                println!("{line}");
                if line.starts_with(READY) {
                    // Nobody reads a second one, and nobody need.
                    let _ = sender.try_send(line);
                }
            }
        });
        Ok(Self { process, ready })
    }

    fn wait_until_ready(&self) -> Result<()> {
        match self.ready.recv_timeout(READY_LIMIT) {
            Ok(_) => Ok(()),
            Err(RecvTimeoutError::Timeout) => bail!("no line `{READY}…` within {READY_LIMIT:?}"),
            Err(RecvTimeoutError::Disconnected) => bail!("the node ended before it was ready"),
        }
    }

    /// Presses Ctrl+C, and expects the exit code 0 within the time that the node promises.
    fn interrupt(&mut self) -> Result<()> {
        // The shell has `kill` built in; the program is not on every machine.
        let id = self.process.id().to_string();
        process::run(Command::new("sh").args(["-c", "kill -INT \"$0\"", &id]))?;
        if self.ready.recv_timeout(EXIT_LIMIT) != Err(RecvTimeoutError::Disconnected) {
            bail!("the node did not end within {EXIT_LIMIT:?} of Ctrl+C");
        }
        let status = self.process.wait()?;
        ensure!(
            status.success(),
            "the node ended with {status} after Ctrl+C"
        );
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Both fail where it has ended and been waited for, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
