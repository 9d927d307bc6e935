//! Commands and starts that are refused: each with its exit code, and a sentence to act on.

use std::net::TcpListener;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, run, run_bare, run_with_input};
use perpetua_testkit::Dial;

/// The exit codes of the outside contract.
const WRONG_SETTINGS: i32 = 64;
const ADDRESS_IN_USE: i32 = 69;
const FOLDER_IN_USE: i32 = 75;

async fn start_is_refused(settings: &str, code: i32, texts: &[&str]) -> Result<()> {
    let folder = DataFolder::empty()?;
    folder.write_settings(settings)?;
    run(&folder, &[]).await?.refused_with(code, texts)
}

/// Both a start and `perpetuad check` refuse these settings, and say all these texts.
async fn settings_are_refused(settings: &str, texts: &[&str]) -> Result<()> {
    start_is_refused(settings, WRONG_SETTINGS, texts).await?;
    let folder = DataFolder::empty()?;
    folder.write_settings(settings)?;
    run(&folder, &["check"])
        .await?
        .refused_with(WRONG_SETTINGS, texts)
}

/// Valid settings with one text replaced; fails when the text is not there.
fn spoiled(from: &str, to: &str) -> Result<String> {
    let valid = Settings::simulator()
        .client_at("bot", 20_001, "token = \"off\"")
        .to_string();
    ensure!(valid.contains(from), "`{from}` is not in the settings");
    Ok(valid.replacen(from, to, 1))
}

