//! The source of the program: every file that is compiled into it, without its tests.
//!
//! Files are found as the compiler finds them, from a crate's root through `mod`, and read as syntax,
//! so that no spelling hides anything. What stands under `#[cfg(test)]` is left out.

use std::fs;

use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Metadata, Package};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, File, ImplItem, Item, ItemImpl, ItemMod, Stmt};

/// One file of the program.
pub(crate) struct Source {
    /// The package that it belongs to.
    pub(crate) package: String,
    /// Where it is.
    pub(crate) path: Utf8PathBuf,
    /// What stands in it, without tests.
    pub(crate) file: File,
    /// Its lines as they are written.
    lines: Vec<String>,
}

impl Source {
    /// A line with its place, to be shown.
    pub(crate) fn line(&self, number: usize) -> String {
        let text = self.lines.get(number.saturating_sub(1));
        let text = text.map(|line| line.trim()).unwrap_or_default();
        format!("{}:{number}: {text}", self.path)
    }

    /// A file of a package that does not exist, to try a rule on.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            package: "tried".to_owned(),
            path: "tried.rs".into(),
            file: without_tests(text).expect("what a rule is tried on is Rust"),
            lines: text.lines().map(str::to_owned).collect(),
        }
    }
}

/// Every file of the packages under `crates/` and of the root package, which is the window; but those
/// that are only for tests.
pub(crate) fn sources(metadata: &Metadata) -> Vec<Source> {
    let crates = metadata.workspace_root.join("crates");
    let mut all = Vec::new();
    for package in metadata.workspace_packages() {
        let is_root = package.manifest_path.parent() == Some(&metadata.workspace_root);
        let is_program = is_root || package.manifest_path.starts_with(&crates);
        if is_program && *package.name != "perpetua-testkit" {
            read_package(package, &mut all);
        }
    }
    all
}

fn read_package(package: &Package, all: &mut Vec<Source>) {
    for target in &package.targets {
        let is_shipped = target.is_lib() || target.is_bin() || target.is_proc_macro();
        if is_shipped {
            let folder = target.src_path.parent().expect("a root is in a folder");
            read_file(package.name.as_str(), &target.src_path, folder, all);
        }
    }
}

/// Reads a file and the modules that it declares, which stand in `folder`.
fn read_file(package: &str, path: &Utf8Path, folder: &Utf8Path, all: &mut Vec<Source>) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("`{path}`: {error}"));
    let file = without_tests(&text).unwrap_or_else(|error| panic!("`{path}`: {error}"));
    read_modules(package, &file.items, folder, all);
    all.push(Source {
        package: package.to_owned(),
        path: path.to_owned(),
        file,
        lines: text.lines().map(str::to_owned).collect(),
    });
}

fn read_modules(package: &str, items: &[Item], folder: &Utf8Path, all: &mut Vec<Source>) {
    for item in items {
        let Item::Mod(module) = item else { continue };
        let below = folder.join(module.ident.to_string());
        match &module.content {
            Some((_, items)) => read_modules(package, items, &below, all),
            None => read_file(package, &file_of(module, folder), &below, all),
        }
    }
}

/// Where a module stands that has a file of its own.
fn file_of(module: &ItemMod, folder: &Utf8Path) -> Utf8PathBuf {
    let moved = module
        .attrs
        .iter()
        .any(|attribute| attribute.path().is_ident("path"));
    assert!(!moved, "`#[path]` hides where `{}` stands", module.ident);
    let beside = folder.join(format!("{}.rs", module.ident));
    if beside.exists() {
        return beside;
    }
    folder.join(module.ident.to_string()).join("mod.rs")
}

/// What is compiled into the program.
fn without_tests(text: &str) -> syn::Result<File> {
    let mut file = syn::parse_file(text)?;
    WithoutTests.visit_file_mut(&mut file);
    Ok(file)
}

struct WithoutTests;

impl VisitMut for WithoutTests {
    fn visit_file_mut(&mut self, file: &mut File) {
        file.items.retain(|item| !is_test(attributes(item)));
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !is_test(attributes(item)));
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, block: &mut ItemImpl) {
        block.items.retain(|item| match item {
            ImplItem::Fn(function) => !is_test(&function.attrs),
            ImplItem::Const(constant) => !is_test(&constant.attrs),
            _ => true,
        });
        visit_mut::visit_item_impl_mut(self, block);
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain(
            |statement| !matches!(statement, Stmt::Item(item) if is_test(attributes(item))),
        );
        visit_mut::visit_block_mut(self, block);
    }
}

/// Whether something is compiled into tests only. `any(test, …)` and `not(test)` are compiled into more.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let condition = attribute
            .path()
            .is_ident("cfg")
            .then(|| attribute.meta.require_list());
        let condition = condition.and_then(Result::ok);
        let condition = condition.map(|list| list.tokens.to_string().replace(' ', ""));
        let is_condition = condition
            .is_some_and(|condition| condition == "test" || condition.starts_with("all(test,"));
        is_condition || attribute.path().is_ident("test")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn what_is_compiled_for_tests_is_left_out_and_nothing_else_is() {
    let text = "#[cfg(test)] mod tests { fn a() {} } #[cfg(all(test, unix))] fn b() {} \
                #[cfg(not(test))] fn c() {} #[test] fn d() {} #[cfg(any(test, unix))] fn e() {} \
                impl X { #[cfg(test)] fn f() {} fn g() {} } \
                mod inner { #[cfg(test)] fn h() {} fn i() { #[cfg(test)] fn j() {} fn k() {} } }";
    let file = Source::of(text).file;
    let left = quote::quote!(#file).to_string();
    for name in "a b d f h j".split(' ') {
        assert!(
            !left.contains(&format!("fn {name} ")),
            "`{name}` is a test's: {left}"
        );
    }
    for name in "c e g i k".split(' ') {
        assert!(
            left.contains(&format!("fn {name} ")),
            "`{name}` is the program's: {left}"
        );
    }
}
