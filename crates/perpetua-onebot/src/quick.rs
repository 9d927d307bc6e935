//! Quick operations: what a bot wants done about an event, said beside the event, as the actions that do the same.
//!
//! Sources: the OneBot v11 standard (`event/message.md`, `event/request.md`, `api/hidden.md`), and for what it leaves
//! open what living implementations do. What is made of an operation, in this order:
//!
//! | member | action |
//! |---|---|
//! | `reply` | `send_group_msg` or `send_private_msg`; with `at_sender` a mention and a blank come first, as segments |
//! | `delete` | `delete_msg`; in groups, where alone the standard has it |
//! | `ban` | `set_group_ban` for `ban_duration` seconds, 30 minutes without; `set_group_anonymous_ban` if nobody knows who it was |
//! | `kick` | `set_group_kick`, with `reject_add_request` as it is said. It comes after `ban`: nobody can be banned who has left, and whoever cannot be kicked is silent at least |
//! | `approve` | `set_friend_add_request` with `remark`, `set_group_add_request` with `reason` |
//!
//! Where the standard and those that people use differ, these are followed: without `at_sender` nobody is mentioned.
//! No reply quotes the message. Who is anonymous is neither mentioned nor kicked. What is empty sends nothing, and a
//! number is sent as its digits. Parts of an operation that cannot be read keep all of it from being carried out.

mod context;
mod operation;
mod reply;

use perpetua_words::{Message, quick as words};
use serde_json::Value;

use context::Context;
use operation::Operation;

/// Seconds of a ban that does not say how long it lasts.
const BAN_SECONDS: &str = "1800";

/// One action that an operation stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuickAction {
    /// Its name.
    pub action: &'static str,
    /// Its parameters: a JSON object.
    pub params: String,
}

impl QuickAction {
    /// The action as a frame without an echo.
    pub fn frame(&self) -> String {
        let action = Value::from(self.action);
        format!(r#"{{"action":{action},"params":{}}}"#, self.params)
    }
}

/// Why an operation is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Message::from(self))]
pub enum QuickFault {
    /// The event or the operation is not a JSON object.
    NotAnObject {
        /// `context` or `operation`.
        what: &'static str,
    },
    /// The event has no such member, and the operation needs it.
    Lacks {
        /// The member.
        name: &'static str,
    },
    /// This member of the operation has a value that nothing can be made of.
    Wrong {
        /// The member.
        name: &'static str,
    },
}

impl From<&QuickFault> for Message {
    fn from(fault: &QuickFault) -> Self {
        match *fault {
            QuickFault::NotAnObject { what } => words::NotAnObject { what }.into(),
            QuickFault::Lacks { name } => words::Lacks { name }.into(),
            QuickFault::Wrong { name } => words::Wrong { name }.into(),
        }
    }
}

/// The actions that an operation about an event stands for, in the order in which they are to be done. Both are JSON
/// objects as they came; of the event only those members are needed that the operation uses.
///
/// Events about which nothing can be asked (notices, meta events) give none.
pub fn quick_actions(context: &[u8], operation: &[u8]) -> Result<Vec<QuickAction>, QuickFault> {
    let context = Context::read(context)?;
    let operation = Operation::read(operation)?;
    let mut actions = Vec::new();
    match context.post_type()? {
        "message" | "message_sent" => on_message(&context, &operation, &mut actions)?,
        "request" => actions.extend(on_request(&context, &operation)?),
        _ => {}
    }
    Ok(actions)
}

fn on_message(
    context: &Context<'_>,
    operation: &Operation<'_>,
    actions: &mut Vec<QuickAction>,
) -> Result<(), QuickFault> {
    actions.extend(reply::reply_action(context, operation)?);
    let wants = |name| operation.flag(name);
    let (delete, ban, kick) = (wants("delete")?, wants("ban")?, wants("kick")?);
    if !(delete || ban || kick) || !context.is_in_group()? {
        return Ok(());
    }
    if delete {
        let message_id = context.message_id()?;
        actions.push(action("delete_msg", &[("message_id", message_id)]));
    }
    if ban {
        actions.push(ban_action(context, operation)?);
    }
    if kick && !context.is_anonymous() {
        let for_good = operation.flag("reject_add_request")?.to_string();
        let params = [
            ("group_id", context.group_id()?),
            ("user_id", context.user_id()?),
            ("reject_add_request", &for_good),
        ];
        actions.push(action("set_group_kick", &params));
    }
    Ok(())
}

fn ban_action(context: &Context<'_>, operation: &Operation<'_>) -> Result<QuickAction, QuickFault> {
    let duration = operation.seconds("ban_duration")?;
    let duration = duration.as_deref().unwrap_or(BAN_SECONDS);
    let group = ("group_id", context.group_id()?);
    let duration = ("duration", duration);
    Ok(if context.is_anonymous() {
        let whom = ("anonymous", context.anonymous()?);
        action("set_group_anonymous_ban", &[group, whom, duration])
    } else {
        let whom = ("user_id", context.user_id()?);
        action("set_group_ban", &[group, whom, duration])
    })
}

/// Without `approve` the bot leaves the request to somebody else.
fn on_request(
    context: &Context<'_>,
    operation: &Operation<'_>,
) -> Result<Option<QuickAction>, QuickFault> {
    if operation.get("approve").is_none() {
        return Ok(None);
    }
    let approve = operation.flag("approve")?.to_string();
    let (name, text) = if context.is_of_group()? {
        ("set_group_add_request", "reason")
    } else {
        ("set_friend_add_request", "remark")
    };
    let mut params = vec![("flag", context.flag()?), ("approve", approve.as_str())];
    if text == "reason" {
        params.push(("sub_type", context.sub_type()?));
    }
    let words = operation.words(text)?;
    params.extend(words.as_deref().map(|words| (text, words)));
    Ok(Some(action(name, &params)))
}

/// An action with raw parameters.
fn action(action: &'static str, params: &[(&str, &str)]) -> QuickAction {
    let members: Vec<String> = params
        .iter()
        .map(|(name, raw)| format!("{}:{raw}", Value::from(*name)))
        .collect();
    QuickAction {
        action,
        params: format!("{{{}}}", members.join(",")),
    }
}
