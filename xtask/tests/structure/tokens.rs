//! What a file mentions: every path and every text, also inside of macros.
//!
//! Macros hide their content from a parser. Tokens hide nothing, so mentions are taken from them.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A path as it is written, such as `fs::write`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Its parts; the first is empty where it begins with `::`.
    pub(crate) path: Vec<String>,
    /// Whether it is called on a value, as in `.elapsed()`.
    pub(crate) is_method: bool,
    /// The line it stands in.
    pub(crate) line: usize,
}

/// A text, and what it is given to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// The literal's value.
    pub(crate) value: String,
    /// The macros (`name!`), functions, methods and attributes (`#`) around it, the innermost first.
    pub(crate) within: Vec<String>,
    /// The line it stands in.
    pub(crate) line: usize,
}

/// All that tokens mention.
#[derive(Default)]
pub(crate) struct Mentions {
    pub(crate) paths: Vec<Mention>,
    pub(crate) texts: Vec<Text>,
}

impl Mentions {
    pub(crate) fn of(tokens: TokenStream) -> Self {
        let mut mentions = Self::default();
        mentions.read(tokens, &[]);
        mentions
    }

    fn read(&mut self, tokens: TokenStream, within: &[String]) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        // What a group of arguments would be given to: the path before it.
        let mut giver: Option<String> = None;
        let mut next = 0;
        while let Some(token) = tokens.get(next) {
            match token {
                TokenTree::Ident(_) if is_lifetime(&tokens, next) => next += 1,
                TokenTree::Ident(_) => {
                    let (mention, after) = path_at(&tokens, next);
                    giver = mention.path.last().cloned();
                    self.paths.push(mention);
                    next = after;
                }
                TokenTree::Punct(mark) => {
                    // `name!(…)` and `name::<T>(…)` are still given by `name`; `a, (…)` is not.
                    giver = match (mark.as_char(), giver) {
                        ('!', Some(name)) if name != "#" => Some(format!("{name}!")),
                        ('!' | '<' | '>' | ':', giver) => giver,
                        ('#', _) => Some("#".to_owned()),
                        _ => None,
                    };
                    next += 1;
                }
                TokenTree::Group(group) => {
                    let mut inner = within.to_vec();
                    let is_given = group.delimiter() != Delimiter::Brace || is_macro(&tokens, next);
                    if let Some(giver) = giver.take().filter(|_| is_given) {
                        inner.insert(0, giver);
                    }
                    self.read(group.stream(), &inner);
                    next += 1;
                }
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.texts.push(Text {
                            value: text.value(),
                            within: within.to_vec(),
                            line: literal.span().start().line,
                        });
                    }
                    giver = None;
                    next += 1;
                }
            }
        }
    }
}

/// The path that begins at `start`, and where it ends.
fn path_at(tokens: &[TokenTree], start: usize) -> (Mention, usize) {
    let mut path = Vec::new();
    if start >= 2 && is_colons(tokens, start - 2) {
        // `::std::fs`, or what follows `<Instant>` and `Vec::<u8>`.
        path.push(String::new());
    }
    let is_method = start > 0 && is_mark(&tokens[start - 1], '.');
    let mut next = start;
    while let Some(TokenTree::Ident(part)) = tokens.get(next) {
        path.push(part.to_string().trim_start_matches("r#").to_owned());
        next += 1;
        if !is_colons(tokens, next) || !matches!(tokens.get(next + 2), Some(TokenTree::Ident(_))) {
            break;
        }
        next += 2;
    }
    let line = tokens[start].span().start().line;
    (
        Mention {
            path,
            is_method,
            line,
        },
        next,
    )
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let first = matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':' && mark.spacing() == Spacing::Joint);
    first && tokens.get(at + 1).is_some_and(|token| is_mark(token, ':'))
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

/// `'static` is a mark and a word.
fn is_lifetime(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && is_mark(&tokens[at - 1], '\'')
}

/// Whether the group at this place is what a macro is called with.
fn is_macro(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && is_mark(&tokens[at - 1], '!')
}

#[cfg(test)]
mod tests {
    use super::Mentions;

    fn mentions(text: &str) -> Mentions {
        Mentions::of(text.parse().expect("Rust"))
    }

    #[test]
    fn paths_are_found_wherever_they_stand() {
        let found = mentions(
            "fn f(a: &'static str) { m!(x, { a::b(1) }); ::c::d; <E>::g(); h.i(); r#j::k; }",
        );
        let paths: Vec<_> = found
            .paths
            .iter()
            .map(|path| path.path.join("::"))
            .collect();
        let wanted = "fn f a str m x a::b ::c::d E ::g h i j::k";
        assert_eq!(paths, wanted.split(' ').collect::<Vec<_>>());
        let methods = found.paths.iter().filter(|path| path.is_method);
        assert_eq!(methods.count(), 1);
    }

    #[test]
    fn a_text_knows_what_it_is_given_to() {
        let found = mentions(
            r#"fn f() { info!(a = 1, "one {}", b("two")); x.expect("three"); let y = "four";
                #[error("five")] struct E; g::<u8>("six"); v(1, ("seven")); Some { a: "eight" } }"#,
        );
        let texts = found.texts.iter();
        let told: Vec<_> = texts
            .map(|text| (text.value.as_str(), text.within.join(" ")))
            .collect();
        let wanted = [
            ("one {}", "info!"),
            ("two", "b info!"),
            ("three", "expect"),
            ("four", ""),
            ("five", "error #"),
            ("six", "u8"),
            ("seven", "v"),
            ("eight", ""),
        ];
        assert_eq!(told, wanted.map(|(text, within)| (text, within.to_owned())));
    }
}
