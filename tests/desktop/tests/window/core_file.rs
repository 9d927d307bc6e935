//! A core from a file that is chosen in the system's own dialog.

use anyhow::Result;
use fake_core::Build;
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::until;
use perpetua_e2e::world::{LONG, World, quick};

#[tokio::test]
async fn a_file_is_chosen_in_the_systems_dialog_and_compared() -> Result<()> {
    let world = World::new(&quick()).await?;
    let desktop = Desktop::new().await?;
    let folder = world.folder.path().display().to_string();
    let window = desktop.open_with(&["--data-dir", &folder]).await?;
    // The one that the account needs has been installed.
    world.qq.core_within(LONG).await?.qr_shown().await?;
    let packed = world.archives.pack_here(&Build::numbered(9))?;
    let path = desktop.home().join("core.tar.gz");
    std::fs::write(&path, &packed.bytes)?;
    window.press("app.core").await?;
    window.press("cores.import").await?;
    window.press("cores.choose").await?;
    let title = desktop.words().of("desktop.choose_core");
    desktop
        .choose_file(&title, &path.display().to_string())
        .await?;
    window.sees("setup.unconfirmed").await?;
    let asked = until("the question", async || {
        let job = world.cores().await?["job"].clone();
        Ok((job["state"] == "unconfirmed").then_some(job))
    });
    assert_eq!(asked.await?["sha256"], packed.sha256.as_str());
    Ok(())
}
