//! What the pages in `ui/src` say: the codes that they name, and that they hold no sentence themselves.
//!
//! Texts in JSX are the linter's (`noJsxLiterals`); here are the texts in quotes.

use std::collections::BTreeSet;
use std::fs;

use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

use super::sentences::is_sentence;

/// A file of the pages.
pub(crate) struct Script {
    pub(crate) path: Utf8PathBuf,
    texts: Vec<Quoted>,
}

/// A text in quotes.
struct Quoted {
    value: String,
    line: usize,
    /// What the line has before it.
    before: String,
}

/// Texts for programmers and browsers: what is thrown at a mistake of ours, lists of classes, selectors.
const FOR_NO_PERSON: [&str; 4] = ["new Error(", "className=", ".matches(", ".querySelector("];

/// The TypeScript below a folder, without what is generated.
pub(crate) fn scripts(folder: &Utf8Path) -> Vec<Script> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = folder.read_dir_utf8().expect("a folder of the pages");
        for entry in entries {
            let path = entry.expect("the folder can be listed").into_path();
            if path.is_dir() && path.file_name() != Some("generated") {
                folders.push(path);
            } else if matches!(path.extension(), Some("ts" | "tsx")) {
                let text = fs::read_to_string(&path).expect("a script is text");
                let texts = quoted(&text);
                found.push(Script { path, texts });
            }
        }
    }
    found
}

/// Every text in quotes: the codes that the pages name are among them.
pub(crate) fn texts(scripts: &[Script]) -> BTreeSet<&str> {
    let texts = scripts.iter().flat_map(|script| &script.texts);
    texts.map(|text| text.value.as_str()).collect()
}

/// The lines with a text that a person would read as words.
pub(crate) fn sentences(script: &Script) -> Vec<usize> {
    let said = script.texts.iter().filter(|text| {
        let is_han = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
        let for_no_person = FOR_NO_PERSON.iter().any(|call| text.before.contains(call));
        let is_read = is_sentence(&text.value) || text.value.contains(is_han);
        is_read && !for_no_person && !is_selector(&text.value)
    });
    said.map(|text| text.line).collect()
}

/// Which elements are meant, such as `input, textarea, [contenteditable]`.
fn is_selector(text: &str) -> bool {
    text.is_ascii() && text.contains('[') && text.contains(']')
}

/// Texts in `"`, `'` and `` ` ``, outside of comments. An apostrophe in JSX would begin one, but words
/// do not stand there.
fn quoted(script: &str) -> Vec<Quoted> {
    let mut found = Vec::new();
    let mut in_comment = false;
    for (place, line) in script.lines().enumerate() {
        read_line(line, place + 1, &mut in_comment, &mut found);
    }
    found
}

fn read_line(line: &str, number: usize, in_comment: &mut bool, found: &mut Vec<Quoted>) {
    let mut rest = line;
    let mut before = String::new();
    while !rest.is_empty() {
        if *in_comment {
            let Some((_, after)) = rest.split_once("*/") else {
                return;
            };
            (*in_comment, rest) = (false, after);
        } else if rest.starts_with("//") {
            return;
        } else if let Some(after) = rest.strip_prefix("/*") {
            (*in_comment, rest) = (true, after);
        } else if let Some(quote) = rest.chars().next().filter(|mark| "\"'`".contains(*mark)) {
            let (value, after) = up_to(&rest[quote.len_utf8()..], quote);
            for inner in inserted(&value, quote) {
                read_line(inner, number, &mut false, found);
            }
            found.push(Quoted {
                value,
                line: number,
                before: before.clone(),
            });
            rest = after;
        } else {
            let mut letters = rest.chars();
            before.extend(letters.next());
            rest = letters.as_str();
        }
    }
}

/// What stands in `${…}` of a template: it has texts of its own.
fn inserted(template: &str, quote: char) -> Vec<&str> {
    if quote != '`' {
        return Vec::new();
    }
    let begins = template.match_indices("${");
    begins.map(|(begin, _)| &template[begin + 2..]).collect()
}

/// The text before the closing quote, and what comes after it. A template over several lines ends with
/// its line: its first words tell enough.
fn up_to(text: &str, quote: char) -> (String, &str) {
    let mut value = String::new();
    let mut depth = 0_usize;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next()),
            letter if letter == quote && depth == 0 => break,
            letter => {
                let is_inner = quote == '`' && value.ends_with('$');
                depth += usize::from(letter == '{' && (is_inner || depth > 0));
                depth -= usize::from(letter == '}' && depth > 0);
                value.push(letter);
            }
        }
    }
    (value, letters.as_str())
}

fn tried(text: &str) -> Vec<usize> {
    sentences(&Script {
        path: Utf8PathBuf::new(),
        texts: quoted(text),
    })
}

#[test]
fn sentences_in_quotes_are_found() {
    for text in [
        r#"const why = "the port is in use";"#,
        "const why = 'the port is in use';",
        "const why = `the port is in use by ${holder}`;",
        "say(\"端口\");",
        r#"throw new CallFailed("the port is in use");"#,
        r#"const a = "\""; /* why */ say("the port is in use");"#,
    ] {
        assert_eq!(tried(text), [1], "{text}");
    }
}

#[test]
fn names_and_notes_for_no_person_are_not_found() {
    for text in [
        r#"throw new Error("nothing speaks outside of WordsProvider");"#,
        "// the port is in use: \"the port is in use\"",
        "/** The port is in use. */",
        "/*\n \"the port is in use\"\n*/",
        r#"import { a } from "../words/words";"#,
        r#"const fields = "input, textarea, select, [contenteditable]";"#,
        r#"<p className="row faint num">{words.t("app.lost")}</p>"#,
    ] {
        assert!(tried(text).is_empty(), "{text}");
    }
}

#[test]
fn a_code_in_quotes_is_used() {
    let script = Script {
        path: Utf8PathBuf::new(),
        texts: quoted(
            "say(words.t(\"app.lost\"), { code: 'app.found' });
             say(`${isOne ? ` ${t(\"app.one\", { of: { a } })}` : \"\"} · ${t(\"app.two\")}`);",
        ),
    };
    let scripts = [script];
    let found = texts(&scripts);
    for code in ["app.lost", "app.found", "app.one", "app.two"] {
        assert!(found.contains(code), "{code}");
    }
}
