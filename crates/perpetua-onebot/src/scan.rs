//! The JSON grammar above its tokens, in one pass and without recursion.
//!
//! ```text
//!        ┌── `,` ──────────────────────────────────┐
//!        v                                         │
//!   [key `:`] ── value: string or scalar ──────> ended ── depth 0 ──> only space may follow
//!        ^         `{` `[`  opens ── empty ──────> ^ │
//!        └──────────────────┘                      └─┘ `}` `]` closes
//! ```

use crate::cursor::{Cursor, Fault, FaultKind};
use crate::nesting::Nesting;

/// Where a key or a value stands in the text, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte behind it.
    pub(crate) end: usize,
    /// Whether it is a string with escapes.
    pub(crate) is_escaped: bool,
}

/// Reads one JSON value, and gives `take` each member that an object at the top has, as soon as it is whole.
///
/// Refuses what nests deeper than `max_depth`, the value itself being level 1.
#[inline]
pub(crate) fn scan(
    text: &str,
    max_depth: usize,
    mut take: impl FnMut(Span, Span),
) -> Result<(), Fault> {
    let mut cursor = Cursor::new(text);
    let mut nesting = Nesting::default();
    let mut key = Span::default();
    let mut value_start = 0;
    loop {
        if nesting.is_object() {
            let span = read_key(&mut cursor)?;
            if nesting.depth() == 1 {
                key = span;
            }
        }
        let token = cursor.token();
        if nesting.depth() == 1 {
            value_start = cursor.at;
        }
        let mut is_escaped = false;
        match token {
            Some(b'"') => is_escaped = cursor.string()?,
            Some(bracket @ (b'{' | b'[')) => {
                if nesting.depth() == max_depth {
                    return Err(Fault {
                        at: cursor.at,
                        kind: FaultKind::TooDeep,
                    });
                }
                cursor.at += 1;
                nesting.open(bracket == b'{');
                // Both closing brackets stand two behind their opening ones.
                if cursor.token() != Some(bracket + 2) {
                    continue;
                }
                cursor.at += 1;
                nesting.close();
            }
            _ => cursor.scalar()?,
        }
        loop {
            if nesting.depth() <= 1 {
                if nesting.depth() == 0 {
                    return end(cursor);
                }
                if nesting.is_object() {
                    let end = cursor.at;
                    take(key, Span { start: value_start, end, is_escaped });
                }
            }
            let closing = if nesting.is_object() { b'}' } else { b']' };
            match cursor.token() {
                Some(b',') => {
                    cursor.at += 1;
                    break;
                }
                Some(byte) if byte == closing => {
                    cursor.at += 1;
                    nesting.close();
                    is_escaped = false;
                }
                _ => return Err(cursor.fault("expected `,` or a closing bracket")),
            }
        }
    }
}

#[inline]
fn read_key(cursor: &mut Cursor<'_>) -> Result<Span, Fault> {
    if cursor.token() != Some(b'"') {
        return Err(cursor.fault("expected a key"));
    }
    let start = cursor.at;
    let is_escaped = cursor.string()?;
    let end = cursor.at;
    if cursor.token() != Some(b':') {
        return Err(cursor.fault("expected `:`"));
    }
    cursor.at += 1;
    Ok(Span { start, end, is_escaped })
}

fn end(mut cursor: Cursor<'_>) -> Result<(), Fault> {
    match cursor.token() {
        None => Ok(()),
        Some(_) => Err(cursor.fault("text behind the object")),
    }
}
