//! Logging in: from nothing, and everything that can happen around the QR code.

use std::time::Duration;

use anyhow::{Result, ensure};
use fake_core::{Network, PATIENCE, Phone, Scenario, SessionFate};
use perpetua_e2e::start_command;
use serde_json::Value;

use crate::bots::Bots;
use crate::scene::Scene;
use perpetua_e2e::world::{UIN, World, quick};

/// Within it, a start that nobody wants would have come: those that are wanted come at once.
const QUIET: Duration = Duration::from_millis(500);

#[tokio::test]
async fn from_nothing_to_online_with_two_frameworks() -> Result<()> {
    let world = World::new(&quick()).await?;
    let node = world.node().await?;
    let mut bots = Bots::start(&world, &node).await?;

    let mut core = world.qq.core().await?;
    let url = core.qr_shown().await?;
    let waiting = world.reaches("waiting_for_scan").await?;
    assert_eq!(waiting["qr"]["url"], url, "the picture is read");
    let left = waiting["qr"]["expires_in_s"].as_u64();
    assert!(
        left.is_some_and(|left| (100..=120).contains(&left)),
        "{left:?}"
    );
    core.phone(Phone::Scan(None)).await?;
    let scanned = world.reaches("waiting_for_confirm").await?;
    assert_eq!(scanned["who"], UIN);
    core.phone(Phone::Confirm).await?;
    let online = world.reaches("online").await?;
    assert_eq!(online["who"], UIN);

    bots.ready().await?;
    bots.answer(&mut core, "hello 你好.").await?;
    bots.stayed()?;
    assert_eq!(core.commit(), "1".repeat(40), "the published version runs");
    assert_eq!(core.folder(), world.folder.path().join("accounts/main"));
    Ok(())
}

#[tokio::test]
async fn a_saved_session_outlives_a_network_that_is_away() -> Result<()> {
    for network in [Network::Breaks, Network::Refused] {
        let mut scene = Scene::online().await?;
        let away = Scenario { network, ..quick() };
        scene.world.direct(&away)?;
        scene.world.command(&["restart", "main"]).await?;
        scene.core.ended(PATIENCE).await?;
        scene.world.reaches("backoff").await?;
        // Nobody has to scan: the session is there still.
        scene.world.direct(&quick())?;
        scene.core = scene.world.is_back().await?;
        scene.works("after the outage.").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_login_in_the_terminal_draws_the_code_and_ends_when_it_is_online() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    let mut login = start_command(&world.folder, &["login", "main"])?;
    // The edge of one of the three squares; in a pipe, what is light is drawn.
    let is_drawing = |line: &str| line.contains("█ ▄▄▄▄▄ █");
    login
        .stdout
        .next_where("the code", PATIENCE, is_drawing)
        .await?;
    core.phone(Phone::Confirm).await?;
    let is_end = |line: &str| line.contains(&UIN.to_string());
    login
        .stdout
        .next_where("who is online", PATIENCE, is_end)
        .await?;
    let status = login.ended(PATIENCE).await?;
    ensure!(status.success(), "it ended with {status}");
    Ok(())
}

#[tokio::test]
async fn five_expired_codes_and_then_a_person() -> Result<()> {
    let mut scene = Scene::online().await?;
    let scenario = Scenario {
        session: SessionFate::Dead,
        ..quick()
    };
    scene.world.direct(&scenario)?;
    scene.world.command(&["restart", "main"]).await?;
    scene.core.ended(PATIENCE).await?;

    for code in 1..=5 {
        let mut core = scene.world.qq.core().await?;
        core.qr_shown().await?;
        let shown =
            |status: &Value| status["state"] == "waiting_for_scan" && status["qr"]["code"] == code;
        scene.world.stands(&format!("code {code}"), shown).await?;
        core.phone(Phone::Expire).await?;
        core.ended(PATIENCE).await?;
    }
    let braked = scene.world.reaches("braked").await?;
    assert_eq!(braked["reason"], "nobody_scanned", "{braked}");
    scene.world.qq.stays_alone(QUIET).await?;

    scene.world.command(&["start", "main"]).await?;
    scene.core = scene.world.qq.core().await?;
    scene.core.qr_shown().await?;
    scene.core.phone(Phone::Confirm).await?;
    scene.world.reaches("online").await?;
    scene.works("after five codes.").await
}

#[tokio::test]
async fn a_refused_login_waits_for_a_person_and_says_why() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    let words = "登录失败，请前往QQ官网im.qq.com下载最新版QQ后重试";
    let refused = Phone::Refused(45, "禁止登录".to_owned(), words.to_owned());
    core.phone(refused).await?;
    let status = world.reaches("refused").await?;
    let refusal = &status["refusal"];
    assert_eq!(
        (&refusal["kind"], &refusal["code"]),
        (&"server".into(), &45.into()),
        "{status}"
    );
    assert_eq!(refusal["tag"], "禁止登录");
    world.qq.stays_alone(QUIET).await
}

