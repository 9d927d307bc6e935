//! The icon on a real panel, worked by the mouse.

use anyhow::Result;
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::Settings;

#[tokio::test]
async fn a_click_on_the_panel_shows_the_window_and_its_menu_quits() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let panel = desktop.panel().await?;
    let _program = desktop.start(&["--minimised"])?;
    panel.has_icons(1).await?;
    panel.click(async || desktop.has_windows(1).await).await?;
    panel
        .choose_last(async || Ok(desktop.processes().is_empty()))
        .await
}
