//! `latest.json`: where the updater of the desktop program finds the package that it can put in its own place.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use minisign_verify::PublicKey;
use serde_json::{Map, Value, json};

use crate::release::dist::{self, Dist, VERSION};
use crate::release::sign;
use crate::workspace::Workspace;

/// How the names of packages end that a program can be replaced with, and what the updater calls such a program there.
///
/// A name without the kind of package would be offered to everybody of that system, and a `.deb` cannot be replaced with an
/// `AppImage`; only macOS has one kind, which old updaters ask for without naming it.
const PACKAGES: [(&str, &[&str]); 8] = [
    ("_amd64.AppImage", &["linux-x86_64-appimage"]),
    ("_aarch64.AppImage", &["linux-aarch64-appimage"]),
    ("_x64-setup.exe", &["windows-x86_64-nsis"]),
    ("_arm64-setup.exe", &["windows-aarch64-nsis"]),
    ("_x64_en-US.msi", &["windows-x86_64-msi"]),
    ("_arm64_en-US.msi", &["windows-aarch64-msi"]),
    ("_x64.app.tar.gz", &["darwin-x86_64-app", "darwin-x86_64"]),
    (
        "_aarch64.app.tar.gz",
        &["darwin-aarch64-app", "darwin-aarch64"],
    ),
];

/// Whom a package is for; nobody, if it cannot be taken by itself.
pub(crate) fn platforms(name: &str) -> &'static [&'static str] {
    let this = format!("perpetua_{VERSION}");
    let found = PACKAGES
        .iter()
        .find(|(ending, _)| name.strip_prefix(&this).is_some_and(|rest| rest == *ending));
    found.map_or(&[], |(_, platforms)| *platforms)
}

/// The named public key, or that of the program.
pub(crate) fn public_key(workspace: &Workspace, named: Option<&Path>) -> Result<PublicKey> {
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
    };
    if let Some(path) = named {
        return sign::public_key(&read(path)?);
    }
    let settings: Value = serde_json::from_str(&read(&workspace.root.join("tauri.conf.json"))?)?;
    let key = settings["plugins"]["updater"]["pubkey"].as_str();
    sign::public_key(key.filter(|key| !key.is_empty()).context(
        "`tauri.conf.json` has no `plugins.updater.pubkey`; name the key with `--public-key`",
    )?)
}

/// Describes every package that can be taken by itself. Each has to be signed with the key that programs know.
pub(crate) fn write(
    workspace: &Workspace,
    dist: &Dist,
    address: &str,
    name: &str,
    key: &PublicKey,
    notes: &str,
) -> Result<()> {
    let date = dist::committed_on(workspace)?;
    let described = describe(dist, address, key, notes, &date)?;
    let text = serde_json::to_string_pretty(&described)? + "\n";
    fs::write(dist.folder.join(name), text)
        .with_context(|| format!("`{name}` cannot be written"))?;
    eprintln!("xtask: made {name}");
    Ok(())
}

