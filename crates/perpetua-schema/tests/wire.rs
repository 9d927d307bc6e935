//! What stands on the wire: other programs, and the UI in its own language, read these words.

use perpetua_schema::{
    AsideFile, Call, CoreAbsence, CoreBrake, CoreInstall, CoreJob, CoreLine, CorePhase,
    CorePhaseTime, CoreProcess, CoreProgress, CoreRefusal, CoreState, CoreStatus, CoreStep,
    ErrorCode, Event, QrCode, SetAsideFile, SignerReport, SignerTest, SignerTimes,
};
use perpetua_words::Message;
use serde_json::{Value, json};

fn status(state: CoreState) -> CoreStatus {
    CoreStatus {
        state,
        message: words("in words"),
        away: None,
        notice: None,
        blocked_for_s: None,
        set_aside: Vec::new(),
        version: None,
        protocol: None,
        process: None,
        signer: None,
        signers: Vec::new(),
        slow_signer: None,
        generation: 1,
        restarts: 0,
        canceled: 0,
        since_ms: 1_700_000_000_000,
        phases: vec![CorePhaseTime {
            phase: CorePhase::Preparing,
            took_ms: 1_200,
        }],
    }
}

fn words(text: &str) -> Message {
    perpetua_words::io::Other { text }.into()
}

fn qr() -> QrCode {
    QrCode {
        url: Some("https://txz.example/hunter2".into()),
        png_base64: "hunter2".into(),
        expires_in_s: 117,
        good_for_s: 120,
        code: 2,
        codes_max: 5,
    }
}

fn progress() -> CoreProgress {
    CoreProgress {
        step: CoreStep::Downloading,
        tag: Some("nightly".into()),
        received: 1,
        total: Some(4),
        rate_per_s: 1,
        remaining_s: Some(3),
    }
}

/// Every state, with what it is on the wire.
fn states() -> Vec<(CoreState, Value)> {
    let progress_on_wire = json!({ "step": "downloading", "tag": "nightly", "received": 1, "total": 4, "rate_per_s": 1, "remaining_s": 3 });
    let mut states = vec![
        (CoreState::Stopped, json!({ "state": "stopped" })),
        (
            CoreState::Absent {
                why: CoreAbsence::Unconfirmed,
                retry_in_s: None,
            },
            json!({ "state": "absent", "why": "unconfirmed", "retry_in_s": null }),
        ),
        (
            CoreState::Installing {
                progress: progress(),
            },
            json!({ "state": "installing", "progress": progress_on_wire }),
        ),
        (
            CoreState::SignerProblem {
                none_configured: true,
                retry_in_s: 30,
            },
            json!({ "state": "signer_problem", "none_configured": true, "retry_in_s": 30 }),
        ),
        (
            CoreState::Starting {
                phase: CorePhase::OpeningLink,
            },
            json!({ "state": "starting", "phase": "opening_link" }),
        ),
        (
            CoreState::WaitingForScan { qr: qr() },
            json!({ "state": "waiting_for_scan", "qr": {
                "url": "https://txz.example/hunter2", "png_base64": "hunter2", "expires_in_s": 117, "good_for_s": 120,
                "code": 2, "codes_max": 5,
            } }),
        ),
        (
            CoreState::WaitingForConfirm {
                who: Some(u64::MAX),
                expected: Some(10_000),
                expires_in_s: 9,
            },
            json!({ "state": "waiting_for_confirm", "who": u64::MAX, "expected": 10_000, "expires_in_s": 9 }),
        ),
        (
            CoreState::Online {
                who: 10_000,
                for_s: 60,
                signer_problem: None,
            },
            json!({ "state": "online", "who": 10_000, "for_s": 60, "signer_problem": null }),
        ),
        (
            CoreState::KickedOffline {
                reason: "下线".into(),
            },
            json!({ "state": "kicked_offline", "reason": "下线" }),
        ),
        (
            CoreState::Reconnecting {
                who: 10_000,
                for_s: 1,
                reason: None,
            },
            json!({ "state": "reconnecting", "who": 10_000, "for_s": 1, "reason": null }),
        ),
        (CoreState::Stopping, json!({ "state": "stopping" })),
        (
            CoreState::Backoff {
                retry_in_s: 8,
                failures: 4,
                reason: Some(words("it crashed")),
            },
            json!({ "state": "backoff", "retry_in_s": 8, "failures": 4, "reason": {
                "code": "io.other", "params": { "text": "it crashed" },
            } }),
        ),
        (
            CoreState::Braked {
                reason: CoreBrake::NobodyScanned,
                cause: None,
                last_lines: vec!["a".into()],
            },
            json!({ "state": "braked", "reason": "nobody_scanned", "cause": null, "last_lines": ["a"] }),
        ),
    ];
    states.extend(refusals());
    states
}

