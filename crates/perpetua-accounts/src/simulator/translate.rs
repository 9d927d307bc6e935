//! The simulator's types as the schema's: what crosses the RPC belongs to the schema alone.

use perpetua_schema::{
    ChatDeed, ChatEvent, ChatFrame, ChatFrameKind, ChatId, ChatLine, ChatPerson, ChatPlace,
    ChatQuote, ChatSegment, World, WorldGroup, WorldMember, WorldPerson,
};
use perpetua_simulator::{
    Chat, Deed, Group, Member, Person, Piece, RecordedFrame, RecordedKind, RecordedLine,
    SimulatedEvent, Simulator, Timestamp, Who,
};

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
pub(super) fn line(line: RecordedLine) -> ChatLine {
    let shown = line.shown;
    let chat = match shown.place.chat {
        Chat::Group(id) => ChatId::Group(id),
        Chat::User(id) => ChatId::User(id),
    };
    ChatLine {
        id: line.id,
        time_ms: shown.time_ms,
        place: ChatPlace {
            chat,
            name: shown.place.name,
        },
        by: person(shown.by),
        by_bot: shown.by_bot,
        client: line.client.map(|client| client.to_string()),
        took_ms: line.took_ms,
        delivered_to: line.delivered_to.iter().map(ToString::to_string).collect(),
        deed: deed(shown.deed),
    }
}

/// Which chat is meant.
pub(super) fn chat(chat: ChatId) -> Chat {
    match chat {
        ChatId::Group(id) => Chat::Group(id),
        ChatId::User(id) => Chat::User(id),
    }
}

/// A frame that belongs to a line.
pub(super) fn frame(frame: RecordedFrame) -> ChatFrame {
    ChatFrame {
        time_ms: frame.time.unix_ms(),
        kind: match frame.kind {
            RecordedKind::Event => ChatFrameKind::Event,
            RecordedKind::Action => ChatFrameKind::Action,
            RecordedKind::Response => ChatFrameKind::Response,
        },
        client: frame.client.map(|client| client.to_string()),
        text: frame.text.to_string(),
    }
}

/// Everybody, and every group.
pub(super) fn world(simulator: &Simulator) -> World {
    let self_id = simulator.self_id();
    let nickname = |user_id: i64| {
        let person = simulator.people().find(|it| it.user_id == user_id);
        person.map_or_else(|| user_id.to_string(), |it| it.nickname.clone())
    };
    let person = |person: &Person| WorldPerson {
        user_id: person.user_id,
        name: person.nickname.clone(),
    };
    let member = |member: &Member| WorldMember {
        user_id: member.user_id,
        name: if member.card.is_empty() {
            nickname(member.user_id)
        } else {
            member.card.clone()
        },
        role: member.role.name().to_owned(),
        banned_until_ms: member.banned_until.map(Timestamp::unix_ms),
    };
    let group = |group: &Group| WorldGroup {
        group_id: group.group_id,
        name: group.name.clone(),
        whole_ban: group.whole_ban,
        members: group.members.values().map(member).collect(),
    };
    let (own, other): (Vec<_>, Vec<_>) = simulator
        .groups()
        .partition(|group| group.members.contains_key(&self_id));
    let (friends, strangers): (Vec<_>, Vec<_>) = simulator
        .people()
        .filter(|person| person.user_id != self_id)
        .partition(|person| person.is_friend());
    World {
        self_id,
        self_name: nickname(self_id),
        groups: own.into_iter().map(group).collect(),
        other_groups: other.into_iter().map(group).collect(),
        friends: friends.into_iter().map(person).collect(),
        strangers: strangers.into_iter().map(person).collect(),
    }
}

fn deed(deed: Deed) -> ChatDeed {
    match deed {
        Deed::Message {
            message_id,
            text,
            pieces,
        } => ChatDeed::Message {
            message_id,
            text,
            segments: pieces.into_iter().map(segment).collect(),
        },
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

fn segment(piece: Piece) -> ChatSegment {
    match piece {
        Piece::Text(text) => ChatSegment::Text { text },
        Piece::At(target) => ChatSegment::At {
            target: target.map(person),
        },
        Piece::Reply { message_id, quoted } => ChatSegment::Reply {
            message_id,
            quoted: quoted.map(|quote| ChatQuote {
                by: person(quote.by),
                text: quote.text,
            }),
        },
        Piece::Image { picture, link } => ChatSegment::Image { picture, link },
        Piece::Face(id) => ChatSegment::Face { id },
        Piece::Other { kind, code } => ChatSegment::Other { kind, code },
    }
}

fn person(who: Who) -> ChatPerson {
    ChatPerson {
        user_id: who.user_id,
        name: who.name,
    }
}
