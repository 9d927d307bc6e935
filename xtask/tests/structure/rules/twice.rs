//! No sentence stands twice in a language: two codes that say the same drift apart when one is mended.

use std::collections::BTreeMap;
use std::fs;

use cargo_metadata::camino::Utf8Path;

use crate::rules::codes;

/// From how many words on an English text is a sentence; shorter ones are labels, which may be
/// translated differently at each place.
const ENGLISH_WORDS: usize = 4;
/// The same for Chinese, in letters.
const CHINESE_LETTERS: usize = 8;

/// The codes that say the same, by what they say, in one of the languages below `locales`.
pub(crate) fn found(locales: &Utf8Path) -> BTreeMap<String, Vec<String>> {
    let languages = locales.read_dir_utf8().expect("the catalogue is there");
    let mut found = BTreeMap::new();
    for language in languages {
        let language = language.expect("the folder can be listed").into_path();
        let mut sentences = Vec::new();
        for file in language.read_dir_utf8().expect("a language is a folder") {
            let file = file.expect("the folder can be listed").into_path();
            let text = fs::read_to_string(&file).expect("a namespace is text");
            let namespace = file.file_stem().expect("a namespace has a name");
            let texts: BTreeMap<String, String> =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("`{file}`: {error}"));
            let coded = texts
                .into_iter()
                .map(|(key, text)| (codes::code(namespace, &key).code, text));
            sentences.extend(coded);
        }
        found.extend(twice(sentences));
    }
    found
}

/// The sentences that several codes have; the plural forms of a code are one.
fn twice(sentences: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut said = BTreeMap::<_, Vec<_>>::new();
    for (code, text) in sentences {
        if is_sentence(&text) {
            said.entry(text).or_default().push(code);
        }
    }
    for codes in said.values_mut() {
        codes.sort();
        codes.dedup();
    }
    said.retain(|_, codes| codes.len() > 1);
    said
}

fn is_sentence(text: &str) -> bool {
    let is_chinese = |letter: &char| ('\u{4e00}'..='\u{9fff}').contains(letter);
    match text.chars().filter(is_chinese).count() {
        0 => text.split_whitespace().count() >= ENGLISH_WORDS,
        letters => letters >= CHINESE_LETTERS,
    }
}

#[test]
fn a_sentence_under_two_codes_is_found_and_a_label_is_not() {
    let sentences = [
        ("a.full", "the disk is full"),
        ("b.full", "the disk is full"),
        ("a.stop", "Stop the core"),
        ("b.stop", "Stop the core"),
        ("a.lost", "{{count}} without a name"),
        ("a.lost", "{{count}} without a name"),
        ("a.wait", "正在等上游程序连过来"),
        ("b.wait", "正在等上游程序连过来"),
        ("a.start", "启动核心"),
        ("b.start", "启动核心"),
    ];
    let sentences = sentences.map(|(code, text)| (code.to_owned(), text.to_owned()));
    let found: Vec<_> = twice(sentences.into()).into_values().collect();
    assert_eq!(found, [["a.full", "b.full"], ["a.wait", "b.wait"]]);
}
