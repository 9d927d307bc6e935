//! The JSON grammar above its tokens, in one pass and without recursion.

use crate::cursor::{Cursor, Fault, FaultKind, Span};
use crate::nesting::Nesting;

/// How deep a value on its own may nest: as deep as a whole frame.
pub(crate) const MAX_DEPTH_OF_ONE: usize = 256;

/// Reads one JSON object, and gives `take` the key and value of each member as soon as it is whole.
///
/// Refuses what nests deeper than `max_depth`, the object itself being level 1.
#[inline]
pub(crate) fn members(
    text: &str,
    max_depth: usize,
    mut take: impl FnMut(Span, Span),
) -> Result<(), Fault> {
    let mut cursor = Cursor::new(text.as_bytes());
    if cursor.token() != Some(b'{') {
        return Err(cursor.fault(FaultKind::NotAnObject));
    }
    let Some(levels_below) = max_depth.checked_sub(1) else {
        return Err(cursor.fault(FaultKind::TooDeep));
    };
    cursor.step();
    if cursor.token() == Some(b'}') {
        cursor.step();
        return end(cursor);
    }
    loop {
        let key = cursor.key()?;
        let value = value(&mut cursor, levels_below)?;
        take(key, value);
        match cursor.token() {
            Some(b',') => cursor.step(),
            Some(b'}') => {
                cursor.step();
                return end(cursor);
            }
            _ => return Err(cursor.syntax("expected `,` or `}`")),
        }
    }
}

/// Reads one JSON array, and gives `take` each of its elements as soon as it is whole.
///
/// Refuses what nests deeper than `max_depth`, the array itself being level 1.
pub(crate) fn elements(
    text: &str,
    max_depth: usize,
    mut take: impl FnMut(Span),
) -> Result<(), Fault> {
    let mut cursor = Cursor::new(text.as_bytes());
    if cursor.token() != Some(b'[') {
        return Err(cursor.syntax("expected `[`"));
    }
    let Some(levels_below) = max_depth.checked_sub(1) else {
        return Err(cursor.fault(FaultKind::TooDeep));
    };
    cursor.step();
    if cursor.token() == Some(b']') {
        cursor.step();
        return end(cursor);
    }
    loop {
        take(value(&mut cursor, levels_below)?);
        match cursor.token() {
            Some(b',') => cursor.step(),
            Some(b']') => {
                cursor.step();
                return end(cursor);
            }
            _ => return Err(cursor.syntax("expected `,` or `]`")),
        }
    }
}

/// How many bytes the JSON value has with which `text` begins, or how many stand before what keeps them
/// from being one. Whether its strings are UTF-8 is not looked at.
pub(crate) fn value_length(text: &[u8]) -> Result<usize, usize> {
    let mut cursor = Cursor::new(text);
    let value = value(&mut cursor, MAX_DEPTH_OF_ONE).map_err(|fault| fault.at)?;
    Ok(value.end)
}

fn end(mut cursor: Cursor<'_>) -> Result<(), Fault> {
    match cursor.token() {
        None => Ok(()),
        Some(_) => Err(cursor.syntax("more text behind the object")),
    }
}

#[inline]
fn value(cursor: &mut Cursor<'_>, max_depth: usize) -> Result<Span, Fault> {
    let token = cursor.token();
    let start = cursor.at();
    let mut is_escaped = false;
    match token {
        Some(b'"') => is_escaped = cursor.string()?,
        Some(b'{' | b'[') => *cursor = behind_nested(*cursor, max_depth)?,
        _ => cursor.scalar()?,
    }
    Ok(Span {
        start,
        end: cursor.at(),
        is_escaped,
    })
}

