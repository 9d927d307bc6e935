//! The display of a freedesktop session: opened before there is anything that would have to be ended again,
//! and watched, for GTK ends the program on the spot when it is gone. Elsewhere it goes with the session only.

use gtk::glib::{ControlFlow, IOCondition, MainContext, Priority, unix_fd_source_new};
use tracing::warn;

use crate::{
    desk::Desk,
    quit::{self, LastLines},
};

/// The display, by its socket where that was found.
pub(crate) struct Display(Option<i32>);

/// Opens it; `None` where there is none.
pub(crate) fn open() -> Option<Display> {
    gtk::init().ok()?;
    let variable = |name: &str| std::env::var(name).ok();
    Some(Display(perpetua_desktop::display_socket(variable)))
}

/// Ends the program in order once it is gone. On the main thread.
pub(crate) fn watch(display: &Display, desk: Desk, last_lines: LastLines) {
    let Some(socket) = display.0 else {
        warn!("the display's socket is not found; if it goes, the program ends at once");
        return;
    };
    let lost = IOCondition::HUP | IOCondition::ERR;
    // Before GTK looks itself; who came back from here would be ended by it.
    let source = unix_fd_source_new(socket, lost, None, Priority::HIGH, move |_, _| {
        quit::without_display(&desk, &last_lines);
        ControlFlow::Break
    });
    source.attach(Some(&MainContext::default()));
}
