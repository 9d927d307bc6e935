//! Any order of installing, choosing, removing, crashing, hanging and killing, over two accounts with a machine each
//! and one folder of versions on a real disk: no version that runs or was the last online is ever missing, and at the end
//! each account is online that can be.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

use perpetua_fetch::{
    Fetcher, FetcherOptions, Install, InstallError, InstallOutcome, Proxy, ReleaseSource, Sha256,
    VersionLease, Versions, VersionsError,
};
use perpetua_lifecycle::{
    CoreChange, Exit, ExitCause, Generation, InstallProblem, LaunchFailure, Lifecycle,
    LifecycleEffect, LifecycleEvent, LifecyclePolicy, LifecycleState, Reading, RollBackEnd,
};
use perpetua_words::Message;
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::watch};
use tokio_util::sync::CancellationToken;

const ACCOUNTS: [&str; 2] = ["main", "other"];
const WHO: u64 = 10001;

/// What becomes of each start of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Works,
    Crashes,
    CrashesOnline,
    Hangs,
}

#[derive(Clone, Debug)]
enum Step {
    /// What becomes of the starts of each account.
    Install([Fate; 2]),
    /// A file that was installed before; whether a person insists when they hear that it was rolled back.
    Again(usize, bool),
    Use(usize),
    UsePrevious,
    Remove(usize),
    Restart(usize),
    /// Another program kills the core.
    Die(usize),
    Stop(usize),
    KillNode,
    Pass(u64),
}

struct Process {
    generation: Generation,
    version: String,
    _lease: VersionLease,
}

struct Account {
    name: &'static str,
    machine: Lifecycle,
    process: Option<Process>,
    last_online: Option<String>,
}

struct Walk {
    runtime: Runtime,
    folder: TempDir,
    versions: Versions,
    now: Instant,
    accounts: [Account; 2],
    fates: BTreeMap<Sha256, [Fate; 2]>,
    /// With which versions each account has stayed online.
    lasted: [BTreeSet<String>; 2],
    files: Vec<PathBuf>,
    were_online: BTreeSet<String>,
    waiting: VecDeque<(usize, LifecycleEffect)>,
}

fn account(name: &'static str) -> Account {
    Account {
        name,
        machine: Lifecycle::new(LifecyclePolicy::default(), 7),
        process: None,
        last_online: None,
    }
}

