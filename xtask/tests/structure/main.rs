//! The rules of ARCHITECTURE.md that a machine can check: who depends on whom, and what the source
//! may not hold. Each rule is tried on what breaks it, in several spellings.

mod allowed;
mod dependencies;
mod names;
mod program;
mod rules;
mod tokens;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{Metadata, MetadataCommand};

use crate::allowed::{
    COMPUTED_CODES, FOREIGN_WORDS, MADE_BY_OTHERS, NAMELESS_MODULES, OTHER_WRITERS, SAID_TWICE,
    SENTENCES, SHARED_NAMES, UNUSED_CODES, WIRE_TEXTS,
};
use crate::names::Read;
use crate::program::{Source, sources};
use crate::rules::{
    ambient, calls, codes, modules, pages, sentences, statics, twice, type_names, writes,
};
use crate::tokens::Text;

/// Crates without sockets, files, clocks or randomness of their own.
const PURE: [&str; 8] = [
    "perpetua-backoff",
    "perpetua-config",
    "perpetua-hub",
    "perpetua-lifecycle",
    "perpetua-onebot",
    "perpetua-schema",
    "perpetua-simulator",
    "perpetua-words",
];

pub(crate) fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .no_deps()
        .exec()
        .expect("`cargo metadata` reads the workspace")
}

/// What a rule finds in a file with this content.
fn tried(text: &str, rule: impl Fn(&Read<'_>) -> Vec<usize>) -> Vec<usize> {
    let source = Source::of(text);
    let read = names::read(&[&source]);
    rule(&read[0])
}

/// The whole program, package by package.
fn read(sources: &[Source]) -> Vec<Read<'_>> {
    let mut packages = BTreeMap::<_, Vec<_>>::new();
    for source in sources {
        packages
            .entry(source.package.as_str())
            .or_default()
            .push(source);
    }
    packages
        .values()
        .flat_map(|files| names::read(files))
        .collect()
}

/// What a rule finds, by package: `file:line`, with the line itself.
type Found = BTreeMap<String, Vec<String>>;

fn search(chosen: impl Fn(&Source) -> bool, rule: impl Fn(&Read<'_>) -> Vec<usize>) -> Found {
    let sources = sources(&metadata());
    let mut found = Found::new();
    for read in read(&sources).iter().filter(|read| chosen(read.source)) {
        let lines: BTreeSet<_> = rule(read).into_iter().collect();
        if !lines.is_empty() {
            let shown = lines.into_iter().map(|line| read.source.line(line));
            found
                .entry(read.source.package.clone())
                .or_default()
                .extend(shown);
        }
    }
    found
}

/// Fails where a package has more of something than it may have.
fn ensure_no_more(what: &str, found: &Found, allowed: &[(&str, usize)]) {
    let allowed: BTreeMap<_, _> = allowed.iter().copied().collect();
    let mut said = Vec::new();
    for (package, places) in found {
        let may = allowed.get(package.as_str()).copied().unwrap_or_default();
        if places.len() > may {
            let (has, places) = (places.len(), places.join("\n"));
            said.push(format!(
                "`{package}` has {has} and may have {may}:\n{places}"
            ));
        }
    }
    assert!(said.is_empty(), "{what}:\n{}", said.join("\n"));
}

#[test]
fn no_crate_keeps_state_in_a_static() {
    let found = search(|_| true, statics::found);
    ensure_no_more("state belongs to an owner", &found, &[]);
}

#[test]
fn pure_crates_ask_nobody_for_the_time_or_for_chance() {
    let found = search(|source| PURE.contains(&&*source.package), ambient::taken);
    ensure_no_more("this is an argument in a pure crate", &found, &[]);
}

#[test]
fn files_are_written_by_perpetua_fs_only() {
    let is_allowed = |source: &Source, file: &str| source.path.as_str().ends_with(file);
    let others = |source: &Source| {
        let allowed = OTHER_WRITERS
            .iter()
            .any(|(file, _)| is_allowed(source, file));
        source.package != "perpetua-fs" && !allowed
    };
    let found = search(others, writes::found);
    ensure_no_more("`perpetua_fs` writes atomically", &found, &[]);
    for (file, _why) in OTHER_WRITERS {
        let found = search(|source| is_allowed(source, file), writes::found);
        assert!(
            !found.is_empty(),
            "`{file}` writes nothing; take it off the list"
        );
    }
}

#[test]
fn what_is_said_to_people_stands_in_the_catalogue() {
    let is_wire = |read: &Read<'_>, text: &Text| {
        let mut allowed = WIRE_TEXTS.iter();
        allowed.any(|(file, begin, _why)| {
            read.source.path.as_str().ends_with(file) && text.value.starts_with(begin)
        })
    };
    let rule = |read: &Read<'_>| {
        let found = sentences::found(read).filter(|text| !is_wire(read, text));
        found.map(|text| text.line).collect()
    };
    let found = search(|source| source.package != "perpetua-words", rule);
    ensure_no_more("sentences for people", &found, &SENTENCES);
}

