//! `[[core.sources]]`: other ones, or the same in another order. Those that stay keep their lines and the comment above
//! them.

use std::ops::Range;

use toml_edit::{Array, ArrayOfTables, Document, DocumentMut, Item, Table, Value, value};

use super::{
    EditError, Place, Written,
    add::append_text,
    blocks::headers,
    find::{Found, find},
    line_end,
    order::lines_of,
    remove::with_blank_line,
    set,
    set::put,
    splice::{comma_behind, next_line_at, replaced, without},
    syntax,
};
use crate::{CoreSource, Problem};

const SECTION: &str = "core";
const KEY: &str = "sources";
/// What is changed, as an error calls it.
const LIST: &str = "core.sources";

/// A source as somebody has entered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewCoreSource {
    /// A release of a repository on GitHub.
    Github {
        /// `owner/name`.
        repository: String,
        /// The release's tag.
        tag: String,
    },
    /// A static index of releases.
    Index {
        /// The index's address.
        url: String,
    },
    /// A proxy for the addresses of the GitHub sources.
    Mirror {
        /// What stands before theirs.
        prefix: String,
    },
    /// A file or a folder of this machine.
    Local {
        /// A relative path starts at the folder of `perpetua.toml`.
        path: String,
    },
}

impl Default for NewCoreSource {
    /// The core's own release.
    fn default() -> Self {
        Self::Github {
            repository: CoreSource::REPOSITORY.to_owned(),
            tag: CoreSource::TAG.to_owned(),
        }
    }
}

impl NewCoreSource {
    /// What the settings make of it.
    ///
    /// # Errors
    /// What the settings would have wrong with it; the lines are none of the file's.
    pub fn read(&self) -> Result<CoreSource, Vec<Problem>> {
        // A mirror stands before another source.
        let sources = [Self::default().element(), self.element()];
        let text = format!("{LIST} = {}", sources.into_iter().collect::<Array>());
        let problems = match crate::parse(&text) {
            Ok(mut config) => return Ok(config.core.sources.pop().unwrap_or_default()),
            Err(problems) => problems,
        };
        Err(problems.into_iter().collect())
    }

    fn table(&self) -> Table {
        let (kind, keys) = match self {
            Self::Github { repository, tag } => {
                ("github", vec![("repository", repository), ("tag", tag)])
            }
            Self::Index { url } => ("index", vec![("url", url)]),
            Self::Mirror { prefix } => ("mirror", vec![("prefix", prefix)]),
            Self::Local { path } => ("local", vec![("path", path)]),
        };
        let mut table = Table::new();
        table["kind"] = value(kind);
        for (key, text) in keys {
            table[key] = value(text);
        }
        table
    }

    fn element(&self) -> Value {
        Value::InlineTable(self.table().into_inline_table())
    }

    /// `[[core.sources]]`, without a line end behind it.
    fn block(&self, line_end: &str) -> String {
        let mut sources = Table::new();
        sources.set_implicit(true);
        sources[KEY] = Item::ArrayOfTables(ArrayOfTables::from_iter([self.table()]));
        let mut block = DocumentMut::new();
        block[SECTION] = Item::Table(sources);
        block.to_string().trim().replace('\n', line_end)
    }
}

/// A source of a changed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CoreSourceEntry {
    /// One that is there, by its place.
    Kept(usize),
    /// Another one.
    New(NewCoreSource),
}

