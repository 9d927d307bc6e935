//! The keyboard alone: no click, and nothing that puts the focus anywhere but the keys that people have.

use anyhow::Result;
use fake_core::Phone;
use perpetua_desktop_tests::{DOWN, Desktop, ENTER};
use perpetua_e2e::world::{LONG, UIN, World, quick};
use perpetua_e2e::{ACCOUNT, Settings};
use serde_json::json;

#[tokio::test]
async fn a_client_is_added_by_keyboard_alone() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    window.tab_to("app.clients").await?;
    window.key(ENTER).await?;
    window.is_at("/clients").await?;
    window.tab_to("client.add").await?;
    window.key(' ').await?;
    window.sees("client.token_made").await?;
    // The dialog begins at the first framework; the arrow goes to the next one.
    window.has_focus("NoneBot2").await?;
    window.key(DOWN).await?;
    window.has_focus("Koishi").await?;
    window.tab_to("client.add_and_connect").await?;
    window.key(ENTER).await?;
    window.is_below(&format!("/clients/{ACCOUNT}/koishi")).await
}

#[tokio::test]
async fn an_account_is_logged_in_by_keyboard_alone() -> Result<()> {
    let world = World::new(&quick()).await?;
    let desktop = Desktop::new().await?;
    let folder = world.folder.path().display().to_string();
    let window = desktop.open_with(&["--data-dir", &folder]).await?;
    let mut core = world.qq.core_within(LONG).await?;
    core.qr_shown().await?;
    window
        .sees_with("overview.scan", json!({ "name": ACCOUNT }))
        .await?;
    window.tab_to("state.do_show_code").await?;
    window.key(ENTER).await?;
    window.is_at(&format!("/accounts/{ACCOUNT}/login")).await?;
    window.sees_named("qr.code_label").await?;
    core.phone(Phone::Scan(None)).await?;
    window
        .sees_with("core.waiting_for_confirm_of", json!({ "who": UIN }))
        .await?;
    core.phone(Phone::Confirm).await?;
    window.sees("qr.logged_in").await?;
    world.reaches("online").await?;
    window.tab_to("app.overview").await?;
    window.key(ENTER).await?;
    window.is_at("/").await?;
    window.sees("overview.awaits_bot").await
}
