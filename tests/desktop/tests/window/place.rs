//! Where the window stands.

use anyhow::Result;
use perpetua_desktop_tests::{Desktop, Place};
use perpetua_e2e::Settings;

#[tokio::test]
async fn the_window_stands_where_it_stood_and_inside_a_smaller_screen() -> Result<()> {
    let mut desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let place = Place {
        x: 210,
        y: 120,
        width: 900,
        height: 640,
    };
    let tray = desktop.tray().await?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    desktop.put_window(place).await?;
    tray.choose(&desktop.words().of("tray.quit")).await?;
    desktop.is_empty().await?;
    drop(window);

    let window = desktop.open().await?;
    desktop.window_is_at(place).await?;
    tray.choose(&desktop.words().of("tray.quit")).await?;
    desktop.is_empty().await?;
    drop(window);

    desktop.replace_screen("1000x700").await?;
    let _window = desktop.open().await?;
    let inside = Place {
        x: 100,
        y: 60,
        ..place
    };
    desktop.window_is_at(inside).await
}
