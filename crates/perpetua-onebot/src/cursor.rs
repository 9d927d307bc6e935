//! The tokens of the JSON grammar: strings, numbers, literals and the marks between them.

use crate::words::{digits_end, plain_end};

/// What breaks the grammar or a bound, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) kind: FaultKind,
}

/// What breaks the grammar or a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Another level of objects and arrays than the last one allowed.
    TooDeep,
    /// The grammar is broken; in words.
    Syntax(&'static str),
}

/// A place in a text. Its verbs step over the token that stands there.
///
/// They are small and inlined so that `at` stays in a register: what is rare stands apart from them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
        }
    }

    /// The byte that stands here.
    #[inline]
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is no whitespace, after stepping over that.
    #[inline]
    pub(crate) fn token(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                byte => return byte,
            }
        }
    }

    /// A string, whose opening quote stands here. Whether it has escapes.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<bool, Fault> {
        self.at = plain_end(self.bytes, self.at + 1);
        if self.byte() == Some(b'"') {
            self.at += 1;
            return Ok(false);
        }
        self.at = escaped_string_end(*self)?;
        Ok(true)
    }

    /// A number, `true`, `false` or `null`.
    #[inline]
    pub(crate) fn scalar(&mut self) -> Result<(), Fault> {
        match self.byte() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => Err(self.fault("expected a value")),
        }
    }

    #[inline]
    fn literal<const LENGTH: usize>(&mut self, literal: &[u8; LENGTH]) -> Result<(), Fault> {
        if self.bytes[self.at..].first_chunk() == Some(literal) {
            self.at += LENGTH;
            Ok(())
        } else {
            Err(self.fault("expected a value"))
        }
    }

    #[inline]
    fn number(&mut self) -> Result<(), Fault> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        let end = digits_end(self.bytes, self.at);
        let leading_zero = self.byte() == Some(b'0') && end > self.at + 1;
        if end == self.at || leading_zero {
            return Err(self.fault("not a number"));
        }
        self.at = end;
        if let Some(b'.' | b'e' | b'E') = self.byte() {
            self.at = float_end(*self)?;
        }
        Ok(())
    }

    #[cold]
    pub(crate) fn fault(self, message: &'static str) -> Fault {
        Fault {
            at: self.at,
            kind: FaultKind::Syntax(message),
        }
    }
}

/// Where a string ends of which `rest` stands at the first escape, or at its fault.
#[inline(never)]
fn escaped_string_end(mut rest: Cursor<'_>) -> Result<usize, Fault> {
    loop {
        match rest.byte() {
            Some(b'"') => return Ok(rest.at + 1),
            Some(b'\\') => rest.at += escape_length(rest)?,
            Some(_) => return Err(rest.fault("a control character in a string")),
            None => return Err(rest.fault("the text ends within a string")),
        }
        rest.at = plain_end(rest.bytes, rest.at);
    }
}

fn escape_length(rest: Cursor<'_>) -> Result<usize, Fault> {
    match rest.bytes[rest.at + 1..] {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Ok(2),
        [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(u8::is_ascii_hexdigit) => Ok(6),
        _ => Err(rest.fault("an escape that is none of JSON's")),
    }
}

/// Where a number ends of which `rest` stands behind the integer.
#[inline(never)]
fn float_end(mut rest: Cursor<'_>) -> Result<usize, Fault> {
    if rest.byte() == Some(b'.') {
        rest.at = some_digits_end(rest, rest.at + 1)?;
    }
    if let Some(b'e' | b'E') = rest.byte() {
        let sign = matches!(rest.bytes.get(rest.at + 1), Some(b'+' | b'-'));
        rest.at = some_digits_end(rest, rest.at + 1 + usize::from(sign))?;
    }
    Ok(rest.at)
}

fn some_digits_end(rest: Cursor<'_>, at: usize) -> Result<usize, Fault> {
    let end = digits_end(rest.bytes, at);
    if end == at {
        return Err(Cursor { at, ..rest }.fault("expected a digit"));
    }
    Ok(end)
}
