//! The table of messages: what each means.

use perpetua_lagrange::log::{LogReader, Stream};
use perpetua_lifecycle::Reading;

use crate::recording::{FORMS, Form, mark, read, readings};

const SERVICES: &str = "Lagrange.OneBot.Core.Network.LagrangeWebSvcCollection";

#[test]
fn each_message_of_the_login_has_its_meaning() {
    let exchange = |level: &str, core_level: &str, text: &str| {
        Form::MarkedSingle.core(level, "WtExchangeLogic", core_level, text)
    };
    let kicked = "你的帐号当前登录已失效，请重新登录。: 下线通知";
    for (text, reading) in [
        (
            "Session has not expired, using session to login and register status",
            Reading::SessionTried,
        ),
        ("Verification needed", Reading::Progress),
        ("Key Exchange successfully!", Reading::Progress),
    ] {
        assert_eq!(
            readings(&exchange("info", "INFORMATION", text)),
            [reading],
            "{text}"
        );
    }
    for (text, reading) in [
        (
            "Register by session failed, try to login by EasyLogin",
            Reading::SessionRejected,
        ),
        (
            "Fast Login Failed with code 140022015, trying to Login by Password...",
            Reading::SessionRejected,
        ),
        (
            "Invalid Session found, try to clean D2Key, D2 and TGT Token",
            Reading::Progress,
        ),
        (
            "QrCode Expired, Please Fetch QrCode Again",
            Reading::QrExpired,
        ),
        (
            "QrCode Canceled, Please Fetch QrCode Again",
            Reading::QrCanceled,
        ),
    ] {
        assert_eq!(
            readings(&exchange("warn", "WARNING", text)),
            [reading],
            "{text}"
        );
    }
    let kick = exchange("fail", "FATAL", &format!("KickNTEvent: {kicked}"));
    assert_eq!(readings(&kick), [Reading::Kicked(kicked.to_owned())]);
    let path = "Please delete ./lagrange-0.db if you no longer need it";
    let database = Form::MarkedSingle.record("crit", "Realms.RealmConfiguration[0]", path);
    assert_eq!(
        readings(&database),
        [Reading::LegacyDatabase("./lagrange-0.db".to_owned())]
    );
}

#[test]
fn a_server_that_does_not_start_says_whether_another_port_helps() {
    let failed = |words: &str| Reading::ServerFailed(words.to_owned());
    let prefix = "(183): Failed to listen on prefix 'http://127.0.0.1:1/' because it conflicts with an existing registration on the machine.";
    for form in FORMS {
        for (exception, reading) in [
            ("(98): Address already in use", Reading::PortInUse),
            ("(48): Address already in use", Reading::PortInUse),
            (prefix, Reading::PortInUse),
            (
                "(32): The process cannot access the file",
                Reading::PortInUse,
            ),
            ("(5): 拒绝访问。", failed("拒绝访问。")),
            (
                "(50): The request is not supported.",
                failed("The request is not supported."),
            ),
            ("", failed("it gave no reason")),
        ] {
            let mut text = "[LagrangeWebSvcCollection]: WebService start failed.".to_owned();
            if !exception.is_empty() {
                text += "\nSystem.Net.HttpListenerException ";
                text += exception;
                text += "\n   at System.Net.HttpListener.Start()";
            }
            let mut lines = form.greeting();
            lines.extend(form.record("warn", &format!("{SERVICES}[4]"), &text));
            assert_eq!(readings(&lines).last(), Some(&reading), "{form:?}");
        }
    }
}

#[test]
fn a_failed_signature_is_read_with_its_words() {
    let stack = "\n   at Lagrange.OneBot.Utility.OneBotSigner.Sign(String cmd, UInt32 seq)";
    for form in FORMS {
        for (exception, words) in [
            (
                "System.Exception: Signer server returned a 521",
                "Signer server returned a 521",
            ),
            (
                "System.Exception: Sign server is not configured",
                "Sign server is not configured",
            ),
            (
                "System.Net.Http.HttpRequestException: Name or service not known (sign.example:443)",
                "Name or service not known (sign.example:443)",
            ),
        ] {
            let mut lines = form.greeting();
            let event =
                "Error when processing the event: Lagrange.Core.Internal.Event.Login.TransEmpEvent";
            lines.extend(form.core("warn", "BusinessContext", "WARNING", event));
            let thrown = format!("{exception}{stack}");
            lines.extend(form.core("warn", "BusinessContext", "WARNING", &thrown));
            let read = readings(&lines);
            assert_eq!(
                read.last(),
                Some(&Reading::SignFailed(words.to_owned())),
                "{form:?}"
            );
        }
    }
}

