//! What to enter into a framework that events are posted to, so that it takes them where perpetua posts.

use perpetua_config::HttpUrl;
use perpetua_schema::{Framework, GuideText, Snippet};
use perpetua_words::{Message, guide as words};

use super::{
    EXAMPLE_ID, GuideFacts,
    dialled::{is_here, waits_on},
    snippet,
};

/// The path at which `NoneBot` takes events.
const NONEBOT_PATH: &str = "/onebot/v11/http";

/// The text for a framework.
pub(super) fn guide(facts: &GuideFacts, url: &HttpUrl, framework: Framework) -> GuideText {
    let (snippets, mut notes) = match framework {
        Framework::Nonebot => nonebot(facts, url),
        Framework::Koishi => koishi(facts, url),
        Framework::Astrbot => (Vec::new(), vec![words::AstrbotPost.into()]),
        Framework::Other => other(facts, url),
    };
    if !snippets.is_empty() {
        notes.extend(about_the_way(facts, url));
    }
    GuideText { snippets, notes }
}

fn nonebot(facts: &GuideFacts, url: &HttpUrl) -> (Vec<Snippet>, Vec<Message>) {
    let (host, port) = (waits_on(&host(url)), url.port());
    let mut text = format!("DRIVER=~fastapi\nHOST={host}\nPORT={port}\n");
    if facts.has_token {
        text += &["ONEBOT_SECRET=", Snippet::TOKEN, "\n"].concat();
    }
    let mut notes = vec![
        words::NonebotServerPackages.into(),
        words::NonebotServerDriver.into(),
        words::NonebotEnvironment.into(),
        words::NonebotPost.into(),
    ];
    let uri = url.uri();
    let path = uri.path().trim_end_matches('/');
    if path != NONEBOT_PATH && path != "/onebot/v11" {
        notes.push(words::OtherPath { path: NONEBOT_PATH }.into());
    }
    (vec![snippet(Some(".env"), "dotenv", text)], notes)
}

fn koishi(facts: &GuideFacts, url: &HttpUrl) -> (Vec<Snippet>, Vec<Message>) {
    let GuideFacts {
        client, self_id, ..
    } = facts;
    let (uri, shown_id) = (url.uri(), self_id.unwrap_or(EXAMPLE_ID));
    let path = uri.path();
    // As an entry below `plugins:`.
    let mut text = format!(
        "  adapter-onebot:{client}:\n    selfId: \"{shown_id}\"\n    protocol: http\n    path: {path}\n    endpoint: http://127.0.0.1:5700\n"
    );
    if facts.has_token {
        text += &["    secret: \"", Snippet::TOKEN, "\"\n"].concat();
    }
    let port = url.port();
    let mut notes = vec![
        words::KoishiPlugin.into(),
        words::KoishiPlace.into(),
        words::KoishiServer { port }.into(),
        words::KoishiPost.into(),
    ];
    if self_id.is_none() {
        notes.push(words::KoishiSelfId { id: EXAMPLE_ID }.into());
    }
    (vec![snippet(Some("koishi.yml"), "yaml", text)], notes)
}

fn other(facts: &GuideFacts, url: &HttpUrl) -> (Vec<Snippet>, Vec<Message>) {
    let mut snippets = vec![snippet(None, "text", url.to_string())];
    let mut notes = vec![words::OtherPosted.into()];
    if facts.has_token {
        snippets.push(snippet(None, "text", Snippet::TOKEN.to_owned()));
        notes.push(words::OtherSecret.into());
    }
    (snippets, notes)
}

/// What is to be known of the way, whichever framework it leads to.
fn about_the_way(facts: &GuideFacts, url: &HttpUrl) -> Vec<Message> {
    let mut notes = vec![words::PostedOneWay.into()];
    if let Some(cause) = facts.problem.clone() {
        notes.push(words::NotPosted { cause }.into());
    }
    if !facts.has_token {
        notes.push(words::NoSecretUsed.into());
    }
    if is_here(&host(url)) {
        notes.push(words::ContainerDialled { port: url.port() }.into());
    }
    notes
}

fn host(url: &HttpUrl) -> String {
    url.uri().host().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use perpetua_config::HttpUrl;
    use perpetua_schema::{Framework, GuideText};

    use crate::guide::{GuideFacts, Way, guide};

    fn text(url: &str, framework: Framework, has_token: bool) -> GuideText {
        let facts = GuideFacts {
            client: "bot".into(),
            way: Way::Posts(HttpUrl::new(url).expect("an address")),
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
    fn each_framework_is_told_where_to_take_events() {
        for (url, framework, lines) in [
            (
                "http://127.0.0.1:8081/onebot/v11/http",
                Framework::Nonebot,
                "DRIVER=~fastapi\nHOST=127.0.0.1\nPORT=8081\nONEBOT_SECRET={{token}}\n",
            ),
            (
                "http://localhost:5140/onebot",
                Framework::Koishi,
                "  adapter-onebot:bot:\n    selfId: \"10000\"\n    protocol: http\n    path: /onebot\n    endpoint: http://127.0.0.1:5700\n    secret: \"{{token}}\"\n",
            ),
            (
                "https://bot.example/hook",
                Framework::Other,
                "https://bot.example/hook",
            ),
        ] {
            let told = text(url, framework, true);
            assert_eq!(told.snippets[0].text, lines);
            let codes = codes(&told);
            assert!(codes.contains(&"guide.posted_one_way"), "{told:?}");
            assert!(!codes.contains(&"guide.other_path"), "{told:?}");
            assert!(!codes.contains(&"guide.no_secret_used"), "{told:?}");
        }
        assert!(
            text("http://h/", Framework::Astrbot, true)
                .snippets
                .is_empty()
        );
    }

    #[test]
    fn another_path_and_a_missing_secret_are_told() {
        let told = text("http://127.0.0.1:8081/", Framework::Nonebot, false);
        for code in ["guide.other_path", "guide.no_secret_used"] {
            assert!(codes(&told).contains(&code), "{told:?}");
        }
        assert!(!told.snippets[0].text.contains("SECRET"));
    }
}
