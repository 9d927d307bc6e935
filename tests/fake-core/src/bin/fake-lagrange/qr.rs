//! The QR code of a login: the file and the drawing.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::log::print_raw;

/// Pixels of one module of the picture.
const SCALE: i32 = 3;

/// Light modules around the picture's code.
const MARGIN: i32 = 4;

/// Light modules around the drawing's code.
const DRAWN_MARGIN: i32 = 1;

const DARK: u8 = 0;
const LIGHT: u8 = 255;

/// A code for one login, with an address like that of QQ.
pub(crate) fn fresh_url() -> String {
    let key: String = std::iter::repeat_with(fastrand::alphanumeric)
        .take(32)
        .collect();
    format!("https://txz.qq.com/p?k={key}&f=1600001615")
}

/// The code of this address.
pub(crate) fn code_of(url: &str) -> io::Result<QrCode> {
    QrCode::encode_text(url, QrCodeEcc::Medium).map_err(io::Error::other)
}

/// Writes the picture as a PNG file.
pub(crate) fn write_picture(code: &QrCode, path: &Path) -> io::Result<()> {
    let modules = code.size() + 2 * MARGIN;
    let side = modules * SCALE;
    let mut pixels = Vec::new();
    for y in 0..side {
        for x in 0..side {
            let dark = code.get_module(x / SCALE - MARGIN, y / SCALE - MARGIN);
            pixels.push(if dark { DARK } else { LIGHT });
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side.unsigned_abs(), side.unsigned_abs());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    std::fs::write(path, file)
}

/// The drawing for a dark terminal: each character is two modules, one above the other, and shows the
/// light ones.
pub(crate) fn drawing(code: &QrCode, compatible: bool) -> String {
    let [upper, lower, both, none] = if compatible {
        ['^', '.', '@', ' ']
    } else {
        ['▀', '▄', '█', ' ']
    };
    let range = -DRAWN_MARGIN..code.size() + DRAWN_MARGIN;
    let mut text = String::new();
    for y in range.clone().step_by(2) {
        for x in range.clone() {
            let light = |y| y < range.end && !code.get_module(x, y);
            text.push(match (light(y), light(y + 1)) {
                (true, true) => both,
                (true, false) => upper,
                (false, true) => lower,
                (false, false) => none,
            });
        }
        text.push('\n');
    }
    if compatible {
        let _ = writeln!(
            text,
            "Please scan this QR code from a distance with your smart phone.\nScanning may fail if you are too close."
        );
    }
    text
}

/// Prints the drawing as Lagrange does, each character by itself. On a busy machine something is printed `between`,
/// before the character at this place.
pub(crate) fn print(drawing: &str, place: Option<usize>, between: impl Fn()) {
    let mut buffer = [0; 4];
    for (index, character) in drawing.chars().enumerate() {
        if place == Some(index) {
            between();
        }
        print_raw(character.encode_utf8(&mut buffer));
    }
    if place.is_some_and(|place| place >= drawing.chars().count()) {
        between();
    }
}
