//! The settings of one account, typed.

use perpetua_config::{
    Account, Name, Protocol, SignThrough, Upstream,
    edit::{self, Place, Written},
};
use perpetua_schema::{
    AccountChange, AccountConfig, AccountCoreConfig, AccountEdit, AccountEdited, AccountSettings,
    ErrorCode, RpcError,
};
use perpetua_words::edit as words;

use super::{
    Edits, account,
    accounts::{sent_token_name, websocket_url},
    bad_request,
    client_edit::seconds,
    kind, name, not_edited, ports,
    secrets::{self, Unused},
};

/// A key of a table, and its value; `None` takes it out.
type Key = (&'static str, Option<Written>);

/// The keys of a change: those of the account itself, and those of its upstream.
struct Keys {
    own: Vec<Key>,
    upstream: Vec<Key>,
}

impl Keys {
    /// The address among them, whole.
    fn address(&self) -> Option<String> {
        self.upstream.iter().find_map(|(key, value)| match value {
            Some(Written::Text(address)) if matches!(*key, "url" | "listen") => {
                Some(address.clone())
            }
            _ => None,
        })
    }
}

impl Edits {
    /// What the settings say of an account.
    pub(crate) async fn account_settings(
        &self,
        call: AccountSettings,
    ) -> Result<AccountConfig, RpcError> {
        let present = self.settings.present().await?;
        let name = name(&call.account)?;
        Ok(config(account(&present, &name)?))
    }

    /// Changes some settings of an account.
    pub(crate) async fn edit_account(&self, call: AccountEdit) -> Result<AccountEdited, RpcError> {
        let present = self.settings.present().await?;
        let name = name(&call.account)?;
        let known = account(&present, &name)?;
        let mut keys = keys(&call.change, known)?;
        let mut stored = None;
        if let Some(token) = &call.change.token {
            self.may_leave(secrets::of_account(known)).await?;
            let token = token.trim();
            let source = if token.is_empty() {
                None
            } else {
                let wish = sent_token_name(&name);
                let (source, kept) = self.sent_token(wish, token, &present).await?;
                stored = Some(kept);
                Some(Written::Secret(source))
            };
            keys.upstream.push(("token", source));
        }
        let address = keys.address();
        let change = self.settings.change(move |present| {
            let former = undo(&call.change, config(account(present, &name)?));
            if call.instead_of.as_ref().is_some_and(|seen| *seen != former) {
                return Err(RpcError::new(ErrorCode::Conflict, words::ChangedMeanwhile));
            }
            let mut text = present.text.clone();
            for (place, keys) in [
                (Place::Account(&name), &keys.own),
                (Place::Upstream(&name), &keys.upstream),
            ] {
                for (key, value) in keys {
                    let edited = edit::set(&text, place, key, value.as_ref());
                    text = edited.map_err(|error| not_edited(&error))?;
                }
            }
            let unused = Unused::of_text(&present.config, &text);
            let undo = call.change.token.is_none().then_some(former);
            let now = after(&call.change, &text, &name).unwrap_or_default();
            Ok((text, (undo, now, unused)))
        });
        let (mut applied, (undo, now, unused)) = self.with_stored(stored, change).await?;
        self.remove_unused(unused, &mut applied).await;
        Ok(AccountEdited {
            applied,
            address,
            undo,
            now,
        })
    }
}

fn config(account: &Account) -> AccountConfig {
    let (address, core) = match &account.upstream {
        Upstream::Simulator => (None, None),
        Upstream::Onebot(onebot) => (Some(onebot.url.to_string()), None),
        Upstream::OnebotReverse(reverse) => (Some(reverse.listen.to_string()), None),
        Upstream::Lagrange(lagrange) => {
            let names = |names: &Vec<Name>| names.iter().map(ToString::to_string).collect();
            let core = AccountCoreConfig {
                protocol: protocol(lagrange.protocol).to_owned(),
                signers: lagrange.signers.as_ref().map(names),
                sign_through: sign_through(lagrange.sign_through).to_owned(),
                sign_patience_s: lagrange.sign_patience.as_secs_f64(),
                auto_start: lagrange.auto_start,
                start_timeout_s: lagrange.start_timeout.as_secs_f64(),
                memory_limit: lagrange.memory_limit,
                log_messages: lagrange.log_messages,
            };
            (None, Some(core))
        }
    };
    AccountConfig {
        account: account.name.to_string(),
        enabled: account.enabled,
        kind: kind(&account.upstream).to_owned(),
        uin: uin(&account.upstream),
        address,
        action_timeout_s: account.action_timeout.as_secs_f64(),
        core,
    }
}

fn uin(upstream: &Upstream) -> Option<u64> {
    match upstream {
        Upstream::Simulator => None,
        Upstream::Lagrange(lagrange) => lagrange.uin,
        Upstream::Onebot(onebot) => onebot.uin,
        Upstream::OnebotReverse(reverse) => reverse.uin,
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Linux => "linux",
        Protocol::Windows => "windows",
        Protocol::Macos => "macos",
    }
}

fn sign_through(through: SignThrough) -> &'static str {
    match through {
        SignThrough::Node => "node",
        SignThrough::Core => "core",
    }
}

