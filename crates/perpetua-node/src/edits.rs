//! Changes of single settings on a person's behalf: accounts, clients, signers, preferences.
//!
//! A change that needs a secret goes in three steps, one such change at a time: the secret is stored, the
//! settings that name it are written and applied, and what nobody names any more is removed. When the second
//! step fails before the settings are written, the first is taken back. A process that is killed in between has
//! written down which secrets it was about ([`MadeSecrets`]): the next change or start ends that.

mod account_edit;
mod accounts;
mod client_edit;
mod clients;
mod core_sources;
mod names;
mod network;
pub(crate) mod opening;
mod person_secrets;
pub(crate) mod ports;
mod preferences;
pub(crate) mod secrets;
mod signers;
mod tokens;

pub use person_secrets::remove_named_secret;
pub use secrets::{named as named_secrets, only_signs};

use std::net::SocketAddr;

use perpetua_accounts::Tokens;
use perpetua_config::{Account, Client, Name, Upstream, edit::EditError};
use perpetua_schema::{Applied, ErrorCode, RpcError, SetAccountEnabled, SetClientEnabled};
use perpetua_words::{Message, rpc as words};
use tokio::sync::Mutex;

use crate::{
    controller::ControllerHandle,
    data::DataPlace,
    made_secrets::MadeSecrets,
    settings_file::{Present, SettingsHandle},
    signer_test::Marks,
};

/// Changes the settings. There is one for each node.
#[derive(Debug)]
pub(crate) struct Edits {
    settings: SettingsHandle,
    controller: ControllerHandle,
    tokens: Tokens,
    place: DataPlace,
    /// Where the pages and the API are, until the node ends.
    listening: SocketAddr,
    marks: Marks,
    made: MadeSecrets,
    /// Held by who changes secrets and settings together.
    one_at_a_time: Mutex<()>,
}

impl Edits {
    pub(crate) fn new(
        settings: SettingsHandle,
        controller: ControllerHandle,
        tokens: Tokens,
        place: DataPlace,
        listening: SocketAddr,
        marks: Marks,
    ) -> Self {
        let made = MadeSecrets::new(&place.folders);
        Self {
            settings,
            controller,
            tokens,
            place,
            listening,
            marks,
            made,
            one_at_a_time: Mutex::new(()),
        }
    }

    /// The settings file.
    pub(crate) fn settings(&self) -> &SettingsHandle {
        &self.settings
    }

    /// Where the node keeps things.
    pub(crate) fn place(&self) -> &DataPlace {
        &self.place
    }

    /// Runs a change of secrets and settings alone. What one that broke off has left behind goes first.
    pub(crate) async fn alone<T>(
        &self,
        change: impl Future<Output = Result<T, RpcError>>,
    ) -> Result<T, RpcError> {
        let _alone = self.one_at_a_time.lock().await;
        self.sweep().await;
        let outcome = change.await;
        self.sweep().await;
        outcome
    }

    /// Removes what a change has left behind that a former run did not end.
    pub(crate) async fn tidy_up(&self) {
        let _alone = self.one_at_a_time.lock().await;
        self.sweep().await;
    }

    /// Enables or disables an account.
    pub(crate) async fn set_account_enabled(
        &self,
        change: SetAccountEnabled,
    ) -> Result<Applied, RpcError> {
        let account = name(&change.account)?;
        let edit = move |present: &Present| {
            let text = &present.text;
            perpetua_config::edit::set_account_enabled(text, &account, change.enabled)
        };
        self.edit(edit).await
    }

    /// Enables or disables a client.
    pub(crate) async fn set_client_enabled(
        &self,
        change: SetClientEnabled,
    ) -> Result<Applied, RpcError> {
        let (account, client) = (name(&change.account)?, name(&change.client)?);
        let edit = move |present: &Present| {
            let text = &present.text;
            perpetua_config::edit::set_client_enabled(text, &account, &client, change.enabled)
        };
        self.edit(edit).await
    }

    /// A change that needs nothing but the text.
    async fn edit(
        &self,
        mut edit: impl FnMut(&Present) -> Result<String, EditError> + Send + 'static,
    ) -> Result<Applied, RpcError> {
        let change = self.settings.change(move |present| {
            let text = edit(present).map_err(|error| not_edited(&error))?;
            Ok((text, ()))
        });
        let (applied, ()) = change.await?;
        Ok(applied)
    }
}

/// A name that somebody has chosen.
fn name(text: &str) -> Result<Name, RpcError> {
    Name::new(text).map_err(|error| RpcError::new(ErrorCode::BadRequest, &error))
}

/// The account of a call.
fn account<'p>(present: &'p Present, name: &Name) -> Result<&'p Account, RpcError> {
    present.config.account(name).ok_or_else(|| {
        let account = name.as_str();
        RpcError::new(ErrorCode::NotFound, words::NoSuchAccount { account })
    })
}

/// The client of a call.
fn client<'p>(present: &'p Present, of: &Name, name: &Name) -> Result<&'p Client, RpcError> {
    account(present, of)?.client(name).ok_or_else(|| {
        let (account, client) = (of.as_str(), name.as_str());
        RpcError::new(ErrorCode::NotFound, words::NoSuchClient { account, client })
    })
}

/// Why a text could not be changed.
fn not_edited(error: &EditError) -> RpcError {
    let code = match error {
        EditError::UnknownAccount(_)
        | EditError::UnknownClient { .. }
        | EditError::UnknownSigner(_) => ErrorCode::NotFound,
        EditError::AccountTaken(_)
        | EditError::ClientTaken { .. }
        | EditError::SignerTaken(_)
        | EditError::OtherSigners
        | EditError::OtherCoreSources => ErrorCode::Conflict,
        _ => ErrorCode::InvalidSettings,
    };
    RpcError::new(code, error)
}

fn bad_request(message: impl Into<Message>) -> RpcError {
    RpcError::new(ErrorCode::BadRequest, message)
}

/// The kind of an upstream, as the settings call it.
pub(crate) fn kind(upstream: &Upstream) -> &'static str {
    match upstream {
        Upstream::Simulator => "simulator",
        Upstream::Lagrange(_) => "lagrange",
        Upstream::Onebot(_) => "onebot",
        Upstream::OnebotReverse(_) => "onebot-reverse",
    }
}
