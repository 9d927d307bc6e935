//! `perpetuad status`: how the running node stands, for people or programs.

mod client;

use std::{cmp::Reverse, collections::BTreeMap};

use perpetua_config::{TokenSource, Upstream};
use perpetua_fs::Folders;
use perpetua_node::read_settings;
use perpetua_schema::{
    AccountStatus, ClientStatus, CoreProcess, CoreStatus, NodeStatus, NoticeStatus, SignerTimes,
    Status,
};
use perpetua_words::{Message, cli, duration, update};

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    hint, kept_login, place,
    remote::Remote,
    terminal::{Terminal, print, print_json, seconds},
};

/// How many notices of one thing are shown: the latest say what is wrong now.
const NOTICES_SHOWN: usize = 3;
/// How old a notice may be that is shown, in seconds.
const NOTICE_AGE_S: i64 = 3600;

/// Prints lines for one node at one moment.
struct Page<'a> {
    terminal: &'a Terminal,
    /// In seconds since 1970.
    now: i64,
    /// What the secrets are called that upstreams are shown, by account.
    secrets: BTreeMap<String, String>,
}

pub(crate) fn status(
    terminal: &Terminal,
    place: &PlaceArguments,
    json: bool,
) -> Result<(), Failure> {
    let folders = place::folders(place)?;
    let status = Remote::find(&folders)?.call(&Status {})?;
    if json {
        return print_json(&serde_json::to_string_pretty(&status)?);
    }
    let page = Page {
        terminal,
        now: kept_login::now(),
        secrets: shown_secrets(place, &folders),
    };
    print(&(page.lines(&status).join("\n") + "\n"))
}

/// As the settings say it, where they can be read.
fn shown_secrets(place: &PlaceArguments, folders: &Folders) -> BTreeMap<String, String> {
    let path = place.config.clone().unwrap_or_else(|| folders.settings());
    let Ok(settings) = read_settings(path) else {
        return BTreeMap::new();
    };
    let secrets = settings.config.accounts.iter().filter_map(|account| {
        let Upstream::Onebot(onebot) = &account.upstream else {
            return None;
        };
        let Some(TokenSource::Secret(name)) = &onebot.token else {
            return None;
        };
        Some((account.name.to_string(), name.clone()))
    });
    secrets.collect()
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
        lines.extend(self.newer(status));
        lines.extend(self.notices(&status.notices));
        if status.accounts.is_empty() {
            let command = self.terminal.command("ui");
            let text = self.terminal.text(cli::NoAccounts { command });
            lines.push(format!("  {text}"));
        }
        for account in &status.accounts {
            lines.push(String::new());
            lines.extend(self.account(account));
        }
        lines
    }

    /// That a newer version is out.
    fn newer(&self, status: &NodeStatus) -> Option<String> {
        let newer = status.update.as_ref()?.newer.as_ref()?;
        let (own, version) = (&status.version, &newer.version);
        let said: Message = match newer.page.as_deref() {
            Some(page) => update::NewerAt { own, page, version }.into(),
            None => update::Newer { own, version }.into(),
        };
        Some(format!("  {}", self.terminal.text(said)))
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
            lines.extend(self.core(&account.name, core));
            let kept = kept_login::lines(terminal, &account.name, &core.set_aside, self.now);
            lines.extend(kept);
        }
        if let Some(problem) = &account.problem {
            let secret = self.secrets.get(&account.name).map(String::as_str);
            let hint = hint::for_upstream(terminal, problem, secret);
            lines.extend(remark_with(terminal, problem, hint));
        }
        let hint = hint::for_kick(terminal, account);
        lines.extend(hint.map(|hint| format!("    {}", terminal.text(hint))));
        if let Some(count) = account.upstream.retry_in_s.filter(|count| *count > 0) {
            let time = seconds(count);
            lines.push(format!("    {}", terminal.text(cli::StatusRetry { time })));
        }
        for about_it in &account.upstream.remarks {
            lines.extend(remark(terminal, about_it));
        }
        lines.extend(self.notices(&account.upstream.notices));
        if account.enabled && account.clients.iter().all(|client| !client.enabled) {
            lines.push(format!("    {}", terminal.text(cli::NoClients)));
        }
        for client in &account.clients {
            lines.extend(self.client(client));
        }
        lines
    }

    fn core(&self, account: &str, core: &CoreStatus) -> Vec<String> {
        let terminal = self.terminal;
        let state = core.message.clone();
        let mut lines = vec![format!("  {}", terminal.text(cli::StatusCore { state }))];
        let hints = hint::for_core(terminal, account, &core.state).into_iter();
        lines.extend(hints.map(|hint| format!("    {}", terminal.text(hint))));
        if let Some(process) = &core.process {
            let version = core.version.as_deref();
            lines.push(format!("    {}", process_line(terminal, version, process)));
        }
        let signers = core.signers.iter();
        lines.extend(signers.map(|signer| format!("    {}", self.signer(signer))));
        for remarked in [&core.slow_signer, &core.notice].into_iter().flatten() {
            lines.extend(remark(terminal, remarked));
        }
        lines
    }

    /// How one of the signers does.
    fn signer(&self, signer: &SignerTimes) -> String {
        let (terminal, name) = (self.terminal, &signer.name);
        let mut parts = vec![terminal.text(cli::StatusSigner { name })];
        if signer.answers + signer.failures == 0 {
            parts.push(terminal.text(cli::StatusUnasked));
            return terminal.joined(parts);
        }
        let count = signer.answers;
        parts.push(terminal.text(cli::StatusSigned { count }));
        if let Some(milliseconds) = signer.last_ms {
            parts.push(terminal.text(cli::StatusSigningTime { milliseconds }));
        }
        if let (Some(cause), Some(at)) = (signer.last_failure.clone(), signer.failed_ms) {
            let age = self.now.saturating_sub(at.div_euclid(1000)).max(0);
            let (count, time) = (signer.failures, duration(age.unsigned_abs()));
            parts.push(terminal.text(cli::StatusNotSigned { cause, count, time }));
        }
        terminal.joined(parts)
    }

    fn client(&self, client: &ClientStatus) -> Vec<String> {
        let mut lines = client::lines(self.terminal, client, self.now);
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
    remark_with(terminal, problem, hint::for_message(terminal, problem))
}

