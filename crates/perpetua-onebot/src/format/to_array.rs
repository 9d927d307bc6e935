//! From a string with CQ codes to an array of segments.

use super::{CannotReshape, output::Output};
use crate::cq::{self, Code, Piece};
use crate::raw::{between_quotes, with_plain_ascii};

/// Writes the segments of a message that is a raw JSON string.
pub(super) fn write(raw: &str, output: &mut Output) -> Result<(), CannotReshape> {
    let inside = between_quotes(raw).ok_or(CannotReshape)?;
    // What CQ codes are told by stands for itself now, and no escape holds any of it.
    let inside = with_plain_ascii(inside);
    output.push("[")?;
    for (place, piece) in cq::pieces(&inside).enumerate() {
        if place > 0 {
            output.push(",")?;
        }
        match piece {
            Piece::Text(text) => {
                output.push(r#"{"type":"text","data":{"text":""#)?;
                output.push_all(cq::unescaped(text))?;
                output.push(r#""}}"#)?;
            }
            Piece::Code(code) => write_code(code, output)?,
        }
    }
    output.push("]")
}

fn write_code(code: Code<'_>, output: &mut Output) -> Result<(), CannotReshape> {
    output.push_all([r#"{"type":""#, code.kind, r#"","data":{"#])?;
    for (place, (name, value)) in code.arguments().enumerate() {
        let start = if place == 0 { "\"" } else { ",\"" };
        output.push_all([start, name, r#"":""#])?;
        output.push_all(cq::unescaped(value))?;
        output.push("\"")?;
    }
    output.push("}}")
}
