//! The fake core packed as Lagrange's release workflow packs the real one
//! (`.github/workflows/Lagrange.OneBot-release.yml`).

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;

use crate::build::BUILD_FILE;
use crate::{Build, Fate};

/// Names another program than the one that stands beside the tests.
const PROGRAM_VARIABLE: &str = "PERPETUA_TEST_FAKE_CORE";

/// Permissions as `dotnet publish` leaves them.
const EXECUTABLE: u32 = 0o755;
const PLAIN: u32 = 0o644;

/// A system, as .NET names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rid(pub &'static str);

impl Rid {
    /// This machine's.
    pub fn here() -> Self {
        Self(match (std::env::consts::OS, std::env::consts::ARCH) {
            ("windows", "x86") => "win-x86",
            ("windows", _) => "win-x64",
            ("macos", "aarch64") => "osx-arm64",
            ("macos", _) => "osx-x64",
            (_, "aarch64") => "linux-arm64",
            (_, "arm") => "linux-arm",
            _ => "linux-x64",
        })
    }

    fn is_windows(self) -> bool {
        self.0.starts_with("win-")
    }

    /// The name of the release's file for this system.
    pub fn asset_name(self) -> String {
        let ending = if self.is_windows() { "zip" } else { "tar.gz" };
        format!("Lagrange.OneBot_{}_net9.0_SelfContained.{ending}", self.0)
    }

    /// The folder of the program inside the archive.
    fn publish_folder(self) -> String {
        format!("Lagrange.OneBot/bin/Release/net9.0/{}/publish", self.0)
    }

    fn program_name(self) -> &'static str {
        if self.is_windows() {
            "Lagrange.OneBot.exe"
        } else {
            "Lagrange.OneBot"
        }
    }
}

/// An archive as a release holds it.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Its file name.
    pub name: String,
    /// The file.
    pub bytes: Bytes,
    /// Its SHA-256 in lower-case hex.
    pub sha256: String,
}

impl Packed {
    /// A file of this name and content.
    pub fn new(name: String, bytes: Vec<u8>) -> Self {
        let sha256 = format!("{:x}", HexDigest(&Sha256::digest(&bytes)));
        Self {
            name,
            bytes: bytes.into(),
            sha256,
        }
    }

    /// What `perpetuad core list` calls it when it came from a release with this tag.
    pub fn version_id(&self, tag: &str) -> String {
        format!("{tag}-{}", &self.sha256[..8])
    }
}

struct HexDigest<'a>(&'a [u8]);

impl std::fmt::LowerHex for HexDigest<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Packs versions of the fake core.
pub struct Archives {
    program: Vec<u8>,
}

impl Archives {
    /// With the program that stands beside the tests in cargo's target folder. It is built if it is
    /// missing; that it is fresh is the business of `cargo xtask test`, which builds it first.
    pub fn new() -> Result<Self> {
        let program = match std::env::var_os(PROGRAM_VARIABLE) {
            Some(named) => PathBuf::from(named),
            None => beside_the_tests()?,
        };
        Self::of(&program)
    }

    /// With this program.
    pub fn of(program: &Path) -> Result<Self> {
        let program = std::fs::read(program)
            .with_context(|| format!("cannot read `{}`", program.display()))?;
        Ok(Self { program })
    }

    /// Packs one version for one system.
    pub fn pack(&self, rid: Rid, build: &Build) -> Result<Packed> {
        let description = serde_json::to_vec(build)?;
        let files = [
            (rid.program_name(), self.program_of(build), EXECUTABLE),
            (BUILD_FILE, description, PLAIN),
        ];
        let bytes = if rid.is_windows() {
            zip_of(rid, &files)?
        } else {
            tar_gz_of(rid, &files)?
        };
        Ok(Packed::new(rid.asset_name(), bytes))
    }

    /// Packs one version for this machine.
    pub fn pack_here(&self, build: &Build) -> Result<Packed> {
        self.pack(Rid::here(), build)
    }

    /// Each version's program is another file. What stands behind the end of a program does not trouble
    /// Linux and Windows; on macOS it would break the signature without which nothing is started.
    fn program_of(&self, build: &Build) -> Vec<u8> {
        if build.fate == Fate::NoProgram {
            return b"\x7fELF this is no program of any system".to_vec();
        }
        let mut program = self.program.clone();
        if !cfg!(target_os = "macos") {
            program.extend_from_slice(build.commit.as_bytes());
        }
        program
    }
}

type File<'a> = (&'a str, Vec<u8>, u32);

/// As `tar` packs a folder: with entries for the folders, all beginning with `./`.
fn tar_gz_of(rid: Rid, files: &[File<'_>]) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let folder = rid.publish_folder();
    let ends = folder.match_indices('/').map(|(end, _)| end);
    for end in ends.chain([folder.len()]) {
        let path = format!("./{}/", &folder[..end]);
        append(
            &mut archive,
            &path,
            &[],
            EXECUTABLE,
            tar::EntryType::Directory,
        )?;
    }
    for (name, bytes, mode) in files {
        let path = format!("./{folder}/{name}");
        append(&mut archive, &path, bytes, *mode, tar::EntryType::Regular)?;
    }
    Ok(archive.into_inner()?.finish()?)
}

fn append(
    archive: &mut tar::Builder<impl std::io::Write>,
    path: &str,
    bytes: &[u8],
    mode: u32,
    kind: tar::EntryType,
) -> Result<()> {
    let mut header = tar::Header::new_gnu();
    // Set directly, because `set_path` takes the `./` away.
    let name = &mut header.as_old_mut().name;
    ensure!(path.len() < name.len(), "`{path}` is too long for a header");
    name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    header.set_entry_type(kind);
    header.set_cksum();
    archive.append(&header, bytes)?;
    Ok(())
}

fn zip_of(rid: Rid, files: &[File<'_>]) -> Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let folder = rid.publish_folder();
    for (name, bytes, mode) in files {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .compression_level(Some(1))
            .unix_permissions(*mode);
        archive.start_file(format!("{folder}/{name}"), options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn beside_the_tests() -> Result<PathBuf> {
    let test = std::env::current_exe().context("cannot find this test's own file")?;
    // A test stands in `<target>/<profile>/deps`, a program one folder above.
    let folder = test
        .ancestors()
        .nth(2)
        .context("this test stands in no target folder")?;
    let program = folder.join(format!("fake-lagrange{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = std::process::Command::new(cargo)
            .args(["build", "--package", "fake-core", "--bins"])
            .status()
            .context("cannot run `cargo build --package fake-core`")?;
        ensure!(built.success(), "`cargo build --package fake-core` failed");
    }
    Ok(program)
}
