//! What a change of the settings means, as messages. Pure.

use perpetua_config::{Account, Config, Name, SignThrough, Upstream};
use perpetua_words::{Message, node as words};

/// What is different in the next settings.
pub(super) fn changes(former: &Config, next: &Config) -> Vec<Message> {
    let mut changes = Vec::new();
    let enabled = |config: &Config| {
        let accounts = config.accounts.iter().filter(|account| account.enabled);
        accounts.cloned().collect::<Vec<_>>()
    };
    let (before, after) = (enabled(former), enabled(next));
    for account in &before {
        if !after.iter().any(|next| next.name == account.name) {
            let account = account.name.as_str();
            changes.push(words::AccountStopped { account }.into());
        }
    }
    for account in &after {
        match before.iter().find(|former| former.name == account.name) {
            None => {
                let name = account.name.as_str();
                changes.push(words::AccountStarted { account: name }.into());
                changes.extend(taken_otherwise(None, account));
            }
            Some(former_account) => {
                account_changes(former_account, account, &mut changes);
                changes.extend(taken_otherwise(Some(former_account), account));
                changes.extend(signers_of(account.name.as_str(), former, next));
            }
        }
    }
    let parts = [
        (former.signers != next.signers, words::SignersChanged.into()),
        (former.notify != next.notify, words::WebhooksChanged.into()),
        (former.core != next.core, words::CoresChanged.into()),
        (former.log != next.log, words::LogChanged.into()),
        (
            former.limits != next.limits,
            words::MemoryLimitChanged.into(),
        ),
        (
            former.discovery != next.discovery
                || former.api.allow_hosts != next.api.allow_hosts
                || former.api.trusted_proxies != next.api.trusted_proxies,
            words::AccessChanged.into(),
        ),
    ];
    changes.extend(
        parts
            .into_iter()
            .filter_map(|(is, change)| is.then_some(change)),
    );
    changes
}

/// What the next settings say of an account and is taken otherwise, where that is new.
fn taken_otherwise(former: Option<&Account>, next: &Account) -> Option<Message> {
    let remark = |account: &Account| match &account.upstream {
        Upstream::Lagrange(lagrange) => lagrange.remark(),
        _ => None,
    };
    let said = former.and_then(remark);
    remark(next).filter(|remark| said.as_ref() != Some(remark))
}

fn account_changes(former: &Account, next: &Account, changes: &mut Vec<Message>) {
    let account = next.name.as_str();
    let is_there = |account: &Account, name| {
        account
            .client(name)
            .filter(|client| client.enabled)
            .cloned()
    };
    for client in &former.clients {
        let was = is_there(former, &client.name);
        if was.is_some() && is_there(next, &client.name).is_none() {
            let client = client.name.as_str();
            changes.push(words::ClientRemoved { account, client }.into());
        }
    }
    for client in next.clients.iter().filter(|client| client.enabled) {
        let name = client.name.as_str();
        match is_there(former, &client.name) {
            None => changes.push(
                words::ClientAdded {
                    account,
                    client: name,
                }
                .into(),
            ),
            Some(was) if was != *client => changes.push(
                words::ClientChanged {
                    account,
                    client: name,
                }
                .into(),
            ),
            Some(_) => {}
        }
    }
    if former.upstream != next.upstream {
        changes.push(words::UpstreamChanged { account }.into());
    }
    let limits = |account: &Account| {
        (
            account.action_timeout,
            account.unsent_timeout,
            account.max_frame_size,
        )
    };
    if limits(former) != limits(next) {
        changes.push(words::LimitsChanged { account }.into());
    }
}

/// From when on an account's core is signed for by other signers.
fn signers_of(account: &str, former: &Config, next: &Config) -> Option<Message> {
    let signing = |config: &Config| {
        let name = Name::new(account).ok()?;
        match &config.account(&name)?.upstream {
            Upstream::Lagrange(lagrange) => {
                let signers = config.signers_of(lagrange);
                let signers: Vec<_> = signers.into_iter().cloned().collect();
                Some((signers, lagrange.sign_through))
            }
            _ => None,
        }
    };
    let (before, (after, through)) = (signing(former)?, signing(next)?);
    if before == (after, through) {
        return None;
    }
    Some(match through {
        SignThrough::Node => words::SignersAtNextMessage { account }.into(),
        SignThrough::Core => words::SignersByStart { account }.into(),
    })
}

