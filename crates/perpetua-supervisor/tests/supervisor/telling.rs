//! What is told: lines, files, numbers, copies of the login.

use std::time::Duration;

use perpetua_fetch::InstallProgress;
use perpetua_lifecycle::{Generation, LifecycleState, StartPhase};
use perpetua_supervisor::LoginError;
use tokio::time::{Instant, sleep};

use crate::stage::Stage;

/// A message that somebody wrote, as the core logs it.
const MESSAGE: &str = "[MessageChain(1)(2)] [Text]: our secret plan";

#[tokio::test(start_paused = true)]
async fn lines_are_told_and_kept_without_what_people_wrote() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    let mut lines = stage.core.lines();
    assert!(
        lines
            .recent
            .iter()
            .any(|line| line.text.contains("Bot Uin: 10001")),
        "{lines:?}"
    );
    assert!(
        lines
            .recent
            .iter()
            .all(|line| line.generation == Generation(1))
    );
    play.log("MessagingLogic", "VERBOSE", MESSAGE).await;
    let mut line = lines.coming.recv().await.unwrap();
    while !line.text.contains("MessagingLogic") {
        line = lines.coming.recv().await.unwrap();
    }
    assert!(!line.text.contains("secret plan"), "{line:?}");

    let kept = kept(stage.close().await.path());
    assert!(kept.contains("Bot Uin: 10001"), "{kept}");
    assert!(
        kept.contains("MessagingLogic") && !kept.contains("secret plan"),
        "{kept}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_people_wrote_is_kept_where_the_settings_want_it() {
    let mut stage = Stage::with(|settings| settings.log_messages = true);
    let play = stage.online().await;
    let mut lines = stage.core.lines().coming;
    play.log("MessagingLogic", "VERBOSE", MESSAGE).await;
    lines.recv().await.expect("a line");
    let kept = kept(stage.close().await.path());
    assert!(kept.contains("our secret plan"), "{kept}");
}