/// Puts other sources in the places of those that there are; gives the new text, which the caller validates and writes.
///
/// Settings that name none have the core's own release, which is written out then.
///
/// # Errors
/// [`EditError::OtherCoreSources`] when one that is to stay is not there or is named twice, and when the text is not TOML or
/// `core.sources` is not a list of tables.
pub fn set_core_sources(text: &str, wanted: &[CoreSourceEntry]) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let core = document.get(SECTION).and_then(Item::as_table_like);
    let changed = match core.and_then(|core| core.get(KEY)) {
        None => {
            let wanted = pieces(&[NewCoreSource::default()], wanted, NewCoreSource::clone)?;
            let core = find(&document, Place::Section(SECTION))?;
            return written_out(text, core.as_ref(), &wanted);
        }
        Some(Item::ArrayOfTables(tables)) => {
            let headers = headers(&document);
            let places = tables.iter().map(|table| lines_of(text, table, &headers));
            let places: Option<Vec<_>> = places.collect();
            let places = places.ok_or(EditError::NotTables(LIST))?;
            let end = line_end(text);
            let pieces = texts(text, &places, wanted, |source| source.block(end))?;
            with_blocks(text, &places, &pieces)
        }
        Some(Item::Value(Value::Array(values))) => {
            let places: Option<Vec<_>> = values.iter().map(Value::span).collect();
            let places = places.ok_or(EditError::NotTables(LIST))?;
            let pieces = texts(text, &places, wanted, |source| {
                source.element().decorated("", "").to_string()
            })?;
            let inside = values.span().map(|span| span.start + 1);
            inside.and_then(|inside| with_elements(text, inside, &places, &pieces))
        }
        Some(_) => None,
    };
    let changed = changed.ok_or(EditError::NotTables(LIST))?;
    if wanted.is_empty() {
        return without_any(&changed);
    }
    Ok(changed)
}

/// What is wanted, taken from what is there or made anew.
fn pieces<P: Clone>(
    present: &[P],
    wanted: &[CoreSourceEntry],
    made: impl Fn(&NewCoreSource) -> P,
) -> Result<Vec<P>, EditError> {
    let mut left: Vec<_> = present.iter().cloned().map(Some).collect();
    let piece = |entry: &CoreSourceEntry| match entry {
        CoreSourceEntry::New(source) => Ok(made(source)),
        CoreSourceEntry::Kept(place) => {
            let kept = left.get_mut(*place).and_then(Option::take);
            kept.ok_or(EditError::OtherCoreSources)
        }
    };
    wanted.iter().map(piece).collect()
}

fn texts(
    text: &str,
    places: &[Range<usize>],
    wanted: &[CoreSourceEntry],
    made: impl Fn(&NewCoreSource) -> String,
) -> Result<Vec<String>, EditError> {
    let present = places.iter().map(|place| text.get(place.clone()));
    let present: Option<Vec<_>> = present.map(|piece| piece.map(str::to_owned)).collect();
    pieces(&present.unwrap_or_default(), wanted, made)
}

/// The sources of settings that named none.
fn written_out(
    text: &str,
    core: Option<&Found<'_>>,
    wanted: &[NewCoreSource],
) -> Result<String, EditError> {
    if wanted.is_empty() {
        return without_any(text);
    }
    if let Some(core) = core.filter(|core| core.is_inline || !core.prefix.is_empty()) {
        let list: Array = wanted.iter().map(NewCoreSource::element).collect();
        let written = put(text, core, KEY, &Value::Array(list), None);
        return written.ok_or(EditError::NotTables(LIST));
    }
    let mut core = Table::new();
    core.set_implicit(true);
    let tables: ArrayOfTables = wanted.iter().map(NewCoreSource::table).collect();
    core[KEY] = Item::ArrayOfTables(tables);
    let mut block = DocumentMut::new();
    block[SECTION] = Item::Table(core);
    Ok(append_text(text, &block))
}

/// An empty list is none that is missing.
fn without_any(text: &str) -> Result<String, EditError> {
    let none = Written::Texts(Vec::new());
    set(text, Place::Section(SECTION), KEY, Some(&none))
}

/// From the end, so that the places before it stay true.
fn with_pieces(text: String, places: &[Range<usize>], pieces: &[String]) -> Option<String> {
    let both = places.iter().zip(pieces);
    both.rev().try_fold(text, |text, (place, piece)| {
        replaced(&text, place.clone(), piece)
    })
}

fn with_blocks(text: &str, places: &[Range<usize>], pieces: &[String]) -> Option<String> {
    let mut changed = text.to_owned();
    for gone in places.iter().skip(pieces.len()).rev() {
        let lines = gone.start..next_line_at(&changed, gone.end);
        let lines = with_blank_line(&changed, lines);
        changed = without(&changed, vec![lines])?;
    }
    let end = line_end(text);
    let more = pieces.iter().skip(places.len()).map(String::as_str);
    let more: Vec<_> = std::iter::once("").chain(more).collect();
    let more = more.join(&format!("{end}{end}"));
    if let Some(last) = places.last().filter(|_| !more.is_empty()) {
        changed = replaced(&changed, last.end..last.end, &more)?;
    }
    with_pieces(changed, places, pieces)
}

