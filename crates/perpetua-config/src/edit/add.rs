//! New accounts and signers in the text: what is there already stays byte for byte.

use std::net::SocketAddr;

use toml_edit::{
    Array, ArrayOfTables, Document, DocumentMut, InlineTable, Item, Table, Value, value,
};

use super::{EditError, line_end, syntax};
use crate::units::{show_duration, show_size};
use crate::{
    AddressSource, LagrangeUpstream, ListenerToken, Name, Protocol, ProxySource, TokenSource,
};

/// A client of the kind `forward` for a new account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClient {
    /// Its name, unique among those given.
    pub name: Name,
    /// The address we listen on.
    pub listen: SocketAddr,
    /// What the framework has to show.
    pub token: ListenerToken,
}

/// Adds an account of the kind `lagrange` at the end; gives the new text, which the caller validates
/// and writes. Settings that are as by default are not written.
///
/// # Errors
/// [`EditError::AccountTaken`], and when the text is not TOML or `accounts` is not a list of tables.
pub fn add_account(
    text: &str,
    name: &Name,
    upstream: &LagrangeUpstream,
    clients: &[NewClient],
) -> Result<String, EditError> {
    let mut account = Table::new();
    account["name"] = value(name.as_str());
    account["upstream"] = Item::Table(lagrange(upstream));
    if !clients.is_empty() {
        account["clients"] = Item::ArrayOfTables(clients.iter().map(client).collect());
    }
    let taken = || EditError::AccountTaken(name.clone());
    append(text, "accounts", name, account, taken)
}

/// Adds a signer as the last one; gives the new text, which the caller validates and writes.
///
/// # Errors
/// [`EditError::SignerTaken`], and when the text is not TOML or `signers` is not a list of tables.
pub fn add_signer(text: &str, name: &Name, url: &AddressSource) -> Result<String, EditError> {
    let mut signer = Table::new();
    signer["name"] = value(name.as_str());
    signer["url"] = Item::Value(match url {
        AddressSource::Plain(url) => url.as_str().into(),
        AddressSource::From(source) => place(source),
    });
    let taken = || EditError::SignerTaken(name.clone());
    append(text, "signers", name, signer, taken)
}

fn lagrange(upstream: &LagrangeUpstream) -> Table {
    let default = LagrangeUpstream::default();
    let mut table = Table::new();
    table["kind"] = value("lagrange");
    if let Some(uin) = upstream.uin.and_then(|uin| i64::try_from(uin).ok()) {
        table["uin"] = value(uin);
    }
    match upstream.protocol {
        Protocol::Linux => {}
        Protocol::Windows => table["protocol"] = value("windows"),
        Protocol::Macos => table["protocol"] = value("macos"),
    }
    if let Some(signers) = &upstream.signers {
        table["signers"] = value(signers.iter().map(Name::as_str).collect::<Array>());
    }
    if let Some(proxy) = &upstream.sign_proxy {
        table["sign-proxy"] = Item::Value(match proxy {
            ProxySource::Plain(url) => url.as_str().into(),
            ProxySource::From(source) => place(source),
        });
    }
    if upstream.auto_start != default.auto_start {
        table["auto-start"] = value(upstream.auto_start);
    }
    if let Some(limit) = upstream.memory_limit {
        table["memory-limit"] = value(show_size(limit));
    }
    if upstream.start_timeout != default.start_timeout {
        table["start-timeout"] = value(show_duration(upstream.start_timeout));
    }
    if upstream.log_messages != default.log_messages {
        table["log-messages"] = value(upstream.log_messages);
    }
    table
}

fn client(client: &NewClient) -> Table {
    let mut table = Table::new();
    table["name"] = value(client.name.as_str());
    table["kind"] = value("forward");
    table["listen"] = value(client.listen.to_string());
    match &client.token {
        ListenerToken::Generated => {}
        ListenerToken::Off => table["token"] = value("off"),
        ListenerToken::From(source) => table["token"] = Item::Value(place(source)),
    }
    table
}

/// `{ env = … }`, `{ file = … }` or `{ secret = … }`.
fn place(source: &TokenSource) -> Value {
    let (key, text) = match source {
        TokenSource::Env(name) => ("env", name.clone()),
        TokenSource::File(path) => ("file", path.to_string_lossy().into_owned()),
        TokenSource::Secret(name) => ("secret", name.clone()),
    };
    Value::InlineTable(InlineTable::from_iter([(key, text)]))
}

/// Adds a table to a list at the top of the file, in the way that the list is written there.
fn append(
    text: &str,
    list: &'static str,
    name: &Name,
    table: Table,
    taken: impl FnOnce() -> EditError,
) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let has_name = |named: Option<&str>| named == Some(name.as_str());
    match document.get(list) {
        None => Ok(append_block(text, list, table)),
        Some(Item::ArrayOfTables(tables)) => {
            let named = |table: &Table| has_name(table.get("name").and_then(Item::as_str));
            if tables.iter().any(named) {
                return Err(taken());
            }
            Ok(append_block(text, list, table))
        }
        Some(Item::Value(Value::Array(array))) => {
            let named = |table: &InlineTable| has_name(table.get("name").and_then(Value::as_str));
            if array.iter().filter_map(Value::as_inline_table).any(named) {
                return Err(taken());
            }
            append_inline(text, array, table).ok_or(EditError::NotTables(list))
        }
        Some(_) => Err(EditError::NotTables(list)),
    }
}

/// `[[list]]` behind everything else, with the line ends that the text has.
fn append_block(text: &str, list: &str, table: Table) -> String {
    let mut block = DocumentMut::new();
    block[list] = Item::ArrayOfTables(ArrayOfTables::from_iter([table]));
    let line_end = line_end(text);
    let mut whole = text.to_owned();
    if !whole.trim_start_matches('\u{feff}').is_empty() {
        if !whole.ends_with('\n') {
            whole.push_str(line_end);
        }
        whole.push_str(line_end);
    }
    whole + &block.to_string().replace('\n', line_end)
}

/// `{ … }` before the `]` of a list in one value; `None` when its place is not known.
fn append_inline(text: &str, array: &Array, table: Table) -> Option<String> {
    let closing = array.span()?.end.checked_sub(1)?;
    let (before, behind) = text.split_at_checked(closing)?;
    let element = table.into_inline_table();
    let element = Value::InlineTable(element).decorated("", "");
    let Some(last) = array.iter().last() else {
        return Some(format!("{before}{element}{behind}"));
    };
    if array.trailing_comma() {
        return Some(format!("{before}{element}{behind}"));
    }
    // The comma goes to the element: behind it, there may be a comment.
    let (elements, rest) = before.split_at_checked(last.span()?.end)?;
    Some(format!("{elements},{rest} {element}{behind}"))
}
