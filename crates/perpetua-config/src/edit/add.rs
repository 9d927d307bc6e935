//! New accounts, clients and signers in the text: what is there already stays byte for byte.

use toml_edit::{
    Array, ArrayOfTables, Document, DocumentMut, InlineTable, Item, Table, Value, value,
};

use super::{
    EditError,
    blocks::{headers, own_blocks},
    find::{Found, Place, find},
    line_end,
    set::{Written, put, secret_place as place},
    splice::{line_end_at, line_start_at, next_line_at, replaced},
    syntax,
};
use crate::units::{show_duration, show_size};
use crate::{
    AddressSource, ClientKind, Framework, LagrangeUpstream, ListenerToken, Name,
    OnebotReverseUpstream, OnebotUpstream, Protocol, ProxySource, ReverseClient, ReverseRoles,
    SignThrough, Trust, Upstream,
};

/// A new client, all else as by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClient {
    /// Its name, unique among those given.
    pub name: Name,
    /// The framework that it is for, if that is known by name.
    pub framework: Option<Framework>,
    /// How it is connected.
    pub kind: ClientKind,
}

/// Adds an account at the end; gives the new text, which the caller validates
/// and writes. Settings that are as by default are not written.
///
/// # Errors
/// [`EditError::AccountTaken`], and when the text is not TOML or `accounts` is not a list of tables.
pub fn add_account(
    text: &str,
    name: &Name,
    upstream: &Upstream,
    clients: &[NewClient],
) -> Result<String, EditError> {
    let mut account = Table::new();
    account["name"] = value(name.as_str());
    account["upstream"] = Item::Table(match upstream {
        Upstream::Simulator => of_kind("simulator"),
        Upstream::Lagrange(upstream) => lagrange(upstream),
        Upstream::Onebot(upstream) => onebot(upstream),
        Upstream::OnebotReverse(upstream) => onebot_reverse(upstream),
    });
    if !clients.is_empty() {
        account["clients"] = Item::ArrayOfTables(clients.iter().map(client).collect());
    }
    let taken = || EditError::AccountTaken(name.clone());
    append(text, "accounts", name, account, taken)
}

/// Adds a client behind the others of its account; gives the new text, which the caller validates and
/// writes.
///
/// # Errors
/// [`EditError::UnknownAccount`], [`EditError::ClientTaken`], and when the text is not TOML or `clients` is not a
/// list of tables.
pub fn add_client(text: &str, account: &Name, new: &NewClient) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let found = find(&document, Place::Account(account))?;
    let found = found.ok_or_else(|| EditError::UnknownAccount(account.clone()))?;
    if find(&document, Place::Client(account, &new.name)).is_ok() {
        return Err(EditError::ClientTaken {
            account: account.clone(),
            client: new.name.clone(),
        });
    }
    let unusable = EditError::NotTables("clients");
    let added = match found.table.get("clients") {
        Some(Item::Value(Value::Array(array))) => append_inline(text, array, client(new)),
        None if found.is_inline => {
            let element = Value::InlineTable(client(new).into_inline_table());
            let list = Value::Array(Array::from_iter([element.decorated("", "")]));
            put(text, &found, "clients", &list, None)
        }
        None | Some(Item::ArrayOfTables(_)) => insert_block(text, &document, &found, client(new)),
        Some(_) => None,
    };
    added.ok_or(unusable)
}

/// Adds a signer as the last one; gives the new text, which the caller validates and writes.
///
/// # Errors
/// [`EditError::SignerTaken`], and when the text is not TOML or `signers` is not a list of tables.
pub fn add_signer(text: &str, name: &Name, url: &AddressSource) -> Result<String, EditError> {
    let mut signer = Table::new();
    signer["name"] = value(name.as_str());
    signer["url"] = Item::Value(Value::from(&Written::from(url)));
    let taken = || EditError::SignerTaken(name.clone());
    append(text, "signers", name, signer, taken)
}

fn of_kind(kind: &str) -> Table {
    let mut table = Table::new();
    table["kind"] = value(kind);
    table
}

fn onebot(upstream: &OnebotUpstream) -> Table {
    let mut table = of_kind("onebot");
    table["url"] = value(upstream.url.to_string());
    if let Some(token) = &upstream.token {
        table["token"] = Item::Value(place(token));
    }
    set_uin(&mut table, upstream.uin);
    table
}

fn onebot_reverse(upstream: &OnebotReverseUpstream) -> Table {
    let mut table = of_kind("onebot-reverse");
    table["listen"] = value(upstream.listen.to_string());
    set_listener_token(&mut table, &upstream.token);
    if let Some(path) = &upstream.path {
        table["path"] = value(path);
    }
    set_uin(&mut table, upstream.uin);
    table
}

fn set_uin(table: &mut Table, uin: Option<u64>) {
    if let Some(uin) = uin.and_then(|uin| i64::try_from(uin).ok()) {
        table["uin"] = value(uin);
    }
}