#[tokio::test]
async fn another_account_than_the_one_of_the_settings_does_not_get_in() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    core.phone(Phone::Scan(Some(10_001))).await?;
    let scanned = world.reaches("waiting_for_confirm").await?;
    assert_eq!(
        (&scanned["who"], &scanned["expected"]),
        (&10_001.into(), &UIN.into()),
        "{scanned}"
    );
    core.phone(Phone::Confirm).await?;
    let refused = world.reaches("refused").await?;
    assert_eq!(refused["refusal"]["kind"], "wrong_account", "{refused}");
    assert_eq!(refused["refusal"]["scanned"], 10_001);
    core.ended(PATIENCE).await
}

#[tokio::test]
async fn a_session_that_is_never_answered_is_given_up_by_the_watchdog() -> Result<()> {
    let mut scene = Scene::online().await?;
    let scenario = Scenario {
        session: SessionFate::Unanswered,
        ..quick()
    };
    scene.world.direct(&scenario)?;
    scene.world.command(&["restart", "main"]).await?;
    scene.core.ended(PATIENCE).await?;
    let mut stuck = scene.world.qq.core().await?;
    scene.world.direct(&quick())?;
    // `start-timeout` is 5 s, and a core that hangs so does not listen when it is asked to end.
    stuck.ended(2 * PATIENCE).await?;
    scene.core = scene.world.online().await?;
    scene.works("after the watchdog.").await
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_core_writes_is_its_owners_alone() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::online().await?;
    for file in ["keystore.json", "device.json"] {
        let written = std::fs::metadata(scene.core.folder().join(file))?;
        assert_eq!(written.permissions().mode() & 0o077, 0, "{file}");
    }
    Ok(())
}

#[tokio::test]
async fn a_damaged_login_gives_way_to_its_copy_and_nobody_has_to_scan() -> Result<()> {
    let mut scene = Scene::online().await?;
    let folder = scene.core.folder().to_owned();
    for damaged in [
        &["keystore.json"][..],
        &["device.json"],
        &["keystore.json", "device.json"],
    ] {
        scene.world.command(&["stop", "main"]).await?;
        scene.core.ended(PATIENCE).await?;
        for file in damaged {
            std::fs::write(folder.join(file), "{ half")?;
        }
        scene.world.direct(&quick())?;
        scene.world.command(&["start", "main"]).await?;
        scene.core = scene.world.online().await?;
    }
    scene.works("with the old login.").await
}

#[tokio::test]
async fn a_broken_keystore_without_a_copy_is_set_aside() -> Result<()> {
    let mut scene = Scene::online().await?;
    let folder = scene.core.folder().to_owned();
    scene.world.command(&["stop", "main"]).await?;
    scene.core.ended(PATIENCE).await?;
    std::fs::remove_dir_all(folder.join("backup"))?;
    std::fs::write(folder.join("keystore.json"), "{ half")?;
    scene.world.direct(&quick())?;
    scene.world.command(&["start", "main"]).await?;
    // It would crash on the broken session; without one it asks for a code.
    let mut core = scene.world.qq.core().await?;
    core.qr_shown().await?;
    let names = names_in(&folder)?;
    let is_aside = |name: &String| name.starts_with("keystore.json.broken-");
    ensure!(names.iter().any(is_aside), "{names:?}");
    Ok(())
}

#[tokio::test]
async fn a_kept_login_is_restored_by_hand() -> Result<()> {
    let mut scene = Scene::online().await?;
    let keystore = scene.core.folder().join("keystore.json");
    scene.world.command(&["stop", "main"]).await?;
    scene.core.ended(PATIENCE).await?;
    std::fs::remove_file(&keystore)?;
    scene.world.direct(&quick())?;
    scene.world.command(&["start", "main"]).await?;
    let mut core = scene.world.qq.core().await?;
    core.qr_shown().await?;
    let restore = ["login", "main", "--restore"];
    scene.world.command(&restore).await?;
    scene.core = scene.world.online().await?;
    scene.works("with the old login.").await
}

fn names_in(folder: &std::path::Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}
