//! The messages in a response, wherever implementations put them.
//!
//! ```text
//! get_msg              data { message }
//! histories            data { messages [ { message } ] }
//! get_forward_msg      data { message [ node { data { content } } ] }      Lagrange, the standard
//!                      data { messages [ { content } ] }                    go-cqhttp, LLBot
//!                      data { messages [ { message } ] }                    NapCat
//! ```
//!
//! A list of nodes stays a list in both formats, as the standard has it; what each of them says is put into the other
//! one, and so is what it has forwarded itself.

use std::ops::Range;

use super::{CannotReshape, Edit, MessageFormat, Part, parts, try_elements};
use crate::raw::between_quotes;
use crate::scan::{self, MAX_DEPTH_OF_ONE};

/// How many times what was forwarded may hold what was forwarded. QQ has four at most.
const DEEPEST: usize = 16;

/// What becomes different in a response, in its order.
pub(super) fn edits(text: &str, to: MessageFormat) -> Result<Vec<Edit>, CannotReshape> {
    let mut walk = Walk {
        text,
        to,
        edits: Vec::new(),
        depth: 0,
    };
    let mut data = None;
    scan::members(text, MAX_DEPTH_OF_ONE, |key, value| {
        if key.string(text).as_deref() == Some("data") {
            data = Some(value.start..value.end);
        }
    })
    .map_err(|_| CannotReshape)?;
    if let Some(data) = data.filter(|data| text[data.clone()].starts_with('{')) {
        walk.holder(data)?;
    }
    Ok(walk.edits)
}

/// What the elements of an array are, told by the first one that tells.
enum Elements {
    /// Segments: the array is one message.
    Segments,
    /// Segments that hold a message each.
    Nodes,
    /// Objects that hold a message each.
    Holders,
}

struct Walk<'a> {
    text: &'a str,
    to: MessageFormat,
    edits: Vec<Edit>,
    depth: usize,
}

impl<'a> Walk<'a> {
    /// An object that holds a message or more.
    fn holder(&mut self, place: Range<usize>) -> Result<(), CannotReshape> {
        if self.depth == DEEPEST {
            return Err(CannotReshape);
        }
        self.depth += 1;
        for (part, place) in parts(self.text, place, part_of_holder)? {
            let is_array = self.text[place.clone()].starts_with('[');
            match self.elements(&place) {
                Elements::Nodes if is_array => self.each(place, Self::node)?,
                Elements::Holders if is_array => self.each(place, Self::holder)?,
                _ => self.edits.extend(Edit::of(part, self.text, place, self.to)),
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn node(&mut self, place: Range<usize>) -> Result<(), CannotReshape> {
        let (start, text) = (place.start, self.text);
        let node = &text[place];
        let mut data = None;
        scan::members(node, MAX_DEPTH_OF_ONE, |key, value| {
            if key.string(node).as_deref() == Some("data") {
                data = Some(start + value.start..start + value.end);
            }
        })
        .map_err(|_| CannotReshape)?;
        match data.filter(|data| text[data.clone()].starts_with('{')) {
            Some(data) => self.holder(data),
            None => Ok(()),
        }
    }

    /// Visits each object of an array.
    fn each(
        &mut self,
        place: Range<usize>,
        visit: fn(&mut Self, Range<usize>) -> Result<(), CannotReshape>,
    ) -> Result<(), CannotReshape> {
        let (start, text): (usize, &'a str) = (place.start, self.text);
        let array = &text[place];
        try_elements(array, |element| {
            if !element.json(array).starts_with('{') {
                return Ok(());
            }
            visit(self, start + element.start..start + element.end)
        })
    }

    fn elements(&self, place: &Range<usize>) -> Elements {
        let array = &self.text[place.clone()];
        let mut told = None;
        let _read = scan::elements(array, MAX_DEPTH_OF_ONE, |element| {
            told = told.take().or_else(|| told_by(element.json(array)));
        });
        told.unwrap_or(Elements::Segments)
    }
}

/// What an array is by one of its elements; `None` for one that is nothing known, such as `null`.
fn told_by(element: &str) -> Option<Elements> {
    let (mut kind, mut holds) = (None, false);
    let _read = scan::members(element, MAX_DEPTH_OF_ONE, |key, value| {
        match key.string(element).as_deref() {
            Some("type") => kind = between_quotes(value.json(element)),
            Some("message" | "content") => holds = true,
            _ => {}
        }
    });
    match kind {
        Some("node") => Some(Elements::Nodes),
        Some(_) => Some(Elements::Segments),
        None => holds.then_some(Elements::Holders),
    }
}

fn part_of_holder(name: &str) -> Option<Part> {
    match name {
        "message" | "content" => Some(Part::Message),
        "messages" => Some(Part::List),
        "message_format" => Some(Part::Format),
        _ => None,
    }
}
