//! Sections that are written as dotted keys: `core.proxy = "…"`.

use perpetua_config::edit::{Place, Written, set};

#[test]
fn a_section_of_dotted_keys_is_edited_where_it_stands() {
    let word = |word: &str| Written::Text(word.into());
    let proxy = "http://127.0.0.1:9";
    for (title, key, other, value) in [
        ("core", "proxy", "auto-install = false", proxy),
        ("api", "listen", "allow-hosts = []", "127.0.0.1:9"),
        ("discovery", "range", "wait = \"5s\"", "9-10"),
    ] {
        let rest = "\n[[accounts]]\nname = \"main\"\nupstream = { kind = \"simulator\" }\n";
        let before = format!("# top\n{title}.{other} # c\n{rest}");
        let place = Place::Section(title);
        let added = set(&before, place, key, Some(&word(value))).expect("added");
        let expected = format!("# top\n{title}.{other} # c\n{title}.{key} = \"{value}\"\n{rest}");
        assert_eq!(added, expected);
        perpetua_config::parse(&added).expect("in order");
        let replaced = set(&added, place, key, Some(&word("x"))).expect("replaced");
        assert_eq!(replaced, expected.replace(value, "x"));
        assert_eq!(set(&added, place, key, None).expect("taken out"), before);
    }
}
