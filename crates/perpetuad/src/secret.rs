//! `perpetuad secret`: the secrets that the settings name.

use std::io::{IsTerminal as _, Read, stdin};

use perpetua_node::named_secret_name;
use perpetua_secrets::Secret;
use perpetua_words::{Message, cli};

use crate::{
    arguments::{PlaceArguments, SecretCommand},
    failure::Failure,
    place,
    terminal::{Terminal, quoted},
};

pub(crate) fn secret(
    terminal: &Terminal,
    place: &PlaceArguments,
    command: &SecretCommand,
) -> Result<(), Failure> {
    let folders = place::folders(place)?;
    folders.create()?;
    let settings = place::settings(place, &folders)?;
    let tokens = place::tokens(place, &folders, &settings);
    match command {
        SecretCommand::Set { name } => {
            let secret = typed(terminal, name)?;
            tokens.store().set(&named_secret_name(name), &secret)?;
            terminal.say(cli::SecretSaved { name })
        }
        SecretCommand::Remove { name } => {
            tokens.store().remove(&named_secret_name(name))?;
            terminal.say(cli::SecretRemoved { name })
        }
    }
}

/// The secret on standard input: never an argument, which every user of the machine could read.
fn typed(terminal: &Terminal, name: &str) -> Result<Secret, Failure> {
    if stdin().is_terminal() {
        let how: Message = if cfg!(windows) {
            cli::SecretTypeWindows.into()
        } else {
            cli::SecretType.into()
        };
        terminal.note(how);
    }
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    if text.trim().is_empty() {
        let command = terminal.command(&format!("secret set {} < FILE", quoted(name)));
        return Err(Failure::usage(cli::SecretMissing { command }));
    }
    Secret::new(&text).map_err(|cause| {
        let cause = Message::from(cause);
        Failure::usage(cli::SecretInvalid { cause })
    })
}
