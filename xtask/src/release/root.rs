//! A clean Debian to try packages in: a folder that a container of systemd boots, with no network but its own loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::packages::{self, Need};
use crate::release::dist::{self, Dist};
use crate::{folder, process};

/// The oldest Debian that the packages are for.
const SUITE: &str = "bookworm";
/// How long a trial may take, in seconds.
const LIMIT: &str = "300";
/// What runs the trial as the container's only task, and ends the container.
const TASK: &str = "\
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh -c 'sh /trial/run.sh >/trial/log 2>&1; echo $? >/trial/code'
ExecStopPost=/bin/systemctl --no-block poweroff

[Install]
WantedBy=multi-user.target
";

const DEBOOTSTRAP: Need = Need {
    name: "debootstrap",
    is_here: || {
        let mut places = ["/usr/sbin/debootstrap", "/usr/bin/debootstrap"].into_iter();
        places.any(|place| Path::new(place).exists())
    },
    debian: &["debian-archive-keyring", "debootstrap"],
    macos: "nothing: packages are tried on Debian",
    windows: "nothing: packages are tried on Debian",
};

const CONTAINERS: Need = Need {
    name: "systemd's containers",
    is_here: || process::find_program("systemd-nspawn").is_some(),
    debian: &["systemd-container"],
    macos: "nothing: packages are tried on Debian",
    windows: "nothing: packages are tried on Debian",
};

/// Makes a base: a Debian with these packages; done once for each list of them.
pub(crate) fn base(dist: &Dist, name: &str, with: &[&str]) -> Result<PathBuf> {
    packages::require(&[&DEBOOTSTRAP, &CONTAINERS])?;
    let base = dist.work.join(format!("debian-{name}"));
    let source = format!("{SUITE} {}", with.join(" "));
    if folder::is_fresh(&base, &source) {
        return Ok(base);
    }
    folder::clear(&base)?;
    let mut debootstrap = Command::new("debootstrap");
    process::run(debootstrap.args(["--variant=minbase", SUITE]).arg(&base))?;
    if !with.is_empty() {
        let mut install = Command::new("chroot");
        install
            .arg(&base)
            .args(["apt-get", "install", "--quiet=2", "--yes"]);
        install.arg("--no-install-recommends").args(with);
        process::run(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    folder::mark(&base, &source)?;
    Ok(base)
}

/// Boots a copy of a base, carries a script out in it as root, and says what it said where it failed. The script finds `files`
/// beside it.
pub(crate) fn carry_out(
    dist: &Dist,
    base: &Path,
    script: &Path,
    files: &[(&Path, &str)],
) -> Result<()> {
    let root = dist.work.join("debian-trial");
    folder::clear(&root)?;
    process::run(Command::new("cp").arg("--archive").arg(base).arg(&root))?;
    let trial = root.join("trial");
    dist::copy(script, &trial.join("run.sh"))?;
    for (file, name) in files {
        dist::copy(file, &trial.join(name))?;
    }
    let units = root.join("etc/systemd/system");
    dist::make_folder(&units)?;
    fs::write(units.join("trial.service"), TASK).context("the task cannot be written")?;
    let mut enable = Command::new("chroot");
    process::run(
        enable
            .arg(&root)
            .args(["systemctl", "--quiet", "enable", "trial.service"]),
    )?;
    let mut boot = Command::new("timeout");
    boot.args([
        LIMIT,
        "systemd-nspawn",
        "--quiet",
        "--boot",
        "--private-network",
    ])
    .args([
        "--register=no",
        "--keep-unit",
        "--console=pipe",
        "--directory",
    ])
    .arg(&root);
    let booted = process::output(&mut boot);
    let told = fs::read_to_string(trial.join("log")).unwrap_or_default();
    match fs::read_to_string(trial.join("code")) {
        Ok(code) if code.trim() == "0" => folder::clear(&root),
        Ok(_failed) => bail!("the trial failed:\n{told}"),
        Err(_never_ended) => {
            let booted = booted.unwrap_or_default();
            bail!("the trial did not end:\n{booted}\n{told}");
        }
    }
}
