//! `perpetuad secret`: the secrets that the settings name.

use std::io::{IsTerminal as _, Read, stdin};

use perpetua_config::Config;
use perpetua_node::{
    MadeSecrets, named_secret_name, named_secrets, only_signs, read_settings, remove_named_secret,
};
use perpetua_schema::{Applied, SecretRemove, SecretSet};
use perpetua_secrets::{InvalidSecret, Secret};
use perpetua_words::{Message, cli, edit, rpc};

use crate::{
    arguments::{PlaceArguments, SecretCommand},
    failure::Failure,
    hidden, place,
    remote::Remote,
    terminal::{Terminal, quoted},
};

pub(crate) fn secret(
    terminal: &Terminal,
    place: &PlaceArguments,
    command: &SecretCommand,
) -> Result<(), Failure> {
    let folders = place::folders(place)?;
    folders.create()?;
    match command {
        SecretCommand::Set { name } => {
            if name.trim().is_empty() {
                return Err(Failure::usage(cli::SecretUnnamed));
            }
            let secret = typed(terminal, name)?;
            let applied = match Remote::find(&folders) {
                // It has its own settings to ask.
                Ok(remote) => remote.call(&SecretSet {
                    name: name.clone(),
                    value: secret.expose().to_owned(),
                })?,
                Err(_no_node) => {
                    let settings = place::settings(place, &folders)?;
                    fits(&secret, name, &settings.config)?;
                    let tokens = place::tokens(place, &folders, &settings);
                    MadeSecrets::new(&folders).stored_by_a_person(name, || {
                        let stored = tokens.store().set(&named_secret_name(name), &secret);
                        stored.map_err(Failure::from)
                    })?;
                    Applied::default()
                }
            };
            terminal.say(cli::SecretSaved { name })?;
            note_unused(terminal, place, name);
            told(terminal, applied)
        }
        SecretCommand::Remove { name } => {
            let applied = if let Ok(remote) = Remote::find(&folders) {
                remote.call(&SecretRemove { name: name.clone() })?
            } else {
                let settings = place::settings(place, &folders)?;
                let tokens = place::tokens(place, &folders, &settings);
                if !remove_named_secret(tokens.store(), name)? {
                    return Err(Failure::usage(rpc::NoSuchSecret { name }));
                }
                Applied::default()
            };
            terminal.say(cli::SecretRemoved { name })?;
            told(terminal, applied)
        }
    }
}

/// Tells of a secret that the settings do not name, most likely because its name was mistyped.
fn note_unused(terminal: &Terminal, place: &PlaceArguments, name: &str) {
    let Ok(settings) = place::folders(place).and_then(|folders| {
        let path = place.config.clone();
        read_settings(path.unwrap_or_else(|| folders.settings()))
    }) else {
        return;
    };
    let used = named_secrets(&settings.config);
    if used.contains(name) {
        return;
    }
    if used.is_empty() {
        return terminal.note(cli::SecretUnused { name });
    }
    let used = used.iter().map(|used| format!("`{used}`")).collect();
    let used = terminal.joined(used);
    terminal.note(cli::SecretUnusedBeside { name, used });
}

/// What a node that runs has made of it, and what does not run now.
fn told(terminal: &Terminal, applied: Applied) -> Result<(), Failure> {
    for message in applied.changes.into_iter().chain(applied.pending) {
        terminal.say(message)?;
    }
    Ok(())
}

/// The secret on standard input: never an argument, which every user of the machine could read.
fn typed(terminal: &Terminal, name: &str) -> Result<Secret, Failure> {
    let refused = |cause: InvalidSecret| {
        let cause = Message::from(cause);
        Failure::usage(cli::SecretInvalid { cause })
    };
    let text = if stdin().is_terminal() {
        hidden::line(|| terminal.note(cli::SecretType))?
    } else {
        let mut bytes = Vec::new();
        stdin().read_to_end(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| refused(InvalidSecret::Unprintable))?
    };
    if text.trim().is_empty() {
        let command = terminal.command(&format!("secret set {} < FILE", quoted(name)));
        return Err(Failure::usage(cli::SecretMissing { command }));
    }
    Secret::key(&text).map_err(refused)
}

/// Refuses what cannot be sent in a header, unless all that the settings do with it is to sign events.
fn fits(secret: &Secret, name: &str, config: &Config) -> Result<(), Failure> {
    match secret.as_token() {
        Err(cause) if !only_signs(config, name) => {
            let cause = Message::from(cause);
            Err(Failure::usage(edit::SecretNoToken { cause, name }))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}
