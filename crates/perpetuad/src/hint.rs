//! Which command helps: the catalogue's sentences name none, because window and web pages say them too.

use perpetua_schema::{CoreBrake, CoreState};
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
        "cli.guide_no_port" | "cli.guide_no_ports" => run("status"),
        "cli.no_node" => {
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
        CoreState::Absent { retry_in_s: None } => &["core install"],
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
