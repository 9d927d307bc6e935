//! QR codes: reading the core's picture, and drawing a sharp one in a terminal.

mod picture;
mod terminal;

pub use picture::decode;
pub use terminal::{QrDrawing, QrInk};