impl Walk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            runtime: Runtime::new().expect("a runtime"),
            versions: Versions::open(&folder.path().join("core")).expect("a folder"),
            folder,
            now: Instant::now(),
            accounts: ACCOUNTS.map(account),
            fates: BTreeMap::new(),
            lasted: [BTreeSet::new(), BTreeSet::new()],
            files: Vec::new(),
            were_online: BTreeSet::new(),
            waiting: VecDeque::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Install(fates) => {
                let number = self.files.len();
                let folder = self.folder.path().join(format!("release-{number}"));
                std::fs::create_dir(&folder).expect("a folder");
                let name = perpetua_fetch::Platform::detect().program();
                let program = format!("{fates:?} {number}");
                std::fs::write(folder.join(name), &program).expect("a program");
                self.fates.insert(Sha256::of(program.as_bytes()), fates);
                self.files.push(folder.join(name));
                self.install(number, false);
            }
            Step::Again(number, insists) if !self.files.is_empty() => {
                self.install(number % self.files.len(), insists);
            }
            Step::Use(number) => {
                let id = self.installed(number);
                let used = id.and_then(|id| self.versions.use_version(&id).ok());
                self.chosen(used);
            }
            Step::UsePrevious => {
                let used = self.versions.roll_back().ok();
                self.chosen(used);
            }
            Step::Remove(number) => {
                if let Some(id) = self.installed(number) {
                    let _refused_perhaps = self.versions.remove(&id);
                }
            }
            Step::Restart(number) => self.tell(number, LifecycleEvent::RestartWanted),
            Step::Stop(number) => self.tell(number, LifecycleEvent::StopWanted),
            Step::Die(number) => self.end(number, ExitCause::Killed),
            Step::KillNode => self.kill_node(),
            Step::Pass(seconds) => self.pass(Duration::from_secs(seconds)),
            Step::Again(..) => {}
        }
        self.check();
    }

    fn installed(&self, number: usize) -> Option<String> {
        let all = self.versions.list().expect("a record");
        let place = number.checked_rem(all.len())?;
        Some(all[place].id.clone())
    }

    fn install(&mut self, number: usize, insists: bool) {
        let path = self.files[number].clone();
        let sha256 = Sha256::of_file(&path).expect("a file");
        let fetcher = Fetcher::new(FetcherOptions {
            sources: vec![ReleaseSource::Local { path }],
            proxy: Proxy::Direct,
            ..FetcherOptions::default()
        });
        let fetcher = fetcher.expect("a fetcher");
        let install = Install {
            fetcher: &fetcher,
            versions: &self.versions,
            accept: Some(sha256),
            progress: &watch::Sender::default(),
            cancel: &CancellationToken::new(),
            observe: &|_| {},
        };
        let trial = |_| async { Ok(None) };
        let outcome = self.runtime.block_on(async {
            match install.run(trial).await {
                Err(InstallError::Unconfirmed {
                    rolled_back: Some(_),
                    ..
                }) if insists => install.run(trial).await.map(Some),
                Err(InstallError::Unconfirmed { .. }) => Ok(None),
                done => done.map(Some),
            }
        });
        match outcome.expect("installed") {
            None => {}
            Some(InstallOutcome::Present(version)) => self.chosen(Some(version)),
            Some(InstallOutcome::New(version)) => {
                let version = version.id;
                for lasted in &mut self.lasted {
                    lasted.remove(&version);
                }
                self.tell_all(&CoreChange::Installed { version });
            }
        }
    }

    fn chosen(&mut self, version: Option<perpetua_fetch::Installed>) {
        if let Some(version) = version {
            let version = version.id;
            self.tell_all(&CoreChange::Chosen { version });
        }
    }

    /// Its processes die with it; what the next one knows stands on the disk.
    fn kill_node(&mut self) {
        let last = self.accounts.each_ref().map(|one| one.last_online.clone());
        self.accounts = ACCOUNTS.map(account);
        for (account, last) in self.accounts.iter_mut().zip(last) {
            account.last_online = last;
        }
        self.waiting.clear();
        let folder = self.folder.path().join("core");
        self.versions = Versions::open(&folder).expect("opened again");
        for number in 0..ACCOUNTS.len() {
            self.tell(number, LifecycleEvent::StartWanted);
        }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let dues = self.accounts.iter().enumerate();
            let dues =
                dues.filter_map(|(number, one)| Some((one.machine.next_deadline()?, number)));
            let Some((due, number)) = dues.min().filter(|(due, _)| *due <= end) else {
                break;
            };
            self.now = self.now.max(due);
            let effects = self.accounts[number].machine.tick(self.now);
            self.perform(number, effects);
        }
        self.now = end;
    }

    fn tell_all(&mut self, change: &CoreChange) {
        for number in 0..ACCOUNTS.len() {
            self.tell(number, LifecycleEvent::CoreChanged(change.clone()));
        }
    }

    fn tell(&mut self, number: usize, event: LifecycleEvent) {
        let effects = self.accounts[number].machine.handle(event, self.now);
        self.perform(number, effects);
    }

    fn perform(&mut self, number: usize, effects: Vec<LifecycleEffect>) {
        let is_first = self.waiting.is_empty();
        self.waiting
            .extend(effects.into_iter().map(|effect| (number, effect)));
        // What an effect leads to comes after what was wanted before it.
        while is_first && let Some((number, effect)) = self.waiting.front().cloned() {
            self.carry_out(number, effect);
            self.waiting.pop_front();
        }
    }

    fn carry_out(&mut self, number: usize, effect: LifecycleEffect) {
        match effect {
            LifecycleEffect::Launch(generation) => self.launch(number, generation),
            LifecycleEffect::CallOff(generation) => {
                let called_off = LaunchFailure::CalledOff;
                self.tell(number, LifecycleEvent::LaunchFailed(generation, called_off));
            }
            LifecycleEffect::Stop(_) | LifecycleEffect::Kill(_) => {
                self.end(number, ExitCause::Ended);
            }
            LifecycleEffect::Install => {
                let problem = InstallProblem::NotAllowed;
                self.tell(number, LifecycleEvent::InstallFailed(problem));
            }
            LifecycleEffect::RollBack { from, why } => self.roll_back(number, &from, &why),
            LifecycleEffect::NoteOnline { version, lasted } => {
                let account = &mut self.accounts[number];
                let noted = self.versions.note_online(&version, account.name, lasted);
                noted.expect("noted");
                account.last_online = Some(version.clone());
                if lasted {
                    self.lasted[number].insert(version.clone());
                }
                self.were_online.insert(version);
            }
            _ => {}
        }
    }

    fn current(&self) -> Option<String> {
        let current = self.versions.current().expect("a record");
        current.map(|version| version.id)
    }

    /// What keeps the other account online is not taken from it.
    fn roll_back(&mut self, number: usize, from: &str, why: &Message) {
        let other = 1 - number;
        let was_current = self.current().as_deref() == Some(from);
        let was_last = self.accounts[other].last_online.as_deref() == Some(from);
        let (account, now) = (self.accounts[number].name, SystemTime::now());
        let back = self.versions.roll_back_from(from, account, why, now);
        if was_current && was_last && self.lasted[other].contains(from) {
            assert_eq!(self.current().as_deref(), Some(from), "it is taken away");
        }
        let end = match back {
            Ok(Some(version)) => {
                let version = version.id;
                self.tell_all(&CoreChange::RolledBack { version });
                RollBackEnd::Done
            }
            Ok(None) | Err(VersionsError::NothingBefore) => RollBackEnd::Stays,
            Err(_) => RollBackEnd::Failed,
        };
        self.tell(number, LifecycleEvent::RolledBack(end));
    }

    fn launch(&mut self, number: usize, generation: Generation) {
        let Some(current) = self.versions.current().expect("a record") else {
            let none = LaunchFailure::NoCore;
            return self.tell(number, LifecycleEvent::LaunchFailed(generation, none));
        };
        let account = &mut self.accounts[number];
        let is_on_trial = self.versions.is_on_trial(&current.id, account.name);
        account.process = Some(Process {
            generation,
            version: current.id.clone(),
            _lease: self.versions.lease(&current.id),
        });
        self.versions.verify(&current.id).expect("whole");
        self.tell(
            number,
            LifecycleEvent::Launched {
                generation,
                version: current.id,
                asks_signer: false,
                is_on_trial: is_on_trial.expect("a record"),
            },
        );
        let fate = self.fates[&current.sha256][number];
        if fate == Fate::Works || fate == Fate::CrashesOnline {
            for event in [
                LifecycleEvent::Read(generation, Reading::SessionTried),
                LifecycleEvent::Read(generation, Reading::LoggedIn(WHO)),
                LifecycleEvent::LinkOpened(generation),
            ] {
                self.tell(number, event);
            }
        }
        if fate == Fate::Crashes || fate == Fate::CrashesOnline {
            self.end(number, ExitCause::Crashed("oops".into()));
        }
    }

    fn end(&mut self, number: usize, cause: ExitCause) {
        if let Some(process) = self.accounts[number].process.take() {
            let exited = LifecycleEvent::Exited {
                generation: process.generation,
                exit: Exit {
                    code: None,
                    signal: Some(6),
                    cause,
                },
                last_lines: [].into(),
            };
            self.tell(number, exited);
        }
    }

    fn check(&self) {
        let all = self.versions.list().expect("a record");
        for account in &self.accounts {
            let runs = account.process.as_ref().map(|process| &process.version);
            for id in runs.into_iter().chain(&account.last_online) {
                let found = all.iter().find(|version| version.id == *id);
                let found = found.unwrap_or_else(|| panic!("{}: {id} is missing", account.name));
                assert!(found.program.is_file(), "{}: {id} is gone", account.name);
            }
        }
    }

    /// Whether there is a version with which all accounts can be online, and that is found: the current one, or one that
    /// was online before. What one account has come to with a version that is another's is its own.
    fn can_be_online(&self) -> bool {
        if self.fates.values().any(|fates| fates[0] != fates[1]) {
            return false;
        }
        let current = self.versions.current().expect("a record");
        let all = self.versions.list().expect("a record");
        all.iter().any(|version| {
            let is_current = current.as_ref() == Some(version);
            let works = self.fates[&version.sha256] == [Fate::Works; 2];
            works && (is_current || self.were_online.contains(&version.id))
        })
    }

    fn settles(&mut self) {
        for _ in 0..6 {
            for number in 0..ACCOUNTS.len() {
                self.tell(number, LifecycleEvent::StartWanted);
            }
            self.pass(Duration::from_mins(20));
            self.check();
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        3 => Just(Fate::Works),
        1 => Just(Fate::Crashes),
        1 => Just(Fate::CrashesOnline),
        1 => Just(Fate::Hangs),
    ]
}

