//! What the desktop program needs from the system: to be built, and to be tried without a screen.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::packages::{self, Need};
use crate::process::{self, find_program};
use crate::workspace::Workspace;

/// What the window is compiled and linked with.
const WEBKIT: Need = Need {
    name: "WebKitGTK 4.1 with its headers",
    is_here: || {
        let exist = ["--exists", "webkit2gtk-4.1"];
        process::succeeds(Command::new("pkg-config").args(exist))
    },
    debian: &["libwebkit2gtk-4.1-dev", "pkg-config"],
    macos: "nothing: the system brings it",
    windows: "nothing: the system brings it",
};

/// A screen that nobody sees.
const SCREEN: Need = Need {
    name: "Xvfb",
    is_here: || find_program("Xvfb").is_some(),
    debian: &["xvfb"],
    macos: "nothing: the tests need Linux",
    windows: "nothing: the tests need Linux",
};

/// What clicks in the window and reads it.
const DRIVER: Need = Need {
    name: "WebKitWebDriver",
    is_here: || find_program("WebKitWebDriver").is_some(),
    debian: &["webkit2gtk-driver"],
    macos: "nothing: the tests need Linux",
    windows: "nothing: the tests need Linux",
};

/// What finds windows on the screen.
const WINDOWS: Need = Need {
    name: "xdotool",
    is_here: || find_program("xdotool").is_some(),
    debian: &["xdotool"],
    macos: "nothing: the tests need Linux",
    windows: "nothing: the tests need Linux",
};

/// What takes pictures of the screen.
const PICTURES: Need = Need {
    name: "ImageMagick",
    is_here: || find_program("import").is_some(),
    debian: &["imagemagick"],
    macos: "nothing: the tests need Linux",
    windows: "nothing: the tests need Linux",
};

/// A bus and a keyring like those of a desktop.
const KEYRING: Need = Need {
    name: "GNOME's keyring and D-Bus",
    is_here: || {
        let mut programs = ["gnome-keyring-daemon", "dbus-run-session"].into_iter();
        programs.all(|program| find_program(program).is_some())
    },
    debian: &["dbus-daemon", "gnome-keyring"],
    macos: "nothing: the tests need Linux",
    windows: "nothing: the tests use the Credential Manager",
};

/// A panel with a tray in it.
const PANEL: Need = Need {
    name: "Xfce's panel",
    is_here: || {
        let mut programs = ["xfce4-panel", "xvfb-run", "dbus-send"].into_iter();
        programs.all(|program| find_program(program).is_some())
    },
    debian: &["dbus-bin", "xauth", "xfce4-panel", "xvfb"],
    macos: "nothing: the tray is drawn on Linux",
    windows: "nothing: the tray is drawn on Linux",
};

/// Letters for Chinese text.
const CHINESE: Need = Need {
    name: "a Chinese font",
    is_here: || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
    debian: &["fonts-noto-cjk"],
    macos: "nothing: the system brings it",
    windows: "nothing: the system brings it",
};

/// Makes sure of what the desktop program is built with; it is a package of the workspace like others.
pub(crate) fn require_to_build() -> Result<()> {
    if cfg!(target_os = "linux") {
        packages::require(&[&WEBKIT])?;
    }
    Ok(())
}

/// Makes sure of letters for Chinese text.
pub(crate) fn require_letters() -> Result<()> {
    if cfg!(target_os = "linux") {
        packages::require(&[&CHINESE])?;
    }
    Ok(())
}

/// Makes sure of what the desktop program is tried with: screen, driver, bus, keyring and letters.
///
/// Its tests run on Linux only, where a screen, a bus and a keyring can be had that are nobody's.
pub(crate) fn require_to_try() -> Result<()> {
    if cfg!(target_os = "linux") {
        packages::require(&[&SCREEN, &DRIVER, &WINDOWS, &PICTURES, &KEYRING, &CHINESE])?;
    }
    Ok(())
}

/// Makes sure of what the tray is drawn with: a panel on a screen of its own, clicks and letters.
pub(crate) fn require_panel() -> Result<()> {
    packages::require(&[&PANEL, &WINDOWS, &PICTURES, &KEYRING, &CHINESE])
}

/// Whether there is a screen that a window can be shown on.
pub(crate) fn has_screen() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Builds the development build of the window's program, and tells where it is.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    process::run(workspace.cargo().args(["build", "--package", "perpetua"]))?;
    Ok(place(workspace))
}

/// Where the development build is.
pub(crate) fn place(workspace: &Workspace) -> PathBuf {
    let program = format!("perpetua{EXE_SUFFIX}");
    workspace.target.join("debug").join(program)
}
