//! Faults around the page.

use anyhow::Result;
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::{Settings, until};

#[tokio::test]
async fn a_page_whose_process_dies_comes_back() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    let before = desktop.picture().await?;
    let first = desktop.drawing().expect("something draws the page");
    first.kill();
    until("another process that draws", async || {
        Ok(desktop.drawing().filter(|process| *process != first))
    })
    .await?;
    // The driver has lost the page with its process, so the screen is looked at.
    shows(&desktop, &before).await
}

/// A process that draws has at least so many threads (15, seen on `WebKitGTK` 2.50), and one that begins one or two.
const DRAWING_THREADS: usize = 10;

#[tokio::test]
async fn a_page_that_dies_again_and_again_is_taken_apart_and_the_next_opening_works() -> Result<()>
{
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let tray = desktop.tray().await?;
    let mut notifications = desktop.notifications().await?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    let before = desktop.picture().await?;
    let mut died = Vec::new();
    for _ in 0..3 {
        let next = until("another process that draws", async || {
            Ok(desktop.drawing().filter(|process| !died.contains(process)))
        })
        .await?;
        // WebKit itself gives up when one dies that has not said who it is, which it does before it draws. The screen
        // may show what the former one drew.
        until("that it can draw", async || {
            Ok((next.threads() >= DRAWING_THREADS).then_some(()))
        })
        .await?;
        shows(&desktop, &before).await?;
        next.kill();
        died.push(next);
    }
    let told = desktop.words().of("notification.no_window");
    notifications.told(&told).await?;
    desktop.shows_windows(0).await?;
    tray.click().await?;
    desktop.shows_windows(1).await?;
    shows(&desktop, &before).await
}

/// Waits until the screen looks so again.
async fn shows(desktop: &Desktop, before: &[u8]) -> Result<()> {
    until("the page on the screen", async || {
        Ok(is_alike(before, &desktop.picture().await?).then_some(()))
    })
    .await
}

/// Whether two pictures show the same page: the time that it has run is another, and little else.
fn is_alike(one: &[u8], other: &[u8]) -> bool {
    let different = one
        .iter()
        .zip(other)
        .filter(|(one, other)| one != other)
        .count();
    one.len() == other.len() && different * 100 < one.len()
}
