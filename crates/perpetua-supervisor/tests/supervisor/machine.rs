//! What this machine lacks: room on the disk, rights, memory. It is waited for, and the account comes back by itself.

use std::time::Duration;

use perpetua_fs::faults::{DiskFault, FaultyDisk};
use perpetua_lifecycle::{LaunchFailure, LifecycleState, OfflineReason};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    play::write_session,
    stage::{Stage, WHO},
};

const FAULTS: [DiskFault; 3] = [DiskFault::Full, DiskFault::ReadOnly, DiskFault::Unreadable];
/// Within it an account is tried again, whatever this machine lacks.
const SOON: Duration = Duration::from_secs(61);

fn disk(stage: &Stage) -> FaultyDisk {
    FaultyDisk::under(stage.data().path())
}

/// Leads every process online until one stays for a while; gives how long that took.
async fn comes_back(stage: &mut Stage) -> Duration {
    let begun = Instant::now();
    timeout(SOON, stage.next_online())
        .await
        .expect("it comes back by itself");
    begun.elapsed()
}

/// What a start and a login write in the account's folder.
async fn written() -> Vec<String> {
    let mut stage = Stage::new();
    let disk = disk(&stage);
    disk.watch();
    stage.online().await;
    sleep(Duration::from_secs(1)).await;
    let mut names = disk.written();
    names.retain(|name| name.starts_with("accounts/"));
    assert!(names.iter().any(|name| name.ends_with("appsettings.json")));
    assert!(
        names.iter().any(|name| name.ends_with(".sealed")),
        "{names:?}"
    );
    names
}

/// Each write of a start and a login in turn, and all of them.
#[tokio::test(start_paused = true)]
async fn a_disk_that_refuses_never_makes_it_give_up_and_costs_no_login() {
    let mut parts = written().await;
    for part in &mut parts {
        // The names of copies and of temporary files are others each time.
        part.truncate(part.find("login-").unwrap_or(part.len()));
    }
    parts.push("accounts/".into());
    for fault in FAULTS {
        for part in &parts {
            let mut stage = Stage::new();
            std::fs::create_dir_all(stage.path("")).unwrap();
            write_session(&stage.path(""), WHO);
            let session = std::fs::read(stage.path("keystore.json")).unwrap();
            disk(&stage).fail(fault, part);
            stage.core.start().await;
            sleep(Duration::from_mins(20)).await;
            let reached = stage.core.view().borrow().state.clone();
            let waits = matches!(
                &reached,
                LifecycleState::Backoff {
                    failure: LaunchFailure::Machine(_),
                    ..
                }
            );
            // What only tells of the process, and the copy of the login, keep nobody from starting.
            let starts = stage.has_play();
            assert!(waits || starts, "{fault:?} {part}: {reached:?}");
            assert_eq!(std::fs::read(stage.path("keystore.json")).unwrap(), session);
            if waits {
                let refused = if fault == DiskFault::Unreadable {
                    "read"
                } else {
                    "written"
                };
                let said = format!("{reached:?}");
                assert!(
                    said.contains("cannot_read") == (refused == "read"),
                    "{fault:?} {part}: {said}"
                );
                disk(&stage).mend();
                comes_back(&mut stage).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_with_a_session_starts_again_on_a_full_disk() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    sleep(Duration::from_secs(1)).await;
    disk(&stage).fail(DiskFault::Full, "");
    for _ in 0..3 {
        play.abort();
        play = stage.next_online().await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_code_is_shown_before_there_is_room_for_what_the_login_writes() {
    for free in [0, 1_000_000, 9_999_999] {
        let mut stage = Stage::new();
        disk(&stage).leave_free(free);
        stage.core.start().await;
        sleep(Duration::from_mins(10)).await;
        assert!(!stage.has_play(), "{free}");
        let reached = stage.core.view().borrow().state.clone();
        let LifecycleState::Backoff { failure, .. } = &reached else {
            panic!("{reached:?}");
        };
        let said = failure.to_string();
        for part in ["a login needs 10 MB", "only", "accounts"] {
            assert!(said.contains(part), "{said}");
        }
        disk(&stage).leave_free(10_000_000);
        let play = timeout(SOON, stage.play()).await.expect("it goes on");
        play.show_code(b"a picture").await;
        stage
            .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_could_not_be_kept_is_made_later_and_its_notice_ends() {
    for fault in [DiskFault::Full, DiskFault::ReadOnly] {
        let mut stage = Stage::new();
        disk(&stage).fail(fault, "backup");
        stage.online().await;
        let view = stage.until(|view| view.notice.is_some()).await;
        let notice = view.notice.clone().unwrap().to_string();
        assert!(notice.contains("no backup of the login"), "{notice}");
        sleep(Duration::from_mins(5)).await;
        assert!(stage.core.view().borrow().notice.is_some(), "it lasts");
        disk(&stage).mend();
        let begun = Instant::now();
        stage.until(|view| view.notice.is_none()).await;
        assert!(
            begun.elapsed() <= Duration::from_secs(31),
            "{:?}",
            begun.elapsed()
        );
        let kept = stage.core.kept_login().await.expect("looked");
        assert!(kept.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_said_of_memory_before_the_core_was_measured() {
    let mut stage = Stage::new();
    stage.core.start().await;
    for _ in 0..2 {
        let mut play = stage.play().await;
        // What has just begun is no core yet.
        play.takes(1_000_000);
        stage.until(|view| view.pid.is_some()).await;
        sleep(Duration::from_secs(4)).await;
        assert_eq!(stage.core.view().borrow().usage, None);
        play.takes(83_000_000);
        let view = stage.until(|view| view.usage.is_some()).await;
        assert_eq!(view.usage.unwrap().memory_bytes, 83_000_000);
        play.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_memory_limit_never_takes_an_account_down_for_good() {
    let limit = 250_000_000;
    let mut stage = Stage::with(|settings| settings.memory_limit = Some(limit));
    stage.core.start().await;
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let mut play = stage.next_online().await;
        play.takes(600_000_000);
        play.asked_to_end().await;
        let reason = OfflineReason::TooMuchMemory {
            used: 600_000_000,
            limit,
        };
        assert_eq!(stage.core.view().borrow().offline, Some(reason.clone()));
        play.end_well();
        let view = stage
            .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
            .await;
        let LifecycleState::Backoff { until, failure, .. } = &view.state else {
            unreachable!()
        };
        assert_eq!(*failure, LaunchFailure::WentOffline(reason));
        pauses.push(until.duration_since(Instant::now().into_std()).as_secs());
    }
    assert!(pauses.is_sorted(), "{pauses:?}");
    assert!(pauses.last() >= Some(&59), "{pauses:?}");
}
