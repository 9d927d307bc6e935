//! The way out of a taken port: another one for the same listener, which the settings then say.

use std::net::SocketAddr;

use perpetua_config::{
    Config, Upstream,
    edit::{Place, Written, set, set_api_listen},
};
use perpetua_node::{NodePlace, PortOwner, next_free};
use perpetua_task::blocking;
use perpetua_words::{Message, desktop as words};

use super::rewrite::rewrite;
use crate::{StartFailure, start_failure::TakenPort};

/// Ports below need a privilege on most systems.
const FIRST: u16 = 1024;

/// Writes the next free port of what could not listen into the settings, and says so.
pub(super) async fn choose(place: &NodePlace, taken: TakenPort) -> Result<Message, StartFailure> {
    let place = place.clone();
    blocking(move || write_free_port(&place, &taken)).await
}

fn write_free_port(place: &NodePlace, taken: &TakenPort) -> Result<Message, StartFailure> {
    rewrite(place, |_, settings| {
        // Settings without it were changed meanwhile, and what they say now is tried.
        let gone = || StartFailure::new(words::NoFreePort);
        let (before, place) = listener(&settings.config, taken).ok_or_else(gone)?;
        let from = SocketAddr::new(before.ip(), before.port().max(FIRST));
        let now = next_free(&settings.config, from).ok_or_else(gone)?;
        let text = match place {
            None => set_api_listen(&settings.text, now),
            Some(place) => {
                let listen = Written::Text(now.to_string());
                set(&settings.text, place, "listen", Some(&listen))
            }
        };
        let (before, now) = (before.to_string(), now.to_string());
        let said = match taken {
            TakenPort::Api => words::PortChanged { before, now }.into(),
            TakenPort::Of(owner) => words::PortOfOwnerChanged {
                owner: Message::from(owner),
                before,
                now,
            }
            .into(),
        };
        Ok((text, said))
    })
}

/// Where the settings let it listen, and where in them that stands; the interface has a place of its own.
fn listener<'c>(config: &'c Config, taken: &TakenPort) -> Option<(SocketAddr, Option<Place<'c>>)> {
    let account = |wanted: &str| {
        let mut accounts = config.accounts.iter();
        accounts.find(|account| account.name.as_str() == wanted)
    };
    match taken {
        TakenPort::Api => Some((config.api.listen, None)),
        TakenPort::Of(PortOwner::Upstream(name)) => {
            let account = account(name)?;
            match &account.upstream {
                Upstream::OnebotReverse(reverse) => {
                    Some((reverse.listen, Some(Place::Upstream(&account.name))))
                }
                _ => None,
            }
        }
        TakenPort::Of(PortOwner::Client(name)) => {
            let (name, client) = name.split_once('/')?;
            let account = account(name)?;
            let mut clients = account.clients.iter();
            let client = clients.find(|known| known.name.as_str() == client)?;
            let place = Place::Client(&account.name, &client.name);
            Some((client.listen()?, Some(place)))
        }
    }
}
