//! Every kind of mistake, with the exact line, column and words that its writer gets to see in English,
//! and that the same can be said in Chinese.

mod chinese;
mod full_width;
mod keys;
mod managed;
mod secrets;
mod values;

use perpetua_config::parse;

/// An account on four lines and its client on four more; what a case adds stands on line 9.
const NODE: &str = r#"[[accounts]]
name = "main"
[accounts.upstream]
kind = "simulator"
[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:6700"
"#;

/// Asserts that the text has exactly these problems, one per line, and that each can be said in Chinese.
#[track_caller]
fn refused(text: &str, expected: &str) {
    let problems = parse(text).expect_err("the text should have been refused");
    assert_eq!(problems.to_string(), expected, "for\n{text}");
    chinese::check(&problems);
}

/// Asserts the problems of a line added to the client of [`NODE`].
#[track_caller]
fn refused_in_client(line: &str, expected: &str) {
    refused(&format!("{NODE}{line}\n"), expected);
}
