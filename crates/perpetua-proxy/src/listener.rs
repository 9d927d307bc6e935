//! Binding a port, and saying who holds it when that fails.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use perpetua_access::{Door, WaitingPlace, WaitingRoom};
use perpetua_task::blocking;
use perpetua_words::{Message, port as words};
use socket2::{SockRef, TcpKeepalive};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};

#[cfg(target_os = "linux")]
use crate::connection::{PING_EVERY, UNANSWERED_LIMIT};

/// Silence after which the system asks whether the peer's machine is there.
const PROBE_AFTER: Duration = Duration::from_secs(15);
/// The time between such questions.
const PROBE_EVERY: Duration = Duration::from_secs(5);
/// How many of them may stay unanswered: after 25 s a peer counts as dead that has acknowledged nothing.
const PROBES: u32 = 2;
/// How long the peer's machine may take nothing. It counts against one that acknowledges everything and has
/// no room, too, because its program does not read; so it is longer than such a program is waited for, with
/// the ping before it.
#[cfg(target_os = "linux")]
const TAKES_NOTHING_LIMIT: Duration = UNANSWERED_LIMIT.saturating_add(PING_EVERY.saturating_mul(2));

/// What Windows says of a port that it does not give (`winerror.h`); no other system has errors of this number.
const WSAEACCES: i32 = 10_013;

/// Why a port of ours cannot be listened on.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum BindError {
    /// Someone else listens there.
    InUse {
        /// The address.
        address: SocketAddr,
        /// The program that holds it, where the system tells.
        holder: Option<PortHolder>,
    },
    /// The system refuses, for example a port below 1024.
    NotAllowed {
        /// The address.
        address: SocketAddr,
    },
    /// Windows keeps the port for itself, though nobody uses it.
    Reserved {
        /// The address.
        address: SocketAddr,
    },
    /// It belongs to many machines or to all, and none is reached by it.
    NoHost {
        /// The address.
        address: SocketAddr,
    },
    /// The address is not this machine's, or something else is wrong.
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
}

impl BindError {
    /// The codes of all of them, for whoever has only the message.
    pub const CODES: [&str; 7] = [
        "port.in_use",
        "port.in_use_by",
        "port.in_use_by_us",
        "port.not_allowed",
        "port.reserved",
        "port.no_host",
        "port.cannot_listen",
    ];
}

/// A program that listens on a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortHolder {
    /// Its name.
    pub program: String,
    /// Its process id.
    pub pid: u32,
}

impl From<&BindError> for Message {
    fn from(error: &BindError) -> Self {
        match error {
            BindError::InUse {
                address,
                holder: None,
            } => words::InUse { address: *address }.into(),
            BindError::InUse {
                address,
                holder: Some(PortHolder { pid, .. }),
            } if *pid == std::process::id() => words::InUseByUs { address: *address }.into(),
            BindError::InUse {
                address,
                holder: Some(PortHolder { program, pid }),
            } => words::InUseBy {
                address: *address,
                program,
                pid: *pid,
            }
            .into(),
            BindError::NotAllowed { address } => words::NotAllowed { address: *address }.into(),
            BindError::Reserved { address } => words::Reserved { address: *address }.into(),
            BindError::NoHost { address } => words::NoHost { address: *address }.into(),
            BindError::Other { address, cause } => words::CannotListen {
                address: *address,
                cause,
            }
            .into(),
        }
    }
}

/// Whether an address is that of many machines, as multicast and the broadcast to everybody are. Systems let
/// programs listen there, though no connection ever comes. Pure.
pub fn is_for_many(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_multicast() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_multicast(),
    }
}

/// Listens on `address`; port 0 lets the system choose.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    if is_for_many(address.ip()) {
        return Err(BindError::NoHost { address });
    }
    let cause = match TcpListener::bind(address).await {
        Ok(listener) => return Ok(listener),
        Err(cause) => cause,
    };
    let may_be_held = matches!(
        cause.kind(),
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
    );
    // Asks the system about every process.
    let holder = if may_be_held {
        blocking(move || holder(address)).await
    } else {
        None
    };
    Err(refusal(address, cause, holder))
}

/// Why an address cannot be listened on, which `holder` may have.
fn refusal(address: SocketAddr, cause: io::Error, holder: Option<PortHolder>) -> BindError {
    match (cause.kind(), &holder) {
        (io::ErrorKind::AddrInUse, _) => BindError::InUse { address, holder },
        // Hyper-V, WSL and Docker have ranges reserved there; who holds a port for itself alone is refused alike.
        _ if cause.raw_os_error() == Some(WSAEACCES) => match holder {
            Some(_) => BindError::InUse { address, holder },
            None => BindError::Reserved { address },
        },
        (io::ErrorKind::PermissionDenied, _) => BindError::NotAllowed { address },
        _ => BindError::Other { address, cause },
    }
}

/// A port of ours, and the way into the room for those whose handshake is not over.
#[derive(Debug)]
pub(crate) struct Acceptor {
    listener: TcpListener,
    door: Door,
}

/// A connection whose handshake is not over.
#[derive(Debug)]
pub(crate) struct PendingConnection {
    pub(crate) stream: TcpStream,
    /// Where it comes from: on a socket for both families an IPv4 address is written as such.
    pub(crate) peer: IpAddr,
    /// Taken until it is let in, or dropped.
    pub(crate) place: WaitingPlace,
}

impl Acceptor {
    pub(crate) fn new(listener: TcpListener, room: &WaitingRoom) -> Self {
        let door = room.door();
        Self { listener, door }
    }

