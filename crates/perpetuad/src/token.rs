//! `perpetuad token`: a client's token, from the running node or from the store.

use perpetua_access::Auth;
use perpetua_config::{Config, ListenerToken};
use perpetua_fs::FolderLock;
use perpetua_node::{Tokens, client_secret_name};
use perpetua_schema::{CallError, Token};
use perpetua_words::cli;

use crate::{
    arguments::{ClientName, PlaceArguments},
    failure::Failure,
    place,
    remote::Remote,
    terminal::{Terminal, print},
};

pub(crate) fn token(
    terminal: &Terminal,
    place: &PlaceArguments,
    client: &ClientName,
) -> Result<(), Failure> {
    match find(place, client)? {
        Some(token) => print(&format!("{token}\n"))?,
        None => terminal.note(cli::TokenNone {
            client: client.to_string(),
        }),
    }
    Ok(())
}

/// The token of a client; `None` when its port asks for none.
pub(crate) fn find(place: &PlaceArguments, client: &ClientName) -> Result<Option<String>, Failure> {
    let folders = place::folders(place)?;
    let call = Token {
        account: client.account.clone(),
        client: client.client.clone(),
    };
    match Remote::find(&folders).map(|remote| remote.call(&call)) {
        Ok(Ok(reply)) => return Ok(reply.token),
        Ok(Err(CallError::Refused(refused))) => return Err(CallError::Refused(refused).into()),
        // No node runs; the store can be asked directly, under the folder's lock.
        Ok(Err(_)) | Err(_) => {}
    }
    folders.create()?;
    let _lock = FolderLock::acquire(&folders)?;
    let settings = place::settings(place, &folders)?;
    let tokens = place::tokens(place, &folders, &settings);
    from_store(&settings.config, &tokens, client)
}

fn from_store(
    config: &Config,
    tokens: &Tokens,
    client: &ClientName,
) -> Result<Option<String>, Failure> {
    let wanted = listener_token(config, client).ok_or_else(|| {
        let client = client.to_string();
        Failure::usage(cli::NoClient { client })
    })?;
    let auth = tokens.auth(wanted, &client_secret_name(&client.account, &client.client))?;
    Ok(match auth {
        Auth::Open => None,
        Auth::Token(token) => Some(token.expose().to_owned()),
    })
}

fn listener_token<'a>(config: &'a Config, client: &ClientName) -> Option<&'a ListenerToken> {
    let account = config
        .accounts
        .iter()
        .find(|account| account.name.as_str() == client.account)?;
    let client = account
        .clients
        .iter()
        .find(|one| one.name.as_str() == client.client)?;
    client.listener_token()
}
