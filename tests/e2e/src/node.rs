//! The program under test: `perpetuad`, as a running node and as a command.

use std::io::{Seek as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_testkit::PATIENCE;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::{ACCOUNT, Answer, DataFolder, Footprint, Program, get, send_raw, until};

/// Names another `perpetuad` than the one that stands beside the tests, such as a release build.
const PROGRAM_VARIABLE: &str = "PERPETUA_TEST_PERPETUAD";

/// From the start to the ready line. Under Wine a program loads slowly on a busy machine.
const START_LIMIT: Duration = Duration::from_mins(2);

/// What a command may take that does not wait for anything; the same goes for it.
const COMMAND_LIMIT: Duration = Duration::from_mins(1);

/// A running node.
pub struct Node {
    program: Program,
    api: SocketAddr,
    folder: PathBuf,
}

impl Node {
    /// Starts a node on this folder and waits for its ready line.
    pub async fn start(folder: &DataFolder) -> Result<Self> {
        Self::start_with(folder, &[]).await
    }

    /// Starts a node with these environment variables.
    pub async fn start_with(folder: &DataFolder, environment: &[(&str, &str)]) -> Result<Self> {
        let mut command = command(folder)?;
        command.envs(environment.iter().copied());
        Self::ready(folder, command).await
    }

    /// Starts a node through another program, which may give it a world of its own. What is told to this node is
    /// told to that program.
    pub async fn start_through(folder: &DataFolder, program: &[&str]) -> Result<Self> {
        Self::ready(folder, through(folder, program)?).await
    }

    async fn ready(folder: &DataFolder, command: Command) -> Result<Self> {
        let mut program = Program::start("perpetuad", command)?;
        let line = program
            .stdout
            .next_where("the ready line", START_LIMIT, |line| {
                line.starts_with("ready ")
            })
            .await?;
        let api = line
            .strip_prefix("ready api=http://")
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("the ready line names no address: `{line}`"))?;
        Ok(Self {
            program,
            api,
            folder: folder.path().to_owned(),
        })
    }

    /// The address of its HTTP side.
    pub fn api(&self) -> SocketAddr {
        self.api
    }

    /// Where a client of [`ACCOUNT`] is to connect, as soon as the node listens there.
    pub async fn client(&self, client: &str) -> Result<SocketAddr> {
        self.client_of(ACCOUNT, client).await
    }

    /// Where a client of this account is to connect, as soon as the node listens there.
    pub async fn client_of(&self, account: &str, client: &str) -> Result<SocketAddr> {
        until(&format!("`{account}/{client}` to listen"), async || {
            let status = self.status().await?;
            listens(&named(&named(&status["accounts"], account)["clients"], client)["listen"])
        })
        .await
    }

    /// Where the upstream of [`ACCOUNT`] is to dial us, as soon as the node listens there.
    pub async fn upstream(&self) -> Result<SocketAddr> {
        self.upstream_of(ACCOUNT).await
    }

    /// Where the upstream of this account is to dial us, as soon as the node listens there.
    pub async fn upstream_of(&self, account: &str) -> Result<SocketAddr> {
        until("the account to listen for its upstream", async || {
            let status = self.status().await?;
            listens(&named(&status["accounts"], account)["upstream"]["address"])
        })
        .await
    }

    /// Waits for a line of its log that contains `text`, and gives it.
    pub async fn logged(&mut self, text: &str) -> Result<String> {
        self.program
            .stderr
            .next_where(&format!("`{text}` in the log"), PATIENCE, |line| {
                line.contains(text)
            })
            .await
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        self.program.stderr.text()
    }

    /// Waits until `/healthz` says `text`, in whatever case, and gives the answer that did.
    pub async fn health_says(&self, text: &str) -> Result<Answer> {
        until(&format!("`{text}` in `/healthz`"), async || {
            let answer = get(self.api, "/healthz", &[]).await?;
            let said = answer.body.to_lowercase().contains(&text.to_lowercase());
            Ok(said.then_some(answer))
        })
        .await
    }

    /// Waits until `/healthz` has nothing to complain about.
    pub async fn is_healthy(&self) -> Result<()> {
        until("a healthy node", async || {
            let answer = get(self.api, "/healthz", &[]).await?;
            Ok((answer.status == 200).then_some(()))
        })
        .await
    }

    /// Kills it, and waits for its end.
    pub async fn kill(mut self) -> Result<()> {
        fake_core::kill(self.id()?).await?;
        self.ended(PATIENCE).await.map(drop)
    }

    /// How it stands, as `perpetuad status --json` tells.
    pub async fn status(&self) -> Result<Value> {
        let mut command = command_on(&self.folder)?;
        command.args(["status", "--json"]);
        finish(command).await?.json()
    }

    /// How a client of [`ACCOUNT`] stands; `null` where the node knows none of this name.
    pub async fn client_status(&self, client: &str) -> Result<Value> {
        let status = self.status().await?;
        Ok(named(&named(&status["accounts"], ACCOUNT)["clients"], client).clone())
    }

    /// What its process holds; `None` where that cannot be measured.
    pub fn footprint(&self) -> Result<Option<Footprint>> {
        Footprint::of(self.program.id()?)
    }

    /// Its process id; fails when it has ended.
    pub fn id(&self) -> Result<u32> {
        self.program.id()
    }

    /// Asks it to end, and does not wait.
    pub async fn terminate(&self) -> Result<()> {
        self.program.terminate().await
    }

    /// Presses Ctrl+C, and does not wait.
    #[cfg(unix)]
    pub async fn interrupt(&self) -> Result<()> {
        self.program.interrupt().await
    }

    /// Waits until it has ended, at most for `limit`.
    pub async fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.program.ended(limit).await
    }
}

