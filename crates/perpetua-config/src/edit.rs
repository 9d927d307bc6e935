//! Changes of single settings in the text, which leave comments, order, blank lines and line ends alone.

mod add;
mod blocks;
mod core_sources;
mod enabled;
mod find;
mod listen;
mod order;
mod remove;
mod secrets;
mod set;
mod splice;

pub use add::{NewClient, add_account, add_client, add_signer};
pub use core_sources::{CoreSourceEntry, NewCoreSource, set_core_sources};
pub use enabled::{set_account_enabled, set_client_enabled};
pub use find::Place;
pub use listen::set_api_listen;
pub use order::order_signers;
pub use remove::{remove_account, remove_client, remove_signer};
pub use secrets::set_secrets;
pub use set::{Written, set};

use perpetua_words::{Message, config as words};

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
    /// The file has no such signer.
    UnknownSigner(Name),
    /// The file has an account of this name already.
    AccountTaken(Name),
    /// The account has a client of this name already.
    ClientTaken {
        /// The account.
        account: Name,
        /// The client it has.
        client: Name,
    },
    /// The file has a signer of this name already.
    SignerTaken(Name),
    /// The names are not those of all signers.
    OtherSigners,
    /// The sources of cores are not those that were to be changed.
    OtherCoreSources,
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
            EditError::UnknownSigner(signer) => words::EditNoSigner {
                signer: signer.as_str(),
            }
            .into(),
            EditError::ClientTaken { account, client } => words::EditClientTaken {
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
            EditError::OtherSigners => words::EditOtherSigners.into(),
            EditError::OtherCoreSources => words::EditOtherSources.into(),
            EditError::NotTables(list) => words::EditNotTables { list: *list }.into(),
        }
    }
}

fn syntax(text: &str, error: &toml_edit::TomlError) -> EditError {
    let span = error.span().unwrap_or_default();
    EditError::Syntax(Problem::at(text, &span, "", not_toml(error.message())))
}

/// The end of a line as the text writes it.
fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
