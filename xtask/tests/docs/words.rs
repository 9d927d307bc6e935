//! The words that documents quote, against the catalogue of their language.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::files;
use crate::page::Page;

/// A letter, or something that stands for any text: a parameter of a sentence, `…` in a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Letter(char),
    Any,
}

/// Quotes of at most so many letters are words of buttons and states, and have to be whole.
const WORD: usize = 16;
const CHINESE_WORD: usize = 6;

/// Stands for a quotation mark.
const QUOTED: char = '\u{1}';

/// Names that the program puts into its sentences, the same in every language.
const NAMES: [&str; 3] = ["NoneBot2", "Koishi", "AstrBot"];

/// A sentence, with each three letters in a row that it has.
struct Sentence {
    parts: Vec<Part>,
    triples: BTreeSet<[Part; 3]>,
}

/// The sentences of one language.
pub(crate) struct Words {
    sentences: Vec<Sentence>,
    texts: Vec<String>,
}

impl Words {
    /// Reads the catalogue of a language.
    pub(crate) fn read(root: &Path, language: &str) -> Self {
        let mut texts = Vec::new();
        for path in files(&root.join("locales").join(language), ".json") {
            let text = fs::read_to_string(path).expect("a part of the catalogue");
            let part: Map<String, Value> = serde_json::from_str(&text).expect("an object");
            texts.extend(part.values().filter_map(Value::as_str).map(str::to_owned));
        }
        assert!(texts.len() > 1000, "the catalogue is found");
        let sentences = texts.iter().map(|text| Sentence::of(text)).collect();
        Self { sentences, texts }
    }

    /// The quotes of a page that the program never says.
    pub(crate) fn wrong_in(&self, page: &Page) -> Vec<String> {
        let mut wrong = Vec::new();
        for text in &page.prose {
            for quote in quotes(text) {
                let unknown = quote.split(" → ").find(|part| !self.has(part));
                wrong.extend(unknown.map(|part| format!("nothing says “{part}”")));
            }
            wrong.extend(self.unknown_ways(text));
        }
        wrong.iter().map(|what| page.finding(what)).collect()
    }

    fn has(&self, quote: &str) -> bool {
        let quote = with_gaps(quote.trim_end_matches([',', '.', ';', '。', '，']));
        let quote = parts(&quote);
        let letters = quote.iter().filter(|part| **part != Part::Any).count();
        let is_chinese = |part: &Part| matches!(part, Part::Letter(letter) if *letter > '\u{2e80}');
        let longest = if quote.iter().any(is_chinese) {
            CHINESE_WORD
        } else {
            WORD
        };
        let is_word = letters == quote.len() && letters <= longest;
        let triples = triples(&quote);
        letters == 0
            || self.sentences.iter().any(|sentence| {
                // Most have nothing in common with it, which is seen at once.
                let common = triples.intersection(&sentence.triples).count();
                if common * 6 < triples.len() {
                    return false;
                }
                let fitting = best(&quote, &sentence.parts, is_word);
                fitting.is_some_and(|fitting| fitting * 2 >= letters && fitting >= letters.min(3))
            })
    }

    /// Ways through pages that are not quoted, such as Clients → Add a client.
    fn unknown_ways(&self, text: &str) -> Vec<String> {
        let text = without_quotes(text);
        let mut wrong = Vec::new();
        let mut parts = text.split(" → ").peekable();
        while let Some(before) = parts.next() {
            let Some(after) = parts.peek() else { break };
            // What is quoted has been looked for already.
            if before.ends_with(QUOTED) || after.starts_with(QUOTED) {
                continue;
            }
            let before: Vec<_> = before.split(' ').collect();
            let after: Vec<_> = after.split(' ').collect();
            let known = |words: &[&str]| {
                let words = words.join(" ");
                let name = words.trim_end_matches([',', '.', ';', ':', '*', ')']);
                self.texts
                    .iter()
                    .any(|text| text == name.trim_start_matches(['*', '(']))
            };
            let begins = (0..before.len()).any(|start| known(&before[start..]));
            let ends = (1..=after.len()).any(|end| known(&after[..end]));
            if !begins || !ends {
                let (last, first) = (before.last().unwrap_or(&""), after.first().unwrap_or(&""));
                wrong.push(format!("nothing leads along {last} → {first}"));
            }
        }
        wrong
    }
}

