//! New tokens for frameworks, and for upstreams that dial.

use perpetua_accounts::{client_secret_name, named_secret_name, upstream_secret_name};
use perpetua_config::{
    Account, ClientKind, ListenerToken, Name, Upstream,
    edit::{self, Place},
};
use perpetua_schema::{ErrorCode, RpcError, TokenNew, TokenValue};
use perpetua_secrets::generate_token;
use perpetua_words::{Message, rpc};

use super::{
    Edits, account, client, name, not_edited,
    secrets::{self, Unused},
};
use crate::{refusal, settings_file::ChangeFailed};

impl Edits {
    /// Replaces a token by a random one. Who came in by the former one is cut off.
    pub(crate) async fn renew_token(&self, call: TokenNew) -> Result<TokenValue, RpcError> {
        let present = self.settings.present().await?;
        let account_name = name(&call.account)?;
        let client_name = call.client.as_deref().map(name).transpose()?;
        let (secret, present) = if let Some(name) = &client_name {
            let client = client(&present, &account_name, name)?;
            let secret = client_secret_name(account_name.as_str(), name.as_str());
            let token = client.listener_token().ok_or_else(|| {
                let name = client.name.as_str();
                RpcError::new(
                    ErrorCode::NotSupported,
                    match client.kind {
                        ClientKind::Post(_) => {
                            Message::from(rpc::SecretOfFramework { client: name })
                        }
                        ClientKind::Forward(_) | ClientKind::Http(_) | ClientKind::Reverse(_) => {
                            rpc::TokenOfFramework { client: name }.into()
                        }
                    },
                )
            })?;
            (secret, token)
        } else {
            let account = account(&present, &account_name)?;
            let token = waited_for_with(account)?;
            (upstream_secret_name(account_name.as_str()), token)
        };
        let is_generated = *present == ListenerToken::Generated;
        let named = secrets::of_listener(present);
        let named = named.map(|name| named_secret_name(&name));
        self.may_leave(named.into_iter().collect()).await?;
        let token = generate_token().map_err(|error| refusal::of_secret(&error))?;
        let stored = self.store(secret, token.clone()).await?;
        let change = async {
            if is_generated {
                let renewed = self.controller.renew(account_name, client_name).await;
                renewed.map_err(ChangeFailed::from)
            } else {
                self.without_token(account_name, client_name).await
            }
        };
        self.with_stored(Some(stored), change).await?;
        let token = Some(token.expose().to_owned());
        Ok(TokenValue { token })
    }

    /// The settings name no token, so that the generated one counts.
    /// The secret that they named goes if nothing else names it and no person has stored it.
    async fn without_token(&self, account: Name, client: Option<Name>) -> Result<(), ChangeFailed> {
        let change = self.settings.change(move |present| {
            let place = match &client {
                Some(client) => Place::Client(&account, client),
                None => Place::Upstream(&account),
            };
            let text = edit::set(&present.text, place, "token", None);
            let text = text.map_err(|error| not_edited(&error))?;
            let unused = Unused::of_text(&present.config, &text);
            Ok((text, unused))
        });
        let (mut applied, unused) = change.await?;
        self.remove_unused(unused, &mut applied).await;
        for left in &applied.pending {
            tracing::warn!("{left}");
        }
        Ok(())
    }
}

/// What an upstream that dials has to show.
fn waited_for_with(account: &Account) -> Result<&ListenerToken, RpcError> {
    let Upstream::OnebotReverse(reverse) = &account.upstream else {
        let account = account.name.as_str();
        let words = rpc::NoUpstreamToken { account };
        return Err(RpcError::new(ErrorCode::NotFound, words));
    };
    Ok(&reverse.token)
}
