//! What children print, and what of it arrives.

use std::time::{Duration, Instant};

use perpetua_process::{CUT_MARK, LINE_LIMIT, Line, OutputStream, Process};

use crate::lifeline::Lifelines;
use crate::{launch, roles, texts, until};

#[tokio::test]
async fn all_lines_arrive_after_the_end() {
    // 3000 lines stay below what a pipe holds, so nobody has to read before the end.
    let (process, lines) = Process::start(&launch("print 3000")).expect("started");
    assert_eq!(process.wait().await.code, Some(0));
    let texts = texts(lines).await;
    assert_eq!(texts.len(), 3000);
    assert_eq!(texts.last().map(String::as_str), Some("line 2999"));
}

#[tokio::test]
async fn the_words_of_a_crash_come_after_the_log() {
    let (process, mut lines) = Process::start(&launch("crash")).expect("started");
    process.wait().await;
    until(&mut lines, roles::BEGIN).await;
    let line = |source, text: &str| {
        Some(Line {
            source,
            text: text.into(),
        })
    };
    assert_eq!(
        lines.next().await,
        line(OutputStream::Stdout, "last log line")
    );
    assert_eq!(
        lines.next().await,
        line(OutputStream::Stderr, "Unhandled exception.")
    );
    assert_eq!(lines.next().await, None);
    assert_eq!(lines.next().await, None);
}

#[tokio::test]
async fn long_lines_are_cut_and_what_is_no_text_is_replaced() {
    let (_process, lines) = Process::start(&launch("long")).expect("started");
    let expected = [
        "x".repeat(LINE_LIMIT) + CUT_MARK,
        "no \u{fffd} text".into(),
        "no line feed".into(),
    ];
    assert_eq!(texts(lines).await, expected);
}

#[tokio::test]
async fn giving_up_a_read_loses_nothing() {
    let (_process, mut lines) = Process::start(&launch("print 2000")).expect("started");
    let mut count = 0;
    loop {
        // Ready only when something is there already.
        let line = tokio::select! {
            biased;
            line = lines.next() => line,
            () = tokio::task::yield_now() => continue,
        };
        let Some(line) = line else { break };
        count += usize::from(line.text.starts_with("line "));
    }
    assert_eq!(count, 2000);
}

/// What has left the tree with the pipes in its hands is not waited for.
#[tokio::test]
async fn a_runaway_grandchild_does_not_hold_up_the_end() {
    let lifelines = Lifelines::new().await;
    let (process, lines) = Process::start(&lifelines.tie(launch("runaway"))).expect("started");
    process.wait().await;
    let ended = Instant::now();
    assert!(texts(lines).await.contains(&"last words".into()));
    assert!(
        ended.elapsed() < Duration::from_secs(4),
        "{:?}",
        ended.elapsed()
    );
}

/// Whoever prints faster than it is read waits, and we hold no more than a line and a chunk.
#[tokio::test]
async fn a_hundred_megabytes_pass_through_little_memory() {
    let (process, mut lines) = Process::start(&launch("chatty")).expect("started");
    until(&mut lines, roles::BEGIN).await;
    let before = memory();
    // Time for the child to print more than the pipe holds, if it could.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(process.status(), None, "it waits for us");
    let started = Instant::now();
    let mut bytes = 0;
    while let Some(line) = lines.next().await {
        if !is_of_the_harness(&line.text) {
            bytes += line.text.len() + 1;
        }
    }
    assert_eq!(bytes, roles::CHATTER);
    let grown = memory().saturating_sub(before);
    println!(
        "{bytes} bytes in {:?}, {grown} bytes of memory",
        started.elapsed()
    );
    // Other tests may run beside this one.
    assert!(grown < 32 * 1024 * 1024, "grown by {grown} bytes");
}

/// After a minute the harness of the role says between its lines how long it has been running.
fn is_of_the_harness(line: &str) -> bool {
    line.starts_with("test ") && line.contains(" has been running for over ")
}

/// The most memory that this process has had, in bytes.
#[cfg(target_os = "linux")]
fn memory() -> u64 {
    let status = procfs::process::Process::myself().and_then(|me| me.status());
    status.expect("readable").vmhwm.expect("known") * 1024
}

/// The memory that this process has, in bytes.
#[cfg(not(target_os = "linux"))]
fn memory() -> u64 {
    use sysinfo::{ProcessesToUpdate, System, get_current_pid};

    let me = get_current_pid().expect("a number");
    let mut system = System::new();
    system.refresh_processes(ProcessesToUpdate::Some(&[me]), true);
    system.process(me).expect("it runs").memory()
}
