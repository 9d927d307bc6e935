//! The JSON grammar above its tokens, in one pass and without recursion.

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

#[inline]
pub(crate) fn scan(
    text: &str,
    max_depth: usize,
    mut take: impl FnMut(Span, Span),
) -> Result<(), Fault> {
    let mut cursor = Cursor::new(text);
    cursor.token();
    if max_depth == 0 {
        return Err(Fault {
            at: cursor.at,
            kind: FaultKind::TooDeep,
        });
    }
    cursor.at += 1;
    if cursor.token() == Some(b'}') {
        cursor.at += 1;
        return end(cursor);
    }
    loop {
        let key = read_key(&mut cursor)?;
        let token = cursor.token();
        let start = cursor.at;
        let mut is_escaped = false;
        match token {
            Some(b'"') => is_escaped = cursor.string()?,
            Some(b'{' | b'[') => cursor.at = nested_end(cursor, max_depth - 1)?,
            _ => cursor.scalar()?,
        }
        take(
            key,
            Span {
                start,
                end: cursor.at,
                is_escaped,
            },
        );
        match cursor.token() {
            Some(b',') => cursor.at += 1,
            Some(b'}') => {
                cursor.at += 1;
                return end(cursor);
            }
            _ => return Err(cursor.fault("expected `,` or `}`")),
        }
    }
}

#[inline(never)]
fn nested_end(mut cursor: Cursor<'_>, max_depth: usize) -> Result<usize, Fault> {
    let mut nesting = Nesting::default();
    loop {
        if nesting.is_object() {
            read_key(&mut cursor)?;
        }
        match cursor.token() {
            Some(b'"') => {
                cursor.string()?;
            }
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
            if nesting.depth() == 0 {
                return Ok(cursor.at);
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
    Ok(Span {
        start,
        end,
        is_escaped,
    })
}

fn end(mut cursor: Cursor<'_>) -> Result<(), Fault> {
    match cursor.token() {
        None => Ok(()),
        Some(_) => Err(cursor.fault("text behind the object")),
    }
}
