//! What is no file in the place of one that a node reads: it starts, or says at once why not.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, start_command, until};
use perpetua_testkit::PATIENCE;

/// The files of a data folder that are read at a start, and one that the settings name.
const FILES: [&str; 7] = [
    "perpetua.toml",
    "state.json",
    "secrets.json",
    "made-secrets.json",
    "accounts.json",
    "sessions.json",
    "token.txt",
];

type Put = fn(&Path) -> Result<()>;

/// What stands there instead, by its name.
const INSTEAD: [(&str, Put); 4] = [
    ("a pipe", |path| {
        let made = Command::new("mkfifo").arg(path).status()?;
        ensure!(made.success(), "no pipe");
        Ok(())
    }),
    // One of the test's own, which only root can make: whoever writes there must not reach the system's.
    ("an endless device", |path| {
        let path = path.to_str().context("a path that is text")?;
        let is_made = Command::new("mknod")
            .args([path, "c", "1", "5"])
            .status()?
            .success();
        let made = if is_made {
            is_made
        } else {
            Command::new("mkfifo").arg(path).status()?.success()
        };
        ensure!(made, "no device");
        Ok(())
    }),
    ("a socket", |path| {
        std::os::unix::net::UnixListener::bind(path)?;
        Ok(())
    }),
    ("a folder", |path| Ok(fs::create_dir(path)?)),
];

/// A node starts on the folder, or ends with words.
async fn starts_or_says_why(folder: &DataFolder) -> Result<()> {
    let mut program = start_command(folder, &[])?;
    let is_ready = |line: &str| line.starts_with("ready");
    let ready = program.stdout.next_where("ready", PATIENCE, is_ready).await;
    if ready.is_ok() {
        program.terminate().await?;
        let ended = program.ended(PATIENCE).await?;
        ensure!(ended.success(), "it ended with {ended}");
        return Ok(());
    }
    let ended = program.ended(PATIENCE).await;
    let ended = ended.context("it neither starts nor ends")?;
    let (code, said) = (ended.code(), program.stderr.text());
    ensure!(
        matches!(code, Some(64 | 69)),
        "it ended with {ended}: {said}"
    );
    ensure!(said.contains("perpetuad: "), "nothing is said: {said}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_waited_for_that_is_no_file() -> Result<()> {
    for file in FILES {
        for (what, put) in INSTEAD {
            let settings = Settings::simulator()
                .client_with("bot", "token = { file = \"token.txt\" }")
                .open_client("witness");
            let folder = DataFolder::with(&settings)?;
            let path = folder.path().join(file);
            let _ = fs::remove_file(&path);
            put(&path)?;
            let started = starts_or_says_why(&folder).await;
            started.with_context(|| format!("{what} as `{file}`"))?;
        }
    }
    Ok(())
}

/// The client whose token it is says so, and nobody else notices.
#[tokio::test]
async fn a_token_that_is_no_file_is_told_beside_its_client() -> Result<()> {
    for (what, put) in INSTEAD {
        let settings = Settings::simulator()
            .client_with("bot", "token = { file = \"token.txt\" }")
            .open_client("witness");
        let folder = DataFolder::with(&settings)?;
        put(&folder.path().join("token.txt"))?;
        let node = Node::start(&folder).await?;
        node.client("witness").await?;
        let told = until("that the token cannot be read", async || {
            let told = node.client_status("bot").await?;
            let problem = told["problem"].to_string();
            Ok(problem.contains("token.txt").then_some(problem))
        });
        told.await.with_context(|| what.to_owned())?;
    }
    Ok(())
}
