//! The texts that clients and upstreams send in the property test.

use serde_json::json;

use crate::operation::{Event, Part, Pick, Response, Spelling, What};

/// Echoes of every JSON type, some that look like the hub's own, and none at all.
const ECHOES: [Option<&str>; 18] = [
    None,
    Some("\"1\""),
    Some("1"),
    Some("1.50"),
    Some("-2e-3"),
    Some("9007199254740993123456"),
    Some("{\"seq\": 1}"),
    Some("{ \"echo\":\"p1\",\n\"seq\" :[ ] }"),
    Some("[1, \"a\"]"),
    Some("true"),
    Some("false"),
    Some("null"),
    Some("\"\""),
    Some("0"),
    Some("\"p1\""),
    Some("\"p2\""),
    Some("\"\\u4f60\u{4f60}\\n\\\"\""),
    Some("\" with spaces \""),
];

/// Frames that are no action, and the echo by which they can be answered.
const MALFORMED: [(&str, Option<&str>); 10] = [
    ("no json", None),
    ("", None),
    ("[1,2]", None),
    ("{}", None),
    ("{\"params\":{}}", None),
    ("{\"echo\":\"m\",\"action\":", Some("\"m\"")),
    (
        "{\"echo\":{\"seq\": 4},\"action\":\"send_msg\"",
        Some("{\"seq\": 4}"),
    ),
    ("{\"action\":5,\"echo\":null}", Some("null")),
    (
        "{\"post_type\":\"message\",\"action\":\"send_msg\",\"echo\":7}",
        Some("7"),
    ),
    // An answer is not answered.
    ("{\"status\":\"ok\",\"retcode\":0,\"echo\":\"p1\"}", None),
];

/// What an upstream may send that answers nobody, and whether it looks like a response.
const STRAYS: [(&str, bool); 10] = [
    (
        "{\"status\":\"ok\",\"retcode\":0,\"data\":null,\"echo\":\"p999999\"}",
        true,
    ),
    (
        "{\"status\":\"ok\",\"retcode\":0,\"data\":null,\"echo\":5}",
        true,
    ),
    (
        "{\"status\":\"ok\",\"retcode\":0,\"data\":null,\"echo\":{\"seq\":1}}",
        true,
    ),
    (
        "{\"status\":\"ok\",\"retcode\":0,\"data\":null,\"echo\":[\"p1\"]}",
        true,
    ),
    (
        "{\"status\":\"ok\",\"retcode\":0,\"data\":null,\"echo\":null}",
        true,
    ),
    (
        "{\"status\":\"ok\",\"retcode\":0,\"data\":null,\"echo\":\"p99999999999999999999\"}",
        true,
    ),
    (
        "{\"status\":\"failed\",\"retcode\":1403,\"data\":null}",
        true,
    ),
    ("{\"action\":\"send_msg\",\"params\":{}}", false),
    ("{}", false),
    ("p1", false),
];

/// The words of the upstream's `bot_offline` notice.
pub(crate) const KICK: &str = "kicked";

/// An echo of a client's.
pub(crate) fn echo(pick: Pick) -> Option<&'static str> {
    ECHOES[usize::from(pick) % ECHOES.len()]
}

/// A frame that is no action.
pub(crate) fn malformed(pick: Pick) -> (&'static str, Option<&'static str>) {
    MALFORMED[usize::from(pick) % MALFORMED.len()]
}

/// A frame that answers nobody.
pub(crate) fn stray(pick: Pick) -> (&'static str, bool) {
    STRAYS[usize::from(pick) % STRAYS.len()]
}

/// An object with `members` and perhaps an echo.
fn object(members: &str, echo: Option<&str>, spelling: Spelling) -> String {
    match (echo, spelling) {
        (None, Spelling::First | Spelling::Last) => format!("{{{members}}}"),
        (None, Spelling::Spaced) => format!("{{{members}\n}}"),
        (Some(echo), Spelling::First) => format!("{{\"echo\":{echo},{members}}}"),
        (Some(echo), Spelling::Last) => format!("{{{members},\"echo\":{echo}}}"),
        (Some(echo), Spelling::Spaced) => format!("{{{members},\"\\u0065cho\" :\t{echo}\n}}"),
    }
}