impl Sentence {
    fn of(text: &str) -> Self {
        let parts = parts(text);
        let triples = triples(&parts);
        Self { parts, triples }
    }
}

/// Each three letters in a row.
fn triples(parts: &[Part]) -> BTreeSet<[Part; 3]> {
    let windows = parts.windows(3).map(|three| [three[0], three[1], three[2]]);
    windows
        .filter(|three| !three.contains(&Part::Any))
        .collect()
}

/// Names and addresses stand where a sentence has parameters.
fn with_gaps(quote: &str) -> String {
    let mut quote = quote.to_owned();
    for name in NAMES {
        quote = quote.replace(name, "…");
    }
    let is_of_address = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ':');
    let words = quote.split(' ').map(|word| {
        let is_address = word.matches('.').count() >= 3 && word.chars().all(is_of_address);
        if is_address { "…" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Parameters and `…` stand for any text.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let parameter = rest
            .strip_prefix("{{")
            .and_then(|inner| inner.split_once("}}"));
        if let Some((_, after)) = parameter {
            parts.push(Part::Any);
            rest = after;
        } else {
            parts.push(if letter == '…' {
                Part::Any
            } else {
                Part::Letter(letter)
            });
            rest = &rest[letter.len_utf8()..];
        }
    }
    while parts
        .last()
        .is_some_and(|last| matches!(last, Part::Letter('.' | '。')))
    {
        parts.pop();
    }
    for part in &mut parts {
        if let Part::Letter(letter) = part {
            *letter = letter.to_lowercase().next().unwrap_or(*letter);
        }
    }
    parts
}

/// How many letters of a quote stand in a sentence at most, if it fits at all; a word has to be all of it.
fn best(quote: &[Part], sentence: &[Part], is_word: bool) -> Option<usize> {
    let width = sentence.len() + 1;
    let mut row: Vec<Option<usize>> = vec![(!is_word).then_some(0); width];
    row[0] = Some(0);
    pass(&mut row, sentence, false);
    for part in quote {
        let mut next = vec![None; width];
        for (place, score) in row.iter().enumerate() {
            let Some(score) = *score else { continue };
            let mut reach = |place: usize, score: usize| {
                next[place] = next[place].max(Some(score));
            };
            match (part, sentence.get(place)) {
                (Part::Any, _) | (Part::Letter(_), Some(Part::Any)) => reach(place, score),
                (Part::Letter(one), Some(Part::Letter(other))) if one == other => {
                    reach(place + 1, score + 1);
                }
                (Part::Letter(_), _) => {}
            }
        }
        pass(&mut next, sentence, *part == Part::Any);
        row = next;
    }
    if is_word {
        row[width - 1]
    } else {
        row.into_iter().max().flatten()
    }
}

/// A parameter may be passed over, and everything behind `…`.
fn pass(row: &mut [Option<usize>], sentence: &[Part], everything: bool) {
    for (place, part) in sentence.iter().enumerate() {
        if everything || *part == Part::Any {
            row[place + 1] = row[place + 1].max(row[place]);
        }
    }
}

/// What stands in quotation marks, outside of code.
fn quotes(text: &str) -> Vec<String> {
    let mut quotes = Vec::new();
    let (mut quote, mut is_code) = (None::<String>, false);
    for letter in text.chars() {
        if letter == '`' {
            is_code = !is_code;
        }
        match letter {
            '"' | '”' if !is_code && quote.is_some() => quotes.extend(quote.take()),
            '"' | '“' if !is_code && quote.is_none() => quote = Some(String::new()),
            letter => {
                if let Some(quote) = &mut quote {
                    quote.push(letter);
                }
            }
        }
    }
    quotes
}

/// The text with code left out, and a mark for each end of a quote.
fn without_quotes(text: &str) -> String {
    let mut left = String::new();
    let (mut is_quote, mut is_code) = (false, false);
    for letter in text.chars() {
        match letter {
            '`' => is_code = !is_code,
            '"' | '“' | '”' if !is_code => {
                is_quote = !is_quote;
                left.push(QUOTED);
            }
            letter if !is_quote && !is_code => left.push(letter),
            _ => {}
        }
    }
    left
}
