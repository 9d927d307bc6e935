//! A real bot that is set up with what the window shows.

use anyhow::{Context as _, Result};
use perpetua_desktop_tests::Window;
use perpetua_e2e::EchoBot;

/// Reads the lines for `NoneBot2` from the page, starts it with them, and waits until both sides say that
/// it is connected.
pub(crate) async fn connect(window: &Window, name: &'static str) -> Result<EchoBot> {
    window.press("connect.show_token").await?;
    window.sees_named("connect.hide_token").await?;
    let lines = window.text().await?;
    let after = |begin: &str| {
        let (_, rest) = lines.split_once(begin)?;
        let end = rest.find(|letter: char| letter.is_whitespace() || "\"']".contains(letter));
        Some(
            rest[..end.unwrap_or(rest.len())]
                .trim_end_matches('/')
                .to_owned(),
        )
    };
    let address = after("ws://").context("the lines name an address")?;
    let token = after("ONEBOT_ACCESS_TOKEN=").context("the lines name a token")?;
    let mut bot = EchoBot::nonebot(name, "~websockets", address.parse()?, &token)?;
    bot.ready().await?;
    // The library that the bot connects with does not name its framework, so the page does not either.
    window.sees("connect.connected_of_unnamed").await?;
    Ok(bot)
}
