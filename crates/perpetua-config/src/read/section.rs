//! A table being read: it hands out each of its keys, and what nobody asked for is unknown.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use super::Report;
use super::item::Item;

/// Keys that are often written below the wrong `[table]` header, and where they belong.
const HOMES: [(&str, &str); 7] = [
    (
        "secrets",
        "at the top of the file, before the first `[table]`",
    ),
    (
        "notify",
        "at the top of the file, before the first `[table]`, or in `[[notify]]`",
    ),
    ("sources", "in `[[core.sources]]`"),
    (
        "action-timeout",
        "in `[[accounts]]`, before `[accounts.upstream]`",
    ),
    (
        "unsent-timeout",
        "in `[[accounts]]`, before `[accounts.upstream]`",
    ),
    ("upstream", "in `[accounts.upstream]`, below `[[accounts]]`"),
    ("clients", "in `[[accounts.clients]]`, below `[[accounts]]`"),
];

/// One table of the settings file.
pub(super) struct Section<'a> {
    report: &'a Report<'a>,
    /// Its header as the file writes it, such as `[api]`; empty for the top level.
    title: &'static str,
    /// Its dotted path, empty for the top level.
    path: String,
    /// Where it stands; `None` for a table that the file leaves out.
    place: Option<(&'a DeTable<'a>, Range<usize>)>,
    /// The keys that a reader has asked for.
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The top level of the file.
    pub(super) fn root(report: &'a Report<'a>, document: &'a Spanned<DeTable<'a>>) -> Self {
        Self::new(
            report,
            "",
            String::new(),
            Some((document.get_ref(), document.span())),
        )
    }

    /// A table that stands at a place, or an absent one.
    pub(super) fn new(
        report: &'a Report<'a>,
        title: &'static str,
        path: String,
        place: Option<(&'a DeTable<'a>, Range<usize>)>,
    ) -> Self {
        Self {
            report,
            title,
            path,
            place,
            known: Vec::new(),
        }
    }

    /// The value of a key, if the file has it.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Item<'a>> {
        self.known.push(key);
        let (table, _) = self.place.as_ref()?;
        let value = table.get(key)?;
        Some(Item::new(self.report, self.path_of(key), value))
    }

    /// The value of a key that the file must have; `meaning` says what it is, with an example.
    pub(super) fn require(&mut self, key: &'static str, meaning: &str) -> Option<Item<'a>> {
        let item = self.take(key);
        if item.is_none() {
            self.problem(format!("`{key}` is missing in `{}`: {meaning}", self.title));
        }
        item
    }

    /// A table of this one; an absent one reads as an empty one.
    pub(super) fn table(&mut self, key: &'static str, title: &'static str) -> Section<'a> {
        let absent = Section::new(self.report, title, self.path_of(key), None);
        self.take(key)
            .and_then(|item| item.table(title))
            .unwrap_or(absent)
    }

    /// The tables of an array of this one.
    pub(super) fn tables(&mut self, key: &'static str, title: &'static str) -> Vec<Section<'a>> {
        let items = self
            .take(key)
            .and_then(|item| item.array())
            .unwrap_or_default();
        items
            .into_iter()
            .filter_map(|item| item.table(title))
            .collect()
    }

    /// Notes a problem of the table as a whole.
    pub(super) fn problem(&self, message: impl Into<String>) {
        let span = self.place.as_ref().map_or(0..0, |(_, span)| span.clone());
        self.report.note(&span, &self.path, message);
    }

    /// Ends the reading: every key that nobody asked for is a problem of its own.
    pub(super) fn finish(self) {
        let Some((table, _)) = &self.place else {
            return;
        };
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !self.known.contains(&name) {
                self.report
                    .note(&key.span(), &self.path_of(name), self.unknown_key(name));
            }
        }
    }

    /// What to say about a key that does not exist here.
    fn unknown_key(&self, key: &str) -> String {
        let place = if self.title.is_empty() {
            "at the top of the file".to_owned()
        } else {
            format!("in `{}`", self.title)
        };
        let advice = if let Some((_, home)) = HOMES.iter().find(|(name, _)| *name == key) {
            format!("it belongs {home}")
        } else if let Some(near) = nearest(key, self.known.iter().copied()) {
            format!("did you mean `{near}`?")
        } else {
            format!(
                "the keys here are {}",
                list(self.known.iter().copied(), "and")
            )
        };
        format!("unknown key `{key}` {place}; {advice}")
    }

    /// The dotted path of a key of this table.
    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

/// The known word that the written one was most likely meant to be.
pub(super) fn nearest<'w>(written: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let written = written.replace('_', "-").to_lowercase();
    known
        .map(|word| (strsim::damerau_levenshtein(&written, word), word))
        // One slip per three letters; more makes any two short words alike.
        .filter(|(distance, word)| *distance <= word.len().div_ceil(3).min(3))
        .min()
        .map(|(_, word)| word)
}

/// Words in backticks: `a`, `b` and `c`.
pub(super) fn list<'w>(words: impl Iterator<Item = &'w str>, conjunction: &str) -> String {
    let mut quoted: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match quoted.pop() {
        Some(last) if quoted.is_empty() => last,
        Some(last) => format!("{} {conjunction} {last}", quoted.join(", ")),
        None => String::new(),
    }
}
