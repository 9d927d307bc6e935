//! What stands before the log.
#![cfg(unix)]

use anyhow::Result;
use fake_core::{Process, Scenario};

use crate::run::{Ended, Stage};

async fn ended_with(terminal: &str) -> Result<Ended> {
    let stage = Stage::set(&Scenario::default()).await?;
    let mut run = stage.start(&[("TERM", terminal)]).await?;
    run.core.qr_shown().await?;
    run.core.process(Process::Exit(0)).await?;
    run.ended().await
}

#[tokio::test]
async fn the_type_of_the_terminal_decides_about_the_drawing() -> Result<()> {
    let plain = ended_with("").await?.stdout;
    assert!(plain.starts_with("Lagrange.OneBot\nVersion: "), "{plain}");
    for terminal in ["xterm", "dumb"] {
        let drawn = ended_with(terminal).await?.stdout;
        let lines: Vec<&str> = drawn.lines().take(9).collect();
        assert!(!lines[0].is_empty(), "{drawn}");
        assert!(
            lines.iter().any(|line| line.starts_with("Version: ")),
            "{drawn}"
        );
        assert!(!drawn.contains('\u{1b}'), "{drawn}");
    }
    Ok(())
}
