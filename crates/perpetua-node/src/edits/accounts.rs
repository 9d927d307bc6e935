//! Accounts: adding one, taking one away.

use std::{collections::BTreeSet, io, path::PathBuf, time::Duration};

use perpetua_accounts::{named_secret_name, upstream_secret_name};
use perpetua_config::{
    LagrangeUpstream, ListenerToken, Name, OnebotReverseUpstream, OnebotUpstream, TokenSource,
    Upstream, WebSocketUrl,
    edit::{self, EditError},
};
use perpetua_schema::{
    AccountAdd, AccountAdded, AccountRemove, Applied, ErrorCode, NewUpstream, RpcError,
};
use perpetua_secrets::{Secret, generate_token};
use perpetua_task::blocking;
use perpetua_words::{Message, edit as words, node as node_words};

use super::{
    Edits, account, bad_request, kind, name, names, not_edited, ports,
    secrets::{self, Stored, Unused},
};
use crate::{refusal, renames::Register, settings_file::Present};

/// How long the end of a removed account is waited for before its folder is left to its owner.
const END_LIMIT: Duration = Duration::from_secs(10);

impl Edits {
    /// Adds an account, which starts at once.
    pub(crate) async fn add_account(&self, call: AccountAdd) -> Result<AccountAdded, RpcError> {
        let present = self.settings.present().await?;
        let is_taken = |name: &Name| present.config.account(name).is_some();
        let account = self
            .new_name(call.name, wish(&call.upstream), &present)
            .await?;
        if is_taken(&account) {
            return Err(not_edited(&EditError::AccountTaken(account)));
        }
        let (upstream, stored) = self.upstream(&account, call.upstream, &present).await?;
        let added = account.to_string();
        let change = self.settings.change(move |present| {
            let text = edit::add_account(&present.text, &account, &upstream, &[]);
            Ok((text.map_err(|error| not_edited(&error))?, ()))
        });
        let (applied, ()) = self.with_stored(stored, change).await?;
        Ok(AccountAdded {
            account: added,
            applied,
        })
    }

    /// The name of a new account. A folder that was left behind holds somebody's login.
    async fn new_name(
        &self,
        asked: Option<String>,
        wish: String,
        present: &Present,
    ) -> Result<Name, RpcError> {
        let accounts = present.config.accounts.iter();
        let taken: BTreeSet<Name> = accounts.map(|account| account.name.clone()).collect();
        let folders = self.place.folders.clone();
        blocking(move || {
            names::chosen(asked.as_deref(), &wish, |name| {
                taken.contains(name) || folders.account(name.as_str()).exists()
            })
        })
        .await
    }

    /// The upstream of a new account, with its token in the store.
    async fn upstream(
        &self,
        account: &Name,
        new: NewUpstream,
        present: &Present,
    ) -> Result<(Upstream, Option<Stored>), RpcError> {
        Ok(match new {
            NewUpstream::Simulator => (Upstream::Simulator, None),
            NewUpstream::Lagrange { uin } => {
                let upstream = LagrangeUpstream {
                    uin,
                    ..LagrangeUpstream::default()
                };
                (Upstream::Lagrange(upstream), None)
            }
            NewUpstream::Onebot { url, token } => {
                let url = websocket_url(&url)?;
                let token = token.filter(|token| !token.trim().is_empty());
                let (token, stored) = match token {
                    Some(token) => {
                        let wish = sent_token_name(account);
                        let (source, stored) = self.sent_token(wish, &token, present).await?;
                        (Some(source), Some(stored))
                    }
                    None => (None, None),
                };
                let upstream = OnebotUpstream {
                    url,
                    token,
                    uin: None,
                };
                (Upstream::Onebot(upstream), stored)
            }
            NewUpstream::OnebotReverse { listen } => {
                let listen = match listen {
                    Some(listen) => ports::entered(&listen)?,
                    None => ports::free(&present.config).await?,
                };
                let token = generate_token().map_err(|error| refusal::of_secret(&error))?;
                let secret = upstream_secret_name(account.as_str());
                let stored = self.store(secret, token).await?;
                let upstream = OnebotReverseUpstream {
                    listen,
                    token: ListenerToken::Generated,
                    path: None,
                    uin: None,
                };
                (Upstream::OnebotReverse(upstream), Some(stored))
            }
        })
    }

