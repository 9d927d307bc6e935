//! A node that cannot start: the window opens all the same, says it, and leads out.

use std::net::TcpListener;

use anyhow::Result;
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::{DataFolder, Node, Settings};
use serde_json::json;

#[tokio::test]
async fn a_taken_port_is_changed_for_a_free_one() -> Result<()> {
    let taken = TcpListener::bind(("127.0.0.1", 0))?;
    let address = taken.local_addr()?.to_string();
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().api(&address).to_string())?;
    let window = desktop.open().await?;
    window.sees("app.cannot_start").await?;
    window.sees_text(&address).await?;
    window.press("app.other_port").await?;
    window.sees("overview.awaits_bot").await?;
    let settings = std::fs::read_to_string(desktop.data().join("perpetua.toml"))?;
    assert!(!settings.contains(&address), "{settings}");
    Ok(())
}

#[tokio::test]
async fn a_folder_in_use_makes_the_window_one_of_the_running_program() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let mut node = Node::start(&folder).await?;
    let desktop = Desktop::new().await?;
    let path = folder.path().display().to_string();
    let window = desktop.open_with(&["--data-dir", &path]).await?;
    window.sees("app.cannot_start").await?;
    window.press("app.use_running").await?;
    window.sees("overview.awaits_bot").await?;
    // It ends, and nobody is told that all is well.
    node.terminate().await?;
    node.ended(perpetua_testkit::PATIENCE).await?;
    window.sees_no_more("overview.awaits_bot").await
}

#[tokio::test]
async fn a_broken_line_of_the_settings_is_opened_and_mended() -> Result<()> {
    let desktop = Desktop::new().await?;
    let opened = desktop.catch_opened()?;
    let good = Settings::simulator().to_string();
    let line = good.lines().count() + 1;
    desktop.write_settings(&format!("{good}nonsense = [\n"))?;
    let window = desktop.open().await?;
    window.sees("app.cannot_start").await?;
    window
        .press_text(
            &window
                .words()
                .with("app.open_settings_line", &json!({ "line": line })),
        )
        .await?;
    opened.has(&format!("perpetua.toml:{line}")).await?;
    desktop.write_settings(&good)?;
    window.press("app.again").await?;
    window.sees("overview.awaits_bot").await
}
