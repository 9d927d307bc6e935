//! Another client of an account that may be why a framework refuses one: some let an account in only once.

use std::sync::Arc;

use perpetua_words::{Message, dial as words};

/// A client in the way of another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rival {
    /// It leads to the same server.
    SameServer {
        /// Its name.
        client: Arc<str>,
        /// What that server is called.
        server: String,
    },
    /// It has a connection, and is for a `NoneBot` too.
    Connected {
        /// Its name.
        client: Arc<str>,
    },
}

impl Rival {
    /// What was said, and this one beside it.
    pub(super) fn told(&self, problem: Message) -> Message {
        match self {
            Self::SameServer { client, server } => words::Beside {
                other: &**client,
                problem,
                server,
            }
            .into(),
            Self::Connected { client } => words::BesideConnected {
                other: &**client,
                problem,
            }
            .into(),
        }
    }
}