    /// Stores a token that is shown to somebody, under a name like this one that nothing else has.
    pub(super) async fn sent_token(
        &self,
        wish: String,
        token: &str,
        present: &Present,
    ) -> Result<(TokenSource, Stored), RpcError> {
        self.named_secret(wish, secrets::entered(token)?, present)
            .await
    }

    /// Stores a secret under a name like this one that nothing else has.
    pub(super) async fn named_secret(
        &self,
        wish: String,
        secret: Secret,
        present: &Present,
    ) -> Result<(TokenSource, Stored), RpcError> {
        let name = self.free_secret_name(&present.config, wish).await?;
        let stored = self.store(named_secret_name(&name), secret).await?;
        Ok((TokenSource::Secret(name), stored))
    }

    /// Refuses where something under this name is another account's, or something of this account is elsewhere.
    async fn has_all(&self, name: &Name) -> Result<(), RpcError> {
        let (folders, account) = (self.place.folders.clone(), name.to_string());
        let asked = account.clone();
        let is_on_its_way = blocking(move || Register::read(&folders).has_on_its_way(&asked)).await;
        if is_on_its_way {
            return Err(RpcError::new(
                ErrorCode::Conflict,
                node_words::NameOnItsWay { account },
            ));
        }
        Ok(())
    }

    /// Removes an account with its clients, its secrets, and its folder with the login in it.
    pub(crate) async fn remove_account(&self, call: AccountRemove) -> Result<Applied, RpcError> {
        let name = name(&call.account)?;
        let removed = name.clone();
        let present = self.settings.present().await?;
        self.has_all(&name).await?;
        self.may_leave(secrets::of_account(account(&present, &name)?))
            .await?;
        let change = self.settings.change(move |present| {
            let former = account(present, &name)?;
            let text = edit::remove_account(&present.text, &name);
            let text = text.map_err(|error| not_edited(&error))?;
            let unused = Unused::of_account(&present.config, former, &text);
            Ok((text, unused))
        });
        let (mut applied, unused) = change.await?;
        let folder = self.place.folders.account(removed.as_str());
        let has_ended = self.controller.ended(removed.clone(), END_LIMIT).await;
        // Somebody may have written it anew meanwhile: then the folder and the secrets are that one's.
        let present = self.settings.present().await;
        if present.is_ok_and(|present| present.config.account(&removed).is_some()) {
            return Ok(applied);
        }
        let looked_at = folder.clone();
        if has_ended {
            applied.pending.extend(remove_folder(folder).await);
        } else if blocking(move || looked_at.exists()).await {
            let path = folder.as_path();
            applied.pending.push(words::FolderInUse { path }.into());
        }
        self.remove_unused(unused, &mut applied).await;
        Ok(applied)
    }
}

/// The name of a secret that an account shows to its upstream.
pub(super) fn sent_token_name(account: &Name) -> String {
    format!("{account}-upstream")
}

/// What an account is called when nobody says.
fn wish(upstream: &NewUpstream) -> String {
    match upstream {
        NewUpstream::Lagrange { uin: Some(uin) } => format!("qq{uin}"),
        NewUpstream::Lagrange { uin: None } => "qq".to_owned(),
        NewUpstream::Onebot { .. } | NewUpstream::OnebotReverse { .. } => "onebot".to_owned(),
        NewUpstream::Simulator => kind(&Upstream::Simulator).to_owned(),
    }
}

/// An address that somebody has entered.
pub(super) fn websocket_url(text: &str) -> Result<WebSocketUrl, RpcError> {
    WebSocketUrl::entered(text).map_err(|error| bad_request(&error))
}

/// Removes what a managed core had; tells what is left of it.
async fn remove_folder(folder: PathBuf) -> Option<Message> {
    let path = folder.clone();
    let removed = blocking(move || std::fs::remove_dir_all(&path)).await;
    let cause = removed
        .err()
        .filter(|error| error.kind() != io::ErrorKind::NotFound)?;
    let path = folder.as_path();
    Some(
        words::FolderLeft {
            cause: &cause,
            path,
        }
        .into(),
    )
}
