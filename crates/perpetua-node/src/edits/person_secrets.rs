//! Secrets that a person stores or removes, for the settings to name.

use perpetua_accounts::named_secret_name;
use perpetua_schema::{Applied, ErrorCode, RpcError, SecretRemove, SecretSet};
use perpetua_secrets::{Secret, SecretError, SecretStore};
use perpetua_words::{Message, edit as words, rpc};

use super::{
    Edits, bad_request,
    secrets::{entered_key, only_signs},
};
use crate::{controller::SecretChange, refusal};

impl Edits {
    /// Stores a secret. What runs with a former one takes it over at once.
    pub(crate) async fn set_secret(&self, call: SecretSet) -> Result<Applied, RpcError> {
        let secret = self.for_its_use(&call).await?;
        let (name, made) = (call.name.clone(), self.made.clone());
        let stored = self.tokens.ask(move |tokens| {
            let stored = named_secret_name(&name);
            // One that cannot be read is there, too.
            let is_first = matches!(tokens.store().get(&stored), Ok(None));
            made.stored_by_a_person(&name, || tokens.store().set(&stored, &secret))?;
            Ok(if is_first {
                SecretChange::First
            } else {
                SecretChange::Replaced
            })
        });
        self.secret_is_another(stored.await, call.name).await
    }

    /// What was entered, if it fits what the settings do with it: only what nothing but signs events may be any text.
    async fn for_its_use(&self, call: &SecretSet) -> Result<Secret, RpcError> {
        let secret = entered_key(&call.value)?;
        let Err(cause) = secret.as_token() else {
            return Ok(secret);
        };
        let (present, name) = (self.settings.present().await?, &call.name);
        if only_signs(&present.config, name) {
            return Ok(secret);
        }
        let cause = Message::from(cause);
        Err(bad_request(words::SecretNoToken { cause, name }))
    }

    /// Removes a secret. What ran with it is closed, and says what it lacks.
    pub(crate) async fn remove_secret(&self, call: SecretRemove) -> Result<Applied, RpcError> {
        let name = call.name.clone();
        let removed = self
            .tokens
            .ask(move |tokens| remove_named_secret(tokens.store(), &name));
        match removed.await {
            Ok(false) => {
                let no_such = rpc::NoSuchSecret { name: &call.name };
                Err(RpcError::new(ErrorCode::NotFound, no_such))
            }
            removed => {
                let removed = removed.map(|_| SecretChange::Removed);
                self.secret_is_another(removed, call.name).await
            }
        }
    }

    async fn secret_is_another(
        &self,
        outcome: Result<SecretChange, SecretError>,
        name: String,
    ) -> Result<Applied, RpcError> {
        let change = outcome.map_err(|error| refusal::of_secret(&error))?;
        self.controller.secret_changed(name, change).await
    }
}

/// Removes a secret that settings name like this; gives whether there was one. Blocks.
pub fn remove_named_secret(store: &SecretStore, named: &str) -> Result<bool, SecretError> {
    let name = named_secret_name(named);
    // One that cannot be read is there, and may go.
    if matches!(store.get(&name), Ok(None)) {
        return Ok(false);
    }
    store.remove(&name)?;
    Ok(true)
}
