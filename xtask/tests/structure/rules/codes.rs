//! Every code of the catalogue is one that the program uses.

use std::collections::BTreeSet;
use std::fs;

use cargo_metadata::camino::Utf8Path;
use serde_json::{Map, Value};

use crate::names::Read;

/// A code, and the type that `perpetua-words` makes of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Code {
    /// As it crosses a boundary: `port.in_use`.
    pub(crate) code: String,
    /// As the program names it: `port::InUse`.
    pub(crate) type_name: String,
}

/// The codes of the catalogue below `locales`.
pub(crate) fn catalogue(locales: &Utf8Path) -> BTreeSet<Code> {
    let folder = locales.join("en");
    let files = folder.read_dir_utf8().expect("the catalogue is there");
    let mut codes = BTreeSet::new();
    for file in files {
        let file = file.expect("the folder can be listed").into_path();
        let text = fs::read_to_string(&file).expect("a namespace is text");
        let namespace = file.file_stem().expect("a namespace has a name");
        let sentences: Map<String, Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("`{file}`: {error}"));
        codes.extend(sentences.keys().map(|key| code(namespace, key)));
    }
    codes
}

/// What a key of a namespace is called; the forms of a plural have one code.
pub(crate) fn code(namespace: &str, key: &str) -> Code {
    let plural = ["_one", "_other"]
        .iter()
        .find_map(|form| key.strip_suffix(form));
    let key = plural.unwrap_or(key);
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<String>()
    };
    let name: String = key.split('_').map(capital).collect();
    Code {
        code: format!("{namespace}.{key}"),
        type_name: format!("{namespace}::{name}"),
    }
}

/// The codes that nobody uses.
pub(crate) fn unused<'a>(codes: &'a BTreeSet<Code>, program: &[Read<'_>]) -> Vec<&'a str> {
    let paths = program.iter().flat_map(|read| &read.paths);
    let paths: BTreeSet<_> = paths.flat_map(|meaning| pairs(&meaning.path)).collect();
    let texts = program.iter().flat_map(|read| &read.texts);
    let texts: BTreeSet<_> = texts.map(|text| text.value.as_str()).collect();
    let unused = codes
        .iter()
        .filter(|code| !paths.contains(&code.type_name) && !texts.contains(code.code.as_str()));
    unused.map(|code| code.code.as_str()).collect()
}

/// Each two parts of a path that stand beside each other.
fn pairs(path: &str) -> Vec<String> {
    let parts: Vec<_> = path.split("::").collect();
    parts.windows(2).map(|pair| pair.join("::")).collect()
}

#[test]
fn a_code_is_used_by_its_type_or_by_its_name() {
    let codes = ["in_use", "closed", "lost_one", "lost_other", "old"];
    let codes = codes.map(|key| code("port", key)).into();
    let text = "use perpetua_words::{port, port::Closed}; const OLD: &str = \"port.olden\";
                fn f() { port::InUse { address, holder }; Closed; say(\"port.lost\"); }";
    let source = crate::program::Source::of(text);
    let read = crate::names::read(&[&source]);
    assert_eq!(unused(&codes, &read), ["port.old"]);
}
