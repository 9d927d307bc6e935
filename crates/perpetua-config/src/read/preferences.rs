//! `[ui]`, `[notifications]` and `[updates]`.

use perpetua_words::config as words;

use super::{item::Item, section::Section};
use crate::{LanguageChoice, Notifications, NotifiedEvent, QuietSpan, Ui, UpdateChannel, Updates};

pub(super) fn ui(mut section: Section<'_>) -> Ui {
    let language = section
        .take("language")
        .and_then(|item| item.word(&LanguageChoice::ALL));
    section.finish();
    Ui {
        language: language.unwrap_or_default(),
    }
}

pub(super) fn notifications(mut section: Section<'_>) -> Notifications {
    let kinds = section.take("kinds").and_then(|item| item.array());
    let kinds = kinds.map(|items| {
        let mut kinds = Vec::with_capacity(items.len());
        for item in items {
            match item.word(&NotifiedEvent::ALL) {
                Some(kind) if kinds.contains(&kind) => {
                    let name = kind.as_str();
                    item.problem::<()>(words::ListedTwice { name });
                }
                Some(kind) => kinds.push(kind),
                None => {}
            }
        }
        kinds
    });
    let quiet_hours = section
        .take("quiet-hours")
        .and_then(|item| item.parsed(words::QuietHours, QuietSpan::parse));
    section.finish();
    Notifications {
        kinds: kinds.unwrap_or(Notifications::default().kinds),
        quiet_hours,
    }
}

pub(super) fn updates(mut section: Section<'_>) -> Updates {
    let check = section.take("check").and_then(|item| item.boolean());
    let channel = section
        .take("channel")
        .and_then(|item| item.word(&UpdateChannel::ALL));
    let addresses = section.take("addresses").and_then(|item| item.array());
    let addresses = addresses.unwrap_or_default();
    let addresses = addresses.iter().filter_map(Item::http_url).collect();
    section.finish();
    Updates {
        check: check.unwrap_or(true),
        channel: channel.unwrap_or_default(),
        addresses,
    }
}