fn describe(dist: &Dist, address: &str, key: &PublicKey, notes: &str, date: &str) -> Result<Value> {
    let address = address.trim_end_matches('/');
    ensure!(
        address.starts_with("https://"),
        "the updater takes `https://` only"
    );
    let mut all = Map::new();
    for name in dist.names()? {
        let platforms = platforms(&name);
        if platforms.is_empty() {
            continue;
        }
        let signature = sign::checked(&dist.folder.join(&name), key)?;
        let package = json!({ "signature": signature, "url": format!("{address}/{name}") });
        all.extend(
            platforms
                .iter()
                .map(|platform| ((*platform).to_owned(), package.clone())),
        );
    }
    ensure!(
        !all.is_empty(),
        "nothing is there that a program could be replaced with"
    );
    Ok(json!({ "version": VERSION, "notes": notes, "pub_date": date, "platforms": all }))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    #[test]
    fn a_package_is_for_those_it_can_replace() {
        let of = |rest: &str| platforms(&format!("perpetua_{VERSION}{rest}"));
        assert_eq!(of("_amd64.AppImage"), ["linux-x86_64-appimage"]);
        assert_eq!(of("_x64-setup.exe"), ["windows-x86_64-nsis"]);
        assert_eq!(
            of("_aarch64.app.tar.gz"),
            ["darwin-aarch64-app", "darwin-aarch64"]
        );
        for none in [
            "_amd64.deb",
            "-1.x86_64.rpm",
            "_aarch64.dmg",
            "_amd64.AppImage.sig",
            "",
        ] {
            assert!(of(none).is_empty(), "{none}");
        }
        assert!(
            platforms("perpetua_0.0.1_amd64.AppImage").is_empty(),
            "another version"
        );
    }

    /// A package that was signed with a key of this test, and the key that programs know.
    struct Made {
        folder: tempfile::TempDir,
        known: PublicKey,
    }

    impl Made {
        fn signed_for(version: &str) -> Result<Self> {
            let folder = tempfile::tempdir()?;
            let (known, signature) = Self::sign_anew(version)?;
            let made = Self { folder, known };
            fs::write(made.package(), "content")?;
            fs::write(sign::signature_of(&made.package()), signature)?;
            fs::write(made.folder.path().join("perpetua_0.1.0_amd64.deb"), "")?;
            Ok(made)
        }

        /// A new key, and what it signs of the package.
        fn sign_anew(version: &str) -> Result<(PublicKey, String)> {
            let pair = minisign::KeyPair::generate_unencrypted_keypair()?;
            let comment = format!("timestamp:1\tfile:a\tversion:{version}");
            let (key, secret) = (Some(&pair.pk), &pair.sk);
            let signed = minisign::sign(key, secret, &b"content"[..], Some(&comment), None)?;
            let key = BASE64_STANDARD.encode(pair.pk.to_box()?.to_string());
            let signature = BASE64_STANDARD.encode(signed.to_string());
            Ok((sign::public_key(&key)?, signature))
        }

        fn package(&self) -> PathBuf {
            let name = format!("perpetua_{VERSION}_amd64.AppImage");
            self.folder.path().join(name)
        }

        fn described(&self) -> Result<Value> {
            let dist = Dist {
                folder: self.folder.path().to_owned(),
                work: self.folder.path().join("work"),
            };
            let date = "2026-12-01T00:00:00+00:00";
            describe(&dist, "https://a.example/v1/", &self.known, "- New.", date)
        }

        fn refused(&self) -> String {
            format!("{:#}", self.described().expect_err("refused"))
        }
    }

    #[test]
    fn each_package_has_its_address_and_its_signature() -> Result<()> {
        let made = Made::signed_for(VERSION)?;
        let signature = fs::read_to_string(sign::signature_of(&made.package()))?;
        let url = format!("https://a.example/v1/perpetua_{VERSION}_amd64.AppImage");
        let expected = json!({
            "version": VERSION,
            "notes": "- New.",
            "pub_date": "2026-12-01T00:00:00+00:00",
            "platforms": { "linux-x86_64-appimage": { "signature": signature, "url": url } },
        });
        assert_eq!(made.described()?, expected);
        Ok(())
    }

    #[test]
    fn what_programs_would_refuse_is_not_published() -> Result<()> {
        let made = Made::signed_for(VERSION)?;
        fs::write(made.package(), "changed")?;
        assert!(
            made.refused().contains("is wrong, or of another key"),
            "changed"
        );

        let made = Made::signed_for(VERSION)?;
        let (_, foreign) = Made::sign_anew(VERSION)?;
        fs::write(sign::signature_of(&made.package()), foreign)?;
        assert!(
            made.refused().contains("is wrong, or of another key"),
            "another key"
        );

        let made = Made::signed_for("0.0.1")?;
        let older = format!("is not for version {VERSION}");
        assert!(made.refused().contains(&older), "another version");

        let made = Made::signed_for(VERSION)?;
        fs::write(sign::signature_of(&made.package()), "bm9uZQ==")?;
        assert!(made.refused().contains("cannot be read"), "no signature");

        let made = Made::signed_for(VERSION)?;
        fs::remove_file(sign::signature_of(&made.package()))?;
        assert!(made.refused().contains("is not signed"), "not signed");

        fs::remove_file(made.package())?;
        assert!(made.refused().contains("nothing is there"), "no package");
        Ok(())
    }
}
