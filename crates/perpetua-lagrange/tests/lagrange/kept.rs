//! What is kept of a record.

use perpetua_lagrange::log::{LogReader, LogRecord, Stream};

use crate::recording::{FORMS, Form, mark, read};

const SERVER: &str = "Lagrange.OneBot.Core.Network.Service.ForwardWSService[12]";

#[test]
fn a_kept_text_says_who_and_how_much_and_not_what() {
    for form in FORMS {
        let mut lines = form.greeting();
        lines.extend(form.message("my password is\nhunter2"));
        let notify = "Lagrange.OneBot.Core.Notify.NotifyService[0]";
        lines.extend(form.record("info", notify, "[12:34:56] GroupMuteEvent: hunter2"));
        lines.extend(form.record(
            "trce",
            SERVER,
            "Receive(0c2f1f4e-1) {\"message\":\"hunter2\"}",
        ));
        lines.extend(form.core("info", "OperationLogic", "INFORMATION", "hunter2"));
        let kept: Vec<String> = read(&lines)
            .iter()
            .filter_map(LogRecord::redacted)
            .collect();
        let all = kept.join("\n");
        assert!(
            !all.contains("hunter2") && !all.contains("password"),
            "{form:?}: {all}"
        );
        for part in [
            "[MessagingLogic] [VERBOSE]: [MessageChain(123456)(10001)] (",
            "[12:34:56] GroupMuteEvent (",
            "Receive(0c2f1f4e-1) (",
            "MusicSignServer is not available",
        ] {
            assert!(all.contains(part), "{form:?}: {part}: {all}");
        }
    }
}

#[test]
fn a_line_of_a_message_that_comes_late_is_not_kept_either() {
    for form in [
        Form::MarkedTwoLines,
        Form::MarkedSingleWindows,
        Form::Console,
    ] {
        let mut reader = LogReader::new(Some(mark()));
        let mut kept = Vec::new();
        for line in form.greeting() {
            kept.extend(reader.line(Stream::Output, &line));
        }
        let message = form.message("one\nhunter2");
        let (late, early) = message.split_last().expect("lines");
        for line in early {
            kept.extend(reader.line(Stream::Output, line));
        }
        kept.extend(reader.flush());
        kept.extend(reader.line(Stream::Output, late));
        kept.extend(reader.flush());
        let texts: Vec<String> = kept.iter().filter_map(LogRecord::redacted).collect();
        assert!(!texts.join("\n").contains("hunter2"), "{form:?}: {texts:?}");
    }
}

#[test]
fn tokens_and_addresses_are_not_kept() {
    let text = "GET http://user:hunter2@sign.example:8080/api/hunter2?key=hunter2 access_token=hunter2&x Bearer hunter2";
    let lines = Form::MarkedSingle.core("info", "WtExchangeLogic", "INFORMATION", text);
    let kept = read(&lines)[0].redacted().expect("text");
    assert!(!kept.contains("hunter2"), "{kept}");
    assert!(kept.contains("http://sign.example:8080/…"), "{kept}");
    assert!(kept.contains("access_token=[redacted]&x"), "{kept}");
}
