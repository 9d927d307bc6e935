//! Logging of a whole process: what is on its stderr and in its folder, also when neither can be written.
//!
//! The tests start this test program again, because a process logs once; a test that finds its own
//! variable set plays that process.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use perpetua_config::{Log, LogFormat};
use perpetua_fs::faults::{DiskFault, FaultyDisk};
use perpetua_telemetry::{InitError, init};

/// Names the folder of the logs to the started process.
const FOLDER: &str = "PERPETUA_TEST_FOLDER";

fn given_folder() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// This test program, set to run one test in a process of its own.
fn process(program: &mut Command, test: &str, folder: &Path) -> Command {
    program
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdin(Stdio::null());
    std::mem::replace(program, Command::new("unused"))
}

fn run(test: &str, folder: &Path) -> Output {
    let mut program = Command::new(env::current_exe().expect("this test program"));
    let output = process(&mut program, test, folder)
        .output()
        .expect("started");
    assert!(output.status.success(), "{output:?}");
    output
}

/// Everything in the log files of a folder.
fn logged(folder: &Path) -> String {
    let files = fs::read_dir(folder).expect("folder");
    files
        .map(|file| fs::read_to_string(file.expect("file").path()).expect("text"))
        .collect()
}

#[test]
fn lines_are_on_stderr_and_in_the_file_when_the_guard_is_gone() {
    if let Some(folder) = given_folder() {
        let (handle, guard) = init(&Log::default(), LogFormat::Text, Some(&folder)).expect("first");
        tracing::info!(account = "main", "ready");
        tracing::debug!("not at this level");
        let second = init(&Log::default(), LogFormat::Text, None);
        assert!(matches!(second, Err(InitError::AlreadyInstalled)));
        drop(guard);
        assert_eq!(handle.lost_lines(), 0);
        return;
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let output = run(
        "lines_are_on_stderr_and_in_the_file_when_the_guard_is_gone",
        folder.path(),
    );
    for text in [
        String::from_utf8_lossy(&output.stderr).into_owned(),
        logged(folder.path()),
    ] {
        assert!(
            text.contains(" INFO process: ready account=\"main\"\n"),
            "{text}"
        );
        assert!(
            !text.contains("not at this level") && !text.contains('\u{1b}'),
            "{text}"
        );
    }
}

#[test]
fn json_is_one_object_per_line() {
    if let Some(folder) = given_folder() {
        let (_handle, _guard) =
            init(&Log::default(), LogFormat::Json, Some(&folder)).expect("first");
        let _span = tracing::info_span!("client", client = "bot").entered();
        tracing::warn!(lost = 3, "slow\nclient");
        return;
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let output = run("json_is_one_object_per_line", folder.path());
    let stderr = String::from_utf8(output.stderr).expect("text");
    let line = stderr
        .lines()
        .find(|line| line.starts_with('{'))
        .expect(&stderr);
    let event: serde_json::Value = serde_json::from_str(line).expect(line);
    assert_eq!(
        (&event["level"], &event["fields"]["lost"]),
        (&"WARN".into(), &3.into())
    );
    assert_eq!(
        (&event["fields"]["message"], &event["span"]["client"]),
        (&"slow\nclient".into(), &"bot".into())
    );
}

/// What a peer may have sent: it clears a screen, names a window, forges a line, turns one, hides.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}2J\u{7f}\r\n2026 ERROR forged\u{85}\u{2028}\u{202e}\u{200b}\u{e0041}";

/// Logs it in every way there is.
fn log_what_is_hostile() {
    let error = std::io::Error::other(HOSTILE);
    let cause: &dyn std::error::Error = &error;
    tracing::info!(reason = HOSTILE, "as a text");
    tracing::info!(reason = %HOSTILE, "as it shows itself");
    tracing::info!(reason = ?HOSTILE, "as it is debugged");
    tracing::info!(%error, "an error");
    tracing::info!(cause, "an error as such");
    tracing::info!("in the message {HOSTILE}");
    let _span = tracing::info_span!("client", name = %HOSTILE).entered();
    tracing::info!("in a span");
}

/// How many events that are.
const LINES: usize = 7;

fn is_harmless(text: &str) -> bool {
    let mut letters = text.chars();
    letters.all(|letter| letter == '\n' || perpetua_words::harmless(letter) == letter)
}

#[test]
fn foreign_text_drives_no_terminal_and_begins_no_line_in_text() {
    if let Some(folder) = given_folder() {
        let (_handle, _guard) =
            init(&Log::default(), LogFormat::Text, Some(&folder)).expect("first");
        return log_what_is_hostile();
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let test = "foreign_text_drives_no_terminal_and_begins_no_line_in_text";
    let output = run(test, folder.path());
    let stderr = String::from_utf8(output.stderr).expect("text");
    for text in [stderr, logged(folder.path())] {
        assert!(is_harmless(&text), "{text:?}");
        let lines = text.lines().filter(|line| line.contains(" INFO "));
        assert_eq!(lines.count(), LINES, "{text}");
        assert!(!text.contains("\n2026 ERROR"), "{text}");
    }
}

#[test]
fn foreign_text_drives_no_terminal_in_json_and_stays_what_it_was() {
    if let Some(folder) = given_folder() {
        let (_handle, _guard) =
            init(&Log::default(), LogFormat::Json, Some(&folder)).expect("first");
        return log_what_is_hostile();
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let test = "foreign_text_drives_no_terminal_in_json_and_stays_what_it_was";
    let output = run(test, folder.path());
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(is_harmless(&stderr), "{stderr:?}");
    let objects: Vec<serde_json::Value> = stderr
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert_eq!(objects.len(), LINES, "{stderr}");
    assert_eq!(objects[1]["fields"]["reason"], HOSTILE);
}

#[test]
fn a_panic_is_logged_with_its_place_and_still_reported() {
    if let Some(folder) = given_folder() {
        let (_handle, _guard) =
            init(&Log::default(), LogFormat::Text, Some(&folder)).expect("first");
        let thread = std::thread::Builder::new().name("dial".to_owned());
        let died = thread.spawn(|| panic!("no route to {}", "upstream"));
        assert!(died.expect("started").join().is_err());
        return;
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let output = run(
        "a_panic_is_logged_with_its_place_and_still_reported",
        folder.path(),
    );
    let logged = logged(folder.path());
    let line = logged.lines().find(|line| line.contains("ERROR"));
    let line = line.expect(&logged);
    for part in [
        "panic",
        "process.rs:",
        "thread=\"dial\"",
        "reason=\"no route to upstream\"",
    ] {
        assert!(line.contains(part), "{line}");
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("thread 'dial'"),
        "the former hook: {stderr}"
    );
}

/// A disk that is full as the test orders it, and has room again: the loss is a trouble for as long as it lasts, and ends
/// though nothing more is logged.
#[test]
fn files_that_cannot_be_written_are_said_once_and_counted() {
    if let Some(folder) = given_folder() {
        let disk = FaultyDisk::under(&folder);
        disk.fail(DiskFault::Full, "");
        let logs = folder.join("logs");
        let (handle, guard) = init(&Log::default(), LogFormat::Text, Some(&logs)).expect("first");
        assert_eq!(handle.trouble(), None);
        for number in 0..1000 {
            tracing::info!(number, "line");
        }
        // The error's own line makes it one more or less, by when it comes to the buffer.
        until("1000 lines are lost", || handle.lost_lines() >= 1000);
        let trouble = handle.trouble().expect("it is told");
        assert!((1000..=1001).contains(&trouble.lost), "{trouble:?}");
        let message = trouble.message(trouble.since + Duration::from_mins(3));
        let sentence = message.to_string();
        for part in ["3 minutes", "perpetua-*.log", "the disk is full"] {
            assert!(sentence.contains(part), "{sentence}");
        }
        disk.mend();
        until("it is over", || handle.trouble().is_none());
        tracing::info!("after");
        drop(guard);
        assert_eq!(handle.trouble(), None);
        return;
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let output = run(
        "files_that_cannot_be_written_are_said_once_and_counted",
        folder.path(),
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        stderr
            .matches("the log cannot be written; lines are lost until it can")
            .count(),
        1,
        "{stderr}"
    );
    assert_eq!(stderr.matches(": line number=").count(), 1000);
    assert_eq!(stderr.matches("log lines were lost").count(), 1, "{stderr}");
    let logged = logged(&folder.path().join("logs"));
    assert_eq!(logged.matches("were lost").count(), 1, "{logged}");
    assert!(logged.contains(": after\n"), "{logged}");
}

/// Waits for what another thread does.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(10), "never: {what}");
        std::thread::yield_now();
    }
}

/// A limit on the size of files stands in for a full disk: writes fail half way, as there.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_nothing() {
    if let Some(folder) = given_folder() {
        let (handle, guard) = init(&Log::default(), LogFormat::Text, Some(&folder)).expect("first");
        for number in 0..1000 {
            tracing::info!(number, "a line that takes some room on the disk");
        }
        drop(guard);
        assert!(handle.lost_lines() > 0);
        return;
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(limited)
        .arg(env::current_exe().expect("this test program"));
    let output = process(&mut shell, "a_full_disk_ends_nothing", folder.path())
        .output()
        .expect("started");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(
        stderr.matches("the log cannot be written").count(),
        1,
        "{stderr}"
    );
    assert_eq!(stderr.matches("takes some room").count(), 1000);
}

#[test]
fn a_reader_of_stderr_that_is_stuck_holds_nothing_up() {
    if let Some(folder) = given_folder() {
        let (handle, guard) = init(&Log::default(), LogFormat::Text, Some(&folder)).expect("first");
        // 5 MB: far more than a pipe and the buffer hold.
        let filler = "x".repeat(1000);
        for number in 0..5000 {
            tracing::info!(number, filler);
        }
        assert!(handle.lost_lines() > 0);
        let started = Instant::now();
        drop(guard);
        assert!(started.elapsed() < Duration::from_secs(5));
        // The thread that is stuck in its write must not keep the process either.
        #[expect(clippy::exit, reason = "what this test is about")]
        std::process::exit(0);
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut program = Command::new(env::current_exe().expect("this test program"));
    let test = "a_reader_of_stderr_that_is_stuck_holds_nothing_up";
    let mut process = process(&mut program, test, folder.path());
    let mut child = process
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    // Nobody reads the pipe until the process has ended by itself.
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("status") {
            break status;
        }
        if started.elapsed() > Duration::from_secs(20) {
            child.kill().expect("killed");
            panic!("the process waits for a reader of its stderr");
        }
        std::thread::yield_now();
    };
    assert!(status.success());
}
