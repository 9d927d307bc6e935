//! `perpetuad status`: how the running node stands, for people or programs.

use std::{
    cmp::Reverse,
    time::{SystemTime, UNIX_EPOCH},
};

use perpetua_schema::{
    AccountStatus, ClientStatus, ConnectionStatus, CoreProcess, CoreStatus, NodeStatus,
    NoticeStatus, Status,
};
use perpetua_words::{Message, cli, unit};

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    hint, place,
    remote::Remote,
    terminal::{Terminal, padded, print, seconds},
};

/// How many notices of one thing are shown: the latest say what is wrong now.
const NOTICES_SHOWN: usize = 3;
/// How old a notice may be that is shown, in seconds.
const NOTICE_AGE_S: i64 = 3600;

/// The client of all leased ports, as the node calls it.
const LEASED: &str = "(leased)";

/// Prints lines for one node at one moment.
struct Page<'a> {
    terminal: &'a Terminal,
    /// In seconds since 1970.
    now: i64,
}

pub(crate) fn status(
    terminal: &Terminal,
    place: &PlaceArguments,
    json: bool,
) -> Result<(), Failure> {
    let status = Remote::find(&place::folders(place)?)?.call(&Status {})?;
    if json {
        return print(&(serde_json::to_string_pretty(&status)? + "\n"));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let page = Page {
        terminal,
        now: now.map_or(0, |since| since.as_secs().cast_signed()),
    };
    print(&(page.lines(&status).join("\n") + "\n"))
}

impl Page<'_> {
    /// All of them.
    fn lines(&self, status: &NodeStatus) -> Vec<String> {
        let mut lines = vec![self.terminal.text(cli::StatusNode {
            version: &status.version,
            api: &status.api,
            time: duration(status.uptime_s),
        })];
        for problem in &status.problems {
            lines.extend(remark(self.terminal, problem));
        }
        lines.extend(self.notices(&status.notices));
        for account in &status.accounts {
            lines.push(String::new());
            lines.extend(self.account(account));
        }
        lines
    }

    fn account(&self, account: &AccountStatus) -> Vec<String> {
        let terminal = self.terminal;
        let state = match (account.enabled, account.online) {
            (false, _) => terminal.text(cli::Disabled),
            (true, true) => terminal.text(cli::Online),
            (true, false) => terminal.text(cli::Offline),
        };
        let id = account.self_id.map(|id| format!(" ({id})"));
        let first = [
            format!("{}{}", account.name, id.unwrap_or_default()),
            state,
            account.upstream.kind.clone(),
            account.upstream.address.clone().unwrap_or_default(),
        ];
        let mut lines = vec![first.join("  ").trim_end().to_owned()];
        if let Some(core) = &account.core {
            lines.extend(core_lines(terminal, &account.name, core));
        }
        if let Some(problem) = &account.problem {
            lines.extend(remark(terminal, problem));
        }
        let hint = hint::for_kick(terminal, account);
        lines.extend(hint.map(|hint| format!("    {}", terminal.text(hint))));
        if let Some(count) = account.upstream.retry_in_s.filter(|count| *count > 0) {
            let time = seconds(count);
            lines.push(format!("    {}", terminal.text(cli::StatusRetry { time })));
        }
        lines.extend(self.notices(&account.upstream.notices));
        for client in &account.clients {
            lines.extend(self.client(client));
        }
        lines
    }

    fn client(&self, client: &ClientStatus) -> Vec<String> {
        let terminal = self.terminal;
        let mut lines = vec![client_line(terminal, client)];
        if let Some(problem) = &client.problem {
            lines.extend(remark(terminal, problem));
        }
        let connections = &client.connections;
        lines.extend(names(terminal, &client.name, connections));
        lines.extend(busy(terminal, connections));
        lines.extend(self.notices(&client.notices));
        lines
    }

    /// The latest of what was refused or lost.
    fn notices(&self, notices: &[NoticeStatus]) -> Vec<String> {
        let age = |notice: &NoticeStatus| self.now.saturating_sub(notice.last_unix_s).max(0);
        let mut shown: Vec<_> = notices
            .iter()
            .filter(|notice| age(notice) <= NOTICE_AGE_S)
            .collect();
        shown.sort_by_key(|notice| Reverse(notice.last_unix_s));
        let more = shown.len().saturating_sub(NOTICES_SHOWN);
        shown.truncate(NOTICES_SHOWN);
        let line = |notice: &NoticeStatus| {
            let time = duration(age(notice).unsigned_abs());
            let (words, count) = (notice.message.clone(), notice.count);
            let text: Message = match (age(notice), count) {
                (0, 0 | 1) => cli::StatusNoticeNow { notice: words }.into(),
                (0, _) => cli::StatusNoticesNow {
                    count,
                    notice: words,
                }
                .into(),
                (_, 0 | 1) => cli::StatusNotice {
                    notice: words,
                    time,
                }
                .into(),
                _ => cli::StatusNotices {
                    count,
                    notice: words,
                    time,
                }
                .into(),
            };
            format!("    {}", self.terminal.text(text))
        };
        let mut lines: Vec<_> = shown.into_iter().map(line).collect();
        if more > 0 {
            let (count, command) = (more, self.terminal.command("status --json"));
            let text = self.terminal.text(cli::StatusMore { command, count });
            lines.push(format!("    {text}"));
        }
        lines
    }
}

/// A problem, and what to type about it.
fn remark(terminal: &Terminal, problem: &Message) -> Vec<String> {
    let mut lines = vec![format!("  ! {}", terminal.text(problem.clone()))];
    let hint = hint::for_message(terminal, problem);
    lines.extend(hint.map(|hint| format!("    {}", terminal.text(hint))));
    lines
}

