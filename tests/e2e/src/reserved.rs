//! Ports that nobody else is given.
//!
//! Almost every test lets the node choose its ports and asks it where it listens
//! ([`Node::client`](crate::Node::client)). These are for the few that must know a port beforehand.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use tokio::net::TcpSocket;

/// A port of the loopback address that is held without being listened on, so that the system gives it to
/// no other program, and whoever dials it is refused.
pub struct ReservedPort {
    address: SocketAddr,
    _held: Option<TcpSocket>,
}

impl ReservedPort {
    /// A port at which everybody is refused, for as long as this lives.
    pub fn of_nobody() -> Result<Self> {
        let (socket, address) = bound(false)?;
        Ok(Self {
            address,
            _held: Some(socket),
        })
    }

    /// A port that the node under test is going to bind, because something else names it already.
    ///
    /// Linux lets two sockets have a port while at most one listens; elsewhere the port is let go now.
    pub fn for_the_node() -> Result<Self> {
        let (socket, address) = bound(true)?;
        Ok(Self {
            address,
            _held: cfg!(target_os = "linux").then_some(socket),
        })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.address.port()
    }

    /// An address for HTTP at which nobody answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn bound(shared: bool) -> Result<(TcpSocket, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(shared)?;
    socket
        .bind((Ipv4Addr::LOCALHOST, 0).into())
        .context("no port of the loopback address is free")?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::ReservedPort;

    #[tokio::test]
    async fn a_reserved_port_refuses_and_the_node_may_bind_its_own() -> anyhow::Result<()> {
        let nobody = ReservedPort::of_nobody()?;
        assert!(TcpStream::connect(nobody.address()).is_err());
        assert!(TcpListener::bind(nobody.address()).is_err());
        let ours = ReservedPort::for_the_node()?;
        assert!(TcpStream::connect(ours.address()).is_err());
        let listener = TcpListener::bind(ours.address())?;
        assert_eq!(listener.local_addr()?.port(), ours.number());
        Ok(())
    }
}
