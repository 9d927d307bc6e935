//! The program for Windows on a system without a web view, which Wine is.
//!
//! `cargo xtask check-windows` builds that program, names it, and runs these.
#![cfg(target_os = "linux")]

use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result};
use perpetua_desktop_tests::{Desktop, Keyring};
use perpetua_e2e::{DataFolder, Program, Settings, run, until_within};
use perpetua_words::Language;

/// Under Wine a program loads slowly on a busy machine.
const LIMIT: Duration = Duration::from_mins(2);

/// How `perpetuad` ends where no node answers.
const NO_NODE: i32 = 69;

#[tokio::test]
#[ignore = "it needs the program for Windows; `cargo xtask check-windows` builds it and runs this"]
async fn without_a_web_view_a_message_says_so_and_the_node_goes_on_until_quit() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let desktop = Desktop::with(Language::English, Keyring::Absent).await?;
    let mut perpetua = start(&desktop, &folder)?;
    until_within(LIMIT, "the message", async || {
        Ok(desktop.has_windows(1).await?.then_some(()))
    })
    .await?;
    until_within(LIMIT, "the node to answer", async || {
        let status = run(&folder, &["status", "--json"]).await?;
        Ok((status.code == Some(0)).then_some(()))
    })
    .await?;

    // Again, the log files, quit: the last of three.
    desktop.press_keys(&["Tab", "Tab", "space"]).await?;
    let ended = perpetua.ended(LIMIT).await?;
    assert!(ended.success(), "{ended}");
    let log = perpetua.stderr.text();
    assert!(log.contains("the program is ending"), "{log}");
    let status = run(&folder, &["status"]).await?;
    assert_eq!(status.code, Some(NO_NODE), "nobody answers: {status:?}");
    Ok(())
}

fn start(desktop: &Desktop, folder: &DataFolder) -> Result<Program> {
    let mut wine = desktop.command("wine");
    for name in ["WINEPREFIX", "WINEDEBUG"] {
        let value = env::var_os(name).with_context(|| format!("`{name}` is not set"))?;
        wine.env(name, value);
    }
    wine.arg(Desktop::program()?);
    wine.arg("--data-dir").arg(folder.path());
    Program::start("perpetua.exe", wine)
}