fn fates() -> impl Strategy<Value = [Fate; 2]> {
    prop_oneof![
        2 => fate().prop_map(|fate| [fate; 2]),
        1 => [fate(), fate()],
    ]
}

fn step(of_one_kind: bool) -> impl Strategy<Value = Step> {
    let account = 0..ACCOUNTS.len();
    prop_oneof![
        4 => fates().prop_map(move |fates| Step::Install(if of_one_kind { [fates[0]; 2] } else { fates })),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(number, insists)| Step::Again(number, insists)),
        2 => any::<usize>().prop_map(Step::Use),
        1 => Just(Step::UsePrevious),
        2 => any::<usize>().prop_map(Step::Remove),
        4 => account.clone().prop_map(Step::Restart),
        2 => account.clone().prop_map(Step::Die),
        1 => account.prop_map(Step::Stop),
        1 => Just(Step::KillNode),
        4 => (1..200_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_order_takes_away_what_works(
        steps in prop_oneof![
            prop::collection::vec(step(true), 1..40),
            prop::collection::vec(step(false), 1..40),
        ],
    ) {
        let mut walk = Walk::new();
        for step in &steps {
            walk.step(step);
        }
        let can_be = walk.can_be_online();
        walk.settles();
        let online = walk.accounts.each_ref().map(|one| one.machine.state().is_online());
        prop_assert!(!can_be || online == [true; 2], "{:?}", walk.accounts.each_ref().map(|one| one.machine.state().clone()));
        if let Some(current) = walk.versions.current().expect("a record") {
            for (number, online) in online.into_iter().enumerate() {
                let works = walk.fates[&current.sha256][number] == Fate::Works;
                prop_assert!(!works || online, "{}: {:?}", walk.accounts[number].name, walk.accounts[number].machine.state());
            }
        }
        // And none that runs is anything else than what is told.
        for account in &walk.accounts {
            let runs = account.process.is_some();
            prop_assert!(runs || !account.machine.state().is_online());
            let is_stopped = matches!(account.machine.state(), LifecycleState::Stopped);
            prop_assert!(!is_stopped, "it is wanted");
        }
    }
}

/// One account has been online for long with the new version; the other one takes it later, and fails with it.
#[test]
fn what_one_account_fails_with_stays_the_version_of_the_other() {
    for fails in [Fate::Crashes, Fate::CrashesOnline, Fate::Hangs] {
        let mut walk = Walk::new();
        for step in [
            Step::Install([Fate::Works; 2]),
            Step::Restart(0),
            Step::Restart(1),
            Step::Pass(100),
            Step::Install([fails, Fate::Works]),
            Step::Restart(1),
            Step::Pass(100),
        ] {
            walk.step(&step);
        }
        let new = walk.current();
        walk.step(&Step::Restart(0));
        walk.step(&Step::Pass(2000));
        assert_eq!(walk.current(), new, "{fails:?}");
        let version = walk.versions.current().expect("a record").expect("one");
        let told = walk.versions.rolled_back(version.sha256);
        assert_eq!(told.expect("a record"), None, "{fails:?}");
        walk.step(&Step::Restart(1));
        walk.step(&Step::Pass(100));
        let is_online = |number: usize| walk.accounts[number].machine.state().is_online();
        assert!(is_online(1) && !is_online(0), "{fails:?}");
    }
}