/// What the core's log files hold.
fn kept(data: &std::path::Path) -> String {
    let logs = std::fs::read_dir(data.join("logs")).expect("logs");
    let files = logs.map(|entry| entry.expect("a file").path());
    let ours = |path: &std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.starts_with("core-main-")
    };
    files
        .filter(ours)
        .map(|path| std::fs::read_to_string(path).expect("text"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn numbers_that_flicker_wake_nobody_more_than_ten_times_a_second() {
    let stage = Stage::new();
    *stage.cores.current.lock().unwrap() = Err(perpetua_lifecycle::LaunchFailure::NoCore);
    stage.core.start().await;
    stage
        .until_state(|state| matches!(state, LifecycleState::Installing))
        .await;
    let progress = stage.cores.progress.clone();
    let download = tokio::spawn(async move {
        for received in 1..=1000 {
            let progressed = InstallProgress {
                received,
                ..InstallProgress::default()
            };
            progress.send_replace(Some(progressed));
            // A download that tells each millisecond how far it is.
            sleep(Duration::from_millis(1)).await;
        }
    });
    let (mut view, mut wakes, begun) = (stage.core.view(), 0, Instant::now());
    loop {
        view.changed().await.unwrap();
        wakes += 1;
        let shown = view.borrow_and_update();
        if shown
            .install
            .as_ref()
            .is_some_and(|progress| progress.received == 1000)
        {
            break;
        }
    }
    download.await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    assert!((8..=12).contains(&wakes), "{wakes} in {seconds} s");
}

/// Of somebody who reads slowly the core writes anew for every event.
#[tokio::test(start_paused = true)]
async fn records_of_a_slow_reader_are_one_line_a_minute() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    let mut lines = stage.core.lines().coming;
    let class = "Lagrange.OneBot.Core.Network.LagrangeWebSvcCollection[6]";
    let text = "[LagrangeWebSvcCollection]: WebService send message failed.\n      System.TimeoutException: The operation has timed out.";
    for _ in 0..100 {
        play.record(class, text).await;
    }
    play.login_step("Bot name: bot").await;
    let mut told = Vec::new();
    while told
        .last()
        .is_none_or(|line: &String| !line.contains("99 more"))
    {
        let line = lines.recv().await.expect("a line").text;
        told.push(line.to_string());
    }
    let about = |what: &str| told.iter().filter(|line| line.contains(what)).count();
    assert_eq!(about("System.TimeoutException"), 1, "{told:?}");
    assert_eq!(about("Bot name: bot"), 1, "{told:?}");
    sleep(Duration::from_mins(3)).await;
    assert!(lines.try_recv().is_err(), "there was no other one");
}

#[tokio::test(start_paused = true)]
async fn a_login_is_kept_and_can_be_put_back() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    let session = std::fs::read_to_string(stage.path("keystore.json")).unwrap();
    assert!(matches!(
        stage.core.restore_login().await,
        Err(LoginError::Online)
    ));

    // Mocked time stands still until the copy is made.
    sleep(Duration::from_secs(1)).await;
    // The session is lost, and the core asks for a QR code.
    play.abort();
    stage
        .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
        .await;
    std::fs::remove_file(stage.path("keystore.json")).unwrap();
    let mut play = stage.play().await;
    play.show_code(b"picture").await;
    stage
        .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
        .await;
    let core = stage.core.clone();
    let restored = tokio::spawn(async move { core.restore_login().await });
    play.asked_to_end().await;
    assert!(matches!(
        stage.core.restore_login().await,
        Err(LoginError::UnderWay)
    ));
    assert!(!stage.path("keystore.json").exists(), "the core still runs");
    play.abort();
    restored.await.unwrap().unwrap();
    assert_eq!(
        std::fs::read_to_string(stage.path("keystore.json")).unwrap(),
        session
    );
    stage.next_online().await;
    assert_eq!(stage.core.view().borrow().notice, None);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_cannot_be_kept_is_said_and_the_account_stays_online() {
    let mut stage = Stage::new();
    std::fs::create_dir_all(stage.path("")).unwrap();
    // Where the copies would go there is a file.
    std::fs::write(stage.path("backup"), "").unwrap();
    let _play = stage.online().await;
    let view = stage.until(|view| view.notice.is_some()).await;
    assert!(view.state.is_online());
    let notice = view.notice.as_ref().unwrap().to_string();
    assert!(
        notice.contains("no backup of the login could be saved"),
        "{notice}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_kept_login_nothing_is_put_back_and_the_words_say_so() {
    let stage = Stage::new();
    let refused = stage.core.restore_login().await.unwrap_err();
    assert!(!refused.to_string().is_empty());
    assert_eq!(stage.core.view().borrow().state, LifecycleState::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_forgotten_is_gone_with_its_copies_and_the_core_stays_ended() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    // Mocked time stands still until the copy is made.
    sleep(Duration::from_secs(1)).await;
    assert!(stage.core.kept_login().await.unwrap().is_some());
    std::fs::write(stage.path("keystore.json.broken-20260101"), "{}").unwrap();

    let core = stage.core.clone();
    let forgotten = tokio::spawn(async move { core.forget_login().await });
    play.asked_to_end().await;
    assert!(stage.path("keystore.json").exists(), "the core still runs");
    assert!(matches!(
        stage.core.forget_login().await,
        Err(LoginError::UnderWay)
    ));
    play.abort();
    let forgotten = forgotten.await.unwrap().unwrap();
    assert_eq!((forgotten.session, forgotten.copies), (true, 1));
    stage
        .until_state(|state| matches!(state, LifecycleState::Stopped))
        .await;
    for gone in ["keystore.json", "keystore.json.broken-20260101"] {
        assert!(!stage.path(gone).exists(), "{gone}");
    }
    assert_eq!(std::fs::read_dir(stage.path("backup")).unwrap().count(), 0);
    assert_eq!(stage.core.kept_login().await.unwrap(), None);

    // Again there is nothing, and nobody starts it.
    let forgotten = stage.core.forget_login().await.unwrap();
    assert_eq!((forgotten.session, forgotten.copies), (false, 0));
    assert!(!stage.has_play());
    assert!(matches!(
        stage.core.restore_login().await,
        Err(LoginError::Failed(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn it_is_told_since_when_a_core_stands_and_how_long_the_phases_of_its_start_took() {
    let mut stage = Stage::new();
    let stopped = stage.core.view().borrow().since;
    stage.core.start().await;
    let mut play = stage.play().await;
    stage
        .until_state(|state| matches!(state, LifecycleState::Starting { phase, .. } if *phase == StartPhase::Launched))
        .await;
    sleep(Duration::from_secs(3)).await;
    play.show_code(b"picture").await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
        .await;
    assert_eq!(view.qr_codes, 5);
    assert!(view.since >= stopped + Duration::from_secs(3));
    let phases: Vec<_> = view.phases.iter().map(|(phase, _)| *phase).collect();
    assert_eq!(&phases[..2], [StartPhase::Preparing, StartPhase::Launched]);
    let launched = view.phases[1].1;
    assert!(launched >= Duration::from_secs(3), "{launched:?}");

    // What only counts does not move it, and the next start begins anew.
    sleep(Duration::from_secs(5)).await;
    assert_eq!(stage.core.view().borrow().since, view.since);
    stage.core.restart().await;
    play.asked_to_end().await;
    play.abort();
    stage.play().await;
    let again = stage
        .until(|view| view.generation.0 == 2 && view.phases.len() == 1)
        .await;
    assert_eq!(again.phases[0].0, StartPhase::Preparing);
}
