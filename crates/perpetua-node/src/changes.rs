//! What has changed between two snapshots. Counters, and what time alone changes, count as nothing.

use perpetua_schema::{
    AccountStatus, ClientStatus, ConnectionStatus, CoreState, CoreStatus, Event, NodeStatus,
    Snapshot, UpstreamStatus,
};
use perpetua_words::{Message, Param};

/// How far the rounding of two moments to whole seconds may put them apart.
const ROUNDING: u64 = 2;

/// Whether anything has changed.
pub(crate) fn differ(before: &NodeStatus, after: &NodeStatus) -> bool {
    !events(before, after, 0).is_empty()
}

/// What those who know `before` have to be told.
pub(crate) fn diff(before: &Snapshot, after: &Snapshot) -> Vec<Event> {
    events(&before.status, &after.status, after.generation)
}

fn events(before: &NodeStatus, after: &NodeStatus, generation: u64) -> Vec<Event> {
    let names = |status: &NodeStatus| -> Vec<String> {
        let accounts = status.accounts.iter();
        accounts.map(|account| account.name.clone()).collect()
    };
    if names(before) != names(after) || before.pid != after.pid || before.api != after.api {
        let status = Box::new(after.clone());
        return vec![Event::Snapshot { generation, status }];
    }
    let mut events = Vec::new();
    if before.problems != after.problems {
        let problems = after.problems.clone();
        events.push(Event::NodeChanged {
            generation,
            problems,
        });
    }
    let seconds = after.uptime_s.saturating_sub(before.uptime_s);
    for (before, after) in before.accounts.iter().zip(&after.accounts) {
        push_account(&mut events, before, after, seconds, generation);
    }
    events
}

fn push_account(
    events: &mut Vec<Event>,
    before: &AccountStatus,
    after: &AccountStatus,
    seconds: u64,
    generation: u64,
) {
    if !same_frame(before, after) {
        let account = Box::new(after.clone());
        events.push(Event::AccountChanged {
            generation,
            account,
        });
        return;
    }
    let account = &after.name;
    if !same_upstream(&before.upstream, &after.upstream, seconds) {
        events.push(Event::UpstreamChanged {
            generation,
            account: account.clone(),
            upstream: after.upstream.clone(),
        });
    }
    if let (Some(before), Some(after)) = (&before.core, &after.core)
        && !same_core(before, after, seconds)
    {
        events.push(Event::Core {
            generation,
            account: account.clone(),
            status: Box::new(after.clone()),
        });
    }
    for (before, after) in before.clients.iter().zip(&after.clients) {
        if still_client(before) != still_client(after) {
            events.push(Event::ClientChanged {
                generation,
                account: account.clone(),
                client: Box::new(after.clone()),
            });
        }
    }
}

/// Whether two accounts differ at most in their upstreams, their cores, and what their clients do.
fn same_frame(before: &AccountStatus, after: &AccountStatus) -> bool {
    before.enabled == after.enabled
        && before.self_id == after.self_id
        && before.online == after.online
        && before.problem == after.problem
        && before.core.is_some() == after.core.is_some()
        && before.clients.len() == after.clients.len()
        && before
            .clients
            .iter()
            .zip(&after.clients)
            .all(|(before, after)| before.name == after.name)
}

fn same_upstream(before: &UpstreamStatus, after: &UpstreamStatus, seconds: u64) -> bool {
    let still = |upstream: &UpstreamStatus| UpstreamStatus {
        retry_in_s: None,
        ..upstream.clone()
    };
    still(before) == still(after) && same_moment(before.retry_in_s, after.retry_in_s, seconds)
}

fn same_core(before: &CoreStatus, after: &CoreStatus, seconds: u64) -> bool {
    still_core(before) == still_core(after)
        && same_moment(wait(&before.state), wait(&after.state), seconds)
}

/// Whether two waits, `seconds` apart, end at the same moment.
fn same_moment(before: Option<u64>, after: Option<u64>, seconds: u64) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => before.saturating_sub(seconds).abs_diff(after) <= ROUNDING,
        (before, after) => before == after,
    }
}

/// How long a state waits for something.
fn wait(state: &CoreState) -> Option<u64> {
    match state {
        CoreState::Absent { retry_in_s } => *retry_in_s,
        CoreState::SignerProblem { retry_in_s, .. } | CoreState::Backoff { retry_in_s, .. } => {
            Some(*retry_in_s)
        }
        CoreState::WaitingForScan { qr } => Some(qr.expires_in_s),
        CoreState::WaitingForConfirm { expires_in_s, .. } => Some(*expires_in_s),
        CoreState::Stopped
        | CoreState::Installing { .. }
        | CoreState::Starting { .. }
        | CoreState::Refused { .. }
        | CoreState::Online { .. }
        | CoreState::KickedOffline { .. }
        | CoreState::Reconnecting { .. }
        | CoreState::Stopping
        | CoreState::Braked { .. } => None,
    }
}

