//! A QR code as text.

use std::fmt;

use qrcodegen::{QrCode, QrCodeEcc};

/// Phones find a code by its white margin; the standard asks for four modules.
const MARGIN: i32 = 4;
/// Black on white, whatever the terminal's own colours are (numbers of the 256-colour palette).
const COLOURS: &str = "\u{1b}[38;5;16;48;5;231m";
const RESET: &str = "\u{1b}[0m";

/// What a drawing is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QrInk {
    /// Black on white, by colours of its own.
    Colours,
    /// The terminal's own colours, which are light on dark: what is light in the code is drawn.
    LightOnDark,
    /// The terminal's own colours, which are dark on light.
    DarkOnLight,
}

/// A code that can be drawn.
pub struct QrDrawing(QrCode);

impl fmt::Debug for QrDrawing {
    /// Whoever has the code may log in with it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("QrDrawing").finish_non_exhaustive()
    }
}

impl QrDrawing {
    /// The code of a text; `None` for one that is too long for a QR code (2,953 bytes).
    pub fn new(text: &str) -> Option<Self> {
        QrCode::encode_text(text, QrCodeEcc::Low).ok().map(Self)
    }

    /// How many columns of a terminal it takes, with its margin.
    pub fn columns(&self) -> usize {
        usize::try_from(self.0.size() + 2 * MARGIN).unwrap_or(usize::MAX)
    }

    /// Half blocks with the white margin: two rows of modules make a line. Each line sets its colours, if it has
    /// any, resets them, and ends with `\n`.
    pub fn draw(&self, ink: QrInk) -> String {
        let (before, after) = match ink {
            QrInk::Colours => (COLOURS, RESET),
            QrInk::LightOnDark | QrInk::DarkOnLight => ("", ""),
        };
        let rows = -MARGIN..self.0.size() + MARGIN;
        // What lies outside of the code is light; below its last row there is nothing to draw.
        let is_drawn = |x, y| {
            let is_dark = self.0.get_module(x, y);
            y < rows.end && is_dark != (ink == QrInk::LightOnDark)
        };
        let mut drawing = String::new();
        for y in rows.clone().step_by(2) {
            drawing.push_str(before);
            for x in rows.clone() {
                drawing.push(match (is_drawn(x, y), is_drawn(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            drawing.push_str(after);
            drawing.push('\n');
        }
        drawing
    }
}
