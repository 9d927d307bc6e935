//! A program of this machine and what somebody else has laid beside it, or put in its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use perpetua_fetch::{InstallError, InstallStep, Pinned, ReleaseSource, Sha256};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::archives::{NAME, core};
use crate::bench::{Bench, COMMIT, names};

const PROGRAM: &str = "Lagrange.OneBot";

/// A folder with the program and files beside it.
fn folder(beside: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join(PROGRAM);
    fs::write(&program, "program").expect("a program");
    for (name, content) in beside {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    (folder, program)
}

fn bench(path: &Path) -> Bench {
    Bench::new(vec![ReleaseSource::Local {
        path: path.to_owned(),
    }])
}

/// What `sha256sum` prints of all of them, sorted, and the digest of that.
fn together(files: &[(&str, &str)]) -> Sha256 {
    let mut lines: Vec<String> = files
        .iter()
        .map(|(name, content)| (name, Sha256::of(content.as_bytes())))
        .map(|(name, sha256)| format!("{sha256}  {name}\n"))
        .collect();
    lines.sort_by(|one, other| one[66..].cmp(&other[66..]));
    Sha256::of(lines.concat().as_bytes())
}

#[tokio::test]
async fn libraries_beside_a_program_count_in_what_is_confirmed() {
    let cases: [&[(&str, &str)]; 5] = [
        &[("planted.so", "evil")],
        &[("planted.dll", "evil")],
        &[("planted.dylib", "evil")],
        &[("a.so", "1"), ("Z.dll", "2"), ("m.dylib", "3")],
        &[("planted.so", "evil"), ("keystore.json", "{}")],
    ];
    for beside in cases {
        let (_folder, program) = folder(beside);
        let mut bench = bench(&program);
        let digest_alone = Sha256::of(b"program");
        // The table of known files and a person's word are for the program alone, and it is not alone.
        let table = format!("[[core]]\nname = \"{PROGRAM}\"\nsha256 = \"{digest_alone}\"\n");
        bench.options.pinned = Pinned::parse(&table).expect("a table");
        let error = bench.install().await.expect_err("nobody vouches for it");
        let InstallError::Unconfirmed { name, sha256, .. } = &error else {
            panic!("{beside:?}: {error}");
        };
        let libraries = beside.iter().filter(|(name, _)| !name.ends_with("json"));
        let mut files: Vec<(&str, &str)> = libraries.copied().collect();
        assert!(
            files.iter().all(|(file, _)| name.contains(file)),
            "{name} does not tell of {files:?}"
        );
        files.push((PROGRAM, "program"));
        assert_eq!(*sha256, together(&files), "{beside:?}");
        bench.accept = Some(digest_alone);
        let error = bench.install().await.expect_err("another digest");
        assert!(
            error.to_string().contains("libraries beside a program"),
            "{error}"
        );
        assert!(bench.versions.list().expect("a record").is_empty());
        assert_eq!(bench.downloads(), [""; 0]);
        bench.accept = Some(*sha256);
        let installed = bench.install().await.expect("confirmed");
        let mut expected: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        expected.sort_unstable();
        let found = names(installed.program.parent().expect("its folder"));
        assert_eq!(found, expected, "{beside:?}");
    }
}

#[tokio::test]
async fn a_program_alone_is_confirmed_by_its_own_digest() {
    for beside in [
        &[][..],
        &[("appsettings.json", "{}"), ("notes.so.txt", "x")],
    ] {
        let (_folder, program) = folder(beside);
        let mut bench = bench(&program);
        bench.accept = Some(Sha256::of(b"program"));
        let installed = bench.install().await.expect("confirmed");
        assert_eq!(
            names(installed.program.parent().expect("its folder")),
            [PROGRAM]
        );
    }
}

/// Each is made at the path that it is given.
type Plant = fn(&Path);

#[cfg(unix)]
fn strange_things() -> Vec<(&'static str, Plant)> {
    use std::os::unix::fs::symlink;
    vec![
        ("folder", |path| fs::create_dir(path).expect("a folder")),
        ("link to a file", |path| {
            let target = path.with_file_name("target");
            fs::write(&target, "evil").expect("a file");
            symlink(target, path).expect("a link");
        }),
        ("link out", |path| {
            symlink("/etc/passwd", path).expect("a link");
        }),
        ("link to nothing", |path| {
            symlink("/nowhere/x", path).expect("a link");
        }),
        ("device", |path| symlink("/dev/zero", path).expect("a link")),
        ("pipe", |path| {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.expect("mkfifo").success());
        }),
        ("socket", |path| {
            drop(std::os::unix::net::UnixListener::bind(path).expect("a socket"));
        }),
    ]
}

