//! What to enter into a framework that waits for perpetua, so that it waits where perpetua dials.

use perpetua_config::{ReverseClient, ReverseRoles, ReverseTarget, TokenSource, WebSocketUrl};
use perpetua_schema::{Framework, GuideText, Snippet};
use perpetua_words::{Message, guide as words};

use super::{EXAMPLE_ID, GuideFacts, snippet};

/// The paths at which frameworks wait.
const NONEBOT_PATH: &str = "/onebot/v11/ws";
const ASTRBOT_PATH: &str = "/ws";

/// The text for a framework, which is the first of several.
pub(super) fn guide(
    facts: &GuideFacts,
    reverse: &ReverseClient,
    framework: Framework,
) -> GuideText {
    let url = &reverse.first.url;
    let (snippets, mut notes) = match framework {
        Framework::Nonebot => nonebot(facts, url),
        Framework::Koishi => koishi(facts, url),
        Framework::Astrbot => astrbot(facts, url),
        Framework::Other => other(facts, reverse),
    };
    notes.extend(about_the_way(facts, url));
    notes.extend(about_the_connections(reverse, framework));
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

fn other(facts: &GuideFacts, reverse: &ReverseClient) -> (Vec<Snippet>, Vec<Message>) {
    let (addresses, waits) = match reverse.roles {
        ReverseRoles::Universal => (reverse.first.url.to_string(), words::OtherWaits.into()),
        ReverseRoles::Split => {
            let halves = reverse.dials().into_iter().take(2).map(|half| half.url);
            let halves: Vec<_> = halves.collect();
            (halves.join("\n"), words::OtherWaitsSplit.into())
        }
    };
    let mut snippets = vec![snippet(None, "text", addresses)];
    let mut notes: Vec<Message> = vec![waits];
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

/// That there are more frameworks, and that this one takes no halves.
fn about_the_connections(reverse: &ReverseClient, framework: Framework) -> Vec<Message> {
    let mut notes = Vec::new();
    let takes_halves = !matches!(framework, Framework::Nonebot | Framework::Koishi);
    if reverse.roles == ReverseRoles::Split && !takes_halves {
        notes.push(words::SplitRefused.into());
    }
    notes.extend(reverse.others.iter().map(further));
    notes
}

/// Another address of several, and what is shown there.
fn further(target: &ReverseTarget) -> Message {
    let address = target.url.to_string();
    let token = match &target.token {
        None => return words::FurtherAddress { address }.into(),
        Some(TokenSource::Env(name)) => format!("`{{ env = \"{name}\" }}`"),
        Some(TokenSource::File(path)) => format!("`{{ file = \"{}\" }}`", path.display()),
        Some(TokenSource::Secret(name)) => format!("`{{ secret = \"{name}\" }}`"),
    };
    words::FurtherAddressToken { address, token }.into()
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
    use perpetua_config::{ReverseClient, ReverseRoles, ReverseTarget, TokenSource, WebSocketUrl};
    use perpetua_schema::{Framework, GuideText};

    use crate::guide::{GuideFacts, Way, guide};

    fn dialled(url: &str) -> ReverseClient {
        ReverseClient::new(WebSocketUrl::new(url).expect("an address"), None)
    }

    fn text(url: &str, framework: Framework, has_token: bool) -> GuideText {
        text_of(dialled(url), framework, has_token)
    }

    fn text_of(reverse: ReverseClient, framework: Framework, has_token: bool) -> GuideText {
        let facts = GuideFacts {
            client: "bot".into(),
            way: Way::Dials(reverse),
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
    fn halves_are_told_to_who_takes_them_and_warned_of_elsewhere() {
        let split = ReverseClient {
            roles: ReverseRoles::Split,
            ..dialled("ws://127.0.0.1:6199/ws")
        };
        for (framework, is_refused) in [
            (Framework::Nonebot, true),
            (Framework::Koishi, true),
            (Framework::Astrbot, false),
            (Framework::Other, false),
        ] {
            let told = text_of(split.clone(), framework, true);
            let is_told = codes(&told).contains(&"guide.split_refused");
            assert_eq!(is_told, is_refused, "{framework:?}");
        }
        let other = text_of(split, Framework::Other, true);
        let halves = "ws://127.0.0.1:6199/ws/api\nws://127.0.0.1:6199/ws/event";
        assert_eq!(other.snippets[0].text, halves);
        assert!(codes(&other).contains(&"guide.other_waits_split"));
    }

    #[test]
    fn further_frameworks_are_told_of() {
        let mut several = dialled("ws://127.0.0.1:6199/ws");
        let alone = text_of(several.clone(), Framework::Astrbot, true);
        let has_more = |told: &GuideText| {
            let mut codes = codes(told).into_iter();
            codes.any(|code| code.starts_with("guide.further_address"))
        };
        assert!(!has_more(&alone));
        let further = |url: &str, token| ReverseTarget {
            token,
            ..dialled(url).first
        };
        let own = Some(TokenSource::Secret("second".into()));
        several.others = vec![
            further("ws://127.0.0.1:6299/ws", own),
            further("ws://127.0.0.1:6399/ws", None),
        ];
        let told = text_of(several, Framework::Astrbot, true);
        let notes: Vec<_> = told.notes.iter().map(ToString::to_string).collect();
        let notes = notes.join("\n");
        for said in [
            "`ws://127.0.0.1:6299/ws` as well, with the token `{ secret = \"second\" }`",
            "`ws://127.0.0.1:6399/ws` as well, without a token",
        ] {
            assert!(notes.contains(said), "{notes}");
        }
        assert!(told.snippets[0].text.contains("6199"), "{told:?}");
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
