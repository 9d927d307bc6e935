//! Names that are given once.

use super::section::Section;
use crate::Name;

/// The `name` of an account, a client or a signer, which no other one of its kind has.
pub(super) fn unique_name(
    section: &mut Section<'_>,
    kind: &str,
    names: &mut Vec<Name>,
) -> Option<Name> {
    let item = section.require("name", "a short name such as `name = \"main\"`")?;
    let name = match Name::new(item.string("a name in quotes")?) {
        Ok(name) => name,
        Err(error) => return item.problem(error.to_string()),
    };
    if names.contains(&name) {
        return item.problem(format!(
            "another {kind} is named `{name}` already; give each its own name"
        ));
    }
    names.push(name.clone());
    Some(name)
}
