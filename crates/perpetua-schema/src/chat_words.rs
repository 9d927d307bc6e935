//! What happens in a simulator, in words.

use std::fmt;

use perpetua_words::{Language, Message, chat as words, harmless};

use crate::{ChatDeed, ChatId, ChatLine, ChatPerson};

impl ChatLine {
    /// One line of safe characters: `[place] who: text`, or `[place] * who did something`. The name
    /// of a private chat has an `@` before it.
    pub fn in_language(&self, language: Language) -> String {
        let private = match self.place.chat {
            ChatId::Group(_) => "",
            ChatId::User(_) => "@",
        };
        let (place, by) = (one_line(&self.place.name), one_line(&self.by.name));
        match &self.deed {
            ChatDeed::Message { text, .. } => {
                format!("[{private}{place}] {by}: {}", one_line(text))
            }
            deed => format!(
                "[{private}{place}] * {by} {}",
                Message::from(deed).in_language(language)
            ),
        }
    }
}

/// In English.
impl fmt::Display for ChatLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.in_language(Language::English))
    }
}

/// What somebody did, to be read after their name.
impl From<&ChatDeed> for Message {
    fn from(deed: &ChatDeed) -> Self {
        match deed {
            ChatDeed::Message { text, .. } => words::Message { text }.into(),
            ChatDeed::Recalled { message_id } => words::Recalled { id: *message_id }.into(),
            ChatDeed::Poked { target } => words::Poked {
                target: person(target),
            }
            .into(),
            ChatDeed::Joined => words::Joined.into(),
            ChatDeed::Left => words::Left.into(),
            ChatDeed::Dismissed => words::Dismissed.into(),
            ChatDeed::Kicked { target } => words::Kicked {
                target: person(target),
            }
            .into(),
            ChatDeed::Banned { target, seconds } => banned(target.as_ref(), *seconds),
            ChatDeed::Unbanned { target: None } => words::AllUnbanned.into(),
            ChatDeed::Unbanned {
                target: Some(target),
            } => words::Unbanned {
                target: person(target),
            }
            .into(),
            ChatDeed::AdminSet {
                target,
                enable: true,
            } => words::AdminMade {
                target: person(target),
            }
            .into(),
            ChatDeed::AdminSet {
                target,
                enable: false,
            } => words::AdminUnmade {
                target: person(target),
            }
            .into(),
            ChatDeed::GroupNamed { name } => words::GroupNamed { name }.into(),
            ChatDeed::CardSet { target, card } => words::CardSet {
                target: person(target),
                card,
            }
            .into(),
            ChatDeed::TitleSet { target, title } => words::TitleSet {
                target: person(target),
                title,
            }
            .into(),
            ChatDeed::Uploaded { name } => words::Uploaded { name }.into(),
            ChatDeed::Befriended => words::Befriended.into(),
            ChatDeed::Liked { target, times } => words::Liked {
                target: person(target),
                count: *times,
            }
            .into(),
            ChatDeed::FriendRequested { flag, comment } => {
                words::FriendRequested { flag, comment }.into()
            }
            ChatDeed::GroupRequested { flag, comment } => {
                words::GroupRequested { flag, comment }.into()
            }
            ChatDeed::GroupInvited { flag, comment } => {
                words::GroupInvited { flag, comment }.into()
            }
            ChatDeed::RequestAnswered {
                target,
                approve: true,
            } => words::RequestApproved {
                target: person(target),
            }
            .into(),
            ChatDeed::RequestAnswered {
                target,
                approve: false,
            } => words::RequestRefused {
                target: person(target),
            }
            .into(),
        }
    }
}

fn banned(target: Option<&ChatPerson>, seconds: Option<i64>) -> Message {
    match (target.map(person), seconds) {
        (None, _) => words::AllBanned.into(),
        (Some(target), None) => words::Banned { target }.into(),
        (Some(target), Some(count)) => words::BannedFor { target, count }.into(),
    }
}

fn person(person: &ChatPerson) -> String {
    format!("{} ({})", person.name, person.user_id)
}

/// A line that can do a terminal no harm: names and texts are the bots' and may hold escape sequences.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' => '⏎',
            other => harmless(other),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use perpetua_words::{Language, harmless};

    use crate::{ChatDeed, ChatId, ChatLine, ChatPerson, ChatPlace};

    fn line(chat: ChatId, deed: ChatDeed) -> ChatLine {
        ChatLine {
            id: 1,
            client: None,
            took_ms: None,
            delivered_to: Vec::new(),
            time_ms: 0,
            place: ChatPlace {
                chat,
                name: "测试群".into(),
            },
            by: ChatPerson {
                user_id: 10_001,
                name: "小明".into(),
            },
            by_bot: false,
            deed,
        }
    }

    #[test]
    fn a_message_is_one_line_that_cannot_drive_a_terminal() {
        let text = "a\n\u{1b}[2Jb".to_owned();
        let said = line(
            ChatId::Group(1),
            ChatDeed::Message {
                message_id: 1,
                text,
                segments: Vec::new(),
            },
        );
        assert_eq!(said.to_string(), "[测试群] 小明: a⏎\u{fffd}[2Jb");
        for hostile in [
            "\u{9b}2J",
            "\r",
            "\u{202e}x",
            "\u{2028}",
            "\u{200b}",
            "\u{feff}",
            "\u{e0041}",
        ] {
            let mut said = line(ChatId::User(1), ChatDeed::Left);
            said.place.name = format!("place{hostile}");
            said.by.name = format!("name{hostile}");
            said.deed = ChatDeed::Message {
                message_id: 1,
                text: format!("text{hostile}"),
                segments: Vec::new(),
            };
            let shown = said.to_string();
            assert!(
                shown.chars().all(|letter| harmless(letter) == letter),
                "{hostile:?}: {shown:?}"
            );
            assert!(shown.contains("[@place\u{fffd}"), "{shown:?}");
        }
    }

    #[test]
    fn a_deed_is_told_in_both_languages() {
        let target = Some(ChatPerson {
            user_id: 10_002,
            name: "小红".into(),
        });
        let ban = line(
            ChatId::User(1),
            ChatDeed::Banned {
                target,
                seconds: Some(60),
            },
        );
        assert_eq!(
            ban.to_string(),
            "[@测试群] * 小明 banned 小红 (10002) for 60 seconds"
        );
        assert_eq!(
            ban.in_language(Language::Chinese),
            "[@测试群] * 小明 把 小红 (10002) 禁言 60 秒"
        );
    }
}
