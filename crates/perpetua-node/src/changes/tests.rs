//! What is told of each change, as a table.

use perpetua_schema::{
    AccountStatus, ClientStatus, ConnectionStatus, CoreProcess, CoreState, CoreStatus, Event,
    NodeStatus, NoticeStatus, QrCode, Snapshot, TargetState, TargetStatus, UpdateNews,
    UpstreamState, UpstreamStatus,
};
use perpetua_words::rpc as words;

use super::diff;

fn status() -> NodeStatus {
    NodeStatus {
        version: "1".into(),
        pid: 1,
        uptime_s: 100,
        api: "http://127.0.0.1:1".into(),
        accounts: vec![account("a"), account("b")],
        problems: Vec::new(),
        notices: Vec::new(),
        ..NodeStatus::default()
    }
}

fn account(name: &str) -> AccountStatus {
    AccountStatus {
        name: name.into(),
        enabled: true,
        self_id: None,
        nickname: None,
        since_ms: 1,
        online: false,
        problem: None,
        upstream: UpstreamStatus {
            kind: "lagrange".into(),
            state: UpstreamState::Waiting,
            address: None,
            retry_in_s: Some(30),
            since_ms: 1,
            implementation: None,
            notices: vec![notice("lost", 120), notice("refused", 119)],
        },
        core: Some(core(CoreState::Backoff {
            retry_in_s: 60,
            failures: 2,
            reason: None,
        })),
        events: 0,
        responses: 0,
        late_responses: 0,
        clients: vec![client("one"), client("two")],
    }
}

fn core(state: CoreState) -> CoreStatus {
    CoreStatus {
        state,
        since_ms: 1,
        phases: Vec::new(),
        message: perpetua_words::unit::Seconds { count: 60 }.into(),
        away: None,
        notice: None,
        blocked_for_s: None,
        set_aside: Vec::new(),
        version: None,
        protocol: None,
        process: Some(CoreProcess {
            pid: 7,
            memory_bytes: None,
            cpu_percent: None,
        }),
        signer: None,
        signers: Vec::new(),
        slow_signer: None,
        generation: 1,
        restarts: 0,
        canceled: 0,
    }
}

fn client(name: &str) -> ClientStatus {
    ClientStatus {
        name: name.into(),
        enabled: true,
        kind: "forward".into(),
        queue_events: 10,
        queue_bytes: 10,
        dropped_last_minute: 0,
        since_ms: 1,
        listen: None,
        called_ms: None,
        targets: Vec::new(),
        problem: None,
        connections: vec![ConnectionStatus {
            app_id: "x".into(),
            name: None,
            role: "universal".into(),
            peer: None,
            user_agent: None,
            since_ms: 1,
            sent: 0,
            queued: 0,
            queued_bytes: 0,
            dropped: 0,
            busy_for_s: None,
        }],
        sent: 0,
        dropped: 0,
        actions: 0,
        refusals: 0,
        cuts: 0,
        notices: Vec::new(),
    }
}

/// A framework that is dialled again in so many seconds.
fn target(retry_in_s: u64) -> TargetStatus {
    TargetStatus {
        address: "ws://127.0.0.1:6199/ws".into(),
        state: TargetState::Waiting,
        since_ms: 1,
        retry_in_s: Some(retry_in_s),
        failures: 1,
        problem: None,
        posts: None,
    }
}

#[test]
fn a_framework_that_is_dialled_again_later_than_expected_is_told() {
    let with = |uptime_s, target| {
        let mut status = status();
        status.uptime_s = uptime_s;
        status.accounts.truncate(1);
        status.accounts[0].upstream.retry_in_s = None;
        status.accounts[0].core = None;
        status.accounts[0].clients[0].targets = vec![target];
        status
    };
    let refused = TargetStatus {
        state: TargetState::Refused,
        ..target(25)
    };
    assert_eq!(
        told(with(0, target(30)), with(5, target(25))),
        Vec::<String>::new()
    );
    assert_eq!(told(with(0, target(2)), with(5, target(60))).len(), 1);
    assert_eq!(told(with(0, target(30)), with(5, refused)).len(), 1);
}

