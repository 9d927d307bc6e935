//! The message that answers the one of the event.

use super::{QuickAction, QuickFault, action, context::Context, operation::Operation};
use crate::raw::between_quotes;

/// What the operation sends; `None` if it sends nothing.
pub(super) fn reply_action(
    context: &Context<'_>,
    operation: &Operation<'_>,
) -> Result<Option<QuickAction>, QuickFault> {
    let Some(reply) = Reply::read(operation)? else {
        return Ok(None);
    };
    if !context.is_in_group()? {
        let message = reply.alone();
        let mut params = vec![("user_id", context.user_id()?)];
        params.extend(context.group_between().map(|group| ("group_id", group)));
        params.push(("message", &message));
        return Ok(Some(action("send_private_msg", &params)));
    }
    let message = if operation.flag("at_sender")? && !context.is_anonymous() {
        reply.to(context.user_id()?)
    } else {
        reply.alone()
    };
    let params = [("group_id", context.group_id()?), ("message", &message)];
    Ok(Some(action("send_group_msg", &params)))
}

/// A reply that is not empty.
enum Reply<'a> {
    /// The inside of a raw string with CQ codes.
    Codes(&'a str),
    /// The inside of a raw string that is text as it stands.
    Text(&'a str),
    /// The inside of a raw array of segments.
    Segments(&'a str),
}

impl<'a> Reply<'a> {
    fn read(operation: &Operation<'a>) -> Result<Option<Self>, QuickFault> {
        let is_text = operation.flag("auto_escape")?;
        let Some(raw) = operation.get("reply") else {
            return Ok(None);
        };
        let read = if let Some(inside) = between_quotes(raw) {
            let codes = if is_text {
                Self::Text(inside)
            } else {
                Self::Codes(inside)
            };
            (codes, inside.is_empty())
        } else if let Some(inside) = within(raw, '[', ']') {
            (Self::Segments(inside), inside.is_empty())
        } else if let Some(members) = within(raw, '{', '}') {
            // One segment is an array of one.
            (Self::Segments(raw), members.is_empty())
        } else if super::operation::is_number(raw) {
            (Self::Text(raw), false)
        } else {
            return Err(QuickFault::Wrong { name: "reply" });
        };
        let (reply, is_empty) = read;
        Ok((!is_empty).then_some(reply))
    }

    /// The raw message by itself.
    fn alone(&self) -> String {
        match self {
            Self::Codes(inside) => format!("\"{inside}\""),
            Self::Text(inside) => format!("[{}]", text_segment(inside)),
            Self::Segments(segments) => format!("[{segments}]"),
        }
    }

    /// The raw message, for somebody who is mentioned.
    fn to(&self, user_id: &str) -> String {
        let user_id = between_quotes(user_id).unwrap_or(user_id);
        let segments = match self {
            // It stays a string: as segments it could be many times as long.
            Self::Codes(inside) => return format!(r#""[CQ:at,qq={user_id}] {inside}""#),
            Self::Text(inside) => text_segment(inside),
            Self::Segments(segments) => (*segments).to_owned(),
        };
        // The standard has arguments as strings.
        let mention = format!(r#"{{"type":"at","data":{{"qq":"{user_id}"}}}}"#);
        format!("[{mention},{},{segments}]", text_segment(" "))
    }
}

/// A segment with a text that is the inside of a raw string.
fn text_segment(inside: &str) -> String {
    format!(r#"{{"type":"text","data":{{"text":"{inside}"}}}}"#)
}

/// What stands between two brackets, without the blanks around it.
fn within(raw: &str, opening: char, closing: char) -> Option<&str> {
    let inside = raw.strip_prefix(opening)?.strip_suffix(closing)?;
    Some(inside.trim())
}
