//! What a path means: `use` and `type` are followed, through groups, renames, globs and other files.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Item, UseTree, Visibility};

use crate::program::Source;
use crate::tokens::{Mentions, Text};

/// A path with what `use` and `type` make of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Meaning {
    /// The line it stands in.
    pub(crate) line: usize,
    /// The whole path, as `std::fs::write`.
    pub(crate) path: String,
    /// Whether it is called on a value.
    pub(crate) is_method: bool,
}

/// A file, and what it mentions.
pub(crate) struct Read<'a> {
    pub(crate) source: &'a Source,
    /// Every path in it, those of `use` among them.
    pub(crate) paths: BTreeSet<Meaning>,
    /// Every text in it.
    pub(crate) texts: Vec<Text>,
}

/// What names stand for.
type Names = BTreeMap<String, Vec<String>>;

/// Reads the files of one package, whose names may go through one another.
pub(crate) fn read<'a>(files: &[&'a Source]) -> Vec<Read<'a>> {
    let imports: Vec<_> = files.iter().map(|source| Imports::of(source)).collect();
    let shared = imports.iter().flat_map(Imports::shared_in_full).collect();
    let both = files.iter().zip(&imports);
    both.map(|(source, imports)| read_file(source, imports, &shared))
        .collect()
}

fn read_file<'a>(source: &'a Source, imports: &Imports, shared: &Names) -> Read<'a> {
    let mentions = Mentions::of(source.file.to_token_stream());
    let mut paths = BTreeSet::new();
    let mut add = |line, path: &[String], is_method| {
        paths.insert(Meaning {
            line,
            path: if is_method {
                path.join("::")
            } else {
                meaning(path, &imports.names, shared)
            },
            is_method,
        });
    };
    for (path, line) in &imports.written {
        add(*line, path, false);
    }
    for mention in &mentions.paths {
        add(mention.line, &mention.path, mention.is_method);
        for glob in &imports.globs {
            add(mention.line, &[&glob[..], &mention.path].concat(), false);
        }
    }
    Read {
        source,
        paths,
        texts: mentions.texts,
    }
}

/// A path with its first known name put in full, and again until nothing is left to put.
fn meaning(path: &[String], names: &Names, shared: &Names) -> String {
    /// Names may stand for one another in a circle.
    const ROUNDS: usize = 8;

    let mut path = path.to_vec();
    for _ in 0..ROUNDS {
        let is_inner = |part: &str| matches!(part, "crate" | "self" | "super");
        let known = if is_inner(&path[0]) {
            // Which module a name is looked up in makes no difference: better one too many.
            let mut parts = path.iter().enumerate();
            parts.find_map(|(at, part)| Some((at, shared.get(part)?)))
        } else {
            names.get(&path[0]).map(|known| (0, known))
        };
        let Some((at, known)) = known else { break };
        let longer = [known, &path[at + 1..]].concat();
        if longer == path {
            break;
        }
        path = longer;
    }
    if path.len() > 2 && path[0].is_empty() {
        // `::std::fs`; `::now` is what follows a type in angle brackets.
        path.remove(0);
    }
    path.join("::")
}

/// What one file imports.
#[derive(Default)]
struct Imports {
    names: Names,
    /// Those of them that other files of the package may reach.
    shared: Names,
    globs: Vec<Vec<String>>,
    /// The paths of `use` themselves, with their lines.
    written: Vec<(Vec<String>, usize)>,
}

impl Imports {
    fn of(source: &Source) -> Self {
        let mut imports = Self::default();
        imports.visit_file_mut(&mut source.file.clone());
        imports
    }

    /// What others may reach, as it is meant where it stands.
    fn shared_in_full(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.shared.iter().map(|(name, path)| {
            let path = meaning(path, &self.names, &Names::new());
            (name.clone(), path.split("::").map(str::to_owned).collect())
        })
    }

