//! Secrets that are typed at a terminal, which shows them to nobody.

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Settings, start_in_terminal};
use perpetua_testkit::PATIENCE;

/// Types at `secret set`; gives everything that the terminal showed, and what is stored then.
async fn typed(keys: &str) -> Result<(String, String)> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let mut program = start_in_terminal(&folder, &["secret", "set", "mine"])?;
    let asked = |line: &str| line.contains("type the secret");
    program
        .stdout
        .next_where("the question", PATIENCE, asked)
        .await?;
    // One more line end than was typed: the shell after it has it.
    program.write_line(keys).await?;
    let restored = |line: &str| line.contains("icanon");
    program
        .stdout
        .next_where("how the terminal is set", PATIENCE, restored)
        .await?;
    let ended = program.ended(PATIENCE).await;
    let screen = program.stdout.text();
    ended?;
    let stored = std::fs::read_to_string(folder.path().join("secrets.json"));
    Ok((screen, stored.unwrap_or_default()))
}

/// The terminal is as it was before.
fn is_restored(screen: &str) -> Result<()> {
    for mode in ["isig", "icanon", "echo"] {
        let is_set = screen.split_whitespace().any(|word| word == mode);
        ensure!(is_set, "not `{mode}`: {screen}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_typed_is_stored_and_never_shown() -> Result<()> {
    for (keys, what) in [
        ("hunter2-hunter2", "Enter"),
        ("hunter2-hunter2\r", "Enter of a terminal"),
        ("hunter2-hunter2\u{4}", "Ctrl+D"),
        ("mistaken\u{15}hunter2-hunter2", "Ctrl+U"),
        ("hunter2-hunterX\u{7f}2", "Backspace"),
    ] {
        let (screen, stored) = typed(keys).await?;
        ensure!(stored.contains("\"hunter2-hunter2\""), "{what}: {screen}");
        for shown in ["hunter2", "mistaken"] {
            ensure!(!screen.contains(shown), "{what}: it is shown: {screen}");
        }
        ensure!(screen.contains("ended with 0"), "{what}: {screen}");
        is_restored(&screen)?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_called_off_is_neither_stored_nor_shown() -> Result<()> {
    let (screen, stored) = typed("hunter2\u{3}").await?;
    ensure!(!stored.contains("hunter2"), "{stored}");
    ensure!(!screen.contains("hunter2"), "{screen}");
    ensure!(screen.contains("ended with 130"), "{screen}");
    is_restored(&screen)
}
