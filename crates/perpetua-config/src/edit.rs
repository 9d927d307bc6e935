//! Changes of single settings in the text, which leave comments, order and blank lines alone.

mod add;

pub use add::{NewClient, add_account, add_signer};

use perpetua_words::{Message, config as words};
use toml_edit::{DocumentMut, Item, TableLike, Value};

use crate::{Name, Problem, read::not_toml};

/// Why a setting could not be changed in the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum EditError {
    /// The text is not TOML.
    Syntax(Problem),
    /// The file has no such account.
    UnknownAccount(Name),
    /// The account has no such client.
    UnknownClient {
        /// The account.
        account: Name,
        /// The client it lacks.
        client: Name,
    },
    /// The file has an account of this name already.
    AccountTaken(Name),
    /// The file has a signer of this name already.
    SignerTaken(Name),
    /// What should be a list of tables is something else.
    NotTables(&'static str),
}

impl From<&EditError> for Message {
    fn from(error: &EditError) -> Self {
        match error {
            EditError::Syntax(problem) => words::EditBroken {
                problem: Message::from(problem),
            }
            .into(),
            EditError::UnknownAccount(account) => words::EditNoAccount {
                account: account.as_str(),
            }
            .into(),
            EditError::UnknownClient { account, client } => words::EditNoClient {
                account: account.as_str(),
                client: client.as_str(),
            }
            .into(),
            EditError::AccountTaken(account) => words::EditAccountTaken {
                account: account.as_str(),
            }
            .into(),
            EditError::SignerTaken(signer) => words::EditSignerTaken {
                signer: signer.as_str(),
            }
            .into(),
            EditError::NotTables(list) => words::EditNotTables { list: *list }.into(),
        }
    }
}

/// Sets whether a client may connect; gives the new text, which the caller validates and writes.
///
/// A text that says so already comes back unchanged.
pub fn set_client_enabled(
    text: &str,
    account: &Name,
    client: &Name,
    enabled: bool,
) -> Result<String, EditError> {
    let mut document: DocumentMut = text.parse().map_err(|error| syntax(text, &error))?;
    let accounts = document.get_mut("accounts");
    let account_table = accounts
        .and_then(|item| find(item, account))
        .ok_or_else(|| EditError::UnknownAccount(account.clone()))?;
    let client_table = account_table
        .get_mut("clients")
        .and_then(|item| find(item, client))
        .ok_or_else(|| EditError::UnknownClient {
            account: account.clone(),
            client: client.clone(),
        })?;
    set_enabled(client_table, enabled);
    Ok(document.to_string())
}

fn syntax(text: &str, error: &toml_edit::TomlError) -> EditError {
    let span = error.span().unwrap_or_default();
    EditError::Syntax(Problem::at(text, &span, "", not_toml(error.message())))
}

/// The table of a name, in `[[tables]]` as well as in a list of inline ones.
fn find<'d>(item: &'d mut Item, name: &Name) -> Option<&'d mut dyn TableLike> {
    let is_named =
        |table: &dyn TableLike| table.get("name").and_then(Item::as_str) == Some(name.as_str());
    match item {
        Item::ArrayOfTables(tables) => tables
            .iter_mut()
            .find(|table| is_named(*table))
            .map(|table| table as &mut dyn TableLike),
        Item::Value(Value::Array(values)) => values
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .find(|table| is_named(*table))
            .map(|table| table as &mut dyn TableLike),
        _ => None,
    }
}

/// Replaces or adds the key; enabled is the default, so it is not added for that.
fn set_enabled(table: &mut dyn TableLike, enabled: bool) {
    match table.get_mut("enabled").and_then(Item::as_value_mut) {
        Some(value) if value.as_bool() == Some(enabled) => {}
        Some(value) => {
            let decor = value.decor().clone();
            *value = enabled.into();
            *value.decor_mut() = decor;
        }
        None if enabled => {}
        None => {
            table.insert("enabled", toml_edit::value(enabled));
        }
    }
}
