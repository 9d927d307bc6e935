//! What is wanted of a frame's members.

use std::borrow::Cow;

use crate::cursor::Span;
use crate::peek::Peek;

impl<'a> Peek<'a> {
    /// Keeps a member of `text` if it is wanted.
    #[inline]
    pub(crate) fn take(&mut self, text: &'a str, key: Span, value: Span) {
        if key.is_escaped {
            self.take_decoded(text, key, value);
        } else {
            // Most members are not wanted: bytes are cut without a look for character boundaries.
            let name = &text.as_bytes()[key.start + 1..key.end - 1];
            self.take_named(name, text, key, value);
        }
    }

    #[cold]
    fn take_decoded(&mut self, text: &'a str, key: Span, value: Span) {
        // A key that cannot be decoded (a lone surrogate) is none of ours.
        if let Some(name) = key.string(text) {
            self.take_named(name.as_bytes(), text, key, value);
        }
    }

    #[inline]
    fn take_named(&mut self, name: &[u8], text: &'a str, key: Span, value: Span) {
        match name {
            b"post_type" => self.post_type = value.string(text),
            b"meta_event_type" => self.meta_event_type = value.string(text),
            b"notice_type" => self.notice_type = value.string(text),
            b"sub_type" => self.sub_type = value.string(text),
            b"action" => self.action = value.string(text),
            b"self_id" => self.self_id = value.integer(text),
            b"group_id" => self.group_id = value.integer(text),
            b"user_id" => self.user_id = value.integer(text),
            b"retcode" => self.retcode = value.integer(text),
            b"status" => self.status = Some(value.json(text)),
            b"params" => self.params = Some(value.json(text)),
            b"data" => self.data = Some(value.json(text)),
            b"stream" => self.stream = value.string(text),
            b"echo" => {
                self.spans.push(key.start, value.start..value.end);
                self.echo = Some(value.json(text));
            }
            _ => {}
        }
    }
}

/// A number whose fraction is nothing but zeros, as languages write it that know no integers.
#[cold]
fn whole(number: &str) -> Option<i64> {
    let (integer, fraction) = number.split_once('.')?;
    let is_zero = fraction.bytes().all(|digit| digit == b'0');
    is_zero.then(|| integer.parse().ok()).flatten()
}

impl Span {
    /// The raw JSON that stands here.
    pub(crate) fn json(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    /// The string that stands here, decoded only where it holds escapes.
    #[inline]
    pub(crate) fn string(self, text: &str) -> Option<Cow<'_, str>> {
        let json = self.json(text);
        if self.is_escaped {
            return serde_json::from_str(json).ok().map(Cow::Owned);
        }
        let inner = json.strip_prefix('"')?.strip_suffix('"')?;
        Some(Cow::Borrowed(inner))
    }

    /// The integer that stands here, also as `7.0`, or that the string here spells.
    fn integer(self, text: &str) -> Option<i64> {
        let json = self.json(text);
        if !json.starts_with('"') {
            return json.parse().ok().or_else(|| whole(json));
        }
        // JSON has no leading plus, and neither has an id.
        let spelled = self
            .string(text)
            .filter(|spelled| !spelled.starts_with('+'))?;
        spelled.parse().ok()
    }
}
