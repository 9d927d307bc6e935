//! How it dies, and what it survives although it should not.

use anyhow::Result;
use fake_core::{Phone, Process, Qq, Report, Scenario, SessionFate, SignerFault};

use crate::run::{Stage, quick, until};

#[tokio::test]
async fn an_expired_code_ends_it() -> Result<()> {
    let stage = Stage::set(&quick()).await?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    run.core.phone(Phone::Expire).await?;
    let ended = run.ended().await?;
    assert!(
        ended
            .stdout
            .contains("QrCode State Queried: CodeExpired Uin: 0")
    );
    assert!(
        ended
            .stdout
            .contains("QrCode Expired, Please Fetch QrCode Again")
    );
    ended.died_of("System.Exception: All login failed!")
}

#[tokio::test]
async fn a_dead_signer_ends_it_before_there_is_a_code() -> Result<()> {
    let stage = Stage::set(&Scenario::default()).await?;
    stage.signer.fault(Some(SignerFault::Status(521)));
    let ended = stage.start(&[]).await?.ended().await?;
    assert!(
        ended.stdout.contains("Signer server returned a 521"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains("QrCode Fetched"));
    ended.died_of("System.Exception: All login failed!")
}

#[tokio::test]
async fn a_refused_login_says_why() -> Result<()> {
    let stage = Stage::set(&quick()).await?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    let refused = Phone::Refused(45, "禁止登录".to_owned(), "登录失败".to_owned());
    run.core.phone(refused).await?;
    let ended = run.ended().await?;
    assert!(ended.stdout.contains("[FATAL]: Login failed: 45\n"));
    assert!(
        ended
            .stdout
            .contains("[FATAL]: Tag: 禁止登录\n      State: 登录失败\n")
    );
    ended.died_of("All login failed!")
}

#[tokio::test]
async fn without_settings_it_writes_some_and_dies_of_its_missing_keyboard() -> Result<()> {
    let stage = Stage::set(&Scenario::default()).await?;
    let settings = stage.folder.path().join("appsettings.json");
    std::fs::remove_file(&settings)?;
    let ended = stage.start(&[]).await?.ended().await?;
    assert!(
        ended
            .stdout
            .contains("No exist config file, create it now...")
    );
    assert!(settings.exists());
    ended.died_of("System.InvalidOperationException: Cannot read keys")
}

#[tokio::test]
async fn a_good_session_needs_neither_a_code_nor_a_signature() -> Result<()> {
    let (stage, run) = Stage::online(&Scenario::default()).await?;
    drop(run);
    let mut run = stage.start(&[]).await?;
    run.core.serving().await?;
    run.core.process(Process::Exit(0)).await?;
    let ended = run.ended().await?;
    assert!(ended.stdout.contains("[SocketContext] [VERBOSE]: Server: "));
    assert!(!ended.stdout.contains("Connecting Servers..."));
    // Only the login by code was signed.
    assert_eq!(stage.signer.signed().len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_dead_session_leads_to_a_code_in_the_same_run() -> Result<()> {
    let (stage, run) = Stage::online(&Scenario::default()).await?;
    drop(run);
    let scenario = Scenario {
        session: SessionFate::Dead,
        ..quick()
    };
    stage.direct(&scenario)?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    run.core.process(Process::Exit(0)).await?;
    let ended = run.ended().await?;
    ended.says_in_order(&[
        "Session has not expired",
        "Register Status: ",
        "Register by session failed",
        "Key Exchange successfully!",
        "Trying to Login by EasyLogin...",
        "Fast Login Failed with code 140022015",
        "Connecting Servers...",
        "QrCode Fetched",
    ])?;
    assert_eq!(ended.stdout.matches("Server: http").count(), 1);
    assert!(!ended.stdout.contains("Invalid Session found"));
    Ok(())
}

#[tokio::test]
async fn what_the_phone_does_shows_at_a_poll_and_not_before_the_first() -> Result<()> {
    let scenario = Scenario {
        poll_ms: 400,
        ..Scenario::default()
    };
    let stage = Stage::set(&scenario).await?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    let shown = std::time::Instant::now();
    run.core.phone(Phone::Confirm).await?;
    run.core.serving().await?;
    let waited = shown.elapsed();
    assert!(waited.as_millis() >= 350, "{waited:?}");
    Ok(())
}

#[tokio::test]
async fn a_database_of_older_versions_ends_it() -> Result<()> {
    let stage = Stage::set(&Scenario::default()).await?;
    std::fs::write(stage.folder.path().join("lagrange-0.db"), "")?;
    let ended = stage.start(&[]).await?.ended().await?;
    assert_eq!(ended.stdout.matches("crit: ").count(), 3);
    assert_eq!(stage.signer.app_infos(), 1, "it asks the signer before");
    ended.died_of("System.InvalidOperationException: Cannot read keys")
}

#[tokio::test]
async fn settings_that_it_cannot_read_end_it() -> Result<()> {
    let stage = Stage::set(&Scenario::default()).await?;
    let file = stage.folder.path().join("appsettings.json");
    for broken in [
        "",
        "{",
        "[]",
        "null",
        r#"{"A":1,"a":2}"#,
        r#"{"B":{"C":1,"C":2}}"#,
    ] {
        std::fs::write(&file, broken)?;
        let ended = stage.start(&[]).await?.ended().await?;
        ended.died_of("System.IO.InvalidDataException: Failed to load configuration")?;
    }
    std::fs::write(&file, r#"{"Account":{"AutoReconnect":"abc"}}"#)?;
    let ended = stage.start(&[]).await?.ended().await?;
    ended.died_of("configuration value at 'Account:AutoReconnect'")
}

#[tokio::test]
async fn the_first_message_makes_the_database() -> Result<()> {
    let (stage, mut run) = Stage::online(&Scenario::default()).await?;
    let folder = stage.folder.path().join("lagrange-0-db");
    assert!(folder.is_dir());
    assert!(!folder.join(".realm").exists());
    let said = Qq::Say {
        text: "hi".to_owned(),
        count: 1,
        per_second: 0,
    };
    run.core.qq(said).await?;
    until(|| folder.join(".realm").exists()).await
}

#[tokio::test]
async fn a_taken_port_does_not_end_it() -> Result<()> {
    let scenario = Scenario {
        taken_ports: 1,
        confirms_after_polls: Some(1),
        ..quick()
    };
    let stage = Stage::set(&scenario).await?;
    let mut run = stage.start(&[]).await?;
    let failed = |report: &Report| matches!(report, Report::NotServing(_));
    run.core.reported("a port that is taken", failed).await?;
    run.core.process(Process::Exit(3)).await?;
    let ended = run.ended().await?;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended
            .stdout
            .contains("[LagrangeWebSvcCollection]: WebService start failed.")
    );
    assert!(ended.stdout.contains("Application started."), "it ran on");
    // The next start gets its port.
    let mut run = stage.start(&[]).await?;
    run.core.serving().await
}

#[tokio::test]
async fn without_a_console_it_dies_as_on_windows() -> Result<()> {
    let scenario = Scenario {
        console: Some(false),
        ..Scenario::default()
    };
    let stage = Stage::set(&scenario).await?;
    let ended = stage.start(&[]).await?.ended().await?;
    assert_eq!(ended.stdout, "");
    ended.died_of("System.IO.IOException: The handle is invalid.")
}
