//! The shapes of lines, and a whole run.

use std::time::Duration;

use perpetua_lagrange::log::{Level, LogReader, RecordKind, StampLevel, Stream};
use perpetua_lifecycle::{QrState, Reading};

use crate::recording::{FORMS, Form, mark, read, readings};

const LOGIN: &str = "Lagrange.OneBot.Core.Login.LoginService[0]";
const SERVER: &str = "Lagrange.OneBot.Core.Network.Service.ForwardWSService[10]";
const COMMIT: &str = "625e9b29268c94feddaa64d57287b622b5bb2293";

/// A first login, from the banner to the server.
fn first_login(form: Form) -> Vec<String> {
    let step = |text: &str| form.core("info", "WtExchangeLogic", "INFORMATION", text);
    let mut lines = form.greeting();
    lines.extend(form.record("info", LOGIN, "Protocol Version: 3.2.15-30366"));
    lines.extend(step("Connecting Servers..."));
    let server = "Server: http://222.94.109.78:8080/ Latency: 12";
    lines.extend(form.core("info", "SocketContext", "VERBOSE", server));
    lines.extend(step("QrCode Fetched, Expiration: 120 seconds"));
    for _ in 0..3 {
        lines.push("█▀▀▀▀▀█ ▄▀▄ █▀▀▀▀▀█ ".to_owned());
    }
    lines.extend(step("QrCode State Queried: WaitingForScan Uin: 0"));
    lines.extend(step("QrCode State Queried: WaitingForConfirm Uin: 10001"));
    lines.extend(step("QrCode State Queried: 99 Uin: 10001"));
    lines.extend(step("QrCode State Queried: Confirmed Uin: 10001"));
    lines.extend(step("QrCode Confirmed, Logging in with A1 sig..."));
    lines.extend(step("Doing Login..."));
    lines.extend(step("Login Success"));
    lines.extend(step("Bot name: someone | Gender: 1 | Age: 20"));
    lines.extend(step("Register Status: register success"));
    lines.extend(form.record("info", LOGIN, "Bot Uin: 10001"));
    lines.extend(form.record(
        "info",
        SERVER,
        "The server is started at http://127.0.0.1:8081/",
    ));
    let started = "Application started. Press Ctrl+C to shut down.";
    lines.extend(form.record("info", "Microsoft.Hosting.Lifetime[0]", started));
    lines.extend(form.record(
        "info",
        "Microsoft.Hosting.Lifetime[0]",
        "Application is shutting down...",
    ));
    lines
}

#[test]
fn a_first_login_is_read_in_every_form() {
    let polled = |state, who| Reading::QrPolled(state, who);
    let mut expected = vec![
        Reading::Version(COMMIT.to_owned()),
        Reading::Protocol("3.2.15-30366".to_owned()),
        Reading::Connecting,
        Reading::Progress,
        Reading::QrFetched(Duration::from_mins(2)),
        polled(QrState::WaitingForScan, None),
        polled(QrState::WaitingForConfirm, Some(10001)),
        polled(QrState::Other(99), Some(10001)),
        polled(QrState::Confirmed, Some(10001)),
    ];
    expected.extend(std::iter::repeat_n(Reading::Progress, 5));
    expected.extend([
        Reading::LoggedIn(10001),
        Reading::Serving(8081),
        Reading::ShuttingDown,
    ]);
    for form in FORMS {
        assert_eq!(readings(&first_login(form)), expected, "{form:?}");
    }
}

#[test]
fn the_drawing_of_a_qr_code_is_one_record_and_not_kept() {
    for form in FORMS {
        let records = read(&first_login(form));
        let drawings: Vec<_> = records
            .iter()
            .filter(|record| record.kind == RecordKind::Qr)
            .collect();
        assert_eq!(drawings.len(), 1, "{form:?}");
        assert_eq!(drawings[0].text.lines().count(), 3);
        assert_eq!(drawings[0].redacted(), None);
    }
}