/// How a command ended, and what it wrote.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Finished {
    /// Its standard output as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("not JSON: {self:?}"))
    }

    /// Fails unless it ended with this code, and its standard error contains all these texts.
    pub fn refused_with(&self, code: i32, texts: &[&str]) -> Result<()> {
        ensure!(
            self.code == Some(code),
            "exit code {code} was expected: {self:#?}"
        );
        for text in texts {
            ensure!(
                self.stderr.contains(text),
                "the error does not say `{text}`: {self:#?}"
            );
        }
        Ok(())
    }
}

/// Runs `perpetuad --data-dir FOLDER` with these arguments to its end.
pub async fn run(folder: &DataFolder, arguments: &[&str]) -> Result<Finished> {
    let mut command = command(folder)?;
    command.args(arguments);
    finish(command).await
}

/// Runs `perpetuad --data-dir FOLDER` through another program to its end.
pub async fn run_through(folder: &DataFolder, program: &[&str]) -> Result<Finished> {
    finish(through(folder, program)?).await
}

fn through(folder: &DataFolder, program: &[&str]) -> Result<Command> {
    let node = command(folder)?;
    let node = node.as_std();
    let (first, arguments) = program.split_first().context("no program")?;
    let mut command = Command::new(first);
    command.args(arguments).arg(node.get_program());
    command.args(node.get_args());
    let variables = node.get_envs();
    command.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    Ok(command)
}

/// Runs `perpetuad --data-dir FOLDER` with these arguments and this standard input to its end.
pub async fn run_with_input(
    folder: &DataFolder,
    arguments: &[&str],
    input: impl AsRef<[u8]>,
) -> Result<Finished> {
    let mut file = tempfile::tempfile().context("cannot make the input")?;
    file.write_all(input.as_ref())?;
    file.rewind()?;
    let mut command = command(folder)?;
    command.args(arguments).stdin(file);
    finish(command).await
}

/// Starts `perpetuad --data-dir FOLDER` with these arguments, for commands that a test talks with.
pub fn start_command(folder: &DataFolder, arguments: &[&str]) -> Result<Program> {
    let mut command = command(folder)?;
    command.args(arguments);
    Program::start(&format!("perpetuad {}", arguments.join(" ")), command)
}

/// Starts `perpetuad --data-dir FOLDER` with these arguments in a terminal of its own; both its streams come on the
/// one of the terminal. Once it has ended, what it ended with and how the terminal is set is written there.
#[cfg(target_os = "linux")]
pub fn start_in_terminal(folder: &DataFolder, arguments: &[&str]) -> Result<Program> {
    let command = command(folder)?;
    let program = command.as_std().get_program().to_string_lossy();
    let own = command.as_std().get_args().map(|one| one.to_string_lossy());
    let words = std::iter::once(program).chain(own);
    let words = words.chain(arguments.iter().map(|one| (*one).into()));
    let quoted: Vec<String> = words.map(|word| format!("'{word}'")).collect();
    let line = format!("{}; echo ended with $?; stty -a", quoted.join(" "));
    let mut terminal = Command::new("script");
    terminal.args([
        "--quiet",
        "--echo",
        "always",
        "--command",
        &line,
        "/dev/null",
    ]);
    let variables = command.as_std().get_envs();
    terminal.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    Program::start(&format!("perpetuad {}", arguments.join(" ")), terminal)
}

/// Runs `perpetuad` with these arguments and nothing else to its end.
pub async fn run_bare(arguments: &[&str]) -> Result<Finished> {
    let mut command = Command::new(perpetuad()?);
    command.args(arguments);
    finish(command).await
}