/// `inside` is the place behind the `[`.
fn with_elements(
    text: &str,
    inside: usize,
    places: &[Range<usize>],
    pieces: &[String],
) -> Option<String> {
    let mut changed = text.to_owned();
    for (place, gone) in places.iter().enumerate().skip(pieces.len()).rev() {
        let before = place.checked_sub(1).and_then(|before| places.get(before));
        let behind = before.map_or(gone.end, |before| before.end);
        let between = changed.get(behind..gone.start).unwrap_or("\n");
        let comma = comma_behind(&changed, behind).map(|comma| comma..comma + 1);
        let pieces = match comma {
            // Nothing else stands there.
            Some(_) if !between.contains(['#', '\n']) => {
                std::iter::once(behind..gone.end).collect()
            }
            comma => comma.into_iter().chain([gone.clone()]).collect(),
        };
        changed = without(&changed, pieces)?;
    }
    let more: Vec<_> = pieces.iter().skip(places.len()).cloned().collect();
    if !more.is_empty() {
        let last = places.last();
        let comma = if last.is_some() { ", " } else { "" };
        let at = last.map_or(inside, |last| last.end);
        changed = replaced(&changed, at..at, &format!("{comma}{}", more.join(", ")))?;
    }
    with_pieces(changed, places, pieces)
}

#[cfg(test)]
mod tests {
    use super::{
        CoreSourceEntry::{self, Kept, New},
        NewCoreSource, set_core_sources,
    };
    use crate::{CoreSource, edit::EditError, parse};

    fn mirror() -> CoreSourceEntry {
        let prefix = "https://proxy.example/".to_owned();
        New(NewCoreSource::Mirror { prefix })
    }

    fn local() -> CoreSourceEntry {
        let path = "cores".to_owned();
        New(NewCoreSource::Local { path })
    }

    fn set(text: &str, wanted: &[CoreSourceEntry]) -> String {
        let changed = set_core_sources(text, wanted).expect("TOML");
        parse(&changed).unwrap_or_else(|problems| panic!("{changed}\n{problems}"));
        changed
    }

    const THREE: &str = "# mine\n[[core.sources]]\nkind = \"github\" # own\n\n# near\n[[core.sources]]\nkind = \"mirror\"\n\
        prefix = \"https://a.example\"\n\n[api]\nlisten = \"127.0.0.1:1\"\n\n[[core.sources]]\nkind = \"local\"\npath = \"x\"\n";

    #[test]
    fn each_takes_its_lines_and_the_comment_above_them_along() {
        for text in [THREE.to_owned(), THREE.replace('\n', "\r\n")] {
            assert_eq!(set(&text, &[Kept(0), Kept(1), Kept(2)]), text);
            let other = set(&text, &[Kept(2), Kept(0), Kept(1)]);
            let shown = other.replace("\r\n", "\n");
            assert_eq!(
                shown,
                "[[core.sources]]\nkind = \"local\"\npath = \"x\"\n\n# mine\n[[core.sources]]\nkind = \"github\" # own\n\n\
                 [api]\nlisten = \"127.0.0.1:1\"\n\n# near\n[[core.sources]]\nkind = \"mirror\"\nprefix = \"https://a.example\"\n"
            );
            assert_eq!(set(&other, &[Kept(1), Kept(2), Kept(0)]), text);
        }
    }

    #[test]
    fn one_goes_and_another_one_comes() {
        let less = set(THREE, &[Kept(0), Kept(2)]);
        assert_eq!(
            less,
            "# mine\n[[core.sources]]\nkind = \"github\" # own\n\n[[core.sources]]\nkind = \"local\"\npath = \"x\"\n\n\
             [api]\nlisten = \"127.0.0.1:1\"\n"
        );
        let more = set(&less, &[mirror(), Kept(0), Kept(1)]);
        assert_eq!(
            more,
            "[[core.sources]]\nkind = \"mirror\"\nprefix = \"https://proxy.example/\"\n\n# mine\n[[core.sources]]\n\
             kind = \"github\" # own\n\n[[core.sources]]\nkind = \"local\"\npath = \"x\"\n\n[api]\nlisten = \"127.0.0.1:1\"\n"
        );
    }

