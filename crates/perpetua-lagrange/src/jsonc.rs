//! JSON as .NET's configuration takes it: with comments, trailing commas and a byte order mark.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::CstInputValue as CstInput;
use jsonc_parser::cst::{CstNode, CstObject, CstObjectProp, CstRootNode};
use jsonc_parser::errors::ParseError;
use perpetua_words::{Message, import as words};

/// A text is no such JSON; where, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotJson(Message);

impl From<NotJson> for Message {
    fn from(error: NotJson) -> Self {
        error.0
    }
}

/// Where the parser stopped. Its own words are English.
fn where_it_stopped(error: &ParseError) -> NotJson {
    NotJson(
        words::NotJson {
            line: error.line_display(),
            column: error.column_display(),
        }
        .into(),
    )
}

/// A file's text: UTF-8, or UTF-16 as old editors of Windows write it, without its byte order mark.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks().0.iter().map(|&pair| unit(pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The text as a tree that keeps comments and order, and its object.
pub(crate) fn tree(text: &str) -> Result<(CstRootNode, CstObject), NotJson> {
    let root = CstRootNode::parse(text, &options()).map_err(|error| where_it_stopped(&error))?;
    match root.object_value() {
        Some(object) => Ok((root, object)),
        None => Err(NotJson(words::NoJsonObject.into())),
    }
}

/// The text as a value, for reading.
pub(crate) fn value(text: &str) -> Result<serde_json::Value, NotJson> {
    let (root, _) = tree(text)?;
    root.to_serde_value()
        .ok_or_else(|| NotJson(words::NoJsonObject.into()))
}

/// The text as .NET's configuration reads it: each scalar is a text, numbers as they are written.
pub(crate) fn texts(text: &str) -> Result<serde_json::Value, NotJson> {
    let (_, object) = tree(text)?;
    Ok(object_as_texts(&object))
}

fn object_as_texts(object: &CstObject) -> serde_json::Value {
    let properties = object.properties().into_iter();
    let entries = properties.filter_map(|property| {
        let (name, value) = (property.decoded_name()?, property.value()?);
        Some((name, as_texts(&value)))
    });
    serde_json::Value::Object(entries.collect())
}

fn as_texts(node: &CstNode) -> serde_json::Value {
    if let Some(object) = node.as_object() {
        object_as_texts(&object)
    } else if let Some(list) = node.as_array() {
        list.elements().iter().map(as_texts).collect()
    } else if let Some(number) = node.as_number_lit() {
        number.to_string().into()
    } else if let Some(boolean) = node.as_boolean_lit() {
        if boolean.value() { "True" } else { "False" }.into()
    } else {
        node.to_serde_value().unwrap_or_default()
    }
}

/// Sets a key of an object. Keys have no case in .NET, and none may stand twice.
pub(crate) fn set(object: &CstObject, key: &str, value: CstInput) {
    let mut same = only_properties(object, key).into_iter();
    match same.next() {
        Some(property) => property.set_value(value),
        None => {
            object.append(key, value);
        }
    }
    same.for_each(CstObjectProp::remove);
}

/// The object under a key, made if there is none.
pub(crate) fn object_of(object: &CstObject, key: &str) -> CstObject {
    let mut same = only_properties(object, key).into_iter();
    let found = match same.next() {
        Some(property) => property.object_value_or_set(),
        None => object.object_value_or_set(key),
    };
    same.for_each(CstObjectProp::remove);
    found
}

/// Removes a key; gives what stood there.
pub(crate) fn remove(object: &CstObject, key: &str) -> Option<serde_json::Value> {
    let mut former = None;
    for property in only_properties(object, key) {
        former = former.or(property.to_serde_value());
        property.remove();
    }
    former
}

/// The value of a key, whatever its case.
pub(crate) fn get<'value>(
    value: &'value serde_json::Value,
    key: &str,
) -> Option<&'value serde_json::Value> {
    let mut entries = value.as_object()?.iter();
    entries.find_map(|(name, value)| name.eq_ignore_ascii_case(key).then_some(value))
}

/// All properties of this name. Those that write a path below it (`Account:Uin`) are removed: .NET takes
/// both for the same key, and refuses a file with a key that stands twice.
fn only_properties(object: &CstObject, key: &str) -> Vec<CstObjectProp> {
    let (paths, same): (Vec<_>, Vec<_>) = object
        .properties()
        .into_iter()
        .filter(|property| {
            property.decoded_name().is_some_and(|name| {
                let first = name.split(':').next().unwrap_or_default();
                first.eq_ignore_ascii_case(key)
            })
        })
        .partition(|property| {
            property
                .decoded_name()
                .is_some_and(|name| name.contains(':'))
        });
    paths.into_iter().for_each(CstObjectProp::remove);
    same
}

/// .NET skips comments and takes trailing commas (`JsonConfigurationFileParser`), and nothing else.
fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}