#[test]
fn texts_of_other_programs_are_where_they_are_said_to_be() {
    let sources = sources(&metadata());
    let read = read(&sources);
    for (file, begin, _why) in WIRE_TEXTS {
        let in_file = read
            .iter()
            .filter(|read| read.source.path.as_str().ends_with(file));
        let mut texts = in_file.flat_map(sentences::found);
        assert!(
            texts.any(|text| text.value.starts_with(begin)),
            "`{file}` holds no `{begin}`; take it off the list"
        );
    }
}

#[test]
fn every_code_of_the_catalogue_is_used() {
    let metadata = metadata();
    let catalogue = codes::catalogue(&metadata.workspace_root.join("locales"));
    let sources = sources(&metadata);
    let mut unused = codes::unused(&catalogue, &read(&sources));
    let scripts = pages::scripts(&metadata.workspace_root.join("ui/src"));
    let named = pages::texts(&scripts);
    unused.retain(|code| !named.contains(code));
    unused.retain(|code| !UNUSED_CODES.contains(code));
    unused.retain(|code| {
        !COMPUTED_CODES
            .iter()
            .any(|(begin, _)| code.starts_with(begin))
    });
    assert!(unused.is_empty(), "nobody says this: {unused:#?}");
}

#[test]
fn no_sentence_of_the_catalogue_stands_twice() {
    let mut found = twice::found(&metadata().workspace_root.join("locales"));
    for (code, _why) in SAID_TWICE {
        let mut is_needed = false;
        for codes in found.values_mut() {
            let before = codes.len();
            codes.retain(|one| one != code);
            is_needed |= codes.len() < before;
        }
        assert!(is_needed, "`{code}` says it alone; take it off the list");
    }
    found.retain(|_, codes| codes.len() > 1);
    assert!(found.is_empty(), "one code is enough: {found:#?}");
}

#[test]
fn every_call_is_made_by_a_page_or_a_program() {
    let metadata = metadata();
    let generated = |name: &str| {
        let path = metadata.workspace_root.join("ui/src/generated").join(name);
        calls::calls(&std::fs::read_to_string(path).expect("what is generated is text"))
    };
    let (of_node, of_shell) = (generated("schema.ts"), generated("shell.ts"));
    let scripts = pages::scripts(&metadata.workspace_root.join("ui/src"));
    let pages = pages::texts(&scripts);
    let sources = sources(&metadata);
    let read = read(&sources);
    let programs = ["perpetuad", "perpetua-desktop"];
    let programs: Vec<_> = read
        .iter()
        .filter(|read| programs.contains(&&*read.source.package))
        .collect();
    let mut unmade = calls::unmade(&of_node, &pages, &programs);
    // Only the page is within the window.
    unmade.extend(calls::unmade(&of_shell, &pages, &[]));
    for (name, _who) in MADE_BY_OTHERS {
        let place = unmade.iter().position(|call| *call == name);
        let place = place.unwrap_or_else(|| panic!("`{name}` is made; take it off the list"));
        unmade.remove(place);
    }
    assert!(unmade.is_empty(), "nobody makes these calls: {unmade:#?}");
}

#[test]
fn what_the_pages_say_stands_in_the_catalogue() {
    let scripts = pages::scripts(&metadata().workspace_root.join("ui/src"));
    assert!(!scripts.is_empty(), "the pages are there");
    let (mut found, mut foreign) = (Vec::new(), BTreeSet::new());
    for script in &scripts {
        let lines = pages::sentences(script);
        let mut others = FOREIGN_WORDS.iter();
        match others.find(|(file, _why)| script.path.as_str().ends_with(file)) {
            Some((file, _why)) if !lines.is_empty() => _ = foreign.insert(*file),
            Some(_) => {}
            None => found.extend(lines.iter().map(|line| format!("{}:{line}", script.path))),
        }
    }
    assert!(found.is_empty(), "sentences for people: {found:#?}");
    for (file, _why) in FOREIGN_WORDS {
        assert!(
            foreign.contains(file),
            "`{file}` has no words of others; take it off the list"
        );
    }
}

#[test]
fn a_public_types_name_means_one_thing() {
    let sources = sources(&metadata());
    let mut found = type_names::shared(&sources);
    found.retain(|name, _| !SHARED_NAMES.iter().any(|(shared, _)| shared == name));
    assert!(found.is_empty(), "these mean several things: {found:#?}");
}

#[test]
fn no_module_is_called_mod() {
    let sources = sources(&metadata());
    let mut found = Found::new();
    for source in modules::nameless(&sources) {
        found
            .entry(source.package.clone())
            .or_default()
            .push(source.path.to_string());
    }
    ensure_no_more(
        "modules are named after what they are",
        &found,
        &NAMELESS_MODULES,
    );
}
