//! What is wanted of a frame's members.

use std::borrow::Cow;

use crate::peek::Peek;
use crate::scan::Raw;

impl<'a> Peek<'a> {
    /// Keeps the member if it is wanted.
    #[inline]
    pub(crate) fn take(&mut self, key: Raw<'a>, value: Raw<'a>) {
        if key.is_escaped {
            self.take_escaped(key, value);
        } else {
            self.take_named(&key.json[1..key.json.len() - 1], key, value);
        }
    }

    #[cold]
    fn take_escaped(&mut self, key: Raw<'a>, value: Raw<'a>) {
        // A key that cannot be decoded (a lone surrogate) is none of ours.
        if let Some(name) = key.string() {
            self.take_named(&name, key, value);
        }
    }

    #[inline]
    fn take_named(&mut self, name: &str, key: Raw<'a>, value: Raw<'a>) {
        match name {
            "post_type" => self.post_type = value.string(),
            "meta_event_type" => self.meta_event_type = value.string(),
            "notice_type" => self.notice_type = value.string(),
            "sub_type" => self.sub_type = value.string(),
            "action" => self.action = value.string(),
            "self_id" => self.self_id = value.integer(),
            "group_id" => self.group_id = value.integer(),
            "user_id" => self.user_id = value.integer(),
            "retcode" => self.retcode = value.integer(),
            "status" => self.status = Some(value.json),
            "params" => self.params = Some(value.json),
            "data" => self.data = Some(value.json),
            "stream" => self.stream = value.string(),
            "echo" => {
                let end = value.start + value.json.len();
                self.spans.push(key.start, value.start..end);
                self.echo = Some(value.json);
            }
            _ => {}
        }
    }
}

impl<'a> Raw<'a> {
    /// The string that it is, decoded only where it holds escapes.
    #[inline]
    fn string(self) -> Option<Cow<'a, str>> {
        if self.is_escaped {
            return serde_json::from_str(self.json).ok().map(Cow::Owned);
        }
        let inner = self.json.strip_prefix('"')?.strip_suffix('"')?;
        Some(Cow::Borrowed(inner))
    }

    /// The integer that it is, or that the string it is spells.
    fn integer(self) -> Option<i64> {
        match self.string() {
            // JSON has no leading plus, and neither has an id.
            Some(spelled) if spelled.starts_with('+') => None,
            Some(spelled) => spelled.parse().ok(),
            None => self.json.parse().ok(),
        }
    }
}
