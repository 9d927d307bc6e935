//! Where the window stands: where it was, as far as the screens of today let it.

use std::path::Path;

use perpetua_fs::{Access, FileError, read_small, write_atomic};
use serde::{Deserialize, Serialize};

/// The size that a first window has.
const FIRST_SIZE: (f64, f64) = (1120.0, 720.0);
/// Below this the page has no layout.
const SMALLEST_SIZE: (f64, f64) = (360.0, 480.0);

/// A rectangle in logical pixels, which do not depend on the scale of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// How wide.
    pub width: f64,
    /// How high.
    pub height: f64,
}

/// Where a window stood when it was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowPlace {
    /// Where.
    pub area: Area,
    /// It filled its screen.
    pub maximised: bool,
}

/// What a window is built with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowLayout {
    /// Where it stands; the corner is absent where the desktop shall choose.
    pub corner: Option<(f64, f64)>,
    /// How large it is.
    pub size: (f64, f64),
    /// How small a person can make it.
    pub smallest: (f64, f64),
    /// It fills its screen.
    pub maximised: bool,
}

impl Area {
    /// How much of another one lies in this one, in square pixels.
    fn shared_with(&self, other: &Self) -> f64 {
        let overlap = |begin: f64, length: f64, other_begin: f64, other_length: f64| {
            let end = (begin + length).min(other_begin + other_length);
            (end - begin.max(other_begin)).max(0.0)
        };
        overlap(self.x, self.width, other.x, other.width)
            * overlap(self.y, self.height, other.y, other.height)
    }
}

/// Lays a window out on the work areas of the screens there are; the first is the main one.
///
/// Nothing of it is outside the screen that shows most of it, and its smallest size fits too.
pub fn lay_out(last: Option<WindowPlace>, screens: &[Area]) -> WindowLayout {
    let best = last.and_then(|place| {
        let shared = |screen: &&Area| screen.shared_with(&place.area);
        let seen = screens.iter().filter(|screen| shared(screen) > 0.0);
        seen.max_by(|a, b| shared(a).total_cmp(&shared(b)))
    });
    let wished = last.map_or(FIRST_SIZE, |place| (place.area.width, place.area.height));
    let Some(screen) = best.or(screens.first()) else {
        return WindowLayout {
            corner: None,
            size: wished,
            smallest: SMALLEST_SIZE,
            maximised: false,
        };
    };
    let smallest = (
        SMALLEST_SIZE.0.min(screen.width),
        SMALLEST_SIZE.1.min(screen.height),
    );
    let size = (
        wished.0.min(screen.width).max(smallest.0),
        wished.1.min(screen.height).max(smallest.1),
    );
    // A window of a screen that is gone comes to the middle, as a new one does.
    let corner = best.and(last).map(|place| {
        let within = |wish: f64, begin: f64, room: f64| wish.max(begin).min(begin + room);
        (
            within(place.area.x, screen.x, screen.width - size.0),
            within(place.area.y, screen.y, screen.height - size.1),
        )
    });
    WindowLayout {
        corner,
        size,
        smallest,
        maximised: last.is_some_and(|place| place.maximised),
    }
}

impl WindowPlace {
    /// What was kept in a file; `None` when there is nothing of use. Blocks.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&read_small(path).ok()??).ok()
    }

    /// Keeps it in a file. Blocks.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        write_atomic(path, &bytes, Access::Usual)
    }
}

#[cfg(test)]
mod tests {
    use super::{Area, WindowPlace, lay_out};

    const MAIN: Area = Area {
        x: 0.0,
        y: 0.0,
        width: 1920.0,
        height: 1040.0,
    };
    const RIGHT: Area = Area {
        x: 1920.0,
        y: 0.0,
        width: 1280.0,
        height: 720.0,
    };

    fn at(x: f64, y: f64, width: f64, height: f64) -> WindowPlace {
        let area = Area {
            x,
            y,
            width,
            height,
        };
        WindowPlace {
            area,
            maximised: false,
        }
    }

    #[test]
    fn a_first_window_has_its_size_and_the_desktop_chooses_the_place() {
        let layout = lay_out(None, &[MAIN]);
        assert_eq!((layout.corner, layout.size), (None, (1120.0, 720.0)));
    }

    #[test]
    fn a_laptop_at_200_percent_has_all_of_the_window_on_its_screen() {
        let small = Area {
            x: 0.0,
            y: 0.0,
            width: 683.0,
            height: 384.0,
        };
        let layout = lay_out(None, &[small]);
        assert_eq!(layout.size, (683.0, 384.0));
        assert_eq!(layout.smallest, (360.0, 384.0));
    }

    #[test]
    fn a_window_stays_on_its_screen_and_inside_it() {
        let layout = lay_out(Some(at(1900.0, 300.0, 1120.0, 720.0)), &[MAIN, RIGHT]);
        assert_eq!(layout.corner, Some((1920.0, 0.0)));
        let layout = lay_out(Some(at(1500.0, 900.0, 400.0, 500.0)), &[MAIN]);
        assert_eq!(layout.corner, Some((1500.0, 540.0)));
    }

    #[test]
    fn a_window_of_a_screen_that_is_gone_comes_back() {
        let layout = lay_out(Some(at(2200.0, 10.0, 800.0, 600.0)), &[MAIN]);
        assert_eq!((layout.corner, layout.size), (None, (800.0, 600.0)));
        let minimised = lay_out(Some(at(-32000.0, -32000.0, 800.0, 600.0)), &[MAIN]);
        assert_eq!(minimised.corner, None);
    }

    #[test]
    fn a_place_is_kept_in_a_file_and_a_broken_one_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("window.json");
        let place = at(1.0, 2.0, 3.0, 4.0);
        place.write(&path).expect("written");
        assert_eq!(WindowPlace::read(&path), Some(place));
        std::fs::write(&path, "{").expect("written");
        assert_eq!(WindowPlace::read(&path), None);
    }
}
