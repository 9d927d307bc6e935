//! The simulator's types as the schema's: what crosses the RPC belongs to the schema alone.

use perpetua_schema::{ChatDeed, ChatEvent, ChatId, ChatLine, ChatPerson, ChatPlace};
use perpetua_simulator::{Chat, Deed, Shown, SimulatedEvent, Who};

/// What somebody asked to happen.
#[expect(clippy::too_many_lines, reason = "one arm for each event")]
pub(super) fn event(event: ChatEvent) -> SimulatedEvent {
    match event {
        ChatEvent::Poke {
            group_id,
            user_id,
            target_id,
        } => SimulatedEvent::Poke {
            group_id,
            user_id,
            target_id,
        },
        ChatEvent::Recall {
            message_id,
            operator_id,
        } => SimulatedEvent::Recall {
            message_id,
            operator_id,
        },
        ChatEvent::Join {
            group_id,
            user_id,
            operator_id,
            invited,
        } => SimulatedEvent::Join {
            group_id,
            user_id,
            operator_id,
            invited,
        },
        ChatEvent::Leave { group_id, user_id } => SimulatedEvent::Leave { group_id, user_id },
        ChatEvent::Kick {
            group_id,
            user_id,
            operator_id,
        } => SimulatedEvent::Kick {
            group_id,
            user_id,
            operator_id,
        },
        ChatEvent::Ban {
            group_id,
            user_id,
            operator_id,
            duration,
        } => SimulatedEvent::Ban {
            group_id,
            user_id,
            operator_id,
            duration,
        },
        ChatEvent::WholeBan {
            group_id,
            operator_id,
            enable,
        } => SimulatedEvent::WholeBan {
            group_id,
            operator_id,
            enable,
        },
        ChatEvent::Admin {
            group_id,
            user_id,
            enable,
        } => SimulatedEvent::Admin {
            group_id,
            user_id,
            enable,
        },
        ChatEvent::Upload {
            group_id,
            user_id,
            name,
            size,
        } => SimulatedEvent::Upload {
            group_id,
            user_id,
            name,
            size,
        },
        ChatEvent::FriendAdd { user_id } => SimulatedEvent::FriendAdd { user_id },
        ChatEvent::FriendRequest { user_id, comment } => {
            SimulatedEvent::FriendRequest { user_id, comment }
        }
        ChatEvent::GroupRequest {
            group_id,
            user_id,
            comment,
        } => SimulatedEvent::GroupRequest {
            group_id,
            user_id,
            comment,
        },
        ChatEvent::GroupInvite {
            group_id,
            user_id,
            comment,
        } => SimulatedEvent::GroupInvite {
            group_id,
            user_id,
            comment,
        },
    }
}

/// What those who watch see.
pub(super) fn line(shown: Shown) -> ChatLine {
    let chat = match shown.place.chat {
        Chat::Group(id) => ChatId::Group(id),
        Chat::User(id) => ChatId::User(id),
    };
    ChatLine {
        time_ms: shown.time_ms,
        place: ChatPlace {
            chat,
            name: shown.place.name,
        },
        by: person(shown.by),
        by_bot: shown.by_bot,
        deed: deed(shown.deed),
    }
}

fn deed(deed: Deed) -> ChatDeed {
    match deed {
        Deed::Message { message_id, text } => ChatDeed::Message { message_id, text },
        Deed::Recalled { message_id } => ChatDeed::Recalled { message_id },
        Deed::Poked { target } => ChatDeed::Poked {
            target: person(target),
        },
        Deed::Joined => ChatDeed::Joined,
        Deed::Left => ChatDeed::Left,
        Deed::Dismissed => ChatDeed::Dismissed,
        Deed::Kicked { target } => ChatDeed::Kicked {
            target: person(target),
        },
        Deed::Banned { target, seconds } => ChatDeed::Banned {
            target: target.map(person),
            seconds,
        },
        Deed::Unbanned { target } => ChatDeed::Unbanned {
            target: target.map(person),
        },
        Deed::AdminSet { target, enable } => ChatDeed::AdminSet {
            target: person(target),
            enable,
        },
        Deed::GroupNamed { name } => ChatDeed::GroupNamed { name },
        Deed::CardSet { target, card } => ChatDeed::CardSet {
            target: person(target),
            card,
        },
        Deed::TitleSet { target, title } => ChatDeed::TitleSet {
            target: person(target),
            title,
        },
        Deed::Uploaded { name } => ChatDeed::Uploaded { name },
        Deed::Befriended => ChatDeed::Befriended,
        Deed::Liked { target, times } => ChatDeed::Liked {
            target: person(target),
            times,
        },
        Deed::FriendRequested { flag, comment } => ChatDeed::FriendRequested { flag, comment },
        Deed::GroupRequested { flag, comment } => ChatDeed::GroupRequested { flag, comment },
        Deed::GroupInvited { flag, comment } => ChatDeed::GroupInvited { flag, comment },
        Deed::RequestAnswered { target, approve } => ChatDeed::RequestAnswered {
            target: person(target),
            approve,
        },
    }
}

fn person(who: Who) -> ChatPerson {
    ChatPerson {
        user_id: who.user_id,
        name: who.name,
    }
}

#[cfg(test)]
mod tests {
    use perpetua_schema::ChatLine;
    use perpetua_simulator::{Chat, Deed, Place, Shown, Who};

    #[test]
    fn the_wire_format_is_that_of_the_simulator() {
        let who = |user_id, name: &str| Who {
            user_id,
            name: name.into(),
        };
        let shown = Shown {
            time_ms: 7,
            place: Place {
                chat: Chat::Group(20_001),
                name: "group".into(),
            },
            by: who(10_001, "alice"),
            by_bot: false,
            deed: Deed::Banned {
                target: Some(who(10_002, "bob")),
                seconds: Some(60),
            },
        };
        let line: ChatLine = super::line(shown.clone());
        assert_eq!(
            serde_json::to_value(line).expect("JSON"),
            serde_json::to_value(shown).expect("JSON"),
        );
    }
}
