//! `cargo xtask release try`: what was packed, in clean roots and in a container.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::packages::{self, Need};
use crate::release::dist::{self, Dist};
use crate::release::program::Program;
use crate::release::sign::{self, Key};
use crate::release::{appimage, checksums, debian, desktop, image, latest, root, rpm, tarball};
use crate::workspace::Workspace;
use crate::{folder, process};

/// What the node's package is for: a server that systemd runs.
const SERVER: [&str; 3] = ["dbus", "systemd", "systemd-sysv"];
/// What the window's package is for: a desktop, with a screen that nobody sees.
const DESKTOP: [&str; 12] = [
    "dbus",
    "dbus-daemon",
    "fonts-noto-cjk",
    "libayatana-appindicator3-1",
    "libgtk-3-0",
    "libwebkit2gtk-4.1-0",
    "procps",
    "systemd",
    "systemd-sysv",
    "xauth",
    "xdotool",
    "xvfb",
];
/// What the trial's image is called, and what it stands on.
const IMAGE: &str = "localhost/perpetuad-trial";
const BASE: &str = "localhost/perpetuad-trial-base";

const PODMAN: Need = Need {
    name: "podman with runc",
    is_here: || {
        let mut programs = ["podman", "runc"].into_iter();
        programs.all(|program| process::find_program(program).is_some())
    },
    debian: &["podman", "runc"],
    macos: "nothing: packages are tried on Debian",
    windows: "nothing: packages are tried on Debian",
};
const RPM: Need = Need {
    name: "rpm",
    is_here: || process::find_program("rpm").is_some(),
    debian: &["rpm"],
    macos: "nothing: packages are tried on Debian",
    windows: "nothing: packages are tried on Debian",
};

/// Packs the named programs, or those that were built, into a folder of the trial's own, and tries everything.
pub(crate) fn of_programs(
    workspace: &Workspace,
    dist: &Dist,
    node: Option<PathBuf>,
    window: Option<PathBuf>,
) -> Result<()> {
    let tried = folder_of_its_own(dist)?;
    let node = Program {
        program: node,
        target: None,
    };
    debian::pack(workspace, &tried, &node)?;
    rpm::pack(workspace, &tried, &node)?;
    tarball::pack(workspace, &tried, &node)?;
    if window.is_some() {
        let window = Program {
            program: window,
            target: None,
        };
        let bundles = ["deb", "rpm"].map(str::to_owned);
        desktop::pack(workspace, &tried, &window, &bundles)?;
    }
    try_all(workspace, &tried)
}

/// Tries what lies packed in a folder.
pub(crate) fn of_packed(workspace: &Workspace, dist: &Dist, packed: &Path) -> Result<()> {
    let tried = folder_of_its_own(dist)?;
    let unread = || format!("`{}` cannot be read", packed.display());
    for entry in fs::read_dir(packed).with_context(unread)? {
        let entry = entry.with_context(unread)?;
        dist::copy(&entry.path(), &tried.folder.join(entry.file_name()))?;
    }
    try_all(workspace, &tried)
}

fn folder_of_its_own(dist: &Dist) -> Result<Dist> {
    ensure!(
        packages::may_install(),
        "packages are tried as root on Debian"
    );
    let tried = Dist {
        folder: dist.work.join("tried"),
        work: dist.work.clone(),
    };
    folder::clear(&tried.folder)?;
    dist::make_folder(&tried.folder)?;
    Ok(tried)
}

fn try_all(workspace: &Workspace, tried: &Dist) -> Result<()> {
    try_node(workspace, tried)?;
    try_rpm(workspace, tried)?;
    try_image(workspace, tried)?;
    let names = tried.names()?;
    if names.iter().any(|name| name.starts_with("perpetua_")) {
        try_desktop(workspace, tried)?;
    }
    try_appimage(tried)?;
    try_update(workspace, tried)?;
    eprintln!("xtask: everything that was packed works");
    Ok(())
}

fn try_node(workspace: &Workspace, tried: &Dist) -> Result<()> {
    let base = root::base(tried, "server", &SERVER)?;
    let package = only(tried, "perpetuad_", ".deb")?;
    let script = script(workspace, "perpetuad.sh");
    root::carry_out(tried, &base, &script, &[(&package, "perpetuad.deb")])
}

fn try_desktop(workspace: &Workspace, tried: &Dist) -> Result<()> {
    let base = root::base(tried, "desktop", &DESKTOP)?;
    let package = only(tried, "perpetua_", ".deb")?;
    let script = script(workspace, "desktop.sh");
    root::carry_out(tried, &base, &script, &[(&package, "perpetua.deb")])
}

/// There is no Fedora here: what the package asks for is read, and rpm installs, updates and removes it with its scripts on a
/// Debian, as far as that has what Fedora has.
fn try_rpm(workspace: &Workspace, tried: &Dist) -> Result<()> {
    packages::require(&[&RPM])?;
    let package = only(tried, "perpetuad-", ".rpm")?;
    let mut asked = Command::new("rpm");
    let needs = process::output(
        asked
            .args(["--query", "--requires", "--package"])
            .arg(&package),
    )?;
    for needed in ["systemd", "libc.so.6(GLIBC_2.", "ld-linux-"] {
        let is_asked_for = needs.lines().any(|need| need.starts_with(needed));
        ensure!(is_asked_for, "the `.rpm` asks for no `{needed}`:\n{needs}");
    }
    let base = root::base(tried, "rpm", &[&SERVER[..], &["rpm"]].concat())?;
    let script = script(workspace, "perpetuad-rpm.sh");
    root::carry_out(tried, &base, &script, &[(&package, "perpetuad.rpm")])
}

