//! Tables of the text: an account, its upstream, a client, a section of the node's own, however they are written.

use std::ops::Range;

use toml_edit::{Document, InlineTable, Item, Table, TableLike, Value};

use super::EditError;
use crate::Name;

/// A table of the settings, to change a key in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'n> {
    /// `[[accounts]]`
    Account(&'n Name),
    /// `[accounts.upstream]`
    Upstream(&'n Name),
    /// `[[accounts.clients]]`
    Client(&'n Name, &'n Name),
    /// `[[signers]]`
    Signer(&'n Name),
    /// A table at the top of the file, such as `[ui]`; one that is missing is added.
    Section(&'static str),
}

/// A table that was found in the text.
pub(super) struct Found<'d> {
    pub(super) table: &'d dyn TableLike,
    /// Its `[header]`, or the whole of it when it is one value.
    pub(super) span: Option<Range<usize>>,
    /// Whether it stands within one value: `{ name = "bot" }`.
    pub(super) is_inline: bool,
    /// What stands before each of its keys when it has no header: `upstream.`.
    pub(super) prefix: String,
}

impl<'d> Found<'d> {
    pub(super) fn block(table: &'d Table) -> Self {
        Self {
            table,
            span: table.span(),
            is_inline: false,
            prefix: String::new(),
        }
    }

    fn inline(table: &'d InlineTable) -> Self {
        Self {
            table,
            span: table.span(),
            is_inline: true,
            prefix: String::new(),
        }
    }

    /// A table of this one.
    fn child(&self, key: &'static str, dotted: &'static str) -> Option<Self> {
        let mut found = match self.table.get(key)? {
            Item::Table(table) => Self::block(table),
            Item::Value(Value::InlineTable(table)) => Self::inline(table),
            _ => return None,
        };
        if found.table.is_dotted() {
            dotted.clone_into(&mut found.prefix);
            found.is_inline = self.is_inline;
        }
        Some(found)
    }
}

/// The table at a place; `None` for a section that the text does not have.
pub(super) fn find<'d>(
    document: &'d Document<&str>,
    place: Place<'_>,
) -> Result<Option<Found<'d>>, EditError> {
    match place {
        Place::Account(name) => account(document, name).map(Some),
        Place::Upstream(name) => {
            let upstream = account(document, name)?.child("upstream", "upstream.");
            upstream.map(Some).ok_or(EditError::NotTables("upstream"))
        }
        Place::Client(account_name, name) => {
            let account = account(document, account_name)?;
            let clients = account.table.get("clients");
            let client = clients.and_then(|item| named(item, name));
            client.map(Some).ok_or_else(|| EditError::UnknownClient {
                account: account_name.clone(),
                client: name.clone(),
            })
        }
        Place::Signer(name) => {
            let signer = document.get("signers").and_then(|item| named(item, name));
            let unknown = || EditError::UnknownSigner(name.clone());
            signer.map(Some).ok_or_else(unknown)
        }
        Place::Section(key) => match document.get(key) {
            None => Ok(None),
            // Only tables within it are written, such as `[[core.sources]]`.
            Some(Item::Table(table)) if table.is_implicit() && !table.is_dotted() => Ok(None),
            Some(Item::Table(table)) => {
                let mut found = Found::block(table);
                if table.is_dotted() {
                    found.prefix = format!("{key}.");
                }
                Ok(Some(found))
            }
            Some(Item::Value(Value::InlineTable(table))) => Ok(Some(Found::inline(table))),
            Some(_) => Err(EditError::NotTables(key)),
        },
    }
}

fn account<'d>(document: &'d Document<&str>, name: &Name) -> Result<Found<'d>, EditError> {
    let accounts = document.get("accounts");
    let found = accounts.and_then(|item| named(item, name));
    found.ok_or_else(|| EditError::UnknownAccount(name.clone()))
}

/// The table of a name, in `[[tables]]` as well as in a list of inline ones.
fn named<'d>(item: &'d Item, name: &Name) -> Option<Found<'d>> {
    match item {
        Item::ArrayOfTables(tables) => {
            let table = tables.iter().find(|table| is_named(*table, name))?;
            Some(Found::block(table))
        }
        Item::Value(Value::Array(values)) => {
            let mut tables = values.iter().filter_map(Value::as_inline_table);
            let table = tables.find(|table| is_named(*table, name))?;
            Some(Found::inline(table))
        }
        _ => None,
    }
}

pub(super) fn is_named(table: &dyn TableLike, name: &Name) -> bool {
    name_of(table) == Some(name.as_str())
}

pub(super) fn name_of(table: &dyn TableLike) -> Option<&str> {
    table.get("name").and_then(Item::as_str)
}
