//! Whether a newer version is told of: each one once, when it is ready or needs a person.

use perpetua_schema::NotificationKind;
use perpetua_update::Version;

use super::{Notification, Surroundings};
use crate::{UpdateStage, UpdateStatus};

/// The page that a click on it opens.
const PAGE: &str = "/settings/updates";

/// The newest version that was told of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionNews {
    told: Option<Version>,
}

impl VersionNews {
    /// After this one was told of.
    pub fn after(told: Option<Version>) -> Self {
        Self { told }
    }

    /// The newest one that was told of.
    pub fn told(&self) -> Option<&Version> {
        self.told.as_ref()
    }

    /// The notification that is due now that it stands like this. One that quiet hours hold back is asked for again at
    /// the next look; whoever has the page before them knows.
    pub fn observe(
        &mut self,
        update: &UpdateStatus,
        surroundings: &Surroundings<'_>,
    ) -> Option<Notification> {
        let (version, due) = news(update)?;
        let version = version.parse().ok()?;
        if self.told.as_ref().is_some_and(|told| *told >= version) {
            return None;
        }
        let is_seen = surroundings.looks_below(PAGE);
        if !is_seen && !surroundings.wants(NotificationKind::NewVersion) {
            return None;
        }
        self.told = Some(version);
        (!is_seen).then_some(due)
    }
}

/// What there is to tell. A version that is about to be downloaded is nothing yet: it becomes ready, or fails.
fn news(update: &UpdateStatus) -> Option<(&str, Notification)> {
    match &update.stage {
        UpdateStage::Ready { newer } => {
            let due = Notification::version_ready(&newer.version, PAGE);
            Some((&newer.version, due))
        }
        UpdateStage::Out { newer } => {
            let why = update.by_hand.as_ref().or(update.problem.as_ref())?;
            let due = Notification::version_out(&newer.version, why.clone(), PAGE);
            Some((&newer.version, due))
        }
        UpdateStage::Unknown
        | UpdateStage::Asking
        | UpdateStage::Newest
        | UpdateStage::Downloading { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use perpetua_schema::{NewerVersion, NotificationKind, NotificationPreferences, QuietHours};
    use perpetua_words::{Language, update as words};

    use super::{Surroundings, VersionNews};
    use crate::{UpdateStage, UpdateStatus};

    /// A person, what they want and see.
    struct Person {
        preferences: NotificationPreferences,
        looked_at: Option<&'static str>,
        minute: u16,
    }

    impl Person {
        fn new() -> Self {
            Self {
                preferences: NotificationPreferences {
                    kinds: vec![NotificationKind::NewVersion],
                    quiet_hours: None,
                },
                looked_at: None,
                minute: 12 * 60,
            }
        }

        /// The title and the body of what is due, in English.
        fn told(&self, news: &mut VersionNews, update: &UpdateStatus) -> Option<[String; 2]> {
            let surroundings = Surroundings {
                now: Instant::now(),
                now_ms: 0,
                minute: self.minute,
                looked_at: self.looked_at,
                preferences: &self.preferences,
            };
            let due = news.observe(update, &surroundings)?;
            assert_eq!(due.page, "/settings/updates");
            let body = due.body.expect("a body").in_language(Language::English);
            Some([due.title.in_language(Language::English), body])
        }
    }

    fn newer(version: &str) -> NewerVersion {
        NewerVersion {
            version: version.to_owned(),
            notes: String::new(),
            page: None,
        }
    }

    fn status(stage: UpdateStage) -> UpdateStatus {
        UpdateStatus {
            stage,
            ..UpdateStatus::default()
        }
    }

    fn ready(version: &str) -> UpdateStatus {
        status(UpdateStage::Ready {
            newer: newer(version),
        })
    }

    fn out(version: &str) -> UpdateStatus {
        status(UpdateStage::Out {
            newer: newer(version),
        })
    }

    #[test]
    fn a_version_is_told_once_when_it_is_ready() {
        let (person, mut news) = (Person::new(), VersionNews::default());
        let loading = status(UpdateStage::Downloading {
            newer: newer("0.2.0"),
            received: 1,
            total: None,
            rate: 0,
        });
        for on_the_way in [
            status(UpdateStage::Unknown),
            status(UpdateStage::Asking),
            status(UpdateStage::Newest),
            out("0.2.0"),
            loading,
        ] {
            assert_eq!(person.told(&mut news, &on_the_way), None);
        }
        let told = person.told(&mut news, &ready("0.2.0")).expect("told");
        assert_eq!(
            told,
            [
                "perpetua 0.2.0 is ready",
                "It is installed when you end perpetua."
            ]
        );
        assert_eq!(person.told(&mut news, &ready("0.2.0")), None);
        // What was told before the program ended is known to the next start, and an older offer is no news.
        let mut news = VersionNews::after(news.told().cloned());
        assert_eq!(person.told(&mut news, &ready("0.2.0")), None);
        assert_eq!(person.told(&mut news, &ready("0.1.9")), None);
        assert!(person.told(&mut news, &ready("0.10.0")).is_some());
    }

    #[test]
    fn a_version_that_needs_a_person_is_told_with_the_reason() {
        let (person, mut news) = (Person::new(), VersionNews::default());
        let by_package = UpdateStatus {
            by_hand: Some(words::ByPackage.into()),
            ..out("0.2.0")
        };
        let [title, body] = person.told(&mut news, &by_package).expect("told");
        assert_eq!(title, "perpetua 0.2.0 is out");
        assert!(body.contains("package manager"), "{body}");
        let failed = UpdateStatus {
            problem: Some(words::NothingReady.into()),
            ..out("0.3.0")
        };
        let [title, body] = person.told(&mut news, &failed).expect("told");
        assert_eq!(title, "perpetua 0.3.0 is out");
        assert_eq!(body, "no newer version is ready to be installed");
    }

    #[test]
    fn wishes_and_quiet_hours_are_kept_and_whoever_looks_at_it_knows() {
        let (mut person, mut news) = (Person::new(), VersionNews::default());
        person.preferences.quiet_hours = Some(QuietHours {
            from_minute: 23 * 60,
            to_minute: 8 * 60,
        });
        person.minute = 60;
        assert_eq!(person.told(&mut news, &ready("0.2.0")), None);
        person.minute = 9 * 60;
        assert!(person.told(&mut news, &ready("0.2.0")).is_some());

        person.preferences.kinds = vec![NotificationKind::Kicked];
        assert_eq!(person.told(&mut news, &ready("0.3.0")), None);
        person.preferences.kinds = vec![NotificationKind::NewVersion];
        person.looked_at = Some("/settings/updates");
        assert_eq!(person.told(&mut news, &ready("0.3.0")), None);
        person.looked_at = Some("/settings/about");
        assert_eq!(person.told(&mut news, &ready("0.3.0")), None);
        assert!(person.told(&mut news, &ready("0.4.0")).is_some());
    }
}
