//! Logins by QR code.

use std::time::Duration;

use perpetua_lifecycle::{Generation, GiveUpReason, LifecycleState, LoginRefusal, StartPhase};
use perpetua_supervisor::CoreNews;
use tokio::time::Instant;

use crate::stage::{Stage, WHO};

/// No picture that anybody can read, so that it is shown as it is.
const PICTURE: &[u8] = b"not a picture";

#[tokio::test(start_paused = true)]
async fn a_picture_is_shown_scanned_and_confirmed() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let play = stage.play().await;
    play.show_code(PICTURE).await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
        .await;
    let LifecycleState::WaitingForScan {
        image,
        expires,
        code,
        ..
    } = &view.state
    else {
        unreachable!()
    };
    assert_eq!(
        (&*image.png, image.url.as_deref(), *code),
        (PICTURE, None, 1)
    );
    let left = *expires - Instant::now().into_std();
    assert!(
        (Duration::from_secs(119)..=Duration::from_mins(2)).contains(&left),
        "{left:?}"
    );
    assert!(matches!(
        stage.told().await,
        CoreNews::PersonNeeded(LifecycleState::WaitingForScan { .. })
    ));

    play.login_step("QrCode State Queried: WaitingForScan Uin: 0")
        .await;
    play.login_step(&format!(
        "QrCode State Queried: WaitingForConfirm Uin: {WHO}"
    ))
    .await;
    stage
        .until_state(|state| {
            matches!(
                state,
                LifecycleState::WaitingForConfirm {
                    who: Some(WHO),
                    wrong: None,
                    ..
                }
            )
        })
        .await;
    play.login_step(&format!("QrCode State Queried: Confirmed Uin: {WHO}"))
        .await;
    stage
        .until_state(|state| {
            matches!(
                state,
                LifecycleState::Starting {
                    phase: StartPhase::LoggingIn,
                    ..
                }
            )
        })
        .await;
    play.finish_login(WHO).await;
    let endpoint = stage.endpoint().await;
    stage.core.link_opened(endpoint.generation).await;
    assert_eq!(stage.told().await, CoreNews::Online { who: WHO });
}

#[tokio::test(start_paused = true)]
async fn a_picture_may_come_late_and_a_former_one_is_not_shown() {
    let mut stage = Stage::new();
    std::fs::create_dir_all(stage.path("")).unwrap();
    std::fs::write(stage.path("qr-0.png"), "the former one").unwrap();
    stage.core.start().await;
    let play = stage.play().await;
    play.begin().await;
    play.login_step("QrCode Fetched, Expiration: 120 seconds")
        .await;
    // The disk is slow: the core takes three seconds for its picture.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(matches!(
        stage.core.view().borrow().state,
        LifecycleState::Starting { .. }
    ));
    std::fs::write(stage.path("qr-0.png"), PICTURE).unwrap();
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
        .await;
    let LifecycleState::WaitingForScan { image, .. } = &view.state else {
        unreachable!()
    };
    assert_eq!(&*image.png, PICTURE);
}

#[tokio::test(start_paused = true)]
async fn an_expired_code_is_followed_by_a_fresh_one_until_nobody_seems_to_look() {
    let mut stage = Stage::new();
    stage.core.start().await;
    for code in 1..=5 {
        let mut play = stage.play().await;
        play.show_code(PICTURE).await;
        stage
            .until_state(|state| matches!(state, LifecycleState::WaitingForScan { code: shown, .. } if *shown == code))
            .await;
        play.log(
            "WtExchangeLogic",
            "WARNING",
            "QrCode Expired, Please Fetch QrCode Again",
        )
        .await;
        play.give_up_login().await;
    }
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::GivenUp { .. }))
        .await;
    let LifecycleState::GivenUp { reason, .. } = &view.state else {
        unreachable!()
    };
    assert_eq!(*reason, GiveUpReason::NobodyScanned { codes: 5 });
    assert_eq!((view.generation, view.restarts), (Generation(5), 4));
    // A person looks: another code.
    stage.core.look().await;
    stage.play().await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_in_the_servers_words() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let mut play = stage.play().await;
    play.show_code(PICTURE).await;
    stage
        .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
        .await;
    play.log("WtExchangeLogic", "FATAL", "Login failed: 45")
        .await;
    play.log(
        "WtExchangeLogic",
        "FATAL",
        "Tag: 禁止登录\n      State: 登录失败",
    )
    .await;
    play.give_up_login().await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::Refused { .. }))
        .await;
    let LifecycleState::Refused {
        refusal: LoginRefusal::Server { code, tag, .. },
    } = &view.state
    else {
        panic!("{view:?}");
    };
    assert_eq!((*code, tag.as_str()), (45, "禁止登录"));
}

#[tokio::test(start_paused = true)]
async fn another_account_is_turned_away_and_its_session_set_aside() {
    let mut stage = Stage::with(|settings| settings.policy.expected = Some(WHO));
    stage.core.start().await;
    let mut play = stage.play().await;
    play.show_code(PICTURE).await;
    play.finish_login(WHO + 1).await;
    play.asked_to_end().await;
    play.end_well();
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::Refused { .. }))
        .await;
    let wrong = LoginRefusal::WrongAccount {
        expected: WHO,
        scanned: WHO + 1,
    };
    let why = perpetua_words::Message::from(&wrong);
    assert_eq!(view.state, LifecycleState::Refused { refusal: wrong });
    let view = stage.until(|view| !view.set_aside.files.is_empty()).await;
    assert_eq!(view.set_aside.files[0].why, why);
    let session = stage.path("keystore.json");
    stage.close().await;
    assert!(!session.exists());
}
