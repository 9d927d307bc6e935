//! Names that change hands in any way, over several settings and starts, each of which may end at any moment or have a disk
//! that refuses something: what is an account's is in the end where the account is, and nothing is lost.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use perpetua_accounts::PortRegistry;
use perpetua_config::Config;
use perpetua_fs::{
    Folders,
    faults::{DiskFault, FaultyDisk},
};
use perpetua_secrets::{Secret, SecretBackend, SecretError, SecretStore};
use perpetua_words::Message;
use proptest::{prelude::*, sample::subsequence};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{config, managed, session, uin_of};
use crate::renames::{Belonging, Carriage, Register, carry::Stores, orphans::session_of};

const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "a-2"];
/// Accounts that ran at first; the number of each is its place in line and one.
const FIRST: usize = 4;

/// Other settings, and the starts with them.
#[derive(Clone, Debug)]
struct Round {
    /// The name of each account.
    names: Vec<&'static str>,
    /// Those that are taken out.
    gone: Vec<usize>,
    /// After each, the node may run and see other settings, if it was not killed.
    starts: Vec<(Start, bool)>,
}

/// How a start ends before everything has come along.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// It is killed after so many things.
    Killed(usize),
    /// One thing fails after so many others, and all goes on.
    Stumbles(usize),
    /// There is no keyring while it runs.
    KeyringAbsent,
    /// The disk refuses this.
    Refused(DiskFault, Part),
}

/// What a disk may refuse.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// `accounts.json`.
    Accounts,
    /// `state.json`.
    State,
    /// The folder of this account; what is in its place may have been moved away.
    FolderOf(&'static str),
}

impl Part {
    fn path(self, folders: &Folders) -> String {
        let path = match self {
            Self::Accounts => folders.known_accounts(),
            Self::State => folders.state(),
            Self::FolderOf(name) => folders.account(name),
        };
        path.display().to_string()
    }
}

impl Start {
    fn fate(self) -> Fate {
        let (steps, goes_on) = match self {
            Self::Killed(steps) => (steps, false),
            Self::Stumbles(steps) => (steps, true),
            Self::KeyringAbsent | Self::Refused(..) => (usize::MAX, true),
        };
        Fate { steps, goes_on }
    }
}

/// What may still be done before something fails. A cheap clone.
#[derive(Clone, Debug, Default)]
struct Life(Arc<Mutex<Fate>>);

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fate {
    steps: usize,
    /// All goes on after that.
    goes_on: bool,
}

impl Life {
    fn begin(&self, fate: Fate) {
        *self.0.lock().expect("not poisoned") = fate;
    }

    /// One more thing, if it has come to that.
    fn step(&self) -> Result<(), SecretError> {
        let mut fate = self.0.lock().expect("not poisoned");
        if let Some(left) = fate.steps.checked_sub(1) {
            fate.steps = left;
            return Ok(());
        }
        if fate.goes_on {
            fate.steps = usize::MAX;
        }
        let reason = "killed".to_owned();
        Err(SecretError::Keyring { reason })
    }

    fn told(&self) -> Result<(), Message> {
        self.step().map_err(|error| Message::from(&error))
    }
}

/// Secrets whose process may be killed between any two calls, or has no keyring.
#[derive(Clone, Debug, Default)]
struct Mortal {
    life: Life,
    is_absent: Arc<AtomicBool>,
    kept: Arc<Mutex<BTreeMap<String, Secret>>>,
}

impl Mortal {
    fn step(&self) -> Result<(), SecretError> {
        if self.is_absent.load(Ordering::Relaxed) {
            let reason = "no keyring".to_owned();
            return Err(SecretError::KeyringAbsent { reason });
        }
        self.life.step()
    }
}

impl SecretBackend for Mortal {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        self.step()?;
        Ok(self.kept.lock().expect("not poisoned").get(name).cloned())
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        self.step()?;
        let mut kept = self.kept.lock().expect("not poisoned");
        kept.insert(name.to_owned(), secret.clone());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.step()?;
        self.kept.lock().expect("not poisoned").remove(name);
        Ok(())
    }
}

/// A data folder, its keyring, and which core each account needs.
pub(super) struct Disk {
    folder: TempDir,
    keyring: Mortal,
    cores: RefCell<BTreeMap<String, String>>,
}

