//! Installations of other programs, built by hand, and what is found in folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use fake_core::Build;
use tempfile::TempDir;

use perpetua_e2e::ReservedPort;
use perpetua_e2e::world::{UIN, World};

/// A part of the signer's address that nobody else may see.
pub(crate) const SIGNER_SECRET: &str = "s1gner-pa55word";
/// The token of the installation's port.
pub(crate) const PORT_TOKEN: &str = "p0rt-t0ken-of-old";
/// A part of the session.
pub(crate) const SESSION_SECRET: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";

/// A folder with an installation of another program.
pub(crate) struct Installation {
    root: TempDir,
    /// Where the core's files are.
    place: PathBuf,
    /// The port that frameworks connected to.
    pub(crate) port: ReservedPort,
}

impl Installation {
    /// A bare Lagrange.OneBot that has been logged in, with its program.
    pub(crate) fn lagrange(world: &World) -> Result<Self> {
        let root = TempDir::with_prefix("lagrange-")?;
        let place = root.path().to_owned();
        let port = ReservedPort::for_the_node()?;
        let installation = Self { root, place, port };
        installation.write_core_files(world)?;
        Ok(installation)
    }

    /// An original perpetua: the same below `config/`, and its own settings.
    pub(crate) fn perpetua(world: &World) -> Result<Self> {
        let root = TempDir::with_prefix("perpetua-of-old-")?;
        let place = root.path().join("config");
        let port = ReservedPort::for_the_node()?;
        let installation = Self { root, place, port };
        installation.write_core_files(world)?;
        installation.put("config.yml", CONFIG.as_bytes())?;
        Ok(installation)
    }

    /// Its folder, as text.
    pub(crate) fn path(&self) -> Result<&str> {
        self.root.path().to_str().context("a path that is text")
    }

    /// The folder in which its core works.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// Every file with its content.
    pub(crate) fn snapshot(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut all = BTreeMap::new();
        gather(self.root.path(), &mut all)?;
        Ok(all)
    }

    fn write_core_files(&self, world: &World) -> Result<()> {
        let signer = world.signer.url();
        let signer = signer.replace("http://", &format!("http://me:{SIGNER_SECRET}@"));
        let port = self.port.number();
        let settings = format!(
            r#"{{
  // Mine, with a comma too many.
  "SignServerUrl": "{signer}",
  "Account": {{ "Uin": {UIN}, "Protocol": "Linux" }},
  "Message": {{ "IgnoreSelf": true, }},
  "Implementations": [
    {{ "Type": "ForwardWebSocket", "Host": "0.0.0.0", "Port": {port}, "AccessToken": "{PORT_TOKEN}" }},
    {{ "Type": "ReverseWebSocket", "Host": "127.0.0.1", "Port": 8081, "Suffix": "/onebot/v11/ws" }},
  ],
}}"#
        );
        let byte_order_mark = "\u{feff}";
        self.put(
            "appsettings.json",
            format!("{byte_order_mark}{settings}").as_bytes(),
        )?;
        self.put("keystore.json", keystore().as_bytes())?;
        self.put("device.json", DEVICE.as_bytes())?;
        self.put(&format!("lagrange-{UIN}-db/.realm"), b"T-DB")?;
        self.put_program(world)
    }

    /// Unpacks a version where its publisher's archive has it.
    fn put_program(&self, world: &World) -> Result<()> {
        let packed = world.archives.pack_here(&Build::default())?;
        let unpacked = TempDir::new()?;
        unpack(&packed.bytes, &packed.name, unpacked.path())?;
        let program = program_below(unpacked.path())?;
        let folder = program.parent().context("a folder")?;
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            std::fs::copy(entry.path(), self.place.join(entry.file_name()))?;
        }
        Ok(())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.place.join(name);
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(path, bytes).map_err(Into::into)
    }
}

/// The device of the installation.
pub(crate) const DEVICE: &str = r#"{"Guid":"6e1a2b3c-0000-4000-8000-123456789abc","MacAddress":"0a1b2c3d","DeviceName":"Lagrange-0FF1CE","SystemKernel":"Windows 10.0.19042","KernelVersion":"10.0.19042.0"}"#;

/// The settings of the original perpetua.
const CONFIG: &str = "http:
  port: 8099
web-socket:
  timeout: 15s
reverse-web-socket:
  - url: 'ws://127.0.0.1:9000/onebot/v11/ws'
    access-token: 'hunter2'
";

fn keystore() -> String {
    format!(
        r#"{{"Uin":{UIN},"Uid":"u_1","PasswordMd5":"","Session":{{"D2Key":"{SESSION_SECRET}","D2":"{SESSION_SECRET}","Tgt":"{SESSION_SECRET}","SessionDate":"2025-06-05T12:00:00Z","TempPassword":"{SESSION_SECRET}"}},"Info":null}}"#
    )
}

/// The program of a core somewhere below a folder: the only file of its name.
pub(crate) fn program_below(folder: &Path) -> Result<PathBuf> {
    let name = format!("Lagrange.OneBot{}", std::env::consts::EXE_SUFFIX);
    let mut files = BTreeMap::new();
    gather(folder, &mut files)?;
    let found = files
        .into_keys()
        .find(|path| path.file_name().is_some_and(|file| *file == *name));
    found.with_context(|| format!("no program below `{}`", folder.display()))
}

/// Every file below a folder with its content.
pub(crate) fn gather(folder: &Path, all: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, all)?;
        } else if path.is_file() {
            all.insert(path.clone(), std::fs::read(&path)?);
        }
    }
    Ok(())
}

fn unpack(bytes: &[u8], name: &str, folder: &Path) -> Result<()> {
    let archive = folder.join(name);
    std::fs::write(&archive, bytes)?;
    // Linux, macOS and Windows all have one, and those of the latter two read `.zip`.
    let status = std::process::Command::new("tar")
        .arg("-xf")
        .arg(&archive)
        .arg("-C")
        .arg(folder)
        .status()
        .context("cannot run `tar`")?;
    anyhow::ensure!(status.success(), "`tar` could not unpack `{name}`");
    Ok(())
}
