//! The reverse proxies that the tests put in front of a node.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::packages::{self, Need};
use crate::process;

const NGINX: Need = Need {
    name: "nginx",
    is_here: || find("nginx").is_some(),
    debian: &["nginx-light"],
    macos: "nothing: the tests need Linux",
    windows: "nothing: the tests need Linux",
};

const CADDY: Need = Need {
    name: "Caddy",
    is_here: || find("caddy").is_some(),
    debian: &["caddy"],
    macos: "nothing: the tests need Linux",
    windows: "nothing: the tests need Linux",
};

/// The programs, where there are any.
pub(crate) struct ReverseProxies {
    programs: Vec<(&'static str, PathBuf)>,
}

impl ReverseProxies {
    /// Finds them, and installs them where it may.
    pub(crate) fn prepare() -> Result<Self> {
        if cfg!(target_os = "linux") {
            packages::require(&[&NGINX, &CADDY])?;
        }
        let programs = [
            ("PERPETUA_TEST_NGINX", "nginx"),
            ("PERPETUA_TEST_CADDY", "caddy"),
        ];
        let found = programs
            .into_iter()
            .filter_map(|(variable, name)| Some((variable, find(name)?)));
        Ok(Self {
            programs: found.collect(),
        })
    }

    /// Tells a test run where they are.
    pub(crate) fn announce_to(&self, tests: &mut Command) {
        tests.envs(
            self.programs
                .iter()
                .map(|(variable, path)| (variable, path)),
        );
    }
}

/// On the path, or where Debian puts what only servers need.
fn find(name: &str) -> Option<PathBuf> {
    let beside = Path::new("/usr/sbin").join(name);
    process::find_program(name).or_else(|| beside.is_file().then_some(beside))
}
