//! How it dies, and what it survives although it should not.

use anyhow::Result;
use fake_core::{Phone, Process, Report, Scenario, SessionFate, SignerFault};

use crate::run::Stage;

#[tokio::test]
async fn an_expired_code_ends_it() -> Result<()> {
    let stage = Stage::set(&Scenario::default()).await?;
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
    let stage = Stage::set(&Scenario::default()).await?;
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

#[cfg(unix)]
#[tokio::test]
async fn asked_to_end_while_it_waits_for_a_phone_it_dies_of_it() -> Result<()> {
    let stage = Stage::set(&Scenario::default()).await?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    run.terminate().await?;
    run.ended()
        .await?
        .died_of("System.Threading.Tasks.TaskCanceledException: A task was canceled.")
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
async fn a_broken_keystore_ends_it_and_a_good_one_needs_no_code() -> Result<()> {
    let (stage, run) = Stage::online(&Scenario::default()).await?;
    drop(run);
    let mut run = stage.start(&[]).await?;
    run.core.serving().await?;
    drop(run);
    // The two logins by code were signed once and once more; the session was not.
    assert_eq!(stage.signer.signed().len(), 2);
    std::fs::write(stage.folder.path().join("keystore.json"), "")?;
    let ended = stage.start(&[]).await?.ended().await?;
    ended.died_of("System.Text.Json.JsonException")
}

#[tokio::test]
async fn a_dead_session_leads_to_a_code() -> Result<()> {
    let (stage, run) = Stage::online(&Scenario::default()).await?;
    drop(run);
    let scenario = Scenario {
        session: SessionFate::Dead,
        ..Scenario::default()
    };
    stage.direct(&scenario)?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    Ok(())
}

#[tokio::test]
async fn a_taken_port_does_not_end_it() -> Result<()> {
    let scenario = Scenario {
        poll_ms: 20,
        confirms_after_polls: Some(1),
        taken_ports: 1,
        ..Scenario::default()
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