#[test]
fn an_exception_that_is_not_the_signers_is_no_failed_signature() {
    let text = "System.InvalidOperationException: Packet 'x' returns 1 with seq: 2, extra: Signer server returned a 521";
    let lines = Form::MarkedSingle.core("warn", "BusinessContext", "WARNING", text);
    assert_eq!(readings(&lines), []);
}

#[test]
fn a_refusal_is_read_in_either_order_and_with_others_between() {
    let part = |text: &str| Form::MarkedTwoLines.core("fail", "WtExchangeLogic", "FATAL", text);
    let code = part("Login failed: 45");
    let words = part("Tag: 禁止登录\nState: 登录失败，请前往QQ官网");
    let other = Form::MarkedTwoLines.core(
        "info",
        "SocketContext",
        "VERBOSE",
        "Server: http://1.1.1.1:8080/ Latency: 1",
    );
    let whole = Reading::LoginRefused {
        code: 45,
        tag: "禁止登录".to_owned(),
        message: "登录失败，请前往QQ官网".to_owned(),
    };
    for lines in [
        [code.clone(), words.clone()].concat(),
        [words.clone(), code.clone()].concat(),
    ] {
        assert_eq!(readings(&lines).first(), Some(&whole));
    }
    let lines = [code.clone(), other, words].concat();
    assert_eq!(readings(&lines), [Reading::Progress, whole]);
    // Cut off by a crash: the half counts.
    let half = Reading::LoginRefused {
        code: 45,
        tag: String::new(),
        message: String::new(),
    };
    assert_eq!(readings(&code), [half]);
}

#[test]
fn the_words_of_a_refusal_may_come_late() {
    let mut reader = LogReader::new(Some(mark()));
    let mut given = Vec::new();
    for text in ["Login failed: 45", "Tag: 禁止登录\nState: 登录失败"] {
        for line in Form::MarkedSingle.core("fail", "WtExchangeLogic", "FATAL", text) {
            given.extend(reader.line(Stream::Output, &line));
        }
        given.extend(reader.flush());
    }
    let told: Vec<Reading> = given
        .into_iter()
        .filter_map(|record| record.reading)
        .collect();
    let refused = |tag: &str, message: &str| Reading::LoginRefused {
        code: 45,
        tag: tag.to_owned(),
        message: message.to_owned(),
    };
    assert_eq!(told, [refused("", ""), refused("禁止登录", "登录失败")]);
}

#[test]
fn a_half_refusal_is_not_waited_for_without_end() {
    let mut lines = Form::MarkedSingle.core("fail", "WtExchangeLogic", "FATAL", "Login failed: 45");
    for _ in 0..20 {
        lines.extend(Form::MarkedSingle.message("hello"));
    }
    let records = read(&lines);
    let refused = records.iter().position(|record| record.reading.is_some());
    assert!(refused.is_some_and(|place| place < 10), "{refused:?}");
    assert_eq!(records.len(), 21);
}

#[test]
fn a_connection_is_back_only_after_it_was_lost() {
    let form = Form::MarkedSingle;
    let registered = form.core(
        "info",
        "WtExchangeLogic",
        "INFORMATION",
        "Register Status: register success",
    );
    let lost = form.core(
        "fail",
        "SocketContext",
        "FATAL",
        "Socket Disconnected, Scheduling Reconnect",
    );
    let redialled = form.core(
        "info",
        "SocketContext",
        "INFORMATION",
        "Reconnect to http://1.1.1.1:8080/",
    );
    let lines = [
        registered.clone(),
        lost,
        redialled,
        registered.clone(),
        registered,
    ]
    .concat();
    assert_eq!(
        readings(&lines),
        [
            Reading::Progress,
            Reading::ConnectionLost(String::new()),
            Reading::ConnectionBack,
            Reading::Progress,
        ]
    );
}
