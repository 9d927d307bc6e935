//! Processes of a former run, found again and ended, and those that only look like them.

use std::time::Duration;

use perpetua_process::{Identity, Orphan, Process};
use serde_json::Value;

use crate::lifeline::Lifelines;
use crate::{launch, until};

const GRACE: Duration = Duration::from_millis(300);
const AT_ONCE: Duration = Duration::from_secs(1);

/// The identity as it comes back from a file, with one of its fields changed.
fn changed(identity: &Identity, field: &str, value: impl Into<Value>) -> Identity {
    let mut saved = serde_json::to_value(identity).expect("JSON");
    saved[field] = value.into();
    serde_json::from_value(saved).expect("an identity")
}

#[tokio::test]
async fn a_process_is_found_by_its_saved_identity_and_ended() {
    let lifelines = Lifelines::new().await;
    let (process, _lines) = Process::start(&lifelines.tie(launch("family"))).expect("started");
    let mut lives = lifelines.lives(2).await;
    let saved = serde_json::to_string(process.identity()).expect("JSON");
    let identity: Identity = serde_json::from_str(&saved).expect("an identity");
    assert_eq!(&identity, process.identity());

    let orphan = Orphan::find(&identity).expect("it runs");
    assert_eq!(orphan.id(), process.id());
    orphan.end(GRACE).await.expect("ended");
    for life in &mut lives {
        assert!(life.ends_within(AT_ONCE).await, "{} lives", life.name);
    }
    process.wait().await;
    assert_eq!(Orphan::find(&identity), None);
}

#[tokio::test]
async fn another_process_with_the_number_is_left_alone() {
    let (process, mut lines) = Process::start(&launch("stubborn")).expect("started");
    until(&mut lines, "complete").await;
    let identity = process.identity();
    assert!(Orphan::find(identity).is_some());
    let others = [
        changed(identity, "started", "1"),
        changed(identity, "started", ""),
        changed(identity, "program", "/bin/another"),
        changed(identity, "pid", std::process::id()),
        changed(identity, "pid", u32::MAX),
        changed(identity, "pid", 0),
    ];
    for other in others {
        assert_eq!(Orphan::find(&other), None, "{other:?}");
    }
    #[cfg(unix)]
    assert_eq!(Orphan::find(&changed(identity, "group", 1)), None);
    assert_eq!(process.status(), None);
}

#[cfg(unix)]
#[tokio::test]
async fn a_stubborn_leftover_is_killed_after_the_grace() {
    let lifelines = Lifelines::new().await;
    let (process, _lines) = Process::start(&lifelines.tie(launch("stubborn"))).expect("started");
    let mut lives = lifelines.lives(1).await;
    let orphan = Orphan::find(process.identity()).expect("it runs");
    let asked = tokio::time::Instant::now();
    orphan.end(GRACE).await.expect("ended");
    assert!(asked.elapsed() >= GRACE, "it had its time");
    assert!(lives[0].ends_within(AT_ONCE).await, "it lives");
    assert_eq!(process.wait().await.signal, Some(9));
}

/// The watcher was killed, then the node: what it had started runs on.
#[cfg(unix)]
#[tokio::test]
async fn a_tree_without_its_watcher_is_found_and_ended() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use crate::roles;
    use rustix::process::{Pid, Signal, kill_process};

    let lifelines = Lifelines::new().await;
    let mut node = Command::new(launch("").program);
    node.args(roles::arguments())
        .env(roles::ROLE, "node")
        .stdout(Stdio::piped());
    lifelines.tie_command(&mut node);
    let mut node = node.spawn().expect("a node");
    let mut lives = lifelines.lives(5).await;
    let mut said = BufReader::new(node.stdout.take().expect("its output"))
        .lines()
        .map_while(Result::ok);
    let saved = said
        .find(|line| line.starts_with('{'))
        .expect("an identity");
    let value: Value = serde_json::from_str(&saved).expect("JSON");
    let watcher = value["group"]
        .as_i64()
        .and_then(|group| group.try_into().ok())
        .expect("a group");
    kill_process(Pid::from_raw(watcher).expect("a number"), Signal::KILL).expect("its watcher");
    node.kill().expect("killed");
    node.wait().expect("reaped");

    let family = lives
        .iter_mut()
        .position(|life| life.name == "family one")
        .expect("the family");
    assert!(
        !lives[family].ends_within(GRACE).await,
        "nobody was to end it"
    );
    let identity: Identity = serde_json::from_str(&saved).expect("an identity");
    let orphan = Orphan::find(&identity).expect("it runs");
    orphan.end(GRACE).await.expect("ended");
    for life in lives.iter_mut().filter(|life| life.name.ends_with("one")) {
        assert!(life.ends_within(AT_ONCE).await, "{} lives", life.name);
    }
    assert_eq!(Orphan::find(&identity), None);
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_known_by_a_link_to_its_program_is_found() {
    let (process, mut lines) = Process::start(&launch("stubborn")).expect("started");
    until(&mut lines, "complete").await;
    let folder = tempfile::tempdir().expect("temporary folder");
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(launch("").program, &link).expect("linked");
    let link = link.to_str().expect("text");
    let linked = changed(process.identity(), "program", link);
    assert!(Orphan::find(&linked).is_some(), "{linked:?}");
}
