//! Which command helps: the catalogue's sentences name none, because window and web pages say them too.

use perpetua_schema::{AccountStatus, CoreBrake, CoreState};
use perpetua_words::{Message, Param, cli};

use crate::terminal::{Terminal, quoted};

/// What to type when this was said.
pub(crate) fn for_message(terminal: &Terminal, message: &Message) -> Option<Message> {
    let text = |name: &str| match message.params.get(name) {
        Some(Param::Text(text)) => text.as_str(),
        _ => "",
    };
    let run = |rest: &str| {
        let command = terminal.command(rest);
        Some(cli::HintRun { command }.into())
    };
    match &*message.code {
        "token.no_secret" => run(&format!("secret set {}", quoted(text("name")))),
        "folder.in_use" | "folder.in_use_by" | "folder.no_home" | "file.not_writable" => {
            Some(cli::HintDataDir.into())
        }
        "rpc.no_upstream_token" => run(&format!("token {}/CLIENT", text("account"))),
        "link.wrong_token" => {
            let command = terminal.command("secret set NAME");
            Some(cli::HintWrongToken { command }.into())
        }
        "link.token_missing" => {
            let command = terminal.command("secret set NAME");
            Some(cli::HintTokenMissing { command }.into())
        }
        "import.still_running" => run(&["import", &quoted(text("path")), "--disabled"].join(" ")),
        "import.core_unconfirmed" => {
            let file = quoted(text("path"));
            run(&["core", "import", &file, "--accept", text("sha256")].join(" "))
        }
        "core.refused_unfit_signer" => run("signer test"),
        "install.is_current" => run("core use VERSION"),
        "cli.guide_no_port"
        | "cli.guide_no_ports"
        | "rpc.no_such_account"
        | "rpc.no_such_client" => run("status"),
        "cli.no_node" | "cli.nothing_set_up" => {
            let command = terminal.program();
            Some(cli::HintStart { command }.into())
        }
        "start.no_settings" => Some(cli::HintNoSettings.into()),
        _ => message.params.values().find_map(|param| match param {
            Param::Message(inner) => for_message(terminal, inner),
            Param::Messages(several) => several
                .iter()
                .find_map(|inner| for_message(terminal, inner)),
            Param::Number(_) | Param::Text(_) => None,
        }),
    }
}

/// What to type for what is wrong with an account whose upstream is shown the stored secret of this name.
pub(crate) fn for_upstream(
    terminal: &Terminal,
    problem: &Message,
    secret: Option<&str>,
) -> Option<Message> {
    let Some(name) = secret.filter(|_| says(problem, "link.wrong_token")) else {
        return for_message(terminal, problem);
    };
    let command = terminal.command(&format!("secret set {}", quoted(name)));
    Some(cli::HintRun { command }.into())
}

/// Whether this is said, or is a cause of what is.
fn says(message: &Message, code: &str) -> bool {
    let mut params = message.params.values();
    message.code == code
        || params.any(|param| match param {
            Param::Message(inner) => says(inner, code),
            Param::Messages(several) => several.iter().any(|inner| says(inner, code)),
            Param::Number(_) | Param::Text(_) => false,
        })
}

/// What to do about an account that its upstream reports as logged out. A managed core says so itself.
pub(crate) fn for_kick(terminal: &Terminal, account: &AccountStatus) -> Option<Message> {
    let problem = account
        .problem
        .as_ref()
        .filter(|_| account.core.is_none())?;
    let Some(Param::Message(reason)) = problem.params.get("reason") else {
        return None;
    };
    if !matches!(&*reason.code, "link.upstream_said" | "link.went_offline") {
        return None;
    }
    let command = terminal.command(&format!("reconnect {}", account.name));
    Some(cli::HintKicked { command }.into())
}