/// A core without what time alone changes, and without what its process uses.
fn still_core(core: &CoreStatus) -> CoreStatus {
    let mut still = core.clone();
    match &mut still.state {
        CoreState::Absent { retry_in_s } => *retry_in_s = None,
        CoreState::SignerProblem {
            retry_in_s: seconds,
            ..
        }
        | CoreState::Backoff {
            retry_in_s: seconds,
            ..
        }
        | CoreState::WaitingForConfirm {
            expires_in_s: seconds,
            ..
        }
        | CoreState::Online { for_s: seconds, .. }
        | CoreState::Reconnecting { for_s: seconds, .. } => *seconds = 0,
        CoreState::WaitingForScan { qr } => qr.expires_in_s = 0,
        CoreState::Stopped
        | CoreState::Installing { .. }
        | CoreState::Starting { .. }
        | CoreState::Refused { .. }
        | CoreState::KickedOffline { .. }
        | CoreState::Stopping
        | CoreState::Braked { .. } => {}
    }
    still_message(&mut still.message);
    if let Some(process) = &mut still.process {
        process.memory_bytes = None;
        process.cpu_percent = None;
    }
    still
}

/// The message of a state counts its seconds; what else is a number in it stands in the state too.
fn still_message(message: &mut Message) {
    for param in message.params.values_mut() {
        match param {
            Param::Number(number) => *number = 0,
            Param::Text(_) => {}
            Param::Message(inner) => still_message(inner),
            Param::Messages(several) => several.iter_mut().for_each(still_message),
        }
    }
}

/// A client without its counters.
fn still_client(client: &ClientStatus) -> ClientStatus {
    let connections = client
        .connections
        .iter()
        .map(|connection| ConnectionStatus {
            queued: 0,
            queued_bytes: 0,
            dropped: 0,
            ..connection.clone()
        });
    ClientStatus {
        connections: connections.collect(),
        sent: 0,
        dropped: 0,
        actions: 0,
        refusals: 0,
        cuts: 0,
        ..client.clone()
    }
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{
        AccountStatus, ClientStatus, ConnectionStatus, CoreProcess, CoreState, CoreStatus, Event,
        NodeStatus, QrCode, Snapshot, UpstreamState, UpstreamStatus,
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
        }
    }

    fn account(name: &str) -> AccountStatus {
        AccountStatus {
            name: name.into(),
            enabled: true,
            self_id: None,
            online: false,
            problem: None,
            upstream: UpstreamStatus {
                kind: "lagrange".into(),
                state: UpstreamState::Waiting,
                address: None,
                retry_in_s: Some(30),
            },
            core: Some(core(CoreState::Backoff {
                retry_in_s: 60,
                failures: 2,
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
            message: perpetua_words::unit::Seconds { count: 60 }.into(),
            notice: None,
            version: None,
            protocol: None,
            process: Some(CoreProcess {
                pid: 7,
                memory_bytes: None,
                cpu_percent: None,
            }),
            signer: None,
            generation: 1,
            restarts: 0,
        }
    }

    fn client(name: &str) -> ClientStatus {
        ClientStatus {
            name: name.into(),
            enabled: true,
            listen: None,
            problem: None,
            connections: vec![ConnectionStatus {
                app_id: "x".into(),
                name: None,
                role: "universal".into(),
                queued: 0,
                queued_bytes: 0,
                dropped: 0,
            }],
            sent: 0,
            dropped: 0,
            actions: 0,
            refusals: 0,
            cuts: 0,
        }
    }

    fn backoff(status: &mut NodeStatus, seconds: u64) {
        status.accounts[0].core = Some(core(CoreState::Backoff {
            retry_in_s: seconds,
            failures: 2,
        }));
    }

    fn scan(expires_in_s: u64, code: u32) -> CoreStatus {
        core(CoreState::WaitingForScan {
            qr: QrCode {
                url: None,
                png_base64: String::new(),
                expires_in_s,
                code,
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

    #[test]
    fn what_changes_is_told_and_nothing_else() {
        type Change = fn(&mut NodeStatus);
        let table: [(&str, Change, &[&str]); 22] = [
            ("nothing", |_| {}, &[]),
            ("an account less", |s| drop(s.accounts.pop()), &["snapshot"]),
            (
                "accounts in another order",
                |s| s.accounts.reverse(),
                &["snapshot"],
            ),
            ("another node", |s| s.pid = 2, &["snapshot"]),
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
                    s.accounts[0].core.as_mut().expect("one").notice = Some(words::NeedsNode.into())
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
        let mut after = before.clone();
        after.uptime_s += 10;
        let account = &mut after.accounts[0];
        (account.events, account.responses, account.late_responses) = (9, 9, 9);
        account.upstream.retry_in_s = Some(20);
        let client = &mut account.clients[0];
        (client.sent, client.dropped, client.actions) = (9, 9, 9);
        (client.refusals, client.cuts) = (9, 9);
        client.connections[0].queued = 9;
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
}
