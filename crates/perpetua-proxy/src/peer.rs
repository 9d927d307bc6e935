//! Whether a peer's machine still acknowledges what it is sent, as far as the system tells.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufRead as _, BufReader},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use perpetua_task::blocking;
use tokio::net::TcpStream;

/// The time between two looks: seldom enough to cost nothing, for each reads the system's whole table.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// So many repetitions of the same data in a row, each after twice the wait of the one before, are 6 s
/// without an acknowledgement at least. Whoever takes nothing because its program does not read
/// acknowledges the system's questions, and nothing is repeated to it.
const REPETITIONS_OF_THE_DEAD: u32 = 5;
/// What the system's table calls the timer for data that is to be repeated; 4 is the one that asks a full
/// receiver whether it has room.
const REPEATS_DATA: &str = "01";

/// The machine at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerMachine {
    ours: SocketAddr,
    theirs: SocketAddr,
}

impl PeerMachine {
    /// The one that a stream leads to; of a broken stream nothing is known.
    pub(crate) fn of(stream: &TcpStream) -> Option<Self> {
        Some(Self {
            ours: stream.local_addr().ok()?,
            theirs: stream.peer_addr().ok()?,
        })
    }

    /// Waits until the machine has acknowledged nothing for a while. Only Linux tells.
    pub(crate) async fn gone(self) {
        if !cfg!(target_os = "linux") {
            std::future::pending::<()>().await;
        }
        while !blocking(move || self.is_dead()).await {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Whether the machine acknowledges nothing any more. Where the system does not say, it does.
    fn is_dead(self) -> bool {
        let table = if self.ours.is_ipv4() {
            "/proc/net/tcp"
        } else {
            "/proc/net/tcp6"
        };
        let Ok(table) = File::open(table) else {
            return false;
        };
        let mut lines = BufReader::new(table).lines().map_while(Result::ok);
        lines
            .find_map(|line| self.repetitions(&line))
            .is_some_and(|repetitions| repetitions >= REPETITIONS_OF_THE_DEAD)
    }

    /// How often the oldest data was repeated in vain, if this line of the table (`proc_pid_net(5)`) is
    /// about this connection.
    fn repetitions(self, line: &str) -> Option<u32> {
        let mut fields = line.split_whitespace().skip(1);
        if fields.next()? != written(self.ours) || fields.next()? != written(self.theirs) {
            return None;
        }
        let (timer, _when) = fields.nth(2)?.split_once(':')?;
        let repetitions = u32::from_str_radix(fields.next()?, 16).ok()?;
        Some(if timer == REPEATS_DATA {
            repetitions
        } else {
            0
        })
    }
}

/// An address as the table has it: words of 32 bits in the machine's own order.
fn written(address: SocketAddr) -> String {
    let octets = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let mut written = String::new();
    for word in octets.as_chunks::<4>().0 {
        // Writing into memory does not fail.
        let _infallible = write!(written, "{:08X}", u32::from_ne_bytes(*word));
    }
    let _infallible = write!(written, ":{:04X}", address.port());
    written
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{io, time::Duration};

    use tokio::{
        io::AsyncWriteExt as _,
        net::{TcpListener, TcpSocket, TcpStream},
        time::timeout,
    };

    use super::{PeerMachine, written};

    const OURS: &str = "127.0.0.1:8080";
    const THEIRS: &str = "192.168.1.20:40000";

    fn machine() -> PeerMachine {
        PeerMachine {
            ours: OURS.parse().expect("valid"),
            theirs: THEIRS.parse().expect("valid"),
        }
    }

    /// A line of the table, with the timer and what was repeated.
    fn line(timer: &str, repetitions: &str) -> String {
        format!(
            "   3: {} {} 01 00000010:00000000 {timer}:00000014 {repetitions}     0        0 4242 2 0 20",
            written(OURS.parse().expect("valid")),
            written(THEIRS.parse().expect("valid")),
        )
    }

    #[test]
    fn repeated_data_counts_and_a_full_receiver_does_not() {
        let count = |timer, repetitions| machine().repetitions(&line(timer, repetitions));
        assert_eq!(count("01", "00000006"), Some(6));
        assert_eq!(count("01", "0000000F"), Some(15));
        for timer in ["00", "02", "04"] {
            assert_eq!(count(timer, "00000006"), Some(0), "{timer}");
        }
    }

    #[test]
    fn lines_about_others_and_what_is_no_line_say_nothing() {
        let mut other = machine();
        other.theirs.set_port(40001);
        assert_eq!(other.repetitions(&line("01", "00000006")), None);
        for text in ["", "  sl  local_address rem_address   st", "x y z"] {
            assert_eq!(machine().repetitions(text), None, "{text}");
        }
    }

    /// A connection from here to a peer that reads nothing and has little room.
    async fn narrow(host: &str) -> io::Result<(TcpStream, TcpStream)> {
        let listener = TcpListener::bind((host, 0)).await?;
        let address = listener.local_addr()?;
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        socket.set_recv_buffer_size(4096)?;
        let peer = socket.connect(address).await?;
        Ok((listener.accept().await?.0, peer))
    }

    #[tokio::test]
    async fn the_systems_table_knows_a_full_peer_and_it_is_not_dead() -> io::Result<()> {
        for host in ["127.0.0.1", "::1"] {
            let Ok((mut stream, _peer)) = narrow(host).await else {
                // Not every machine has IPv6.
                assert_eq!(host, "::1");
                continue;
            };
            let fill = async {
                loop {
                    stream.write_all(&[0; 4096]).await?;
                }
                #[expect(unreachable_code, reason = "names the type of the error above")]
                Ok::<(), io::Error>(())
            };
            // On the clock of the kernel, which sends its first questions meanwhile.
            let outcome = timeout(Duration::from_millis(1500), fill).await;
            assert!(outcome.is_err(), "{outcome:?}");
            let machine = PeerMachine::of(&stream).expect("it is open");
            let table = std::fs::read_to_string(if host == "::1" {
                "/proc/net/tcp6"
            } else {
                "/proc/net/tcp"
            })?;
            let lines: Vec<_> = table
                .lines()
                .filter_map(|line| machine.repetitions(line))
                .collect();
            assert_eq!(lines, [0], "{table}");
            assert!(!machine.is_dead());
        }
        Ok(())
    }
}
