//! The window goes away and comes back; the program stays one.

use anyhow::Result;
use perpetua_desktop_tests::{Desktop, Process, Words};
use perpetua_e2e::{Settings, until};
use perpetua_testkit::PATIENCE;
use perpetua_words::Language;

#[tokio::test]
async fn a_closed_window_stays_in_the_tray_and_says_so_once() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let tray = desktop.tray().await?;
    let mut notifications = desktop.notifications().await?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    assert!(
        tray.tooltip()
            .await?
            .contains(&desktop.words().of("overview.awaits_bot"))
    );

    let hidden = desktop.words().of("notification.hidden");
    window.close().await?;
    desktop.shows_windows(0).await?;
    notifications.told(&hidden).await?;
    tray.click().await?;
    desktop.shows_windows(1).await?;

    window.close().await?;
    desktop.shows_windows(0).await?;
    tray.choose(&desktop.words().of("tray.open")).await?;
    desktop.shows_windows(1).await?;
    assert!(
        notifications.unread().is_empty(),
        "told once: {:?}",
        notifications.unread()
    );
    Ok(())
}

#[tokio::test]
async fn without_a_tray_a_closed_window_is_only_minimised() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let mut notifications = desktop.notifications().await?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    window.close().await?;
    notifications
        .told(&desktop.words().of("notification.minimised"))
        .await?;
    assert_eq!(
        desktop
            .processes()
            .iter()
            .filter(|one| one.name == "perpetua")
            .count(),
        1
    );
    // That nobody shows icons was asked several times by now, and is told once.
    let log = desktop.log()?;
    assert_eq!(log.matches("nobody shows tray icons").count(), 1, "{log}");
    let zbus = |line: &&str| line.contains("WARN") && line.contains("zbus");
    assert_eq!(log.lines().find(zbus), None);
    Ok(())
}

#[tokio::test]
async fn a_second_start_shows_the_first_window() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let _tray = desktop.tray().await?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    let first = desktop.processes();
    window.close().await?;
    desktop.shows_windows(0).await?;

    let mut second = desktop.start(&[])?;
    let status = second.ended(PATIENCE).await?;
    assert!(status.success(), "{status}");
    desktop.shows_windows(1).await?;
    let programs = |all: &[Process]| {
        let mut ids: Vec<_> = all
            .iter()
            .filter(|one| one.name == "perpetua")
            .map(|one| one.id)
            .collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(programs(&desktop.processes()), programs(&first));
    Ok(())
}

#[tokio::test]
async fn a_window_that_is_hidden_for_long_is_taken_apart_and_comes_back_with_what_is_true_now()
-> Result<()> {
    let desktop = Desktop::new().await?;
    let desktop = desktop.variable("PERPETUA_HIDDEN_WINDOW_SECONDS", "1");
    let settings = Settings::simulator();
    desktop.write_settings(&settings.to_string())?;
    let tray = desktop.tray().await?;
    let window = desktop.open().await?;
    window.press("app.clients").await?;
    window.is_at("/clients").await?;
    window.close().await?;
    until("the end of what draws the page", async || {
        Ok((!desktop.draws()).then_some(()))
    })
    .await?;
    assert!(!desktop.processes().is_empty(), "the program goes on");
    desktop.write_settings(&settings.client("latecomer").to_string())?;
    until("the new client in the tray's menu", async || {
        let menu = format!("{:?}", tray.menu().await?);
        Ok(menu.contains("latecomer").then_some(()))
    })
    .await?;
    tray.click().await?;
    desktop.shows_windows(1).await?;
    window.take_new().await?;
    window.is_at("/clients").await?;
    window.press_text("latecomer").await?;
    window.is_below("/clients/main/latecomer").await
}

#[tokio::test]
async fn hiding_and_showing_again_and_again_leaves_nothing_behind() -> Result<()> {
    /// Enough that a thread or a file for each time would be seen.
    const TIMES: usize = 50;
    /// What may be there at one moment and not at another: workers that come and go.
    const SLACK: usize = 10;
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let tray = desktop.tray().await?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    let mut first = None;
    for _ in 0..TIMES {
        window.close().await?;
        desktop.shows_windows(0).await?;
        tray.click().await?;
        desktop.shows_windows(1).await?;
        first.get_or_insert_with(|| desktop.footprint());
    }
    let (first, last) = (first.expect("it was shown"), desktop.footprint());
    assert_eq!(last.processes, first.processes);
    assert!(last.threads <= first.threads + SLACK, "{first:?} {last:?}");
    assert!(last.files <= first.files + SLACK, "{first:?} {last:?}");
    window.press("app.clients").await?;
    window.is_at("/clients").await
}

#[tokio::test]
async fn what_is_set_survives_a_restart() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let tray = desktop.tray().await?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    window.press("app.settings").await?;
    window.press_text("简体中文").await?;
    let chinese = Words(Language::Chinese);
    window
        .sees_text(&chinese.of("settings.language_meaning"))
        .await?;
    // The tray speaks it too.
    tray.choose(&chinese.of("tray.quit")).await?;
    desktop.is_empty().await?;

    let window = desktop.open().await?;
    window.sees_text(&chinese.of("overview.awaits_bot")).await
}