/// An action that can be told from all others by its token.
pub(crate) fn action(name: &str, token: usize, echo: Option<&str>, spelling: Spelling) -> String {
    let members =
        format!("\"action\":\"{name}\",\"params\":{{\"token\":{token},\"text\":\"\\u4f60\"}}");
    object(&members, echo, spelling)
}

/// A response to the action with this token; to the hub's own question without one.
pub(crate) fn response(token: Option<usize>, echo: Option<&str>, how: Response) -> String {
    let status = match how.part {
        Part::Failed => "\"status\":\"failed\",\"retcode\":100",
        Part::Unsigned => "\"status\":\"failed\",\"retcode\":9057",
        Part::NoSuchAction => "\"status\":\"failed\",\"retcode\":1404",
        _ => "\"status\":\"ok\",\"retcode\":0",
    };
    let data = data(token, how);
    let stream = match how.part {
        Part::Chunk | Part::LastChunk => "stream-action",
        Part::Whole | Part::Failed | Part::NoSuchAction | Part::Unsigned => "normal-action",
    };
    object(
        &format!("{status},\"data\":{data},\"stream\":\"{stream}\""),
        echo,
        how.spelling,
    )
}

/// What such a response gives.
pub(crate) fn data(token: Option<usize>, how: Response) -> String {
    match (how.part, token) {
        (Part::Failed | Part::NoSuchAction | Part::Unsigned, _) => "null".to_owned(),
        (Part::Chunk, token) => format!(
            "{{\"type\":\"stream\",\"token\":{}}}",
            token.unwrap_or_default()
        ),
        (Part::LastChunk, _) => last_chunk(how.account),
        (Part::Whole, Some(token)) => {
            format!("{{\"token\":{token},\"id\":9007199254740993123, \"x\":1.0}}")
        }
        (Part::Whole, None) => login(how.account),
    }
}

/// Who the account is.
pub(crate) fn login(account: i64) -> String {
    format!("{{\"user_id\": {account},\"nickname\":\"\\u4f60\"}}")
}

/// The end of a streamed answer.
pub(crate) fn last_chunk(account: i64) -> String {
    format!("{{\"type\":\"response\",\"user_id\":{account}}}")
}

/// An event as the upstream sends it, and as clients are to see it.
pub(crate) fn event(event: &Event, number: u64) -> (String, String) {
    let kind = match event.what {
        What::Message => "\"post_type\":\"message\",\"message_id\":-9007199254740993",
        What::Notice => "\"post_type\":\"notice\",\"notice_type\":\"notify\"",
        What::Request => "\"post_type\":\"request\",\"request_type\":\"friend\"",
        What::OtherMeta => "\"post_type\":\"meta_event\",\"meta_event_type\":\"weather\"",
        What::BotOffline => {
            "\"post_type\":\"notice\",\"notice_type\":\"bot_offline\",\"message\":\"kicked\""
        }
        What::BotOnline => "\"post_type\":\"notice\",\"notice_type\":\"bot_online\"",
        What::Lifecycle => "\"post_type\":\"meta_event\",\"meta_event_type\":\"lifecycle\"",
        What::Heartbeat { online: true } => {
            "\"post_type\":\"meta_event\",\"meta_event_type\":\"heartbeat\",\"status\":{\"online\":true}"
        }
        What::Heartbeat { online: false } => {
            "\"post_type\":\"meta_event\",\"meta_event_type\":\"heartbeat\",\"status\":{\"online\":false}"
        }
    };
    let account = event
        .account
        .map_or_else(String::new, |id| format!("\"self_id\":{id},"));
    let padding = "x".repeat(event.padding);
    let members = format!("{account}{kind},\"number\":{number},\"padding\":\"{padding}\"");
    let echo = if event.echo.is_multiple_of(3) {
        echo(event.echo / 3)
    } else {
        None
    };
    let spelling = if event.echo.is_multiple_of(2) {
        Spelling::First
    } else {
        Spelling::Last
    };
    (
        object(&members, echo, spelling),
        object(&members, None, spelling),
    )
}

/// An action of perpetua's own; `null` and absent are to be the same.
pub(crate) fn extension(action: &str, params: &serde_json::Value, echo: Option<&str>) -> String {
    let members = format!("\"action\":{},\"params\":{params}", json!(action));
    object(&members, echo, Spelling::Last)
}
