//! `perpetuad token`: what a client's framework, or an upstream that dials us, has to show, or what a framework that
//! we dial is shown; from the running node or from the store.

use perpetua_access::Auth;
use perpetua_config::{Account, Client, Config, ListenerToken, Upstream};
use perpetua_fs::FolderLock;
use perpetua_node::{Tokens, client_secret_name, upstream_secret_name};
use perpetua_schema::{CallError, Token};
use perpetua_words::{Message, cli, rpc};

use crate::{
    arguments::{ClientName, PlaceArguments, TokenOwner},
    failure::Failure,
    place,
    remote::Remote,
    terminal::{Terminal, print},
};

pub(crate) fn token(
    terminal: &Terminal,
    place: &PlaceArguments,
    owner: &TokenOwner,
) -> Result<(), Failure> {
    match find(place, owner)? {
        Some(token) => print(&format!("{token}\n"))?,
        None => terminal.note(match owner {
            TokenOwner::Client(client) => Message::from(cli::TokenNone {
                client: client.to_string(),
            }),
            TokenOwner::Upstream { account } => cli::TokenNoneUpstream { account }.into(),
        }),
    }
    Ok(())
}

/// The token of a port; `None` when it asks for none.
pub(crate) fn find(place: &PlaceArguments, owner: &TokenOwner) -> Result<Option<String>, Failure> {
    let folders = place::folders(place)?;
    let (account, client) = match owner {
        TokenOwner::Client(name) => (name.account.clone(), Some(name.client.clone())),
        TokenOwner::Upstream { account } => (account.clone(), None),
    };
    let call = Token { account, client };
    match Remote::find(&folders).map(|remote| remote.call(&call)) {
        Ok(Ok(reply)) => return Ok(reply.token),
        Ok(Err(CallError::Refused(refused))) => return Err(CallError::Refused(refused).into()),
        // No node runs; the store can be asked directly, under the folder's lock.
        Ok(Err(_)) | Err(_) => {}
    }
    place::is_set_up(place, &folders)?;
    folders.create()?;
    let _lock = FolderLock::acquire(&folders)?;
    let settings = place::settings(place, &folders)?;
    let tokens = place::tokens(place, &folders, &settings);
    from_store(&settings.config, &tokens, owner)
}

fn from_store(
    config: &Config,
    tokens: &Tokens,
    owner: &TokenOwner,
) -> Result<Option<String>, Failure> {
    let name = match owner {
        TokenOwner::Client(name) => &name.account,
        TokenOwner::Upstream { account } => account,
    };
    if account(config, name).is_none() {
        return Err(Failure::usage(rpc::NoSuchAccount { account: name }));
    }
    let (wanted, secret) = match owner {
        TokenOwner::Client(name) => {
            let client = name.to_string();
            let found = client_settings(config, name);
            let found = found.ok_or_else(|| Failure::usage(cli::NoClient { client }))?;
            let Some(wanted) = found.listener_token() else {
                let sent = found.sent_token().map(|source| tokens.find(source));
                let key = found.signing_key().map(|source| tokens.find_key(source));
                let sent = key.or(sent).transpose()?;
                return Ok(sent.map(|token| token.expose().to_owned()));
            };
            (wanted, client_secret_name(&name.account, &name.client))
        }
        TokenOwner::Upstream { account } => {
            let wanted = upstream_token(config, account);
            let wanted = wanted.ok_or_else(|| Failure::usage(rpc::NoUpstreamToken { account }))?;
            (wanted, upstream_secret_name(account))
        }
    };
    Ok(match tokens.auth(wanted, &secret)? {
        Auth::Open => None,
        Auth::Token(token) => Some(token.expose().to_owned()),
    })
}

fn account<'a>(config: &'a Config, name: &str) -> Option<&'a Account> {
    let mut accounts = config.accounts.iter();
    accounts.find(|account| account.name.as_str() == name)
}

fn client_settings<'a>(config: &'a Config, name: &ClientName) -> Option<&'a Client> {
    let mut clients = account(config, &name.account)?.clients.iter();
    clients.find(|one| one.name.as_str() == name.client)
}

fn upstream_token<'a>(config: &'a Config, name: &str) -> Option<&'a ListenerToken> {
    match &account(config, name)?.upstream {
        Upstream::OnebotReverse(upstream) => Some(&upstream.token),
        Upstream::Simulator | Upstream::Lagrange(_) | Upstream::Onebot(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use perpetua_node::Tokens;
    use perpetua_secrets::SecretStore;

    use super::from_store;
    use crate::{arguments::TokenOwner, failure::Failure};

    const SETTINGS: &str = r#"
[[accounts]]
name = "main"
upstream = { kind = "simulator" }
"#;

    #[test]
    fn without_a_node_the_right_reason_is_told_too() {
        let config = perpetua_config::parse(SETTINGS).expect("valid");
        let tokens = Tokens::new(SecretStore::in_memory(), Path::new("perpetua.toml"));
        let refused = |owner: TokenOwner| match from_store(&config, &tokens, &owner) {
            Err(Failure::Told { message, .. }) => message.code.to_string(),
            other => panic!("{other:?}"),
        };
        let upstream = |account: &str| TokenOwner::Upstream {
            account: account.into(),
        };
        let client = |name: &str| TokenOwner::Client(name.parse().expect("a name"));
        assert_eq!(refused(upstream("nobody")), "rpc.no_such_account");
        assert_eq!(refused(client("nobody/bot")), "rpc.no_such_account");
        assert_eq!(refused(upstream("main")), "rpc.no_upstream_token");
        assert_eq!(refused(client("main/bot")), "cli.no_client");
    }
}