fn notice(text: &str, last_unix_s: i64) -> NoticeStatus {
    NoticeStatus {
        message: perpetua_words::io::Other { text }.into(),
        count: 1,
        last_unix_s,
    }
}

fn backoff(status: &mut NodeStatus, seconds: u64) {
    status.accounts[0].core = Some(core(CoreState::Backoff {
        retry_in_s: seconds,
        failures: 2,
        reason: None,
    }));
}

fn scan(expires_in_s: u64, code: u32) -> CoreStatus {
    core(CoreState::WaitingForScan {
        qr: QrCode {
            url: None,
            png_base64: String::new(),
            expires_in_s,
            good_for_s: 120,
            code,
            codes_max: 5,
        },
    })
}

/// What is told, as the kind of each event and what it is about.
fn told(before: NodeStatus, after: NodeStatus) -> Vec<String> {
    let snapshot = |generation, status| Snapshot { generation, status };
    let events = diff(&snapshot(1, before), &snapshot(2, after));
    let names = events.iter().map(|event| match event {
        Event::Snapshot { generation: 2, .. } => "snapshot".to_owned(),
        Event::NodeChanged { generation: 2, .. } => "node".to_owned(),
        Event::AccountChanged {
            generation: 2,
            account,
        } => format!("account {}", account.name),
        Event::UpstreamChanged {
            generation: 2,
            account,
            ..
        } => format!("upstream {account}"),
        Event::Core {
            generation: 2,
            account,
            ..
        } => format!("core {account}"),
        Event::ClientChanged {
            generation: 2,
            account,
            client,
        } => {
            format!("client {account}/{}", client.name)
        }
        other => panic!("{other:?}"),
    });
    names.collect()
}

