//! Secrets stay in the keyring, and a keyring that does not answer keeps nobody waiting.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use perpetua_desktop_tests::{Desktop, Keyring};
use perpetua_e2e::Settings;
use perpetua_words::Language;

#[tokio::test]
async fn no_secret_of_the_keyring_is_in_any_file() -> Result<()> {
    let desktop = Desktop::new().await?;
    desktop.write_settings("[api]\nlisten = \"127.0.0.1:0\"\n")?;
    let window = desktop.open().await?;
    window.press("welcome.simulator").await?;
    window.press("welcome.next").await?;
    window.press_text("NoneBot2").await?;
    let _bot = crate::bot::connect(&window, "echo").await?;
    let secrets = desktop.secrets().await?;
    assert!(
        !secrets.is_empty(),
        "a client has a token, and it is in the keyring"
    );
    let mut seen = 0;
    for file in files_below(desktop.home())? {
        // A socket or a file that is gone by now.
        let Ok(bytes) = fs::read(&file) else { continue };
        seen += 1;
        for (name, secret) in &secrets {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_slice());
            assert!(!found, "`{name}` is in `{}`", file.display());
        }
    }
    assert!(seen > 0, "the program keeps files");
    Ok(())
}

#[tokio::test]
async fn a_silent_keyring_keeps_no_window_waiting() -> Result<()> {
    let settings = "[api]\nlisten = \"127.0.0.1:0\"\n\n[[accounts]]\nname = \"main\"\n\n[accounts.upstream]\nkind = \"simulator\"\n\n\
        [[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\n";
    let mut times = Vec::new();
    for keyring in [Keyring::Open, Keyring::Silent] {
        let desktop = Desktop::with(Language::English, keyring).await?;
        desktop.write_settings(settings)?;
        let begun = Instant::now();
        let _window = desktop.open().await?;
        times.push(begun.elapsed());
    }
    // What a machine that is busy with tests needs is measured beside it.
    assert!(times[1] < times[0] * 2, "{times:?}");
    Ok(())
}

#[tokio::test]
async fn a_silent_keyring_is_tried_again_or_left_for_a_file() -> Result<()> {
    let desktop = Desktop::with(Language::English, Keyring::Silent).await?;
    let settings = Settings::simulator().client("bot").to_string();
    desktop.write_settings(&settings.replace("secrets = \"file\"", "secrets = \"keyring\""))?;
    let window = desktop.open().await?;
    window.go("/clients/main/bot").await?;
    window.sees("state.keyring").await?;
    window.press("app.again").await?;
    window.sees("state.keyring").await?;
    window.press("problem.keyring_file").await?;
    window.sees("problem.keyring_file_meaning").await?;
    window.press("problem.keyring_file_do").await?;
    window.sees_no_more("state.keyring").await?;
    let file = desktop.data().join("secrets.json");
    perpetua_e2e::until("the token in the file", async || {
        Ok(file.exists().then_some(()))
    })
    .await?;
    let settings = fs::read_to_string(desktop.data().join("perpetua.toml"))?;
    assert!(settings.contains("secrets = \"file\""), "{settings}");
    Ok(())
}

#[tokio::test]
async fn without_a_keyring_the_program_works() -> Result<()> {
    let desktop = Desktop::with(Language::English, Keyring::Absent).await?;
    desktop.write_settings(&Settings::simulator().client("bot").to_string())?;
    let window = desktop.open().await?;
    window.sees_text("bot").await
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()? {
            kind if kind.is_dir() => files.extend(files_below(&entry.path())?),
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    Ok(files)
}
