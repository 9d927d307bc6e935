//! What is installed when the program ends, and how: an `AppImage` by ourselves, elsewhere by its installer.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use perpetua_node::NodePlace;
use perpetua_update::{Obtained, Package, Project};
use perpetua_words::{Message, update as words};
use tracing::{error, info};

use super::{Shared, UpdaterOptions, image};

/// Something to install once everything else of the program has ended.
#[derive(Debug)]
pub struct UpdateInstall {
    pub(super) project: Project,
    pub(super) package: Package,
    /// Where files of updates are.
    pub(super) folder: PathBuf,
    pub(super) obtained: Obtained,
    /// Which node the new version keeps.
    pub(super) place: NodePlace,
    /// The program goes on with the new version.
    pub(super) restart: bool,
}

/// Where files of updates are kept: beside an `AppImage`, so that one can take the place of the other, and
/// elsewhere in the data folder.
pub(super) fn folder(options: &UpdaterOptions) -> Option<PathBuf> {
    match &options.package {
        Package::Image(file) => image::folder(file),
        _ => Some(options.folders.as_ref()?.data().join("updates")),
    }
}

/// Why a person has to install newer versions; `None` where they need not. Blocks.
pub(super) fn by_hand(options: &UpdaterOptions) -> Option<Message> {
    match &options.package {
        Package::System => return Some(words::ByPackage.into()),
        Package::Other => return Some(words::ByHand.into()),
        Package::Image(file) => {
            if let Err(cause) = image::may_replace(file) {
                return Some(words::ImageFixed { cause, path: file }.into());
            }
        }
        Package::Nsis | Package::Msi => {}
    }
    options.project.key.is_none().then(|| words::NoKey.into())
}

impl UpdateInstall {
    pub(super) fn new(shared: &Shared, obtained: Obtained, restart: bool) -> Option<Self> {
        let options = &shared.options;
        Some(Self {
            project: options.project.clone(),
            package: options.package.clone(),
            folder: shared.folder.clone()?,
            obtained,
            place: options.place.clone(),
            restart,
        })
    }

    /// Installs it. The node has ended, and no core runs any more. Blocks, for as long as the new version needs
    /// until it is ready.
    pub fn carry_out(self) {
        let version = &self.obtained.version;
        info!(%version, restart = self.restart, "a newer version is being installed");
        let proven = self.prove(&self.obtained.path);
        let done = proven.and_then(|()| match &self.package {
            Package::Image(file) => image::replace(&self, file),
            _ => self.run_installer(),
        });
        match done {
            Ok(()) => info!(%version, "the newer version is in its place"),
            Err(cause) => {
                error!(%cause, %version, "the newer version is not installed");
                self.start_again();
            }
        }
    }

    /// The version that ran goes on, where one was to go on.
    fn start_again(&self) {
        if !self.restart {
            return;
        }
        let program = match &self.package {
            Package::Image(file) => Ok(file.clone()),
            _ => std::env::current_exe(),
        };
        let started = program.and_then(|program| image::spawn(image::command(self, &program)));
        match started {
            Ok(_goes_on) => info!("the version that ran before is started again"),
            Err(cause) => error!(%cause, "the version that ran before cannot be started again"),
        }
    }

    /// Whether it is still what was proven: others can write where it lay meanwhile.
    fn prove(&self, file: &Path) -> Result<(), Message> {
        let key = self.project.key.as_ref();
        let key = key.ok_or_else(|| Message::from(words::NoKey))?;
        self.obtained.prove(key, file).inspect_err(|_wrong| {
            let _stays_for_the_next_time = std::fs::remove_file(file);
        })
    }

    /// Starts the installer, which goes on when we have ended, and starts the new version if that is wanted.
    fn run_installer(&self) -> Result<(), Message> {
        let started = image::spawn(self.installer());
        started.map(drop).map_err(|cause| {
            let cause = Message::from(&cause);
            words::NotStarted { cause }.into()
        })
    }

    /// The installer as Tauri makes it: NSIS knows `/P` (progress only) and `/R` (starts the program after it),
    /// Windows' own `/passive` and `AUTOLAUNCHAPP`.
    fn installer(&self) -> Command {
        let file = &self.obtained.path;
        if self.package == Package::Msi {
            let mut command = Command::new("msiexec");
            command.arg("/i").arg(file).args(["/passive", "/norestart"]);
            if self.restart {
                command.arg("AUTOLAUNCHAPP=True");
            }
            return command;
        }
        let mut command = Command::new(file);
        command.args(["/P", "/UPDATE"]);
        if self.restart {
            command.arg("/R");
        }
        command
    }

    /// The arguments that name the node.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let named = [
            ("--data-dir", &self.place.data_dir),
            ("--config", &self.place.config),
        ];
        let named = named.into_iter().filter_map(|(name, path)| {
            let path = path.clone()?;
            Some([OsString::from(name), path.into_os_string()])
        });
        named.flatten().collect()
    }
}
