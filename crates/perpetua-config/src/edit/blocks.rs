//! Where tables with headers stand in the text.

use std::ops::Range;

use toml_edit::{Document, Item, Table, TableLike, Value};

/// Where a table and the tables in it stand, each from its header to its last value.
pub(super) fn own_blocks(table: &dyn TableLike, header: Option<Range<usize>>) -> Vec<Range<usize>> {
    let own = header.map(|header| {
        let end = last_value(table).map_or(header.end, |value| value.end.max(header.end));
        header.start..end
    });
    // One that only others stand in has no header: its place is a part of theirs.
    let header = |table: &Table| table.span().filter(|_| !table.is_implicit());
    let of_block = |table: &Table| own_blocks(table, header(table));
    let inner = table.iter().flat_map(|(_, item)| match item {
        Item::Table(table) if !table.is_dotted() => of_block(table),
        Item::ArrayOfTables(tables) => tables.iter().flat_map(of_block).collect(),
        _ => Vec::new(),
    });
    own.into_iter().chain(inner).collect()
}

/// Where every header of a text begins.
pub(super) fn headers(document: &Document<&str>) -> Vec<usize> {
    let blocks = own_blocks(document.as_table(), None);
    blocks.into_iter().map(|block| block.start).collect()
}

/// Where the last value of a table stands; tables with headers of their own are none of it.
pub(super) fn last_value(table: &dyn TableLike) -> Option<Range<usize>> {
    let spans = table.iter().filter_map(|(_, item)| match item {
        Item::Table(inner) if inner.is_dotted() => last_value(inner),
        Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => last_value(inner),
        Item::Value(value) => value.span(),
        _ => None,
    });
    spans.max_by_key(|span| span.end)
}
