//! What people write never counts as what the core says.

use perpetua_lagrange::log::{LogReader, LogRecord, Stream};
use proptest::prelude::*;

use crate::recording::{FORMS, Form, mark, read};

/// Texts that would mean something if the core had written them.
const FEIGNED: [&str; 12] = [
    "KickNTEvent: gone: gone",
    "fail: Lagrange.Core.BotContext[0]",
    "      [2025-11-04 10:11:31] [WtExchangeLogic] [FATAL]: KickNTEvent: gone: gone",
    "fail: Lagrange.Core.BotContext[0] [2025-11-04 10:11:31] [WtExchangeLogic] [FATAL]: KickNTEvent: a: b",
    "info: Lagrange.OneBot.Core.Login.LoginService[0] Bot Uin: 666",
    "Version: 625e9b29268c94feddaa64d57287b622b5bb2293",
    "\u{1b}[40m\u{1b}[32minfo\u{1b}[39m: Lagrange.OneBot.Core.Login.LoginService[0]",
    "Unhandled exception. System.Exception: All login failed!",
    "0000000000000000 info: Lagrange.OneBot.Core.Login.LoginService[0] Bot Uin: 666",
    "warn: Lagrange.OneBot.Core.Network.LagrangeWebSvcCollection[4] WebService start failed. (98)",
    "[2025-11-04 10:11:31] [SocketContext] [FATAL]: Socket Disconnected, Scheduling Reconnect",
    "█▀▀▀▀▀█ ▄▀▄ █▀▀▀▀▀█ ",
];

/// Where nothing can tell further lines of a message from records: two lines without a mark, at the left
/// edge. Such a core was not started by us.
fn is_readable(form: Form) -> bool {
    form != Form::Console
}

fn lines_of_people() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        prop::sample::select(FEIGNED.as_slice()).prop_map(str::to_owned),
        ".{0,40}",
        "[ \\[\\]:a-z]{0,30}",
    ];
    prop::collection::vec(line, 1..6).prop_map(|lines| lines.join("\n"))
}

#[test]
fn every_feigned_text_is_only_a_message() {
    for form in FORMS.into_iter().filter(|&form| is_readable(form)) {
        for text in FEIGNED {
            for message in [
                text.to_owned(),
                format!("hello\n{text}"),
                format!("{text}\n{text}\nend"),
            ] {
                let greeting = form.greeting();
                let before = read(&greeting).len();
                let records = read(&[greeting, form.message(&message)].concat());
                for record in &records[before..] {
                    assert_eq!(record.reading, None, "{form:?} {message:?}");
                    let kept = record.redacted().expect("a message is kept by its length");
                    assert!(!kept.contains("KickNTEvent"), "{form:?} {kept}");
                }
            }
        }
    }
}

#[test]
fn nothing_can_be_hidden_behind_a_long_message() {
    let lines = "x\n".repeat(1000);
    let long_line = "x".repeat(100_000);
    for form in FORMS.into_iter().filter(|&form| is_readable(form)) {
        for text in FEIGNED {
            for message in [format!("{lines}{text}"), format!("{long_line}\n{text}")] {
                let greeting = form.greeting();
                let before = read(&greeting).len();
                let records = read(&[greeting, form.message(&message)].concat());
                assert_eq!(records.len(), before + 1, "{form:?} {text}");
                assert_eq!(records[before].reading, None);
                assert!(records[before].text.len() < 200_000, "a bound");
            }
        }
    }
}

#[test]
fn a_nickname_is_no_reading() {
    let notify = "Lagrange.OneBot.Core.Notify.NotifyService[0]";
    for text in FEIGNED {
        let event = format!("[12:34:56] GroupNameChangeEvent: {text}");
        let lines = Form::MarkedSingle.record("info", notify, &event);
        assert_eq!(read(&lines)[0].reading, None, "{text}");
    }
}

proptest! {
    #[test]
    fn no_message_means_anything(text in lines_of_people()) {
        for form in FORMS.into_iter().filter(|&form| is_readable(form)) {
            let records = read(&[form.greeting(), form.message(&text), form.message("end")].concat());
            let readings = records.iter().filter(|record| record.reading.is_some()).count();
            // The greeting's version.
            prop_assert_eq!(readings, 1, "{:?}", form);
        }
    }

    #[test]
    fn no_line_makes_it_fail(lines in prop::collection::vec((any::<bool>(), any::<bool>(), lines_of_people()), 0..30), marked: bool) {
        let mut reader = LogReader::new(marked.then(mark));
        for (is_error, waits, line) in lines {
            let stream = if is_error { Stream::Errors } else { Stream::Output };
            let mut records: Vec<LogRecord> = reader.line(stream, &line);
            if waits {
                records.extend(reader.flush());
                prop_assert!(!reader.is_waiting());
            }
            for record in records {
                let _kept = record.redacted();
            }
        }
    }

    /// Every class, and texts that start as those do whose start is kept.
    #[test]
    fn what_is_kept_never_holds_what_was_written(
        class in prop::sample::select(vec![
            ("info", "Lagrange.Core.BotContext[0]"),
            ("info", "Lagrange.OneBot.Core.Notify.NotifyService[0]"),
            ("trce", "Lagrange.OneBot.Core.Network.Service.ForwardWSService[12]"),
        ]),
        start in prop::sample::select(vec![
            "", "[", "[MessageChain(", "[MessageChain(1)(2)] ", "[12:34:56] ", "[12:34:56] Event: ", "Receive(", "Send(ab-1) ",
            "[2025-11-04 10:11:31] [MessagingLogic] [VERBOSE]: [MessageChain(",
        ]),
        text in ".{0,20}",
    ) {
        let written = format!("{start}{text} hunter2 {text}");
        let lines = Form::MarkedSingle.record(class.0, class.1, &written);
        for record in read(&lines) {
            let kept = record.redacted().unwrap_or_default();
            prop_assert!(!kept.contains("hunter2"), "{}", kept);
        }
    }

    #[test]
    fn nothing_after_a_host_or_a_token_is_kept(text in "[^ ]{0,20}", around in ".{0,10}") {
        let written = format!("{around} https://sign.example/{text}hunter2 access_token={text}hunter2");
        let written = written.replace([',', ';', ')', '&', '\'', '"', '<', '>', '，', '。', '）'], "x");
        let lines = Form::MarkedSingle.core("info", "WtExchangeLogic", "INFORMATION", &written);
        let kept = read(&lines)[0].redacted().unwrap_or_default();
        if !text.contains(char::is_whitespace) {
            prop_assert!(!kept.contains("hunter2"), "{}", kept);
        }
    }

    #[test]
    fn no_end_makes_it_fail(code: Option<i32>, signal: Option<i32>, lines in prop::collection::vec(".{0,60}", 0..8), crash: bool) {
        let mut lines = lines;
        if crash {
            lines.insert(0, "Unhandled exception. System.Text.Json.JsonException: ".to_owned());
        }
        let _cause = perpetua_lagrange::exit_cause(code, signal, &lines);
    }
}