impl Disk {
    /// Each account has run with all that is its own.
    pub(super) fn new(names: &[&str]) -> Self {
        let disk = Self {
            folder: tempfile::tempdir().expect("a folder"),
            keyring: Mortal::default(),
            cores: RefCell::default(),
        };
        let mut ports = BTreeMap::new();
        for (number, name) in (1_u16..).zip(names) {
            session(disk.folder.path(), name, uin_of(number));
            let own = Secret::new(&format!("secret-of-{number}")).expect("a secret");
            for secret in secrets(name) {
                let mut kept = disk.keyring.kept.lock().expect("not poisoned");
                kept.insert(secret, own.clone());
            }
            ports.insert(format!("{name}/bot"), number);
            let mut cores = disk.cores.borrow_mut();
            cores.insert((*name).to_owned(), number.to_string());
        }
        let state = json!({ "clients": ports, "upstreams": {} }).to_string();
        fs::write(disk.folders().state(), state).expect("written");
        disk
    }

    pub(super) fn folders(&self) -> Folders {
        Folders::at(self.folder.path()).expect("a folder")
    }

    pub(super) fn secrets(&self) -> SecretStore {
        SecretStore::own(self.keyring.clone())
    }

    /// Starts with these settings, and nothing fails.
    pub(super) fn start_well(&self, config: &Config) {
        self.start(config, Start::Killed(usize::MAX));
    }

    /// Starts with these settings while the disk refuses this.
    pub(super) fn start_refused(&self, config: &Config, fault: DiskFault, part: Part) {
        self.start(config, Start::Refused(fault, part));
    }

    /// The settings are noted as they are while accounts run, which have folders then.
    pub(super) fn live(&self, config: &Config) {
        let folders = self.folders();
        for account in &config.accounts {
            let folder = folders.account(account.name.as_str());
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("core.log"), "").expect("written");
        }
        Register::read(&folders).remember(config, &folders);
    }

    /// Starts with these settings; all is well again after that.
    fn start(&self, config: &Config, start: Start) {
        let folders = self.folders();
        let faulty = FaultyDisk::under(self.folder.path());
        if let Start::Refused(fault, part) = start {
            faulty.fail(fault, &part.path(&folders));
        }
        let is_absent = matches!(start, Start::KeyringAbsent);
        self.keyring.is_absent.store(is_absent, Ordering::Relaxed);
        self.take_along(config, &folders, start.fate());
        self.keyring.is_absent.store(false, Ordering::Relaxed);
        self.keyring.life.begin(Start::KeyringAbsent.fate());
        faulty.mend();
    }

    fn take_along(&self, config: &Config, folders: &Folders, fate: Fate) {
        let life = &self.keyring.life;
        life.begin(fate);
        let mut register = Register::read(folders);
        if life.step().is_err() {
            return;
        }
        register.begin(config, folders);
        let secrets = self.secrets();
        let ports = PortRegistry::load(folders.state());
        let stores = Stores {
            folders,
            secrets: &secrets,
            ports: &ports,
        };
        for what in Belonging::ALL {
            register.carry(what, folders, |one| {
                life.told()?;
                let came = match what {
                    Belonging::Core => self.carry_core(one),
                    _ => stores.carry(what, one)?,
                };
                // It has come, and may not be noted any more.
                life.told()?;
                Ok(came)
            });
        }
        if life.step().is_ok() {
            register.remember(config, folders);
        }
    }

    fn carry_core(&self, one: &Carriage) -> &'static [Belonging] {
        let mut cores = self.cores.borrow_mut();
        if let Some(core) = cores.remove(&one.from) {
            cores.insert(one.to.clone(), core);
        }
        &[Belonging::Core]
    }

    /// What is there under this name; all of it is of the same account, or nothing is there.
    pub(super) fn whose(&self, name: &str) -> Vec<Option<String>> {
        let folders = self.folders();
        let kept = self.keyring.kept.lock().expect("not poisoned");
        let secret = |name: &String| {
            let secret = kept.get(name)?.expose();
            Some(secret.trim_start_matches("secret-of-").to_owned())
        };
        let state = fs::read(folders.state()).expect("readable");
        let state: Value = serde_json::from_slice(&state).expect("JSON");
        let port = state["clients"][format!("{name}/bot")].as_u64();
        let mut whose: Vec<_> = secrets(name).iter().map(secret).collect();
        whose.push(session_of(&folders, name).map(|who| (who - uin_of(0)).to_string()));
        whose.push(port.map(|port| port.to_string()));
        whose.push(self.cores.borrow().get(name).cloned());
        whose.dedup();
        whose
    }

    /// The names of all folders.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folders().accounts()).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names
            .map(|name| name.into_string().expect("UTF-8"))
            .collect()
    }
}