#[test]
fn a_record_is_whole_when_the_next_begins_or_nothing_comes() {
    let mut reader = LogReader::new(None);
    let mut line = |text: &str| reader.line(Stream::Output, text);
    assert_eq!(line("fail: Lagrange.Core.BotContext[0]"), []);
    assert_eq!(
        line("      [2025-11-04 10:11:31] [SocketContext] [FATAL]: Socket Error: gone"),
        []
    );
    let records = line("info: Microsoft.Hosting.Lifetime[0]");
    let [record] = records.as_slice() else {
        panic!("{records:?}");
    };
    let RecordKind::Log(header) = &record.kind else {
        panic!("{record:?}");
    };
    assert_eq!((header.level, header.event_id), (Level::Error, 0));
    let stamp = header.stamp.as_ref().expect("stamp");
    assert_eq!(
        (stamp.tag.as_str(), stamp.level),
        ("SocketContext", StampLevel::Fatal)
    );
    assert_eq!(stamp.time, "2025-11-04 10:11:31");
    assert_eq!(record.text, "Socket Error: gone");
    assert!(reader.is_waiting());
    let rest = reader.flush();
    assert_eq!(rest.len(), 1, "the header that a crash left alone");
    assert_eq!(rest[0].reading, None);
}

#[test]
fn what_a_crash_says_is_one_record_and_no_message_can_feign_it() {
    let crash = [
        "Unhandled exception. System.Exception: All login failed!",
        "   at Lagrange.OneBot.Program.Main()",
    ];
    let greeting = Form::MarkedSingle.greeting();
    for (before, stream, is_crash) in [
        (&greeting[..], Stream::Errors, true),
        (&[], Stream::Output, true),
        // Where messages are logged, a line of one may stand by itself.
        (&greeting[..], Stream::Output, false),
    ] {
        let mut reader = LogReader::new(Some(mark()));
        let mut records = Vec::new();
        for line in before {
            records.extend(reader.line(Stream::Output, line));
            records.extend(reader.flush());
        }
        for line in crash {
            records.extend(reader.line(stream, line));
        }
        records.extend(reader.flush());
        let whole = records
            .iter()
            .any(|record| record.kind == RecordKind::Crash && record.text == crash.join("\n"));
        assert_eq!(whole, is_crash, "{records:?}");
        let any = records
            .iter()
            .any(|record| record.kind == RecordKind::Crash);
        assert_eq!(any, is_crash);
    }
}

#[test]
fn a_core_that_heeds_no_mark_is_read_all_the_same() {
    let lines = first_login(Form::TwoLines);
    assert!(readings(&lines).contains(&Reading::LoggedIn(10001)));
}

#[test]
fn two_records_that_a_console_drew_on_one_line_are_two() {
    let one = Form::MarkedSingle.record("info", LOGIN, "Bot Uin: 10001");
    let other = Form::MarkedSingle.record(
        "info",
        SERVER,
        "The server is started at http://127.0.0.1:1/",
    );
    let lines = vec![format!("{}{}", one[0], other[0])];
    assert_eq!(
        readings(&lines),
        [Reading::LoggedIn(10001), Reading::Serving(1)]
    );
}

#[test]
fn spaces_that_a_console_draws_by_moving_are_spaces() {
    let lines = Form::MarkedSingle.record("info", LOGIN, "Bot\u{1b}[CUin:\u{1b}[1C10001\u{1b}[K");
    assert_eq!(readings(&lines), [Reading::LoggedIn(10001)]);
    let lines = Form::MarkedSingle.record("info", LOGIN, "x\u{1b}[4000000000Cx\u{1b}[999Cx");
    assert!(read(&lines)[0].text.len() < 1000);
}

#[test]
fn a_version_is_only_read_before_anyone_can_write() {
    let mut reader = LogReader::new(None);
    let mut records = Vec::new();
    for line in Form::TwoLines.greeting() {
        records.extend(reader.line(Stream::Output, &line));
    }
    records.extend(reader.flush());
    records.extend(reader.line(Stream::Output, &format!("Version: {COMMIT}")));
    let versions = records.iter().filter(|record| record.reading.is_some());
    assert_eq!(versions.count(), 1);
}
