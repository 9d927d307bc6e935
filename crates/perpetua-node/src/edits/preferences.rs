//! The settings of the program itself, typed.

use std::time::Duration;

use perpetua_accounts::find_token;
use perpetua_config::{
    self as config, AddressSource, Config, Hook, QuietSpan,
    edit::{self, Place, Written},
};
use perpetua_schema::{
    NotificationKind, NotificationPreferences, Preferences, PreferencesEdit, PreferencesEdited,
    QuietHours, RpcError, UiLanguage, UpdatePreferences, VersionChannel, WebhookShown,
};
use perpetua_words::edit as words;

use super::{Edits, bad_request, not_edited};

/// How long a keyring may take to say where a webhook goes: the language of the window waits for it.
const HOST_LIMIT: Duration = Duration::from_millis(500);

/// A key, and its value; `None` takes it out.
type Key = (Place<'static>, &'static str, Option<Written>);

impl Edits {
    /// The settings of the program itself.
    pub(crate) async fn preferences(&self) -> Result<Preferences, RpcError> {
        let config = self.settings.present().await?.config;
        let hosts = config.notify.iter().map(|hook| self.host(hook));
        let hosts = futures_util::future::join_all(hosts).await;
        let webhooks = hosts.into_iter().map(|host| WebhookShown { host });
        Ok(Preferences {
            language: language(config.ui.language),
            notifications: NotificationPreferences {
                kinds: kinds(&config),
                quiet_hours: config.notifications.quiet_hours.map(hours),
            },
            webhooks: webhooks.collect(),
            updates: UpdatePreferences {
                check: config.updates.check,
                channel: channel(config.updates.channel),
            },
        })
    }

    /// Changes some of them.
    pub(crate) async fn edit_preferences(
        &self,
        call: PreferencesEdit,
    ) -> Result<PreferencesEdited, RpcError> {
        let keys = keys(&call)?;
        let change = self.settings.change(move |present| {
            let mut text = present.text.clone();
            for (place, key, value) in &keys {
                let edited = edit::set(&text, *place, key, value.as_ref());
                text = edited.map_err(|error| not_edited(&error))?;
            }
            Ok((text, undo(&call, &present.config)))
        });
        let (applied, undo) = change.await?;
        Ok(PreferencesEdited { applied, undo })
    }

    /// The part of a webhook's address that may be shown; where the address is kept elsewhere and cannot be
    /// had, the place.
    async fn host(&self, hook: &Hook) -> String {
        match &hook.post {
            AddressSource::Plain(url) => host_of(url.as_str()),
            AddressSource::From(place) => {
                let address = find_token(&self.tokens, place.clone());
                match tokio::time::timeout(HOST_LIMIT, address).await {
                    Ok(Ok(address)) => host_of(address.expose()),
                    Ok(Err(_)) | Err(_) => shown_place(place),
                }
            }
        }
    }
}

/// The host and the port of an address.
fn host_of(address: &str) -> String {
    let url: Option<reqwest::Url> = address.parse().ok();
    url.map_or_else(String::new, |url| {
        let host = url.host_str().unwrap_or_default();
        match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    })
}

/// Where a secret is kept, as a person named it.
pub(super) fn shown_place(place: &config::TokenSource) -> String {
    match place {
        config::TokenSource::Env(name) | config::TokenSource::Secret(name) => name.clone(),
        config::TokenSource::File(path) => path.display().to_string(),
    }
}

