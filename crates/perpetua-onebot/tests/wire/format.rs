//! Messages in the other format, by example.

use perpetua_onebot::{CannotReshape, MessageFormat, reshape_answer, reshape_event};

const ROOM: usize = 1 << 20;

fn event(message: &str) -> String {
    format!(
        r#"{{ "time":1, "message":{message},"raw_message":"as it came [CQ:x]","message_format":"array","big":12345678901234567890.10 }}"#
    )
}

/// What `message` of an event becomes. Nothing else changes but the name of the format.
fn reshaped(message: &str, to: MessageFormat) -> String {
    let before = event(message);
    let after = reshape_event(&before, to, ROOM).expect(message);
    let after = after.unwrap_or_else(|| panic!("{message} has the format already"));
    let around = event("%").replace("array", to.word());
    let (start, end) = around.split_once('%').expect("two parts");
    let inner = after
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    inner.unwrap_or_else(|| panic!("{after}")).to_owned()
}

fn to_string(message: &str) -> String {
    reshaped(message, MessageFormat::String)
}

fn to_array(message: &str) -> String {
    let before = event(message).replace("\"array\"", "\"string\"");
    let after = reshape_event(&before, MessageFormat::Array, ROOM).expect(message);
    let around = event("%");
    let (start, end) = around.split_once('%').expect("two parts");
    let after = after.unwrap_or_else(|| panic!("{message} is an array already"));
    let inner = after
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    inner.unwrap_or_else(|| panic!("{after}")).to_owned()
}

fn there_and_back(array: &str, string: &str) {
    assert_eq!(to_string(array), string);
    assert_eq!(to_array(string), array);
}

/// `CONNECTIONS.md`, C33.
#[test]
fn a_string_is_made_of_the_message_with_all_that_it_has() {
    there_and_back(
        r#"[{"type":"text","data":{"text":"  hi \n"}},{"type":"image","data":{"file":"W@C]@9[S,1&.jpg","summary":"","url":"http://h/?a=1&b=2"}}]"#,
        r#""  hi \n[CQ:image,file=W@C&#93;@9&#91;S&#44;1&amp;.jpg,summary=,url=http://h/?a=1&amp;b=2]""#,
    );
}