fn all_moments_move(status: &mut NodeStatus) {
    for account in &mut status.accounts {
        account.since_ms += 3_600_000;
        account.upstream.since_ms += 3_600_000;
        if let Some(core) = &mut account.core {
            core.since_ms += 3_600_000;
        }
        for client in &mut account.clients {
            client.since_ms += 3_600_000;
            for connection in &mut client.connections {
                connection.since_ms += 3_600_000;
            }
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn what_changes_is_told_and_nothing_else() {
    type Change = fn(&mut NodeStatus);
    let table: [(&str, Change, &[&str]); 31] = [
        ("nothing", |_| {}, &[]),
        ("an account less", |s| drop(s.accounts.pop()), &["snapshot"]),
        (
            "accounts in another order",
            |s| s.accounts.reverse(),
            &["snapshot"],
        ),
        ("another node", |s| s.pid = 2, &["snapshot"]),
        (
            "news of a version",
            |s| s.update = Some(UpdateNews::default()),
            &["snapshot"],
        ),
        (
            "a problem",
            |s| s.problems.push(words::NeedsNode.into()),
            &["node"],
        ),
        ("online", |s| s.accounts[1].online = true, &["account b"]),
        (
            "its id",
            |s| s.accounts[0].self_id = Some(1),
            &["account a"],
        ),
        (
            "its nickname",
            |s| s.accounts[0].nickname = Some("bot".into()),
            &["account a"],
        ),
        (
            "an implementation",
            |s| s.accounts[0].upstream.implementation = Some("a 1".into()),
            &["upstream a"],
        ),
        ("the clock was set", all_moments_move, &[]),
        (
            "disabled",
            |s| s.accounts[0].enabled = false,
            &["account a"],
        ),
        (
            "a problem of it",
            |s| s.accounts[0].problem = Some(words::NeedsNode.into()),
            &["account a"],
        ),
        (
            "a core comes",
            |s| s.accounts[0].core = None,
            &["account a"],
        ),
        (
            "a client less",
            |s| drop(s.accounts[0].clients.pop()),
            &["account a"],
        ),
        (
            "the upstream",
            |s| s.accounts[0].upstream.state = UpstreamState::Open,
            &["upstream a"],
        ),
        (
            "another wait",
            |s| s.accounts[0].upstream.retry_in_s = Some(40),
            &["upstream a"],
        ),
        (
            "no wait",
            |s| s.accounts[0].upstream.retry_in_s = None,
            &["upstream a"],
        ),
        (
            "the core",
            |s| s.accounts[0].core = Some(core(CoreState::Stopped)),
            &["core a"],
        ),
        ("its wait", |s| backoff(s, 20), &["core a"]),
        (
            "its notice",
            |s| {
                s.accounts[0].core.as_mut().expect("one").notice = Some(words::NeedsNode.into());
            },
            &["core a"],
        ),
        (
            "its process",
            |s| s.accounts[0].core.as_mut().expect("one").process = None,
            &["core a"],
        ),
        (
            "a client",
            |s| s.accounts[0].clients[1].enabled = false,
            &["client a/two"],
        ),
        (
            "a connection",
            |s| s.accounts[1].clients[0].connections.clear(),
            &["client b/one"],
        ),
        (
            "a connection's name",
            |s| s.accounts[1].clients[0].connections[0].name = Some("n".into()),
            &["client b/one"],
        ),
        (
            "somebody refused at the HTTP side",
            |s| s.notices.push(notice("refused", 1)),
            &["node"],
        ),
        (
            "something lost at the upstream",
            |s| s.accounts[1].upstream.notices.push(notice("other", 1)),
            &["upstream b"],
        ),
        (
            "the same again, a minute later",
            |s| s.accounts[0].upstream.notices[0].last_unix_s += 60,
            &["upstream a"],
        ),
        (
            "somebody refused at a client",
            |s| s.accounts[0].clients[1].notices.push(notice("refused", 1)),
            &["client a/two"],
        ),
        (
            "a busy connection",
            |s| s.accounts[0].clients[0].connections[0].busy_for_s = Some(0),
            &["client a/one"],
        ),
        (
            "several",
            |s| {
                s.accounts[0].clients[0].problem = Some(words::NeedsNode.into());
                s.accounts[0].upstream.address = Some("x".into());
                s.accounts[1].online = true;
            },
            &["upstream a", "client a/one", "account b"],
        ),
    ];
    for (what, change, expected) in table {
        let mut after = status();
        change(&mut after);
        assert_eq!(told(status(), after), expected, "{what}");
    }
}

#[test]
fn counters_and_the_passing_of_time_are_no_change() {
    let mut before = status();
    before.accounts.truncate(1);
    before.accounts[0].clients[0].connections[0].busy_for_s = Some(1);
    before.accounts[0].clients[0].targets = vec![target(30)];
    let mut after = before.clone();
    after.uptime_s += 10;
    let account = &mut after.accounts[0];
    (account.events, account.responses, account.late_responses) = (9, 9, 9);
    account.upstream.retry_in_s = Some(20);
    let client = &mut account.clients[0];
    (client.sent, client.dropped, client.actions) = (9, 9, 9);
    (client.refusals, client.cuts) = (9, 9);
    client.connections[0].queued = 9;
    client.connections[0].busy_for_s = Some(11);
    client.targets[0].retry_in_s = Some(20);
    client.targets[0].failures = 9;
    let notices = &mut after.accounts[0].upstream.notices;
    *notices = vec![notice("refused", 119), notice("lost", 121)];
    notices[1].count = 9;
    backoff(&mut after, 51);
    let core = after.accounts[0].core.as_mut().expect("one");
    core.message = perpetua_words::unit::Seconds { count: 51 }.into();
    core.process = Some(CoreProcess {
        pid: 7,
        memory_bytes: Some(1),
        cpu_percent: Some(1.0),
    });
    assert_eq!(told(before, after), Vec::<String>::new());
}

#[test]
fn a_new_qr_code_is_told_and_the_seconds_of_an_old_one_are_not() {
    let with = |uptime_s, core| {
        let mut status = status();
        status.uptime_s = uptime_s;
        status.accounts.truncate(1);
        status.accounts[0].upstream.retry_in_s = None;
        status.accounts[0].core = Some(core);
        status
    };
    let none = Vec::<String>::new();
    assert_eq!(told(with(0, scan(120, 1)), with(5, scan(115, 1))), none);
    assert_eq!(told(with(0, scan(3, 1)), with(5, scan(0, 1))), none);
    assert_eq!(told(with(0, scan(3, 1)), with(4, scan(120, 2))), ["core a"]);
}
