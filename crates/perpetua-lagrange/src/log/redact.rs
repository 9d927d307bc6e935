//! Texts without what is nobody's business.

/// What comes before a token; the token ends at the next white space, quote or separator.
const BEFORE_TOKENS: [&str; 4] = ["access_token=", "Bearer ", "AccessToken=", "token="];

/// The kind of an event and how long its text is: `[MessageChain(1)(2)] (17 characters)`.
pub(crate) fn words_of_people(text: &str) -> String {
    let kind = kind(text);
    let rest = text[kind.len()..].chars().count();
    let kind = kind.trim_end();
    if kind.is_empty() {
        format!("({rest} characters)")
    } else {
        format!("{kind} ({rest} characters)")
    }
}

/// The start of a text that the core writes itself: `[MessageChain(1)(2)]` of a message,
/// `[12:34:56] GroupMuteEvent` of an event, `Receive(guid)` of the traffic.
fn kind(text: &str) -> &str {
    if text.starts_with("[MessageChain(") {
        let is_ours =
            |character: char| character.is_ascii_alphanumeric() || "()".contains(character);
        let end = text[1..].find(|character| !is_ours(character));
        return match end {
            Some(end) if text[1 + end..].starts_with(']') => &text[..end + 2],
            _ => "",
        };
    }
    if let Some(rest) = text.strip_prefix('[')
        && let Some((time, rest)) = rest.split_once("] ")
        && time
            .chars()
            .all(|character| character.is_ascii_digit() || character == ':')
    {
        // Only a class of the core is named so; a person may write anything behind a time.
        let word = rest.find(|character: char| !character.is_ascii_alphanumeric());
        return match word.map(|word| rest.split_at(word)) {
            Some((word, after)) if word.ends_with("Event") && after.starts_with(':') => {
                &text[..text.len() - rest.len() + word.len()]
            }
            _ => "",
        };
    }
    if text.starts_with("Receive(") || text.starts_with("Send(") {
        let is_guid = |character: char| character.is_ascii_hexdigit() || character == '-';
        if let Some(open) = text.find('(')
            && let Some(end) = text[open + 1..].find(|character| !is_guid(character))
            && text[open + 1 + end..].starts_with(')')
        {
            return &text[..open + end + 2];
        }
    }
    ""
}

/// The text with tokens hidden and web addresses cut after their host.
pub(crate) fn secrets(text: &str) -> String {
    let mut redacted = hide_paths(text);
    for before in BEFORE_TOKENS {
        redacted = hide_after(&redacted, before);
    }
    redacted
}

fn hide_after(text: &str, before: &str) -> String {
    let mut parts = text.split(before);
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|character: char| character.is_whitespace() || "&\"',;)".contains(character))
            .unwrap_or(part.len());
        redacted.push_str(before);
        if end > 0 {
            redacted.push_str("[redacted]");
        }
        redacted.push_str(&part[end..]);
    }
    redacted
}

/// A signer's address may hold a key in its path, a proxy's a password before its host.
fn hide_paths(text: &str) -> String {
    let mut parts = text.split("://");
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|character: char| character.is_whitespace() || "\"'<>，。）".contains(character))
            .unwrap_or(part.len());
        let (address, after) = part.split_at(end);
        let path = address.find(['/', '?', '#']).unwrap_or(address.len());
        let (host, path) = address.split_at(path);
        redacted.push_str("://");
        redacted.push_str(host.rsplit_once('@').map_or(host, |(_, host)| host));
        redacted.push_str(if path.trim_end_matches('.').len() > 1 {
            "/…"
        } else {
            path
        });
        redacted.push_str(after);
    }
    redacted
}
