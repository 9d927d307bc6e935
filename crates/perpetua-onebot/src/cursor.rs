//! The tokens of the JSON grammar: strings, numbers, literals and the marks between them.

use crate::words::{digits_end, plain_end};

/// A place in a text. Its verbs step over the token that stands there.
///
/// They are small and inlined, so that `at` stays in a register: what is rare stands apart from them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Where a key or a value stands in its text, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte behind it.
    pub(crate) end: usize,
    /// Whether it is a string with escapes.
    pub(crate) is_escaped: bool,
}

/// What is wrong with a text, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    /// The byte that it was found at; the length of the text, if that ends too early.
    pub(crate) at: usize,
    pub(crate) kind: FaultKind,
}

/// What is wrong with a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FaultKind {
    /// It does not begin with the brace of an object.
    NotAnObject,
    /// It opens a level of objects and arrays too many.
    TooDeep,
    /// It breaks the grammar; in words that quote nothing of it.
    Syntax(&'static str),
}

impl<'a> Cursor<'a> {
    /// At the start of a text.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The byte that it stands at, counted from the start.
    #[inline]
    pub(crate) fn at(self) -> usize {
        self.at
    }

    /// The next byte that is no whitespace, to which it moves on.
    #[inline]
    pub(crate) fn token(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(byte) if is_json_space(byte) => self.at += 1,
                byte => return byte,
            }
        }
    }

    /// Steps over one byte. Called where a branch has told what it is, for the next token then waits
    /// for no arithmetic.
    #[inline]
    pub(crate) fn step(&mut self) {
        self.at += 1;
    }

    /// A key and the colon behind it.
    #[inline]
    pub(crate) fn key(&mut self) -> Result<Span, Fault> {
        if self.token() != Some(b'"') {
            return Err(self.syntax("expected a key in double quotes"));
        }
        let start = self.at;
        let is_escaped = self.string()?;
        let end = self.at;
        if self.token() != Some(b':') {
            return Err(self.syntax("expected `:`"));
        }
        self.step();
        Ok(Span {
            start,
            end,
            is_escaped,
        })
    }

    /// A string, at whose opening quote it stands. Whether there are escapes in it.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<bool, Fault> {
        let end = plain_end(self.bytes, self.at + 1);
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(false);
        }
        self.at = Self { at: end, ..*self }.string_end()?;
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
            _ => Err(self.syntax("expected a value")),
        }
    }

    #[inline]
    fn literal<const LENGTH: usize>(&mut self, literal: &[u8; LENGTH]) -> Result<(), Fault> {
        if self.bytes[self.at..].first_chunk() != Some(literal) {
            return Err(self.syntax("expected a value"));
        }
        self.at += LENGTH;
        Ok(())
    }

    #[inline]
    fn number(&mut self) -> Result<(), Fault> {
        if self.byte() == Some(b'-') {
            self.step();
        }
        let end = digits_end(self.bytes, self.at);
        let has_leading_zero = self.byte() == Some(b'0') && end > self.at + 1;
        if end == self.at || has_leading_zero {
            return Err(self.syntax("invalid number"));
        }
        self.at = end;
        if let Some(b'.' | b'e' | b'E') = self.byte() {
            self.at = self.float_end()?;
        }
        Ok(())
    }

    /// Where a string ends, from its first escape or its fault on.
    #[inline(never)]
    fn string_end(mut self) -> Result<usize, Fault> {
        loop {
            match self.byte() {
                Some(b'"') => return Ok(self.at + 1),
                Some(b'\\') => self.at += self.escape_length()?,
                _ => return Err(self.syntax("unescaped control character in a string")),
            }
            self.at = plain_end(self.bytes, self.at);
        }
    }

    fn escape_length(self) -> Result<usize, Fault> {
        match self.bytes[self.at + 1..] {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Ok(2),
            [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(u8::is_ascii_hexdigit) => Ok(6),
            _ => Err(self.syntax("invalid escape in a string")),
        }
    }

    /// Where a number ends, from the byte behind its integer on.
    #[inline(never)]
    fn float_end(mut self) -> Result<usize, Fault> {
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.at = self.some_digits_end()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.at = self.some_digits_end()?;
        }
        Ok(self.at)
    }

    fn some_digits_end(self) -> Result<usize, Fault> {
        let end = digits_end(self.bytes, self.at);
        if end == self.at {
            return Err(self.syntax("invalid number"));
        }
        Ok(end)
    }

    #[inline]
    fn byte(self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The fault of this place.
    pub(crate) fn fault(self, kind: FaultKind) -> Fault {
        Fault { at: self.at, kind }
    }

    /// The fault that what stands here is none of the grammar.
    #[cold]
    pub(crate) fn syntax(self, message: &'static str) -> Fault {
        self.fault(FaultKind::Syntax(match self.byte() {
            Some(_) => message,
            None => "it ends too early",
        }))
    }
}

/// The four whitespace characters of JSON; Unicode has more.
#[inline]
pub(crate) fn is_json_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
