//! What is printed before there is a log.

use std::io::IsTerminal as _;

use crate::log::print_raw;

/// Wide consoles get a drawing, others the name.
const DRAWING: &str = r"  _
 | |    __ _  __ _ _ __ __ _ _ __   __ _  ___
 | |   / _` |/ _` | '__/ _` | '_ \ / _` |/ _ \
 | |__| (_| | (_| | | | (_| | | | | (_| |  __/
 |____/\__,_|\__, |_|  \__,_|_| |_|\__, |\___|
             |___/                 |___/
                O  n  e  B  o  t
";

/// Prints the name and the commit.
pub(crate) fn print(commit: &str) {
    if std::io::stdout().is_terminal() {
        print_raw("\x1b[95m");
    }
    print_raw(if is_wide() {
        DRAWING
    } else {
        "Lagrange.OneBot\n"
    });
    print_raw(&format!("Version: {commit}\n\n"));
}

/// On Unix a console's width follows from its type alone, even where there is no console: without a type it is 0.
fn is_wide() -> bool {
    cfg!(windows) || std::env::var("TERM").is_ok_and(|terminal| !terminal.is_empty())
}

/// Whether .NET would find a console to ask for its width. On Unix it needs none.
pub(crate) fn has_console() -> bool {
    !cfg!(windows)
        || std::io::stdout().is_terminal()
        || std::io::stderr().is_terminal()
        || std::io::stdin().is_terminal()
}
