//! The settings of one client, typed.

use std::time::Duration;

use perpetua_config::{
    Client, ClientKind, Name, Profile, WhenFull,
    edit::{self, Place, Written},
};
use perpetua_schema::{
    ClientChange, ClientConfig, ClientEdit, ClientEdited, ClientRead, ErrorCode, Framework,
    RpcError,
};

use perpetua_words::edit as words;

use crate::frameworks;

use super::{Edits, accounts::websocket_url, client, clients::http_url, name, not_edited, ports};

impl Edits {
    /// What the settings say of a client.
    pub(crate) async fn client_settings(&self, call: ClientRead) -> Result<ClientConfig, RpcError> {
        let present = self.settings.present().await?;
        let (account, name) = (name(&call.account)?, name(&call.client)?);
        Ok(config(&account, client(&present, &account, &name)?))
    }

    /// Changes some settings of a client.
    pub(crate) async fn edit_client(&self, call: ClientEdit) -> Result<ClientEdited, RpcError> {
        let (account, name) = (name(&call.account)?, name(&call.client)?);
        let present = self.settings.present().await?;
        let kind = &client(&present, &account, &name)?.kind;
        let written = written(&call.change, kind)?;
        let change = self.settings.change(move |present| {
            let former = undo(
                &call.change,
                config(&account, client(present, &account, &name)?),
            );
            if call.instead_of.as_ref().is_some_and(|seen| *seen != former) {
                return Err(RpcError::new(ErrorCode::Conflict, words::ChangedMeanwhile));
            }
            let mut text = present.text.clone();
            for (key, value) in &written {
                let place = Place::Client(&account, &name);
                let edited = edit::set(&text, place, key, value.as_ref());
                text = edited.map_err(|error| not_edited(&error))?;
            }
            let now = after(&call.change, &text, &account, &name).unwrap_or_default();
            Ok((text, (former, now)))
        });
        let (applied, (undo, now)) = change.await?;
        Ok(ClientEdited { applied, undo, now })
    }
}

fn config(account: &Name, client: &Client) -> ClientConfig {
    let (url, urls, roles) = addresses(&client.kind);
    ClientConfig {
        account: account.to_string(),
        client: client.name.to_string(),
        enabled: client.enabled,
        kind: client.kind.word().to_owned(),
        listen: client.listen().map(|listen| listen.to_string()),
        url,
        urls,
        roles,
        profile: match client.profile {
            Profile::Standard => "standard",
            Profile::Perpetua => "perpetua",
        }
        .to_owned(),
        max_connections: client.max_connections,
        heartbeat_s: client.heartbeat.as_secs_f64(),
        queue_events: client.queue.events,
        queue_bytes: client.queue.bytes,
        when_full: match client.queue.when_full {
            WhenFull::DropOldest => "drop-oldest",
            WhenFull::Disconnect => "disconnect",
        }
        .to_owned(),
        format: client.format.word().to_owned(),
        framework: client.framework.map_or(Framework::Other, frameworks::shown),
    }
}

/// Where we go as the settings have it: the one address or the list, and over how many connections.
fn addresses(kind: &ClientKind) -> (Option<String>, Vec<String>, Option<String>) {
    match kind {
        ClientKind::Forward(_) | ClientKind::Http(_) => (None, Vec::new(), None),
        ClientKind::Post(post) => (Some(post.url.to_string()), Vec::new(), None),
        ClientKind::Reverse(reverse) => {
            let mut urls: Vec<_> = reverse.targets().map(|one| one.url.to_string()).collect();
            let url = if reverse.is_list { None } else { urls.pop() };
            (url, urls, Some(reverse.roles.word().to_owned()))
        }
    }
}

/// The keys of a change and their values; one without a value is taken out.
fn written(
    change: &ClientChange,
    kind: &ClientKind,
) -> Result<Vec<(&'static str, Option<Written>)>, RpcError> {
    let number = |number: usize| Written::Number(number as u64);
    let text = |text: &String| Written::Text(text.clone());
    let listen = match &change.listen {
        Some(listen) => Some(Written::Text(ports::entered(listen)?.to_string())),
        None => None,
    };
    let url = match &change.url {
        Some(url) => Some(Written::Text(match kind {
            ClientKind::Post(_) => http_url(url)?.to_string(),
            ClientKind::Forward(_) | ClientKind::Http(_) | ClientKind::Reverse(_) => {
                websocket_url(url)?.to_string()
            }
        })),
        None => None,
    };
    let bytes = |bytes: usize| Written::Size(bytes as u64);
    let keys = [
        ("listen", listen),
        ("url", url),
        ("roles", change.roles.as_ref().map(text)),
        ("profile", change.profile.as_ref().map(text)),
        ("max-connections", change.max_connections.map(number)),
        ("heartbeat", change.heartbeat_s.map(seconds)),
        ("queue-events", change.queue_events.map(number)),
        ("queue-bytes", change.queue_bytes.map(bytes)),
        ("when-full", change.when_full.as_ref().map(text)),
        ("format", change.format.as_ref().map(text)),
    ];
    let set = keys.into_iter().filter(|(_, value)| value.is_some());
    let framework = change.framework.map(|framework| {
        let word = frameworks::written(framework).map(perpetua_config::Framework::word);
        ("framework", word.map(|word| Written::Text(word.to_owned())))
    });
    Ok(set.chain(framework).collect())
}

/// Seconds as the settings write them, in whole milliseconds; what no time can be is out of every limit.
pub(super) fn seconds(seconds: f64) -> Written {
    let milliseconds = (seconds * 1000.0).round() / 1000.0;
    Written::Duration(Duration::try_from_secs_f64(milliseconds).unwrap_or_default())
}

/// The values of what was changed in a new text; none in one that will be refused.
fn after(change: &ClientChange, text: &str, account: &Name, client: &Name) -> Option<ClientChange> {
    let next = perpetua_config::parse(text).ok()?;
    let client = next.account(account)?.client(client)?;
    Some(undo(change, config(account, client)))
}

/// The former values of what was changed.
fn undo(change: &ClientChange, former: ClientConfig) -> ClientChange {
    ClientChange {
        listen: change.listen.as_ref().and(former.listen),
        url: change.url.as_ref().and(former.url),
        roles: change.roles.as_ref().and(former.roles),
        profile: change.profile.as_ref().map(|_| former.profile),
        max_connections: change.max_connections.map(|_| former.max_connections),
        heartbeat_s: change.heartbeat_s.map(|_| former.heartbeat_s),
        queue_events: change.queue_events.map(|_| former.queue_events),
        queue_bytes: change.queue_bytes.map(|_| former.queue_bytes),
        when_full: change.when_full.as_ref().map(|_| former.when_full),
        format: change.format.as_ref().map(|_| former.format),
        framework: change.framework.map(|_| former.framework),
    }
}