fn core_lines(terminal: &Terminal, account: &str, core: &CoreStatus) -> Vec<String> {
    let state = core.message.clone();
    let mut lines = vec![format!("  {}", terminal.text(cli::StatusCore { state }))];
    let hints = hint::for_core(terminal, account, &core.state).into_iter();
    lines.extend(hints.map(|hint| format!("    {}", terminal.text(hint))));
    if let Some(process) = &core.process {
        let version = core.version.as_deref();
        lines.push(format!("    {}", process_line(terminal, version, process)));
    }
    if let Some(notice) = &core.notice {
        lines.extend(remark(terminal, notice));
    }
    lines
}

fn process_line(terminal: &Terminal, version: Option<&str>, process: &CoreProcess) -> String {
    let version = match version {
        Some(version) => version.to_owned(),
        None => terminal.text(cli::StatusNoVersion),
    };
    let mut parts = vec![
        version,
        terminal.text(cli::StatusProcess { pid: process.pid }),
    ];
    if let (Some(memory), Some(cpu)) = (process.memory_bytes, process.cpu_percent) {
        parts.push(format!("{} MB", memory.div_ceil(1_000_000)));
        parts.push(format!("{cpu:.0} % CPU"));
    }
    terminal.joined(parts)
}

fn client_line(terminal: &Terminal, client: &ClientStatus) -> String {
    let state = match (client.enabled, client.connections.len()) {
        (false, _) => terminal.text(cli::Disabled),
        (true, 0) => terminal.text(cli::StatusNotConnected),
        (true, count) => terminal.text(cli::StatusConnections { count }),
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
    let name = match &*client.name {
        LEASED => terminal.text(cli::StatusLeased),
        name => name.to_owned(),
    };
    format!(
        "  {} {} {} {}",
        padded(&name, 16),
        padded(client.listen.as_deref().unwrap_or("-"), 21),
        padded(&state, 15),
        terminal.joined(counts)
    )
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

/// A time in its largest unit.
fn duration(seconds: u64) -> Message {
    match seconds {
        0..60 => unit::Seconds { count: seconds }.into(),
        60..3600 => unit::Minutes {
            count: seconds / 60,
        }
        .into(),
        3600..172_800 => unit::Hours {
            count: seconds / 3600,
        }
        .into(),
        _ => unit::Days {
            count: seconds / 86_400,
        }
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{ClientStatus, ConnectionStatus, NoticeStatus};
    use perpetua_words::{Language, io};

    use super::Page;
    use crate::{arguments::PlaceArguments, terminal::Terminal};

    const NOW: i64 = 1_700_000_000;

    fn terminal(language: Language) -> Terminal {
        let place = PlaceArguments {
            data_dir: None,
            config: None,
        };
        Terminal::new(language, &place)
    }

    fn notice(text: &str, count: u64, age_s: i64) -> NoticeStatus {
        NoticeStatus {
            message: io::Other { text }.into(),
            count,
            last_unix_s: NOW - age_s,
        }
    }

    fn connection(name: Option<&str>, busy_for_s: Option<u64>) -> ConnectionStatus {
        ConnectionStatus {
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
            name: name.into(),
            enabled: true,
            listen: None,
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

    /// What stands below the line of a client.
    fn below(language: Language, client: &ClientStatus) -> Vec<String> {
        let terminal = terminal(language);
        let page = Page {
            terminal: &terminal,
            now: NOW,
        };
        page.client(client).split_off(1)
    }

    #[test]
    fn the_latest_notices_are_shown_with_their_age_and_how_often() {
        let mut client = client("bot", Vec::new());
        client.notices = vec![
            notice("two minutes ago", 4, 120),
            notice("too old", 9, 3601),
            notice("long ago", 2, 3600),
            notice("this second", 2, 0),
            notice("a clock was put back", 1, -30),
        ];
        assert_eq!(
            below(Language::English, &client),
            [
                "    just now: a clock was put back",
                "    just now: this second (2 times)",
                "    2 minutes ago: two minutes ago (4 times)",
                "    (1 more: `perpetuad status --json`)",
            ]
        );
        client.notices.truncate(3);
        assert_eq!(
            below(Language::Chinese, &client),
            [
                "    2 分钟前：two minutes ago（4 次）",
                "    1 小时前：long ago（2 次）",
            ]
        );
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        for (notices, english, chinese) in [
            (3, None, None),
            (
                4,
                Some("(1 more: `perpetuad status --json`)"),
                Some("（另有 1 条，见 `perpetuad status --json`）"),
            ),
            (
                8,
                Some("(5 more: `perpetuad status --json`)"),
                Some("（另有 5 条，见 `perpetuad status --json`）"),
            ),
        ] {
            let mut client = client("bot", Vec::new());
            client.notices = (1..=notices).map(|age| notice("lost", 1, age)).collect();
            client.notices.push(notice("too old", 1, 4000));
            for (language, wanted) in [(Language::English, english), (Language::Chinese, chinese)] {
                let more = below(language, &client).split_off(3);
                let more: Vec<_> = more.iter().map(|line| line.trim_start()).collect();
                assert_eq!(more, Vec::from_iter(wanted));
            }
        }
    }

    #[test]
    fn leased_ports_are_named_in_the_language() {
        for (language, wanted) in [
            (Language::English, "(leased) "),
            (Language::Chinese, "（租用） "),
        ] {
            let terminal = terminal(language);
            let line = super::client_line(&terminal, &client("(leased)", Vec::new()));
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
