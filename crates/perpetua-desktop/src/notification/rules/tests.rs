//! The rules, with a clock of their own.

use std::time::{Duration, Instant};

use perpetua_schema::{
    AccountStatus, CoreBrake, CorePhase, CoreState, NodeStatus, NotificationKind,
    NotificationPreferences, QuietHours,
};
use perpetua_words::Language;

use super::{Notification, NotificationRules, Surroundings};
use crate::made::{account, core_account, node};

/// A person with their wishes, and the rules.
struct Trial {
    rules: NotificationRules,
    start: Instant,
    preferences: NotificationPreferences,
    looked_at: Option<&'static str>,
    minute: u16,
}

impl Trial {
    fn new() -> Self {
        Self {
            rules: NotificationRules::default(),
            start: Instant::now(),
            preferences: NotificationPreferences {
                kinds: vec![
                    NotificationKind::Kicked,
                    NotificationKind::ScanNeeded,
                    NotificationKind::Stopped,
                    NotificationKind::BackOnline,
                ],
                quiet_hours: None,
            },
            looked_at: None,
            minute: 12 * 60,
        }
    }

    fn at(&mut self, seconds: u64, status: &NodeStatus) -> Vec<Notification> {
        let surroundings = Surroundings {
            now: self.start + Duration::from_secs(seconds),
            now_ms: 0,
            minute: self.minute,
            looked_at: self.looked_at,
            preferences: &self.preferences,
        };
        self.rules.observe(status, &surroundings)
    }

    /// The titles in Chinese.
    fn titles(&mut self, seconds: u64, status: &NodeStatus) -> Vec<String> {
        let due = self.at(seconds, status).into_iter();
        due.map(|one| one.title.in_language(Language::Chinese))
            .collect()
    }
}

fn kicked(name: &str) -> AccountStatus {
    let state = CoreState::Braked {
        reason: CoreBrake::KickedAgain,
        cause: None,
        last_lines: Vec::new(),
    };
    core_account(name, state, false)
}

fn starting(name: &str) -> AccountStatus {
    let phase = CorePhase::Session;
    core_account(name, CoreState::Starting { phase }, false)
}

#[test]
fn a_kick_is_told_once_and_the_return_too() {
    let mut trial = Trial::new();
    let fine = node([account("main", true)]);
    assert!(trial.at(0, &fine).is_empty());
    let due = trial.at(1, &node([kicked("main")]));
    let [due] = due.as_slice() else {
        panic!("one: {due:?}");
    };
    assert_eq!(due.title.in_language(Language::English), "main · Kicked");
    assert_eq!(due.page, "/accounts/main/login");
    let button = due.button.as_ref().expect("a button");
    assert_eq!(button.word.in_language(Language::Chinese), "重新登录");
    assert!(trial.at(2, &node([kicked("main")])).is_empty());
    let back = trial.at(1 + 21 * 60, &fine);
    let [back] = back.as_slice() else {
        panic!("one: {back:?}");
    };
    assert_eq!(back.title.in_language(Language::Chinese), "main 恢复在线");
    let body = back.body.as_ref().expect("a body");
    assert!(body.in_language(Language::Chinese).contains("21 分钟"));
    assert!(trial.at(2000, &fine).is_empty());
}

#[test]
fn the_same_of_the_same_account_is_told_once_in_ten_minutes() {
    let mut trial = Trial::new();
    assert_eq!(trial.titles(0, &node([kicked("a")])).len(), 1);
    // Somebody logs in again, and it is kicked again.
    assert!(trial.titles(60, &node([starting("a")])).is_empty());
    assert!(trial.titles(120, &node([kicked("a")])).is_empty());
    assert!(trial.titles(500, &node([starting("a")])).is_empty());
    assert_eq!(trial.titles(601, &node([kicked("a")])).len(), 1);
}

