//! `perpetuad secret`: the secrets that the settings name.

use std::io::{IsTerminal as _, Read, stdin};

use perpetua_config::{Config, ListenerToken, TokenSource, Upstream};
use perpetua_node::{MadeSecrets, named_secret_name};
use perpetua_secrets::Secret;
use perpetua_words::{Message, cli};

use crate::{
    arguments::{PlaceArguments, SecretCommand},
    failure::Failure,
    place,
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
    let settings = place::settings(place, &folders)?;
    let tokens = place::tokens(place, &folders, &settings);
    match command {
        SecretCommand::Set { name } => {
            let secret = typed(terminal, name)?;
            let made = MadeSecrets::new(&folders);
            made.stored_by_a_person(name, || {
                let stored = tokens.store().set(&named_secret_name(name), &secret);
                stored.map_err(Failure::from)
            })?;
            terminal.say(cli::SecretSaved { name })?;
            if Remote::find(&folders).is_ok() {
                for remark in when_it_counts(terminal, &settings.config, name) {
                    terminal.say(remark)?;
                }
            }
            Ok(())
        }
        SecretCommand::Remove { name } => {
            tokens.store().remove(&named_secret_name(name))?;
            terminal.say(cli::SecretRemoved { name })
        }
    }
}

/// From when on a node that runs uses a secret of this name, for each that has a token of it.
fn when_it_counts(terminal: &Terminal, config: &Config, name: &str) -> Vec<Message> {
    let is_it =
        |source: &TokenSource| matches!(source, TokenSource::Secret(named) if named == name);
    let at_port =
        |token: &ListenerToken| matches!(token, ListenerToken::From(source) if is_it(source));
    let mut remarks = Vec::new();
    for account in config.accounts.iter().filter(|account| account.enabled) {
        let shows_it = match &account.upstream {
            Upstream::Onebot(upstream) => upstream.token.as_ref().is_some_and(is_it),
            Upstream::OnebotReverse(upstream) => at_port(&upstream.token),
            Upstream::Simulator | Upstream::Lagrange(_) => false,
        };
        let account_name = account.name.as_str();
        if shows_it {
            let command = terminal.command(&format!("reconnect {account_name}"));
            let account = account_name;
            remarks.push(cli::SecretUpstream { account, command }.into());
        }
        let clients = account.clients.iter().filter(|client| client.enabled);
        for client in clients.filter(|client| client.listener_token().is_some_and(at_port)) {
            let client = format!("{account_name}/{}", client.name);
            remarks.push(cli::SecretPort { client }.into());
        }
    }
    remarks
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

#[cfg(test)]
mod tests {
    use perpetua_words::{Language, Message};

    use super::when_it_counts;
    use crate::{arguments::PlaceArguments, terminal::Terminal};

    const SETTINGS: &str = r#"
[[accounts]]
name = "main"
[accounts.upstream]
kind = "onebot"
url = "ws://127.0.0.1:5700/"
token = { secret = "napcat" }

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:6700"
token = { secret = "mine" }

[[accounts]]
name = "resting"
enabled = false
[accounts.upstream]
kind = "onebot"
url = "ws://127.0.0.1:5701/"
token = { secret = "napcat" }
"#;

    #[test]
    fn whoever_uses_a_secret_already_is_named_with_the_way_to_the_new_one() {
        let config = perpetua_config::parse(SETTINGS).expect("valid");
        let place = PlaceArguments {
            data_dir: None,
            config: None,
        };
        let terminal = Terminal::new(Language::English, &place);
        let said = |name: &str| -> Vec<String> {
            let remarks = when_it_counts(&terminal, &config, name);
            remarks.iter().map(Message::to_string).collect()
        };
        let [upstream] = &said("napcat")[..] else {
            panic!("{:?}", said("napcat"));
        };
        assert!(upstream.contains("perpetuad reconnect main"), "{upstream}");
        let [port] = &said("mine")[..] else {
            panic!("{:?}", said("mine"));
        };
        assert!(port.contains("`main/bot`"), "{port}");
        assert!(said("nobodys").is_empty());
    }
}
