//! What is printed before there is a log.

use std::io::IsTerminal as _;

use crate::log::print_raw;

/// Wide consoles get a drawing, others the name.
const DRAWING: &str = r"
  _
 | |    __ _  __ _ _ __ __ _ _ __   __ _  ___
 | |___/ _` |/ _` | '__/ _` | '_ \ / _` |/ _ \
 |____/\__,_|\__, |_|  \__,_|_| |_|\__, |\___|
             |___/  OneBot         |___/
";

/// What Lagrange compares the console's width with, and what a pipe on Unix passes for.
const ENOUGH: u16 = 45;
const WIDTH_OF_A_PIPE: u16 = 80;

/// Prints the name and the commit.
pub(crate) fn print(commit: &str) {
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .unwrap_or(WIDTH_OF_A_PIPE);
    if std::io::stdout().is_terminal() {
        print_raw("\x1b[95m");
    }
    print_raw(if width >= ENOUGH {
        DRAWING
    } else {
        "Lagrange.OneBot\n"
    });
    print_raw(&format!("Version: {commit}\n\n"));
}

/// Whether .NET would find a console to ask for its width. On Unix it needs none.
pub(crate) fn has_console() -> bool {
    !cfg!(windows)
        || std::io::stdout().is_terminal()
        || std::io::stderr().is_terminal()
        || std::io::stdin().is_terminal()
}
