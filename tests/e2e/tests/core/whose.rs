//! Whose a session and a folder are: numbers that do not fit, other names, sessions that are gone.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, Scenario};
use perpetua_testkit::Client;
use serde_json::Value;

use perpetua_e2e::world::{LONG, UIN, World, confirming, quick};
use perpetua_e2e::{Node, until_within};

/// Nobody's account.
const OTHER: u64 = 20009;

fn says(text: &str, wanted: &[&str]) -> Result<()> {
    for part in wanted {
        ensure!(text.contains(part), "`{part}` is not said: {text}");
    }
    Ok(())
}

fn file(world: &World, account: &str, name: &str) -> PathBuf {
    world
        .folder
        .path()
        .join("accounts")
        .join(account)
        .join(name)
}

/// Replaces a text of the settings.
fn edit(world: &World, from: &str, to: &str) -> Result<()> {
    let text = world.folder.read_settings()?;
    ensure!(text.contains(from), "no `{from}` in {text}");
    world.folder.write_settings(&text.replace(from, to))
}

/// How the core of the only account stands.
async fn account(world: &World) -> Result<Value> {
    let status = world.command(&["status", "--json"]).await?;
    let mut status: Value = serde_json::from_str(&status)?;
    Ok(status["accounts"][0].take())
}

#[tokio::test]
async fn a_wrong_number_in_the_settings_costs_no_session() -> Result<()> {
    let world = World::new(&quick()).await?;
    world.direct(&confirming())?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    // From here on nobody confirms a code.
    world.direct(&quick())?;
    let keystore = file(&world, "main", "keystore.json");
    let session = fs::read(&keystore)?;
    edit(&world, &format!("uin = {UIN}"), &format!("uin = {OTHER}"))?;
    core.ended(LONG).await?;
    let refused = world.reaches("refused").await?;
    assert_eq!(refused["refusal"]["kind"], "wrong_session", "{refused}");
    let status = world.command(&["status"]).await?;
    says(&status, &[&UIN.to_string(), &OTHER.to_string(), "`uin`"])?;
    assert_eq!(fs::read(&keystore)?, session);
    let names = fs::read_dir(keystore.parent().context("a folder")?)?;
    for name in names {
        let name = name?.file_name();
        ensure!(!name.to_string_lossy().contains("broken"), "{name:?}");
    }
    edit(&world, &format!("uin = {OTHER}"), &format!("uin = {UIN}"))?;
    world.online().await.map(drop)
}

#[tokio::test]
async fn a_session_that_is_gone_is_told_with_the_way_to_its_copy() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    let backup = file(&world, "main", "backup");
    until_within(LONG, "a kept login", async || {
        let kept = fs::read_dir(&backup).is_ok_and(|entries| entries.count() > 0);
        Ok(kept.then_some(()))
    })
    .await?;
    world.command(&["stop", "main"]).await?;
    core.ended(PATIENCE).await?;
    world.direct(&quick())?;
    fs::remove_file(file(&world, "main", "keystore.json"))?;
    world.command(&["start", "main"]).await?;
    world.reaches("waiting_for_scan").await?;
    let status = world.command(&["status"]).await?;
    says(
        &status,
        &["keystore.json", "is gone", "login main --restore"],
    )?;
    let core = world.core_status().await?;
    ensure!(
        core["set_aside"][0]["copy_ms"].is_i64(),
        "one click on the page: {core}"
    );
    let told = world.command(&["login", "main", "--restore"]).await?;
    says(&told, &["is online"])?;
    let status = world.command(&["status"]).await?;
    ensure!(!status.contains("is gone"), "{status}");
    Ok(())
}

async fn is_online_as(world: &World, name: &str) -> Result<()> {
    let found = until_within(LONG, "the account online under its name", async || {
        let account = account(world).await?;
        let is_it = account["name"] == name && account["core"]["state"] == "online";
        Ok(is_it.then_some(()))
    });
    found.await
}

/// What a bot knows of the account.
async fn place(world: &World, node: &Node, name: &str) -> Result<(String, std::net::SocketAddr)> {
    let token = world.command(&["token", &format!("{name}/probe")]).await?;
    let address = node.client_of(name, "probe").await?;
    Ok((token.trim().to_owned(), address))
}

#[tokio::test]
async fn an_account_that_is_renamed_keeps_all_that_is_its_own() -> Result<()> {
    for has_uin in [true, false] {
        let world = World::new(&confirming()).await?;
        if !has_uin {
            edit(&world, &format!("uin = {UIN}\n"), "")?;
        }
        let mut node = world.node().await?;
        let mut core = world.online().await?;
        let before = place(&world, &node, "main").await?;
        // From here on nobody confirms a code.
        world.direct(&quick())?;

        // While it runs the change is refused in words, and all goes on.
        edit(&world, "name = \"main\"", "name = \"haupt\"")?;
        let refused = until_within(LONG, "a word of the name", async || {
            let status = world.command(&["status"]).await?;
            Ok(status.contains("haupt").then_some(status))
        })
        .await?;
        says(&refused, &["`main`", "`haupt`", "start it again"])?;
        is_online_as(&world, "main").await?;
        assert_eq!(place(&world, &node, "main").await?, before);

        node.terminate().await?;
        core.ended(PATIENCE).await?;
        node.ended(PATIENCE).await?;
        let node = world.node().await?;
        let _core = world.online().await?;
        is_online_as(&world, "haupt").await?;
        assert_eq!(place(&world, &node, "haupt").await?, before);
        ensure!(
            file(&world, "haupt", "keystore.json").exists(),
            "its session"
        );
        ensure!(!file(&world, "main", "").exists(), "the old folder is left");
        let (token, address) = before;
        let _client = Client::connect(address, &token).await?;
        // The copies of its login open.
        world.command(&["stop", "haupt"]).await?;
        fs::write(file(&world, "haupt", "keystore.json"), "")?;
        world.command(&["start", "haupt"]).await?;
        is_online_as(&world, "haupt").await?;
    }
    Ok(())
}

