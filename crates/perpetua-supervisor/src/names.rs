//! Whether names of the internet are found: the first sign that an outage is over.

use std::fmt;

use futures_util::future::{BoxFuture, FutureExt as _};

/// What the core looks up first when it connects to QQ (`Lagrange.Core/Internal/Context/SocketContext.cs`).
const QQ: (&str, u16) = ("msfwifi.3g.qq.com", 8080);

/// Looks names up: a port.
pub trait Names: Send + Sync + fmt::Debug {
    /// Whether the name of QQ's server is found at the moment.
    fn are_found(&self) -> BoxFuture<'static, bool>;
}

/// The resolver of this system.
#[derive(Clone, Copy, Debug)]
pub struct SystemNames;

impl Names for SystemNames {
    fn are_found(&self) -> BoxFuture<'static, bool> {
        async {
            let found = tokio::net::lookup_host(QQ).await;
            found.is_ok_and(|mut addresses| addresses.next().is_some())
        }
        .boxed()
    }
}
