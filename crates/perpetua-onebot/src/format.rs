//! Messages put into the other of the two formats that OneBot v11 has: an array of segments, or one string with
//! CQ codes.
//!
//! Only the messages are written anew, and the `message_format` beside them. Everything else of the frame stays byte
//! for byte, and so do within a message the order of its arguments, the digits of its numbers, and its escapes.
//! `raw_message` is left alone: it is no copy of the message, for some leave out of it what others write.

mod answer;
mod output;
mod to_array;
mod to_string;

use std::ops::Range;

use crate::cursor::Span;
use crate::raw::between_quotes;
use crate::scan::{self, MAX_DEPTH_OF_ONE};
use output::Output;

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageFormat {
    /// An array of segments.
    Array,
    /// A string of text and CQ codes.
    String,
}

impl MessageFormat {
    /// What frames call it in `message_format`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::String => "string",
        }
    }

    /// Whether a raw value is a message of the other format.
    fn changes(self, raw: &str) -> bool {
        match self {
            Self::Array => raw.starts_with('"'),
            Self::String => raw.starts_with(['[', '{']),
        }
    }
}

/// A message that the other format cannot hold: it is broken, has names with characters that CQ codes do not know,
/// or would become too large.
///
/// It goes as it came then, which is told in words of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CannotReshape;

/// An event with its `message` in the format `to`, in at most `limit` bytes. `None`: it has that format, or no
/// message.
pub fn reshape_event(
    text: &str,
    to: MessageFormat,
    limit: usize,
) -> Result<Option<String>, CannotReshape> {
    let mut edits = Vec::new();
    for (part, place) in parts(text, 0..text.len(), part_of_event)? {
        edits.extend(Edit::of(part, text, place, to));
    }
    carry_out(text, edits, to, limit)
}

/// A response with its messages in the format `to`, as [`reshape_event`] has them: those of `get_msg`, of histories,
/// and what was forwarded.
pub fn reshape_answer(
    text: &str,
    to: MessageFormat,
    limit: usize,
) -> Result<Option<String>, CannotReshape> {
    carry_out(text, answer::edits(text, to)?, to, limit)
}

/// What becomes different at one place.
#[derive(Debug)]
enum Edit {
    /// The message there gets the other format.
    Message(Range<usize>),
    /// The name of the format there becomes that of the other one.
    Format(Range<usize>),
}

impl Edit {
    /// What a part of a text needs, if it needs anything.
    fn of(part: Part, text: &str, place: Range<usize>, to: MessageFormat) -> Option<Self> {
        let raw = &text[place.clone()];
        match part {
            Part::Message => to.changes(raw).then_some(Self::Message(place)),
            Part::Format => {
                let named = between_quotes(raw)?;
                (named != to.word()).then_some(Self::Format(place))
            }
            Part::List => None,
        }
    }
}

/// The text with these edits, which stand in its order.
fn carry_out(
    text: &str,
    edits: Vec<Edit>,
    to: MessageFormat,
    limit: usize,
) -> Result<Option<String>, CannotReshape> {
    if edits.is_empty() {
        return Ok(None);
    }
    let mut output = Output::new(text.len(), limit);
    let mut copied = 0;
    for edit in edits {
        let (Edit::Message(place) | Edit::Format(place)) = &edit;
        output.push(&text[copied..place.start])?;
        copied = place.end;
        let raw = &text[place.clone()];
        match (edit, to) {
            (Edit::Message(_), MessageFormat::Array) => to_array::write(raw, &mut output)?,
            (Edit::Message(_), MessageFormat::String) => to_string::write(raw, &mut output)?,
            (Edit::Format(_), _) => output.push_all(["\"", to.word(), "\""])?,
        }
    }
    output.push(&text[copied..])?;
    Ok(Some(output.into_text()))
}

/// What a member of an object is to its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It is a message.
    Message,
    /// It is a list of objects with messages.
    List,
    /// It names the format.
    Format,
}

fn part_of_event(name: &str) -> Option<Part> {
    match name {
        "message" => Some(Part::Message),
        "message_format" => Some(Part::Format),
        _ => None,
    }
}

/// Where the object that stands at `place` of `text` tells of messages. The name of a format counts only beside a message.
fn parts(
    text: &str,
    place: Range<usize>,
    part_of: fn(&str) -> Option<Part>,
) -> Result<Vec<(Part, Range<usize>)>, CannotReshape> {
    let (start, object) = (place.start, &text[place]);
    let mut parts = Vec::new();
    let mut has_message = false;
    scan::members(object, MAX_DEPTH_OF_ONE, |key, value| {
        if let Some(part) = key.string(object).and_then(|name| part_of(&name)) {
            let is_message =
                part == Part::Message && value.json(object).starts_with(['"', '[', '{']);
            has_message |= is_message;
            parts.push((part, start + value.start..start + value.end));
        }
    })
    .map_err(|_| CannotReshape)?;
    parts.retain(|(part, _)| has_message || *part != Part::Format);
    Ok(parts)
}

/// Gives `take` each element of a raw array, until it fails.
fn try_elements(
    array: &str,
    mut take: impl FnMut(Span) -> Result<(), CannotReshape>,
) -> Result<(), CannotReshape> {
    let mut taken = Ok(());
    scan::elements(array, MAX_DEPTH_OF_ONE, |element| {
        if taken.is_ok() {
            taken = take(element);
        }
    })
    .map_err(|_| CannotReshape)?;
    taken
}

/// Gives `take` the key and value of each member of a raw object, until it fails.
fn try_members(
    object: &str,
    mut take: impl FnMut(Span, Span) -> Result<(), CannotReshape>,
) -> Result<(), CannotReshape> {
    let mut taken = Ok(());
    scan::members(object, MAX_DEPTH_OF_ONE, |key, value| {
        if taken.is_ok() {
            taken = take(key, value);
        }
    })
    .map_err(|_| CannotReshape)?;
    taken
}
