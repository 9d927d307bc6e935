//! `perpetuad login`: what the person at the terminal sees.

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, Phone, RunningCore, Scenario};
use perpetua_e2e::{Finished, Node, Program, begin};

use crate::stage::{FAILED, NO_NODE, USAGE, refused, replace_in_settings, says};
use perpetua_e2e::world::{UIN, World, confirming, quick};

const LOGIN: [&str; 2] = ["login", "main"];

/// Whether a QR code was drawn: rows of blocks, two modules to a character.
fn draws_a_code(text: &str) -> bool {
    let is_row = |line: &&str| line.contains(['█', '▀', '▄']);
    text.lines().filter(is_row).count() > 10
}

/// A login at the terminal, ended.
async fn finish(mut login: Program) -> Result<Finished> {
    let status = login.ended(PATIENCE).await?;
    Ok(Finished {
        code: status.code(),
        stdout: login.stdout.text(),
        stderr: login.stderr.text(),
    })
}

/// A login at the terminal that has just drawn its code.
async fn drawn(world: &World) -> Result<Program> {
    let mut login = begin(&world.folder, &LOGIN)?;
    let below = |line: &str| line.contains("with QQ");
    login
        .stdout
        .next_where("a drawn QR code", PATIENCE, below)
        .await?;
    ensure!(draws_a_code(&login.stdout.text()), "no code is drawn");
    Ok(login)
}

/// A node with an account that has been online and is stopped; its core's folder knows the session.
async fn stopped() -> Result<(World, Node, RunningCore)> {
    let world = World::new(&confirming()).await?;
    let node = world.node().await?;
    let mut core = world.online().await?;
    world.command(&["stop", "main"]).await?;
    core.ended(PATIENCE).await?;
    world.reaches("stopped").await?;
    world.direct(&quick())?;
    Ok((world, node, core))
}

#[tokio::test]
async fn the_code_is_drawn_anew_when_it_expires_and_the_end_is_told() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    let mut login = drawn(&world).await?;
    core.phone(Phone::Expire).await?;
    core.ended(PATIENCE).await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    let below = |line: &str| line.contains("with QQ");
    login
        .stdout
        .next_where("a second code", PATIENCE, below)
        .await?;
    core.phone(Phone::Scan(None)).await?;
    let is_told = |line: &str| line.contains("scanned") && line.contains(&UIN.to_string());
    login
        .stderr
        .next_where("word of the scan", PATIENCE, is_told)
        .await?;
    core.phone(Phone::Confirm).await?;
    let login = finish(login).await?;
    assert_eq!(login.code, Some(0), "{login:?}");
    says(&login.stdout, &[&format!("online as {UIN}")])?;
    says(&login.stderr, &["waiting for the scan", " left"])
}

#[tokio::test]
async fn a_good_session_needs_no_code() -> Result<()> {
    let (world, _node, _core) = stopped().await?;
    let told = world.command(&LOGIN).await?;
    says(&told, &[&format!("online as {UIN}")])?;
    ensure!(!draws_a_code(&told), "a code was drawn: {told}");
    // Who is online stays so.
    let again = world.command(&LOGIN).await?;
    says(&again, &[&UIN.to_string()])
}

#[tokio::test]
async fn without_a_signer_it_ends_with_words() -> Result<()> {
    let mut world = World::new(&quick()).await?;
    world.signer.go_down().await;
    let _node = world.node().await?;
    let words = ["not online", "no signer works", "mine"];
    refused(&world, &LOGIN, FAILED, &words).await?;

    let signer = perpetua_e2e::world::signer_section("mine", &world.signer);
    replace_in_settings(&world, &signer, "")?;
    let none = |status: &serde_json::Value| status["none_configured"] == true;
    world.stands("no signer at all", none).await?;
    let words = ["no signer is set", "[[signers]]"];
    refused(&world, &LOGIN, FAILED, &words).await.map(drop)
}

#[tokio::test]
async fn a_refusal_of_qq_ends_it_with_qqs_words() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    let login = drawn(&world).await?;
    let tip = "登录失败，请前往QQ官网im.qq.com下载最新版QQ后重试";
    let refusal = Phone::Refused(45, "禁止登录".to_owned(), tip.to_owned());
    core.phone(refusal).await?;
    let login = finish(login).await?;
    let words = ["(45", "禁止登录", tip, "signer test"];
    login.refused_with(FAILED, &words)?;
    world.reaches("refused").await.map(drop)
}

