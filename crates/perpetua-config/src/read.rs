//! From text to [`Config`]: the text becomes a tree of values with their places, and each reader
//! here takes its keys from a table of that tree.
//!
//! A reader never stops at the first fault: it notes it, goes on with a stand-in, and at the end
//! there is either a [`Config`] or the list of everything that is wrong.

mod account;
mod address;
mod bracket;
mod choices;
mod client;
mod item;
mod kind;
mod listeners;
mod managed;
mod name;
mod node;
mod preferences;
mod section;
mod syntax;
mod targets;
mod token;
mod upstream;

use std::cell::RefCell;
use std::ops::Range;

use perpetua_words::{Message, config as words};
use toml::de::{DeTable, Error};

use crate::full_width::FullWidth;
use crate::{Config, Problem, Problems};
use bracket::Heads;
use listeners::Listeners;
use section::Section;
pub(crate) use syntax::not_toml;
use upstream::lagrange::Logins;

/// After a fault of the syntax, most of those behind it follow from it.
const MAX_SYNTAX_PROBLEMS: usize = 20;
/// More than a person reads; a file that is no settings file at all may have a million.
const MAX_PROBLEMS: usize = 100;

/// Where the readers note what is wrong.
struct Report<'a> {
    text: &'a str,
    found: RefCell<Vec<Problem>>,
}

impl Report<'_> {
    /// Notes a problem at a byte range of the text, if there are not too many yet.
    fn note(&self, span: &Range<usize>, path: &str, message: impl Into<Message>) {
        let mut found = self.found.borrow_mut();
        if found.len() < MAX_PROBLEMS {
            found.push(Problem::at(self.text, span, path, message.into()));
        }
    }
}

/// See [`crate::parse`].
pub(crate) fn parse(text: &str) -> Result<Config, Problems> {
    let (document, faults) = DeTable::parse_recoverable(text);
    if let Some(problems) = Problems::from_found(syntax_problems(text, &faults)) {
        return Err(problems);
    }
    let report = Report {
        text,
        found: RefCell::default(),
    };
    let config = read(Section::root(&report, &document));
    match Problems::from_found(report.found.into_inner()) {
        None => Ok(config),
        Some(problems) => Err(problems),
    }
}

/// What the parser says of a key that was there before.
const DUPLICATE: &str = "duplicate key";

/// The parser's faults, each with its place; those of a line with full-width punctuation are that one.
fn syntax_problems(text: &str, faults: &[Error]) -> Vec<Problem> {
    let mut full_width = Vec::new();
    let describe = |fault: &Error| {
        let span = fault.span().unwrap_or(text.len()..text.len());
        if let Some(found) = full_width_at(text, span.start) {
            let is_new = !full_width.contains(&found.first);
            full_width.push(found.first.clone());
            return is_new.then(|| Problem::at(text, &found.first, "", (&found).into()));
        }
        let message = match (fault.message(), text.get(span.clone())) {
            (DUPLICATE, Some(key)) => words::SetTwice { key: key.trim() }.into(),
            (parser, _) => not_toml(parser),
        };
        Some(Problem::at(text, &span, "", message))
    };
    // Below a head that is broken every key seems to stand in the table above: who obeyed that would take good
    // settings away.
    let place = |fault: &Error| fault.span().map_or(text.len(), |span| span.start);
    let others = faults.iter().filter(|fault| fault.message() != DUPLICATE);
    let broken = others.map(place).min();
    let follows = |fault: &&Error| {
        fault.message() == DUPLICATE && broken.is_some_and(|broken| broken < place(fault))
    };
    let (mut heads, mut own) = (Heads::of(text), Vec::new());
    for fault in faults.iter().filter(|fault| !follows(fault)) {
        if fault.message() != DUPLICATE || !heads.blame(place(fault)) {
            own.push(fault);
        }
    }
    let own = own.into_iter().filter_map(describe);
    let blamed = heads.blamed();
    let blamed = blamed.map(|(span, table)| {
        let message = words::ListOfTables { table }.into();
        Problem::at(text, &span, "", message)
    });
    blamed.chain(own).take(MAX_SYNTAX_PROBLEMS).collect()
}

/// The full-width punctuation in the line of a byte of the text, with its place in the text.
fn full_width_at(text: &str, byte: usize) -> Option<FullWidth> {
    let start = text.get(..byte)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next()?;
    let mut found = FullWidth::in_line(line)?;
    found.first = start + found.first.start..start + found.first.end;
    Some(found)
}

/// Reads the top level.
fn read(mut root: Section<'_>) -> Config {
    let mut listeners = Listeners::default();
    let api = node::api(root.table("api", "[api]"), &mut listeners);
    let log = node::log(root.table("log", "[log]"));
    let limits = node::limits(root.table("limits", "[limits]"));
    let secrets = root
        .take("secrets")
        .and_then(|item| item.word(&node::SECRETS_BACKENDS))
        .unwrap_or_default();
    let core = managed::core(root.table("core", "[core]"));
    let (signers, signer_names) = managed::signers(root.tables("signers", "[[signers]]"));
    let notify = address::hooks(root.tables("notify", "[[notify]]"));
    let ui = preferences::ui(root.table("ui", "[ui]"));
    let notifications = root.table("notifications", "[notifications]");
    let notifications = preferences::notifications(notifications);
    let updates = preferences::updates(root.table("updates", "[updates]"));
    let sections = root.tables("accounts", "[[accounts]]");
    let mut logins = Logins::new(&signer_names);
    let (accounts, names) = account::accounts(sections, &mut listeners, &mut logins);
    let discovery = node::discovery(root.table("discovery", "[discovery]"), &api, &names);
    root.finish();
    Config {
        api,
        log,
        secrets,
        limits,
        discovery,
        core,
        signers,
        notify,
        ui,
        notifications,
        updates,
        accounts,
    }
}
