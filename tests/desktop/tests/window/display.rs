//! Without a display, or with one that goes.

use std::time::Duration;

use anyhow::Result;
use perpetua_desktop_tests::{Desktop, Keyring, logged};
use perpetua_e2e::world::{World, confirming};
use perpetua_e2e::{ACCOUNT, SdkSession, until};
use perpetua_testkit::PATIENCE;
use perpetua_words::Language;

#[tokio::test]
async fn without_a_screen_it_says_what_is_there_for_servers() -> Result<()> {
    for language in [Language::English, Language::Chinese] {
        for display in ["", ":4711"] {
            let desktop = Desktop::with(language, Keyring::Absent).await?;
            let desktop = desktop.variable("DISPLAY", display);
            let mut program = desktop.start(&["--minimised"])?;
            let status = program.ended(PATIENCE).await?;
            assert_eq!(status.code(), Some(69));
            let told = program.stderr.text();
            let sentence = perpetua_words::Message::from(perpetua_words::desktop::NoScreen);
            assert!(told.contains(&sentence.in_language(language)), "{told}");
            assert!(
                told.contains("perpetuad") && !told.contains("panicked"),
                "{told}"
            );
            desktop.is_empty().await?;
            assert!(!desktop.data().exists(), "it has begun nothing");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_display_that_dies_ends_the_program_in_order() -> Result<()> {
    let world = World::with(&confirming(), |settings| settings.open_client("open")).await?;
    let mut desktop = Desktop::new().await?;
    let folder = world.folder.path().display().to_string();
    let window = desktop.open_with(&["--data-dir", &folder]).await?;
    let core = world.online().await?;
    window.sees("overview.awaits_bot").await?;
    let listens = until("the client's port", async || {
        let status = world.command(&["status", "--json"]).await?;
        let status: serde_json::Value = serde_json::from_str(&status)?;
        let clients = status["accounts"][0]["clients"].as_array().cloned();
        let mut clients = clients.unwrap_or_default().into_iter();
        let open = clients.find(|client| client["name"] == "open");
        let listen = open.and_then(|open| open["listen"].as_str()?.parse().ok());
        Ok(listen)
    })
    .await?;
    let mut client = SdkSession::connect(listens, None).await?;
    let before = std::fs::read_to_string(world.folder.settings_path())?;

    desktop.end_screen().await?;
    // Going away, and not a connection that breaks.
    assert_eq!(client.ended(Duration::from_secs(20)).await?, Some(1001));
    desktop.is_empty().await?;
    perpetua_e2e::process::is_gone(core.pid()).await?;
    assert_eq!(
        std::fs::read_to_string(world.folder.settings_path())?,
        before
    );
    let log = logged(world.folder.path())?;
    let last = "the program has ended without its display";
    assert!(log.contains(last), "the last lines are lost: {log}");
    drop(window);

    desktop.replace_screen("1280x900").await?;
    let window = desktop.open_with(&["--data-dir", &folder]).await?;
    let _core = world.online().await?;
    window.sees_text(ACCOUNT).await
}