/// The second of two accounts.
const SECOND: u64 = 3_889_000_872;

/// The names of the accounts that are online, with the numbers of their cores.
async fn online(world: &World) -> Result<Vec<(String, u64)>> {
    let status = world.command(&["status", "--json"]).await?;
    let status: Value = serde_json::from_str(&status)?;
    let accounts = status["accounts"].as_array().context("accounts")?;
    let online = accounts.iter().filter(|account| account["online"] == true);
    let mut online: Vec<_> = online
        .map(|account| {
            let name = account["name"].as_str().unwrap_or_default();
            (
                name.to_owned(),
                account["self_id"].as_u64().unwrap_or_default(),
            )
        })
        .collect();
    online.sort();
    Ok(online)
}

async fn are_online(world: &World, wanted: [(&str, u64); 2]) -> Result<()> {
    let wanted = wanted.map(|(name, uin)| (name.to_owned(), uin));
    let mut last = Vec::new();
    let found = until_within(LONG, "both accounts online", async || {
        last = online(world).await?;
        Ok((last == wanted).then_some(()))
    });
    let found = found.await;
    found.with_context(|| format!("online: {last:?}"))
}

#[tokio::test]
async fn accounts_that_exchange_their_names_keep_all_that_is_their_own() -> Result<()> {
    let second = format!(
        "[[accounts]]\nname = \"second\"\nupstream = {{ kind = \"lagrange\", uin = {SECOND} }}\n\n[[accounts.clients]]\nname = \"probe\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\n"
    );
    let world = World::with(&confirming(), |settings| settings.section(&second)).await?;
    let folder = world.folder.path().join("accounts").join("second");
    let of_second = |scenario: Scenario| Scenario {
        uin: SECOND,
        ..scenario
    };
    world.qq.direct(&folder, &of_second(confirming()))?;
    let mut node = world.node().await?;
    are_online(&world, [("main", UIN), ("second", SECOND)]).await?;
    let main = place(&world, &node, "main").await?;
    let other = place(&world, &node, "second").await?;
    // From here on nobody confirms a code.
    world.direct(&quick())?;
    world.qq.direct(&folder, &of_second(quick()))?;

    edit(&world, "name = \"main\"", "name = \"third\"")?;
    edit(&world, "name = \"second\"", "name = \"main\"")?;
    edit(&world, "name = \"third\"", "name = \"second\"")?;
    let refused = until_within(LONG, "a word of the names", async || {
        let status = world.command(&["status"]).await?;
        Ok(status.contains("`main` → `second`").then_some(status))
    })
    .await?;
    says(&refused, &["`second` → `main`", "start it again"])?;
    are_online(&world, [("main", UIN), ("second", SECOND)]).await?;

    node.terminate().await?;
    node.ended(PATIENCE).await?;
    let node = world.node().await?;
    are_online(&world, [("main", SECOND), ("second", UIN)]).await?;
    assert_eq!(place(&world, &node, "second").await?, main);
    assert_eq!(place(&world, &node, "main").await?, other);
    for (token, address) in [main, other] {
        let _client = Client::connect(address, &token).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_login_without_an_account_is_told_to_one_without_a_login() -> Result<()> {
    let world = World::new(&confirming()).await?;
    edit(&world, &format!("uin = {UIN}\n"), "")?;
    let mut node = world.node().await?;
    let mut core = world.online().await?;
    node.terminate().await?;
    core.ended(PATIENCE).await?;
    node.ended(PATIENCE).await?;
    // Another name and other clients: it may be another account.
    edit(&world, "name = \"main\"", "name = \"haupt\"")?;
    edit(&world, "name = \"probe\"", "name = \"bot\"")?;
    let folder = world.folder.path().join("accounts").join("haupt");
    world.qq.direct(&folder, &quick())?;
    let mut node = world.node().await?;
    let mut core = world.qq.core_within(LONG).await?;
    core.qr_shown().await?;
    let status = world.command(&["status"]).await?;
    says(&status, &["`haupt`", "main", &UIN.to_string(), "uin ="])?;
    // Its owner does what was said, and nobody confirms a code.
    let main = world.folder.path().join("accounts").join("main");
    world.qq.direct(&main, &quick())?;
    node.terminate().await?;
    core.ended(PATIENCE).await?;
    node.ended(PATIENCE).await?;
    let kind = "kind = \"lagrange\"\n";
    edit(&world, kind, &format!("{kind}uin = {UIN}\n"))?;
    let _node = world.node().await?;
    let _core = world.online().await?;
    is_online_as(&world, "haupt").await
}