    fn add(&mut self, name: String, path: Vec<String>, seen: &Visibility) {
        // `use serde;` stands for itself.
        if path.len() == 1 && path[0] == name {
            return;
        }
        if !matches!(seen, Visibility::Inherited) {
            self.shared.insert(name.clone(), path.clone());
        }
        self.names.insert(name, path);
    }

    fn read_tree(&mut self, tree: &UseTree, before: &[String], seen: &Visibility) {
        let with = |part: &syn::Ident| match part.to_string() {
            part if part == "self" => before.to_vec(),
            part => [before, &[part]].concat(),
        };
        match tree {
            UseTree::Path(path) => self.read_tree(&path.tree, &with(&path.ident), seen),
            UseTree::Name(name) => {
                let path = with(&name.ident);
                self.written
                    .push((path.clone(), name.ident.span().start().line));
                self.add(path.last().cloned().unwrap_or_default(), path, seen);
            }
            UseTree::Rename(name) => {
                let path = with(&name.ident);
                self.written
                    .push((path.clone(), name.ident.span().start().line));
                self.add(name.rename.to_string(), path, seen);
            }
            UseTree::Glob(glob) => {
                let all = [before, &["*".to_owned()]].concat();
                self.written.push((all, glob.star_token.span.start().line));
                self.globs.push(before.to_vec());
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.read_tree(tree, before, seen);
                }
            }
        }
    }
}

impl VisitMut for Imports {
    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            Item::Use(item) => self.read_tree(&item.tree, &[], &item.vis),
            Item::ExternCrate(item) => {
                if let Some((_, name)) = &item.rename {
                    let path = vec![item.ident.to_string()];
                    self.add(name.to_string(), path, &item.vis);
                }
            }
            Item::Type(item) => {
                let aliased = Mentions::of(item.ty.to_token_stream()).paths;
                if let Some(aliased) = aliased.into_iter().next() {
                    self.add(item.ident.to_string(), aliased.path, &item.vis);
                }
            }
            _ => {}
        }
        visit_mut::visit_item_mut(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::program::Source;

    fn paths(texts: &[&str]) -> Vec<String> {
        let files: Vec<_> = texts.iter().map(|text| Source::of(text)).collect();
        let files: Vec<_> = files.iter().collect();
        let read = read(&files);
        let last = read.last().expect("a file").paths.iter();
        last.map(|meaning| meaning.path.clone()).collect()
    }

    #[test]
    fn every_way_of_importing_comes_to_the_same() {
        for text in [
            "fn f() { std::fs::write(a, b) }",
            "fn f() { ::std::fs::write(a, b) }",
            "use std::fs; fn f() { fs::write(a, b) }",
            "use std::{env, fs}; fn f() { m!(fs::write(a, b)) }",
            "use std::fs::{self as disk}; fn f() { disk::write(a, b) }",
            "use std as s; use s::fs; fn f() { fs::write(a, b) }",
            "extern crate std as s; fn f() { s::fs::write(a, b) }",
            "use std::fs::write as put; fn f() { put(a, b) }",
            "use std::*; fn f() { fs::write(a, b) }",
            "fn f() { use std::fs::*; write(a, b) }",
            "fn f() { let put = std::fs::write; }",
        ] {
            let found = paths(&[text]);
            assert!(
                found.contains(&"std::fs::write".to_owned()),
                "{text}: {found:?}"
            );
        }
    }

    #[test]
    fn names_are_followed_through_the_package() {
        let time = "pub(crate) use std::time::Instant as Clock; pub type Watch = Clock;";
        for text in [
            "use crate::time::Clock; fn f() { Clock::now() }",
            "use super::time::Watch; fn f() { Watch::now() }",
            "fn f() { crate::time::Watch::now() }",
            "use crate::time::*; fn f() { Clock::now() }",
        ] {
            let found = paths(&[time, text]);
            let wanted = "std::time::Instant::now".to_owned();
            assert!(found.contains(&wanted), "{text}: {found:?}");
        }
    }
}
