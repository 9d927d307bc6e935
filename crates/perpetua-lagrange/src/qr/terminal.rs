//! A QR code as text.

use qrcodegen::{QrCode, QrCodeEcc};

/// Phones find a code by its white margin; the standard asks for four modules.
const MARGIN: i32 = 4;
/// Black on white, whatever the terminal's own colours are (numbers of the 256-colour palette).
const COLOURS: &str = "\u{1b}[38;5;16;48;5;231m";
const RESET: &str = "\u{1b}[0m";

/// A drawing of half blocks with its white margin, for dark and light terminals: two rows of modules make
/// a line, and each line sets its colours, resets them, and ends with `\n`. A text that is too long
/// for a QR code (2,953 bytes) is given as it is.
pub fn terminal(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Low) else {
        return format!("{text}\n");
    };
    let rows = -MARGIN..code.size() + MARGIN;
    let mut drawing = String::new();
    for y in rows.clone().step_by(2) {
        drawing.push_str(COLOURS);
        for x in rows.clone() {
            // What lies outside of the code is light.
            drawing.push(match (code.get_module(x, y), code.get_module(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        drawing.push_str(RESET);
        drawing.push('\n');
    }
    drawing
}