fn remark_with(terminal: &Terminal, problem: &Message, hint: Option<Message>) -> Vec<String> {
    let mut lines = vec![format!("  ! {}", terminal.text(problem.clone()))];
    lines.extend(hint.map(|hint| format!("    {}", terminal.text(hint))));
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use perpetua_schema::{NodeStatus, NoticeStatus};
    use perpetua_words::{Language, io};

    use super::Page;
    use crate::{arguments::PlaceArguments, terminal::Terminal};

    const NOW: i64 = 1_700_000_000;

    fn notice(text: &str, count: u64, age_s: i64) -> NoticeStatus {
        NoticeStatus {
            message: io::Other { text }.into(),
            count,
            last_unix_s: NOW - age_s,
        }
    }

    /// What is shown of notices.
    fn lines(language: Language, notices: &[NoticeStatus]) -> Vec<String> {
        let place = PlaceArguments {
            data_dir: None,
            config: None,
        };
        let page = Page {
            terminal: &Terminal::new(language, &place),
            now: NOW,
            secrets: BTreeMap::new(),
        };
        page.notices(notices)
    }

    #[test]
    fn the_latest_notices_are_shown_with_their_age_and_how_often() {
        let mut notices = vec![
            notice("two minutes ago", 4, 120),
            notice("too old", 9, 3601),
            notice("long ago", 2, 3600),
            notice("this second", 2, 0),
            notice("a clock was put back", 1, -30),
        ];
        assert_eq!(
            lines(Language::English, &notices),
            [
                "    just now: a clock was put back",
                "    just now: this second (2 times)",
                "    2 minutes ago: two minutes ago (4 times)",
                "    (1 more: `perpetuad status --json`)",
            ]
        );
        notices.truncate(3);
        assert_eq!(
            lines(Language::Chinese, &notices),
            [
                "    2 分钟前：two minutes ago（4 次）",
                "    1 小时前：long ago（2 次）",
            ]
        );
    }

    #[test]
    fn a_node_without_accounts_says_how_to_begin() {
        let place = PlaceArguments {
            data_dir: None,
            config: None,
        };
        let lines = |accounts| {
            let page = Page {
                terminal: &Terminal::new(Language::English, &place),
                now: NOW,
                secrets: BTreeMap::new(),
            };
            let status = NodeStatus {
                accounts,
                ..NodeStatus::default()
            };
            page.lines(&status).join("\n")
        };
        let none = lines(Vec::new());
        assert!(none.contains("perpetuad ui"), "{none}");
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
            let mut all: Vec<_> = (1..=notices).map(|age| notice("lost", 1, age)).collect();
            all.push(notice("too old", 1, 4000));
            for (language, wanted) in [(Language::English, english), (Language::Chinese, chinese)] {
                let more = lines(language, &all).split_off(3);
                let more: Vec<_> = more.iter().map(|line| line.trim_start()).collect();
                assert_eq!(more, Vec::from_iter(wanted));
            }
        }
    }
}
