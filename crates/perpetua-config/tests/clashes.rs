//! Listeners that are in each other's way, on this system or on another one.

use perpetua_config::parse;

/// A client of an account; without a token it has one of its own.
fn client(name: &str, listen: &str) -> String {
    format!("[[accounts.clients]]\nname = \"{name}\"\nkind = \"forward\"\nlisten = \"{listen}\"\n")
}

/// What is said of two clients that listen so, beside an API that is in nobody's way.
fn said(one: &str, other: &str) -> Vec<String> {
    let head = "[api]\nlisten = \"127.0.0.1:0\"\n[[accounts]]\nname = \"main\"\n\
                [accounts.upstream]\nkind = \"simulator\"\n";
    let text = format!("{head}{}{}", client("one", one), client("two", other));
    match parse(&text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .as_slice()
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}

#[test]
fn what_clashes_is_named_in_whatever_order_it_stands() {
    const HERE: &str = "already listens on port 6700 of this address";
    const ELSEWHERE: &str =
        "listens on port 6700 of every address, on some systems of this one too";
    for (one, other, words) in [
        ("127.0.0.1:6700", "127.0.0.1:6700", HERE),
        ("0.0.0.0:6700", "127.0.0.1:6700", HERE),
        ("[::]:6700", "[::1]:6700", HERE),
        ("[::ffff:127.0.0.1]:6700", "127.0.0.1:6700", HERE),
        ("[::ffff:127.0.0.1]:6700", "0.0.0.0:6700", HERE),
        ("[::]:6700", "0.0.0.0:6700", ELSEWHERE),
        ("[::]:6700", "127.0.0.1:6700", ELSEWHERE),
        ("[::]:6700", "192.0.2.7:6700", ELSEWHERE),
    ] {
        for (one, other) in [(one, other), (other, one)] {
            let said = said(one, other);
            assert_eq!(said.len(), 1, "{one} {other}: {said:?}");
            assert!(
                said[0].contains("`accounts[0].clients[0].listen`") && said[0].contains(words),
                "{one} {other}: {said:?}"
            );
        }
    }
}

#[test]
fn what_does_not_clash_is_taken() {
    for (one, other) in [
        ("127.0.0.1:6700", "127.0.0.2:6700"),
        ("127.0.0.1:6700", "127.0.0.1:6701"),
        ("127.0.0.1:6700", "[::1]:6700"),
        ("0.0.0.0:6700", "[::1]:6700"),
        ("[::]:0", "0.0.0.0:0"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ] {
        for (one, other) in [(one, other), (other, one)] {
            assert_eq!(said(one, other), Vec::<String>::new(), "{one} {other}");
        }
    }
}
