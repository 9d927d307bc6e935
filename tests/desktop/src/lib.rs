//! The harness of the desktop tests: a desktop that nobody sees, the built program on it, and its
//! window as a person uses it, through what stands on the screen.
//!
//! A [`Desktop`] has a screen, a bus and a home of its own, so that nothing of the person who runs the
//! tests is touched. `WebKitWebDriver` starts the program and works its [`Window`]; what the program
//! asks of the desktop arrives at [`Notifications`] and at the [`Tray`].
//!
//! The tests stand in `tests/window`. They name what they press and read by the codes of the catalogue,
//! so that a sentence may be written better without a change here.
#![cfg(target_os = "linux")]

mod desktop;
mod driver;
mod notifications;
mod opened;
mod panel;
mod processes;
mod screen;
mod tray;
mod window;
mod words;

pub use desktop::{Desktop, Keyring, logged};
pub use driver::{Driver, Element};
pub use notifications::{Notifications, Notified};
pub use opened::Opened;
pub use panel::Panel;
pub use processes::{Footprint, Process};
pub use screen::Place;
pub use tray::{MenuEntry, Tray};
pub use window::{DOWN, ENTER, Window};
pub use words::Words;