/// What a node whose API is there answers to a call of the control RPC.
pub async fn rpc(folder: &DataFolder, api: SocketAddr, name: &str, body: &Value) -> Result<Value> {
    let session = std::fs::read(folder.path().join("run").join("session.json"))?;
    let session: Value = serde_json::from_slice(&session)?;
    let token = session["token"].as_str().context("a token")?;
    let body = body.to_string();
    let length = body.len();
    let request = format!(
        "POST /rpc/{name} HTTP/1.1\r\nHost: {api}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let answer = send_raw(api, request.as_bytes())
        .await?
        .context("an answer")?;
    ensure!(answer.status == 200, "{answer:?}");
    answer.json()
}

/// `perpetuad say`: a simulated person speaks.
pub async fn say(folder: &DataFolder, place: &str, text: &str) -> Result<()> {
    let said = run(folder, &["say", place, text]).await?;
    ensure!(said.code == Some(0), "`perpetuad say` failed: {said:?}");
    Ok(())
}

/// `perpetuad watch`: a line for each thing that bots do.
pub struct Watch {
    program: Program,
}

impl Watch {
    /// Starts watching the node on this folder; what happens from now on is seen.
    pub async fn start(folder: &DataFolder) -> Result<Self> {
        let mut command = command(folder)?;
        command.arg("watch");
        let mut program = Program::start("perpetuad watch", command)?;
        let begun = |line: &str| line.contains("watching");
        program
            .stderr
            .next_where("that it watches", PATIENCE, begun)
            .await?;
        Ok(Self { program })
    }

    /// Waits for a line that contains `text`.
    pub async fn saw(&mut self, text: &str) -> Result<String> {
        self.program
            .stdout
            .next_where(&format!("`{text}` from a bot"), PATIENCE, |line| {
                line.contains(text)
            })
            .await
    }
}

async fn finish(mut command: Command) -> Result<Finished> {
    let output = timeout(COMMAND_LIMIT, command.kill_on_drop(true).output())
        .await
        .with_context(|| {
            format!(
                "{:?} was still running after {COMMAND_LIMIT:?}",
                command.as_std()
            )
        })?
        .context("cannot run `perpetuad`")?;
    Ok(Finished {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

pub(crate) fn command(folder: &DataFolder) -> Result<Command> {
    let mut command = command_on(folder.path())?;
    let variables = folder.variables().iter();
    command.envs(variables.map(|(name, value)| (*name, value)));
    Ok(command)
}

fn command_on(folder: &Path) -> Result<Command> {
    let mut command = Command::new(perpetuad()?);
    // Sentences are asserted on in English, whatever this machine speaks.
    command.env("LC_ALL", "C.UTF-8");
    command.arg("--data-dir").arg(folder);
    Ok(command)
}

/// The entry of a list that has this name; `null` without one.
fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let mut entries = list.as_array().into_iter().flatten();
    entries
        .find(|entry| entry["name"] == name)
        .unwrap_or(&Value::Null)
}

/// An address of the status; `None` while nobody listens.
fn listens(told: &Value) -> Result<Option<SocketAddr>> {
    let told = told.as_str().map(|told| told.trim_start_matches("ws://"));
    let address = told.map(|told| told.split_once('/').map_or(told, |(before, _)| before));
    let address = address.map(str::parse);
    address
        .transpose()
        .with_context(|| format!("no address: {told:?}"))
}

/// The program under test: beside the tests, in cargo's target folder. It is built if it is missing; that
/// it is fresh is the business of `cargo xtask test`, which builds it first.
fn perpetuad() -> Result<PathBuf> {
    match std::env::var_os(PROGRAM_VARIABLE) {
        Some(named) => Ok(PathBuf::from(named)),
        None => beside_the_tests(),
    }
}

fn beside_the_tests() -> Result<PathBuf> {
    let test = std::env::current_exe().context("cannot find this test's own file")?;
    // A test stands in `<target>/<profile>/deps`, a program one folder above.
    let folder = test
        .ancestors()
        .nth(2)
        .context("this test stands in no target folder")?;
    let program = folder.join(format!("perpetuad{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = std::process::Command::new(cargo)
            .args(["build", "--package", "perpetuad"])
            .status()
            .context("cannot run `cargo build --package perpetuad`")?;
        ensure!(built.success(), "`cargo build --package perpetuad` failed");
    }
    ensure!(
        program.exists(),
        "`{}` does not exist; build it with `cargo build --package perpetuad`",
        program.display()
    );
    Ok(program)
}
