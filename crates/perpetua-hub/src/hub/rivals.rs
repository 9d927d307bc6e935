//! Clients of an account that may be in each other's way at a framework.

use std::sync::Arc;

use super::Hub;
use crate::{FrameworkKind, Rival};

impl Hub {
    /// Who may be why a client is refused at this server: another one that leads there, or else, where it is for a
    /// `NoneBot`, another one for which a `NoneBot` is connected.
    pub fn rival(&self, client: &str, server: &str) -> Option<Rival> {
        let mut others = self.clients.iter().filter(|(name, _)| &***name != client);
        let leads_there = others
            .clone()
            .find(|(_, one)| one.settings.servers.iter().any(|it| it == server));
        if let Some((name, _)) = leads_there {
            return Some(Rival::SameServer {
                client: Arc::clone(name),
                server: server.to_owned(),
            });
        }
        let nonebot = Some(FrameworkKind::Nonebot);
        if self.framework_of(client) != nonebot {
            return None;
        }
        let connected =
            others.find(|(name, one)| one.settings.framework == nonebot && self.is_connected(name));
        connected.map(|(name, _)| Rival::Connected {
            client: Arc::clone(name),
        })
    }
}
