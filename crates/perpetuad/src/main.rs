//! `perpetuad`: the node without a window, and the commands that talk to a running one.

mod account;
mod arguments;
mod check;
mod client;
mod core;
mod failure;
mod first_process;
mod guide;
mod help;
mod hidden;
mod hint;
mod import;
mod install;
mod kept_login;
mod language;
mod login;
mod pages;
mod place;
mod remote;
mod run;
mod secret;
mod signer;
mod status;
mod status_line;
mod talk;
mod terminal;
mod token;
mod ui;
mod usage;
mod way;

use std::{env, process::ExitCode};

use arguments::{Arguments, Command, PlaceArguments};
use clap::{CommandFactory, FromArgMatches};
use failure::Failure;
use perpetua_node::ExitCode as NodeExit;
use perpetua_schema::{Restart, Start, Stop};
use perpetua_words::{Language, cli};
use terminal::Terminal;
#[cfg(target_os = "linux")]
use tikv_jemallocator::Jemalloc;

/// What large messages took goes back to the system once they are gone (`give_memory_back`): glibc keeps hundreds of
/// megabytes of it in its heaps. Those of Windows and macOS take blocks of this size from the system, and give them back.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    perpetua_node::give_memory_back();
    let language = language::of_process(env::args_os().skip(1));
    let arguments = match parse(language) {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error, language),
    };
    if arguments.command.is_none()
        && let Some(code) = first_process::stand_in()
    {
        return code;
    }
    let terminal = Terminal::new(language, &arguments.place);
    match carry_out(&terminal, arguments) {
        Ok(()) | Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Err(Failure::Told {
            message,
            details,
            exit,
        }) => {
            terminal.note(message.clone());
            for detail in &details {
                terminal.note_beside(detail.clone());
            }
            let all = std::iter::once(&message).chain(&details);
            if let Some(hint) = all
                .into_iter()
                .find_map(|message| hint::for_message(&terminal, message))
            {
                terminal.note_beside(hint);
            }
            exit_code(exit)
        }
    }
}

fn parse(language: Language) -> Result<Arguments, clap::Error> {
    let command = help::localised(Arguments::command(), language);
    let arguments = help::asked_by_word(env::args_os().collect());
    Arguments::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

/// Prints the help or the version that was asked for, or what is wrong with the arguments.
fn refuse(error: &clap::Error, language: Language) -> ExitCode {
    if !error.use_stderr() {
        let _closed = error.print();
        return ExitCode::SUCCESS;
    }
    let place = PlaceArguments {
        data_dir: None,
        config: None,
    };
    let terminal = Terminal::new(language, &place);
    terminal.note(usage::refusal(error));
    if let Some(usage) = usage::usage(error) {
        terminal.note_beside(usage);
    }
    let command = terminal.command("--help");
    terminal.note_beside(cli::HintHelp { command });
    exit_code(NodeExit::Usage)
}

fn carry_out(terminal: &Terminal, arguments: Arguments) -> Result<(), Failure> {
    let place = arguments.place;
    match arguments.command {
        None => run::run(terminal, &place, arguments.log_format),
        Some(Command::Check) => check::check(terminal, &place),
        Some(Command::Status { json }) => status::status(terminal, &place, json),
        Some(Command::Token { of }) => token::token(terminal, &place, &of),
        Some(Command::Ui { new_token }) => ui::ui(terminal, &place, new_token),
        Some(Command::Guide { client }) => guide::guide(terminal, &place, client.as_ref()),
        Some(Command::Client { command }) => client::client(terminal, &place, command),
        Some(Command::Say(say)) => talk::say(terminal, &place, say),
        Some(Command::Watch { account }) => talk::watch(terminal, &place, account.as_deref()),
        Some(Command::Reconnect { account }) => talk::reconnect(terminal, &place, account),
        Some(Command::Login { account, restore }) => {
            login::login(terminal, &place, &account, restore)
        }
        Some(Command::Start { account }) => {
            account::change(terminal, &place, &account.clone(), &Start { account })
        }
        Some(Command::Stop { account }) => {
            account::change(terminal, &place, &account.clone(), &Stop { account })
        }
        Some(Command::Restart { account }) => {
            account::change(terminal, &place, &account.clone(), &Restart { account })
        }
        Some(Command::Log {
            account,
            lines,
            follow,
        }) => account::log(&place, &account, lines, follow),
        Some(Command::Core { command }) => core::core(terminal, &place, command),
        Some(Command::Signer { command }) => signer::signer(terminal, &place, command),
        Some(Command::Import {
            folder,
            account,
            disabled,
        }) => import::import(terminal, &place, &folder, account, disabled),
        Some(Command::Secret { command }) => secret::secret(terminal, &place, &command),
    }
}

fn exit_code(code: NodeExit) -> ExitCode {
    ExitCode::from(code as u8)
}