/// `CONNECTIONS.md`, C34: what a person types is no code, and what is unescaped is not unescaped once more.
#[test]
fn what_a_person_types_comes_back_the_same() {
    for (typed, written) in [
        ("[CQ:image,file=x]", "&#91;CQ:image,file=x&#93;"),
        ("&#91;", "&amp;#91;"),
        ("&amp;#44;", "&amp;amp;#44;"),
        ("a,b", "a,b"),
    ] {
        there_and_back(
            &format!(r#"[{{"type":"text","data":{{"text":"{typed}"}}}}]"#),
            &format!("\"{written}\""),
        );
    }
    there_and_back(
        r#"[{"type":"x","data":{"k":"&#44;"}}]"#,
        r#""[CQ:x,k=&amp;#44;]""#,
    );
    // No program writes it; those that read it take it for a comma.
    assert_eq!(
        to_array(r#""a&#44;b""#),
        r#"[{"type":"text","data":{"text":"a,b"}}]"#
    );
}

/// `CONNECTIONS.md`, C35.
#[test]
fn cards_of_json_come_back_byte_for_byte() {
    there_and_back(
        r#"[{"type":"json","data":{"data":"{\"a\":[1,2],\"p\":\"[x]&\",\"t\":\"&#44;\"}"}}]"#,
        r#""[CQ:json,data={\"a\":&#91;1&#44;2&#93;&#44;\"p\":\"&#91;x&#93;&amp;\"&#44;\"t\":\"&amp;#44;\"}]""#,
    );
}

#[test]
fn escapes_stay_and_those_of_brackets_are_seen_through() {
    there_and_back(
        r#"[{"type":"text","data":{"text":"\u4F60\ud83d\\\u0022\/"}}]"#,
        r#""\u4F60\ud83d\\\u0022\/""#,
    );
    // As .NET writes them.
    assert_eq!(
        to_array(r#""\u0026amp;\u005bCQ:at\u002Cqq=1\u005d\u0026#44;""#),
        r#"[{"type":"text","data":{"text":"&"}},{"type":"at","data":{"qq":"1"}},{"type":"text","data":{"text":","}}]"#
    );
    assert_eq!(
        to_string(r#"[{"\u0074ype":"t\u0065xt","data":{"t\u0065xt":"\u005b\u0026\u002c"}}]"#),
        r#""&#91;&amp;,""#
    );
    assert_eq!(
        to_string(r#"[{"type":"\u0061t","data":{"\u0071q":"\u002c"}}]"#),
        r#""[CQ:at,qq=&#44;]""#
    );
}

#[test]
fn values_that_are_no_strings_keep_their_digits() {
    assert_eq!(
        to_string(
            r#"[{"type":"x","data":{"n":1234567890123456789.10,"b":true,"none":null,"o":{ "a" : [1,"]"] }}},{"type":"text","data":{"text":12.0}}]"#
        ),
        r#""[CQ:x,n=1234567890123456789.10,b=true,o={ \"a\" : &#91;1&#44;\"&#93;\"&#93; }]12.0""#
    );
}

#[test]
fn messages_may_be_empty_or_one_segment() {
    there_and_back("[]", r#""""#);
    assert_eq!(to_string(r#"{"type":"shake"}"#), r#""[CQ:shake]""#);
    assert_eq!(
        to_string(r#"[{"type":"shake","data":null}]"#),
        r#""[CQ:shake]""#
    );
    assert_eq!(
        to_string(r#"[{"type":"text","data":{}},{"type":"text"}]"#),
        r#""""#
    );
}

#[test]
fn what_has_the_format_stays_as_it_came() {
    for (text, to) in [
        (event("[]"), MessageFormat::Array),
        (event("{}"), MessageFormat::Array),
        (
            event("\"\"").replace("\"array\"", "\"string\""),
            MessageFormat::String,
        ),
        (
            event("null").replace("\"array\"", "null"),
            MessageFormat::String,
        ),
        (event("7"), MessageFormat::String),
        (
            r#"{"message_format":"array","content":[]}"#.to_owned(),
            MessageFormat::String,
        ),
        ("{}".to_owned(), MessageFormat::Array),
    ] {
        assert_eq!(reshape_event(&text, to, ROOM), Ok(None), "{text}");
    }
    // Where the two differ, the message is right.
    assert_eq!(
        reshape_event(
            r#"{"message":"x","message_format":"array"}"#,
            MessageFormat::String,
            ROOM
        ),
        Ok(Some(
            r#"{"message":"x","message_format":"string"}"#.to_owned()
        ))
    );
}

#[test]
fn what_codes_cannot_hold_is_not_changed() {
    for message in [
        "[1]",
        "[{}]",
        "[[]]",
        r#"[{"type":"a b"}]"#,
        r#"[{"type":1}]"#,
        r#"[{"type":"x","data":[]}]"#,
        r#"[{"type":"x","data":{"a b":1}}]"#,
        r#"[{"type":"x","data":{"":1}}]"#,
        r#"[{"type":"text","data":"x"}]"#,
        r#"{"no":"type"}"#,
    ] {
        let event = event(message);
        assert_eq!(
            reshape_event(&event, MessageFormat::String, ROOM),
            Err(CannotReshape),
            "{message}"
        );
    }
    for text in ["", "[]", "{", r#"{"message":}"#, "\u{feff}{}"] {
        assert_eq!(
            reshape_event(text, MessageFormat::String, ROOM),
            Err(CannotReshape)
        );
        assert_eq!(
            reshape_answer(text, MessageFormat::String, ROOM),
            Err(CannotReshape)
        );
    }
}

#[test]
fn a_message_grows_to_the_limit_and_no_further() {
    let codes = event(&format!("\"{}\"", "[CQ:a]".repeat(1000)));
    let grown = reshape_event(&codes, MessageFormat::Array, ROOM)
        .expect("room")
        .expect("another");
    assert!(grown.len() > 3 * codes.len());
    assert!(reshape_event(&codes, MessageFormat::Array, grown.len()).is_ok());
    assert_eq!(
        reshape_event(&codes, MessageFormat::Array, grown.len() - 1),
        Err(CannotReshape)
    );
}

/// Each way in which implementations put messages into answers; `CONNECTIONS.md`, C37.
#[test]
fn messages_within_answers_get_the_format_too() {
    for (answer, other) in [
        (
            r#"{"status":"ok","retcode":0,"data":{"message_id":1,"message":[{"type":"at","data":{"qq":"1"}}],"message_format":"array"},"echo":{"message":[]}}"#,
            r#"{"status":"ok","retcode":0,"data":{"message_id":1,"message":"[CQ:at,qq=1]","message_format":"string"},"echo":{"message":[]}}"#,
        ),
        (
            r#"{"data":{"messages":[{"message_format":"array","message":[{"type":"face","data":{"id":"1"}}]},{"message":[]}]}}"#,
            r#"{"data":{"messages":[{"message_format":"string","message":"[CQ:face,id=1]"},{"message":""}]}}"#,
        ),
        (
            r#"{"data":{"message":[{"type":"node","data":{"user_id":"1","content":[{"type":"text","data":{"text":"a"}}]}},{"type":"node","data":{"content":[{"type":"node","data":{"content":[{"type":"text","data":{"text":"b"}}]}}]}}]}}"#,
            r#"{"data":{"message":[{"type":"node","data":{"user_id":"1","content":"a"}},{"type":"node","data":{"content":[{"type":"node","data":{"content":"b"}}]}}]}}"#,
        ),
        (
            r#"{"data":{"messages":[null,{"message_id":1},{"message":[{"type":"text","data":{"text":"a"}}]}]}}"#,
            r#"{"data":{"messages":[null,{"message_id":1},{"message":"a"}]}}"#,
        ),
        (
            r#"{"data":{"messages":[{"content":[{"type":"text","data":{"text":"a"}}],"message_format":"array"}]}}"#,
            r#"{"data":{"messages":[{"content":"a","message_format":"string"}]}}"#,
        ),
        (
            r#"{"data":{"messages":[{"content":[{"sender":{},"message":[{"type":"text","data":{"text":"a"}}]}]}]}}"#,
            r#"{"data":{"messages":[{"content":[{"sender":{},"message":"a"}]}]}}"#,
        ),
    ] {
        let to = |text: &str, to| reshape_answer(text, to, ROOM).expect(text);
        assert_eq!(to(answer, MessageFormat::String).as_deref(), Some(other));
        assert_eq!(to(other, MessageFormat::Array).as_deref(), Some(answer));
        assert_eq!(to(answer, MessageFormat::Array), None);
        assert_eq!(to(other, MessageFormat::String), None);
    }
}

#[test]
fn an_answer_without_a_message_stays_as_it_came() {
    for text in [
        r#"{"data":null,"message":[1],"wording":"x"}"#,
        r#"{"data":{"message_id":1},"message":["of the frame itself"]}"#,
        r#"{"data":[{"message":[1]}]}"#,
        r#"{"data":{"messages":"[CQ:a]"}}"#,
        r#"{"data":{"messages":[1,null]}}"#,
    ] {
        for to in [MessageFormat::Array, MessageFormat::String] {
            assert_eq!(reshape_answer(text, to, ROOM), Ok(None), "{text}");
        }
    }
}

#[test]
fn what_was_forwarded_ever_deeper_is_left_as_it_came() {
    let nested = |depth: usize| {
        let (start, end) = (r#"[{"type":"node","data":{"content":"#, "}}]");
        let inner = r#"[{"type":"text","data":{"text":"a"}}]"#;
        format!(
            r#"{{"data":{{"message":{}{inner}{}}}}}"#,
            start.repeat(depth),
            end.repeat(depth)
        )
    };
    assert!(matches!(
        reshape_answer(&nested(15), MessageFormat::String, ROOM),
        Ok(Some(_))
    ));
    assert_eq!(
        reshape_answer(&nested(16), MessageFormat::String, ROOM),
        Err(CannotReshape)
    );
}
