//! The settings of the program itself, as the node has them.

use perpetua_schema::{
    Event, EventStream as _, Method, NotificationKind, NotificationPreferences, Preferences,
    PreferencesEdit, PreferencesRead, Topic, Topics, UiLanguage, UpdatePreferences, VersionChannel,
};
use perpetua_words::Language;
use tokio::sync::watch;

use super::{NodeKeeper, follow::begins_again};

/// What holds while no node tells.
pub(crate) fn usual() -> Preferences {
    Preferences {
        language: UiLanguage::Auto,
        notifications: NotificationPreferences {
            kinds: vec![
                NotificationKind::Kicked,
                NotificationKind::ScanNeeded,
                NotificationKind::Stopped,
                NotificationKind::BackOnline,
                NotificationKind::NewVersion,
            ],
            quiet_hours: None,
        },
        webhooks: Vec::new(),
        updates: UpdatePreferences {
            check: true,
            channel: VersionChannel::Stable,
        },
    }
}

/// The language that a choice stands for.
pub fn language_of(chosen: UiLanguage) -> Language {
    match chosen {
        UiLanguage::Auto => perpetua_locale::of_environment(),
        UiLanguage::Chinese => Language::Chinese,
        UiLanguage::English => Language::English,
    }
}

impl NodeKeeper {
    /// The settings of the program itself, and each change. Needs a runtime.
    pub fn preferences(&self) -> watch::Receiver<Preferences> {
        let (told, preferences) = watch::channel(usual());
        tokio::spawn(tell(self.clone(), told));
        preferences
    }

    /// Chooses a language.
    pub async fn choose_language(&self, language: UiLanguage) {
        let edit = PreferencesEdit {
            language: Some(language),
            ..PreferencesEdit::default()
        };
        let params = serde_json::to_value(edit).unwrap_or_default();
        if let Err(refused) = self.call(PreferencesEdit::NAME, &params).await {
            tracing::warn!(?refused, "the language cannot be kept");
        }
    }

    async fn read_preferences(&self, told: &watch::Sender<Preferences>) {
        let params = serde_json::to_value(PreferencesRead {}).unwrap_or_default();
        let read = self.call(PreferencesRead::NAME, &params).await.ok();
        let read = read.and_then(|value| serde_json::from_value::<Preferences>(value).ok());
        if let Some(read) = read {
            told.send_if_modified(|known| {
                let changed = *known != read;
                *known = read;
                changed
            });
        }
    }
}

async fn tell(keeper: NodeKeeper, told: watch::Sender<Preferences>) {
    let mut state = keeper.state();
    loop {
        state.mark_unchanged();
        if let Ok(mut events) = keeper.events(&Topics::from(Topic::Settings)).await {
            keeper.read_preferences(&told).await;
            while let Some(event) = events.next().await {
                if matches!(event, Event::Settings { .. }) {
                    keeper.read_preferences(&told).await;
                }
            }
        }
        if told.is_closed() || !begins_again(&mut state).await {
            return;
        }
    }
}