    /// The next one; `note` is told when the system gives none. Safe to cancel.
    pub(crate) async fn next(&self, note: impl Fn(Message)) -> PendingConnection {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let _still_served_without = watch_over(&stream);
                    let peer = peer.ip().to_canonical();
                    let place = self.door.enter(peer);
                    return PendingConnection {
                        stream,
                        peer,
                        place,
                    };
                }
                Err(error) => self.door.retry_after(&error, &note).await,
            }
        }
    }
}

/// Has the system find a peer that is gone without a word: a client that pings may not be sent, or
/// whose machine was switched off, would keep its place for a quarter of an hour.
fn watch_over(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    // Windows and macOS give up by themselves.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(TAKES_NOTHING_LIMIT))?;
    let probes = TcpKeepalive::new()
        .with_time(PROBE_AFTER)
        .with_interval(PROBE_EVERY)
        .with_retries(PROBES);
    socket.set_tcp_keepalive(&probes)
}

/// The program listening on a port.
fn holder(address: SocketAddr) -> Option<PortHolder> {
    let all = listeners::get_all().ok()?;
    let other = all
        .into_iter()
        .find(|listener| listener.socket.port() == address.port())?;
    Some(PortHolder {
        program: other.process.name,
        pid: other.process.pid,
    })
}

#[cfg(test)]
mod tests {
    use perpetua_access::WaitingRoom;
    use socket2::SockRef;
    use tokio::net::TcpStream;

    use super::{Acceptor, BindError, Message, PortHolder, WSAEACCES, bind, is_for_many, refusal};
    #[cfg(target_os = "linux")]
    use super::{PING_EVERY, UNANSWERED_LIMIT};

    #[tokio::test]
    async fn the_system_watches_over_pending_connections() {
        let listener = bind("127.0.0.1:0".parse().expect("valid"))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let acceptor = Acceptor::new(listener, &WaitingRoom::default());
        let (pending, _client) = tokio::join!(acceptor.next(drop), TcpStream::connect(address));
        assert!(
            SockRef::from(&pending.stream)
                .keepalive()
                .expect("readable")
        );
        assert!(pending.stream.nodelay().expect("readable"));
        #[cfg(target_os = "linux")]
        {
            // One that is busy and full is the node's to end, in words.
            let socket = SockRef::from(&pending.stream);
            let limit = socket.tcp_user_timeout().expect("readable").expect("set");
            assert!(limit > PING_EVERY + UNANSWERED_LIMIT, "{limit:?}");
        }
    }

    #[tokio::test]
    async fn nobody_waits_where_no_connection_comes() {
        for address in [
            "224.0.0.1:0",
            "239.255.255.250:0",
            "255.255.255.255:0",
            "[ff02::1]:0",
            "[::ffff:224.0.0.1]:0",
        ] {
            let refused = bind(address.parse().expect("valid")).await;
            let error = refused.expect_err("no host has it");
            assert!(matches!(error, BindError::NoHost { .. }), "{error:?}");
            assert!(error.to_string().contains("`127.0.0.1`"), "{error}");
        }
        for address in [
            "127.0.0.1",
            "0.0.0.0",
            "::1",
            "::",
            "192.168.1.7",
            "fe80::1",
        ] {
            assert!(!is_for_many(address.parse().expect("valid")), "{address}");
        }
    }

    #[test]
    fn what_windows_keeps_for_itself_is_told_from_what_somebody_holds() {
        let address = "127.0.0.1:6700".parse().expect("valid");
        let refused = || std::io::Error::from_raw_os_error(WSAEACCES);
        let reserved = refusal(address, refused(), None);
        assert!(matches!(reserved, BindError::Reserved { .. }));
        let holder = PortHolder {
            program: "node".into(),
            pid: 7,
        };
        let held = refusal(address, refused(), Some(holder));
        assert!(matches!(
            held,
            BindError::InUse {
                holder: Some(_),
                ..
            }
        ));
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let denied = refusal(address, denied, None);
        assert!(matches!(denied, BindError::NotAllowed { .. }));
    }

    #[test]
    fn whoever_has_only_the_message_knows_each_code() {
        let address = "127.0.0.1:6700".parse().expect("valid");
        let holder = |pid| {
            Some(PortHolder {
                program: "node".into(),
                pid,
            })
        };
        let in_use = |holder| BindError::InUse { address, holder };
        let cause = std::io::ErrorKind::AddrNotAvailable.into();
        let errors = [
            in_use(None),
            in_use(holder(7)),
            in_use(holder(std::process::id())),
            BindError::NotAllowed { address },
            BindError::Reserved { address },
            BindError::NoHost { address },
            BindError::Other { address, cause },
        ];
        let codes = errors.map(|error| Message::from(&error).code);
        assert_eq!(codes, BindError::CODES);
    }

    #[tokio::test]
    async fn a_port_in_use_names_its_address_and_its_holder() {
        let first = bind("127.0.0.1:0".parse().expect("valid"))
            .await
            .expect("a free port");
        let address = first.local_addr().expect("bound");
        let error = bind(address).await.expect_err("taken");
        assert!(matches!(error, BindError::InUse { .. }));
        let words = error.to_string();
        assert!(words.contains(&address.to_string()), "{words}");
        if cfg!(any(target_os = "linux", windows)) {
            // Nobody is told to end the program that they use.
            assert!(words.contains("perpetua itself"), "{words}");
        }
    }
}
