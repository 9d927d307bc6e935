//! The pages behind the first five minutes, walked in the window.

use anyhow::{Result, ensure};
use fake_core::SignerServer;
use perpetua_desktop_tests::{Desktop, ENTER, Window};
use perpetua_e2e::world::{LONG, World, quick};
use serde_json::{Value, json};

/// What the stand-in for a signer says it signs for.
const SIGNS_FOR: &str = "Linux 3.2.15-30366";
/// The ports that are lent for a while.
const PORTS: &str = "18100-18110";

#[tokio::test]
async fn signers_core_network_and_data_are_walked_and_what_is_changed_is_taken_back() -> Result<()>
{
    let world = World::new(&quick()).await?;
    let spare = SignerServer::start().await?;
    let desktop = Desktop::new().await?;
    let opened = desktop.catch_opened()?;
    let folder = world.folder.path().display().to_string();
    let window = desktop.open_with(&["--data-dir", &folder]).await?;
    // A core that shows a code has been installed.
    world.qq.core_within(LONG).await?.qr_shown().await?;
    signers(&window, &spare).await?;
    core(&window).await?;
    network(&window, &world).await?;
    window.press("settings.data").await?;
    window.is_at("/settings/data").await?;
    window.sees("settings.room_cores").await?;
    window.sees_text(&folder).await?;
    window.press("app.open").await?;
    opened.has(&folder).await
}

/// One is added by its address, becomes the first, and stands where it was.
async fn signers(window: &Window, spare: &SignerServer) -> Result<()> {
    window.press("app.signers").await?;
    window.is_at("/signers").await?;
    window.sees("signers.sees_title").await?;
    window.sees_text(SIGNS_FOR).await?;
    window.press("state.do_add_signer").await?;
    window.fill("welcome.signer_address", &spare.url()).await?;
    window.fill("signers.name", "spare").await?;
    let works = json!({ "version": SIGNS_FOR });
    window.sees_with("welcome.signer_signs", works).await?;
    window.key(ENTER).await?;
    let added = ("signers.what_added", json!({ "signer": "spare" }));
    says(window, "settings.saved", &added).await?;
    let menu = json!({ "signer": "spare" });
    let menu = window.words().with("signers.menu", &menu);
    window.press_text(&menu).await?;
    window.press("signers.move_up").await?;
    let moved = (
        "signers.what_moved",
        json!({ "signer": "spare", "place": 1 }),
    );
    says(window, "settings.saved", &moved).await?;
    window.press("app.undo").await?;
    says(window, "settings.undone", &moved).await
}

/// What is installed is as it was installed.
async fn core(window: &Window) -> Result<()> {
    window.press("app.core").await?;
    window.is_at("/core").await?;
    window.sees("cores.installed").await?;
    window.sees("cores.current").await?;
    window.sees("cores.sources").await?;
    window.press("cores.verify").await?;
    let said = window
        .words()
        .with("cores.unchanged", &json!({ "version": "" }));
    window.sees_text(said.trim()).await
}

/// Ports are lent, and then any again.
async fn network(window: &Window, world: &World) -> Result<()> {
    let settings = || std::fs::read_to_string(world.folder.path().join("perpetua.toml"));
    window.press("app.settings").await?;
    window.press("settings.network").await?;
    window.is_at("/settings/network").await?;
    window.sees("settings.only_here").await?;
    window.fill("settings.lease_ports", PORTS).await?;
    window.key(ENTER).await?;
    let lent = ("settings.what_lease_ports", json!({ "ports": PORTS }));
    says(window, "settings.saved", &lent).await?;
    ensure!(settings()?.contains(PORTS));
    window.press("app.undo").await?;
    says(window, "settings.undone", &lent).await?;
    ensure!(!settings()?.contains(PORTS));
    Ok(())
}

/// Waits until a change and what was done with it is read.
async fn says(window: &Window, code: &str, (what, params): &(&str, Value)) -> Result<()> {
    let what = window.words().with(what, params);
    window.sees_with(code, json!({ "what": what })).await
}
