//! Input methods of a program that comes as an image: those of the system that it runs on.

use anyhow::{Context as _, Result};
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::{Settings, until};

/// The image of the test has no input method; the one of the test's system that needs no server is asked for.
#[tokio::test]
async fn inside_an_image_the_input_methods_of_the_system_are_there() -> Result<()> {
    let program = Desktop::program()?;
    let image = program.parent().context("a folder")?;
    let list = image.join("usr/lib/gtk-3.0/3.0.0/immodules.cache");
    let desktop = Desktop::new().await?;
    let desktop = desktop
        .variable("APPDIR", &image.display().to_string())
        .variable("GTK_IM_MODULE_FILE", &list.display().to_string())
        .variable("GTK_IM_MODULE", "xim");
    desktop.write_settings(&Settings::simulator().to_string())?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    window.keys("a").await?;
    until("the system's input method", async || {
        let mut processes = desktop.processes().into_iter();
        let is_there = processes.any(|process| process.has_loaded("/immodules/im-xim.so"));
        Ok(is_there.then_some(()))
    })
    .await
}
