//! Kept logins while the clock is set: the last one is the last one that was made.

use std::fs;
use std::time::{Duration, SystemTime};

use perpetua_lagrange::{AccountFolder, LoginFile, Mended, SessionBackup};
use proptest::prelude::*;

use crate::logins::{DEVICE, Logins, session};

/// How many copies are kept.
const MOST_KEPT: usize = 3;

impl Logins {
    /// Somebody logs in, and the login is kept.
    fn keep(&self, number: usize, now: SystemTime) -> String {
        self.put(session(number), DEVICE);
        self.backup.keep(now).expect("kept").name
    }

    /// Which login comes back when the file is gone.
    fn restored(&self, now: SystemTime) -> String {
        let _gone = fs::remove_file(self.account.keystore_file());
        self.backup.restore(None, now).expect("restored");
        self.session()
    }

    fn session(&self) -> String {
        fs::read_to_string(self.account.keystore_file()).expect("session")
    }

    /// Gives a copy another name.
    fn rename(&self, name: &str, to: &str) {
        let path = |name: &str| self.copies().join(format!("{name}.sealed"));
        fs::rename(path(name), path(to)).expect("renamed");
    }

    /// Gives a copy the name that an older program would have given it at this time.
    fn age(&self, name: &str, time: SystemTime) {
        let stamp = jiff::Timestamp::try_from(time).expect("in range");
        self.rename(name, &stamp.strftime("login-%Y%m%dT%H%M%SZ").to_string());
    }
}

/// What a clock may say: 1970, years ahead, hours and days around today.
fn clock() -> impl Strategy<Value = SystemTime> {
    let today = 1_763_000_000_i64;
    prop_oneof![
        Just(0_i64),
        (-10_800..10_800_i64).prop_map(move |jump| today + jump),
        (-30..30_i64).prop_map(move |days| today + days * 86_400),
        (0..4_000_000_000_i64),
    ]
    .prop_map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()))
}

/// What may happen to a login and its copies.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody logs in with another session, which is kept.
    Keep,
    /// The login that is there already is kept once more, as at each start.
    KeepAgain,
    /// The session is gone, and the last copy is asked for.
    Restore,
    /// One of the copies is asked for by its name.
    RestoreNamed(prop::sample::Index),
    /// The session is cut, and a start mends it.
    MendSession,
    /// The device is cut, and a start mends it.
    MendDevice,
    /// Another run of the node.
    Reopen,
    /// Everything is forgotten.
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Keep),
        1 => Just(Step::KeepAgain),
        2 => Just(Step::Restore),
        2 => any::<prop::sample::Index>().prop_map(Step::RestoreNamed),
        1 => Just(Step::MendSession),
        1 => Just(Step::MendDevice),
        1 => Just(Step::Reopen),
        1 => Just(Step::Forget),
    ]
}

/// The logins that were made, and which of them are kept, the last one first.
#[derive(Default)]
struct Model {
    made: usize,
    kept: Vec<usize>,
    /// The login that is there.
    present: Option<usize>,
}

impl Model {
    fn keep(&mut self, number: usize) {
        self.present = Some(number);
        if self.kept.first() != Some(&number) {
            self.kept.insert(0, number);
            self.kept.truncate(MOST_KEPT);
        }
    }

    fn take(&mut self, logins: &mut Logins, step: &Step, now: SystemTime) {
        match step {
            Step::Keep => {
                self.made += 1;
                logins.keep(self.made, now);
                self.keep(self.made);
            }
            Step::KeepAgain => {
                if let Some(number) = self.present {
                    logins.keep(number, now);
                    self.keep(number);
                }
            }
            Step::Restore if self.kept.is_empty() => {
                logins.backup.restore(None, now).expect_err("no copy");
            }
            Step::Restore => {
                assert_eq!(logins.restored(now), session(self.kept[0]));
                self.present = Some(self.kept[0]);
            }
            Step::RestoreNamed(which) => self.restore_named(logins, *which, now),
            Step::MendSession => self.mend_session(logins, now),
            Step::MendDevice => self.mend_device(logins, now),
            Step::Reopen => {
                let account = AccountFolder::new(logins.account.path());
                logins.backup = SessionBackup::new(account, "main", logins.secrets.clone());
            }
            Step::Forget => {
                logins.backup.forget().expect("forgotten");
                (self.kept, self.present) = (Vec::new(), None);
            }
        }
    }

    fn restore_named(&mut self, logins: &Logins, which: prop::sample::Index, now: SystemTime) {
        let Some(place) = (!self.kept.is_empty()).then(|| which.index(self.kept.len())) else {
            return;
        };
        let copies = logins.backup.list(now).expect("copies");
        logins
            .backup
            .restore(Some(&copies[place].name), now)
            .expect("restored");
        self.present = Some(self.kept[place]);
    }

