//! What a framework's answer to an event asks for (OneBot v11, "快速操作"). Pure.

use http::{HeaderMap, HeaderValue, header};
use perpetua_words::{Message, post as words};
use serde::de::IgnoredAny;

use super::exchange::{Answer, LONGEST_ANSWER};

/// What an answer is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// Nothing is asked for. Most servers say something all the same: `OK`, a page, `null`.
    Nothing,
    /// A JSON object, whatever its `Content-Type`.
    Object(String),
    /// It may have asked for something, and nobody can tell what. To be said once.
    Lost(Message),
}

/// Reads an answer.
pub(super) fn wish(answer: &Answer) -> Wish {
    let (headers, body) = match answer {
        Answer::Whole(headers, body) => (headers, body),
        Answer::TooLarge => {
            let limit = format!("{} MiB", LONGEST_ANSWER >> 20);
            return Wish::Lost(words::AnswerTooLarge { limit }.into());
        }
        Answer::Unfinished => return Wish::Lost(words::AnswerUnfinished.into()),
    };
    if body.is_empty() {
        return Wish::Nothing;
    }
    let Some(text) = std::str::from_utf8(body).ok().filter(|_| is_plain(headers)) else {
        return Wish::Lost(words::AnswerUnreadable.into());
    };
    let text = text.trim_start_matches('\u{feff}').trim();
    if !text.starts_with('{') {
        return Wish::Nothing;
    }
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Wish::Object(text.to_owned()),
        Err(_) => Wish::Lost(words::AnswerNotObject.into()),
    }
}

/// Whether an answer comes as it is: we ask for nothing else.
fn is_plain(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut encodings = encodings.map(HeaderValue::as_bytes);
    encodings.all(|value| value.eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, header};
    use perpetua_words::{Message, post as words};

    use super::{Wish, wish};
    use crate::post::exchange::Answer;

    fn of(body: &[u8]) -> Wish {
        wish(&Answer::Whole(
            HeaderMap::new(),
            Bytes::copy_from_slice(body),
        ))
    }

    fn lost(message: impl Into<Message>) -> Wish {
        Wish::Lost(message.into())
    }

    #[test]
    fn most_answers_ask_for_nothing() {
        for body in [
            "",
            " \r\n",
            "OK",
            "\"ok\"",
            "null",
            "[]",
            "[{\"reply\":\"x\"}]",
            "1",
            "<!doctype html><p>{}",
            "\u{feff}OK",
        ] {
            assert_eq!(of(body.as_bytes()), Wish::Nothing, "{body}");
        }
    }

    #[test]
    fn an_object_asks_for_something_whatever_it_is_called() {
        for (body, object) in [
            ("{}", "{}"),
            ("\u{feff}{}", "{}"),
            ("\n {\"reply\":\"x\"} ", "{\"reply\":\"x\"}"),
        ] {
            let headers = HeaderMap::from_iter([(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html"),
            )]);
            let answer = Answer::Whole(headers, Bytes::from(body));
            assert_eq!(wish(&answer), Wish::Object(object.to_owned()));
        }
    }

    #[test]
    fn what_may_have_asked_for_something_is_told() {
        assert_eq!(of(b"{\"reply\":"), lost(words::AnswerNotObject));
        assert_eq!(of(b"{}{}"), lost(words::AnswerNotObject));
        assert_eq!(of(&[0x1f, 0x8b, 8, 0xff]), lost(words::AnswerUnreadable));
        let headers =
            HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);
        let answer = Answer::Whole(headers, Bytes::from_static(b"{}"));
        assert_eq!(wish(&answer), lost(words::AnswerUnreadable));
        assert_eq!(wish(&Answer::Unfinished), lost(words::AnswerUnfinished));
    }
}
