//! From an array of segments to a string with CQ codes.

use super::{CannotReshape, output::Output, try_elements, try_members};
use crate::cq;
use crate::cursor::Span;
use crate::raw::{between_quotes, not_null, with_plain_ascii};

/// Writes the string of a message that is a raw JSON array, or one segment.
pub(super) fn write(raw: &str, output: &mut Output) -> Result<(), CannotReshape> {
    output.push("\"")?;
    if raw.starts_with('{') {
        write_segment(raw, output)?;
    } else {
        try_elements(raw, |segment| write_segment(segment.json(raw), output))?;
    }
    output.push("\"")
}

fn write_segment(segment: &str, output: &mut Output) -> Result<(), CannotReshape> {
    let (mut kind, mut data) = (None, None);
    try_members(segment, |key, value| {
        match key.string(segment).as_deref() {
            Some("type") => kind = value.string(segment),
            Some("data") => data = not_null(value.json(segment)),
            _ => {}
        }
        Ok(())
    })?;
    let kind = kind.filter(|kind| cq::is_name(kind)).ok_or(CannotReshape)?;
    if kind == "text" {
        return data.map_or(Ok(()), |data| write_text(data, output));
    }
    output.push_all(["[CQ:", &kind])?;
    if let Some(data) = data {
        try_members(data, |key, value| write_argument(data, key, value, output))?;
    }
    output.push("]")
}

/// The last text of a segment counts.
fn write_text(data: &str, output: &mut Output) -> Result<(), CannotReshape> {
    let mut text = None;
    try_members(data, |key, value| {
        if key.string(data).as_deref() == Some("text") {
            text = not_null(value.json(data));
        }
        Ok(())
    })?;
    text.map_or(Ok(()), |text| write_value(text, false, output))
}

fn write_argument(
    data: &str,
    key: Span,
    value: Span,
    output: &mut Output,
) -> Result<(), CannotReshape> {
    let name = key.string(data).filter(|name| cq::is_name(name));
    let name = name.ok_or(CannotReshape)?;
    let Some(value) = not_null(value.json(data)) else {
        return Ok(());
    };
    output.push_all([",", &name, "="])?;
    write_value(value, true, output)
}

/// Strings as they are spelled; what is none as its JSON.
fn write_value(raw: &str, in_argument: bool, output: &mut Output) -> Result<(), CannotReshape> {
    if let Some(inside) = between_quotes(raw) {
        let inside = with_plain_ascii(inside);
        return output.push_all(cq::escaped(&inside, in_argument));
    }
    let quoted = serde_json::Value::from(raw).to_string();
    let inside = between_quotes(&quoted).ok_or(CannotReshape)?;
    output.push_all(cq::escaped(inside, in_argument))
}
