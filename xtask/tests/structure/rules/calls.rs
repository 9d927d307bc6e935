//! Every call is made by a page or a program of ours: one that nobody makes is a promise that nobody tries.

use std::collections::BTreeSet;

use crate::names::Read;

/// A call that crosses a boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// As it crosses: `core_list`.
    pub(crate) name: String,
    /// The type of its parameters: `ListCores`.
    params: String,
}

/// The calls in generated TypeScript: `core_list: { params: ListCores; reply: CoreList };`.
pub(crate) fn calls(generated: &str) -> Vec<Call> {
    let lines = generated.lines().map(str::trim);
    let found = lines.filter_map(|line| {
        let (name, rest) = line.split_once(": { params: ")?;
        let (params, _reply) = rest.split_once(';')?;
        Some(Call {
            name: name.to_owned(),
            params: params.to_owned(),
        })
    });
    found.collect()
}

/// The calls that no page names and no program makes, by their names or by their types.
pub(crate) fn unmade<'a>(
    calls: &'a [Call],
    pages: &BTreeSet<&str>,
    programs: &[&Read<'_>],
) -> Vec<&'a str> {
    let paths = programs.iter().flat_map(|read| &read.paths);
    let types: BTreeSet<_> = paths
        .filter_map(|meaning| meaning.path.rsplit("::").next())
        .collect();
    let texts = programs.iter().flat_map(|read| &read.texts);
    let texts: BTreeSet<_> = texts.map(|text| text.value.as_str()).collect();
    let unmade = calls.iter().filter(|call| {
        let name = call.name.as_str();
        !pages.contains(name) && !texts.contains(name) && !types.contains(&*call.params)
    });
    unmade.map(|call| call.name.as_str()).collect()
}

#[test]
fn a_call_is_made_by_its_name_on_a_page_or_by_its_type_in_a_program() {
    let generated = "export type Calls = {\n  core_list: { params: ListCores; reply: CoreList };\n  \
                     stop: { params: Stop; reply: null };\n  say: { params: Say; reply: Said };\n  \
                     old: { params: Old; reply: null };\n};";
    let calls = calls(generated);
    let text = "use perpetua_schema::Say; fn f() { way.call(&Say {}); menu(\"stop\"); older() }";
    let source = crate::program::Source::of(text);
    let read = crate::names::read(&[&source]);
    let pages = BTreeSet::from(["core_list"]);
    assert_eq!(unmade(&calls, &pages, &[&read[0]]), ["old"]);
}
