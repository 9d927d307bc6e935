//! Reaching a host at whichever of its addresses answers first (RFC 8305, "happy eyeballs").
//!
//! ```text
//! addresses, one of each family in turn ─► one is tried
//!    │ it fails: the next at once;  250 ms without an answer: the next beside it
//!    ▼
//! the first connection wins ─► the others are dropped;  all failed ─► the most telling error
//! ```

use std::{future::Future, io, net::SocketAddr, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::{
    net::{TcpStream, lookup_host},
    time::sleep,
};

/// How long one address is waited for before another one is tried beside it, as the RFC recommends.
const HEAD_START: Duration = Duration::from_millis(250);
/// More addresses than this are not tried: all have begun within the time of a dial then.
const MOST_ADDRESSES: usize = 16;

/// Connects to a host by its name or address.
pub(crate) async fn reach(host: &str, port: u16) -> Result<TcpStream, Unreached> {
    let unknown = |error| Unreached {
        error,
        all_loopback: false,
    };
    let addresses = lookup_host((host, port)).await.map_err(unknown)?;
    let addresses = in_turns(addresses);
    let all_loopback = addresses.iter().all(|address| address.ip().is_loopback());
    let reached = first_of(&addresses, TcpStream::connect).await;
    reached.map_err(|error| Unreached {
        error,
        all_loopback,
    })
}

/// Why a host was not reached.
#[derive(Debug)]
pub(crate) struct Unreached {
    /// What the system says.
    pub(crate) error: io::Error,
    /// Every address of it is one of this machine alone.
    pub(crate) all_loopback: bool,
}

impl Unreached {
    /// This machine itself says that nobody listens there.
    pub(crate) fn is_nobody_here(&self) -> bool {
        self.all_loopback && self.error.kind() == io::ErrorKind::ConnectionRefused
    }
}

/// The addresses as the resolver orders them, one of each family in turn.
fn in_turns(addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let addresses: Vec<_> = addresses.collect();
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let longest = preferred.len().max(others.len());
    let turns = (0..longest).flat_map(|turn| [preferred.get(turn), others.get(turn)]);
    turns.flatten().copied().take(MOST_ADDRESSES).collect()
}

async fn first_of<S, C: Future<Output = io::Result<S>>>(
    addresses: &[SocketAddr],
    connect: impl Fn(SocketAddr) -> C,
) -> io::Result<S> {
    let mut waiting = addresses.iter();
    let mut under_way = FuturesUnordered::new();
    let mut failed = None;
    loop {
        under_way.extend(waiting.next().map(|address| connect(*address)));
        let has_more = waiting.len() > 0;
        tokio::select! {
            biased;
            ended = under_way.next() => match ended {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => failed = Some(more_telling(failed, error)),
                None => return Err(failed.unwrap_or_else(no_address)),
            },
            () = sleep(HEAD_START), if has_more => {}
        }
    }
}

/// That this machine has no way to one family of addresses says less than what another address said.
fn more_telling(before: Option<io::Error>, error: io::Error) -> io::Error {
    let is_no_way = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::NetworkUnreachable
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::AddrNotAvailable
        )
    };
    match before {
        Some(before) if !is_no_way(&before) || is_no_way(&error) => before,
        _ => error,
    }
}

/// A name that is known and has no address.
fn no_address() -> io::Error {
    io::ErrorKind::AddrNotAvailable.into()
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        io::{self, ErrorKind},
        net::SocketAddr,
        time::Duration,
    };

    use tokio::time::{Instant, sleep};

    use super::{MOST_ADDRESSES, first_of, in_turns};

    /// What a machine does with those who connect.
    #[derive(Clone, Copy, PartialEq, Debug)]
    enum Host {
        Answers,
        /// After so many milliseconds.
        Late(u64),
        Refuses,
        /// There is no way to it from this machine.
        NoWay,
        /// Nothing ever comes back.
        Swallows,
    }
    use Host::{Answers, Late, NoWay, Refuses, Swallows};

    fn address(number: usize, is_v6: bool) -> SocketAddr {
        let ip = if is_v6 { "[2001:db8::1]" } else { "192.0.2.1" };
        format!("{ip}:{}", number + 1).parse().expect("an address")
    }

    /// Which of the hosts is reached, and how long that takes.
    async fn reached(hosts: &[Host]) -> (Result<usize, ErrorKind>, Duration) {
        let addresses: Vec<_> = (0..hosts.len())
            .map(|number| address(number, false))
            .collect();
        let begun = Instant::now();
        let connect = |address: SocketAddr| async move {
            let number = usize::from(address.port()) - 1;
            match hosts[number] {
                Answers => {}
                Late(milliseconds) => sleep(Duration::from_millis(milliseconds)).await,
                Refuses => return Err(io::Error::from(ErrorKind::ConnectionRefused)),
                NoWay => return Err(ErrorKind::NetworkUnreachable.into()),
                Swallows => pending().await,
            }
            Ok(number)
        };
        let reached = first_of(&addresses, connect).await;
        (reached.map_err(|error| error.kind()), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_that_answers_is_enough_and_soon_found() {
        for (hosts, which, milliseconds) in [
            (&[Answers][..], 0, 0),
            (&[Answers, Swallows], 0, 0),
            (&[Swallows, Answers], 1, 250),
            (&[Refuses, Answers], 1, 0),
            (&[NoWay, Answers], 1, 0),
            (&[Swallows, Refuses, Answers], 2, 250),
            (&[Swallows, Swallows, Swallows, Answers], 3, 750),
            (&[Refuses, Refuses, Refuses, Answers], 3, 0),
            // Who was first is not given up for having been slow.
            (&[Late(300), Late(100)], 0, 300),
            (&[Late(2000), Late(100)], 1, 350),
            (&[Late(200), Answers], 0, 200),
        ] {
            let (reached, took) = reached(hosts).await;
            assert_eq!(reached, Ok(which), "{hosts:?}");
            let limit = Duration::from_millis(milliseconds);
            // The clock of a test counts whole milliseconds.
            assert!(
                took >= limit && took <= limit + Duration::from_millis(5),
                "{hosts:?}: {took:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn when_none_answers_the_most_telling_error_is_told() {
        for (hosts, kind) in [
            (&[Refuses, Refuses][..], ErrorKind::ConnectionRefused),
            (&[NoWay, Refuses], ErrorKind::ConnectionRefused),
            (&[Refuses, NoWay], ErrorKind::ConnectionRefused),
            (&[NoWay, NoWay], ErrorKind::NetworkUnreachable),
            (&[], ErrorKind::AddrNotAvailable),
        ] {
            assert_eq!(reached(hosts).await.0, Err(kind), "{hosts:?}");
        }
    }

    #[test]
    fn families_take_turns_and_the_resolvers_first_comes_first() {
        for (is_v6, wanted) in [
            (&[true, true, true, false][..], &[0, 3, 1, 2][..]),
            (&[false, false, true], &[0, 2, 1]),
            (&[true, false], &[0, 1]),
            (&[false, false], &[0, 1]),
            (&[], &[]),
        ] {
            let addresses = is_v6
                .iter()
                .enumerate()
                .map(|(number, v6)| address(number, *v6));
            let ports = in_turns(addresses)
                .into_iter()
                .map(|one| usize::from(one.port()) - 1);
            assert_eq!(ports.collect::<Vec<_>>(), wanted);
        }
        let many = (0..100).map(|number| address(number, number % 3 == 0));
        assert_eq!(in_turns(many).len(), MOST_ADDRESSES);
    }
}