/// The keys of a change, but for the token. What the kind of the account does not have is refused.
fn keys(change: &AccountChange, account: &Account) -> Result<Keys, RpcError> {
    let is_onebot = matches!(account.upstream, Upstream::Onebot(_));
    let has_core = matches!(account.upstream, Upstream::Lagrange(_));
    let has_address = is_onebot || matches!(account.upstream, Upstream::OnebotReverse(_));
    let asked_in_vain = [
        ("uin", change.uin.is_some() && !has_core && !has_address),
        ("address", change.address.is_some() && !has_address),
        ("token", change.token.is_some() && !is_onebot),
        ("protocol", change.protocol.is_some() && !has_core),
        ("signers", change.signers.is_some() && !has_core),
        ("sign-through", change.sign_through.is_some() && !has_core),
        (
            "sign-patience",
            change.sign_patience_s.is_some() && !has_core,
        ),
        ("auto-start", change.auto_start.is_some() && !has_core),
        (
            "start-timeout",
            change.start_timeout_s.is_some() && !has_core,
        ),
        ("memory-limit", change.memory_limit.is_some() && !has_core),
        ("log-messages", change.log_messages.is_some() && !has_core),
    ];
    if let Some((setting, _)) = asked_in_vain.into_iter().find(|(_, in_vain)| *in_vain) {
        let kind = kind(&account.upstream);
        return Err(bad_request(words::NoSuchSetting { kind, setting }));
    }
    let address = change.address.as_ref().map(|address| {
        Ok::<_, RpcError>(if is_onebot {
            (
                "url",
                Some(Written::Text(websocket_url(address)?.to_string())),
            )
        } else {
            (
                "listen",
                Some(Written::Text(ports::entered(address)?.to_string())),
            )
        })
    });
    let unless = |is_none: bool, written: Written| (!is_none).then_some(written);
    let signers = |names: &Vec<String>| unless(names.is_empty(), Written::Texts(names.clone()));
    let upstream = [
        (
            "uin",
            change.uin.map(|uin| unless(uin == 0, Written::Number(uin))),
        ),
        (
            "protocol",
            change
                .protocol
                .clone()
                .map(|word| Some(Written::Text(word))),
        ),
        ("signers", change.signers.as_ref().map(signers)),
        (
            "sign-through",
            change
                .sign_through
                .clone()
                .map(|word| Some(Written::Text(word))),
        ),
        (
            "sign-patience",
            change.sign_patience_s.map(|time| Some(seconds(time))),
        ),
        (
            "auto-start",
            change.auto_start.map(|on| Some(Written::Boolean(on))),
        ),
        (
            "start-timeout",
            change.start_timeout_s.map(|time| Some(seconds(time))),
        ),
        (
            "memory-limit",
            change
                .memory_limit
                .map(|bytes| unless(bytes == 0, Written::Size(bytes))),
        ),
        (
            "log-messages",
            change.log_messages.map(|on| Some(Written::Boolean(on))),
        ),
    ];
    let upstream = upstream
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    let timeout = change.action_timeout_s.map(seconds);
    Ok(Keys {
        own: timeout
            .map(|timeout| ("action-timeout", Some(timeout)))
            .into_iter()
            .collect(),
        upstream: address.transpose()?.into_iter().chain(upstream).collect(),
    })
}

/// The values of what was changed in a new text; none in one that will be refused.
fn after(change: &AccountChange, text: &str, account: &Name) -> Option<AccountChange> {
    let next = perpetua_config::parse(text).ok()?;
    Some(undo(change, config(next.account(account)?)))
}

/// The former values of what was changed.
fn undo(change: &AccountChange, former: AccountConfig) -> AccountChange {
    let core = former.core;
    let of_core = |is_changed: bool| core.as_ref().filter(|_| is_changed);
    AccountChange {
        uin: change.uin.map(|_| former.uin.unwrap_or_default()),
        address: former.address.filter(|_| change.address.is_some()),
        token: None,
        action_timeout_s: change.action_timeout_s.map(|_| former.action_timeout_s),
        protocol: of_core(change.protocol.is_some()).map(|core| core.protocol.clone()),
        signers: of_core(change.signers.is_some())
            .map(|core| core.signers.clone().unwrap_or_default()),
        sign_through: of_core(change.sign_through.is_some()).map(|core| core.sign_through.clone()),
        sign_patience_s: of_core(change.sign_patience_s.is_some()).map(|core| core.sign_patience_s),
        auto_start: of_core(change.auto_start.is_some()).map(|core| core.auto_start),
        start_timeout_s: of_core(change.start_timeout_s.is_some()).map(|core| core.start_timeout_s),
        memory_limit: of_core(change.memory_limit.is_some())
            .map(|core| core.memory_limit.unwrap_or_default()),
        log_messages: of_core(change.log_messages.is_some()).map(|core| core.log_messages),
    }
}
