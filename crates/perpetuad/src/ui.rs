//! `perpetuad ui`: the way into the web pages of the running node.

use perpetua_client::NodeClient;
use perpetua_schema::{SignInLink, SignInToken, SignInTokenNew};
use perpetua_words::cli;

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    place,
    remote::Remote,
    terminal::{Terminal, print},
};

/// Prints a link on standard output, where a script may take it, and what to know of it beside.
pub(crate) fn ui(
    terminal: &Terminal,
    place: &PlaceArguments,
    new_token: bool,
) -> Result<(), Failure> {
    let folders = place::folders(place)?;
    let remote = Remote::find(&folders)?;
    if new_token {
        remote.call(&SignInTokenNew {})?;
        terminal.note(cli::UiReplaced);
    }
    let link = remote.call(&SignInLink {})?;
    let token = remote.call(&SignInToken {})?.token.unwrap_or_default();
    let listens = NodeClient::find(&folders)?.session().api.clone();
    let way = Way::to(&listens);
    print(&format!("{}{}\n", way.address, link.path))?;
    terminal.say(cli::UiToken { token })?;
    terminal.note(cli::UiGood {
        minutes: link.good_for_s / 60,
    });
    match way.others {
        Others::Tunnel { port } => terminal.note(cli::UiTunnel { port }),
        Others::ByItsAddress => {
            terminal.note(cli::UiElsewhere);
            terminal.note(cli::UiReadable);
        }
        Others::AsHere => terminal.note(cli::UiReadable),
    }
    if let Some(problem) = link.problem {
        terminal.note(problem);
    }
    Ok(())
}

/// How browsers get to the node.
#[derive(PartialEq, Eq, Debug)]
struct Way {
    /// What a browser on this machine opens.
    address: String,
    others: Others,
}

/// What those on other machines open.
#[derive(PartialEq, Eq, Debug)]
enum Others {
    /// Nothing, without a tunnel or a reverse proxy.
    Tunnel { port: String },
    /// An address of this machine that only its owner knows.
    ByItsAddress,
    /// The same.
    AsHere,
}

impl Way {
    /// To a node that listens at this address.
    fn to(listens: &str) -> Self {
        let (host, port) = listens.rsplit_once(':').unwrap_or((listens, ""));
        let (host, others) = match host {
            "http://0.0.0.0" | "http://[::]" => ("http://127.0.0.1", Others::ByItsAddress),
            "http://[::1]" => (host, tunnel(port)),
            _ if host.starts_with("http://127.") => (host, tunnel(port)),
            _ => (host, Others::AsHere),
        };
        Self {
            address: format!("{host}:{port}"),
            others,
        }
    }
}

fn tunnel(port: &str) -> Others {
    Others::Tunnel { port: port.into() }
}

#[cfg(test)]
mod tests {
    use super::{Others, Way, tunnel};

    #[test]
    fn a_browser_opens_what_leads_to_the_node() {
        for (listens, address, others) in [
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080",
                tunnel("8080"),
            ),
            ("http://127.0.0.2:81", "http://127.0.0.2:81", tunnel("81")),
            ("http://[::1]:8080", "http://[::1]:8080", tunnel("8080")),
            (
                "http://192.168.1.2:80",
                "http://192.168.1.2:80",
                Others::AsHere,
            ),
            (
                "http://0.0.0.0:8080",
                "http://127.0.0.1:8080",
                Others::ByItsAddress,
            ),
            (
                "http://[::]:8080",
                "http://127.0.0.1:8080",
                Others::ByItsAddress,
            ),
        ] {
            let address = address.to_owned();
            assert_eq!(Way::to(listens), Way { address, others }, "{listens}");
        }
    }
}
