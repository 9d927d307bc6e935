//! Accounts, clients and signers taken out of the text. What stands between their own lines goes with
//! them; what is written above and below stays.

use std::ops::Range;

use toml_edit::{Array, ArrayOfTables, Document, Item, Value};

use super::{
    EditError,
    blocks::{headers, own_blocks},
    find::{Place, find, is_named},
    splice::{comma_behind, line_end_at, line_start_at, next_line_at, without},
    syntax,
};
use crate::Name;

/// Removes an account with its upstream and its clients; gives the new text, which the caller
/// validates and writes.
///
/// # Errors
/// [`EditError::UnknownAccount`], and when the text is not TOML.
pub fn remove_account(text: &str, account: &Name) -> Result<String, EditError> {
    let unknown = || EditError::UnknownAccount(account.clone());
    remove(text, None, "accounts", account, unknown)
}

/// Removes a client; gives the new text, which the caller validates and writes.
///
/// # Errors
/// [`EditError::UnknownAccount`], [`EditError::UnknownClient`], and when the text is not TOML.
pub fn remove_client(text: &str, account: &Name, client: &Name) -> Result<String, EditError> {
    let unknown = || EditError::UnknownClient {
        account: account.clone(),
        client: client.clone(),
    };
    remove(text, Some(account), "clients", client, unknown)
}

/// Removes a signer; gives the new text, which the caller validates and writes.
///
/// # Errors
/// [`EditError::UnknownSigner`], and when the text is not TOML.
pub fn remove_signer(text: &str, signer: &Name) -> Result<String, EditError> {
    let unknown = || EditError::UnknownSigner(signer.clone());
    remove(text, None, "signers", signer, unknown)
}

/// Removes the table of a name from a list at the top, or of an account.
fn remove(
    text: &str,
    account: Option<&Name>,
    list: &str,
    name: &Name,
    unknown: impl Fn() -> EditError,
) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let found = match account {
        None => None,
        Some(account) => find(&document, Place::Account(account))?,
    };
    let item = match &found {
        None => document.get(list),
        Some(account) => account.table.get(list),
    };
    let removed = match item {
        Some(Item::ArrayOfTables(tables)) => remove_blocks(text, tables, name, &headers(&document)),
        Some(Item::Value(Value::Array(values))) => remove_element(text, values, name),
        _ => None,
    };
    removed.ok_or_else(unknown)
}

/// Removes `[[list]]` with everything that belongs to it.
fn remove_blocks(
    text: &str,
    tables: &ArrayOfTables,
    name: &Name,
    headers: &[usize],
) -> Option<String> {
    let table = tables.iter().find(|table| is_named(*table, name))?;
    let mut blocks = own_blocks(table, table.span());
    let start = blocks.iter().map(|block| block.start).min()?;
    let end = blocks.iter().map(|block| block.end).max()?;
    let is_foreign = |header: &usize| {
        (start..end).contains(header) && blocks.iter().all(|block| block.start != *header)
    };
    // Tables of others may stand between them.
    if !headers.iter().any(is_foreign) {
        blocks = std::iter::once(start..end).collect();
    }
    let lines = blocks.into_iter().map(|block| {
        let start = line_start_at(text, block.start);
        start..next_line_at(text, line_end_at(text, block.end))
    });
    let lines: Vec<_> = lines.map(|lines| with_blank_line(text, lines)).collect();
    without(text, lines)
}

/// Lines that go, with one blank line of those before and behind them, so that none is left over.
pub(super) fn with_blank_line(text: &str, lines: Range<usize>) -> Range<usize> {
    let behind = text.get(lines.end..).unwrap_or_default();
    let before = text.get(..lines.start).unwrap_or_default();
    let is_blank = |line: Option<&str>| line.is_none_or(|line| line.trim().is_empty());
    let above = before.lines().next_back();
    if !is_blank(above) || !is_blank(behind.lines().next()) {
        return lines;
    }
    if behind.is_empty() {
        let kept = before.trim_end_matches([' ', '\t', '\r', '\n']).len();
        let start = if kept == 0 {
            lines.start
        } else {
            next_line_at(text, kept)
        };
        return start.min(lines.start)..lines.end;
    }
    lines.start..next_line_at(text, lines.end)
}

/// Removes an element of a list in one value, with one comma.
fn remove_element(text: &str, values: &Array, name: &Name) -> Option<String> {
    let is_meant = |value: &Value| {
        value
            .as_inline_table()
            .is_some_and(|table| is_named(table, name))
    };
    let place = values.iter().position(is_meant)?;
    let span = |place: usize| values.get(place)?.span();
    let element = span(place)?;
    let before = || comma_behind(text, span(place.checked_sub(1)?)?.end);
    let comma = comma_behind(text, element.end).or_else(before);
    let comma = comma.map(|comma| comma..comma + 1);
    without(text, comma.into_iter().chain([element]).collect())
}
