//! The end of the program: nothing of it is left.

use anyhow::Result;
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::Settings;
use perpetua_e2e::world::{World, confirming};
use perpetua_words::Message;

#[tokio::test]
async fn nothing_is_left_after_the_end_not_even_a_core() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let desktop = Desktop::new().await?;
    let tray = desktop.tray().await?;
    let folder = world.folder.path().display().to_string();
    let window = desktop.open_with(&["--data-dir", &folder]).await?;
    let core = world.online().await?;
    window.sees("overview.awaits_bot").await?;
    tray.choose(&desktop.words().of("tray.quit")).await?;
    desktop.is_empty().await?;
    perpetua_e2e::process::is_gone(core.pid()).await
}

#[tokio::test]
async fn a_bus_that_dies_ends_the_program_in_order_and_is_named() -> Result<()> {
    let mut desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    desktop.end_bus().await?;
    desktop.is_empty().await?;
    let log = desktop.log()?;
    let why = Message::from(perpetua_words::desktop::BusGone).to_string();
    assert!(log.contains(&why), "{log}");
    Ok(())
}

#[tokio::test]
async fn a_session_that_ends_ends_the_program_in_order() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    for process in desktop.processes() {
        if process.name == "perpetua" {
            process.terminate();
        }
    }
    desktop.is_empty().await
}