fn secrets(name: &str) -> [String; 3] {
    [
        format!("client/{name}/bot"),
        format!("upstream/{name}"),
        format!("account/{name}/backup-key"),
    ]
}

/// The settings of a round, with the numbers of all accounts that are not gone, or of none.
fn settings(round: &Round, gone: &[usize], are_named: bool) -> Config {
    let accounts = round.names.iter().enumerate();
    let accounts = accounts.filter(|(number, _)| !gone.contains(number));
    let uin = |number| are_named.then(|| u16::try_from(number + 1).expect("few"));
    let accounts: Vec<_> = accounts
        .map(|(number, name)| managed(name, uin(number)))
        .collect();
    config(&accounts)
}

fn round() -> impl Strategy<Value = Round> {
    let names = Just(NAMES.to_vec()).prop_shuffle();
    // The last ones are new accounts, or accounts that never logged in.
    let count = FIRST..=FIRST + 2;
    let gone = subsequence((0..FIRST).collect::<Vec<_>>(), 0..=1);
    let fault = prop::sample::select(vec![
        DiskFault::Full,
        DiskFault::ReadOnly,
        DiskFault::Unreadable,
    ]);
    let file = prop::sample::select(vec![Part::Accounts, Part::State]);
    let folder = prop::sample::select(NAMES.to_vec()).prop_map(Part::FolderOf);
    let start = prop_oneof![
        2 => (0_usize..60).prop_map(Start::Killed),
        2 => (1_usize..60).prop_map(Start::Stumbles),
        1 => Just(Start::KeyringAbsent),
        2 => (fault, file).prop_map(|(fault, file)| Start::Refused(fault, file)),
        1 => folder.prop_map(|folder| Start::Refused(DiskFault::ReadOnly, folder)),
    ];
    let starts = prop::collection::vec((start, any::<bool>()), 0..3);
    (names, count, gone, starts).prop_map(|(mut names, count, gone, starts)| {
        names.truncate(count);
        Round {
            names,
            gone,
            starts,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_an_accounts_is_where_the_account_is(
        are_named in any::<bool>(),
        mut first in round(),
        rounds in prop::collection::vec(round(), 1..4),
    ) {
        first.names.truncate(FIRST);
        let disk = Disk::new(&first.names);
        let folders = disk.folders();
        Register::read(&folders).remember(&settings(&first, &[], are_named), &folders);
        let mut gone = Vec::new();
        for (at, round) in rounds.iter().enumerate() {
            gone.extend(round.gone.iter().copied());
            let config = settings(round, &gone, true);
            for (start, lives) in &round.starts {
                disk.start(&config, *start);
                if *lives && !matches!(start, Start::Killed(_)) {
                    disk.live(&config);
                }
            }
            if at + 1 < rounds.len() {
                continue;
            }
            disk.start_well(&config);
            for number in 0..FIRST {
                let own = vec![Some((number + 1).to_string())];
                if gone.contains(&number) {
                    let is_kept = disk.names().iter().any(|name| disk.whose(name) == own);
                    prop_assert!(is_kept, "{number} is lost: {:?}", disk.names());
                } else {
                    prop_assert_eq!(disk.whose(round.names[number]), own);
                }
            }
            let mut hidden = disk.names().into_iter().filter(|name| name.starts_with('.'));
            let login = hidden.find(|name| session_of(&folders, name).is_some());
            prop_assert_eq!(login, None);
            let noted = fs::read_to_string(folders.known_accounts()).expect("readable");
            prop_assert!(!noted.contains("from"), "{noted}");
        }
    }
}
