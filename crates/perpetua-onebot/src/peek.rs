//! What the routing needs to know of a frame.

use std::borrow::Cow;

use crate::spans::EchoSpans;

/// How large and deep a frame may be.
#[derive(Clone, Copy, Debug)]
pub struct FrameLimits {
    /// The most bytes a frame may have.
    pub max_bytes: usize,
    /// The most levels of objects and arrays, the frame's own object being level 1.
    pub max_depth: usize,
}

impl Default for FrameLimits {
    /// 64 MiB, because cores carry 50 MB of base64; 256 levels, far above any real message and
    /// far below what overflows the stack of a recursive parser.
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            max_depth: 256,
        }
    }
}

/// Which of the OneBot frames one is, told by its members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameKind {
    /// It has a string `post_type`.
    Event,
    /// Else it has a string `action`.
    Action,
    /// Else it has an `echo`, a `retcode` or a `status`.
    Response,
    /// It has none of them.
    Other,
}

/// What the routing needs to know of a frame; borrows from its text.
///
/// Ids are `i64` from a JSON integer (`7`, `7.0`) or from a string of one; another fraction, an exponent or
/// a number that does not fit gives `None`.
#[derive(Debug, Default)]
pub struct Peek<'a> {
    /// The kind of an event: `message`, `notice`, `request`, `meta_event`, …
    pub post_type: Option<Cow<'a, str>>,
    /// The kind of a meta event: `lifecycle` or `heartbeat`.
    pub meta_event_type: Option<Cow<'a, str>>,
    /// The kind of a notice.
    pub notice_type: Option<Cow<'a, str>>,
    /// The finer kind of an event.
    pub sub_type: Option<Cow<'a, str>>,
    /// The name of an action.
    pub action: Option<Cow<'a, str>>,
    /// The account that an event happened to.
    pub self_id: Option<i64>,
    /// The group that an event happened in.
    pub group_id: Option<i64>,
    /// The person that an event is about.
    pub user_id: Option<i64>,
    /// The outcome of an action.
    pub retcode: Option<i64>,
    /// The outcome of an action in a word, or in a heartbeat the state of the core; raw JSON.
    pub status: Option<&'a str>,
    /// The arguments of an action, raw JSON.
    pub params: Option<&'a str>,
    /// What an action gave, raw JSON.
    pub data: Option<&'a str>,
    /// `stream-action` in each response of a `NapCat` stream.
    pub stream: Option<Cow<'a, str>>,
    /// The raw value of the last `echo` member.
    pub(crate) echo: Option<&'a str>,
    /// Where all of them stand.
    pub(crate) spans: EchoSpans,
}

impl<'a> Peek<'a> {
    /// Which frame this is.
    pub fn kind(&self) -> FrameKind {
        if self.post_type.is_some() {
            FrameKind::Event
        } else if self.action.is_some() {
            FrameKind::Action
        } else if self.has_echo() || self.retcode.is_some() || self.status.is_some() {
            FrameKind::Response
        } else {
            FrameKind::Other
        }
    }

    /// The `echo` as raw JSON text, without the whitespace around it; the last one, should there be several.
    pub fn echo(&self) -> Option<&'a str> {
        self.echo
    }

    /// Whether the frame has an `echo` member, be it only `null`.
    pub fn has_echo(&self) -> bool {
        self.echo.is_some()
    }

    /// Where the echoes stand, for a splice when this peek is gone.
    pub fn echo_spans(&self) -> EchoSpans {
        self.spans.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{FrameKind, FrameLimits};
    use crate::peek;

    fn kind(text: &str) -> FrameKind {
        peek(text, &FrameLimits::default()).expect(text).kind()
    }

    #[test]
    fn the_members_tell_the_kind() {
        assert_eq!(
            kind(r#"{"post_type":"message","echo":1,"action":"a"}"#),
            FrameKind::Event
        );
        assert_eq!(
            kind(r#"{"post_type":"meta_event","status":{},"interval":5000}"#),
            FrameKind::Event
        );
        assert_eq!(
            kind(r#"{"action":"get_status","echo":1,"status":"ok"}"#),
            FrameKind::Action
        );
        assert_eq!(kind(r#"{"echo":null}"#), FrameKind::Response);
        assert_eq!(kind(r#"{"retcode":0}"#), FrameKind::Response);
        assert_eq!(kind(r#"{"status":"ok"}"#), FrameKind::Response);
        assert_eq!(kind("{}"), FrameKind::Other);
    }

    #[test]
    fn a_kind_of_the_wrong_type_does_not_count() {
        assert_eq!(
            kind(r#"{"post_type":null,"action":7,"echo":1}"#),
            FrameKind::Response
        );
        assert_eq!(
            kind(r#"{"post_type":"notice","post_type":[]}"#),
            FrameKind::Other
        );
    }
}