    #[test]
    fn a_list_in_one_value_keeps_its_commas() {
        for start in [
            "core.sources = [",
            "[core]\nsources = [",
            "core = { sources = [",
        ] {
            let close = if start.starts_with("core = ") {
                " }"
            } else {
                ""
            };
            let own = "{ kind = \"github\" }";
            let folder = "{ kind = \"local\", path = \"cores\" }";
            let one = format!("{start}{own}]{close}");
            let two = format!("{start}{own}, {folder}]{close}");
            assert_eq!(set(&one, &[Kept(0), local()]), two);
            assert_eq!(set(&two, &[Kept(0)]), one);
            assert_eq!(
                set(&two, &[Kept(1), Kept(0)]),
                format!("{start}{folder}, {own}]{close}")
            );
            let none = format!("{start}]{close}");
            assert_eq!(set(&two, &[]), none);
            assert_eq!(set(&none, &[local()]), format!("{start}{folder}]{close}"));
        }
    }

    #[test]
    fn the_default_is_written_out_and_none_is_not_the_default() {
        for (text, sources) in [
            ("", 2),
            ("[core]\nauto-install = false", 2),
            ("core = { auto-install = false }\n", 2),
            ("core = {}\n", 2),
            ("core.auto-install = false\n", 2),
            (THREE, 0),
        ] {
            let none = set(text, &[]);
            let config = parse(&none).expect("settings");
            assert_eq!(config.core.sources, [], "{none}");
            if sources == 0 {
                continue;
            }
            let written = set(text, &[local(), Kept(0)]);
            let config = parse(&written).expect("settings");
            assert_eq!(config.core.sources.len(), sources, "{written}");
            assert_eq!(config.core.sources[1], CoreSource::default());
            assert!(written.contains("repository = \"LagrangeDev/Lagrange.Core\""));
            assert_eq!(config.core.auto_install, !text.contains("false"));
        }
    }

    #[test]
    fn one_that_is_not_there_or_is_named_twice_is_refused() {
        for wanted in [&[Kept(3)][..], &[Kept(0), Kept(0)]] {
            let refused = set_core_sources(THREE, wanted);
            assert_eq!(refused, Err(EditError::OtherCoreSources));
        }
        let refused = set_core_sources("", &[Kept(1)]);
        assert_eq!(refused, Err(EditError::OtherCoreSources));
        let not_tables = Err(EditError::NotTables("core.sources"));
        assert_eq!(set_core_sources("core.sources = 3", &[]), not_tables);
        assert!(matches!(
            set_core_sources("x =", &[]),
            Err(EditError::Syntax(_))
        ));
    }

    #[test]
    fn what_was_entered_is_read_as_the_settings_would() {
        let read = |entry: CoreSourceEntry| match entry {
            New(source) => source.read(),
            Kept(_) => panic!("a new one"),
        };
        assert!(matches!(read(mirror()), Ok(CoreSource::Mirror { .. })));
        assert!(matches!(read(local()), Ok(CoreSource::Local { .. })));
        assert_eq!(NewCoreSource::default().read(), Ok(CoreSource::default()));
        for wrong in [
            "",
            "proxy.example",
            "ftp://a.example",
            "https://",
            "a\nb\"]",
        ] {
            let url = wrong.to_owned();
            assert!(NewCoreSource::Index { url }.read().is_err(), "{wrong}");
            let prefix = wrong.to_owned();
            assert!(NewCoreSource::Mirror { prefix }.read().is_err(), "{wrong}");
            let (repository, tag) = (wrong.to_owned(), "x".to_owned());
            let github = NewCoreSource::Github { repository, tag };
            assert!(github.read().is_err(), "{wrong}");
        }
    }
}
