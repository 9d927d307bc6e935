//! Heads of lists with one bracket too few: `[accounts.clients]` where others are `[[accounts.clients]]`. The parser takes
//! each of them for the table above and every key below it for one that was there before.

use std::{collections::HashMap, ops::Range};

/// What may be there several times: its path, and how it is written.
const LISTS: [(&str, &str); 5] = [
    ("accounts", "[[accounts]]"),
    ("accounts.clients", "[[accounts.clients]]"),
    ("signers", "[[signers]]"),
    ("notify", "[[notify]]"),
    ("core.sources", "[[core.sources]]"),
];

/// The head of a table.
#[derive(Debug)]
struct Head {
    span: Range<usize>,
    path: String,
    /// How it has to be written, if it has one bracket and needs two.
    wanted: Option<&'static str>,
    is_blamed: bool,
}

/// The heads of a text, in their order.
#[derive(Debug)]
pub(super) struct Heads {
    all: Vec<Head>,
    /// Whether a bracket is missing on the way to a path, of those that were asked for.
    found: HashMap<String, bool>,
}

impl Heads {
    pub(super) fn of(text: &str) -> Self {
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let from = start;
            start += line.len();
            (from, line)
        });
        Self {
            all: lines
                .filter_map(|(start, line)| head(start, line))
                .collect(),
            found: HashMap::new(),
        }
    }

    /// Finds out whether a key that seems to be there twice does so for a missing bracket, and remembers of which heads.
    pub(super) fn blame(&mut self, byte: usize) -> bool {
        let before = self.all.partition_point(|head| head.span.start <= byte);
        // The place of a head is that of its name.
        let Some(path) = before
            .checked_sub(1)
            .map(|last| self.all[last].path.clone())
        else {
            return false;
        };
        if let Some(found) = self.found.get(&path) {
            return *found;
        }
        let mut is_found = false;
        for head in &mut self.all {
            let rest = path.strip_prefix(&head.path);
            let leads_there = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            if head.wanted.is_some() && leads_there {
                head.is_blamed = true;
                is_found = true;
            }
        }
        self.found.insert(path, is_found);
        is_found
    }

    /// Those that lack a bracket, with their places and how each is to be written.
    pub(super) fn blamed(&self) -> impl Iterator<Item = (Range<usize>, &'static str)> {
        let blamed = self.all.iter().filter(|head| head.is_blamed);
        blamed.filter_map(|head| Some((head.span.clone(), head.wanted?)))
    }
}

/// The head that a line is; `start` is its place in the text.
fn head(start: usize, line: &str) -> Option<Head> {
    let trimmed = line.trim_start();
    let start = start + line.len() - trimmed.len();
    let inside = trimmed.strip_prefix('[')?;
    let (inside, is_single) = match inside.strip_prefix('[') {
        Some(inside) => (inside, false),
        None => (inside, true),
    };
    let (inside, _) = inside.split_once(']')?;
    let is_of_key = |letter: &char| !letter.is_whitespace() && !matches!(letter, '"' | '\'');
    let path: String = inside.chars().filter(is_of_key).collect();
    let list = LISTS.into_iter().find(|(list, _)| *list == path);
    let end = start + inside.len() + if is_single { 2 } else { 4 };
    Some(Head {
        span: start..end,
        wanted: list.map(|(_, written)| written).filter(|_| is_single),
        path,
        is_blamed: false,
    })
}
