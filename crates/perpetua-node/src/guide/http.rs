//! What to enter into a program that calls a client's port over HTTP.

use std::net::SocketAddr;

use perpetua_schema::{Framework, GuideText, Snippet};
use perpetua_words::{Message, guide as words};

use super::{EXAMPLE_ID, GuideFacts, about_the_port, dialled_from_here, snippet};

/// The text for a framework.
pub(super) fn guide(facts: &GuideFacts, listen: SocketAddr, framework: Framework) -> GuideText {
    let url = format!("http://{}", dialled_from_here(listen));
    let (snippets, mut notes) = match framework {
        Framework::Nonebot => nonebot(facts, &url),
        Framework::Koishi => koishi(facts, &url),
        Framework::Astrbot => (Vec::new(), vec![words::Astrbot.into()]),
        Framework::Other => other(facts, &url),
    };
    if !snippets.is_empty() {
        notes.extend(about_the_port(facts, listen, "http"));
    }
    GuideText { snippets, notes }
}

fn nonebot(facts: &GuideFacts, url: &str) -> (Vec<Snippet>, Vec<Message>) {
    let shown_id = facts.self_id.unwrap_or(EXAMPLE_ID);
    let mut text =
        format!("DRIVER=~fastapi+~httpx\nONEBOT_API_ROOTS={{\"{shown_id}\": \"{url}/\"}}\n");
    if facts.has_token {
        text += &["ONEBOT_ACCESS_TOKEN=", Snippet::TOKEN, "\n"].concat();
    }
    let mut notes = vec![
        words::NonebotRoots.into(),
        words::NonebotEnvironment.into(),
        words::HttpEventsApart.into(),
    ];
    notes.extend(unknown_id(facts));
    (vec![snippet(Some(".env"), "dotenv", text)], notes)
}

fn koishi(facts: &GuideFacts, url: &str) -> (Vec<Snippet>, Vec<Message>) {
    let (client, shown_id) = (&facts.client, facts.self_id.unwrap_or(EXAMPLE_ID));
    // As an entry below `plugins:`.
    let mut text = format!(
        "  adapter-onebot:{client}:\n    selfId: \"{shown_id}\"\n    protocol: http\n    endpoint: {url}\n"
    );
    if facts.has_token {
        text += &["    token: \"", Snippet::TOKEN, "\"\n"].concat();
    }
    let mut notes = vec![
        words::KoishiPlugin.into(),
        words::KoishiPlace.into(),
        words::HttpEventsApart.into(),
    ];
    notes.extend(unknown_id(facts));
    (vec![snippet(Some("koishi.yml"), "yaml", text)], notes)
}

fn unknown_id(facts: &GuideFacts) -> Option<Message> {
    let is_unknown = facts.self_id.is_none();
    is_unknown.then(|| words::KoishiSelfId { id: EXAMPLE_ID }.into())
}

fn other(facts: &GuideFacts, url: &str) -> (Vec<Snippet>, Vec<Message>) {
    let mut snippets = vec![snippet(None, "text", url.to_owned())];
    let mut notes = vec![words::HttpAddress.into()];
    if facts.has_token {
        snippets.push(snippet(None, "text", Snippet::TOKEN.to_owned()));
        notes.push(words::OtherToken.into());
    }
    notes.push(words::HttpCurl { url }.into());
    (snippets, notes)
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{Framework, GuideText};

    use crate::guide::{GuideFacts, Way, guide};

    fn told(listen: &str, framework: Framework, has_token: bool) -> GuideText {
        let facts = GuideFacts {
            client: "bot".into(),
            way: Way::Http(listen.parse().expect("an address")),
            problem: None,
            has_token,
            self_id: has_token.then_some(10_000),
        };
        guide(&facts, framework)
    }

    fn codes(text: &GuideText) -> Vec<&str> {
        text.notes.iter().map(|note| &*note.code).collect()
    }

    #[test]
    fn each_framework_has_its_own_lines() {
        for (framework, lines) in [
            (
                Framework::Nonebot,
                "DRIVER=~fastapi+~httpx\nONEBOT_API_ROOTS={\"10000\": \"http://127.0.0.1:5701/\"}\nONEBOT_ACCESS_TOKEN={{token}}\n",
            ),
            (
                Framework::Koishi,
                "  adapter-onebot:bot:\n    selfId: \"10000\"\n    protocol: http\n    endpoint: http://127.0.0.1:5701\n    token: \"{{token}}\"\n",
            ),
            (Framework::Other, "http://127.0.0.1:5701"),
        ] {
            let told = told("0.0.0.0:5701", framework, true);
            assert_eq!(told.snippets[0].text, lines);
            assert!(codes(&told).contains(&"guide.container_anywhere"));
        }
        assert!(
            told("127.0.0.1:5701", Framework::Astrbot, true)
                .snippets
                .is_empty()
        );
    }

    #[test]
    fn without_a_token_and_an_id_both_are_told() {
        for framework in [Framework::Nonebot, Framework::Koishi, Framework::Other] {
            let told = told("127.0.0.1:5701", framework, false);
            let mut texts = told.snippets.iter().map(|snippet| &snippet.text);
            assert!(!texts.any(|text| text.to_lowercase().contains("token")));
            assert!(codes(&told).contains(&"guide.no_token"), "{told:?}");
        }
        let koishi = told("127.0.0.1:5701", Framework::Koishi, false);
        assert!(codes(&koishi).contains(&"guide.koishi_self_id"));
    }
}
