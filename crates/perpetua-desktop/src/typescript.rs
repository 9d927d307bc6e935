//! The shell's calls and events in TypeScript, beside those of the node.

use perpetua_schema::typescript::Described;
use perpetua_words::Message;
use ts_rs::TypeVisitor as _;

use crate::{ShellEvent, shell_call};

/// Where the file stands, from the root of the repository.
pub const PATH: &str = "ui/src/generated/shell.ts";

/// The whole file.
pub fn file() -> String {
    let mut described = Described::new();
    described.leave_out::<Message>();
    described.visit::<ShellEvent>();
    shell_call::describe(&mut described);
    described.into_file(
        "// Made from crates/perpetua-desktop by `cargo run -p perpetua-desktop --features typescript --example shell-typescript`.\n\nimport type { Message } from \"./schema\";\n",
        "/** Every call to the program around the page, its parameters and its reply. */\nexport type ShellCalls",
    )
}
