//! The order of the signers in the text: each keeps its lines and the comment above them.

use std::ops::Range;

use toml_edit::{Array, ArrayOfTables, Document, Item, Value};

use super::{
    EditError,
    blocks::{headers, own_blocks},
    find::name_of,
    splice::{line_end_at, line_start_at, replaced},
    syntax,
};
use crate::Name;

/// What is ordered, as an error calls it.
const LIST: &str = "signers";

/// Puts the signers into an order; gives the new text, which the caller validates and writes.
///
/// A text that has them in this order already comes back unchanged.
///
/// # Errors
/// [`EditError::OtherSigners`] unless the names are those of all signers, and when the text is not TOML or
/// `signers` is not a list of tables.
pub fn order_signers(text: &str, names: &[Name]) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let places = match document.get(LIST) {
        None => Some(Vec::new()),
        Some(Item::ArrayOfTables(tables)) => of_blocks(text, tables, &headers(&document)),
        Some(Item::Value(Value::Array(values))) => of_elements(values),
        Some(_) => None,
    };
    let places = places.ok_or(EditError::NotTables(LIST))?;
    if places.len() != names.len() {
        return Err(EditError::OtherSigners);
    }
    let mut wanted = Vec::with_capacity(names.len());
    for name in names {
        let mut found = places.iter().filter(|(known, _)| known == name.as_str());
        let (_, place) = found.next().ok_or(EditError::OtherSigners)?;
        if wanted.contains(place) {
            return Err(EditError::OtherSigners);
        }
        wanted.push(place.clone());
    }
    let mut ordered = text.to_owned();
    // From the end, so that the places before it stay true.
    for ((_, place), wanted) in places.iter().zip(&wanted).rev() {
        let piece = text.get(wanted.clone()).unwrap_or_default();
        ordered = replaced(&ordered, place.clone(), piece).unwrap_or(ordered);
    }
    Ok(ordered)
}

/// Name and lines of each `[[signers]]`; `None` when tables of others stand among those of one.
fn of_blocks(
    text: &str,
    tables: &ArrayOfTables,
    headers: &[usize],
) -> Option<Vec<(String, Range<usize>)>> {
    let place = |table: &toml_edit::Table| {
        let lines = lines_of(text, table, headers)?;
        Some((name_of(table)?.to_owned(), lines))
    };
    tables.iter().map(place).collect()
}

/// The lines of a table with a header, and the comment above them; `None` when tables of others stand among its own.
pub(super) fn lines_of(
    text: &str,
    table: &toml_edit::Table,
    headers: &[usize],
) -> Option<Range<usize>> {
    let own = own_blocks(table, table.span());
    let start = own.iter().map(|block| block.start).min()?;
    let end = own.iter().map(|block| block.end).max()?;
    let is_foreign = |header: &usize| {
        (start..end).contains(header) && own.iter().all(|block| block.start != *header)
    };
    if headers.iter().any(is_foreign) {
        return None;
    }
    Some(with_comment(text, line_start_at(text, start))..line_end_at(text, end))
}

/// Where the comment begins that stands right above a line.
fn with_comment(text: &str, line: usize) -> usize {
    let mut start = line;
    while let Some(before) = start.checked_sub(1) {
        let above = line_start_at(text, before);
        let is_comment = text
            .get(above..before)
            .is_some_and(|line| line.trim_start().starts_with('#'));
        if !is_comment || above == start {
            break;
        }
        start = above;
    }
    start
}

/// Name and place of each `{ … }` of a list in one value.
fn of_elements(values: &Array) -> Option<Vec<(String, Range<usize>)>> {
    let place = |value: &Value| {
        let table = value.as_inline_table()?;
        Some((name_of(table)?.to_owned(), value.span()?))
    };
    values.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::order_signers;
    use crate::{Name, edit::EditError};

    fn ordered(text: &str, names: &[&str]) -> Result<String, EditError> {
        let names: Vec<_> = names
            .iter()
            .map(|name| Name::new(name).expect("a name"))
            .collect();
        order_signers(text, &names)
    }

    #[test]
    fn each_takes_its_lines_and_the_comment_above_them_along() {
        let text = "\u{feff}# mine\r\n[[signers]]\r\nname = \"a\" # first\r\nurl = \"http://a\"\r\n\r\n\
                    [api]\r\nlisten = \"127.0.0.1:1\"\r\n\r\n# far away\r\n\r\n# a friend's\r\n[[signers]]\r\nname = \"b\"\r\n\
                    [signers.url]\r\nsecret = \"s\"\r\n[[signers]]\r\nurl = \"http://c\"\r\nname = \"c\"";
        let other = "\u{feff}[[signers]]\r\nurl = \"http://c\"\r\nname = \"c\"\r\n\r\n\
                     [api]\r\nlisten = \"127.0.0.1:1\"\r\n\r\n# far away\r\n\r\n# mine\r\n[[signers]]\r\nname = \"a\" # first\r\nurl = \"http://a\"\r\n\
                     # a friend's\r\n[[signers]]\r\nname = \"b\"\r\n[signers.url]\r\nsecret = \"s\"";
        assert_eq!(ordered(text, &["c", "a", "b"]).expect("all"), other);
        assert_eq!(ordered(text, &["a", "b", "c"]).expect("all"), text);
        assert_eq!(ordered(other, &["a", "b", "c"]).expect("all"), text);
    }

    #[test]
    fn a_list_in_one_value_keeps_its_commas() {
        let text = "signers = [ { name = \"a\", url = \"http://a\" }, # x\n { url = \"http://b\", name = \"b\" }, ]";
        let other = "signers = [ { url = \"http://b\", name = \"b\" }, # x\n { name = \"a\", url = \"http://a\" }, ]";
        assert_eq!(ordered(text, &["b", "a"]).expect("all"), other);
    }

    #[test]
    fn names_that_are_not_those_of_all_signers_are_refused() {
        let text = "[[signers]]\nname = \"a\"\n[[signers]]\nname = \"b\"\n";
        for names in [&["a"][..], &["a", "c"], &["a", "a"], &["a", "b", "c"], &[]] {
            assert_eq!(ordered(text, names), Err(EditError::OtherSigners));
        }
        assert_eq!(ordered("", &[]).expect("none"), "");
        let not_tables = Err(EditError::NotTables("signers"));
        assert_eq!(ordered("signers = 3", &[]), not_tables);
        let torn = "[[signers]]\nname = \"a\"\n[api]\n[signers.url]\nenv = \"A\"\n";
        assert_eq!(ordered(torn, &["a"]), not_tables);
        assert!(matches!(ordered("x =", &[]), Err(EditError::Syntax(_))));
    }
}
