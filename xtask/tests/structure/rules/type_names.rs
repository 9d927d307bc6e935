//! A public type's name means one thing in the whole workspace.

use std::collections::BTreeMap;

use syn::{Item, Visibility};

use crate::program::Source;

/// The places of each public type, by its name.
type Places = BTreeMap<String, Vec<String>>;

/// The names that several public types have, with the places of each.
pub(crate) fn shared(sources: &[Source]) -> Places {
    let mut places = Places::new();
    for source in sources {
        gather(source, &source.file.items, &mut places);
    }
    places.retain(|_, places| places.len() > 1);
    places
}

fn gather(source: &Source, items: &[Item], places: &mut Places) {
    for item in items {
        let (name, seen) = match item {
            Item::Enum(item) => (&item.ident, &item.vis),
            Item::Struct(item) => (&item.ident, &item.vis),
            Item::Trait(item) => (&item.ident, &item.vis),
            Item::Union(item) => (&item.ident, &item.vis),
            Item::Mod(item) => {
                let content = item.content.iter();
                content.for_each(|(_, items)| gather(source, items, places));
                continue;
            }
            _ => continue,
        };
        if matches!(seen, Visibility::Public(_)) {
            let line = name.span().start().line;
            let place = format!("{}:{line}", source.path);
            places.entry(name.to_string()).or_default().push(place);
        }
    }
}

#[test]
fn a_name_that_two_public_types_have_is_found() {
    let one =
        Source::of("pub struct Place; pub(crate) struct Kind; pub mod a { pub enum State {} }");
    let two = Source::of("pub trait Place {} pub struct Kind; struct State; pub fn State() {}");
    let found = shared(&[one, two]);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["Place"]);
    assert_eq!(found["Place"].len(), 2);
}
