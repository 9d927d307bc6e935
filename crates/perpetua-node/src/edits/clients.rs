//! Clients: adding one, taking one away.

use perpetua_accounts::client_secret_name;
use perpetua_config::{
    ClientKind, ForwardClient, HttpClient, HttpUrl, ListenerToken, Name, PostClient, ReverseClient,
    TokenSource,
    edit::{self, NewClient, Place, Written},
};
use perpetua_schema::{Applied, ClientAdd, ClientAdded, ClientRemove, NewClientKind, RpcError};
use perpetua_secrets::{Secret, generate_token};

use super::{
    Edits, account,
    accounts::websocket_url,
    bad_request, client, name, names, not_edited, ports,
    secrets::{self, Stored, Unused},
};
use crate::{frameworks, refusal, settings_file::Present};

impl Edits {
    /// Adds a client with a token of its own.
    pub(crate) async fn add_client(&self, call: ClientAdd) -> Result<ClientAdded, RpcError> {
        let present = self.settings.present().await?;
        let account_name = name(&call.account)?;
        let known = account(&present, &account_name)?;
        let is_taken = |name: &Name| known.client(name).is_some();
        let wish = names::of_framework(call.framework);
        let client = names::chosen(call.name.as_deref(), wish, is_taken)?;
        if is_taken(&client) {
            return Err(not_edited(&edit::EditError::ClientTaken {
                account: account_name,
                client,
            }));
        }
        let added = ClientAdded {
            account: account_name.to_string(),
            client: client.to_string(),
            applied: Applied::default(),
        };
        let by_url = match call.url {
            Some(_) => NewClientKind::Reverse,
            None => NewClientKind::Forward,
        };
        let (kind, stored) = match call.kind.unwrap_or(by_url) {
            NewClientKind::Forward | NewClientKind::Http => {
                self.waited_for(&added, &call, &present).await?
            }
            NewClientKind::Reverse => self.dialled(&added, &call, &present).await?,
            NewClientKind::Post => self.posted(&added, &call, &present).await?,
        };
        let new = NewClient {
            name: client,
            framework: frameworks::written(call.framework),
            kind,
        };
        let change = self.settings.change(move |present| {
            let text = with_client(present, &account_name, &new, &call);
            Ok((text.map_err(|error| not_edited(&error))?, ()))
        });
        let (applied, ()) = self.with_stored(stored, change).await?;
        Ok(ClientAdded { applied, ..added })
    }

    /// One that comes to us, with its token in the store.
    async fn waited_for(
        &self,
        added: &ClientAdded,
        call: &ClientAdd,
        present: &Present,
    ) -> Result<(ClientKind, Option<Stored>), RpcError> {
        let listen = match &call.listen {
            Some(listen) => ports::entered(listen)?,
            None => ports::free(&present.config).await?,
        };
        let token = match &call.token {
            Some(token) => secrets::entered(token)?,
            None => generate_token().map_err(|error| refusal::of_secret(&error))?,
        };
        let secret = client_secret_name(&added.account, &added.client);
        let stored = self.store(secret, token).await?;
        let token = ListenerToken::Generated;
        let kind = match call.kind {
            Some(NewClientKind::Http) => ClientKind::Http(HttpClient { listen, token }),
            _ => ClientKind::Forward(ForwardClient { listen, token }),
        };
        Ok((kind, Some(stored)))
    }

    /// One that we dial, with the token of its framework in the store.
    async fn dialled(
        &self,
        added: &ClientAdded,
        call: &ClientAdd,
        present: &Present,
    ) -> Result<(ClientKind, Option<Stored>), RpcError> {
        let url = websocket_url(call.url.as_deref().unwrap_or_default())?;
        let token = asked_for(call).map(secrets::entered).transpose()?;
        let (token, stored) = self.of_framework(added, token, present).await?;
        let reverse = ReverseClient::new(url, token);
        Ok((ClientKind::Reverse(reverse), stored))
    }

    /// One that we post to, with the secret of its framework in the store.
    async fn posted(
        &self,
        added: &ClientAdded,
        call: &ClientAdd,
        present: &Present,
    ) -> Result<(ClientKind, Option<Stored>), RpcError> {
        let url = http_url(call.url.as_deref().unwrap_or_default())?;
        let secret = asked_for(call).map(secrets::entered_key).transpose()?;
        let (secret, stored) = self.of_framework(added, secret, present).await?;
        let post = PostClient {
            url,
            secret,
            trust: None,
        };
        Ok((ClientKind::Post(post), stored))
    }

    /// What a framework asks for, put into the store; nothing if it asks for nothing.
    async fn of_framework(
        &self,
        added: &ClientAdded,
        secret: Option<Secret>,
        present: &Present,
    ) -> Result<(Option<TokenSource>, Option<Stored>), RpcError> {
        let Some(secret) = secret else {
            return Ok((None, None));
        };
        let wish = format!("{}-{}", added.account, added.client);
        let (source, stored) = self.named_secret(wish, secret, present).await?;
        Ok((Some(source), Some(stored)))
    }

    /// Removes a client, and its token if nothing else needs it.
    pub(crate) async fn remove_client(&self, call: ClientRemove) -> Result<Applied, RpcError> {
        let (account, name) = (name(&call.account)?, name(&call.client)?);
        let present = self.settings.present().await?;
        let removed = client(&present, &account, &name)?;
        self.may_leave(secrets::of_client(&account, removed))
            .await?;
        let change = self.settings.change(move |present| {
            let removed = client(present, &account, &name)?;
            let text = edit::remove_client(&present.text, &account, &name);
            let text = text.map_err(|error| not_edited(&error))?;
            let unused = Unused::of_client(&present.config, &account, removed, &text);
            Ok((text, unused))
        });
        let (mut applied, unused) = change.await?;
        self.remove_unused(unused, &mut applied).await;
        Ok(applied)
    }
}

/// An address that is posted to, as a person has entered it.
pub(super) fn http_url(text: &str) -> Result<HttpUrl, RpcError> {
    HttpUrl::entered(text).map_err(|error| bad_request(&error))
}

/// What the framework of a new client asks for, if anything.
fn asked_for(call: &ClientAdd) -> Option<&str> {
    let entered = call.token.as_deref();
    entered.filter(|entered| !entered.trim().is_empty())
}

fn with_client(
    present: &Present,
    account: &Name,
    new: &NewClient,
    call: &ClientAdd,
) -> Result<String, edit::EditError> {
    let mut text = edit::add_client(&present.text, account, new)?;
    // What is as by default is not written.
    let chosen = [
        ("profile", &call.profile, "standard"),
        ("format", &call.format, "as-sent"),
    ];
    for (key, value, default) in chosen {
        if let Some(value) = value.as_ref().filter(|value| *value != default) {
            let place = Place::Client(account, &new.name);
            text = edit::set(&text, place, key, Some(&Written::Text(value.clone())))?;
        }
    }
    Ok(text)
}
