//! A start with the session: no window, until somebody wants one or something is wrong.

use std::net::TcpListener;

use anyhow::{Context as _, Result};
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::{DataFolder, Node, Settings, until};
use perpetua_testkit::PATIENCE;
use serde_json::Value;

#[tokio::test]
async fn a_start_with_the_session_serves_without_a_window_and_a_second_start_shows_one()
-> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let tray = desktop.tray().await?;
    let _program = desktop.start(&["--minimised"])?;
    let waits = desktop.words().of("overview.awaits_bot");
    until("a tray that says that only a bot is missing", async || {
        Ok(tray.tooltip().await?.contains(&waits).then_some(()))
    })
    .await?;
    let session = std::fs::read(desktop.data().join("run").join("session.json"));
    let session: Value = serde_json::from_slice(&session.context("a session file")?)?;
    let api = session["api"].as_str().context("an address")?;
    let api = api.trim_start_matches("http://").parse()?;
    assert_eq!(perpetua_e2e::get(api, "/healthz", &[]).await?.status, 200);
    desktop.shows_windows(0).await?;
    assert!(!desktop.draws(), "a page is there that nobody sees");

    let mut second = desktop.start(&[])?;
    assert!(second.ended(PATIENCE).await?.success());
    desktop.shows_windows(1).await
}

#[tokio::test]
async fn a_start_with_the_session_that_fails_shows_why() -> Result<()> {
    let taken = TcpListener::bind(("127.0.0.1", 0))?;
    let address = taken.local_addr()?.to_string();
    let port_taken = Settings::simulator().api(&address).to_string();
    let broken_line = format!("{}nonsense = [\n", Settings::simulator());
    for settings in [port_taken, broken_line] {
        let desktop = Desktop::new().await?;
        desktop.write_settings(&settings)?;
        // With a tray that shows the icon, nothing else would bring the window.
        let _tray = desktop.tray().await?;
        let window = desktop.open_with(&["--minimised"]).await?;
        window.sees("app.cannot_start").await?;
        desktop.shows_windows(1).await?;
    }
    let folder = DataFolder::with(&Settings::simulator())?;
    let _node = Node::start(&folder).await?;
    let desktop = Desktop::new().await?;
    let _tray = desktop.tray().await?;
    let path = folder.path().display().to_string();
    let window = desktop
        .open_with(&["--minimised", "--data-dir", &path])
        .await?;
    window.sees("app.use_running").await
}

mod long {
    use std::time::Duration;

    use super::*;

    /// More than a window waits for a panel that shows no icon.
    const PANEL_LIMIT: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn no_window_comes_later_while_a_panel_shows_the_icon() -> Result<()> {
        let desktop = Desktop::new().await?;
        desktop.write_settings(&Settings::simulator().to_string())?;
        let tray = desktop.tray().await?;
        let _program = desktop.start(&["--minimised"])?;
        let waits = desktop.words().of("overview.awaits_bot");
        until("a tray that says that only a bot is missing", async || {
            Ok(tray.tooltip().await?.contains(&waits).then_some(()))
        })
        .await?;
        tokio::time::sleep(PANEL_LIMIT).await;
        desktop.shows_windows(0).await
    }
}
