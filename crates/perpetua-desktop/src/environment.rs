//! What has to be in the environment before GTK starts, so that the page is drawn at all.
//!
//! `WebKitGTK` draws through DMA-BUF, which some machines cannot do: the window stays white, or GTK ends
//! with "Error 71". A variable that the user has set, to whatever value, stays as it is.

use std::path::Path;

/// What the table is looked up with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact by itself, and the table asks for any of them"
)]
pub(crate) struct Machine {
    /// The driver of NVIDIA is loaded.
    pub(crate) nvidia: bool,
    /// There is a graphics card that a program may draw with.
    pub(crate) card: bool,
    /// The session is Wayland's.
    pub(crate) wayland: bool,
    /// The desktop is KDE's.
    pub(crate) kde: bool,
}

impl Machine {
    /// This machine, by its files and by variables of the session.
    pub(crate) fn this(variable: impl Fn(&str) -> Option<String>) -> Self {
        let exists = |path| Path::new(path).exists();
        let is_card = |entry: std::fs::DirEntry| {
            let name = entry.file_name();
            name.to_string_lossy().starts_with("renderD")
        };
        let cards = std::fs::read_dir("/dev/dri").into_iter().flatten();
        let desktop = variable("XDG_CURRENT_DESKTOP").unwrap_or_default();
        Self {
            nvidia: exists("/proc/driver/nvidia/version") || exists("/sys/module/nvidia"),
            card: cards.flatten().any(is_card),
            wayland: variable("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty()),
            kde: desktop
                .split(':')
                .any(|name| name.eq_ignore_ascii_case("KDE")),
        }
    }
}

/// What is missing in the environment on such a machine.
pub(crate) fn missing(
    machine: Machine,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<(&'static str, String)> {
    let table = [
        (
            "WEBKIT_DISABLE_DMABUF_RENDERER",
            machine.nvidia || !machine.card,
        ),
        (
            "__NV_DISABLE_EXPLICIT_SYNC",
            machine.nvidia && machine.wayland && machine.kde,
        ),
    ];
    let wanted = table.into_iter().filter(|(_, wanted)| *wanted);
    wanted
        .map(|(name, _)| name)
        .filter(|name| variable(name).is_none())
        .map(|name| (name, "1".to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Machine, missing};

    const USUAL: Machine = Machine {
        nvidia: false,
        card: true,
        wayland: true,
        kde: true,
    };

    #[test]
    fn a_machine_that_can_draw_needs_nothing() {
        assert_eq!(missing(USUAL, |_| None), []);
    }

    #[test]
    fn each_machine_gets_what_it_needs() {
        let set = |name| (name, "1".to_owned());
        let dmabuf = set("WEBKIT_DISABLE_DMABUF_RENDERER");
        let sync = set("__NV_DISABLE_EXPLICIT_SYNC");
        let nvidia = Machine {
            nvidia: true,
            ..USUAL
        };
        let virtual_machine = Machine {
            card: false,
            ..USUAL
        };
        let nvidia_on_gnome = Machine {
            kde: false,
            ..nvidia
        };
        for (machine, wanted) in [
            (nvidia, vec![dmabuf.clone(), sync]),
            (virtual_machine, vec![dmabuf.clone()]),
            (nvidia_on_gnome, vec![dmabuf]),
        ] {
            assert_eq!(missing(machine, |_| None), wanted, "{machine:?}");
        }
    }

    #[test]
    fn what_the_user_has_set_wins_even_when_it_is_nought() {
        let nvidia = Machine {
            nvidia: true,
            ..USUAL
        };
        assert_eq!(missing(nvidia, |_| Some("0".into())), []);
    }

    #[test]
    fn the_session_is_read_from_its_variables() {
        let machine = Machine::this(|name| match name {
            "XDG_CURRENT_DESKTOP" => Some("ubuntu:KDE".into()),
            _ => None,
        });
        assert!(machine.kde && !machine.wayland);
    }
}
