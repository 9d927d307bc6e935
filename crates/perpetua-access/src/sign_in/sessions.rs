//! The sessions of browsers that have signed in.
//!
//! What is kept of one is a digest of its id under the sign-in token: whoever reads it cannot make a cookie
//! of it, and with another token none of them is a session any more.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use perpetua_secrets::Secret;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How long a browser stays signed in.
pub const SESSION_LIFE: Duration = Duration::from_hours(30 * 24);
/// How long a session is known that has ended by its time: whoever comes with it is told so.
pub const SESSION_KNOWN: Duration = Duration::from_hours(31 * 24);
/// Browsers that are signed in at once, far more than one owner has; the one that signed in first gives way.
const MAX_SESSIONS: usize = 64;

/// The sessions there are, oldest first. Pure: time, ids and the token are arguments.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Vec<KeptSession>);

/// What outlives the node of one session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptSession {
    /// A digest of its id under the sign-in token.
    digest: String,
    /// When it ends, in seconds since 1970.
    until: u64,
}

impl Sessions {
    /// Those that were kept by a former run.
    pub fn new(mut kept: Vec<KeptSession>) -> Self {
        let beyond = kept.len().saturating_sub(MAX_SESSIONS);
        kept.drain(..beyond);
        Self(kept)
    }

    /// What is to be kept of them.
    pub fn kept(&self) -> &[KeptSession] {
        &self.0
    }

    /// A session with this id begins. `now` is the time since 1970.
    pub fn begin(&mut self, id: &Secret, token: &Secret, now: Duration) {
        let known = SESSION_KNOWN.saturating_sub(SESSION_LIFE).as_secs();
        self.0
            .retain(|session| session.until.saturating_add(known) > now.as_secs());
        let Some(digest) = digest(id.expose().as_bytes(), token) else {
            return;
        };
        if self.0.len() >= MAX_SESSIONS {
            self.0.remove(0);
        }
        self.0.push(KeptSession {
            digest,
            until: (now + SESSION_LIFE).as_secs(),
        });
    }

    /// How much longer the session lasts whose id is shown; `None` when it is none.
    pub fn left(&self, shown: &[u8], token: &Secret, now: Duration) -> Option<Duration> {
        let session = self.find(shown, token)?;
        let left = session.until.checked_sub(now.as_secs())?;
        (left > 0).then(|| Duration::from_secs(left))
    }

    /// Whether this was a session that nobody has ended but time.
    pub fn has_expired(&self, shown: &[u8], token: &Secret, now: Duration) -> bool {
        let session = self.find(shown, token);
        session.is_some_and(|session| session.until <= now.as_secs())
    }

    fn find(&self, shown: &[u8], token: &Secret) -> Option<&KeptSession> {
        let digest = digest(shown, token)?;
        self.0.iter().find(|session| session.digest == digest)
    }

    /// Ends the session whose id is shown, if there is one.
    pub fn end(&mut self, shown: &[u8], token: &Secret) {
        let digest = digest(shown, token);
        self.0
            .retain(|session| digest.as_ref() != Some(&session.digest));
    }

    /// Ends all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// That of a shown id; a token of any length makes one. Comparing digests tells nothing of ids, so it need not
/// take the same time always.
fn digest(id: &[u8], token: &Secret) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.expose().as_bytes()).ok()?;
    mac.update(id);
    Some(BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use perpetua_secrets::Secret;

    use super::{MAX_SESSIONS, SESSION_KNOWN, SESSION_LIFE, Sessions};

    const NOW: Duration = Duration::from_hours(500_000);

    #[test]
    fn a_session_lasts_thirty_days_and_outlives_the_node() {
        let (token, mut sessions) = (secret("t0ken"), Sessions::default());
        sessions.begin(&secret("id-1"), &token, NOW);
        let text = serde_json::to_string(sessions.kept()).expect("JSON");
        assert!(!text.contains("id-1") && !text.contains("t0ken"), "{text}");
        let sessions = Sessions::new(serde_json::from_str(&text).expect("the same"));
        assert_eq!(sessions.left(b"id-1", &token, NOW), Some(SESSION_LIFE));
        let end = NOW + SESSION_LIFE;
        let last = Duration::from_secs(1);
        assert_eq!(
            sessions.left(b"id-1", &token, end.saturating_sub(last)),
            Some(last)
        );
        assert_eq!(sessions.left(b"id-1", &token, end), None);
        assert!(sessions.has_expired(b"id-1", &token, end));
        assert!(!sessions.has_expired(b"id-1", &token, end.saturating_sub(last)));
        assert!(!sessions.has_expired(b"id-1", &secret("0ther"), end));
        assert_eq!(sessions.left(b"id-1", &token, end + SESSION_LIFE), None);
        for wrong in ["", "id-", "id-2", "ID-1"] {
            assert_eq!(sessions.left(wrong.as_bytes(), &token, NOW), None);
        }
    }

    #[test]
    fn another_token_and_the_end_of_one_or_all_end_it() {
        let (token, mut sessions) = (secret("t0ken"), Sessions::default());
        for id in ["id-1", "id-2", "id-3"] {
            sessions.begin(&secret(id), &token, NOW);
        }
        assert_eq!(sessions.left(b"id-1", &secret("0ther"), NOW), None);
        sessions.end(b"id-1", &secret("0ther"));
        assert!(sessions.left(b"id-1", &token, NOW).is_some());
        sessions.end(b"id-1", &token);
        assert_eq!(sessions.left(b"id-1", &token, NOW), None);
        assert!(sessions.left(b"id-2", &token, NOW).is_some());
        sessions.clear();
        assert_eq!(sessions.left(b"id-2", &token, NOW), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (token, mut sessions) = (secret("t0ken"), Sessions::default());
        for number in 0..200 {
            sessions.begin(&secret(&format!("id-{number}")), &token, NOW);
        }
        assert_eq!(sessions.kept().len(), MAX_SESSIONS);
        assert_eq!(sessions.left(b"id-0", &token, NOW), None);
        assert!(sessions.left(b"id-199", &token, NOW).is_some());
        let more = [sessions.kept(), sessions.kept()].concat();
        assert_eq!(Sessions::new(more).kept().len(), MAX_SESSIONS);
        sessions.begin(&secret("late"), &token, NOW + SESSION_KNOWN);
        assert_eq!(sessions.kept().len(), 1, "those that ended long ago go");
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text).expect("printable")
    }
}
