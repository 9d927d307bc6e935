//! What is shown of one client: its row, what is wrong, who is connected.

use perpetua_schema::{ClientStatus, ConnectionStatus, TargetState, TargetStatus};
use perpetua_words::{Message, cli, duration};

use super::remark;
use crate::terminal::{Terminal, padded};

/// The client of all leased ports, as the node calls it.
const LEASED: &str = "(leased)";
/// The kind of a client that calls.
const HTTP: &str = "http";

/// All of it, but for what was refused or lost; `now` is in seconds since 1970.
pub(super) fn lines(terminal: &Terminal, client: &ClientStatus, now: i64) -> Vec<String> {
    let mut lines = vec![row(terminal, client, now)];
    if let Some(problem) = &client.problem {
        lines.extend(remark(terminal, problem));
    }
    for about_it in &client.remarks {
        lines.extend(remark(terminal, about_it));
    }
    let has_several = client.targets.len() > 1;
    for target in &client.targets {
        if has_several {
            lines.push(address_row(terminal, target));
        }
        lines.extend(not_connected(terminal, target));
    }
    let connections = &client.connections;
    lines.extend(names(terminal, &client.name, connections));
    lines.extend(busy(terminal, connections));
    lines
}

fn row(terminal: &Terminal, client: &ClientStatus, now: i64) -> String {
    let target = most_in_need(&client.targets);
    let state = match (client.enabled, client.connections.len()) {
        (false, _) => terminal.text(cli::Disabled),
        (true, _) if client.kind == "post" => terminal.text(posted(target)),
        (true, 0) => match target.map(|target| target.state) {
            Some(TargetState::Dialling) => terminal.text(cli::TargetDialling),
            Some(TargetState::Refused) => terminal.text(cli::TargetRefused),
            _ if client.kind == HTTP => called(terminal, client, now),
            _ => terminal.text(cli::StatusNotConnected),
        },
        (true, count) => terminal.text(cli::StatusConnections { count }),
    };
    let address = match (&client.listen, client.targets.as_slice()) {
        (Some(listen), _) => listen.clone(),
        (None, []) => "-".to_owned(),
        (None, [target]) => target.address.clone(),
        (None, targets) => {
            let count = targets.len();
            terminal.text(cli::StatusAddresses { count })
        }
    };
    let mut counts = vec![terminal.text(cli::StatusSent { count: client.sent })];
    if client.dropped > 0 {
        let count = client.dropped;
        counts.push(terminal.text(cli::StatusMissed { count }));
    }
    if client.refusals > 0 {
        let count = client.refusals;
        counts.push(terminal.text(cli::StatusRefused { count }));
    }
    let posts = target.and_then(|target| target.posts).unwrap_or_default();
    if posts.unsure > 0 {
        let count = posts.unsure;
        counts.push(terminal.text(cli::UnsureEvents { count }));
    }
    if posts.refused > 0 {
        let count = posts.refused;
        counts.push(terminal.text(cli::RefusedEvents { count }));
    }
    let name = match &*client.name {
        LEASED => terminal.text(cli::StatusLeased),
        name => name.to_owned(),
    };
    format!(
        "  {} {} {} {}",
        padded(&name, 16),
        padded(&address, 21),
        padded(&state, 15),
        terminal.joined(counts)
    )
}

/// Of several addresses, the one that says most of why there is no connection.
fn most_in_need(targets: &[TargetStatus]) -> Option<&TargetStatus> {
    targets.iter().min_by_key(|target| match target.state {
        TargetState::Refused => 0,
        TargetState::Waiting => 1,
        TargetState::Dialling | TargetState::Unnamed => 2,
        TargetState::Open | TargetState::Closed => 3,
    })
}

/// One of several addresses, and whether it is connected.
fn address_row(terminal: &Terminal, target: &TargetStatus) -> String {
    let state: Message = match target.state {
        TargetState::Open => cli::TargetOpen.into(),
        TargetState::Refused => cli::TargetRefused.into(),
        TargetState::Dialling => cli::TargetDialling.into(),
        TargetState::Waiting | TargetState::Closed | TargetState::Unnamed => {
            cli::StatusNotConnected.into()
        }
    };
    format!("    {} {}", target.address, terminal.text(state))
}

