//! The commands that documents name, against those that the programs define.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::punctuated::Punctuated;
use syn::{Attribute, Field, Fields, Item, Meta, Token, Type};

use crate::page::Page;

/// Options that every command has.
const COMMON: [&str; 3] = ["lang", "help", "version"];

/// One command: what may stand behind its name.
#[derive(Clone, Debug, Default)]
struct Command {
    options: BTreeSet<String>,
    arguments: usize,
    /// Whether it passes everything on.
    takes_all: bool,
    commands: BTreeMap<String, Command>,
}

/// `perpetuad` and `cargo xtask`.
pub(crate) struct Programs {
    perpetuad: Command,
    xtask: Command,
}

impl Programs {
    /// Reads the definitions in the source.
    pub(crate) fn read(root: &Path) -> Self {
        let items = |path: &&str| {
            let text = fs::read_to_string(root.join(path)).expect("the definition of the commands");
            syn::parse_file(&text).expect("Rust").items
        };
        let read = |paths: &[&str]| {
            let items: Vec<_> = paths.iter().flat_map(items).collect();
            command(&items, "Arguments")
        };
        let programs = Self {
            perpetuad: read(&["crates/perpetuad/src/arguments.rs"]),
            xtask: read(&[
                "xtask/src/main.rs",
                "xtask/src/release.rs",
                "xtask/src/release/program.rs",
            ]),
        };
        assert!(
            programs.perpetuad.commands.len() > 10,
            "its commands are found"
        );
        assert!(programs.xtask.commands.len() > 5, "its commands are found");
        programs
    }

    /// The commands of a page that do not exist.
    pub(crate) fn wrong_in(&self, page: &Page) -> Vec<String> {
        let of_blocks = page.blocks.iter().filter(|block| block.language == "sh");
        let lines = of_blocks.flat_map(|block| block.text.lines());
        let mut wrong = Vec::new();
        for line in lines.chain(page.spans()) {
            let words = words(line);
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            let found = match words.as_slice() {
                ["perpetuad", rest @ ..] => check(&self.perpetuad, &self.perpetuad, rest),
                ["cargo", "xtask", rest @ ..] => check(&self.xtask, &self.xtask, rest),
                _ => Ok(()),
            };
            if let Err(what) = found {
                wrong.push(page.finding(&format!("`{line}`: {what}")));
            }
        }
        wrong
    }
}

/// Walks along the words of a command; `whole` is the program, whose options stand anywhere.
fn check(whole: &Command, command: &Command, words: &[&str]) -> Result<(), String> {
    let mut arguments = 0;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if command.takes_all {
            return Ok(());
        }
        if let Some(option) = word.strip_prefix("--") {
            let is_known = [command, whole]
                .iter()
                .any(|one| one.options.contains(option));
            if !is_known && !COMMON.contains(&option) {
                return Err(format!("there is no option `--{option}`"));
            }
            if whole.options.contains(option) || option == "lang" || takes_value(option) {
                words.next();
            }
        } else if command.commands.is_empty() {
            arguments += 1;
            if arguments > command.arguments {
                return Err(format!("`{word}` is one argument too many"));
            }
        } else {
            let rest: Vec<_> = words.copied().collect();
            return word.split('|').try_for_each(|name| {
                let next = command.commands.get(name);
                check(
                    whole,
                    next.ok_or(format!("there is no command `{name}`"))?,
                    &rest,
                )
            });
        }
    }
    Ok(())
}

/// Options of single commands that are followed by a value.
fn takes_value(option: &str) -> bool {
    matches!(option, "accept" | "from" | "as" | "account" | "lines")
}

/// The words of a command line, without its comment, and without the marks of what may be left out.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" #").next().unwrap_or_default();
    let line = line.split("; ").next().unwrap_or_default();
    let mut words = Vec::new();
    let (mut word, mut is_quoted) = (String::new(), false);
    for letter in line.replace("\\|", "|").chars().chain([' ']) {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            '[' | ']' if !is_quoted => {}
            letter => word.push(letter),
        }
    }
    words
}

/// A command whose options and arguments are the fields of a struct.
fn command(items: &[Item], name: &str) -> Command {
    let mut command = Command::default();
    for item in items {
        match item {
            Item::Struct(item) if item.ident == name => add(items, &mut command, &item.fields),
            Item::Enum(item) if item.ident == name => {
                for variant in &item.variants {
                    let mut inner = Command::default();
                    add(items, &mut inner, &variant.fields);
                    command
                        .commands
                        .insert(kebab(&variant.ident.to_string()), inner);
                }
            }
            _ => {}
        }
    }
    command
}

fn add(items: &[Item], command: &mut Command, fields: &Fields) {
    for field in fields {
        let attributes = attributes(&field.attrs);
        let has = |name: &str| attributes.iter().any(|(key, _)| key == name);
        if has("subcommand") || has("flatten") || field.ident.is_none() {
            let inner = self::command(items, &type_name(&field.ty));
            command.options.extend(inner.options);
            command.arguments += inner.arguments;
            command.commands.extend(inner.commands);
        } else if has("trailing_var_arg") {
            command.takes_all = true;
        } else if let Some((_, value)) = attributes.iter().find(|(key, _)| key == "long") {
            command
                .options
                .insert(value.clone().unwrap_or(field_name(field)));
        } else {
            command.arguments += 1;
        }
    }
}

/// What stands in `#[arg(…)]` and `#[command(…)]`.
fn attributes(attributes: &[Attribute]) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for attribute in attributes {
        let path = attribute.path();
        if !path.is_ident("arg") && !path.is_ident("command") {
            continue;
        }
        let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
        for meta in attribute.parse_args_with(parse).expect("a list") {
            let name = meta.path().require_ident().expect("a name").to_string();
            let value = meta.require_name_value().ok().map(|pair| &pair.value);
            let text = value.map(|value| quote::quote!(#value).to_string());
            found.push((name, text.map(|text| text.trim_matches('"').to_owned())));
        }
    }
    found
}

/// The type within `Option` and the like.
fn type_name(of: &Type) -> String {
    let text = quote::quote!(#of).to_string();
    let mut words = text.split(|letter: char| !letter.is_alphanumeric());
    words
        .rfind(|word| !word.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn field_name(field: &Field) -> String {
    let name = field.ident.as_ref().expect("a name").to_string();
    name.replace('_', "-")
}

/// `CoreList` as `core-list`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
