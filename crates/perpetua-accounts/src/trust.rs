//! How a server is spoken to that the settings trust in a way of its own.

use std::{io, path::Path};

use perpetua_config::Trust;
use perpetua_fs::{FileError, read_bounded};
use perpetua_tls::TlsClient;
use perpetua_words::{Message, dial as words};

use crate::{context::Context, tokens::Tokens};

/// A file of authorities has no more; all that the world trusts fit into a quarter of it.
const AUTHORITIES_BYTES: u64 = 1 << 20;

/// TLS that trusts whom the settings name, or whom the system does.
pub(crate) async fn client(trust: Option<&Trust>, context: &Context) -> Result<TlsClient, Message> {
    match trust {
        Some(trust) => tls(trust, &context.tokens).await,
        None => Ok(context.tls.clone()),
    }
}

/// The file is read, which may take its time.
async fn tls(trust: &Trust, tokens: &Tokens) -> Result<TlsClient, Message> {
    match trust {
        Trust::Certificate(pin) => TlsClient::pinned(pin.0).map_err(|error| Message::from(&error)),
        Trust::Authorities(path) => {
            let path = tokens.beside_settings(path);
            tokens.ask(move |_| authorities(&path)).await
        }
    }
}

fn authorities(path: &Path) -> Result<TlsClient, Message> {
    let unusable =
        |cause: Message| -> Message { words::AuthoritiesUnusable { path, cause }.into() };
    let read = read_bounded(path, AUTHORITIES_BYTES).map_err(FileError::into_cause);
    let pem = read.and_then(|found| found.ok_or_else(|| io::ErrorKind::NotFound.into()));
    let pem = pem.map_err(|error| unusable((&error).into()))?;
    TlsClient::with_authorities(&pem).map_err(|error| unusable(error.into()))
}