#[tokio::test]
async fn a_core_that_was_given_up_is_tried_once_more_and_a_known_cause_needs_no_dump() -> Result<()>
{
    let scenario = Scenario {
        console: Some(false),
        ..quick()
    };
    let world = World::new(&scenario).await?;
    let _node = world.node().await?;
    world.reaches("braked").await?;
    let words = ["not online", "given up", "console", "start main"];
    let login = refused(&world, &LOGIN, FAILED, &words).await?;
    ensure!(!login.stderr.contains("  | "), "a dump: {login:?}");
    ensure!(!login.stderr.contains("Unhandled"), "a stack: {login:?}");
    Ok(())
}

#[tokio::test]
async fn one_no_on_the_phone_ends_it_with_words() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    for is_scanned in [false, true] {
        let mut core = world.qq.core().await?;
        core.qr_shown().await?;
        let login = drawn(&world).await?;
        if is_scanned {
            core.phone(Phone::Scan(None)).await?;
        }
        core.phone(Phone::Cancel).await?;
        let login = finish(login).await?;
        login.refused_with(FAILED, &["turned away on the phone", "login main"])?;
        ensure!(!login.stderr.contains("  | "), "a dump: {login:?}");
        core.ended(PATIENCE).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_node_that_goes_leaves_the_reason_on_a_line_of_its_own() -> Result<()> {
    let world = World::new(&quick()).await?;
    let node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    let login = drawn(&world).await?;
    node.kill().await?;
    let login = finish(login).await?;
    assert_eq!(login.code, Some(FAILED), "{login:?}");
    let said = login
        .stderr
        .lines()
        .find(|line| line.starts_with("perpetuad: "));
    ensure!(said.is_some(), "{login:?}");
    Ok(())
}

#[tokio::test]
async fn another_account_is_named_when_it_scans_and_does_not_get_in() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    let mut login = drawn(&world).await?;
    core.phone(Phone::Scan(Some(10_001))).await?;
    let is_told = |line: &str| line.contains("10001") && line.contains(&UIN.to_string());
    login
        .stderr
        .next_where("the wrong account", PATIENCE, is_told)
        .await?;
    core.phone(Phone::Confirm).await?;
    let login = finish(login).await?;
    let words = ["10001", &UIN.to_string(), "`uin`"];
    login.refused_with(FAILED, &words)
}

#[tokio::test]
async fn a_deleted_session_is_restored_without_a_code() -> Result<()> {
    let (world, _node, core) = stopped().await?;
    let keystore = core.folder().join("keystore.json");
    let session = std::fs::read(&keystore)?;
    std::fs::remove_file(&keystore)?;
    let told = world.command(&["login", "main", "--restore"]).await?;
    says(&told, &["`main`", &UIN.to_string()])?;
    ensure!(!draws_a_code(&told), "a code was drawn: {told}");
    ensure!(!session.is_empty() && keystore.exists(), "it is back");
    Ok(())
}

#[tokio::test]
async fn what_was_never_kept_cannot_be_restored() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    let restore = ["login", "main", "--restore"];
    let words = ["QR code"];
    refused(&world, &restore, FAILED, &words).await?;
    // Nothing was lost by it: the code is still there, or a fresh one is.
    world.reaches("waiting_for_scan").await.map(drop)
}

#[tokio::test]
async fn a_damaged_session_without_a_copy_is_set_aside_and_said() -> Result<()> {
    let (world, _node, core) = stopped().await?;
    let keystore = core.folder().join("keystore.json");
    std::fs::remove_dir_all(core.folder().join("backup"))?;
    std::fs::write(&keystore, "{ half")?;
    let login = drawn(&world).await?;
    let aside = std::fs::read_dir(core.folder())?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.to_string_lossy().contains("keystore.json.broken-"))
        .context("it was not set aside")?;
    assert_eq!(std::fs::read_to_string(aside)?, "{ half");
    let status = world.command(&["status"]).await?;
    says(&status, &["could not be used", "set aside", "damaged"])?;
    let mut core = world.qq.core().await?;
    core.phone(Phone::Confirm).await?;
    assert_eq!(finish(login).await?.code, Some(0));
    Ok(())
}

#[tokio::test]
async fn nobody_to_log_in_is_said() -> Result<()> {
    let world = World::new(&quick()).await?;
    refused(&world, &LOGIN, NO_NODE, &["not running", "--data-dir"]).await?;
    let _node = world.node().await?;
    let words = ["`nobody`"];
    refused(&world, &["login", "nobody"], USAGE, &words)
        .await
        .map(drop)
}
