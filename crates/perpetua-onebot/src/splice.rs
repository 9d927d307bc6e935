//! Changes a frame's echo by cutting and joining its text.
//!
//! Nothing else is touched: `\u4F60` stays an escape, a 19-digit id keeps every digit, keys keep their order.
//! Both functions want the [`Peek`] that [`peek`](crate::peek()) gave for this very text, and panic or
//! return nonsense with that of another.

use crate::peek::Peek;

/// The frame with every `echo` value replaced by `echo` (raw JSON), or with an `echo` member put first
/// when it had none. All other bytes stay.
pub fn with_echo(text: &str, peek: &Peek<'_>, echo: &str) -> String {
    peek.spans.replace(text, echo)
}

/// The frame without any `echo` member. All other bytes stay, apart from the commas that belonged to it.
pub fn without_echo(text: &str, peek: &Peek<'_>) -> String {
    peek.spans.remove(text)
}

#[cfg(test)]
mod tests {
    use super::{with_echo, without_echo};
    use crate::{Limits, peek};

    fn with(text: &str, echo: &str) -> String {
        with_echo(text, &peek(text, &Limits::default()).expect(text), echo)
    }

    fn without(text: &str) -> String {
        without_echo(text, &peek(text, &Limits::default()).expect(text))
    }

    #[test]
    fn an_echo_is_replaced_where_it_stands() {
        assert_eq!(
            with(r#"{"a":1,"echo" : {"x":[]} ,"b":2}"#, r#""p7""#),
            r#"{"a":1,"echo" : "p7" ,"b":2}"#
        );
        assert_eq!(with(r#"{"\u0065cho":null}"#, "1"), r#"{"\u0065cho":1}"#);
    }

    #[test]
    fn a_missing_echo_is_put_first() {
        assert_eq!(with(" { \"a\":1}", "null"), " {\"echo\":null, \"a\":1}");
        assert_eq!(with("{}", "1"), r#"{"echo":1}"#);
        assert_eq!(with("{\n}", "1"), "{\"echo\":1\n}");
    }

    #[test]
    fn every_echo_is_replaced_and_removed() {
        assert_eq!(
            with(r#"{"echo":1,"a":"echo","echo":[2]}"#, "3"),
            r#"{"echo":3,"a":"echo","echo":3}"#
        );
        assert_eq!(
            without(r#"{"echo":1,"a":"echo","echo":[2]}"#),
            r#"{"a":"echo"}"#
        );
        assert_eq!(without(r#"{"a":1,"echo":1,"echo":2}"#), r#"{"a":1}"#);
        assert_eq!(without(r#"{"echo":1,"echo":2,"echo":3}"#), "{}");
    }

    #[test]
    fn a_removed_echo_takes_one_comma() {
        assert_eq!(without(r#"{"echo":1,"a":2}"#), r#"{"a":2}"#);
        assert_eq!(without(r#"{"a":2,"echo":1}"#), r#"{"a":2}"#);
        assert_eq!(
            without("{\n \"a\": 2 ,\n \"echo\": 1\n}"),
            "{\n \"a\": 2 \n \n}"
        );
        assert_eq!(without("{ \"echo\": 1 , \"a\": 2 }"), "{   \"a\": 2 }");
        assert_eq!(without(r#"{"a":","}"#), r#"{"a":","}"#);
    }

    #[test]
    fn an_echo_below_the_top_is_left() {
        let text = r#"{"params":{"echo":1},"data":["echo",{"echo":2}]}"#;
        assert_eq!(without(text), text);
    }
}
