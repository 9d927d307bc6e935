//! When a change of the settings file counts: not while somebody is still writing it.
//!
//! A file may be truncated and written in place, so that it is empty or a valid beginning of itself for a
//! moment. Other bytes count when several looks over some time have found them the same; when they
//! would take an account or a client away, over a longer time. A blank file never counts: a node
//! without accounts has at least a comment. Pure: looks and their times are arguments.

use std::{sync::Arc, time::Duration};

use perpetua_config::{Config, Problems};
use perpetua_words::Message;
use tokio::time::Instant;

/// How long other bytes have to stay as they are.
const SETTLED: Duration = Duration::from_millis(500);
/// The same, when they take something away that may have connections.
const SETTLED_REMOVAL: Duration = Duration::from_secs(3);

/// What one look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Bytes(Vec<u8>),
    /// There is no file, or it cannot be read.
    Unreadable(Message),
}

/// What has become of the file.
#[derive(Debug)]
pub(crate) enum FileChange {
    /// Other settings, to be applied.
    Settings(Arc<Config>),
    /// It has mistakes.
    Invalid(Problems),
    /// It is gone, cannot be read, or is in no encoding that is understood.
    Unreadable(Message),
    /// It is empty.
    Blank,
    /// It is what is applied, cut off in the middle of a line, and would take away what runs: the disk was full, most
    /// likely, when it was saved.
    CutOff,
    /// It holds again what is applied.
    AsBefore,
}

/// Whether something may be made of what a look found.
#[derive(Clone, Debug)]
pub(crate) enum Standing {
    /// It is what is applied.
    Applied(Arc<Config>),
    /// It has not been the same for long enough: somebody may still be writing.
    Settling,
    /// It has been, and cannot be used.
    Refused,
}

/// Watches the file over several looks.
#[derive(Debug)]
pub(crate) struct Watcher {
    applied: Vec<u8>,
    config: Arc<Config>,
    /// What the last look found, if it is not what is applied.
    candidate: Option<Candidate>,
    /// What is there is not what is applied, and was told.
    told: bool,
    /// What was applied before the settings that were given last.
    former: Option<(Vec<u8>, Arc<Config>)>,
}

#[derive(Debug)]
struct Candidate {
    seen: Seen,
    since: Instant,
    told: bool,
}

impl Watcher {
    /// Begins with what is applied.
    pub(crate) fn new(applied: Vec<u8>, config: Arc<Config>) -> Self {
        Self {
            applied,
            config,
            candidate: None,
            told: false,
            former: None,
        }
    }

    /// We have written these bytes ourselves.
    pub(crate) fn wrote(&mut self, bytes: Vec<u8>, config: Arc<Config>) {
        *self = Self::new(bytes, config);
    }

    /// What is applied.
    pub(crate) fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// What was applied before the settings that were given last.
    pub(crate) fn former(&self) -> Option<&Arc<Config>> {
        self.former.as_ref().map(|(_, config)| config)
    }

    /// Whether the settings that were given last are the former ones but for their end.
    pub(crate) fn lost_its_end(&self) -> bool {
        let mut former = self.former.iter();
        former.any(|(bytes, _)| bytes.starts_with(&self.applied))
    }

    /// The settings that were given last cannot be applied: what was applied before still is.
    pub(crate) fn take_back(&mut self, now: Instant) {
        let Some((bytes, config)) = self.former.take() else {
            return;
        };
        let refused = std::mem::replace(&mut self.applied, bytes);
        self.config = config;
        self.told = true;
        self.candidate = Some(Candidate {
            seen: Seen::Bytes(refused),
            since: now,
            told: true,
        });
    }

    /// Takes one look in; gives what is to be told now.
    pub(crate) fn see(&mut self, seen: Seen, now: Instant) -> Option<FileChange> {
        if seen == Seen::Bytes(self.applied.clone()) {
            self.candidate = None;
            return std::mem::take(&mut self.told).then_some(FileChange::AsBefore);
        }
        let candidate = match &mut self.candidate {
            Some(candidate) if candidate.seen == seen => candidate,
            other => {
                *other = Some(Candidate {
                    seen,
                    since: now,
                    told: false,
                });
                return None;
            }
        };
        let age = now.saturating_duration_since(candidate.since);
        if candidate.told || age < SETTLED {
            return None;
        }
        let mut change = judge(&candidate.seen);
        if let FileChange::Settings(config) = &change
            && takes_away(&self.config, config)
            && is_cut_off(&candidate.seen, &self.applied)
        {
            change = FileChange::CutOff;
        }
        if let FileChange::Settings(config) = &change
            && (takes_away(&self.config, config) || is_beginning(&candidate.seen, &self.applied))
            && age < SETTLED_REMOVAL
        {
            return None;
        }
        candidate.told = true;
        Some(self.tell(change))
    }

