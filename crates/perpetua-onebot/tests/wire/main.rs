//! Frames of every shape through the public API: random JSON against a model, and extremes.

mod corpus;
mod extremes;
mod format;
mod format_properties;
mod frame;
mod properties;
mod quick;

use perpetua_onebot::Peek;

/// `text` with the echo of its `peek` replaced by `echo`.
fn with_echo(text: &str, peek: &Peek<'_>, echo: &str) -> String {
    String::from_utf8(peek.echo_spans().replace(text.as_bytes(), echo)).expect("UTF-8")
}

/// `text` without the echo of its `peek`.
fn without_echo(text: &str, peek: &Peek<'_>) -> String {
    String::from_utf8(peek.echo_spans().remove(text.as_bytes())).expect("UTF-8")
}
