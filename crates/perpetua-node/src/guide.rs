//! What to enter into a framework so that it and its client come together. Pure.

mod dialled;
mod http;
mod posted;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use perpetua_config::{HttpUrl, ReverseClient};
use perpetua_schema::{Framework, GuideText, Snippet};
use perpetua_words::{Message, guide as words};

/// Stands where the bot's QQ number belongs while that is not known.
const EXAMPLE_ID: i64 = 123_456_789;

/// Who connects to whom.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// The framework to this address.
    Port(SocketAddr),
    /// The framework calls this one over HTTP.
    Http(SocketAddr),
    /// We to these.
    Dials(ReverseClient),
    /// We post each event to this one.
    Posts(HttpUrl),
}

/// What a framework has to know of its client.
#[derive(Clone, Debug)]
pub(crate) struct GuideFacts {
    /// The client's name.
    pub(crate) client: String,
    /// How the two come together.
    pub(crate) way: Way,
    /// Why the port is not open, or nobody dials.
    pub(crate) problem: Option<Message>,
    /// Whether it has to show a token, or is shown one, or checks signatures with one.
    pub(crate) has_token: bool,
    /// The bot's id, once it is known.
    pub(crate) self_id: Option<i64>,
}

/// The text for a framework.
pub(crate) fn guide(facts: &GuideFacts, framework: Framework) -> GuideText {
    let listen = match &facts.way {
        Way::Port(listen) => *listen,
        Way::Http(listen) => return http::guide(facts, *listen, framework),
        Way::Dials(reverse) => return dialled::guide(facts, reverse, framework),
        Way::Posts(url) => return posted::guide(facts, url, framework),
    };
    let (snippets, mut notes) = match framework {
        Framework::Nonebot => nonebot(facts, listen),
        Framework::Koishi => koishi(facts, listen),
        Framework::Astrbot => (Vec::new(), vec![words::Astrbot.into()]),
        Framework::Other => other(facts, listen),
    };
    if !snippets.is_empty() {
        notes.extend(about_the_port(facts, listen, "ws"));
    }
    GuideText { snippets, notes }
}

fn nonebot(facts: &GuideFacts, listen: SocketAddr) -> (Vec<Snippet>, Vec<Message>) {
    let url = url(listen);
    let mut text = format!("DRIVER=~aiohttp\nONEBOT_WS_URLS=[\"{url}\"]\n");
    if facts.has_token {
        text += &["ONEBOT_ACCESS_TOKEN=", Snippet::TOKEN, "\n"].concat();
    }
    let notes = vec![
        words::NonebotPackages.into(),
        words::NonebotDriver.into(),
        words::NonebotEnvironment.into(),
    ];
    (vec![snippet(Some(".env"), "dotenv", text)], notes)
}

fn koishi(facts: &GuideFacts, listen: SocketAddr) -> (Vec<Snippet>, Vec<Message>) {
    let GuideFacts {
        client, self_id, ..
    } = facts;
    let url = url(listen);
    let shown_id = self_id.unwrap_or(EXAMPLE_ID);
    // As an entry below `plugins:`.
    let mut text = format!(
        "  adapter-onebot:{client}:\n    selfId: \"{shown_id}\"\n    protocol: ws\n    endpoint: {url}\n"
    );
    if facts.has_token {
        text += &["    token: \"", Snippet::TOKEN, "\"\n"].concat();
    }
    let mut notes = vec![words::KoishiPlugin.into(), words::KoishiPlace.into()];
    if self_id.is_none() {
        notes.push(words::KoishiSelfId { id: EXAMPLE_ID }.into());
    }
    (vec![snippet(Some("koishi.yml"), "yaml", text)], notes)
}

fn other(facts: &GuideFacts, listen: SocketAddr) -> (Vec<Snippet>, Vec<Message>) {
    let mut snippets = vec![snippet(None, "text", url(listen))];
    let mut notes = vec![words::OtherAddress.into()];
    if facts.has_token {
        snippets.push(snippet(None, "text", Snippet::TOKEN.to_owned()));
        notes.push(words::OtherToken.into());
    }
    (snippets, notes)
}

/// What is to be known of the port, whichever framework it is for.
fn about_the_port(facts: &GuideFacts, listen: SocketAddr, scheme: &'static str) -> Vec<Message> {
    let mut notes = Vec::new();
    if let Some(cause) = facts.problem.clone() {
        notes.push(words::PortClosed { cause }.into());
    }
    if !facts.has_token {
        notes.push(words::NoToken.into());
    }
    let (ip, port) = (listen.ip(), listen.port());
    if ip.is_unspecified() {
        notes.push(words::EveryAddress { listen }.into());
        notes.push(words::ContainerAnywhere { scheme, port }.into());
    } else if ip.is_loopback() {
        notes.push(words::ContainerLoopback { scheme, port }.into());
    }
    notes
}

