//! The first five minutes: from a program that was never started to a bot that answers, each way with
//! a stop-watch.

use std::time::Instant;

use anyhow::Result;
use fake_core::{Fault, Phone};
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::world::{LONG, World, core_section, github, quick};
use perpetua_e2e::{ScriptedUpstream, until};
use serde_json::json;

use crate::bot;

/// Nothing but an address that no other test has: as before a first start, there is no account.
const FRESH: &str = "[api]\nlisten = \"127.0.0.1:0\"\n";

/// So fast that the download of a core outlasts the steps that do not wait for it.
const BYTES_A_SECOND: u64 = 300_000;

/// What the stop-watch shows; the figures stand in README.
fn took(what: &str, begun: Instant) {
    eprintln!("{what} took {:.1} s", begun.elapsed().as_secs_f64());
}

#[tokio::test]
async fn the_simulator_to_the_first_reply() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(FRESH)?;
    let begun = Instant::now();
    let window = desktop.open().await?;
    window.sees("welcome.title").await?;
    window.press("welcome.simulator").await?;
    window.press("welcome.next").await?;
    window.sees("welcome.connect_which").await?;
    window.press_text("NoneBot2").await?;
    let _bot = bot::connect(&window, "echo").await?;
    window.press("talk.send").await?;
    window.sees_text("echo: /help").await?;
    took("simulator to the first reply", begun);
    window.press("welcome.done_to_chat").await?;
    window.is_below("/chat/").await?;
    window.sees_text("echo: /help").await
}

#[tokio::test]
async fn a_program_that_is_logged_in_to_the_first_reply() -> Result<()> {
    let mut program = ScriptedUpstream::start().await?;
    let desktop = Desktop::new().await?;
    desktop.write_settings(FRESH)?;
    let begun = Instant::now();
    let window = desktop.open().await?;
    window.press("welcome.program").await?;
    window.press("welcome.next").await?;
    window.fill("welcome.address", "ws://127.0.0.1:1/").await?;
    window.sees("welcome.use_all_the_same").await?;
    window.fill("welcome.address", &program.url()).await?;
    window.sees("welcome.token_right").await?;
    window.press("welcome.next").await?;
    window.press_text("NoneBot2").await?;
    let _bot = bot::connect(&window, "echo").await?;
    program.say("hello").await?;
    program.was_told("echo: hello").await?;
    took("existing program to the first reply", begun);
    window.press("welcome.done").await?;
    window.is_at("/").await
}

#[tokio::test]
async fn an_account_of_qq_from_the_core_to_online() -> Result<()> {
    let outside = World::new(&quick()).await?;
    let desktop = Desktop::new().await?;
    let sources = core_section(&[&github(&outside.releases)]);
    desktop.write_settings(&format!("{FRESH}{sources}"))?;
    let slow = Fault::Slow(BYTES_A_SECOND);
    outside.releases.every_download(Some(slow));

    let begun = Instant::now();
    let window = desktop.open().await?;
    window.press("welcome.qq").await?;
    window.press("welcome.next").await?;
    window.sees("welcome.core_title").await?;
    window.press("welcome.next").await?;
    window
        .fill("welcome.signer_address", &outside.signer.url())
        .await?;
    window.sees_text("3.2.15-30366").await?;
    window.press("welcome.next").await?;
    // The core begins when it is there; until then it can be told whom to listen to.
    let name = new_account(&desktop).await?;
    let qq = &outside.qq;
    qq.direct(&desktop.data().join("accounts").join(name), &quick())?;
    let mut core = qq.core_within(LONG).await?;
    core.qr_shown().await?;
    window.sees("qr.title").await?;
    window.sees_named("qr.code_label").await?;
    core.phone(Phone::Scan(None)).await?;
    window
        .sees_with("core.waiting_for_confirm_of", json!({ "who": quick().uin }))
        .await?;
    core.phone(Phone::Confirm).await?;
    window.sees("welcome.connect_which").await?;
    took("account of QQ to online, download and scan left out", begun);
    Ok(())
}

/// The name of the account that was added to the settings.
async fn new_account(desktop: &Desktop) -> Result<String> {
    until("an account in the settings", async || {
        let settings = std::fs::read_to_string(desktop.data().join("perpetua.toml"))?;
        let (_, accounts) = settings.split_once("[[accounts]]").unwrap_or_default();
        let name = accounts
            .split_once("name = \"")
            .and_then(|(_, rest)| rest.split_once('"'));
        Ok(name.map(|(name, _)| name.to_owned()))
    })
    .await
}
