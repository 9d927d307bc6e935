//! A table being read: it gives out the values of its keys, and every key that no reader
//! asks for is unknown.

use std::ops::Range;

use perpetua_words::{Message, config as words};
use toml::Spanned;
use toml::de::DeTable;

use super::Report;
use super::choices::{all, nearest};
use super::item::Item;

/// Where a key belongs that often stands below the wrong `[table]` header.
enum Home {
    Top,
    TopOrIn(&'static str),
    In(&'static str),
    /// In a table, before the header of the next one.
    Before(&'static str, &'static str),
    /// In a table, below another one.
    Below(&'static str, &'static str),
}

const HOMES: [(&str, Home); 9] = [
    ("secrets", Home::Top),
    ("notify", Home::TopOrIn("[[notify]]")),
    ("sources", Home::In("[[core.sources]]")),
    (
        "action-timeout",
        Home::Before("[[accounts]]", "[accounts.upstream]"),
    ),
    (
        "unsent-timeout",
        Home::Before("[[accounts]]", "[accounts.upstream]"),
    ),
    (
        "max-frame-size",
        Home::Before("[[accounts]]", "[accounts.upstream]"),
    ),
    ("uin", Home::In("[accounts.upstream]")),
    (
        "upstream",
        Home::Below("[accounts.upstream]", "[[accounts]]"),
    ),
    (
        "clients",
        Home::Below("[[accounts.clients]]", "[[accounts]]"),
    ),
];

impl From<&Home> for Message {
    fn from(home: &Home) -> Self {
        match *home {
            Home::Top => words::BelongsAtTop.into(),
            Home::TopOrIn(table) => words::BelongsAtTopOrIn { table }.into(),
            Home::In(table) => words::BelongsIn { table }.into(),
            Home::Before(table, next) => words::BelongsInBefore { next, table }.into(),
            Home::Below(table, former) => words::BelongsInBelow { former, table }.into(),
        }
    }
}

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
    pub(super) fn require(
        &mut self,
        key: &'static str,
        meaning: impl Into<Message>,
    ) -> Option<Item<'a>> {
        let item = self.take(key);
        if item.is_none() {
            let meaning = meaning.into();
            let table = self.title;
            self.problem(words::Missing {
                key,
                meaning,
                table,
            });
        }
        item
    }

    /// Its header as the file writes it; empty for the top level.
    pub(super) fn title(&self) -> &'static str {
        self.title
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
        let list = |item: Item<'a>| match item.as_table() {
            Some(_) => item.problem(words::ListOfTables { table: title }),
            None => item.array(),
        };
        let items = self.take(key).and_then(list).unwrap_or_default();
        items
            .into_iter()
            .filter_map(|item| item.table(title))
            .collect()
    }

    /// Notes a problem of the table as a whole.
    pub(super) fn problem(&self, message: impl Into<Message>) {
        let span = self.place.as_ref().map_or(0..0, |(_, span)| span.clone());
        self.report.note(&span, &self.path, message);
    }

    /// Ends the reading: every key that no reader asked for is a problem of its own.
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
    fn unknown_key(&self, key: &str) -> Message {
        let known = || self.known.iter().copied();
        let advice: Message = if let Some(home) = self.home_of(key) {
            home.into()
        } else if let Some(word) = nearest(key, known()) {
            words::DidYouMean { word }.into()
        } else {
            words::KeysHere { keys: all(known()) }.into()
        };
        match self.title {
            "" => words::UnknownKeyAtTop { advice, key }.into(),
            table => words::UnknownKey { advice, key, table }.into(),
        }
    }

    /// Where a key belongs, if that is not here.
    fn home_of(&self, key: &str) -> Option<&'static Home> {
        let (_, home) = HOMES.iter().find(|(name, _)| *name == key)?;
        let is_here = matches!(home, Home::In(table) if *table == self.title);
        (!is_here).then_some(home)
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
