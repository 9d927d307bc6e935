//! Files of a login that are damaged, or on which the core crashes.

use std::time::Duration;

use perpetua_fs::faults::{DiskFault, FaultyDisk};
use perpetua_lagrange::{AccountFolder, LoginFile};
use perpetua_lifecycle::{ExitCause, LaunchFailure, LifecycleState};
use tokio::time::sleep;

use crate::stage::{Stage, WHO};

const FILES: [&str; 2] = ["keystore.json", "device.json"];

/// A power cut while the core wrote them.
#[tokio::test(start_paused = true)]
async fn files_of_a_login_that_are_damaged_come_back_before_the_core_stumbles_over_them() {
    for (damaged, text) in [
        (&FILES[..1], "{\"Uin\": 1"),
        (&FILES[1..], ""),
        (&FILES[1..], "{\"Guid\":\"x\"}"),
        (&FILES[..], ""),
    ] {
        let mut stage = Stage::new();
        let mut play = stage.online().await;
        let read =
            |stage: &Stage| FILES.map(|file| std::fs::read_to_string(stage.path(file)).unwrap());
        let good = read(&stage);
        // Mocked time stands still until the copy is made.
        sleep(Duration::from_secs(1)).await;
        play.abort();
        stage
            .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
            .await;
        for file in damaged {
            std::fs::write(stage.path(file), text).unwrap();
        }
        stage.next_online().await;
        assert_eq!(read(&stage), good, "{damaged:?}");
        let notice = stage.core.view().borrow().notice.clone();
        let notice = notice.expect("it is said").to_string();
        assert!(notice.contains("the backup of the last login"), "{notice}");
    }
}

/// The other file stays, and what was renamed is known until a login has come.
#[tokio::test(start_paused = true)]
async fn a_file_without_a_copy_is_set_aside_and_shown_until_a_login_has_come() {
    let good = [
        r#"{"Uin":10001,"Session":{}}"#,
        r#"{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","MacAddress":"AA=="}"#,
    ];
    for (place, file) in [LoginFile::Session, LoginFile::Device]
        .into_iter()
        .enumerate()
    {
        let mut stage = Stage::new();
        std::fs::create_dir_all(stage.path("")).unwrap();
        for (name, text) in FILES.iter().zip(good) {
            std::fs::write(stage.path(name), text).unwrap();
        }
        std::fs::write(stage.path(FILES[place]), "{").unwrap();
        stage.core.start().await;
        let play = stage.play().await;
        let view = stage.until(|view| !view.set_aside.files.is_empty()).await;
        let aside = &view.set_aside.files[0];
        assert_eq!((view.set_aside.files.len(), aside.file), (1, file));
        let renamed = std::fs::read_to_string(stage.path(&aside.name)).unwrap();
        assert_eq!(renamed, "{");
        assert_eq!(view.set_aside.copy, None, "nobody had logged in");
        let other = 1 - place;
        let kept = std::fs::read_to_string(stage.path(FILES[other])).unwrap();
        assert_eq!(kept, good[other]);
        play.finish_login(10_001).await;
        stage.until(|view| view.set_aside.files.is_empty()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_set_aside_with_its_copy_out_of_reach_can_be_restored() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    sleep(Duration::from_secs(1)).await;
    let good = FILES.map(|file| std::fs::read_to_string(stage.path(file)).unwrap());
    let name = perpetua_lagrange::backup_secret_name("main");
    let key = stage.secrets.get(&name).unwrap().expect("a key");
    stage.secrets.remove(&name).unwrap();
    play.abort();
    stage
        .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
        .await;
    std::fs::write(stage.path("keystore.json"), "").unwrap();
    let play = stage.play().await;
    let view = stage.until(|view| !view.set_aside.files.is_empty()).await;
    assert!(view.set_aside.copy.is_some(), "there is one to be restored");
    stage.secrets.set(&name, &key).unwrap();
    let core = stage.core.clone();
    let restored = tokio::spawn(async move { core.restore_login().await });
    play.asked_to_end().await;
    let mut play = play;
    play.end_well();
    restored.await.unwrap().expect("restored");
    stage.until(|view| view.set_aside.files.is_empty()).await;
    assert_eq!(
        FILES.map(|file| std::fs::read_to_string(stage.path(file)).unwrap()),
        good
    );
}

/// What crashed the core is not known; what the file is, is.
#[tokio::test(start_paused = true)]
async fn a_file_that_can_be_read_stays_though_the_core_crashes_on_it() {
    for (place, name) in ["b__0_2", "b__0_1"].into_iter().zip(FILES) {
        let mut stage = Stage::new();
        let mut play = stage.online().await;
        sleep(Duration::from_secs(1)).await;
        let good = FILES.map(|file| std::fs::read_to_string(stage.path(file)).unwrap());
        for _ in 0..3 {
            play.cry(&format!(
                "Unhandled exception. System.Text.Json.JsonException: The JSON value could not be converted.\n   at Lagrange.OneBot.Extensions.HostApplicationBuilderExtension.<>c__DisplayClass0_0.<ConfigureLagrangeCore>{place}(IServiceProvider services)"
            ))
            .await;
            play.abort();
            let view = stage
                .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
                .await;
            let LifecycleState::Backoff {
                failure: LaunchFailure::Exited(exit),
                ..
            } = &view.state
            else {
                panic!("{name}: {:?}", view.state)
            };
            assert!(
                matches!(
                    exit.cause,
                    ExitCause::KeystoreUnreadable | ExitCause::SettingsUnreadable(_)
                ),
                "{exit:?}"
            );
            assert_eq!(
                FILES.map(|file| std::fs::read_to_string(stage.path(file)).unwrap()),
                good
            );
            play = stage.play().await;
        }
        assert_eq!(stage.core.view().borrow().set_aside.files, []);
    }
}

/// A login whose copy cannot be made, and the end of its process at several moments before the next try.
#[tokio::test(start_paused = true)]
async fn what_is_set_aside_is_told_though_a_copy_of_a_former_login_was_to_be_tried_again() {
    for (fault, lived, left) in [
        (DiskFault::Full, 1, "{"),
        (DiskFault::ReadOnly, 15, ""),
        (DiskFault::Full, 29, "{\"Uin\": 1"),
        (DiskFault::Full, 44, "{"),
    ] {
        let mut stage = Stage::new();
        let disk = FaultyDisk::under(stage.data().path());
        disk.fail(fault, "backup");
        let mut play = stage.online().await;
        sleep(Duration::from_secs(lived)).await;
        play.abort();
        stage
            .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
            .await;
        std::fs::write(stage.path("keystore.json"), left).unwrap();
        let play = stage.play().await;
        play.show_code(b"a picture").await;
        stage.until(|view| !view.set_aside.files.is_empty()).await;
        // Longer than until any copy is tried again; then in another run of the node, too.
        sleep(Duration::from_secs(90)).await;
        let told = stage.core.view().borrow().set_aside.files.clone();
        assert_eq!(told.len(), 1, "{fault:?} {lived}");
        let folder = AccountFolder::new(stage.path(""));
        assert_eq!(folder.set_aside().unwrap(), told, "{fault:?} {lived}");
        // The next login ends it, whether or not its copy can be made.
        play.finish_login(WHO).await;
        stage.until(|view| view.set_aside.files.is_empty()).await;
    }
}
