//! One key of a table: its value is replaced, put in or taken out, and everything else stays byte for byte.

use std::{ops::Range, time::Duration};

use toml_edit::{Array, Document, InlineTable, Item, Value};

use super::{
    EditError,
    add::append_section,
    blocks::last_value,
    find::{Found, Place, find},
    line_end,
    splice::{
        comma_behind, indent_at, line_end_at, line_start_at, next_line_at, replaced, without,
    },
    syntax,
};
use crate::{
    AddressSource, TokenSource,
    units::{show_duration, show_size},
};

/// A value as it is written into the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// In quotes.
    Text(String),
    /// Each in quotes, in brackets.
    Texts(Vec<String>),
    /// A whole number.
    Number(u64),
    /// `true` or `false`.
    Boolean(bool),
    /// With its unit: `"5s"`.
    Duration(Duration),
    /// Bytes, with their unit: `"10MB"`.
    Size(u64),
    /// Where a secret is: `{ secret = "name" }`.
    Secret(TokenSource),
}

impl From<&AddressSource> for Written {
    fn from(address: &AddressSource) -> Self {
        match address {
            AddressSource::Plain(url) => Self::Text(url.to_string()),
            AddressSource::From(source) => Self::Secret(source.clone()),
        }
    }
}

impl From<&Written> for Value {
    fn from(written: &Written) -> Self {
        match written {
            Written::Text(text) => text.into(),
            Written::Texts(texts) => Self::Array(texts.iter().collect::<Array>()),
            Written::Number(number) => i64::try_from(*number).unwrap_or(i64::MAX).into(),
            Written::Boolean(boolean) => (*boolean).into(),
            Written::Duration(duration) => show_duration(*duration).into(),
            Written::Size(bytes) => show_size(*bytes).into(),
            Written::Secret(source) => secret_place(source),
        }
    }
}

/// `{ env = … }`, `{ file = … }` or `{ secret = … }`.
pub(super) fn secret_place(source: &TokenSource) -> Value {
    let (key, text) = match source {
        TokenSource::Env(name) => ("env", name.clone()),
        TokenSource::File(path) => ("file", path.to_string_lossy().into_owned()),
        TokenSource::Secret(name) => ("secret", name.clone()),
    };
    Value::InlineTable(InlineTable::from_iter([(key, text)]))
}

/// Sets a key, or takes it out (`None`), so that its default counts; gives the new text, which the
/// caller validates and writes.
///
/// A text that says so already comes back unchanged.
///
/// # Errors
/// When there is no such place, and when the text is not TOML.
pub fn set(
    text: &str,
    place: Place<'_>,
    key: &str,
    value: Option<&Written>,
) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let found = find(&document, place)?;
    let changed = match (found, value, place) {
        (Some(found), Some(value), _) => put(text, &found, key, &Value::from(value), None),
        (Some(found), None, _) => take_out(text, &found, key),
        (None, Some(value), Place::Section(title)) => {
            Some(append_section(text, title, key, Value::from(value)))
        }
        (None, ..) => None,
    };
    Ok(changed.unwrap_or_else(|| text.to_owned()))
}

/// Replaces a value, or adds its key behind the last one, or behind a key that is named. `None` when nothing
/// is to be changed.
pub(super) fn put(
    text: &str,
    found: &Found<'_>,
    key: &str,
    value: &Value,
    behind: Option<&str>,
) -> Option<String> {
    let bare = |value: &Value| value.clone().decorated("", "").to_string();
    if let Some(present) = found.table.get(key).and_then(Item::as_value) {
        let (present, span) = (bare(present), present.span()?);
        let wanted = bare(value);
        return (present != wanted)
            .then(|| replaced(text, span, &wanted))
            .flatten();
    }
    let pair = format!("{}{key} = {}", found.prefix, bare(value));
    let anchor = behind
        .and_then(|key| found.table.get(key)?.span())
        .or_else(|| last_value(found.table));
    if found.is_inline {
        let Some(anchor) = anchor else {
            let inside = found.span.clone()?.start + 1;
            return replaced(text, inside..inside, &format!(" {pair} "));
        };
        return replaced(text, anchor.end..anchor.end, &format!(", {pair}"));
    }
    // A comment may stand behind the value; the line below it is indented alike.
    let indent = anchor
        .as_ref()
        .map_or("", |anchor| indent_at(text, key_line(found, text, anchor)));
    let behind = anchor.or_else(|| found.span.clone())?.end;
    let end = line_end_at(text, behind);
    replaced(text, end..end, &format!("{}{indent}{pair}", line_end(text)))
}

/// A place on the line on which the key of a value begins: a value may have several lines.
fn key_line(found: &Found<'_>, text: &str, value: &Range<usize>) -> usize {
    let keys = found.table.iter().filter_map(|(key, item)| {
        let is_meant = item.span().is_some_and(|span| span == *value);
        let (key, _) = found.table.get_key_value(key)?;
        key.span().filter(|_| is_meant)
    });
    let start = keys.map(|span| span.start).next().unwrap_or(value.start);
    line_start_at(text, start)
}

/// Takes a key and its value out. A comment behind it keeps its line. `None` when it is not there.
fn take_out(text: &str, found: &Found<'_>, key: &str) -> Option<String> {
    let (written, item) = found.table.get_key_value(key)?;
    let (start, end) = (written.span()?.start, item.as_value()?.span()?.end);
    if found.is_inline {
        return take_out_of_value(text, found, start..end);
    }
    let start = line_start_at(text, start);
    let behind = text.get(end..line_end_at(text, end))?.trim();
    if behind.is_empty() {
        return replaced(text, start..next_line_at(text, end), "");
    }
    let kept = format!("{}{behind}", indent_at(text, start));
    replaced(text, start..line_end_at(text, end), &kept)
}

/// Takes a key out of a table in one value, with one comma.
fn take_out_of_value(text: &str, found: &Found<'_>, pair: Range<usize>) -> Option<String> {
    let name = found.prefix.trim_end_matches('.');
    let start = match name {
        "" => pair.start,
        // Only white space and the dot stand between.
        name => text.get(..pair.start)?.rfind(name)?,
    };
    let before = found
        .table
        .iter()
        .filter_map(|(_, item)| item.span())
        .filter(|span| span.end <= start)
        .map(|span| span.end)
        .max();
    let comma = comma_behind(text, pair.end).or_else(|| comma_behind(text, before?));
    let comma = comma.map(|comma| comma..comma + 1);
    without(
        text,
        comma.into_iter().chain(Some(start..pair.end)).collect(),
    )
}
