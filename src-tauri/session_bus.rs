//! The bus of a freedesktop session. When it goes, GIO has the program end as by a signal, without a word why:
//! without it there is no tray and no second start, and a hidden window could not be had back. Here the program
//! ends in order too, and says why.

use gtk::gio::{self, BusType, Cancellable};
use perpetua_words::desktop::BusGone;

use crate::{desk::Desk, quit};

/// Ends the program in order once the bus that GTK uses is gone. On the main thread; waits for nothing.
pub(crate) fn watch(desk: Desk) {
    gio::bus_get(BusType::Session, Cancellable::NONE, move |bus| {
        // Without a bus at the start the program runs without.
        let Ok(bus) = bus else { return };
        bus.set_exit_on_close(false);
        bus.connect_closed(move |_, _, _| quit::begin_because(&desk, BusGone.into()));
    });
}
