//! What the core's picture says.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};

/// Tencent's pictures have about 1 kB and 111 to 300 pixels a side; what is much larger is something else.
const MOST_BYTES: usize = 1024 * 1024;
const WIDEST: u32 = 2000;
/// What unpacking may take: a picture of the widest size in four colours, and some room.
const MOST_MEMORY: usize = 20 * 1024 * 1024;
/// Codes with modules of few pixels, or without a margin, are found once they are enlarged and framed.
const ENLARGED: usize = 4;
const WIDEST_ENLARGED: usize = 500;
const FRAME: usize = 32;
const WHITE: u8 = 255;

/// The address that a PNG picture of a QR code holds; `None` if it is no picture or holds none.
///
/// The file may be half written: the caller tries again when it has changed.
pub fn decode(png: &[u8]) -> Option<String> {
    let picture = Picture::unpack(png)?;
    picture.code(1, 0).or_else(|| {
        let is_small = picture.width.max(picture.height) <= WIDEST_ENLARGED;
        is_small.then(|| picture.code(ENLARGED, FRAME)).flatten()
    })
}

/// Shades of grey.
struct Picture {
    width: usize,
    height: usize,
    shades: Vec<u8>,
}

impl Picture {
    fn unpack(png: &[u8]) -> Option<Self> {
        if png.len() > MOST_BYTES {
            return None;
        }
        let limits = Limits { bytes: MOST_MEMORY };
        let mut decoder = Decoder::new_with_limits(Cursor::new(png), limits);
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let size = reader.info();
        if size.width > WIDEST || size.height > WIDEST {
            return None;
        }
        let length = reader
            .output_buffer_size()
            .filter(|&length| length <= MOST_MEMORY)?;
        let mut bytes = vec![0; length];
        let frame = reader.next_frame(&mut bytes).ok()?;
        let samples = match frame.color_type {
            ColorType::Grayscale => 1,
            ColorType::GrayscaleAlpha => 2,
            ColorType::Rgb => 3,
            ColorType::Rgba => 4,
            ColorType::Indexed => return None,
        };
        let shades = bytes.chunks_exact(samples).map(shade).collect();
        Some(Self {
            width: frame.width as usize,
            height: frame.height as usize,
            shades,
        })
    }

    /// The first code that is found when each pixel is drawn so large and a white frame put around.
    fn code(&self, scale: usize, frame: usize) -> Option<String> {
        let width = self.width * scale + 2 * frame;
        let height = self.height * scale + 2 * frame;
        let shade = |x: usize, y: usize| {
            let (x, y) = (x.checked_sub(frame)? / scale, y.checked_sub(frame)? / scale);
            let is_inside = x < self.width && y < self.height;
            is_inside
                .then(|| self.shades.get(y * self.width + x).copied())
                .flatten()
        };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            shade(x, y).unwrap_or(WHITE)
        });
        let codes = image.detect_grids();
        codes
            .iter()
            .find_map(|code| code.decode().ok().map(|(_, text)| text))
    }
}

/// One pixel as a shade of grey, on white where it is transparent.
fn shade(pixel: &[u8]) -> u8 {
    let over_white = |value: u32, alpha: u32| (value * alpha + 255 * (255 - alpha)) / 255;
    let mean =
        |red: u8, green: u8, blue: u8| (u32::from(red) + u32::from(green) + u32::from(blue)) / 3;
    let shade = match *pixel {
        [grey] => u32::from(grey),
        [grey, alpha] => over_white(grey.into(), alpha.into()),
        [red, green, blue] => mean(red, green, blue),
        [red, green, blue, alpha] => over_white(mean(red, green, blue), alpha.into()),
        _ => u32::from(WHITE),
    };
    u8::try_from(shade).unwrap_or(WHITE)
}
