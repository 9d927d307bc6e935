//! Whether an account or a client is enabled, changed in the text.

use toml_edit::{Document, Item, Value};

use super::{
    EditError,
    find::{Place, find},
    set::put,
    syntax,
};
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
    set_enabled(text, Place::Client(account, client), enabled)
}

/// Sets whether an account runs; gives the new text, which the caller validates and writes.
///
/// A text that says so already comes back unchanged.
///
/// # Errors
/// [`EditError::UnknownAccount`], and when the text is not TOML.
pub fn set_account_enabled(text: &str, account: &Name, enabled: bool) -> Result<String, EditError> {
    set_enabled(text, Place::Account(account), enabled)
}

/// Replaces the value or adds the key behind the name; enabled is the default, so it is not added for that.
fn set_enabled(text: &str, place: Place<'_>, enabled: bool) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let changed = find(&document, place)?.and_then(|found| {
        let is_said = found.table.get("enabled").is_some_and(Item::is_value);
        if enabled && !is_said {
            return None;
        }
        put(text, &found, "enabled", &Value::from(enabled), Some("name"))
    });
    Ok(changed.unwrap_or_else(|| text.to_owned()))
}
