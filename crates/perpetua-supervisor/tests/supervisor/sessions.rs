//! Whose a saved session is, and what is said when it is gone.

use std::time::Duration;

use perpetua_lifecycle::{LifecycleState, LoginRefusal};
use tokio::time::sleep;

use crate::{
    play::write_session,
    stage::{Stage, WHO},
};

/// Another account.
const OTHER: u64 = 20009;

fn content(stage: &Stage, name: &str) -> Vec<u8> {
    std::fs::read(stage.path(name)).expect("a file")
}

/// The number in the settings is put right, or wrong.
async fn expect(stage: &Stage, who: u64) {
    let mut settings = stage.settings.clone();
    settings.policy.expected = Some(who);
    stage.core.change(settings).await;
    stage.core.restart().await;
}

/// A wrong number for an account that had none, that was right, and for two that were exchanged.
#[tokio::test(start_paused = true)]
async fn a_session_of_another_account_is_refused_before_the_start_and_starts_once_that_is_put_right()
 {
    for (session, wanted) in [(WHO, OTHER), (OTHER, WHO)] {
        let mut stage = Stage::with(|settings| settings.policy.expected = Some(wanted));
        std::fs::create_dir_all(stage.path("")).expect("a folder");
        write_session(&stage.path(""), session);
        let before = ["keystore.json", "device.json"].map(|name| content(&stage, name));
        stage.core.start().await;
        let view = stage
            .until_state(|state| matches!(state, LifecycleState::Refused { .. }))
            .await;
        let wrong = LoginRefusal::WrongSession {
            expected: wanted,
            found: session,
        };
        let words = perpetua_words::Message::from(&wrong).to_string();
        for number in [wanted, session] {
            assert!(words.contains(&number.to_string()), "{words}");
        }
        assert_eq!(view.state, LifecycleState::Refused { refusal: wrong });
        assert_eq!(view.set_aside.files, []);
        let after = ["keystore.json", "device.json"].map(|name| content(&stage, name));
        assert_eq!(after, before, "nothing was renamed or written");
        sleep(Duration::from_hours(1)).await;
        assert!(!stage.has_play(), "it waits for a person");
        expect(&stage, session).await;
        let play = stage.play().await;
        play.log_in_by_session(session).await;
        let endpoint = stage.endpoint().await;
        stage.core.link_opened(endpoint.generation).await;
        stage.until_state(LifecycleState::is_online).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_wrong_for_a_while_costs_no_session() {
    let mut stage = Stage::with(|settings| settings.policy.expected = Some(WHO));
    let mut play = stage.online().await;
    sleep(Duration::from_secs(1)).await;
    let session = content(&stage, "keystore.json");
    let changing = async {
        expect(&stage, OTHER).await;
    };
    changing.await;
    play.asked_to_end().await;
    play.end_well();
    stage
        .until_state(|state| matches!(state, LifecycleState::Refused { .. }))
        .await;
    assert_eq!(content(&stage, "keystore.json"), session);
    expect(&stage, WHO).await;
    stage.next_online().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_gone_is_told_as_long_as_a_copy_could_take_its_place() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    sleep(Duration::from_secs(1)).await;
    let view = stage.core.view().borrow().clone();
    assert!(!view.set_aside.is_session_gone && view.set_aside.copy.is_none());
    std::fs::remove_file(stage.path("keystore.json")).expect("deleted");
    play.abort();
    let mut play = stage.play().await;
    let view = stage.until(|view| view.set_aside.is_session_gone).await;
    assert!(view.set_aside.copy.is_some(), "it can be restored");
    let core = stage.core.clone();
    let restored = tokio::spawn(async move { core.restore_login().await });
    play.asked_to_end().await;
    play.end_well();
    restored.await.expect("it goes on").expect("restored");
    stage.until(|view| !view.set_aside.is_session_gone).await;
    stage.next_online().await;
}

#[tokio::test(start_paused = true)]
async fn where_nobody_has_logged_in_nothing_is_missing() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let play = stage.play().await;
    play.show_code(b"no picture").await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
        .await;
    assert!(!view.set_aside.is_session_gone);
}

#[tokio::test(start_paused = true)]
async fn what_brought_the_account_online_is_noted_at_once_and_again_when_it_lasts() {
    let mut stage = Stage::new();
    let _play = stage.online().await;
    let noted = |stage: &Stage| stage.cores.noted.lock().expect("lock").clone();
    sleep(Duration::from_secs(1)).await;
    let version = String::from("nightly-11111111");
    assert_eq!(noted(&stage), [(version.clone(), false)]);
    sleep(Duration::from_mins(2)).await;
    assert_eq!(noted(&stage), [(version.clone(), false), (version, true)]);
}
