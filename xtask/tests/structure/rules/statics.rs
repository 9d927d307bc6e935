//! State belongs to an owner: no `static`, but the allocator, which must be one.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::Item;
use syn::visit_mut::{self, VisitMut};

use crate::names::Read;

/// Lines with something that lives as long as the program.
pub(crate) fn found(read: &Read<'_>) -> Vec<usize> {
    let mut file = read.source.file.clone();
    WithoutAllocator.visit_file_mut(&mut file);
    let mut lines = Vec::new();
    search(file.to_token_stream(), &mut lines);
    lines
}

struct WithoutAllocator;

impl VisitMut for WithoutAllocator {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        file.items.retain(|item| {
            let Item::Static(item) = item else {
                return true;
            };
            let mut attributes = item.attrs.iter();
            !attributes.any(|attribute| attribute.path().is_ident("global_allocator"))
        });
        visit_mut::visit_file_mut(self, file);
    }
}

/// Looks at words, so that those inside of macros are found as well.
fn search(tokens: TokenStream, lines: &mut Vec<usize>) {
    let mut after_quote = false;
    for token in tokens {
        if let TokenTree::Ident(word) = &token {
            let is_item = word == "static" && !after_quote;
            if is_item || word == "thread_local" || word == "lazy_static" {
                lines.push(word.span().start().line);
            }
        }
        after_quote = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '\'');
        if let TokenTree::Group(group) = token {
            search(group.stream(), lines);
        }
    }
}

#[test]
fn statics_are_found_in_every_spelling() {
    for text in [
        "static A: u8 = 0;",
        "pub(crate) static A: u8 = 0;",
        "fn f() { static A: AtomicU8 = AtomicU8::new(0); }",
        "mod a { pub static mut A: u8 = 0; }",
        "thread_local! { static A: u8 = 0; }",
        "std::thread_local!(static A: u8 = 0);",
        "macro_rules! state { () => { static A: u8 = 0; } }",
        "lazy_static::lazy_static! { static ref A: u8 = 0; }",
        "#[global_allocator] static A: Mi = Mi; static B: u8 = 0;",
    ] {
        assert!(!crate::tried(text, found).is_empty(), "not found: {text}");
    }
}

#[test]
fn lifetimes_and_the_allocator_are_not_found() {
    for text in [
        "const A: &'static str = \"static B: u8\";",
        "#[global_allocator] static A: Mi = Mi;",
        "fn static_name<T: 'static>() {}",
        "#[cfg(test)] static A: u8 = 0;",
    ] {
        assert!(crate::tried(text, found).is_empty(), "found: {text}");
    }
}