/// How a framework stands that is posted to.
fn posted(target: Option<&TargetStatus>) -> Message {
    let is_paused = |target: &TargetStatus| target.posts.is_some_and(|posts| posts.paused);
    match target {
        Some(target) if is_paused(target) => cli::TargetPaused.into(),
        Some(target) => match target.state {
            TargetState::Open => cli::TargetTaking.into(),
            TargetState::Refused => cli::TargetRefused.into(),
            TargetState::Dialling => cli::TargetDialling.into(),
            TargetState::Waiting if target.posts.is_some_and(|posts| posts.again) => {
                cli::TargetAgain.into()
            }
            TargetState::Waiting => cli::TargetFailed.into(),
            TargetState::Closed | TargetState::Unnamed => cli::StatusNotConnected.into(),
        },
        None => cli::StatusNotConnected.into(),
    }
}

/// When a program that keeps no connection last called.
fn called(terminal: &Terminal, client: &ClientStatus, now: i64) -> String {
    let Some(called_ms) = client.called_ms else {
        return terminal.text(cli::StatusNotCalled);
    };
    let age = now.saturating_sub(called_ms.div_euclid(1000));
    let time = duration(u64::try_from(age).unwrap_or_default());
    terminal.text(cli::StatusCalled { time })
}

/// Why a framework that is dialled is not connected, and when it is dialled again.
fn not_connected(terminal: &Terminal, target: &TargetStatus) -> Vec<String> {
    let Some(problem) = &target.problem else {
        return Vec::new();
    };
    let mut lines: Vec<_> = remark(terminal, problem).into_iter().collect();
    if let Some(seconds) = target.retry_in_s.filter(|seconds| *seconds > 0) {
        let time = duration(seconds);
        let retry = terminal.text(cli::StatusRetry { time });
        lines.push(format!("    {retry}"));
    }
    lines
}

/// The names that connections have chosen, where the client's own does not say them.
fn names(terminal: &Terminal, client: &str, connections: &[ConnectionStatus]) -> Option<String> {
    let chosen = connections.iter().filter_map(|one| one.name.clone());
    let mut all: Vec<_> = chosen.collect();
    if all.iter().all(|name| name == client) {
        return None;
    }
    let unnamed = connections.len() - all.len();
    if unnamed > 0 {
        all.push(terminal.text(cli::StatusUnnamed { count: unnamed }));
    }
    let names = terminal.joined(all);
    Some(format!("    {}", terminal.text(cli::StatusNames { names })))
}

