//! Logins that the signer, the phone or the files stand in the way of.

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, Phone, RunningCore, Scenario, SessionFate, SignerFault};

use crate::trials::says;
use perpetua_e2e::world::{LONG, UIN, World, confirming, quick};

/// More starts than this for one fault of a signer are a storm: it has to sign before it is used again.
const FEW: usize = 1;

/// How many cores were started until now and have ended.
async fn starts(world: &World) -> Result<usize> {
    let mut count = 0;
    while let Ok(mut core) = world
        .qq
        .core_within(std::time::Duration::from_millis(100))
        .await
    {
        core.ended(PATIENCE).await?;
        count += 1;
    }
    Ok(count)
}

#[tokio::test]
async fn a_signer_that_refuses_is_named_and_no_login_is_tried() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.signer.fault(Some(SignerFault::Status(401)));
    let _node = world.node().await?;
    says(&world, "signer_problem", &["`mine`", "401"]).await?;
    for status in [404, 521] {
        world.signer.fault(Some(SignerFault::Status(status)));
        world.command(&["start", "main"]).await?;
        says(&world, "signer_problem", &["`mine`", &status.to_string()]).await?;
    }
    assert_eq!(starts(&world).await?, 0);
    world.signer.fault(None);
    world.command(&["start", "main"]).await?;
    world.online().await.map(drop)
}

#[tokio::test]
async fn a_signer_that_answers_and_does_not_sign_makes_no_storm_of_starts() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let faults = [
        SignerFault::RefusesToSign,
        SignerFault::WrongVersion,
        SignerFault::WrongPlatform,
        SignerFault::NoValue,
        SignerFault::NullSign,
        SignerFault::BadHex,
        SignerFault::WebPage,
    ];
    world.signer.fault(Some(faults[0]));
    let _node = world.node().await?;
    for fault in faults {
        world.signer.fault(Some(fault));
        world.command(&["restart", "main"]).await?;
        says(&world, "signer_problem", &["`mine`"])
            .await
            .with_context(|| format!("{fault:?}"))?;
        let starts = starts(&world).await?;
        ensure!(starts <= FEW, "{fault:?}: {starts} starts");
    }
    Ok(())
}

#[tokio::test]
async fn a_signer_that_says_little_of_itself_is_used() -> Result<()> {
    for fault in [
        SignerFault::NoAppInfo,
        SignerFault::NoVersion,
        SignerFault::EmptySign,
    ] {
        let world = World::new(&confirming()).await?;
        world.signer.fault(Some(fault));
        let _node = world.node().await?;
        world.online().await.with_context(|| format!("{fault:?}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn what_a_signer_leaves_out_of_its_answer_costs_no_start() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world
        .signer
        .fault(Some(SignerFault::LacksFields(&["PackageName"])));
    let _node = world.node().await?;
    world.online().await?;
    let core = world.core_status().await?;
    assert_eq!(core["restarts"], 0, "{core}");
    Ok(())
}

#[tokio::test]
async fn codes_that_are_cancelled_on_the_phone_end_with_a_person() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    for _ in 0..5 {
        let mut core = world.qq.core().await?;
        core.qr_shown().await?;
        core.phone(Phone::Cancel).await?;
        core.ended(PATIENCE).await?;
    }
    says(&world, "braked", &["cancelled on the phone"])
        .await
        .map(drop)
}

#[tokio::test]
async fn a_network_that_fails_while_the_code_is_shown_is_waited_for() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    core.phone(Phone::NetworkFails).await?;
    core.ended(PATIENCE).await?;
    says(&world, "backoff", &["could not reach QQ", "ntlogin.qq.com"]).await?;
    let mut core = world.qq.core_within(LONG).await?;
    core.qr_shown().await?;
    core.phone(Phone::Confirm).await?;
    world.reaches("online").await.map(drop)
}

/// Ends the core; the next one follows this scenario.
async fn stop(world: &World, core: &mut RunningCore, next: &Scenario) -> Result<()> {
    world.command(&["stop", "main"]).await?;
    core.ended(PATIENCE).await?;
    world.direct(next)
}

#[tokio::test]
async fn a_dead_session_leads_to_a_code_in_the_same_run() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let dead = Scenario {
        session: SessionFate::Dead,
        ..quick()
    };
    stop(&world, &mut world.online().await?, &dead).await?;
    world.command(&["start", "main"]).await?;
    let mut core = world.qq.core().await?;
    let url = core.qr_shown().await?;
    let waiting = world.reaches("waiting_for_scan").await?;
    assert_eq!(waiting["qr"]["url"], url);
    core.phone(Phone::Confirm).await?;
    let online = world.reaches("online").await?;
    assert_eq!(
        (&online["who"], &online["process"]["pid"]),
        (&UIN.into(), &core.pid().into())
    );
    Ok(())
}

#[tokio::test]
async fn a_renewal_that_is_never_answered_is_ended_and_tried_again() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let node = world.node().await?;
    let unanswered = Scenario {
        session: SessionFate::RenewalUnanswered,
        ..quick()
    };
    stop(&world, &mut world.online().await?, &unanswered).await?;
    world.command(&["start", "main"]).await?;
    let mut stuck = world.qq.core().await?;
    says(&world, "backoff", &["no answer from QQ"]).await?;
    stuck.ended(PATIENCE).await?;
    ensure!(!node.log().contains("memory"), "{}", node.log());
    world.direct(&quick())?;
    world.online().await.map(drop)
}

#[tokio::test]
async fn a_damaged_device_without_a_copy_costs_no_session() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    for damage in ["", "{", "[]", r#"{"Guid":"x"}"#, "\0\0\0\0"] {
        stop(&world, &mut core, &quick()).await?;
        let folder = core.folder();
        std::fs::remove_dir_all(folder.join("backup"))?;
        std::fs::write(folder.join("device.json"), damage)?;
        world.command(&["start", "main"]).await?;
        // Nobody confirms a code here.
        core = world
            .online()
            .await
            .with_context(|| format!("`{damage}`"))?;
    }
    Ok(())
}

#[tokio::test]
async fn settings_of_the_core_that_are_broken_are_put_right_or_named() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    let file = core.folder().join("appsettings.json");
    for broken in [
        "",
        "{",
        "[]",
        r#"{"Account":{"Uin":1},"account":{}}"#,
        "\u{feff}{ /* mine */ \"Message\": {}, }",
    ] {
        stop(&world, &mut core, &quick()).await?;
        std::fs::write(&file, broken)?;
        world.command(&["start", "main"]).await?;
        core = world
            .online()
            .await
            .with_context(|| format!("`{broken}`"))?;
    }
    stop(&world, &mut core, &quick()).await?;
    std::fs::write(&file, r#"{"Account":{"AutoReconnect":"abc"}}"#)?;
    world.command(&["start", "main"]).await?;
    let words = ["Account:AutoReconnect"];
    says(&world, "braked", &words).await.map(drop)
}
