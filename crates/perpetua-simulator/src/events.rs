//! Events in the shape that real cores emit: OneBot v11 with array messages, and the common additions.
//!
//! Sources: the OneBot v11 standard, `event/*.md`; Lagrange.OneBot's entities for `target_id`,
//! `group_name_change` and pokes; NapCat for `real_id` and `message_seq`.

use perpetua_onebot::segment::{self, Segment};
use serde::Serialize;
use serde_json::{Value, json};

use crate::chat::Chat;
use crate::timestamp::Timestamp;
use crate::world::{GroupRole, Message, Person, Sex, World};

/// The time, the account and the kind around an event's own members.
#[derive(Serialize)]
struct Envelope<Body> {
    time: i64,
    self_id: i64,
    post_type: &'static str,
    #[serde(flatten)]
    body: Body,
}

/// A notice, without its envelope.
#[derive(Serialize)]
#[serde(tag = "notice_type", rename_all = "snake_case")]
pub(crate) enum Notice {
    GroupUpload {
        group_id: i64,
        user_id: i64,
        file: File,
    },
    GroupAdmin {
        sub_type: &'static str,
        group_id: i64,
        user_id: i64,
    },
    GroupIncrease {
        sub_type: &'static str,
        group_id: i64,
        operator_id: i64,
        user_id: i64,
    },
    GroupDecrease {
        sub_type: &'static str,
        group_id: i64,
        operator_id: i64,
        user_id: i64,
    },
    GroupBan {
        sub_type: &'static str,
        group_id: i64,
        operator_id: i64,
        /// 0 for everybody.
        user_id: i64,
        /// In seconds; -1 for everybody.
        duration: i64,
    },
    GroupRecall {
        group_id: i64,
        user_id: i64,
        operator_id: i64,
        message_id: i32,
    },
    FriendRecall {
        user_id: i64,
        message_id: i32,
    },
    FriendAdd {
        user_id: i64,
    },
    GroupNameChange {
        group_id: i64,
        name: String,
    },
    Notify {
        sub_type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        group_id: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        sender_id: Option<i64>,
        user_id: i64,
        target_id: i64,
        action: &'static str,
        suffix: &'static str,
        action_img_url: &'static str,
    },
}

/// A file in a `group_upload`.
#[derive(Serialize)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) busid: i64,
}

/// A request, without its envelope.
#[derive(Serialize)]
#[serde(tag = "request_type", rename_all = "snake_case")]
pub(crate) enum RequestEvent {
    Friend {
        user_id: i64,
        comment: String,
        flag: String,
    },
    Group {
        sub_type: &'static str,
        group_id: i64,
        user_id: i64,
        comment: String,
        flag: String,
    },
}

/// A message, without its envelope. It serves as event and as the data of `get_msg`.
#[derive(Serialize)]
struct MessageBody<'a> {
    message_type: &'static str,
    sub_type: &'static str,
    message_id: i32,
    real_id: i32,
    message_seq: i64,
    user_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_id: Option<i64>,
    /// The standard has it in groups: `null`, because nobody here hides their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    anonymous: Option<Value>,
    message: &'a [Segment],
    raw_message: String,
    font: i64,
    sender: Value,
}

pub(crate) fn notice(world: &World, now: Timestamp, notice: Notice) -> String {
    text(&Envelope {
        time: now.unix_s(),
        self_id: world.self_id,
        post_type: "notice",
        body: notice,
    })
}

pub(crate) fn request(world: &World, now: Timestamp, request: RequestEvent) -> String {
    text(&Envelope {
        time: now.unix_s(),
        self_id: world.self_id,
        post_type: "request",
        body: request,
    })
}

/// The event of a message.
pub(crate) fn message(world: &World, message: &Message) -> String {
    text(&enveloped(world, message))
}

/// What `get_msg` gives for a message: its event; for one of the bot's own, the event that was never sent.
pub(crate) fn message_data(world: &World, message: &Message) -> Value {
    serde_json::to_value(enveloped(world, message)).expect("an event has text keys only")
}

fn enveloped<'a>(world: &World, message: &'a Message) -> Envelope<MessageBody<'a>> {
    let own = message.sender_id == world.self_id;
    Envelope {
        time: message.time,
        self_id: world.self_id,
        post_type: if own { "message_sent" } else { "message" },
        body: message_body(world, message),
    }
}

fn message_body<'a>(world: &World, message: &'a Message) -> MessageBody<'a> {
    let own = message.sender_id == world.self_id;
    let (message_type, sub_type, group_id, target_id) = match message.chat {
        Chat::Group(group_id) => ("group", "normal", Some(group_id), None),
        Chat::User(user_id) => {
            let friend = world.person(user_id).is_ok_and(Person::is_friend);
            let sub_type = if friend { "friend" } else { "group" };
            let target_id = if own { user_id } else { world.self_id };
            // Koishi takes the target of a message from a group member for a group.
            ("private", sub_type, None, friend.then_some(target_id))
        }
    };
    MessageBody {
        message_type,
        sub_type,
        message_id: message.id,
        real_id: message.id,
        message_seq: message.seq,
        user_id: message.sender_id,
        group_id,
        target_id,
        anonymous: group_id.map(|_| Value::Null),
        message: &message.segments,
        raw_message: segment::to_cq(&message.segments),
        font: 0,
        sender: sender(world, message.chat, message.sender_id),
    }
}

/// Who sent a message. Of somebody who has left the group since then, nothing of the group is known.
fn sender(world: &World, chat: Chat, user_id: i64) -> Value {
    let person = world.person(user_id).ok();
    let mut sender = json!({
        "user_id": user_id,
        "nickname": person.map_or("", |person| &person.nickname),
        "sex": person.map_or(Sex::Unknown, |person| person.sex),
        "age": person.map_or(0, |person| person.age),
    });
    if let Chat::Group(group_id) = chat {
        let group = world.group(group_id).ok();
        let member = group.and_then(|group| group.member(user_id).ok());
        sender["card"] = member.map_or("", |member| &member.card).into();
        sender["area"] = "".into();
        sender["level"] = "1".into();
        sender["role"] = member
            .map_or(GroupRole::Member, |member| member.role)
            .name()
            .into();
        sender["title"] = member.map_or("", |member| &member.title).into();
    }
    sender
}

fn text(event: &impl Serialize) -> String {
    serde_json::to_string(event).expect("an event has text keys only")
}
