//! One value being read: each method asks for one type, and notes a problem when it is another.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Report;
use super::section::{Section, list, nearest};
use crate::units::{parse_duration, parse_size, show_duration, show_size};

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
    pub(super) fn problem<T>(&self, message: impl Into<String>) -> Option<T> {
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
            _ => self.wrong_type("`true` or `false`"),
        }
    }

    pub(super) fn string(&self, expected: &str) -> Option<&'a str> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text),
            _ => self.wrong_type(expected),
        }
    }

    /// A whole number within limits.
    pub(super) fn number(&self, limits: &RangeInclusive<usize>) -> Option<usize> {
        let DeValue::Integer(integer) = self.value.get_ref() else {
            return self.wrong_type("a whole number, without quotes");
        };
        // A negative or an endless number is out of the limits like any other.
        usize::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|number| limits.contains(number))
            .or_else(|| {
                self.problem(format!(
                    "must be from {} to {}",
                    limits.start(),
                    limits.end()
                ))
            })
    }

    /// A time within limits.
    pub(super) fn duration(&self, limits: &RangeInclusive<Duration>) -> Option<Duration> {
        let duration = self.any_duration()?;
        if limits.contains(&duration) {
            return Some(duration);
        }
        let (least, most) = (show_duration(*limits.start()), show_duration(*limits.end()));
        self.problem(format!("must be from `{least}` to `{most}`"))
    }

    /// A time within limits, or zero, which stands for never.
    pub(super) fn interval(&self, limits: &RangeInclusive<Duration>) -> Option<Duration> {
        let duration = self.any_duration()?;
        if duration.is_zero() || limits.contains(&duration) {
            return Some(duration);
        }
        let (least, most) = (show_duration(*limits.start()), show_duration(*limits.end()));
        self.problem(format!(
            "must be from `{least}` to `{most}`, or `0s` for never"
        ))
    }

    fn any_duration(&self) -> Option<Duration> {
        const EXPECTED: &str =
            "a time with its unit (`ms`, `s`, `m`, `h` or `d`) in quotes, such as `\"5s\"`";
        let parsed = parse_duration(self.string(EXPECTED)?);
        parsed.or_else(|| self.problem(format!("expected {EXPECTED}")))
    }

    /// A number of bytes within limits.
    pub(super) fn size(&self, limits: &RangeInclusive<u64>) -> Option<u64> {
        const EXPECTED: &str =
            "a size with its unit (`KB`, `MB` or `GB`) in quotes, such as `\"10MB\"`";
        let Some(bytes) = parse_size(self.string(EXPECTED)?) else {
            return self.problem(format!("expected {EXPECTED}"));
        };
        if limits.contains(&bytes) {
            return Some(bytes);
        }
        let (least, most) = (show_size(*limits.start()), show_size(*limits.end()));
        self.problem(format!("must be from `{least}` to `{most}`"))
    }

    /// An IP address with a port.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        const EXPECTED: &str = "an IP address with a port in quotes, such as `\"127.0.0.1:6700\"`";
        let text = self.string(EXPECTED)?;
        if let Some(port) = text.strip_prefix("localhost:") {
            return self.problem(format!(
                "write `localhost` as the address it means: `\"127.0.0.1:{port}\"`"
            ));
        }
        text.parse().ok().or_else(|| {
            self.problem(format!(
                "{} is not an address; expected {EXPECTED}",
                quote(text)
            ))
        })
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let names = || words.iter().map(|(name, _)| *name);
        let expected = list(names(), "or");
        let text = self.string(&expected)?;
        if let Some((_, meaning)) = words.iter().find(|(name, _)| *name == text) {
            return Some(*meaning);
        }
        let advice = nearest(text, names()).map_or_else(
            || format!("expected {expected}"),
            |near| format!("did you mean `{near}`?"),
        );
        self.problem(format!("{} is not known here; {advice}", quote(text)))
    }

    /// The elements of an array.
    pub(super) fn array(&self) -> Option<Vec<Item<'a>>> {
        let DeValue::Array(elements) = self.value.get_ref() else {
            return self.wrong_type("a list");
        };
        let element =
            |(index, value)| Item::new(self.report, format!("{}[{index}]", self.path), value);
        Some(elements.iter().enumerate().map(element).collect())
    }

    /// The table this value is.
    pub(super) fn table(&self, title: &'static str) -> Option<Section<'a>> {
        let Some(table) = self.as_table() else {
            return self.wrong_type(&format!("a table, written `{title}` on a line of its own"));
        };
        let place = Some((table, self.value.span()));
        Some(Section::new(self.report, title, self.path.clone(), place))
    }

    /// The entries of a table whose keys are free.
    pub(super) fn entries(&self) -> Option<Vec<(&'a str, Item<'a>)>> {
        let Some(table) = self.as_table() else {
            return self.wrong_type("a table");
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

    /// Notes that the value is of another type, which it names but does not repeat.
    pub(super) fn wrong_type<T>(&self, expected: &str) -> Option<T> {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "`true` or `false`",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.problem(format!("expected {expected}, found {found}"))
    }
}

/// A written value in backticks, if it is short and plain.
fn quote(text: &str) -> String {
    if !text.is_empty() && text.chars().count() <= MAX_QUOTED && !text.contains(char::is_control) {
        format!("`{text}`")
    } else {
        "this".to_owned()
    }
}