#[cfg(windows)]
fn strange_things() -> Vec<(&'static str, Plant)> {
    vec![("folder", |path| fs::create_dir(path).expect("a folder"))]
}

#[tokio::test]
async fn what_is_no_file_beside_a_program_is_refused_at_once() {
    for (what, plant) in strange_things() {
        for library in ["x.so", "x.dll", "x.dylib"] {
            let (folder, program) = folder(&[]);
            plant(&folder.path().join(library));
            let mut bench = bench(&program);
            bench.accept = Some(Sha256::of(b"program"));
            let installed = timeout(Duration::from_secs(20), bench.install()).await;
            let error = installed
                .unwrap_or_else(|_| panic!("{what}: it waits"))
                .expect_err(what);
            let said = error.to_string();
            let words = format!("`{library}` beside the program is a link, a pipe or a device");
            assert!(said.contains(&words), "{what}: {said}");
            assert!(bench.versions.list().expect("a record").is_empty());
            let left = bench
                .names()
                .into_iter()
                .filter(|name| name.starts_with(".new-"));
            assert_eq!(left.count(), 0, "{what}");
        }
    }
}

/// Somebody exchanges the file between the moment it was judged and the moment it is used.
#[tokio::test]
async fn what_is_installed_is_what_was_judged() {
    let archive = core(b"program");
    let cases: [(&str, &[u8], &str); 3] = [
        (PROGRAM, b"program", PROGRAM),
        (PROGRAM, b"program", "x.so"),
        (NAME, &archive, NAME),
    ];
    for (name, content, exchanged) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(name), content).expect("the file");
        let mut accept = Sha256::of(content);
        if exchanged == "x.so" {
            fs::write(folder.path().join(exchanged), "library").expect("a library");
            accept = together(&[(PROGRAM, "program"), (exchanged, "library")]);
        }
        let mut bench = bench(&folder.path().join(name));
        bench.accept = Some(accept);
        let evil = if exchanged == NAME {
            core(b"evil")
        } else {
            b"evil".to_vec()
        };
        let exchange = |step| {
            if step == InstallStep::Downloaded {
                fs::write(folder.path().join(exchanged), &evil).expect("exchanged");
            }
        };
        let installed = bench
            .install_with(&exchange, |_| async { Ok(Some(COMMIT.to_owned())) })
            .await
            .expect(exchanged);
        let place = installed.program.parent().expect("its folder");
        for file in names(place) {
            let found = fs::read(place.join(&file)).expect("a file");
            assert_ne!(found, b"evil", "{exchanged}: `{file}`");
        }
        assert_eq!(bench.current_program(), b"program", "{exchanged}");
    }
}

/// A name that the record could not be read with is not taken over.
#[tokio::test]
async fn a_program_of_any_name_becomes_one_that_can_be_read_back() {
    for name in ["my core", "核心", "Lagrange.OneBot (1)"] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        fs::write(&path, "program").expect("a program");
        let mut bench = bench(&path);
        bench.accept = Some(Sha256::of(b"program"));
        bench.install().await.expect(name);
        assert_eq!(bench.current_program(), b"program", "{name}");
    }
}
