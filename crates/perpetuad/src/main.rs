//! `perpetuad`: the node without a window, and the commands that talk to a running one.

mod account;
mod arguments;
mod check;
mod core;
mod guide;
mod import;
mod install;
mod login;
mod output;
mod place;
mod remote;
mod run;
mod secret;
mod signer;
mod status;
mod talk;
mod token;
mod way;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use perpetua_node::{ExitCode as NodeExit, StartError};
use perpetua_schema::{Restart, Start, Stop};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _closed = error.print();
            return if error.use_stderr() {
                exit(NodeExit::Usage)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match carry_out(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<output::Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("perpetuad: {error:#}");
            exit(exit_code(&error))
        }
    }
}

fn carry_out(arguments: Arguments) -> anyhow::Result<()> {
    let place = arguments.place;
    match arguments.command {
        None => run::run(&place, arguments.log_format),
        Some(Command::Check) => check::check(&place),
        Some(Command::Status { json }) => status::status(&place, json),
        Some(Command::Token { client }) => token::token(&place, &client),
        Some(Command::Guide { client }) => guide::guide(&place, client.as_ref()),
        Some(Command::Say(say)) => talk::say(&place, say),
        Some(Command::Watch { account }) => talk::watch(&place, account.as_deref()),
        Some(Command::Reconnect { account }) => talk::reconnect(&place, account),
        Some(Command::Login { account, restore }) => login::login(&place, &account, restore),
        Some(Command::Start { account }) => account::lead(&place, &Start { account }),
        Some(Command::Stop { account }) => account::lead(&place, &Stop { account }),
        Some(Command::Restart { account }) => account::lead(&place, &Restart { account }),
        Some(Command::Log {
            account,
            lines,
            follow,
        }) => account::log(&place, &account, lines, follow),
        Some(Command::Core { command }) => core::core(&place, command),
        Some(Command::Signer { command }) => signer::signer(&place, command),
        Some(Command::Import { folder, account }) => import::import(&place, &folder, account),
        Some(Command::Secret { command }) => secret::secret(&place, &command),
    }
}

/// What a failed command exits with: 64 for what the person can mend in settings or arguments.
fn exit_code(error: &anyhow::Error) -> NodeExit {
    if let Some(error) = error.downcast_ref::<StartError>() {
        return error.exit_code();
    }
    if let Some(code) = remote::exit_code(error) {
        return code;
    }
    if error.is::<perpetua_node::TokenProblem>() || error.is::<arguments::Unusable>() {
        return NodeExit::Usage;
    }
    if error.is::<arguments::Unavailable>() {
        return NodeExit::Unavailable;
    }
    NodeExit::Internal
}

fn exit(code: NodeExit) -> ExitCode {
    ExitCode::from(code as u8)
}
