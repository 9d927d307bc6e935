//! The pictures of the icon: four shapes in four sizes, drawn in one ink.

use super::TrayIcon;

/// What the shapes are drawn with, so that they can be seen on the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// On a light panel.
    Dark,
    /// On a dark panel.
    Light,
    /// On a panel of which nothing is known: seen on either.
    #[default]
    Middle,
    /// The system inks it itself: only the shape counts.
    Template,
}

impl Ink {
    fn colour(self) -> [u8; 3] {
        match self {
            Self::Dark => [0x22, 0x2B, 0x52],
            Self::Light => [0xF6, 0xF5, 0xF2],
            Self::Middle => [0x7B, 0x80, 0x90],
            Self::Template => [0, 0, 0],
        }
    }
}

/// A picture of the icon.
#[derive(Clone, PartialEq, Eq)]
pub struct TrayImage {
    /// Its width and its height.
    pub size: u32,
    /// Red, green, blue and opacity of each pixel, row by row.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for TrayImage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("TrayImage");
        shown.field("size", &self.size).finish_non_exhaustive()
    }
}

/// The files of a shape, smallest first; their opacity is the shape.
macro_rules! files {
    ($shape:literal) => {
        [
            include_bytes!(concat!("../../../../icons/tray/", $shape, "-16.png")).as_slice(),
            include_bytes!(concat!("../../../../icons/tray/", $shape, "-20.png")).as_slice(),
            include_bytes!(concat!("../../../../icons/tray/", $shape, "-24.png")).as_slice(),
            include_bytes!(concat!("../../../../icons/tray/", $shape, "-32.png")).as_slice(),
        ]
    };
}

impl TrayIcon {
    /// Its pictures in every size, smallest first.
    pub fn images(self, ink: Ink) -> Vec<TrayImage> {
        let files = match self {
            Self::Online => files!("online"),
            Self::Offline => files!("offline"),
            Self::Scan => files!("scan"),
            Self::Problem => files!("problem"),
        };
        files
            .into_iter()
            .filter_map(|file| draw(file, ink))
            .collect()
    }
}

fn draw(file: &[u8], ink: Ink) -> Option<TrayImage> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file))
        .read_info()
        .ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut pixels).ok()?;
    let samples = frame.color_type.samples();
    let [red, green, blue] = ink.colour();
    let shape = pixels.chunks_exact(samples);
    let rgba = shape.flat_map(|pixel| [red, green, blue, pixel[samples - 1]]);
    Some(TrayImage {
        size: frame.width,
        rgba: rgba.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Ink, TrayIcon};

    const ALL: [TrayIcon; 4] = [
        TrayIcon::Online,
        TrayIcon::Offline,
        TrayIcon::Scan,
        TrayIcon::Problem,
    ];

    #[test]
    fn each_shape_is_there_in_each_size_and_unlike_the_others() {
        for (index, icon) in ALL.into_iter().enumerate() {
            let images = icon.images(Ink::Dark);
            let sizes: Vec<_> = images.iter().map(|image| image.size).collect();
            assert_eq!(sizes, [16, 20, 24, 32], "{icon:?}");
            let opacity = |image: &super::TrayImage| -> Vec<u8> {
                image.rgba.iter().skip(3).step_by(4).copied().collect()
            };
            for other in &ALL[index + 1..] {
                for (image, other_image) in images.iter().zip(other.images(Ink::Dark)) {
                    let differs = opacity(image)
                        .iter()
                        .zip(opacity(&other_image))
                        .filter(|(a, b)| a.abs_diff(*b) > 96)
                        .count();
                    let pixels = usize::try_from(image.size * image.size).expect("few");
                    assert!(differs * 20 > pixels, "{icon:?} and {other:?}: {differs}");
                }
            }
        }
    }

    #[test]
    fn no_shape_is_fainter_than_its_ink() {
        for icon in ALL {
            for image in icon.images(Ink::Middle) {
                let opacity = image.rgba.iter().skip(3).step_by(4);
                let most = opacity.max().copied();
                assert_eq!(most, Some(u8::MAX), "{icon:?} at {}", image.size);
            }
        }
    }

    #[test]
    fn the_ink_for_an_unknown_panel_is_seen_on_both() {
        let luminance = |[red, green, blue]: [u8; 3]| {
            let linear = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        };
        let middle = luminance(Ink::Middle.colour());
        let contrast = |panel: [u8; 3]| {
            let panel = luminance(panel);
            (panel.max(middle) + 0.05) / (panel.min(middle) + 0.05)
        };
        assert!(contrast([0xF6, 0xF5, 0xF2]) >= 3.0);
        assert!(contrast([0x1A, 0x1A, 0x1A]) >= 3.0);
    }
}
