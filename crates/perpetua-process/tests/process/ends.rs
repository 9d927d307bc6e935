//! How trees end: by themselves, on request, by force, with their owner.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use perpetua_process::{ExitStatus, Process};

use crate::lifeline::Lifelines;
use crate::{launch, roles, texts, until};

/// How long a tree may outlive its end.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How long something is looked at that is to stay as it is.
const A_WHILE: Duration = Duration::from_millis(300);

#[tokio::test]
async fn the_exit_code_arrives_each_time_it_is_asked_for() {
    let (process, lines) = Process::start(&launch("exit 7")).expect("started");
    let seven = ExitStatus {
        code: Some(7),
        signal: None,
    };
    assert_eq!(process.wait().await, seven);
    assert_eq!(process.wait().await, seven);
    assert_eq!(process.status(), Some(seven));
    assert_eq!(process.usage(), None);
    assert_eq!(texts(lines).await, [""; 0]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_signal_of_a_crash_arrives() {
    let (process, _lines) = Process::start(&launch("abort")).expect("started");
    let aborted = ExitStatus {
        code: None,
        signal: Some(6),
    };
    assert_eq!(process.wait().await, aborted);
}

#[tokio::test]
async fn killing_ends_grandchildren_too() {
    let lifelines = Lifelines::new().await;
    let (process, _lines) = Process::start(&lifelines.tie(launch("family"))).expect("started");
    let mut lives = lifelines.lives(2).await;
    process.kill();
    process.kill();
    for life in &mut lives {
        assert!(life.ends_within(AT_ONCE).await, "{} lives", life.name);
    }
    let killed = ExitStatus {
        code: None,
        signal: cfg!(unix).then_some(9),
    };
    assert_eq!(process.wait().await, killed);
    process.kill();
    process.stop();
}

#[tokio::test]
async fn stopping_from_elsewhere_ends_a_wait_and_the_rest_of_the_tree() {
    let lifelines = Lifelines::new().await;
    let (process, _lines) = Process::start(&lifelines.tie(launch("family"))).expect("started");
    let mut lives = lifelines.lives(2).await;
    let stopper = process.stopper();
    let waiting = process.wait();
    tokio::pin!(waiting);
    let early = tokio::time::timeout(A_WHILE, &mut waiting).await;
    assert!(early.is_err(), "nobody has asked it to end");
    stopper.stop();
    stopper.stop();
    let status = tokio::time::timeout(AT_ONCE, waiting).await.expect("ended");
    // The signal `SIGTERM`. Windows has none, and kills.
    let expected = ExitStatus {
        code: None,
        signal: cfg!(unix).then_some(15),
    };
    assert_eq!(status, expected);
    for life in &mut lives {
        assert!(life.ends_within(AT_ONCE).await, "{} lives", life.name);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_stubborn_process_outlives_a_stop_and_not_a_kill() {
    let lifelines = Lifelines::new().await;
    let (process, _lines) = Process::start(&lifelines.tie(launch("stubborn"))).expect("started");
    let mut lives = lifelines.lives(1).await;
    process.stop();
    assert!(!lives[0].ends_within(A_WHILE).await, "it ended");
    process.kill();
    assert!(lives[0].ends_within(AT_ONCE).await, "it lives");
    let killed = ExitStatus {
        code: None,
        signal: Some(9),
    };
    assert_eq!(process.wait().await, killed);
}

#[tokio::test]
async fn dropping_a_process_ends_its_tree() {
    let lifelines = Lifelines::new().await;
    let (process, mut lines) = Process::start(&lifelines.tie(launch("family"))).expect("started");
    let mut both = lifelines.lives(2).await;
    until(&mut lines, "complete").await;
    drop(lines);
    assert!(
        !both[0].ends_within(A_WHILE).await,
        "only its lines were dropped"
    );
    let stopper = process.stopper();
    drop(process);
    for life in &mut both {
        assert!(life.ends_within(AT_ONCE).await, "{} lives", life.name);
    }
    stopper.kill();
}

/// `kill -9`, the task manager, a crash of ours: nothing of us runs any more, and yet nothing stays.
#[tokio::test]
async fn trees_end_with_a_killed_owner_and_other_children_do_not() {
    let lifelines = Lifelines::new().await;
    let mut node = Command::new(launch("").program);
    node.args(roles::arguments())
        .env(roles::ROLE, "node")
        .stdout(Stdio::null());
    lifelines.tie_command(&mut node);
    let mut node = node.spawn().expect("a node");
    let mut lives = lifelines.lives(5).await;
    let names: Vec<_> = lives.iter().map(|life| life.name.as_str()).collect();
    let outsider = "sleep outsider";
    assert_eq!(
        names,
        [
            "family one",
            "family two",
            "sleep one",
            outsider,
            "sleep two"
        ]
    );

    let killed = Instant::now();
    node.kill().expect("killed");
    node.wait().expect("reaped");
    for life in &mut lives {
        if life.name != outsider {
            assert!(life.ends_within(AT_ONCE).await, "{} lives", life.name);
        }
    }
    println!("all had ended {:?} after their owner", killed.elapsed());
    // It would have inherited the pipes of the watchers, if anyone could.
    assert!(
        !lives[3].ends_within(A_WHILE).await,
        "nobody was to end the outsider"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_terminal_does_not_reach_the_process() {
    use rustix::process::{Pid, getpgid, getpgrp};

    let (process, mut lines) = Process::start(&launch("stubborn")).expect("started");
    until(&mut lines, "complete").await;
    let pid = Pid::from_raw(process.id().cast_signed()).expect("a number");
    assert_ne!(
        getpgid(Some(pid)),
        Ok(getpgrp()),
        "signals of a terminal go to its group"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_zombie_and_no_watcher_is_left_after_a_hundred_starts() {
    let (_starter, lines) = Process::start(&launch("starter 100")).expect("started");
    assert_eq!(
        texts(lines).await.last().map(String::as_str),
        Some("children 0")
    );
}

/// How many children this process has, dead or alive, once those that end have had time to.
#[cfg(target_os = "linux")]
pub(crate) async fn children_after_a_moment() -> usize {
    let end = Instant::now() + AT_ONCE;
    loop {
        let me = std::process::id().cast_signed();
        let all = procfs::process::all_processes().expect("a list");
        let stats = all.filter_map(|process| process.ok()?.stat().ok());
        let children = stats.filter(|stat| stat.ppid == me).count();
        if children == 0 || Instant::now() >= end {
            return children;
        }
        // The system tells nobody when a child of a child's thread was reaped.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