fn keys(call: &PreferencesEdit) -> Result<Vec<Key>, RpcError> {
    let (ui, notifications) = (Place::Section("ui"), Place::Section("notifications"));
    let mut keys = Vec::new();
    if let Some(language) = call.language {
        let word = written_language(language).as_str();
        keys.push((ui, "language", Some(Written::Text(word.into()))));
    }
    if let Some(kinds) = &call.notification_kinds {
        let mut words: Vec<String> = Vec::new();
        for kind in kinds {
            let word = written_kind(*kind).as_str().to_owned();
            if !words.contains(&word) {
                words.push(word);
            }
        }
        keys.push((notifications, "kinds", Some(Written::Texts(words))));
    }
    if let Some(QuietHours {
        from_minute,
        to_minute,
    }) = call.quiet_hours
    {
        let hours = if from_minute == to_minute {
            None
        } else {
            let hours = QuietSpan::new(from_minute, to_minute);
            let hours = hours.ok_or_else(|| bad_request(words::NoTimeOfDay))?;
            Some(Written::Text(hours.to_string()))
        };
        keys.push((notifications, "quiet-hours", hours));
    }
    let updates = Place::Section("updates");
    if let Some(check) = call.update_check {
        keys.push((updates, "check", Some(Written::Boolean(check))));
    }
    if let Some(channel) = call.update_channel {
        let word = written_channel(channel).as_str();
        keys.push((updates, "channel", Some(Written::Text(word.into()))));
    }
    Ok(keys)
}

/// The former values of what was changed.
fn undo(call: &PreferencesEdit, former: &Config) -> PreferencesEdit {
    let none = QuietHours {
        from_minute: 0,
        to_minute: 0,
    };
    PreferencesEdit {
        language: call.language.map(|_| language(former.ui.language)),
        notification_kinds: call.notification_kinds.as_ref().map(|_| kinds(former)),
        quiet_hours: call
            .quiet_hours
            .map(|_| former.notifications.quiet_hours.map_or(none, hours)),
        update_check: call.update_check.map(|_| former.updates.check),
        update_channel: call.update_channel.map(|_| channel(former.updates.channel)),
    }
}

fn hours(hours: QuietSpan) -> QuietHours {
    QuietHours {
        from_minute: hours.from_minute(),
        to_minute: hours.to_minute(),
    }
}

fn language(language: config::LanguageChoice) -> UiLanguage {
    match language {
        config::LanguageChoice::Auto => UiLanguage::Auto,
        config::LanguageChoice::Chinese => UiLanguage::Chinese,
        config::LanguageChoice::English => UiLanguage::English,
    }
}

fn written_language(language: UiLanguage) -> config::LanguageChoice {
    match language {
        UiLanguage::Auto => config::LanguageChoice::Auto,
        UiLanguage::Chinese => config::LanguageChoice::Chinese,
        UiLanguage::English => config::LanguageChoice::English,
    }
}

fn channel(channel: config::UpdateChannel) -> VersionChannel {
    match channel {
        config::UpdateChannel::Stable => VersionChannel::Stable,
        config::UpdateChannel::Beta => VersionChannel::Beta,
    }
}

fn written_channel(channel: VersionChannel) -> config::UpdateChannel {
    match channel {
        VersionChannel::Stable => config::UpdateChannel::Stable,
        VersionChannel::Beta => config::UpdateChannel::Beta,
    }
}

fn kinds(config: &Config) -> Vec<NotificationKind> {
    let kinds = config.notifications.kinds.iter();
    kinds
        .map(|kind| match kind {
            config::NotifiedEvent::Kicked => NotificationKind::Kicked,
            config::NotifiedEvent::ScanNeeded => NotificationKind::ScanNeeded,
            config::NotifiedEvent::Stopped => NotificationKind::Stopped,
            config::NotifiedEvent::BackOnline => NotificationKind::BackOnline,
            config::NotifiedEvent::NewVersion => NotificationKind::NewVersion,
        })
        .collect()
}

fn written_kind(kind: NotificationKind) -> config::NotifiedEvent {
    match kind {
        NotificationKind::Kicked => config::NotifiedEvent::Kicked,
        NotificationKind::ScanNeeded => config::NotifiedEvent::ScanNeeded,
        NotificationKind::Stopped => config::NotifiedEvent::Stopped,
        NotificationKind::BackOnline => config::NotifiedEvent::BackOnline,
        NotificationKind::NewVersion => config::NotifiedEvent::NewVersion,
    }
}
