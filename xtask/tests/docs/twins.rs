//! One document in two languages: the same headings, the same code.

use crate::page::{Block, Page};

/// Documents without a twin, and twins that differ.
pub(crate) fn wrong_among(pages: &[Page]) -> Vec<String> {
    let mut wrong = Vec::new();
    for page in pages {
        let other = match page.name.strip_suffix(".zh-CN.md") {
            Some(stem) => format!("{stem}.md"),
            None => page.name.replace(".md", ".zh-CN.md"),
        };
        match pages.iter().find(|page| page.name == other) {
            None => wrong.push(page.finding(&format!("there is no `{other}`"))),
            Some(twin) if page.is_chinese() => wrong.extend(difference(twin, page)),
            Some(_) => {}
        }
    }
    wrong
}

/// The first difference of the two.
fn difference(english: &Page, chinese: &Page) -> Option<String> {
    let depths = |page: &Page| {
        page.headings
            .iter()
            .map(|heading| heading.depth)
            .collect::<Vec<_>>()
    };
    if depths(english) != depths(chinese) {
        return Some(chinese.finding("its headings are others than those of its twin"));
    }
    if english.blocks.len() != chinese.blocks.len() {
        return Some(chinese.finding("it has another number of blocks than its twin"));
    }
    let mut pairs = english.blocks.iter().zip(&chinese.blocks);
    let (one, other) = pairs.find(|(one, other)| code(one) != code(other))?;
    let (one, other) = (code(one).1, code(other).1);
    let mut lines = one.lines().zip(other.lines());
    let line = lines.find(|(one, other)| one != other);
    Some(chinese.finding(&format!("a block differs from that of its twin: {line:?}")))
}

/// The code of a block: comments and placeholders are written for each language.
fn code(block: &Block) -> (&str, String) {
    let lines = block.text.lines().map(|line| {
        let line = if line.trim_start().starts_with('#') {
            ""
        } else {
            line
        };
        without_placeholders(line.split(" #").next().unwrap_or_default().trim_end())
    });
    (&block.language, lines.collect::<Vec<_>>().join("\n"))
}

/// `<token>` and `<令牌>` are one.
fn without_placeholders(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((_, after)) = after.split_once('>') else {
            break;
        };
        text += before;
        text += "<>";
        rest = after;
    }
    text + rest
}
