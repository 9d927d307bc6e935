//! The settings that documents name, against what the reader of the settings knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use crate::files;
use crate::page::{Block, Page, spans};

/// Words with hyphens that are no settings: of other programs, of the protocol, of this repository.
const FOREIGN: [&str; 17] = [
    "adapter-onebot",
    "fonts-noto-cjk",
    "koishi-plugin-adapter-onebot",
    "kovi-onebot",
    "libicu-dev",
    "libwebkit2gtk-4.1-dev",
    "node-karin",
    "nonebot-adapter-onebot",
    "openssl-libs",
    "perpetua-config",
    "perpetua-desktop",
    "perpetua-secrets",
    "pkg-config",
    "win-x64",
    "ws-reverse",
    "zh-cn",
    "xdg-open",
];
/// Settings whose values are words.
const CHOICES: [&str; 7] = [
    "kind",
    "format",
    "when-full",
    "profile",
    "roles",
    "secrets",
    "sign-through",
];

/// Every word that the reader of the settings knows.
pub(crate) struct Keys(BTreeSet<String>);

impl Keys {
    /// Collects the texts in the source of the reader.
    pub(crate) fn read(root: &Path) -> Self {
        let mut keys = BTreeSet::new();
        for path in files(&root.join("crates/perpetua-config/src"), ".rs") {
            let text = fs::read_to_string(path).expect("a source");
            let source = text.split("#[cfg(test)]").next().unwrap_or_default();
            collect(source.parse().expect("Rust"), &mut keys);
        }
        assert!(keys.contains("queue-events"), "the settings are found");
        Self(keys)
    }

    /// The settings of a page that do not exist.
    pub(crate) fn wrong_in(&self, page: &Page) -> Vec<String> {
        let of_ours = page.blocks.iter().filter(|block| is_of_ours(block));
        let lines = of_ours.flat_map(|block| block.text.lines());
        let mut wrong: Vec<_> = lines.flat_map(|line| self.unknown_in_line(line)).collect();
        for span in page.spans() {
            wrong.extend(self.unknown_in_span(span));
        }
        wrong.extend(self.unknown_in_tables(page));
        let findings = wrong
            .iter()
            .map(|key| format!("there is no setting `{key}`"));
        findings.map(|what| page.finding(&what)).collect()
    }

    fn unknown(&self, words: impl Iterator<Item = String>) -> Vec<String> {
        words.filter(|word| !self.0.contains(word)).collect()
    }

    /// A line of TOML.
    fn unknown_in_line(&self, line: &str) -> Vec<String> {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.starts_with('#') {
            return Vec::new();
        }
        if line.starts_with('[') {
            let name = line.trim_matches(['[', ']']);
            return self.unknown(name.split('.').map(str::to_owned));
        }
        let Some((key, value)) = line.split_once(" = ") else {
            return Vec::new();
        };
        let mut words = vec![key.to_owned()];
        if CHOICES.contains(&key) {
            words.push(value.trim_matches('"').to_owned());
        }
        // Keys within inline tables.
        for part in value.split(['{', ',']).skip(1) {
            if let Some((inner, _)) = part.split_once(" = ") {
                words.push(inner.trim().to_owned());
            }
        }
        self.unknown(words.into_iter())
    }

    fn unknown_in_span(&self, span: &str) -> Vec<String> {
        if let Some((section, key)) = span
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("] "))
        {
            let sections = section
                .trim_matches(['[', ']'])
                .split('.')
                .map(str::to_owned);
            let key = key.split(" = ").next().unwrap_or_default().to_owned();
            return self.unknown(sections.chain([key]));
        }
        let key = span.split(" = ").next().unwrap_or_default();
        let is_assigned = key != span && is_key(key);
        let is_hyphened = is_key(span) && span.contains('-') && !FOREIGN.contains(&span);
        if is_assigned {
            self.unknown_in_line(span)
        } else if is_hyphened {
            self.unknown([span.to_owned()].into_iter())
        } else {
            Vec::new()
        }
    }

    /// The first cells of tables of settings.
    fn unknown_in_tables(&self, page: &Page) -> Vec<String> {
        let mut unknown = Vec::new();
        let mut is_of_settings = false;
        for row in &page.prose {
            let Some(cell) = row.strip_prefix('|').and_then(|row| row.split('|').next()) else {
                is_of_settings = false;
                continue;
            };
            if matches!(cell.trim(), "key" | "项") {
                is_of_settings = true;
            } else if is_of_settings {
                let words = spans(cell).flat_map(|span| span.split([' ', '[', ']', '.', ',']));
                let words = words.filter(|word| is_key(word) && !word.contains('-'));
                unknown.extend(self.unknown(words.map(str::to_owned)));
            }
        }
        unknown
    }
}

/// A block of TOML belongs to the settings unless the line above names another file.
fn is_of_ours(block: &Block) -> bool {
    let is_toml = |span: &str| Path::new(span).extension().is_some_and(|end| end == "toml");
    let is_other = |span: &str| is_toml(span) && span != "perpetua.toml";
    block.language == "toml" && !spans(&block.above).any(is_other)
}

fn is_key(text: &str) -> bool {
    let begins = text.starts_with(|letter: char| letter.is_ascii_lowercase());
    let is_letter =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    begins && !text.ends_with('-') && text.chars().all(is_letter)
}

fn collect(tokens: TokenStream, keys: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), keys),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                keys.insert(text.trim_matches('"').to_owned());
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}
