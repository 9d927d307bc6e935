//! Pieces of a text: where lines begin and end, and the text with other pieces in their places.

use std::ops::Range;

/// The text with another piece at a place.
pub(super) fn replaced(text: &str, span: Range<usize>, piece: &str) -> Option<String> {
    let (before, behind) = (text.get(..span.start)?, text.get(span.end..)?);
    Some(format!("{before}{piece}{behind}"))
}

/// The text without some pieces, which do not overlap.
pub(super) fn without(text: &str, mut pieces: Vec<Range<usize>>) -> Option<String> {
    pieces.sort_by_key(|piece| piece.start);
    let mut left = text.to_owned();
    for piece in pieces.into_iter().rev() {
        left = replaced(&left, piece, "")?;
    }
    Some(left)
}

/// Where the line of a place ends, before its line end.
pub(super) fn line_end_at(text: &str, place: usize) -> usize {
    let rest = text.get(place..).unwrap_or_default();
    place + rest.lines().next().unwrap_or_default().len()
}

/// Where the line after that of a place begins.
pub(super) fn next_line_at(text: &str, place: usize) -> usize {
    let rest = text.get(place..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |end| place + end + 1)
}

/// Where the line of a place begins; a byte order mark is no part of it.
pub(super) fn line_start_at(text: &str, place: usize) -> usize {
    let before = text.get(..place).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.get(start..).unwrap_or_default();
    start + (line.len() - line.trim_start_matches('\u{feff}').len())
}

/// The white space that the line of a place begins with.
pub(super) fn indent_at(text: &str, place: usize) -> &str {
    let line = text.get(line_start_at(text, place)..).unwrap_or_default();
    let length = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..length).unwrap_or_default()
}

/// Where the comma behind a place is, if nothing but white space and comments stand before it.
pub(super) fn comma_behind(text: &str, place: usize) -> Option<usize> {
    let mut at = place;
    loop {
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start().len();
        match text.get(at..)?.chars().next()? {
            ',' => return Some(at),
            '#' => at = next_line_at(text, at),
            _ => return None,
        }
    }
}