    /// How it stands with what the latest look found.
    pub(crate) fn standing(&self, seen: &Seen) -> Standing {
        if matches!(seen, Seen::Bytes(bytes) if *bytes == self.applied) {
            return Standing::Applied(Arc::clone(&self.config));
        }
        match &self.candidate {
            Some(candidate) if candidate.told && candidate.seen == *seen => Standing::Refused,
            _ => Standing::Settling,
        }
    }

    fn tell(&mut self, change: FileChange) -> FileChange {
        self.told = !matches!(change, FileChange::Settings(_));
        if let FileChange::Settings(config) = &change {
            let former = std::mem::replace(&mut self.config, Arc::clone(config));
            if let Some(Candidate {
                seen: Seen::Bytes(bytes),
                ..
            }) = self.candidate.take()
            {
                let bytes = std::mem::replace(&mut self.applied, bytes);
                self.former = Some((bytes, former));
            }
        }
        change
    }
}

/// What it would be if it counted.
pub(super) fn judge(seen: &Seen) -> FileChange {
    let bytes = match seen {
        Seen::Bytes(bytes) => bytes,
        Seen::Unreadable(cause) => return FileChange::Unreadable(cause.clone()),
    };
    match perpetua_config::decode(bytes) {
        Err(error) => FileChange::Unreadable(Message::from(&error)),
        Ok(text) if text.trim().is_empty() => FileChange::Blank,
        Ok(text) => match perpetua_config::parse(&text) {
            Ok(config) => FileChange::Settings(Arc::new(config)),
            Err(problems) => FileChange::Invalid(problems),
        },
    }
}

/// Whether it is what is applied, but for its end: somebody is still writing it.
fn is_beginning(seen: &Seen, applied: &[u8]) -> bool {
    matches!(seen, Seen::Bytes(bytes) if applied.starts_with(bytes))
}

/// Whether it is such a beginning that ends within a line.
fn is_cut_off(seen: &Seen, applied: &[u8]) -> bool {
    let line_ends = |seen: &Seen| matches!(seen, Seen::Bytes(bytes) if bytes.ends_with(b"\n"));
    is_beginning(seen, applied) && !line_ends(seen)
}