fn refusals() -> [(CoreState, Value); 2] {
    [
        (
            CoreState::Refused {
                refusal: CoreRefusal::Server {
                    code: 45,
                    tag: "禁止登录".into(),
                    message: "…".into(),
                },
            },
            json!({ "state": "refused", "refusal": {
                "kind": "server", "code": 45, "tag": "禁止登录", "message": "…",
            } }),
        ),
        (
            CoreState::Refused {
                refusal: CoreRefusal::WrongAccount {
                    expected: 10_000,
                    scanned: 10_001,
                },
            },
            json!({ "state": "refused", "refusal": {
                "kind": "wrong_account", "expected": 10_000, "scanned": 10_001,
            } }),
        ),
    ]
}

#[test]
fn a_status_has_the_data_of_its_state_beside_the_rest() {
    for (state, mut expected) in states() {
        let status = status(state);
        let rest = json!({
            "message": { "code": "io.other", "params": { "text": "in words" } }, "notice": null, "away": null, "blocked_for_s": null, "set_aside": [], "version": null, "protocol": null,
            "process": null, "signer": null, "signers": [], "slow_signer": null, "generation": 1, "restarts": 0,
            "since_ms": 1_700_000_000_000_i64, "phases": [{ "phase": "preparing", "took_ms": 1200 }],
        });
        let fields = expected.as_object_mut().expect("an object");
        fields.extend(rest.as_object().expect("an object").clone());
        let wire = serde_json::to_value(&status).expect("JSON");
        assert_eq!(wire, expected);
        let read: CoreStatus = serde_json::from_value(wire).expect("readable");
        assert_eq!(read, status);
    }
}