    fn mend_session(&mut self, logins: &Logins, now: SystemTime) {
        logins.put("{", DEVICE);
        let mended = logins.backup.mend(None, now).expect("mended");
        self.present = self.kept.first().copied();
        let is_restored = matches!(mended[..], [Mended::Restored(LoginFile::Session, _)]);
        assert_eq!(is_restored, self.present.is_some(), "{mended:?}");
    }

    fn mend_device(&self, logins: &Logins, now: SystemTime) {
        let (Some(number), false) = (self.present, self.kept.is_empty()) else {
            return;
        };
        logins.put(session(number), "");
        logins.backup.mend(None, now).expect("mended");
        assert_eq!(logins.login()[1].as_deref(), Some(DEVICE));
    }

    fn compare(&self, logins: &Logins, now: SystemTime) {
        assert_eq!(logins.login()[0], self.present.map(session));
        let copies = logins.backup.list(now).expect("copies");
        assert_eq!(copies.len(), self.kept.len(), "{copies:?}");
        let newest = logins.backup.newest(now).expect("looked");
        assert_eq!(newest.is_some(), !self.kept.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_last_login_that_was_made_comes_back_whatever_happens_between_and_the_clock_says(
        steps in prop::collection::vec((step(), clock(), clock()), 1..20),
        end in clock(),
    ) {
        let (mut logins, mut model) = (Logins::new(), Model::default());
        for (step, now, later) in steps {
            model.take(&mut logins, &step, now);
            model.compare(&logins, later);
        }
        if let Some(last) = model.kept.first() {
            prop_assert_eq!(logins.restored(end), session(*last));
        }
    }

    /// An older program has kept some under their time alone, perhaps with a clock that was wrong.
    #[test]
    fn a_login_that_is_made_now_is_later_than_those_of_an_older_program(
        former in prop::collection::vec(clock(), 1..3),
        now in clock(),
        later in clock(),
    ) {
        let logins = Logins::new();
        for (number, time) in former.iter().enumerate() {
            let name = logins.keep(number, *time);
            // Two of one second would have one name.
            logins.age(&name, *time + Duration::from_secs(number as u64));
        }
        logins.keep(7, now);
        prop_assert_eq!(logins.restored(later), session(7));
        logins.keep(8, now);
        prop_assert_eq!(logins.restored(later), session(8));
    }

    /// However far the number of a copy is: by hand, or by a damaged folder.
    #[test]
    fn after_a_copy_of_any_number_the_next_ones_are_later(
        number in prop_oneof![
            (0..20_usize).prop_map(|nines| format!("{}9", "9".repeat(nines))),
            (0..20_usize, 1..9_u8).prop_map(|(zeros, digit)| format!("{digit}{}", "0".repeat(zeros))),
            (0..3_u64).prop_map(|less| (u64::MAX - less).to_string()),
            (0..3_u128).prop_map(|more| (u128::from(u64::MAX) + more).to_string()),
            (0..3_u128).prop_map(|less| (u128::MAX - less).to_string()),
        ],
        clocks in prop::collection::vec((clock(), clock()), 1..5),
    ) {
        let logins = Logins::new();
        let name = logins.keep(0, clocks[0].1);
        let (_, time) = name.rsplit_once('-').expect("a time");
        logins.rename(&name, &format!("login-{number}-{time}"));
        for (made, (now, later)) in (1..).zip(&clocks) {
            logins.keep(made, *now);
            prop_assert_eq!(logins.restored(*later), session(made), "{}", number);
            let copies = logins.backup.list(*later).expect("copies");
            prop_assert_eq!(copies.len(), MOST_KEPT.min(made + 1), "{:?}", copies);
        }
    }
}

#[test]
fn of_copies_that_have_a_time_only_one_from_the_future_is_the_oldest() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_000_000);
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let logins = Logins::new();
    let times = [now + days(20), now - days(9), now - days(1)];
    for (number, time) in times.into_iter().enumerate() {
        let name = logins.keep(number, time);
        logins.age(&name, time);
    }
    assert_eq!(logins.restored(now), session(2));
    // It is the first that is dropped, and not one that keeps its place for twenty days.
    logins.keep(3, now);
    for name in logins.backup.list(now).expect("copies") {
        logins.backup.restore(Some(&name.name), now).expect("opens");
        assert_ne!(logins.session(), session(0));
    }
    // Once its time has come, it is as old as it says.
    assert_eq!(logins.restored(now + days(30)), session(3));
}
