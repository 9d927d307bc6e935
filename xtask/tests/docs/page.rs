//! A document in Markdown, taken apart as far as the rules need it.

use std::fs;
use std::path::Path;

/// A block of code.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) language: String,
    pub(crate) text: String,
    /// The line above it, which may name the file that it belongs into.
    pub(crate) above: String,
}

/// A heading: how deep, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    pub(crate) depth: usize,
    pub(crate) text: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Its path from the root of the repository, with `/`.
    pub(crate) name: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) blocks: Vec<Block>,
    /// What is neither a block nor a heading, a paragraph, a row or an item each.
    pub(crate) prose: Vec<String>,
}

impl Page {
    /// Reads a file of the repository.
    pub(crate) fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a document");
        let name = path.strip_prefix(root).expect("a file of the repository");
        let name = name.to_string_lossy().replace('\\', "/");
        Self {
            name,
            ..Self::of(&text)
        }
    }

    /// Takes a text apart.
    pub(crate) fn of(text: &str) -> Self {
        let mut page = Self {
            name: "tried.md".into(),
            headings: Vec::new(),
            blocks: Vec::new(),
            prose: Vec::new(),
        };
        let (mut fence, mut above, mut is_open) = (None::<Block>, String::new(), false);
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(language) = trimmed.strip_prefix("```") {
                is_open = false;
                if let Some(block) = fence.take() {
                    page.blocks.push(block);
                } else {
                    let (language, above) = (language.to_owned(), above.clone());
                    fence = Some(Block {
                        language,
                        text: String::new(),
                        above,
                    });
                }
            } else if let Some(block) = &mut fence {
                block.text += line;
                block.text.push('\n');
            } else if trimmed.is_empty() {
                is_open = false;
            } else if let Some(heading) = heading(line) {
                page.headings.push(heading);
                is_open = false;
            } else {
                let begins = trimmed.starts_with(['|', '-', '>']) || is_numbered(trimmed);
                match page.prose.last_mut().filter(|_| is_open && !begins) {
                    Some(last) => join(last, trimmed),
                    None => page.prose.push(trimmed.to_owned()),
                }
                is_open = !trimmed.starts_with('|');
            }
            if !trimmed.is_empty() {
                trimmed.clone_into(&mut above);
            }
        }
        assert!(fence.is_none(), "each block of code ends");
        page
    }

    pub(crate) fn is_chinese(&self) -> bool {
        self.name.ends_with(".zh-CN.md")
    }

    /// What stands between backticks outside of blocks.
    pub(crate) fn spans(&self) -> impl Iterator<Item = &str> {
        self.prose.iter().flat_map(|text| spans(text))
    }

    /// A finding, with the place.
    pub(crate) fn finding(&self, what: &str) -> String {
        format!("{}: {what}", self.name)
    }
}

/// What stands between backticks in a text.
pub(crate) fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn heading(line: &str) -> Option<Heading> {
    let text = line.trim_start_matches('#');
    let depth = line.len() - text.len();
    let text = text.strip_prefix(' ')?.to_owned();
    (depth > 0).then_some(Heading { depth, text })
}

fn is_numbered(line: &str) -> bool {
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    rest.len() < line.len() && rest.starts_with(". ")
}

/// Lines of Chinese have no blank between them.
fn join(text: &mut String, line: &str) {
    let is_latin = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii());
    if is_latin(text.chars().last()) || is_latin(line.chars().next()) {
        text.push(' ');
    }
    text.push_str(line);
}
