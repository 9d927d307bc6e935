//! Makes a type of each code in `locales/en`: a code that does not exist, or a parameter that its
//! sentence does not have, does not compile.
//!
//! `locales/en/port.json` with `"in_use": "`{{address}}` is in use by {{holder}}"` becomes
//! `port::InUse { address, holder }`, which turns into a `Message`.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

type Failure = Box<dyn Error>;
/// The sentences of one namespace by their keys.
type Sentences = BTreeMap<String, String>;

fn main() -> Result<(), Failure> {
    let locales = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../locales");
    println!("cargo::rerun-if-changed={}", locales.display());
    let (english, chinese) = (
        read_language(&locales.join("en"))?,
        read_language(&locales.join("zh-CN"))?,
    );
    let output = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets `OUT_DIR`")?);
    fs::write(output.join("codes.rs"), codes(&english)?)?;
    fs::write(output.join("catalogue.rs"), catalogue(&english, &chinese)?)?;
    Ok(())
}

/// The namespaces of one language: `port.json` holds the codes that begin with `port.`.
fn read_language(folder: &Path) -> Result<BTreeMap<String, Sentences>, Failure> {
    let mut namespaces = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        println!("cargo::rerun-if-changed={}", path.display());
        let namespace = path.file_stem().and_then(|name| name.to_str());
        let namespace = namespace.ok_or("a namespace is named in UTF-8")?.to_owned();
        let text = fs::read_to_string(&path)?;
        let sentences =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        namespaces.insert(namespace, sentences);
    }
    Ok(namespaces)
}

/// A module for each namespace, a type for each code.
fn codes(english: &BTreeMap<String, Sentences>) -> Result<String, Failure> {
    let mut source = String::new();
    for (namespace, sentences) in english {
        writeln!(
            source,
            "/// The codes that begin with `{namespace}.`.\npub mod {namespace} {{"
        )?;
        for (code, forms) in by_code(sentences) {
            write_code(&mut source, namespace, &code, &forms)?;
        }
        writeln!(source, "}}")?;
    }
    Ok(source)
}

/// The forms of each code: a sentence, or one for each plural (`lost_one`, `lost_other`).
fn by_code(sentences: &Sentences) -> BTreeMap<String, Vec<&str>> {
    let mut codes = BTreeMap::<_, Vec<_>>::new();
    for (key, sentence) in sentences {
        let code = key
            .strip_suffix("_one")
            .or_else(|| key.strip_suffix("_other"))
            .unwrap_or(key);
        codes
            .entry(code.to_owned())
            .or_default()
            .push(sentence.as_str());
    }
    codes
}

fn write_code(
    source: &mut String,
    namespace: &str,
    code: &str,
    forms: &[&str],
) -> Result<(), Failure> {
    let name = camel_case(code);
    let parameters: BTreeSet<_> = forms.iter().flat_map(|form| parameters(form)).collect();
    for form in forms {
        for line in form.lines() {
            // Neither a bare address nor what looks like a link is text to rustdoc.
            let is_bare = line.contains("://") || line.contains('[');
            let mark = if is_bare && !line.contains('`') {
                "`"
            } else {
                ""
            };
            writeln!(source, "    /// > {mark}{line}{mark}")?;
        }
        writeln!(source, "    ///")?;
    }
    writeln!(source, "    #[derive(Clone, Copy, Debug)]")?;
    if parameters.is_empty() {
        writeln!(source, "    pub struct {name};")?;
        writeln!(
            source,
            "    impl ::core::convert::From<{name}> for crate::Message {{ fn from(_: {name}) -> Self {{ Self::of({name}::CODE, []) }} }}\n    impl {name} {{ /// The code.\n    pub const CODE: &'static str = \"{namespace}.{code}\"; }}"
        )?;
        return Ok(());
    }
    // Numbered: a code may be called as its only parameter is.
    let generics: Vec<_> = (0..parameters.len())
        .map(|place| format!("P{place}"))
        .collect();
    let (declared, bounds) = (
        generics.join(", "),
        generics
            .iter()
            .map(|name| format!("{name}: ::core::convert::Into<crate::Param>"))
            .collect::<Vec<_>>()
            .join(", "),
    );
    writeln!(source, "    pub struct {name}<{declared}> {{")?;
    for (parameter, generic) in parameters.iter().zip(&generics) {
        writeln!(
            source,
            "        /// `{{{{{parameter}}}}}`\n        pub {parameter}: {generic},"
        )?;
    }
    let values: Vec<_> = parameters
        .iter()
        .map(|name| format!("(\"{name}\", code.{name}.into())"))
        .collect();
    writeln!(
        source,
        "    }}\n    impl<{bounds}> ::core::convert::From<{name}<{declared}>> for crate::Message {{ fn from(code: {name}<{declared}>) -> Self {{ Self::of(\"{namespace}.{code}\", [{}]) }} }}",
        values.join(", ")
    )?;
    Ok(())
}

/// What stands in `{{…}}`.
fn parameters(sentence: &str) -> impl Iterator<Item = &str> {
    sentence
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim()))
}

fn camel_case(key: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    key.split('_').map(capital).collect()
}

/// Both languages as `(code, sentence)`, sorted by code.
fn catalogue(
    english: &BTreeMap<String, Sentences>,
    chinese: &BTreeMap<String, Sentences>,
) -> Result<String, Failure> {
    let mut source = String::new();
    for (name, language) in [("ENGLISH", english), ("CHINESE", chinese)] {
        let mut all: Vec<_> = language
            .iter()
            .flat_map(|(namespace, sentences)| {
                sentences
                    .iter()
                    .map(move |(key, sentence)| (format!("{namespace}.{key}"), sentence))
            })
            .collect();
        all.sort();
        writeln!(source, "const {name}: &[(&str, &str)] = &{all:?};")?;
    }
    Ok(source)
}