fn set_listener_token(table: &mut Table, token: &ListenerToken) {
    match token {
        ListenerToken::Generated => {}
        ListenerToken::Off => table["token"] = value("off"),
        ListenerToken::From(source) => table["token"] = Item::Value(place(source)),
    }
}

fn lagrange(upstream: &LagrangeUpstream) -> Table {
    let default = LagrangeUpstream::default();
    let mut table = of_kind("lagrange");
    set_uin(&mut table, upstream.uin);
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
    match upstream.sign_through {
        SignThrough::Node => {}
        SignThrough::Core => table["sign-through"] = value("core"),
    }
    if upstream.sign_patience != default.sign_patience {
        table["sign-patience"] = value(show_duration(upstream.sign_patience));
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
    table["kind"] = value(client.kind.word());
    match &client.kind {
        ClientKind::Forward(forward) => {
            table["listen"] = value(forward.listen.to_string());
            set_listener_token(&mut table, &forward.token);
        }
        ClientKind::Http(http) => {
            table["listen"] = value(http.listen.to_string());
            set_listener_token(&mut table, &http.token);
        }
        ClientKind::Post(post) => {
            table["url"] = value(post.url.as_str());
            if let Some(secret) = &post.secret {
                table["secret"] = Item::Value(place(secret));
            }
            set_trust(&mut table, post.trust.as_ref());
        }
        ClientKind::Reverse(reverse) => {
            if reverse.is_list {
                table["urls"] = value(urls(reverse));
            } else {
                table["url"] = value(reverse.first.url.to_string());
            }
            if let Some(token) = &reverse.first.token {
                table["token"] = Item::Value(place(token));
            }
            if reverse.roles != ReverseRoles::default() {
                table["roles"] = value(reverse.roles.word());
            }
            set_trust(&mut table, reverse.trust.as_ref());
        }
    }
    if let Some(framework) = client.framework {
        table["framework"] = value(framework.word());
    }
    table
}

fn set_trust(table: &mut Table, trust: Option<&Trust>) {
    match trust {
        None => {}
        Some(Trust::Certificate(pin)) => table["pin-sha256"] = value(pin.show()),
        Some(Trust::Authorities(path)) => table["ca-file"] = value(path.display().to_string()),
    }
}

/// The addresses of several frameworks; those whose token is not that of the first name their own.
fn urls(reverse: &ReverseClient) -> Array {
    let targets = reverse.targets().map(|target| {
        let url = target.url.to_string();
        if target.token == reverse.first.token {
            return Value::from(url);
        }
        let token = target.token.as_ref().map_or_else(|| "off".into(), place);
        Value::InlineTable(InlineTable::from_iter([
            ("url", url.into()),
            ("token", token),
        ]))
    });
    targets.collect()
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
    append_text(text, &block)
}

/// `[title]` with one key behind everything else.
pub(super) fn append_section(text: &str, title: &str, key: &str, written: Value) -> String {
    let mut block = DocumentMut::new();
    let mut table = Table::new();
    table[key] = value(written);
    block[title] = Item::Table(table);
    append_text(text, &block)
}

pub(super) fn append_text(text: &str, block: &DocumentMut) -> String {
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

/// `[[accounts.clients]]` behind everything that belongs to the account, with the comment below that.
fn insert_block(
    text: &str,
    document: &Document<&str>,
    account: &Found<'_>,
    client: Table,
) -> Option<String> {
    let own = own_blocks(account.table, account.span.clone());
    let last = own.iter().max_by_key(|block| block.end)?;
    let headers = headers(document);
    let is_header = |line: usize| {
        headers
            .iter()
            .any(|header| line_start_at(text, *header) == line)
    };
    // A comment right below belongs to what is above it, unless it leads to the next header.
    let end = line_end_at(text, last.end);
    let (mut line, mut behind) = (next_line_at(text, end), end);
    while line < text.len() {
        let line_end = line_end_at(text, line);
        if text.get(line..line_end)?.trim().is_empty() {
            break;
        }
        if is_header(line) {
            behind = end;
            break;
        }
        (behind, line) = (line_end, next_line_at(text, line_end));
    }
    let mut block = DocumentMut::new();
    let mut accounts = Table::new();
    accounts.set_implicit(true);
    accounts["clients"] = Item::ArrayOfTables(ArrayOfTables::from_iter([client]));
    block["accounts"] = Item::Table(accounts);
    let line_end = line_end(text);
    let written = block.to_string().trim().replace('\n', line_end);
    let is_last = text.get(behind..)?.trim().is_empty();
    let rest_begins_at_once = !is_last
        && !text
            .get(next_line_at(text, behind)..)?
            .starts_with(['\n', '\r']);
    let gap = if rest_begins_at_once { line_end } else { "" };
    replaced(
        text,
        behind..behind,
        &format!("{line_end}{line_end}{written}{gap}"),
    )
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
