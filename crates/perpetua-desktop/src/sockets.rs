//! The sockets of this process: which of them leads to the display.

use std::{collections::BTreeSet, ffi::CStr, os::fd::RawFd};

use rustix::{
    net::{SocketAddr, SocketAddrAny, SocketAddrUnix, getpeername},
    process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open},
};

/// The socket by which this process has its display open; nothing where none is found, as on a system that
/// does not tell which ones are open. `variable` reads the environment.
pub fn display_socket(variable: impl Fn(&str) -> Option<String>) -> Option<RawFd> {
    let names = DisplayNames::of(variable);
    let leads_there = |socket: &RawFd| peer_of(*socket).is_some_and(|peer| names.are_of(peer));
    open_sockets().into_iter().find(leads_there)
}

/// The numbers of the sockets that are open now.
fn open_sockets() -> BTreeSet<RawFd> {
    let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    open.flatten()
        .filter_map(|entry| {
            let target = std::fs::read_link(entry.path()).ok()?;
            let is_socket = target.to_str()?.starts_with("socket:");
            is_socket.then(|| entry.file_name().to_str()?.parse().ok())?
        })
        .collect()
}

/// How the other end of the display's socket may be called.
struct DisplayNames {
    /// The ends of its path: the one of X11, the one of Wayland.
    paths: Vec<String>,
    /// Of X11 over the network, as through SSH.
    port: Option<u16>,
}

/// X11 listens for its first display at this port of the network.
const FIRST_X11_PORT: u16 = 6000;

impl DisplayNames {
    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let number = variable("DISPLAY").and_then(|display| {
            let (_host, number) = display.rsplit_once(':')?;
            let number = number.split('.').next()?;
            number.parse::<u16>().ok()
        });
        let wayland = variable("WAYLAND_DISPLAY").filter(|name| !name.is_empty());
        let wayland = wayland.unwrap_or_else(|| "wayland-0".to_owned());
        let of_x11 = number.map(|number| format!(".X11-unix/X{number}"));
        Self {
            paths: of_x11.into_iter().chain([wayland]).collect(),
            port: number.and_then(|number| FIRST_X11_PORT.checked_add(number)),
        }
    }

    fn are_of(&self, peer: SocketAddrAny) -> bool {
        if let Ok(peer) = SocketAddrUnix::try_from(peer.clone()) {
            let path = peer.path();
            let path = path.as_deref().map(CStr::to_bytes);
            let path = path.or_else(|| peer.abstract_name()).unwrap_or_default();
            return self.paths.iter().any(|end| is_at_the_end(path, end));
        }
        let peer = SocketAddr::try_from(peer);
        peer.is_ok_and(|peer| self.port == Some(peer.port()))
    }
}

/// Who is at the other end of a socket. It belongs to another part of this process and may be closed at any
/// time, so that a copy of it is asked.
fn peer_of(socket: RawFd) -> Option<SocketAddrAny> {
    let this = pidfd_open(getpid(), PidfdFlags::empty()).ok()?;
    let copy = pidfd_getfd(this, socket, PidfdGetfdFlags::empty()).ok()?;
    getpeername(copy).ok()?
}

/// Whether a path ends with these whole parts.
fn is_at_the_end(path: &[u8], end: &str) -> bool {
    let before = path.strip_suffix(end.as_bytes());
    before.is_some_and(|before| before.is_empty() || before.ends_with(b"/"))
}

#[cfg(test)]
mod tests {
    use std::{
        net::{TcpListener, TcpStream},
        os::{
            fd::AsRawFd as _,
            unix::net::{UnixListener, UnixStream},
        },
    };

    use super::{DisplayNames, FIRST_X11_PORT, open_sockets, peer_of};

    fn names(display: &str, wayland: &str) -> DisplayNames {
        DisplayNames::of(|name| match name {
            "DISPLAY" => Some(display.to_owned()),
            "WAYLAND_DISPLAY" => Some(wayland.to_owned()),
            _ => None,
        })
    }

    #[test]
    fn a_socket_is_among_the_open_ones_and_a_file_is_not() {
        let (one, _other) = UnixStream::pair().expect("a pair");
        let file = std::fs::File::open("/proc/self/stat").expect("a file");
        let open = open_sockets();
        assert!(open.contains(&one.as_raw_fd()));
        assert!(!open.contains(&file.as_raw_fd()));
    }

    #[test]
    fn a_display_is_known_by_who_is_at_the_other_end() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(".X11-unix")).expect("a folder");
        for (path, is_x11, is_wayland) in [
            (".X11-unix/X7", true, false),
            (".X11-unix/X77", false, false),
            ("wayland-1", false, true),
            ("bus", false, false),
        ] {
            let path = folder.path().join(path);
            let _listener = UnixListener::bind(&path).expect("bound");
            let socket = UnixStream::connect(&path).expect("connected");
            let peer = || peer_of(socket.as_raw_fd()).expect("a peer");
            assert_eq!(names(":7.0", "").are_of(peer()), is_x11, "{path:?}");
            let is_told = names("", "wayland-1").are_of(peer());
            assert_eq!(is_told, is_wayland, "{path:?}");
        }
    }

    #[test]
    fn a_display_of_another_computer_is_known_by_its_port() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let socket = TcpStream::connect(address).expect("connected");
        // What the system gives out begins far above.
        let number = address.port() - FIRST_X11_PORT;
        let peer = || peer_of(socket.as_raw_fd()).expect("a peer");
        let is_display = |number| names(&format!("localhost:{number}.0"), "").are_of(peer());
        assert!(is_display(number));
        assert!(!is_display(number + 1));
    }
}
