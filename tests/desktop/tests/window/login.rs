//! Logging in with the window open, with a stand-in for the core that is led from here.

use anyhow::Result;
use fake_core::{Phone, Qq, Scenario, SessionFate};
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::world::{LONG, UIN, World, quick};
use perpetua_e2e::{ACCOUNT, until};
use serde_json::json;

#[tokio::test]
async fn a_code_is_scanned_and_after_a_kick_the_person_is_called_to_the_next() -> Result<()> {
    let world = World::new(&quick()).await?;
    let desktop = Desktop::new().await?;
    let tray = desktop.tray().await?;
    let mut notifications = desktop.notifications().await?;
    let folder = world.folder.path().display().to_string();
    let window = desktop.open_with(&["--data-dir", &folder]).await?;

    let mut core = world.qq.core_within(LONG).await?;
    core.qr_shown().await?;
    window
        .sees_with("overview.scan", json!({ "name": ACCOUNT }))
        .await?;
    window.press("state.do_show_code").await?;
    window.is_at(&format!("/accounts/{ACCOUNT}/login")).await?;
    window.sees("qr.title").await?;
    window.sees_named("qr.code_label").await?;
    core.phone(Phone::Scan(None)).await?;
    window
        .sees_with("core.waiting_for_confirm_of", json!({ "who": UIN }))
        .await?;
    core.phone(Phone::Confirm).await?;
    window.sees("qr.logged_in").await?;
    world.reaches("online").await?;

    window.close().await?;
    desktop.shows_windows(0).await?;
    world.direct(&Scenario {
        session: SessionFate::Dead,
        ..quick()
    })?;
    core.qq(Qq::Kick).await?;
    let mut core = world.qq.core_within(LONG).await?;
    core.qr_shown().await?;
    let told = notifications.told(ACCOUNT).await?;
    let (action, _) = told
        .actions
        .iter()
        .find(|(key, _)| key != "default")
        .expect("a way to the code");
    notifications.press(&told, action).await?;
    desktop.shows_windows(1).await?;
    window.is_at(&format!("/accounts/{ACCOUNT}/login")).await?;
    core.phone(Phone::Confirm).await?;
    window.sees("qr.logged_in").await?;
    let waits = desktop.words().of("overview.awaits_bot");
    until("a tray that says that only a bot is missing", async || {
        Ok(tray.tooltip().await?.contains(&waits).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_refusal_says_what_it_may_be_and_leads_to_another_try() -> Result<()> {
    let world = World::new(&quick()).await?;
    let desktop = Desktop::new().await?;
    let folder = world.folder.path().display().to_string();
    let window = desktop.open_with(&["--data-dir", &folder]).await?;
    let mut core = world.qq.core_within(LONG).await?;
    core.qr_shown().await?;
    let words = "登录失败，请前往QQ官网im.qq.com下载最新版QQ后重试";
    core.phone(Phone::Refused(45, "禁止登录".to_owned(), words.to_owned()))
        .await?;
    window.press("state.do_see_why").await?;
    window.sees("qr.refused").await?;
    window.sees("qr.cause_signer").await?;
    window.press("qr.again_as_it_is").await?;
    let mut core = world.qq.core_within(LONG).await?;
    core.qr_shown().await?;
    window.sees("qr.title").await?;
    core.phone(Phone::Confirm).await?;
    window.sees("qr.logged_in").await
}