#[test]
fn what_surrounds_a_core_survives_the_wire_as_text() {
    let status = CoreStatus {
        notice: Some(words("the new core was rolled back")),
        blocked_for_s: Some(45),
        set_aside: vec![SetAsideFile {
            file: "keystore.json".into(),
            aside: Some(AsideFile {
                name: "keystore.json.broken-20260131T235959Z".into(),
                time_ms: 1_700_000_000_000,
                why: words("it is empty"),
            }),
            copy_ms: Some(1_600_000_000_000),
        }],
        version: Some("nightly-3fa9c1d2".into()),
        protocol: Some("3.2.15-30366".into()),
        process: Some(CoreProcess {
            pid: 7,
            memory_bytes: Some(150_000_000),
            cpu_percent: Some(0.1),
        }),
        signer: Some(SignerReport {
            name: Some("mine".into()),
            host: "signer.example".into(),
            through: None,
            version: Some("3.2.15-30366".into()),
            platform: Some("Linux".into()),
            latency_ms: Some(40),
            problem: None,
            warning: Some(words("its platform is another one")),
        }),
        signers: vec![SignerTimes {
            name: "mine".into(),
            answers: 7,
            failures: 1,
            last_ms: Some(40),
            slowest_ms: Some(12_000),
            last_failure: Some(words("it was silent")),
            failed_ms: Some(1_700_000_000_000),
            fails: false,
        }],
        slow_signer: Some(words("it takes 12 s")),
        ..status(CoreState::Stopping)
    };
    let event = Event::Core {
        generation: 1,
        account: "main".into(),
        status: Box::new(status),
    };
    let text = serde_json::to_string(&event).expect("JSON");
    assert!(text.starts_with(
        r#"{"event":"core","generation":1,"account":"main","status":{"state":"stopping","#
    ));
    assert!(text.contains(r#""cpu_percent":0.1}"#), "{text}");
    assert_eq!(
        serde_json::from_str::<Event>(&text).expect("readable"),
        event
    );
}

#[test]
fn events_and_jobs_by_their_words() {
    for (event, expected) in [
        (
            Event::CoreJob { job: CoreJob::Idle },
            json!({ "event": "core_job", "job": { "state": "idle" } }),
        ),
        (
            Event::CoreJob {
                job: CoreJob::Running(progress()),
            },
            json!({ "event": "core_job", "job": {
                "state": "running", "step": "downloading", "tag": "nightly", "received": 1, "total": 4, "rate_per_s": 1, "remaining_s": 3,
            } }),
        ),
        (
            Event::CoreJob {
                job: CoreJob::Unconfirmed {
                    name: "core.zip".into(),
                    sha256: "00".into(),
                    rolled_back: None,
                },
            },
            json!({ "event": "core_job", "job": { "state": "unconfirmed", "name": "core.zip", "sha256": "00", "rolled_back": null } }),
        ),
        (
            Event::CoreJob {
                job: CoreJob::Failed {
                    problem: perpetua_words::io::DiskFull.into(),
                },
            },
            json!({ "event": "core_job", "job": { "state": "failed", "problem": { "code": "io.disk_full" } } }),
        ),
        (
            Event::CoreJob {
                job: CoreJob::Done {
                    version: "nightly-3fa9c1d2".into(),
                },
            },
            json!({ "event": "core_job", "job": { "state": "done", "version": "nightly-3fa9c1d2" } }),
        ),
        (
            Event::CoreLine {
                account: "main".into(),
                line: CoreLine {
                    time_ms: 1,
                    text: "a line".into(),
                },
            },
            json!({ "event": "core_line", "account": "main", "line": { "time_ms": 1, "text": "a line" } }),
        ),
        (
            Event::Account {
                account: "main".into(),
                online: false,
                reason: Some(perpetua_words::node::ShuttingDown.into()),
            },
            json!({ "event": "account", "account": "main", "online": false, "reason": { "code": "node.shutting_down" } }),
        ),
    ] {
        let wire = serde_json::to_value(&event).expect("JSON");
        assert_eq!(wire, expected);
        assert_eq!(
            serde_json::from_value::<Event>(wire).expect("readable"),
            event
        );
    }
}

#[test]
fn every_call_of_the_core_is_known_by_its_name() {
    let account = r#"{"account":"main"}"#;
    for (name, least) in [
        ("core_list", ""),
        ("core_check", ""),
        ("core_install", ""),
        ("core_cancel", ""),
        ("core_use", r#"{"version":"previous"}"#),
        ("core_remove", r#"{"version":"nightly-3fa9c1d2"}"#),
        ("core_verify", ""),
        ("start", account),
        ("stop", account),
        ("restart", account),
        ("login", account),
        ("login_restore", account),
        ("core_log", account),
        ("signer_test", ""),
        ("import", r#"{"folder":"/old"}"#),
    ] {
        assert!(Call::parse(name, least.as_bytes()).is_ok(), "{name}");
        if !least.is_empty() {
            let error = Call::parse(name, b"").expect_err(name);
            assert_eq!(error.code, ErrorCode::BadRequest);
        }
    }
}

#[test]
fn debug_shows_nothing_that_lets_somebody_in() {
    let event = Event::Core {
        generation: 1,
        account: "main".into(),
        status: Box::new(status(CoreState::WaitingForScan { qr: qr() })),
    };
    let install = CoreInstall {
        from: Some("https://me:hunter2@host.example/".into()),
        accept: None,
    };
    let test = SignerTest {
        url: Some("https://signer.example/hunter2".into()),
        name: None,
    };
    let shown = format!(
        "{event:?} {:?} {:?}",
        Call::CoreInstall(install),
        Call::SignerTest(test)
    );
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("QrCode { expires_in_s: 117"), "{shown}");
}