/// What to type for a core in this state.
pub(crate) fn for_core(terminal: &Terminal, account: &str, state: &CoreState) -> Vec<Message> {
    let commands: &[&str] = match state {
        CoreState::WaitingForScan { .. }
        | CoreState::Refused { .. }
        | CoreState::Braked {
            reason: CoreBrake::NobodyScanned | CoreBrake::KickedAgain,
            ..
        } => &["login"],
        CoreState::Braked {
            reason: CoreBrake::Failing | CoreBrake::CannotRun,
            ..
        } => &["log", "start"],
        CoreState::Absent {
            retry_in_s: None, ..
        } => &["core install"],
        CoreState::SignerProblem { .. } => &["signer test"],
        CoreState::Stopped => &["start"],
        _ => &[],
    };
    let hint = |command: &&str| {
        let rest = match *command {
            command @ ("core install" | "signer test") => command.to_owned(),
            command => format!("{command} {account}"),
        };
        let command = terminal.command(&rest);
        Message::from(cli::HintRun { command })
    };
    commands.iter().map(hint).collect()
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{
        AccountStatus, CoreAbsence, CoreBrake, CoreState, UpstreamState, UpstreamStatus,
    };
    use perpetua_words::{Language, Message, folder, link, rpc, start, status, token};

    use super::{for_core, for_kick, for_message, for_upstream};
    use crate::{arguments::PlaceArguments, terminal::Terminal};

    fn terminal() -> Terminal {
        let place = PlaceArguments {
            data_dir: Some("/srv/bot".into()),
            config: None,
        };
        Terminal::new(Language::English, &place)
    }

    #[test]
    fn a_cause_inside_a_message_has_its_hint() {
        let cause = Message::from(token::NoSecret { name: "napcat" });
        let message = Message::from(start::Cores { cause });
        let hint = for_message(&terminal(), &message).expect("a hint");
        assert_eq!(
            hint.to_string(),
            "run: perpetuad --data-dir /srv/bot secret set napcat"
        );
        let path = "/srv/bot";
        let message = Message::from(folder::InUse { path });
        let hint = for_message(&terminal(), &message).expect("a hint");
        assert!(hint.to_string().contains("--data-dir"), "{hint}");
    }

    #[test]
    fn whoever_asks_for_a_token_that_is_none_hears_where_the_others_are() {
        let account = "main";
        let none = Message::from(rpc::NoUpstreamToken { account });
        let hint = for_message(&terminal(), &none).expect("a hint").to_string();
        assert!(hint.ends_with("token main/CLIENT"), "{hint}");
    }

    #[test]
    fn a_refused_token_is_changed_where_it_is_kept() {
        let refused = Message::from(link::WrongToken);
        assert!(!refused.to_string().contains("perpetua.toml"), "{refused}");
        let hint = for_message(&terminal(), &refused).expect("a hint");
        let hint = hint.to_string();
        assert!(hint.contains("/srv/bot secret set NAME"), "{hint}");
    }

    #[test]
    fn a_stored_token_that_is_refused_is_named() {
        let refused = Message::from(link::WrongToken);
        let reason = refused.clone();
        for problem in [refused, status::OfflineBecause { reason }.into()] {
            for name in ["napcat", "my token"] {
                let hint = for_upstream(&terminal(), &problem, Some(name)).expect("a hint");
                let hint = hint.to_string();
                assert!(hint.contains("/srv/bot secret set "), "{hint}");
                assert!(hint.contains(name), "{hint}");
            }
        }
        let missing = Message::from(link::TokenMissing);
        let hint = for_upstream(&terminal(), &missing, Some("napcat")).expect("a hint");
        assert!(!hint.to_string().contains("napcat"), "none is set: {hint}");
    }

    #[test]
    fn a_token_that_is_asked_for_and_not_set_says_which_line_is_missing() {
        let missing = Message::from(link::TokenMissing);
        let hint = for_message(&terminal(), &missing).expect("a hint");
        let hint = hint.to_string();
        assert!(hint.contains("/srv/bot secret set NAME"), "{hint}");
        assert!(hint.contains("token = {"), "{hint}");
    }

    fn offline_because(reason: impl Into<Message>) -> AccountStatus {
        let reason = reason.into();
        AccountStatus {
            name: "fwd".into(),
            enabled: true,
            self_id: None,
            nickname: None,
            since_ms: 0,
            online: false,
            problem: Some(status::OfflineBecause { reason }.into()),
            upstream: UpstreamStatus {
                remarks: Vec::new(),
                kind: "onebot".into(),
                state: UpstreamState::Open,
                address: None,
                retry_in_s: None,
                since_ms: 0,
                implementation: None,
                notices: Vec::new(),
            },
            core: None,
            events: 0,
            responses: 0,
            late_responses: 0,
            clients: Vec::new(),
        }
    }

    #[test]
    fn a_kick_names_the_way_back() {
        let text = "KickedOffLine: logged in elsewhere";
        for reason in [
            Message::from(link::UpstreamSaid { text }),
            link::WentOffline.into(),
        ] {
            let hint = for_kick(&terminal(), &offline_because(reason)).expect("a hint");
            assert!(
                hint.to_string()
                    .ends_with("perpetuad --data-dir /srv/bot reconnect fwd"),
                "{hint}"
            );
        }
        let heartbeat = offline_because(link::HeartbeatOffline);
        assert_eq!(for_kick(&terminal(), &heartbeat), None);
        let mut unknown = heartbeat;
        unknown.problem = Some(status::UnknownAccount.into());
        assert_eq!(for_kick(&terminal(), &unknown), None);
    }

    #[test]
    fn a_core_that_waits_for_a_person_names_the_command() {
        let braked = |reason| CoreState::Braked {
            reason,
            cause: None,
            last_lines: Vec::new(),
        };
        for (state, commands) in [
            (CoreState::Stopped, &["start main"][..]),
            (CoreState::Stopping, &[]),
            (
                CoreState::Absent {
                    retry_in_s: None,
                    why: CoreAbsence::NotAllowed,
                },
                &["core install"],
            ),
            (
                CoreState::Absent {
                    retry_in_s: Some(9),
                    why: CoreAbsence::Failed,
                },
                &[],
            ),
            (braked(CoreBrake::NobodyScanned), &["login main"]),
            (braked(CoreBrake::Failing), &["log main", "start main"]),
        ] {
            let said = for_core(&terminal(), "main", &state);
            let said: Vec<String> = said.iter().map(ToString::to_string).collect();
            let wanted = commands.iter();
            let wanted: Vec<String> = wanted
                .map(|command| format!("run: perpetuad --data-dir /srv/bot {command}"))
                .collect();
            assert_eq!(said, wanted, "{state:?}");
        }
    }
}
