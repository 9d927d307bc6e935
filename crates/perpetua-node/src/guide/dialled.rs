//! What to enter into a framework that waits for perpetua, so that it waits where perpetua dials.

use perpetua_config::WebSocketUrl;
use perpetua_schema::{Framework, GuideText, Snippet};
use perpetua_words::{Message, guide as words};

use super::{EXAMPLE_ID, GuideFacts, snippet};

/// The paths at which frameworks wait.
const NONEBOT_PATH: &str = "/onebot/v11/ws";
const ASTRBOT_PATH: &str = "/ws";

/// The text for a framework.
pub(super) fn guide(facts: &GuideFacts, url: &WebSocketUrl, framework: Framework) -> GuideText {
    let (snippets, mut notes) = match framework {
        Framework::Nonebot => nonebot(facts, url),
        Framework::Koishi => koishi(facts, url),
        Framework::Astrbot => astrbot(facts, url),
        Framework::Other => other(facts, url),
    };
    notes.extend(about_the_way(facts, url));
    GuideText { snippets, notes }
}

fn nonebot(facts: &GuideFacts, url: &WebSocketUrl) -> (Vec<Snippet>, Vec<Message>) {
    let (host, port) = (waits_on(url.host()), url.port());
    let mut text = format!("DRIVER=~fastapi\nHOST={host}\nPORT={port}\n");
    if facts.has_token {
        text += &["ONEBOT_ACCESS_TOKEN=", Snippet::TOKEN, "\n"].concat();
    }
    let mut notes = vec![
        words::NonebotServerPackages.into(),
        words::NonebotServerDriver.into(),
        words::NonebotEnvironment.into(),
    ];
    notes.extend(other_path(url, NONEBOT_PATH));
    (vec![snippet(Some(".env"), "dotenv", text)], notes)
}

fn koishi(facts: &GuideFacts, url: &WebSocketUrl) -> (Vec<Snippet>, Vec<Message>) {
    let GuideFacts {
        client, self_id, ..
    } = facts;
    let (path, shown_id) = (url.uri().path(), self_id.unwrap_or(EXAMPLE_ID));
    // As an entry below `plugins:`.
    let mut text = format!(
        "  adapter-onebot:{client}:\n    selfId: \"{shown_id}\"\n    protocol: ws-reverse\n    path: {path}\n"
    );
    if facts.has_token {
        text += &["    token: \"", Snippet::TOKEN, "\"\n"].concat();
    }
    let port = url.port();
    let mut notes = vec![
        words::KoishiPlugin.into(),
        words::KoishiPlace.into(),
        words::KoishiServer { port }.into(),
    ];
    if self_id.is_none() {
        notes.push(words::KoishiSelfId { id: EXAMPLE_ID }.into());
    }
    (vec![snippet(Some("koishi.yml"), "yaml", text)], notes)
}

fn astrbot(facts: &GuideFacts, url: &WebSocketUrl) -> (Vec<Snippet>, Vec<Message>) {
    let (host, port) = (waits_on(url.host()), url.port());
    let token = if facts.has_token { Snippet::TOKEN } else { "" };
    let text = format!(
        "\"ws_reverse_host\": \"{host}\",\n\"ws_reverse_port\": {port},\n\"ws_reverse_token\": \"{token}\"\n"
    );
    let mut notes = vec![words::AstrbotPlatform.into()];
    notes.extend(other_path(url, ASTRBOT_PATH));
    (vec![snippet(None, "json", text)], notes)
}

fn other(facts: &GuideFacts, url: &WebSocketUrl) -> (Vec<Snippet>, Vec<Message>) {
    let mut snippets = vec![snippet(None, "text", url.to_string())];
    let mut notes = vec![words::OtherWaits.into()];
    if facts.has_token {
        snippets.push(snippet(None, "text", Snippet::TOKEN.to_owned()));
        notes.push(words::OtherTokenSent.into());
    }
    (snippets, notes)
}

/// What is to be known of the way, whichever framework it leads to.
fn about_the_way(facts: &GuideFacts, url: &WebSocketUrl) -> Vec<Message> {
    let mut notes = Vec::new();
    if let Some(cause) = facts.problem.clone() {
        notes.push(words::NotDialled { cause }.into());
    }
    if !facts.has_token {
        notes.push(words::NoTokenSent.into());
    }
    if is_here(url.host()) {
        notes.push(words::ContainerDialled { port: url.port() }.into());
    }
    notes
}

/// That the address leads to another path than the one at which the framework waits.
fn other_path(url: &WebSocketUrl, path: &'static str) -> Option<Message> {
    let is_other = url.uri().path().trim_end_matches('/') != path;
    is_other.then(|| words::OtherPath { path }.into())
}

/// What the framework has to listen on: other machines reach it only on all addresses.
pub(super) fn waits_on(host: &str) -> &'static str {
    if is_here(host) {
        "127.0.0.1"
    } else {
        "0.0.0.0"
    }
}

/// Whether an address leads to this machine by its host.
pub(super) fn is_here(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use perpetua_config::WebSocketUrl;
    use perpetua_schema::{Framework, GuideText};

    use crate::guide::{GuideFacts, Way, guide};

    fn text(url: &str, framework: Framework, has_token: bool) -> GuideText {
        let facts = GuideFacts {
            client: "bot".into(),
            way: Way::Dials(WebSocketUrl::new(url).expect("an address")),
            problem: None,
            has_token,
            self_id: Some(10_000),
        };
        guide(&facts, framework)
    }

    fn codes(text: &GuideText) -> Vec<&str> {
        text.notes.iter().map(|note| &*note.code).collect()
    }

    #[test]
    fn each_framework_is_told_where_to_wait() {
        for (url, framework, lines) in [
            (
                "ws://127.0.0.1:8080/onebot/v11/ws",
                Framework::Nonebot,
                "DRIVER=~fastapi\nHOST=127.0.0.1\nPORT=8080\nONEBOT_ACCESS_TOKEN={{token}}\n",
            ),
            (
                "ws://127.0.0.1:5140/onebot",
                Framework::Koishi,
                "  adapter-onebot:bot:\n    selfId: \"10000\"\n    protocol: ws-reverse\n    path: /onebot\n    token: \"{{token}}\"\n",
            ),
            (
                "ws://192.0.2.7:6199/ws",
                Framework::Astrbot,
                "\"ws_reverse_host\": \"0.0.0.0\",\n\"ws_reverse_port\": 6199,\n\"ws_reverse_token\": \"{{token}}\"\n",
            ),
            (
                "wss://bot.example/ws",
                Framework::Other,
                "wss://bot.example/ws",
            ),
        ] {
            let told = text(url, framework, true);
            assert_eq!(told.snippets[0].text, lines);
            assert!(!codes(&told).contains(&"guide.other_path"), "{told:?}");
        }
    }

    #[test]
    fn another_path_and_a_missing_token_are_told() {
        for framework in [Framework::Nonebot, Framework::Astrbot] {
            let told = text("ws://127.0.0.1:6199/", framework, false);
            assert!(codes(&told).contains(&"guide.other_path"), "{told:?}");
            assert!(codes(&told).contains(&"guide.no_token_sent"), "{told:?}");
        }
    }
}
