//! The language of the system: page and tray speak the same one.

use anyhow::Result;
use perpetua_desktop_tests::{Desktop, Words};
use perpetua_e2e::{Settings, until};
use perpetua_words::Language;

#[tokio::test]
async fn page_and_tray_speak_the_language_of_the_session() -> Result<()> {
    let chinese = ("zh_CN.UTF-8", Language::Chinese);
    // What is set for all of the session counts, and a locale that cannot show Chinese is none of it.
    let rows = [
        ("", chinese),
        ("zh_CN.UTF-8", chinese),
        ("en_US.UTF-8", ("zh_CN.UTF-8", Language::English)),
        ("", ("zh_CN.GB18030", Language::English)),
    ];
    for (all, (lang, language)) in rows {
        let desktop = Desktop::new().await?;
        let desktop = desktop.variable("LC_ALL", all).variable("LANG", lang);
        desktop.write_settings(&Settings::simulator().to_string())?;
        let tray = desktop.tray().await?;
        let words = Words(language);
        let window = desktop.open().await?;
        window.sees_text(&words.of("overview.awaits_bot")).await?;
        let waits = words.of("overview.awaits_bot");
        until(&format!("a tray that says `{waits}`"), async || {
            Ok(tray.tooltip().await?.contains(&waits).then_some(()))
        })
        .await?;
    }
    Ok(())
}