/// That the programs behind connections do not answer: one is named, several are counted.
fn busy(terminal: &Terminal, connections: &[ConnectionStatus]) -> Option<String> {
    let busy = |connection: &&ConnectionStatus| connection.busy_for_s.is_some();
    let longest = connections
        .iter()
        .filter(busy)
        .max_by_key(|one| one.busy_for_s)?;
    let time = duration(longest.busy_for_s?);
    let text = match connections.iter().filter(busy).count() {
        1 => {
            let name = longest.name.as_deref().unwrap_or(&longest.app_id);
            terminal.text(cli::StatusBusy { name, time })
        }
        count => terminal.text(cli::StatusBusySeveral { count, time }),
    };
    Some(format!("  ! {text}"))
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{ClientStatus, ConnectionStatus, PostStatus, TargetState, TargetStatus};
    use perpetua_words::{Language, Message};

    use crate::{arguments::PlaceArguments, terminal::Terminal};

    /// In seconds since 1970.
    const NOW: i64 = 1_800_000_000;

    fn terminal(language: Language) -> Terminal {
        let place = PlaceArguments {
            data_dir: None,
            config: None,
        };
        Terminal::new(language, &place)
    }

    fn connection(name: Option<&str>, busy_for_s: Option<u64>) -> ConnectionStatus {
        ConnectionStatus {
            peer: None,
            user_agent: None,
            since_ms: 1,
            sent: 0,
            app_id: "0a1b".into(),
            name: name.map(str::to_owned),
            role: "universal".into(),
            queued: 0,
            queued_bytes: 0,
            dropped: 0,
            busy_for_s,
        }
    }

    fn client(name: &str, connections: Vec<ConnectionStatus>) -> ClientStatus {
        ClientStatus {
            framework: None,
            has_token: true,
            remarks: Vec::new(),
            kind: "forward".into(),
            queue_events: 10,
            queue_bytes: 10,
            dropped_last_minute: 0,
            since_ms: 1,
            name: name.into(),
            enabled: true,
            listen: None,
            called_ms: None,
            targets: Vec::new(),
            problem: None,
            connections,
            sent: 0,
            dropped: 0,
            actions: 0,
            refusals: 0,
            cuts: 0,
            notices: Vec::new(),
        }
    }

    /// What stands below the row of a client.
    fn below(language: Language, client: &ClientStatus) -> Vec<String> {
        super::lines(&terminal(language), client, NOW).split_off(1)
    }

    #[test]
    fn leased_ports_are_named_in_the_language() {
        for (language, wanted) in [
            (Language::English, "(leased) "),
            (Language::Chinese, "（租用） "),
        ] {
            let terminal = terminal(language);
            let line = super::row(&terminal, &client("(leased)", Vec::new()), NOW);
            assert!(line.trim_start().starts_with(wanted), "{line}");
        }
    }

    #[test]
    fn connections_that_chose_a_name_are_named() {
        for (name, connections, told) in [
            ("bot", vec![], None),
            ("bot", vec![Some("bot")], None),
            ("(leased)", vec![None, None], None),
            ("(leased)", vec![Some("painter")], Some("names: painter")),
            (
                "(leased)",
                vec![Some("painter"), None, Some("天气"), None],
                Some("names: painter, 天气, 2 without a name"),
            ),
            (
                "bot",
                vec![Some("bot"), Some("other")],
                Some("names: bot, other"),
            ),
        ] {
            let connections = connections.into_iter();
            let connections = connections.map(|name| connection(name, None)).collect();
            let told: Vec<_> = told.iter().map(|told| format!("    {told}")).collect();
            assert_eq!(below(Language::English, &client(name, connections)), told);
        }
    }

    #[test]
    fn a_framework_that_is_dialled_is_told_with_its_address_and_why_it_is_not_there() {
        let mut client = client("astrbot", Vec::new());
        client.targets = vec![TargetStatus {
            address: "ws://127.0.0.1:6199/ws".into(),
            state: TargetState::Refused,
            since_ms: 1,
            retry_in_s: Some(30),
            failures: 5,
            problem: Some(perpetua_words::dial::Refused { status: 403_u16 }.into()),
            posts: None,
        }];
        let lines = super::lines(&terminal(Language::English), &client, NOW);
        let [row, why, when] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(
            row.contains("ws://127.0.0.1:6199/ws") && row.contains("refused"),
            "{row}"
        );
        assert!(why.contains("HTTP status 403"), "{why}");
        assert!(when.contains("next attempt in 30 seconds"), "{when}");
    }

    #[test]
    fn of_several_frameworks_each_is_told_by_itself() {
        let target = |address: &str, state, problem: Option<Message>| TargetStatus {
            address: address.into(),
            state,
            since_ms: 1,
            retry_in_s: problem.as_ref().map(|_| 30),
            failures: 0,
            problem,
            posts: None,
        };
        let refused = perpetua_words::dial::Refused { status: 403_u16 };
        let mut client = client("bots", Vec::new());
        client.targets = vec![
            target("ws://127.0.0.1:1/ws", TargetState::Open, None),
            target(
                "ws://127.0.0.1:2/ws",
                TargetState::Refused,
                Some(refused.into()),
            ),
        ];
        let lines = super::lines(&terminal(Language::English), &client, NOW);
        let [row, first, second, why, when] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(
            row.contains("2 addresses") && row.contains("refused"),
            "{row}"
        );
        assert_eq!(first, "    ws://127.0.0.1:1/ws connected");
        assert_eq!(second, "    ws://127.0.0.1:2/ws refused");
        assert!(why.contains("HTTP status 403"), "{why}");
        assert!(when.contains("next attempt in 30 seconds"), "{when}");
        client.connections = vec![connection(Some("bots"), None)];
        let row = super::row(&terminal(Language::Chinese), &client, NOW);
        assert!(
            row.contains("2 个地址") && row.contains("1 个连接"),
            "{row}"
        );
    }

    #[test]
    fn a_framework_that_is_posted_to_is_told_with_what_became_of_its_events() {
        let mut client = client("hook", vec![connection(Some("hook"), None)]);
        client.kind = "post".into();
        let posts = PostStatus {
            paused: true,
            again: false,
            delivered: 7,
            repeated: 4,
            unsure: 2,
            refused: 3,
        };
        client.targets = vec![TargetStatus {
            address: "http://127.0.0.1:8081/".into(),
            state: TargetState::Waiting,
            since_ms: 1,
            retry_in_s: Some(40),
            failures: 6,
            problem: Some(perpetua_words::post::NoAnswer { seconds: 30_u64 }.into()),
            posts: Some(posts),
        }];
        for (paused, state, shown) in [
            (true, TargetState::Waiting, "paused"),
            (true, TargetState::Refused, "paused"),
            (false, TargetState::Refused, "refused"),
            (false, TargetState::Open, "takes events"),
            (false, TargetState::Waiting, "failed on one"),
        ] {
            let target = &mut client.targets[0];
            target.posts = Some(PostStatus { paused, ..posts });
            target.state = state;
            let row = super::row(&terminal(Language::English), &client, NOW);
            assert!(row.contains(shown), "{row}");
            assert!(row.contains("2 with unknown outcome"), "{row}");
            assert!(row.contains("3 not taken"), "{row}");
        }
        let lines = below(Language::English, &client);
        let [why, when] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(why.contains("no answer within 30 s"), "{why}");
        assert!(when.contains("next attempt in 40 seconds"), "{when}");
    }

    #[test]
    fn of_one_that_calls_it_is_told_when_it_last_did() {
        for (language, never, lately) in [
            (Language::English, "not called yet", "called 12 seconds ago"),
            (Language::Chinese, "还没有调用", "12 秒前有调用"),
        ] {
            let mut client = client("script", Vec::new());
            client.kind = "http".into();
            let terminal = terminal(language);
            let line = super::row(&terminal, &client, NOW);
            assert!(line.contains(never), "{line}");
            client.called_ms = Some((NOW - 12) * 1000);
            let line = super::row(&terminal, &client, NOW);
            assert!(line.contains(lately), "{line}");
        }
    }

    #[test]
    fn a_busy_connection_is_named_by_what_is_known_of_it() {
        for (name, seconds, shown, time) in [
            (Some("bot"), 40, "`bot`", "40 seconds"),
            (None, 61, "`0a1b`", "1 minute"),
        ] {
            let connections = vec![
                connection(Some("bot"), None),
                connection(name, Some(seconds)),
            ];
            let lines = below(Language::English, &client("bot", connections));
            let line = lines.last().expect("a line");
            assert!(line.contains(shown) && line.contains(time), "{line}");
        }
    }

    #[test]
    fn many_busy_connections_are_one_line() {
        for count in [2, 1000] {
            let mut connections: Vec<_> = (0..count)
                .map(|_| connection(Some("bot"), Some(40)))
                .collect();
            connections[1].busy_for_s = Some(90);
            connections.push(connection(Some("bot"), None));
            let lines = below(Language::English, &client("bot", connections));
            let [line] = lines.as_slice() else {
                panic!("{} lines", lines.len())
            };
            let told =
                format!("{count} connections have answered no ping, one of them for 1 minute");
            assert!(line.contains(&told), "{line}");
        }
    }
}
