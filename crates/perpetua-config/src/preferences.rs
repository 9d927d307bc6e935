//! `[ui]`, `[notifications]` and `[updates]`: the program itself.

use crate::HttpUrl;

/// `[ui]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ui {
    /// The language of window, tray and notifications.
    pub language: LanguageChoice,
}

/// A language that the program can be shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LanguageChoice {
    /// The one of the system.
    #[default]
    Auto,
    /// Simplified Chinese.
    Chinese,
    /// English.
    English,
}

impl LanguageChoice {
    /// Every language and how the settings write it.
    pub const ALL: [(&'static str, Self); 3] = [
        ("auto", Self::Auto),
        ("zh-CN", Self::Chinese),
        ("en", Self::English),
    ];

    /// How the settings write it.
    pub fn as_str(self) -> &'static str {
        written(&Self::ALL, self)
    }
}

/// `[notifications]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// The kinds that the desktop shows, none twice.
    pub kinds: Vec<NotifiedEvent>,
    /// When it shows none, in local time; `None`: never.
    pub quiet_hours: Option<QuietSpan>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            kinds: NotifiedEvent::ALL.map(|(_, kind)| kind).to_vec(),
            quiet_hours: None,
        }
    }
}

/// A kind of notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotifiedEvent {
    /// QQ ended a session.
    Kicked,
    /// A phone has to scan a code.
    ScanNeeded,
    /// An account has stopped until a person acts.
    Stopped,
    /// An account whose outage was notified is back.
    BackOnline,
    /// There is a newer version of the program.
    NewVersion,
}

impl NotifiedEvent {
    /// Every kind and how the settings write it.
    pub const ALL: [(&'static str, Self); 5] = [
        ("kicked", Self::Kicked),
        ("scan-needed", Self::ScanNeeded),
        ("stopped", Self::Stopped),
        ("back-online", Self::BackOnline),
        ("new-version", Self::NewVersion),
    ];

    /// How the settings write it.
    pub fn as_str(self) -> &'static str {
        written(&Self::ALL, self)
    }
}

/// `[updates]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updates {
    /// Whether a newer version is looked for once a day.
    pub check: bool,
    /// Which versions are wanted.
    pub channel: UpdateChannel,
    /// Where they are looked for, in place of where the project has them.
    pub addresses: Vec<HttpUrl>,
}

impl Default for Updates {
    fn default() -> Self {
        Self {
            check: true,
            channel: UpdateChannel::default(),
            addresses: Vec::new(),
        }
    }
}

/// Which versions of the program are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UpdateChannel {
    /// Those for everybody.
    #[default]
    Stable,
    /// Those that are tried out, too.
    Beta,
}

impl UpdateChannel {
    /// Every channel and how the settings write it.
    pub const ALL: [(&'static str, Self); 2] = [("stable", Self::Stable), ("beta", Self::Beta)];

    /// How the settings write it.
    pub fn as_str(self) -> &'static str {
        written(&Self::ALL, self)
    }
}

/// A span of each day, which may go over midnight; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuietSpan {
    from: u16,
    to: u16,
}

impl QuietSpan {
    const MINUTES_OF_A_DAY: u16 = 24 * 60;

    /// From one minute of the day to another, counted from midnight; `None` when they are the same, or
    /// beyond the day.
    pub fn new(from: u16, to: u16) -> Option<Self> {
        let fits = from != to && from.max(to) < Self::MINUTES_OF_A_DAY;
        fits.then_some(Self { from, to })
    }

    /// Its first minute, counted from midnight.
    pub fn from_minute(self) -> u16 {
        self.from
    }

    /// The first minute after it, counted from midnight.
    pub fn to_minute(self) -> u16 {
        self.to
    }

    /// Reads `23:00-07:30`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        Self::new(minute(from.trim())?, minute(to.trim())?)
    }
}

/// As the settings write it: `23:00-07:30`.
impl std::fmt::Display for QuietSpan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to } = self;
        write!(
            formatter,
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let is_plain = |part: &str| {
        (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_plain(hour) || !is_plain(minute) || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

fn written<T: Copy + PartialEq>(all: &[(&'static str, T)], wanted: T) -> &'static str {
    let found = all.iter().find(|(_, one)| *one == wanted);
    found.map_or("", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::QuietSpan;

    #[test]
    fn quiet_hours_are_read_as_they_are_shown() {
        for (text, from, to) in [
            ("23:00-07:30", 1380, 450),
            ("0:00-23:59", 0, 1439),
            ("09:05 - 9:06", 545, 546),
        ] {
            let hours = QuietSpan::parse(text).expect(text);
            assert_eq!((hours.from_minute(), hours.to_minute()), (from, to));
            assert_eq!(QuietSpan::parse(&hours.to_string()), Some(hours));
        }
    }

    #[test]
    fn what_are_no_quiet_hours() {
        for text in [
            "",
            "23:00",
            "23:00-23:00",
            "24:00-01:00",
            "7:3-8:00",
            "-1:00-2:00",
            "23-7",
            "１:00-2:00",
        ] {
            assert_eq!(QuietSpan::parse(text), None, "{text}");
        }
    }
}
