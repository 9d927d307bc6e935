//! One value being read: each method asks for one type, and notes a problem when it is another.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use perpetua_words::{Message, config as words};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Report;
use super::choices::{either, nearest};
use super::section::Section;
use crate::full_width::FullWidth;
use crate::units::{parse_duration, parse_size, show_duration, show_size};
use crate::{HttpUrl, WebSocketUrl};

/// A longer value is not repeated in a message.
const MAX_QUOTED: usize = 40;

/// The value of one key, or one element of an array.
pub(super) struct Item<'a> {
    report: &'a Report<'a>,
    path: String,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Item<'a> {
    pub(super) fn new(
        report: &'a Report<'a>,
        path: String,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Self {
        Self {
            report,
            path,
            value,
        }
    }

    /// Notes a problem of this value; `None`, so that a reader can end with it.
    pub(super) fn problem<T>(&self, message: impl Into<Message>) -> Option<T> {
        self.report.note(&self.value.span(), &self.path, message);
        None
    }

    /// Its dotted path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self.value.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            _ => self.wrong_type(words::Boolean),
        }
    }

    /// A text; `expected` says what it should be.
    pub(super) fn string(&self, expected: impl Into<Message>) -> Option<&'a str> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text),
            _ => self.wrong_type(expected),
        }
    }

    /// A text that is read further; `expected` says what it should be.
    pub(super) fn parsed<T>(
        &self,
        expected: impl Into<Message> + Copy,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Option<T> {
        let text = self.string(expected)?;
        parse(text).or_else(|| self.misread(text, self::expected(expected)))
    }

    /// A text that fits a rule; `expected` says which.
    pub(super) fn fitting(
        &self,
        expected: impl Into<Message> + Copy,
        fits: impl FnOnce(&str) -> bool,
    ) -> Option<String> {
        self.parsed(expected, |text| fits(text).then(|| text.to_owned()))
    }

    /// A text on one line that is not empty.
    pub(super) fn line(&self) -> Option<&'a str> {
        let text = self.string(words::TextQuoted)?;
        if text.is_empty() || text.contains(char::is_control) {
            return self.problem(words::OneLine);
        }
        Some(text)
    }

    /// A whole number within limits.
    pub(super) fn number(&self, limits: &RangeInclusive<usize>) -> Option<usize> {
        let (least, most) = (*limits.start(), *limits.end());
        self.number_or(limits, words::NumberRange { least, most })
    }

    /// A whole number within limits; `outside` is said of any other.
    pub(super) fn number_or(
        &self,
        limits: &RangeInclusive<usize>,
        outside: impl Into<Message>,
    ) -> Option<usize> {
        let DeValue::Integer(integer) = self.value.get_ref() else {
            return self.wrong_type(words::IntegerUnquoted);
        };
        // A negative or an endless number is out of the limits like any other.
        usize::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|number| limits.contains(number))
            .or_else(|| self.problem(outside))
    }

    /// A time within limits.
    pub(super) fn duration(&self, limits: &RangeInclusive<Duration>) -> Option<Duration> {
        let duration = self.parsed(words::Duration, parse_duration)?;
        if limits.contains(&duration) {
            return Some(duration);
        }
        let (least, most) = (show_duration(*limits.start()), show_duration(*limits.end()));
        self.problem(words::QuantityRange { least, most })
    }

    /// A time within limits, or zero, which stands for never.
    pub(super) fn interval(&self, limits: &RangeInclusive<Duration>) -> Option<Duration> {
        let duration = self.parsed(words::Duration, parse_duration)?;
        if duration.is_zero() || limits.contains(&duration) {
            return Some(duration);
        }
        let (least, most) = (show_duration(*limits.start()), show_duration(*limits.end()));
        self.problem(words::IntervalRange { least, most })
    }

    /// A number of bytes within limits.
    pub(super) fn size(&self, limits: &RangeInclusive<u64>) -> Option<u64> {
        let bytes = self.parsed(words::Size, parse_size)?;
        if limits.contains(&bytes) {
            return Some(bytes);
        }
        let (least, most) = (show_size(*limits.start()), show_size(*limits.end()));
        self.problem(words::QuantityRange { least, most })
    }

    /// A number of bytes that may be below the limits, zero too: former versions took less, and whoever reads it raises it.
    pub(super) fn size_up_to(&self, limits: &RangeInclusive<u64>) -> Option<u64> {
        let bytes = self.parsed(words::Size, parse_size)?;
        if bytes <= *limits.end() {
            return Some(bytes);
        }
        let (least, most) = (show_size(*limits.start()), show_size(*limits.end()));
        self.problem(words::QuantityRange { least, most })
    }

    /// The address of a WebSocket server.
    pub(super) fn websocket_url(&self) -> Option<WebSocketUrl> {
        let text = self.string(words::WebsocketUrl)?;
        WebSocketUrl::new(text).map_or_else(|error| self.misread(text, &error), Some)
    }

    /// The address of an HTTP server, without a secret in it.
    pub(super) fn http_url(&self) -> Option<HttpUrl> {
        let text = self.string(words::HttpUrl)?;
        HttpUrl::new(text).map_or_else(|error| self.misread(text, &error), Some)
    }

    /// An IP address with a port.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        let expected = words::SocketAddress;
        let text = self.string(expected)?;
        if let Some(port) = text.strip_prefix("localhost:") {
            return self.problem(words::Localhost { port });
        }
        text.parse().ok().or_else(|| match quotable(text) {
            None => self.misread(text, self::expected(expected)),
            Some(word) => {
                let wanted = Message::from(expected);
                self.misread(text, words::NotAddress { wanted, word })
            }
        })
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, known: &[(&'static str, T)]) -> Option<T> {
        let names = || known.iter().map(|(name, _)| *name);
        let text = self.string(either(names()))?;
        if let Some((_, meaning)) = known.iter().find(|(name, _)| *name == text) {
            return Some(*meaning);
        }
        let advice: Message = match nearest(text, names()) {
            Some(word) => words::DidYouMean { word }.into(),
            None => expected(either(names())),
        };
        match quotable(text) {
            Some(word) => self.problem(words::UnknownWord { advice, word }),
            None => self.problem(words::UnknownValue { advice }),
        }
    }

    /// The elements of an array.
    pub(super) fn array(&self) -> Option<Vec<Item<'a>>> {
        let DeValue::Array(elements) = self.value.get_ref() else {
            return self.wrong_type(words::List);
        };
        let element =
            |(index, value)| Item::new(self.report, format!("{}[{index}]", self.path), value);
        Some(elements.iter().enumerate().map(element).collect())
    }

    /// The table this value is.
    pub(super) fn table(&self, title: &'static str) -> Option<Section<'a>> {
        let Some(table) = self.as_table() else {
            return self.wrong_type(words::TableHeaded { table: title });
        };
        let place = Some((table, self.value.span()));
        Some(Section::new(self.report, title, self.path.clone(), place))
    }

    /// The entries of a table whose keys are free.
    pub(super) fn entries(&self) -> Option<Vec<(&'a str, Item<'a>)>> {
        let Some(table) = self.as_table() else {
            return self.wrong_type(words::Table);
        };
        let entry = |(key, value): (&'a Spanned<DeString<'a>>, _)| {
            let name = key.get_ref().as_ref();
            (
                name,
                Item::new(self.report, format!("{}.{name}", self.path), value),
            )
        };
        Some(table.iter().map(entry).collect())
    }

    /// The table this value is, if it is one.
    pub(super) fn as_table(&self) -> Option<&'a DeTable<'a>> {
        match self.value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Notes why a text that has to be ASCII cannot be read: full-width punctuation in it, or else `otherwise`.
    pub(super) fn misread<T>(&self, text: &str, otherwise: impl Into<Message>) -> Option<T> {
        match FullWidth::in_value(text) {
            Some(full) => self.problem(&full),
            None => self.problem(otherwise),
        }
    }

    /// Notes what the value should be, without repeating what it is.
    pub(super) fn unexpected<T>(&self, wanted: impl Into<Message>) -> Option<T> {
        self.problem(expected(wanted))
    }

    /// Notes what the value should be and of which type it is, without repeating it.
    fn wrong_type<T>(&self, expected: impl Into<Message>) -> Option<T> {
        let found: Message = match self.value.get_ref() {
            DeValue::String(_) => words::Text.into(),
            DeValue::Integer(_) => words::Integer.into(),
            DeValue::Float(_) => words::Float.into(),
            DeValue::Boolean(_) => words::Boolean.into(),
            DeValue::Datetime(_) => words::Date.into(),
            DeValue::Array(_) => words::List.into(),
            DeValue::Table(_) => words::Table.into(),
        };
        let wanted = expected.into();
        self.problem(words::ExpectedFound { found, wanted })
    }
}

fn expected(wanted: impl Into<Message>) -> Message {
    let wanted = wanted.into();
    words::Expected { wanted }.into()
}

/// A written value that is short and plain enough to be repeated.
pub(super) fn quotable(text: &str) -> Option<&str> {
    let is_plain =
        !text.is_empty() && text.chars().count() <= MAX_QUOTED && !text.contains(char::is_control);
    is_plain.then_some(text)
}