#[tokio::test]
async fn an_unknown_argument_is_refused() -> Result<()> {
    run_bare(&["--data-dri", "x"])
        .await?
        .refused_with(WRONG_SETTINGS, &["--data-dir"])?;
    run_bare(&["stattus"])
        .await?
        .refused_with(WRONG_SETTINGS, &["status"])
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_the_nearest_known_one() -> Result<()> {
    settings_are_refused(
        &spoiled("listen =", "lisen =")?,
        &["lisen", "listen", "perpetua.toml"],
    )
    .await?;
    settings_are_refused(
        &spoiled("token = \"off\"", "tokn = \"off\"")?,
        &["tokn", "token"],
    )
    .await?;
    settings_are_refused(
        &spoiled("\"forward\"", "\"foward\"")?,
        &["foward", "forward"],
    )
    .await?;
    settings_are_refused(
        &spoiled("\"simulator\"", "\"simulater\"")?,
        &["simulater", "simulator"],
    )
    .await
}

#[tokio::test]
async fn a_wrong_type_is_refused_with_its_place() -> Result<()> {
    let settings = spoiled("listen = \"127.0.0.1:0\"", "listen = 8080")?;
    // `listen` is in the fourth line.
    settings_are_refused(&settings, &["4", "listen"]).await?;
    settings_are_refused(&spoiled("[api]", "[api")?, &["3"]).await
}

#[tokio::test]
async fn settings_that_cannot_work_together_are_refused() -> Result<()> {
    let twice = Settings::simulator()
        .client_at("a", 20_001, "")
        .client_at("b", 20_001, "");
    settings_are_refused(&twice.to_string(), &["20001", "choose another port"]).await?;
    let same_name = Settings::simulator()
        .client_at("a", 20_001, "")
        .client_at("a", 20_002, "");
    settings_are_refused(&same_name.to_string(), &["`a`"]).await?;
    // Beyond loopback nobody listens without a token.
    settings_are_refused(
        &spoiled("127.0.0.1:20001", "0.0.0.0:20001")?,
        &["0.0.0.0:20001", "token"],
    )
    .await
}

#[tokio::test]
async fn a_token_that_cannot_be_found_keeps_one_client_shut_and_the_others_open() -> Result<()> {
    let settings = Settings::simulator()
        .client_with("shut", "token = { env = \"PERPETUA_TEST_UNSET\" }")
        .open_client("open");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    node.health_says("PERPETUA_TEST_UNSET").await?;
    let shut = node.client_status("shut").await?;
    ensure!(
        shut["enabled"] == true && shut["listen"].is_null(),
        "it listens without a token: {shut}"
    );
    Dial::to(node.client("open").await?).connect().await?;
    Ok(())
}

#[tokio::test]
async fn an_address_in_use_is_named_with_its_holder() -> Result<()> {
    let holder = TcpListener::bind("127.0.0.1:0")?;
    let address = holder.local_addr()?.to_string();
    let own_id = std::process::id().to_string();
    let mut texts = vec![address.as_str()];
    if cfg!(target_os = "linux") {
        texts.push(&own_id);
    }
    let api = Settings::simulator().api(&address).to_string();
    start_is_refused(&api, ADDRESS_IN_USE, &texts).await?;
    let client = Settings::simulator().client_at("bot", holder.local_addr()?.port(), "");
    start_is_refused(&client.to_string(), ADDRESS_IN_USE, &texts).await
}

#[tokio::test]
async fn a_second_node_on_the_folder_is_refused() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let node = Node::start(&folder).await?;
    let id = node.id()?.to_string();
    let path = folder.path().to_string_lossy().into_owned();
    run(&folder, &[])
        .await?
        .refused_with(FOLDER_IN_USE, &[&path, &id])
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_refused() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let below_a_file = folder.settings_path().join("data");
    let below_a_file = below_a_file
        .to_str()
        .context("a temporary path is Unicode")?;
    let refusal = run_bare(&["--data-dir", below_a_file]).await?;
    ensure!(
        refusal.code.is_some_and(|code| code != 0),
        "it started: {refusal:?}"
    );
    ensure!(
        refusal.stderr.contains(below_a_file),
        "the folder is not named: {refusal:?}"
    );
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_is_not_writable_is_refused() -> Result<()> {
    // Rights do not bind root, who runs these tests in containers; this file system binds everybody.
    let refusal = run_bare(&["--data-dir", "/proc/self"]).await?;
    ensure!(
        refusal.code.is_some_and(|code| code != 0),
        "it started: {refusal:?}"
    );
    ensure!(
        refusal.stderr.contains("/proc/self"),
        "the folder is not named: {refusal:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_command_for_a_running_node_says_that_none_runs() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let path = folder.path().to_string_lossy().into_owned();
    for arguments in [
        &["status"][..],
        &["status", "--json"],
        &["say", "1", "hello"],
        &["watch"],
    ] {
        let refusal = run(&folder, arguments).await?;
        ensure!(
            refusal.code.is_some_and(|code| code != 0),
            "{arguments:?} succeeded: {refusal:?}"
        );
        ensure!(
            refusal.stderr.contains(&path),
            "{arguments:?} does not name the folder: {refusal:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn asking_for_a_token_founds_no_folder() -> Result<()> {
    let above = DataFolder::with(&Settings::simulator())?;
    let folder = above.path().join("never");
    let path = folder.to_str().context("a temporary path is Unicode")?;
    let refusal = run_bare(&["--data-dir", path, "token", "main/bot"]).await?;
    ensure!(
        refusal.code.is_some_and(|code| code != 0),
        "a token was made: {refusal:?}"
    );
    ensure!(
        refusal.stderr.contains("nothing is set up") && refusal.stderr.contains(path),
        "the folder is not named: {refusal:?}"
    );
    ensure!(!folder.exists(), "the folder was made");
    Ok(())
}

#[tokio::test]
async fn a_secret_that_nothing_uses_is_told() -> Result<()> {
    let settings = Settings::simulator()
        .client_with("bot", "token = { secret = \"nosec\" }")
        .open_client("open");
    let folder = DataFolder::with(&settings)?;
    let set = run_with_input(&folder, &["secret", "set", "nosecc"], b"s3cret").await?;
    ensure!(set.code == Some(0), "{set:?}");
    ensure!(
        set.stderr.contains("`nosecc`") && set.stderr.contains("`nosec`"),
        "it is not told what is used: {set:?}"
    );
    let named = run_with_input(&folder, &["secret", "set", "nosec"], b"s3cret").await?;
    ensure!(named.stderr.is_empty(), "{named:?}");
    run_with_input(&folder, &["secret", "set", ""], b"s3cret")
        .await?
        .refused_with(WRONG_SETTINGS, &["a name"])?;
    run_with_input(&folder, &["secret", "set", "nosec"], b"\xff\xfe\xfd")
        .await?
        .refused_with(WRONG_SETTINGS, &["characters outside ASCII"])
}

#[tokio::test]
async fn a_name_that_nobody_has_is_refused() -> Result<()> {
    let settings = Settings::simulator().client("bot");
    let folder = DataFolder::with(&settings)?;
    let _node = Node::start(&folder).await?;
    let token = run(&folder, &["token", "main/bto"]).await?;
    token.refused_with(WRONG_SETTINGS, &["main", "bto"])?;
    let say = run(&folder, &["say", "999999", "hello"]).await?;
    ensure!(
        say.code.is_some_and(|code| code != 0),
        "it was said to nobody: {say:?}"
    );
    ensure!(
        say.stderr.contains("999999"),
        "the place is not named: {say:?}"
    );
    Ok(())
}
