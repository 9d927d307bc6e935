//! New versions of the core, good and bad ones.

use anyhow::{Context as _, Result, ensure};
use fake_core::{Build, Fate, PATIENCE, Qq};
use perpetua_testkit::Client;
use serde_json::Value;

use crate::scene::Scene;
use perpetua_e2e::world::{World, confirming};
use perpetua_e2e::{THE_END, call_and_listen};

/// So many messages in a second are a busy evening in a large group, and what two frameworks that answer each of them
/// keep up with on a machine with two cores.
const PER_SECOND: u32 = 50;

/// Calls that are under way at once.
const WINDOW: usize = 4;

/// After the update.
const NEW: u32 = 200;

/// More than come while the update lasts.
const MANY: u32 = 100_000;

fn say(text: &str, count: u32) -> Qq {
    Qq::Say {
        text: text.to_owned(),
        count,
        per_second: PER_SECOND,
    }
}

/// The numbers behind this word, which have to be there from 1 on and without a gap.
fn numbers(messages: &[Value], word: &str) -> Result<u32> {
    let mut last = 0;
    for message in messages {
        let text = message["raw_message"].as_str().context("a text")?;
        let Some(number) = text.strip_prefix(word) else {
            continue;
        };
        let number: u32 = number.trim().parse()?;
        ensure!(number == last + 1, "{number} came after {last} of `{word}`");
        last = number;
    }
    Ok(last)
}

#[tokio::test]
async fn an_update_under_load_loses_no_client_and_no_answer() -> Result<()> {
    let mut scene = Scene::online().await?;
    let token = scene.world.folder.token("probe").await?;
    let mut client = Client::connect(scene.node.client("probe").await?, &token).await?;
    client
        .next_where("its greeting", |frame| frame["sub_type"] == "connect")
        .await?;
    let load = tokio::spawn(call_and_listen(client, WINDOW));
    scene.core.qq(say("old {n}", MANY)).await?;
    scene.core.was_told("koishi: old 100").await?;

    scene.world.publish(&Build::numbered(2))?;
    scene.world.command(&["core", "install"]).await?;
    scene.world.command(&["restart", "main"]).await?;
    scene.comes_back().await?;
    assert_eq!(scene.core.commit(), "2".repeat(40));
    scene.core.qq(say("new {n}", NEW)).await?;
    // Echoes of the frameworks show that everything before them has come.
    scene.core.was_told(&format!("koishi: new {NEW}")).await?;
    scene.core.qq(say(THE_END, 1)).await?;

    let gathered = load.await??;
    let old = numbers(&gathered.messages, "old ")?;
    let new = numbers(&gathered.messages, "new ")?;
    ensure!(old >= 100, "the load was no load: {old} messages");
    assert_eq!(new, NEW);
    ensure!(
        gathered.answered > 20,
        "the load was no load: {} answers",
        gathered.answered
    );
    scene.bots.stayed()
}

#[tokio::test]
async fn a_version_that_crashes_twice_in_its_first_minute_is_rolled_back() -> Result<()> {
    let mut scene = Scene::online().await?;
    let bad = Build::numbered(2).with(Fate::CrashesOnline(500));
    scene.world.publish(&bad)?;
    scene.world.command(&["core", "install"]).await?;
    scene.world.command(&["restart", "main"]).await?;
    scene.core.ended(PATIENCE).await?;
    for _ in 0..2 {
        let mut core = scene.world.qq.core().await?;
        assert_eq!(core.commit(), "2".repeat(40));
        core.ended(PATIENCE).await?;
    }
    scene.core = scene.world.online().await?;
    assert_eq!(scene.core.commit(), "1".repeat(40));
    let status = scene.world.core_status().await?;
    assert!(status["notice"].is_object(), "it says so: {status}");
    scene.works("back on the old one.").await
}

#[tokio::test]
async fn a_version_that_does_not_start_never_becomes_the_current_one() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    let broken = Build::numbered(2).with(Fate::NoProgram);
    world.publish(&broken)?;
    let words = world.refused(&["core", "install"]).await?;
    ensure!(words.contains("trial"), "{words}");
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    Ok(())
}

#[tokio::test]
async fn one_step_leads_back_and_one_forth() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    let second = world.publish(&Build::numbered(2))?;
    world.command(&["core", "install"]).await?;
    assert_eq!(world.current_commit().await?, Some("2".repeat(40)));
    world.command(&["core", "use", "previous"]).await?;
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    let id = second.version_id("nightly");
    world.command(&["core", "use", &id]).await?;
    assert_eq!(world.current_commit().await?, Some("2".repeat(40)));
    world.refused(&["core", "remove", &id]).await?;

    // The last two are kept.
    world.publish(&Build::numbered(3))?;
    world.command(&["core", "install"]).await?;
    let cores = world.cores().await?;
    let installed = cores["installed"].as_array().context("a list")?;
    assert_eq!(installed.len(), 2, "{cores}");
    Ok(())
}
