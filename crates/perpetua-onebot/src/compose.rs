//! Frames that the node itself gives: meta events, its own actions, refusals.
//!
//! All are compact JSON with non-ASCII unescaped and the keys in the order that cores use. Arguments
//! named raw are JSON text and go in as they are.

use serde_json::Value;

/// The meta event that a client must see first: `NoneBot` ignores all others before it.
///
/// `time_s` is in seconds since 1970.
pub fn lifecycle_connect(self_id: i64, time_s: i64) -> String {
    format!(
        r#"{{"time":{time_s},"self_id":{self_id},"post_type":"meta_event","meta_event_type":"lifecycle","sub_type":"connect"}}"#
    )
}

/// The same where events are posted: there the standard has another word for it.
pub fn lifecycle_enable(self_id: i64, time_s: i64) -> String {
    format!(
        r#"{{"time":{time_s},"self_id":{self_id},"post_type":"meta_event","meta_event_type":"lifecycle","sub_type":"enable"}}"#
    )
}

/// What a heartbeat tells a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The account.
    pub self_id: i64,
    /// Now, in seconds since 1970.
    pub time_s: i64,
    /// The time to the next heartbeat, in milliseconds.
    pub interval_ms: u64,
    /// Whether the account can send and receive, as far as the node knows.
    pub online: bool,
    /// The events that this client has missed; told only when there are any.
    pub dropped: u64,
}

/// The meta event that shows a client that its connection lives.
pub fn heartbeat(beat: &Heartbeat) -> String {
    let Heartbeat {
        self_id,
        time_s,
        interval_ms,
        online,
        dropped,
    } = beat;
    let dropped = if *dropped > 0 {
        format!(r#","dropped":{dropped}"#)
    } else {
        String::new()
    };
    format!(
        r#"{{"time":{time_s},"self_id":{self_id},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":{online},"good":{online}{dropped}}},"interval":{interval_ms}}}"#
    )
}

/// An action called `name`, with raw `params` and raw `echo`.
pub fn action(name: &str, params: &str, echo: &str) -> String {
    format!(
        r#"{{"action":{},"params":{params},"echo":{echo}}}"#,
        quoted(name)
    )
}

/// The response to an action that was done, with raw `data` and the caller's raw `echo`.
pub fn success(data: &str, echo: Option<&str>) -> String {
    format!(
        r#"{{"status":"ok","retcode":0,"data":{data}{}}}"#,
        echo_member(echo)
    )
}

/// The response to an action that is under way, with the caller's raw `echo`.
pub fn accepted(echo: Option<&str>) -> String {
    format!(
        r#"{{"status":"async","retcode":1,"data":null{}}}"#,
        echo_member(echo)
    )
}

/// The response to an action that was not done, with the caller's raw `echo`.
///
/// `message` goes into `msg`, `message` and `wording`, because frameworks differ in which one they show.
pub fn refusal(retcode: i64, message: &str, echo: Option<&str>) -> String {
    let message = quoted(message);
    let echo = echo_member(echo);
    format!(
        r#"{{"status":"failed","retcode":{retcode},"data":null,"msg":{message},"message":{message},"wording":{message}{echo}}}"#
    )
}

fn echo_member(echo: Option<&str>) -> String {
    echo.map_or_else(String::new, |echo| format!(r#","echo":{echo}"#))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Heartbeat, accepted, action, heartbeat, lifecycle_connect, refusal, success};
    use crate::{FrameKind, FrameLimits, peek};

    #[test]
    fn meta_events_are_as_cores_send_them() {
        assert_eq!(
            lifecycle_connect(20002, 1_700_000_000),
            r#"{"time":1700000000,"self_id":20002,"post_type":"meta_event","meta_event_type":"lifecycle","sub_type":"connect"}"#
        );
        let beat = Heartbeat {
            self_id: 20002,
            time_s: 1_700_000_000,
            interval_ms: 5000,
            online: true,
            dropped: 0,
        };
        assert_eq!(
            heartbeat(&beat),
            r#"{"time":1700000000,"self_id":20002,"post_type":"meta_event","meta_event_type":"heartbeat","status":{"online":true,"good":true},"interval":5000}"#
        );
    }

    #[test]
    fn a_heartbeat_tells_the_dropped_events_and_the_truth() {
        let beat = Heartbeat {
            self_id: 1,
            time_s: 2,
            interval_ms: 3,
            online: false,
            dropped: 4,
        };
        let text = heartbeat(&beat);
        let peek = peek(&text, &FrameLimits::default()).expect("a heartbeat is a frame");
        assert_eq!(
            peek.status,
            Some(r#"{"online":false,"good":false,"dropped":4}"#)
        );
    }

    #[test]
    fn raw_arguments_go_in_as_they_are() {
        assert_eq!(
            action("send_msg", r#"{"id": 1.0}"#, r#""p1""#),
            r#"{"action":"send_msg","params":{"id": 1.0},"echo":"p1"}"#
        );
        assert_eq!(
            success(r#"["\u4F60"]"#, Some("1e0")),
            r#"{"status":"ok","retcode":0,"data":["\u4F60"],"echo":1e0}"#
        );
        assert_eq!(
            accepted(None),
            r#"{"status":"async","retcode":1,"data":null}"#
        );
    }

    #[test]
    fn words_are_escaped_and_stay_readable() {
        assert_eq!(
            refusal(1404, "没有 \"x\"\n", Some("null")),
            r#"{"status":"failed","retcode":1404,"data":null,"msg":"没有 \"x\"\n","message":"没有 \"x\"\n","wording":"没有 \"x\"\n","echo":null}"#
        );
        let text = action("a\"b\\", "{}", "0");
        let peek = peek(&text, &FrameLimits::default()).expect("an action is a frame");
        assert_eq!(
            (peek.kind(), peek.action.as_deref()),
            (FrameKind::Action, Some("a\"b\\"))
        );
    }
}