/// Where a program of this machine can dial a port.
fn url(listen: SocketAddr) -> String {
    format!("ws://{}", dialled_from_here(listen))
}

/// An address that a program of this machine can dial: `0.0.0.0` is every address of it and none to dial.
fn dialled_from_here(mut listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => listen.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => listen.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    listen
}

fn snippet(file: Option<&str>, language: &str, text: String) -> Snippet {
    Snippet {
        file: file.map(str::to_owned),
        language: language.to_owned(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use perpetua_schema::Framework;
    use perpetua_words::{Message, start as words};

    use super::{GuideFacts, Way, guide};

    fn facts(listen: &str) -> GuideFacts {
        GuideFacts {
            client: "bot".into(),
            way: Way::Port(listen.parse().expect("an address")),
            problem: None,
            has_token: true,
            self_id: Some(10_000),
        }
    }

    fn codes(notes: &[Message]) -> Vec<&str> {
        notes.iter().map(|note| &*note.code).collect()
    }

    #[test]
    fn each_framework_has_its_own_lines() {
        let facts = facts("127.0.0.1:6700");
        let text = |framework| guide(&facts, framework).snippets[0].clone();
        let nonebot = text(Framework::Nonebot);
        assert_eq!(nonebot.file.as_deref(), Some(".env"));
        assert_eq!(
            nonebot.text,
            "DRIVER=~aiohttp\nONEBOT_WS_URLS=[\"ws://127.0.0.1:6700\"]\nONEBOT_ACCESS_TOKEN={{token}}\n"
        );
        let koishi = text(Framework::Koishi);
        assert_eq!(koishi.file.as_deref(), Some("koishi.yml"));
        assert_eq!(
            koishi.text,
            "  adapter-onebot:bot:\n    selfId: \"10000\"\n    protocol: ws\n    endpoint: ws://127.0.0.1:6700\n    token: \"{{token}}\"\n"
        );
        assert_eq!(text(Framework::Other).text, "ws://127.0.0.1:6700");
        let astrbot = guide(&facts, Framework::Astrbot);
        assert!(astrbot.snippets.is_empty());
        assert_eq!(codes(&astrbot.notes), ["guide.astrbot"]);
    }

    #[test]
    fn without_a_token_there_is_no_place_for_one() {
        let facts = GuideFacts {
            has_token: false,
            self_id: None,
            ..facts("127.0.0.1:6700")
        };
        for framework in [Framework::Nonebot, Framework::Koishi, Framework::Other] {
            let guide = guide(&facts, framework);
            let mut texts = guide.snippets.iter().map(|snippet| &snippet.text);
            assert!(!texts.any(|text| text.to_lowercase().contains("token")));
            assert!(codes(&guide.notes).contains(&"guide.no_token"));
        }
        let koishi = guide(&facts, Framework::Koishi);
        assert!(codes(&koishi.notes).contains(&"guide.koishi_self_id"));
    }

    #[test]
    fn an_address_that_is_shown_can_be_dialled() {
        for (listen, url, note) in [
            (
                "0.0.0.0:6700",
                "ws://127.0.0.1:6700",
                "guide.container_anywhere",
            ),
            ("[::]:6700", "ws://[::1]:6700", "guide.container_anywhere"),
            ("[::1]:6700", "ws://[::1]:6700", "guide.container_loopback"),
        ] {
            let guide = guide(&facts(listen), Framework::Other);
            assert_eq!(guide.snippets[0].text, url);
            assert!(codes(&guide.notes).contains(&note), "{listen}");
        }
        let lan = guide(&facts("192.0.2.7:6700"), Framework::Other);
        assert_eq!(lan.snippets[0].text, "ws://192.0.2.7:6700");
        assert_eq!(
            codes(&lan.notes),
            ["guide.other_address", "guide.other_token"]
        );
    }

    #[test]
    fn a_closed_port_is_told() {
        let problem = Some(words::PortOfApi.into());
        let facts = GuideFacts {
            problem,
            ..facts("127.0.0.1:6700")
        };
        let guide = guide(&facts, Framework::Nonebot);
        assert!(codes(&guide.notes).contains(&"guide.port_closed"));
    }
}