/// The place behind the object or array that stands at `cursor`.
#[inline(never)] // Its loop has the registers for itself.
fn behind_nested(mut cursor: Cursor<'_>, max_depth: usize) -> Result<Cursor<'_>, Fault> {
    let mut nesting = Nesting::default();
    loop {
        if nesting.is_object() {
            cursor.key()?;
        }
        match cursor.token() {
            Some(b'"') => {
                cursor.string()?;
            }
            Some(bracket @ (b'{' | b'[')) => {
                if nesting.depth() == max_depth {
                    return Err(cursor.fault(FaultKind::TooDeep));
                }
                cursor.step();
                nesting.open(bracket == b'{');
                if cursor.token() != Some(nesting.closing_bracket()) {
                    continue;
                }
                cursor.step();
                nesting.close();
            }
            _ => cursor.scalar()?,
        }
        // A value has ended, and with it perhaps those that it is the last one of.
        loop {
            if nesting.depth() == 0 {
                return Ok(cursor);
            }
            match cursor.token() {
                Some(b',') => {
                    cursor.step();
                    break;
                }
                Some(byte) if byte == nesting.closing_bracket() => {
                    cursor.step();
                    nesting.close();
                }
                _ if nesting.is_object() => return Err(cursor.syntax("expected `,` or `}`")),
                _ => return Err(cursor.syntax("expected `,` or `]`")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::members;
    use crate::cursor::{Fault, FaultKind};

    fn scan(text: &str, max_depth: usize) -> Result<usize, Fault> {
        let mut count = 0;
        members(text, max_depth, |_, _| count += 1).map(|()| count)
    }

    fn syntax(text: &str) -> (usize, &'static str) {
        match scan(text, 9).expect_err(text) {
            Fault {
                at,
                kind: FaultKind::Syntax(message),
            } => (at, message),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn too_deep(text: &str, max_depth: usize) -> Option<usize> {
        let fault = scan(text, max_depth).err()?;
        assert_eq!(fault.kind, FaultKind::TooDeep, "{text}");
        Some(fault.at)
    }

    #[test]
    fn only_members_of_the_top_are_given() {
        let text = r#" {"a" : {"b":1,"c":[{"d":2}]} , "e":[] ,"f":{}} "#;
        assert_eq!(scan(text, 9), Ok(3));
        assert_eq!(scan("\t{\r\n}", 1), Ok(0));
    }

    #[test]
    fn the_level_above_the_limit_is_found() {
        assert_eq!(too_deep(r#"{"a":[[1]]}"#, 3), None);
        assert_eq!(too_deep(r#"{"a":[[1]]}"#, 2), Some(6));
        assert_eq!(too_deep(r#"{"a":{}}"#, 1), Some(5));
        assert_eq!(too_deep(" {}", 0), Some(1));
    }

    #[test]
    fn siblings_and_brackets_in_strings_are_not_depth() {
        assert_eq!(too_deep(r#"{"a":[[],[],{},{}],"b":[[]]}"#, 3), None);
        assert_eq!(too_deep(r#"{"[[[[":"{{{{\"[[[[\\"}"#, 1), None);
        assert_eq!(too_deep(r#"{"a":"\\",  "b":[]}"#, 1), Some(16));
    }

    #[test]
    fn every_fault_has_a_place_and_words() {
        for (text, at, message) in [
            ("{a:1}", 1, "expected a key in double quotes"),
            (r#"{"a":1,}"#, 7, "expected a key in double quotes"),
            (r#"{"a":{"b":1,}}"#, 12, "expected a key in double quotes"),
            (r#"{"a" 1}"#, 5, "expected `:`"),
            (r#"{"a":}"#, 5, "expected a value"),
            (r#"{"a":[1,]}"#, 8, "expected a value"),
            (r#"{"a":nul}"#, 5, "expected a value"),
            (r#"{"a":NaN}"#, 5, "expected a value"),
            (r#"{"a":1 "b":2}"#, 7, "expected `,` or `}`"),
            (r#"{"a":truey}"#, 9, "expected `,` or `}`"),
            (r#"{"a":[1}]"#, 7, "expected `,` or `]`"),
            (r#"{"a":{"b":1]}"#, 11, "expected `,` or `}`"),
            (r#"{"a":01}"#, 5, "invalid number"),
            (r#"{"a":-}"#, 6, "invalid number"),
            (r#"{"a":1.}"#, 7, "invalid number"),
            (r#"{"a":1e+}"#, 8, "invalid number"),
            (r#"{"a":"\x"}"#, 6, "invalid escape in a string"),
            (r#"{"a":"\u12g4"}"#, 6, "invalid escape in a string"),
            (
                "{\"a\":\"b\n\"}",
                7,
                "unescaped control character in a string",
            ),
            ("{\"a\0\":1}", 3, "unescaped control character in a string"),
            (r#"{"a":1}}"#, 7, "more text behind the object"),
            (r#"{"a":1} 2"#, 8, "more text behind the object"),
            ("{", 1, "it ends too early"),
            (r#"{"a"#, 3, "it ends too early"),
            (r#"{"a":[{"b":""#, 12, "it ends too early"),
            (r#"{"a":-"#, 6, "it ends too early"),
            (r#"{"a":1"#, 6, "it ends too early"),
        ] {
            assert_eq!(syntax(text), (at, message), "{text}");
        }
    }
}