/// What takes effect only when the node is started again.
pub(super) fn needs_restart(running: &Config, wanted: &Config) -> Vec<Message> {
    let parts = [
        ("[api] listen", running.api.listen != wanted.api.listen),
        ("[log] format", running.log.format != wanted.log.format),
        ("secrets", running.secrets != wanted.secrets),
    ];
    let changed = parts.into_iter().filter(|(_, changed)| *changed);
    changed
        .map(|(setting, _)| words::NeedsRestart { setting }.into())
        .collect()
}

/// Whether a problem is one of an account or a client that changes are about.
pub(super) fn concern(changes: &[Message], problem: &Message) -> bool {
    let (account, client) = (problem.params.get("account"), problem.params.get("client"));
    account.is_some()
        && changes.iter().any(|change| {
            let of = change.params.get("client");
            change.params.get("account") == account
                && (of.is_none() || client.is_none() || of == client)
        })
}

#[cfg(test)]
mod tests {
    use perpetua_words::{Message, io, node as words};

    use super::{changes, concern, needs_restart};

    #[test]
    fn a_problem_concerns_the_account_and_the_client_that_it_names() {
        let (account, problem) = ("main", Message::from(io::TimedOut));
        let of_client = |client| -> Message {
            let problem = problem.clone();
            words::ClientProblem {
                account,
                client,
                problem,
            }
            .into()
        };
        let change = |client| Message::from(words::ClientAdded { account, client });
        assert!(concern(&[change("bot")], &of_client("bot")));
        assert!(!concern(&[change("koishi")], &of_client("bot")));
        let started = words::AccountStarted { account }.into();
        assert!(concern(&[started], &of_client("bot")));
        let upstream = words::UpstreamProblem { account, problem }.into();
        assert!(concern(&[change("bot")], &upstream));
        let setting = "[api] listen";
        assert!(!concern(
            &[change("bot")],
            &words::NeedsRestart { setting }.into()
        ));
    }

    /// Settings with one account of two clients, and what stands before them.
    fn settings(own: &str, clients: &str) -> perpetua_config::Config {
        let text = format!(
            "{own}\n[[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n{clients}"
        );
        perpetua_config::parse(&text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
    }

    fn client(name: &str, port: u16, more: &str) -> String {
        format!(
            "[[accounts.clients]]\nname = \"{name}\"\nkind = \"forward\"\nlisten = \"127.0.0.1:{port}\"\n{more}\n"
        )
    }

    #[test]
    fn each_difference_is_told_once() {
        let bot = client("bot", 1, "");
        let before = settings("", &bot);
        for (after, codes) in [
            (before.clone(), vec![]),
            (settings("", ""), vec!["node.client_removed"]),
            (
                settings("", &client("bot", 2, "")),
                vec!["node.client_changed"],
            ),
            (
                settings("", &client("bot", 1, "enabled = false")),
                vec!["node.client_removed"],
            ),
            (
                settings("", &format!("{bot}{}", client("koishi", 2, ""))),
                vec!["node.client_added"],
            ),
            (
                settings("", &client("koishi", 1, "")),
                vec!["node.client_removed", "node.client_added"],
            ),
            (
                perpetua_config::parse("").expect("valid"),
                vec!["node.account_stopped", "node.access_changed"],
            ),
            (
                settings("[[notify]]\npost = \"http://a.example/\"", &bot),
                vec!["node.webhooks_changed"],
            ),
            (
                settings("[core]\nauto-install = false", &bot),
                vec!["node.cores_changed"],
            ),
            (
                settings("[log]\nlevel = \"debug\"", &bot),
                vec!["node.log_changed"],
            ),
            (
                settings("[limits]\nmemory = \"500MB\"", &bot),
                vec!["node.memory_limit_changed"],
            ),
        ] {
            let told = changes(&before, &after);
            let told: Vec<_> = told.iter().map(|change| change.code.as_ref()).collect();
            assert_eq!(told, codes);
        }
    }

    #[test]
    fn what_waits_for_the_next_start_is_named() {
        let before = settings("", "");
        assert!(needs_restart(&before, &before).is_empty());
        let after = settings("secrets = \"file\"\n[api]\nlisten = \"127.0.0.1:9\"", "");
        let told = needs_restart(&before, &after);
        let told: Vec<_> = told.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("[api] listen"), "{told:?}");
    }
}
