//! Pictures of QR codes.

use perpetua_lagrange::qr::{self, QrDrawing, QrInk};
use png::{BitDepth, ColorType, Encoder};
use proptest::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

const URL: &str = "https://txz.qq.com/p?k=abcdefghijklmnopqrstuvwxyz123456&f=537138973";

/// How a picture is drawn.
struct Drawing {
    scale: i32,
    margin: i32,
    colour: ColorType,
    depth: BitDepth,
}

fn picture(text: &str, drawing: &Drawing) -> Vec<u8> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("code");
    let side = (code.size() + 2 * drawing.margin) * drawing.scale;
    let mut bytes = Vec::new();
    for y in 0..side {
        let module = |place: i32| place.div_euclid(drawing.scale) - drawing.margin;
        let row = (0..side).map(|x| code.get_module(module(x), module(y)));
        match (drawing.colour, drawing.depth) {
            (ColorType::Grayscale, BitDepth::One) => {
                let row: Vec<bool> = row.collect();
                let eight = |dark: &[bool]| {
                    let bit = |(place, &dark): (usize, &bool)| u8::from(!dark) << (7 - place);
                    dark.iter().enumerate().map(bit).sum::<u8>()
                };
                bytes.extend(row.chunks(8).map(eight));
            }
            (ColorType::Rgba, _) => {
                // Light is transparent.
                bytes.extend(row.flat_map(|dark| [0, 0, 0, if dark { 255 } else { 0 }]));
            }
            (ColorType::Rgb, _) => {
                bytes.extend(row.flat_map(|dark| if dark { [20, 20, 60] } else { [250; 3] }));
            }
            _ => bytes.extend(row.map(|dark| if dark { 0 } else { 255 })),
        }
    }
    encoded(side.cast_unsigned(), drawing.colour, drawing.depth, &bytes)
}

fn encoded(side: u32, colour: ColorType, depth: BitDepth, bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().expect("header");
    writer.write_image_data(bytes).expect("picture");
    writer.finish().expect("end");
    file
}

#[test]
fn a_picture_is_read_whatever_its_size_margin_and_colours() {
    for (colour, depth) in [
        (ColorType::Grayscale, BitDepth::Eight),
        (ColorType::Grayscale, BitDepth::One),
        (ColorType::Rgb, BitDepth::Eight),
        (ColorType::Rgba, BitDepth::Eight),
    ] {
        for (scale, margin) in [(3, 4), (3, 1), (3, 0), (1, 1), (8, 4), (10, 0)] {
            let drawing = Drawing {
                scale,
                margin,
                colour,
                depth,
            };
            let read = qr::decode(&picture(URL, &drawing));
            assert_eq!(read.as_deref(), Some(URL), "{colour:?} {scale} {margin}");
        }
    }
}

const PLAIN: Drawing = Drawing {
    scale: 3,
    margin: 4,
    colour: ColorType::Grayscale,
    depth: BitDepth::Eight,
};

#[test]
fn a_half_written_picture_is_none() {
    let whole = picture(URL, &PLAIN);
    for length in (0..whole.len() - 20).step_by(7) {
        assert_eq!(qr::decode(&whole[..length]), None, "{length} bytes");
    }
}

#[test]
fn a_picture_that_is_far_too_large_is_not_unpacked() {
    let side = 20_000;
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    let mut writer = encoder.write_header().expect("header");
    let row = vec![0; side as usize / 8];
    let mut stream = writer.stream_writer().expect("stream");
    for _ in 0..side {
        std::io::Write::write_all(&mut stream, &row).expect("row");
    }
    stream.finish().expect("end");
    drop(writer);
    assert!(file.len() < 1024 * 1024, "a bomb is small: {}", file.len());
    assert_eq!(qr::decode(&file), None);
    assert_eq!(qr::decode(&vec![0; 2 * 1024 * 1024]), None);
}

#[test]
fn a_picture_that_is_wider_than_any_of_the_cores_is_not_read() {
    let drawing = |scale| Drawing { scale, ..PLAIN };
    assert_eq!(
        qr::decode(&picture(URL, &drawing(30))).as_deref(),
        Some(URL)
    );
    assert_eq!(qr::decode(&picture(URL, &drawing(60))), None);
}

#[test]
fn a_picture_without_a_code_is_none() {
    let grey = vec![128; 100 * 100];
    let file = encoded(100, ColorType::Grayscale, BitDepth::Eight, &grey);
    assert_eq!(qr::decode(&file), None);
}

/// The modules of a drawing, read back as a camera would: dark where a terminal that shows it is.
fn modules(drawing: &str, ink: QrInk) -> Vec<Vec<bool>> {
    let mut rows: Vec<Vec<bool>> = Vec::new();
    for line in drawing.lines() {
        let row = if ink == QrInk::Colours {
            line.strip_prefix("\u{1b}[38;5;16;48;5;231m")
                .and_then(|line| line.strip_suffix("\u{1b}[0m"))
                .expect("colours around each line")
        } else {
            line
        };
        let is_dark = |block: bool| block != (ink == QrInk::LightOnDark);
        let half = |blocks: &str| {
            row.chars()
                .map(|block| is_dark(blocks.contains(block)))
                .collect()
        };
        rows.push(half("█▀"));
        rows.push(half("█▄"));
    }
    // The lower half of the last line lies outside of a code with an odd number of rows: nothing is drawn there, which is
    // dark where the terminal is.
    rows.truncate(rows[0].len());
    rows
}

#[test]
fn a_drawing_in_a_terminal_can_be_scanned_with_colours_and_without() {
    for ink in [QrInk::Colours, QrInk::LightOnDark, QrInk::DarkOnLight] {
        can_be_scanned(ink);
    }
}

fn can_be_scanned(ink: QrInk) {
    let drawing = QrDrawing::new(URL).expect("short enough");
    let mut rows = modules(&drawing.draw(ink), ink);
    let side = rows[0].len();
    assert_eq!(side, drawing.columns());
    // The lower half of the last line is no row of it.
    assert!(rows.len().saturating_sub(side) <= 1);
    rows.truncate(side);
    assert!(rows.iter().all(|row| row.len() == side));
    assert!(
        rows[..4].iter().flatten().all(|&dark| !dark),
        "a margin above"
    );
    assert!(
        rows.iter().all(|row| row[..4].iter().all(|&dark| !dark)),
        "and beside"
    );
    let scale = 4;
    let bytes: Vec<u8> = (0..side * scale)
        .flat_map(|y| (0..side * scale).map(move |x| (x / scale, y / scale)))
        .map(|(x, y)| if rows[y][x] { 0 } else { 255 })
        .collect();
    let side = u32::try_from(side * scale).expect("side");
    let file = encoded(side, ColorType::Grayscale, BitDepth::Eight, &bytes);
    assert_eq!(qr::decode(&file).as_deref(), Some(URL));
}

#[test]
fn a_text_that_is_too_long_for_a_code_has_none() {
    assert!(QrDrawing::new(&"x".repeat(5000)).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_picture_makes_it_fail(bytes in prop::collection::vec(any::<u8>(), 64 * 64), changed: prop::sample::Index, value: u8) {
        let noise = encoded(64, ColorType::Grayscale, BitDepth::Eight, &bytes);
        let _read = qr::decode(&noise);
        let mut damaged = picture(URL, &PLAIN);
        let place = changed.index(damaged.len());
        damaged[place] = value;
        let _read = qr::decode(&damaged);
    }
}