/// Whether something that runs would be gone: a file that is still being written lacks its end.
fn takes_away(former: &Config, next: &Config) -> bool {
    if next.signers.len() < former.signers.len() || next.notify.len() < former.notify.len() {
        return true;
    }
    let enabled = former.accounts.iter().filter(|account| account.enabled);
    enabled.into_iter().any(|account| {
        let Some(after) = next.account(&account.name).filter(|after| after.enabled) else {
            return true;
        };
        let clients = account.clients.iter().filter(|client| client.enabled);
        clients.into_iter().any(|client| {
            let after = after.client(&client.name);
            !after.is_some_and(|after| after.enabled)
        })
    })
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use perpetua_words::{Message, io};
    use tokio::time::Instant;

    use super::{FileChange, Seen, Watcher};

    const FULL: &str = "[[accounts]]\nname = \"main\"\nupstream = { kind = \"simulator\" }\n[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:6700\"\n";

    /// The settings without their client, as a file has them that is being written.
    fn beginning() -> &'static [u8] {
        let (beginning, _) = FULL.split_once("[[accounts.clients]]").expect("a client");
        beginning.as_bytes()
    }

    /// Looks at these contents half a second apart, and gives what was told at each.
    fn told(contents: &[&[u8]]) -> Vec<&'static str> {
        let config = perpetua_config::parse(FULL).expect("valid");
        let mut watcher = Watcher::new(FULL.into(), Arc::new(config));
        let start = Instant::now();
        let looks = contents.iter().enumerate().map(|(number, content)| {
            let now = start + Duration::from_millis(500) * u32::try_from(number).expect("few");
            let seen = match *content {
                b"gone" => Seen::Unreadable(Message::from(io::NotFound)),
                bytes => Seen::Bytes(bytes.to_vec()),
            };
            match watcher.see(seen, now) {
                None => "",
                Some(FileChange::Settings(_)) => "settings",
                Some(FileChange::Invalid(_)) => "invalid",
                Some(FileChange::Unreadable(_)) => "unreadable",
                Some(FileChange::Blank) => "blank",
                Some(FileChange::CutOff) => "cut off",
                Some(FileChange::AsBefore) => "as before",
            }
        });
        looks.collect()
    }

    #[test]
    fn a_file_that_is_being_written_is_not_applied() {
        let (full, half) = (FULL.as_bytes(), beginning());
        let text = std::str::from_utf8(half).expect("text");
        assert!(perpetua_config::parse(text).is_ok(), "it is valid");
        for course in [
            &[b"".as_slice(), full] as &[_],
            &[b"", half, full],
            &[b"gone", full],
            &[half, half, half, full],
            &[b"gone", b"", half, full],
            &[b"not", b"not toml", full],
        ] {
            assert!(
                told(course).iter().all(|told| told.is_empty()),
                "{course:?}"
            );
        }
    }

    #[test]
    fn a_beginning_that_lacks_only_keys_has_to_stay_as_long() {
        let (beginning, _) = FULL.split_once("listen").expect("a key");
        let without_comment = FULL.trim_end();
        for text in [without_comment, beginning] {
            if perpetua_config::parse(text).is_ok() {
                let told = told(&[text.as_bytes(); 9]);
                let place = told.iter().position(|told| *told == "settings");
                assert_eq!(place, Some(6), "{text}");
            }
        }
        assert!(perpetua_config::parse(without_comment).is_ok());
    }

    #[test]
    fn what_a_full_disk_cut_off_is_never_applied_and_is_told() {
        // All but the client, and a piece of its first line that is a comment.
        let (whole_lines, client) = FULL.split_once("name = \"bot\"").expect("a client");
        let cut = whole_lines.replace("[[accounts.clients]]", "# [[acc");
        let rest = format!("ounts.clients]]\n[[accounts.clients]]\nname = \"bot\"{client}");
        let applied = cut.trim_end().to_owned() + &rest;
        let config = perpetua_config::parse(&applied);
        let mut watcher = Watcher::new(applied.clone().into(), Arc::new(config.expect("valid")));
        let (start, mut told) = (Instant::now(), Vec::new());
        for look in 0..20 {
            let seen = Seen::Bytes(cut.trim_end().into());
            let now = start + Duration::from_millis(500) * look;
            told.extend(watcher.see(seen, now));
        }
        assert!(matches!(told[..], [FileChange::CutOff]), "{told:?}");
    }

    #[test]
    fn what_stays_is_applied_once() {
        let more = format!("{FULL}# more\n");
        let course = [more.as_bytes(); 4];
        assert_eq!(told(&course), ["", "settings", "", ""]);
    }

    #[test]
    fn what_takes_something_away_has_to_stay_for_longer() {
        let without = beginning();
        let course = [without; 9];
        let told = told(&course);
        let place = told.iter().position(|told| *told == "settings");
        assert_eq!(place, Some(6), "after three seconds");
        assert_eq!(told.iter().filter(|told| !told.is_empty()).count(), 1);
    }

    #[test]
    fn a_file_that_stays_blank_gone_or_wrong_is_told_once_and_taken_back() {
        for (content, word) in [
            (b"".as_slice(), "blank"),
            (b" \r\n\t", "blank"),
            (b"gone", "unreadable"),
            (b"\xc4\xe3\xba\xc3 = 1", "unreadable"),
            (b"name =", "invalid"),
        ] {
            let full = FULL.as_bytes();
            let course = [content, content, content, full, full];
            assert_eq!(told(&course), ["", word, "", "as before", ""], "{word}");
        }
    }

    #[test]
    fn every_encoding_of_the_same_settings_is_read() {
        let more = format!("{FULL}# 更多\n");
        let utf16: Vec<u8> = more.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let bytes = [b"\xff\xfe".as_slice(), &utf16].concat();
        assert_eq!(told(&[&bytes, &bytes]), ["", "settings"]);
    }
}