#[test]
fn what_came_too_soon_after_the_same_is_told_once_ten_minutes_are_over() {
    let mut trial = Trial::new();
    let out = node([kicked("a")]);
    assert_eq!(trial.titles(0, &out).len(), 1);
    let back = trial.titles(120, &node([account("a", true)]));
    assert_eq!(back, ["a 恢复在线"]);
    assert!(trial.titles(300, &out).is_empty());
    assert!(trial.titles(595, &out).is_empty());
    assert_eq!(trial.titles(600, &out), ["a · 被踢下线"]);
    assert!(trial.titles(5000, &out).is_empty());
}

#[test]
fn what_quiet_hours_hold_back_is_told_when_they_are_over() {
    let mut trial = Trial::new();
    trial.preferences.quiet_hours = Some(QuietHours {
        from_minute: 0,
        to_minute: 8 * 60,
    });
    let out = node([kicked("a")]);
    trial.minute = 2 * 60;
    assert!(trial.titles(0, &out).is_empty());
    trial.minute = 8 * 60;
    assert_eq!(trial.titles(6 * 3600, &out), ["a · 被踢下线"]);
    assert!(trial.titles(6 * 3600 + 5, &out).is_empty());
    let back = trial.at(6 * 3600 + 10, &node([account("a", true)]));
    let body = back[0].body.as_ref().expect("a body");
    let body = body.in_language(Language::Chinese);
    assert!(body.contains("6 小时"), "since it began: {body}");
}

#[test]
fn an_outage_that_was_not_told_has_no_return() {
    let mut trial = Trial::new();
    trial.looked_at = Some("/accounts/a/login");
    assert!(trial.titles(0, &node([kicked("a")])).is_empty());
    trial.looked_at = None;
    assert!(trial.titles(10, &node([account("a", true)])).is_empty());
}

#[test]
fn nobody_is_told_of_the_page_before_them_but_of_others() {
    let mut trial = Trial::new();
    trial.looked_at = Some("/accounts/ab");
    let both = node([kicked("a"), kicked("ab")]);
    assert_eq!(trial.titles(0, &both), ["a · 被踢下线"]);
}

#[test]
fn more_than_three_in_a_minute_become_one() {
    let mut trial = Trial::new();
    let names = ["a", "b", "c", "d", "e"];
    assert_eq!(trial.titles(0, &node([kicked("a"), kicked("b")])).len(), 2);
    let all = node(names.map(kicked));
    assert_eq!(trial.titles(30, &all), ["5 个账号离线，需要你处理"]);
    let mut later = Trial::new();
    assert_eq!(
        later
            .titles(0, &node([kicked("a"), kicked("b"), kicked("c")]))
            .len(),
        3
    );
    let four = node([kicked("a"), kicked("b"), kicked("c"), kicked("d")]);
    assert_eq!(later.titles(61, &four), ["d · 被踢下线"]);
}

#[test]
fn kinds_and_quiet_hours_are_kept_even_over_midnight() {
    let mut trial = Trial::new();
    trial.preferences.quiet_hours = Some(QuietHours {
        from_minute: 23 * 60,
        to_minute: 7 * 60,
    });
    for (minute, told) in [
        (22 * 60 + 59, 1),
        (23 * 60, 0),
        (6 * 60 + 59, 0),
        (7 * 60, 1),
    ] {
        trial.rules = NotificationRules::default();
        trial.minute = minute;
        assert_eq!(
            trial.titles(0, &node([kicked("a")])).len(),
            told,
            "{minute}"
        );
    }
    let mut trial = Trial::new();
    trial.preferences.kinds = vec![NotificationKind::ScanNeeded];
    assert!(trial.titles(0, &node([kicked("a")])).is_empty());
}

#[test]
fn what_goes_on_by_itself_is_told_to_nobody() {
    let mut trial = Trial::new();
    let reason = String::from("x");
    let kicked = core_account("a", CoreState::KickedOffline { reason }, false);
    for status in [node([starting("a")]), node([kicked])] {
        assert!(trial.titles(0, &status).is_empty());
    }
}