/// The image on a base of this machine's own, as the compose file runs it.
fn try_image(workspace: &Workspace, tried: &Dist) -> Result<()> {
    packages::require(&[&PODMAN])?;
    let base = root::base(tried, "image", &[])?;
    import(&base)?;
    // `runc` takes either generation of control groups.
    let mut podman = Command::new("podman");
    podman.arg("--runtime=runc");
    // Packages come from where this machine's do, and no image is fetched.
    let base = format!("BASE={BASE}");
    let arguments = ["--network=host", "--pull=never", "--build-arg", &base];
    image::build_with(podman, &arguments, workspace, tried, IMAGE)?;
    let result = process::run(
        Command::new("sh")
            .arg(script(workspace, "image.sh"))
            .arg(IMAGE)
            .arg(workspace.root.join("packaging/compose")),
    );
    let mut remove = Command::new("podman");
    process::run(remove.args(["image", "rm", "--force", IMAGE, BASE]))?;
    result
}

/// Makes an image of a folder.
fn import(base: &Path) -> Result<()> {
    let mut tar = Command::new("tar");
    tar.arg("--create").arg("--directory").arg(base).arg(".");
    let mut packing = tar.stdout(Stdio::piped()).spawn().context("tar")?;
    let packed = packing.stdout.take().context("its output is piped")?;
    let mut import = Command::new("podman");
    import.args(["import", "--quiet", "-", BASE]).stdin(packed);
    process::run(&mut import)?;
    ensure!(packing.wait()?.success(), "tar failed");
    Ok(())
}

/// A stand-in of an `AppImage`: any program at its head, and behind it files like those of a real one. It is accepted, and
/// refused once it brings along what belongs to the host.
fn try_appimage(tried: &Dist) -> Result<()> {
    packages::require(&[&appimage::UNSQUASHFS])?;
    let files = tried.work.join("appimage-files");
    folder::clear(&files)?;
    let program = Path::new("/bin/true");
    for needed in appimage::NEEDED {
        dist::copy(program, &files.join(needed))?;
    }
    let image = tried.work.join("stand-in.AppImage");
    let build = || -> Result<()> {
        let packed = tried.work.join("stand-in.squashfs");
        let mut mksquashfs = Command::new("mksquashfs");
        mksquashfs
            .arg(&files)
            .arg(&packed)
            .args(["-noappend", "-quiet", "-no-progress"]);
        process::run(&mut mksquashfs)?;
        let bytes = [fs::read(program)?, fs::read(&packed)?].concat();
        Ok(fs::write(&image, bytes)?)
    };
    build()?;
    appimage::check(tried, &image)?;
    dist::copy(program, &files.join("usr/bin/xdg-open"))?;
    build()?;
    let refused = appimage::check(tried, &image);
    ensure!(
        refused.is_err(),
        "an image with a program of the host is accepted"
    );
    folder::clear(&files)
}

/// A key that is thrown away signs a stand-in of an `AppImage`, and `latest.json` is made of it; then nothing is accepted that
/// somebody has touched.
fn try_update(workspace: &Workspace, tried: &Dist) -> Result<()> {
    let keys = tried.work.join("throw-away-key");
    folder::clear(&keys)?;
    dist::make_folder(&keys)?;
    let secret = keys.join("key");
    let mut generate = desktop::tauri(workspace)?;
    generate.args([
        "signer",
        "generate",
        "--ci",
        "--password",
        "trial",
        "--write-keys",
    ]);
    process::output(generate.arg(&secret))?;
    let package = tried
        .folder
        .join(format!("perpetua_{}_amd64.AppImage", dist::VERSION));
    fs::write(&package, "a stand-in")?;
    let key = Key {
        key: fs::read_to_string(&secret)?,
        password: "trial".to_owned(),
    };
    sign::packages(workspace, tried, &key)?;
    let known = latest::public_key(workspace, Some(&keys.join("key.pub")))?;
    let address = "https://updates.example/perpetua";
    latest::write(workspace, tried, address, "latest.json", &known, "- New.")?;
    checksums::write(tried)?;
    sign::checksums(workspace, tried, &key)?;
    let mut check = Command::new("sha256sum");
    check
        .current_dir(&tried.folder)
        .args(["--check", "--quiet"]);
    process::run(check.arg(checksums::NAME))?;
    fs::write(&package, "another stand-in")?;
    let refused = latest::write(workspace, tried, address, "latest.json", &known, "- New.");
    ensure!(
        refused.is_err(),
        "a package that was changed after it was signed is accepted"
    );
    folder::clear(&keys)
}

fn script(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root.join("packaging").join("trial").join(name)
}

/// The one file with such a name.
fn only(tried: &Dist, start: &str, end: &str) -> Result<PathBuf> {
    let names = tried.names()?;
    let mut found = names
        .iter()
        .filter(|name| name.starts_with(start) && name.ends_with(end));
    match (found.next(), found.next()) {
        (Some(name), None) => Ok(tried.folder.join(name)),
        _ => bail!("not one file is called `{start}…{end}`"),
    }
}
