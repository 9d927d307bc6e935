//! Whether a client is enabled, changed in the text: one value is replaced or put in, and everything
//! else stays byte for byte.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use super::{EditError, line_end, syntax};
use crate::Name;

/// Sets whether a client may connect; gives the new text, which the caller validates and writes.
///
/// A text that says so already comes back unchanged.
///
/// # Errors
/// [`EditError::UnknownAccount`], [`EditError::UnknownClient`], and when the text is not TOML.
pub fn set_client_enabled(
    text: &str,
    account: &Name,
    client: &Name,
    enabled: bool,
) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let found = document
        .get("accounts")
        .and_then(|item| find(item, account));
    let account_table = found.ok_or_else(|| EditError::UnknownAccount(account.clone()))?;
    let clients = account_table.table.get("clients");
    let found = clients.and_then(|item| find(item, client));
    let client_table = found.ok_or_else(|| EditError::UnknownClient {
        account: account.clone(),
        client: client.clone(),
    })?;
    let changed = set_enabled(text, &client_table, enabled);
    Ok(changed.unwrap_or_else(|| text.to_owned()))
}

/// A table of a list, found by its name.
struct Found<'d> {
    table: &'d dyn TableLike,
    /// Whether it stands within one value: `{ name = "bot" }`.
    is_inline: bool,
}

/// The table of a name, in `[[tables]]` as well as in a list of inline ones.
fn find<'d>(item: &'d Item, name: &Name) -> Option<Found<'d>> {
    let is_named =
        |table: &dyn TableLike| table.get("name").and_then(Item::as_str) == Some(name.as_str());
    match item {
        Item::ArrayOfTables(tables) => {
            let table = tables.iter().find(|table| is_named(*table))?;
            let is_inline = false;
            Some(Found { table, is_inline })
        }
        Item::Value(Value::Array(values)) => {
            let mut tables = values.iter().filter_map(Value::as_inline_table);
            let table = tables.find(|table| is_named(*table))?;
            let is_inline = true;
            Some(Found { table, is_inline })
        }
        _ => None,
    }
}

/// Replaces the value or adds the key behind the name; enabled is the default, so it is not added for
/// that. `None` when nothing is to be changed.
fn set_enabled(text: &str, client: &Found<'_>, enabled: bool) -> Option<String> {
    match client.table.get("enabled").and_then(Item::as_value) {
        Some(value) if value.as_bool() == Some(enabled) => None,
        Some(value) => replaced(text, value.span()?, &enabled.to_string()),
        None if enabled => None,
        None => {
            let (key, name) = client.table.get_key_value("name")?;
            let behind = name.span()?.end;
            if client.is_inline {
                return replaced(text, behind..behind, ", enabled = false");
            }
            // A comment may stand behind the name; the line below is indented like the name's.
            let end = behind + line_length(text.get(behind..)?);
            let indent = indent(text.get(..key.span()?.start)?);
            let line = format!("{}{indent}enabled = false", line_end(text));
            replaced(text, end..end, &line)
        }
    }
}

/// The text with another piece at a place.
fn replaced(text: &str, span: Range<usize>, piece: &str) -> Option<String> {
    let (before, behind) = (text.get(..span.start)?, text.get(span.end..)?);
    Some(format!("{before}{piece}{behind}"))
}

/// How much is left of the line that the text begins with.
fn line_length(text: &str) -> usize {
    text.lines().next().unwrap_or_default().len()
}

/// The white space that the last line of a text consists of.
fn indent(text: &str) -> &str {
    let line = text.rsplit('\n').next().unwrap_or_default();
    line.trim_start_matches('\u{feff}')
}
