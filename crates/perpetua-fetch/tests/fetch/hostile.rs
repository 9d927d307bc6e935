//! Archives that nobody means well with: refused, and the old version still is the current one.

use flate2::{Compression, write::GzEncoder};
use perpetua_fetch::{InstallError, PathRefusal, UnpackError};
use tar::EntryType;

use crate::archives::{Entry, PUBLISH, ZIP_NAME, core_entries, file, noise, tar_gz, zip};
use crate::bench::Bench;

const TAR_NAME: &str = "core.tar.gz";

async fn bench() -> Bench {
    let bench = Bench::new(Vec::new());
    bench.install_program(b"old").await;
    bench
}

/// Installs an archive; gives why it was refused, after a look at the old version.
async fn refused(bench: &Bench, name: &str, archive: &[u8]) -> UnpackError {
    let error = match bench.install_archive(name, archive).await {
        Err(InstallError::Refused { cause, .. }) => cause,
        other => panic!("`{name}` had to be refused: {other:?}"),
    };
    assert_eq!(bench.current_program(), b"old");
    assert_eq!(bench.versions.list().expect("a record").len(), 1);
    let names = bench.names();
    assert!(
        names.iter().all(|name| !name.starts_with(".new-")),
        "{names:?}"
    );
    error
}

/// The good entries and one more.
fn with(entry: Entry) -> Vec<Entry> {
    let mut entries = core_entries(b"new");
    entries.push(entry);
    entries
}

#[tokio::test]
async fn both_packings_of_a_good_core_are_taken() {
    let bench = bench().await;
    for (name, archive) in [
        (TAR_NAME, tar_gz(&core_entries(b"a"))),
        (ZIP_NAME, zip(&core_entries(b"b"))),
    ] {
        let installed = bench.install_archive(name, &archive).await.expect(name);
        let folder = installed.program.parent().expect("its folder");
        assert_eq!(
            crate::bench::names(folder),
            ["Lagrange.OneBot", "librealm-wrappers.dylib"]
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = installed
                .program
                .metadata()
                .expect("metadata")
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o755);
        }
    }
}

#[tokio::test]
async fn a_name_or_a_note_that_fills_the_memory_is_refused_before_it_is_read() {
    let bench = bench().await;
    for kind in [
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
    ] {
        let error = refused(&bench, TAR_NAME, &with_header(kind, 3_000_000)).await;
        assert!(
            matches!(error, UnpackError::Unsupported(_)),
            "{kind:?}: {error}"
        );
    }
    let long = with_header(EntryType::GNULongLink, 5000);
    let error = refused(&bench, TAR_NAME, &long).await;
    assert!(matches!(error, UnpackError::NoProgram { .. }), "{error}");
}

/// An archive that begins with a header of its own, of so many bytes, for a file.
fn with_header(kind: EntryType, bytes: usize) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut add = |kind, bytes: usize| {
        let mut header = tar::Header::new_gnu();
        header.set_path("a").expect("short");
        header.set_entry_type(kind);
        header.set_size(bytes as u64);
        header.set_cksum();
        let content = vec![b'a'; bytes];
        archive.append(&header, &*content).expect("memory");
    };
    add(kind, bytes);
    add(EntryType::Regular, 1);
    let packed = archive.into_inner().expect("memory");
    packed.finish().expect("memory")
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_refused() {
    let bench = bench().await;
    let cases = [
        ("../evil", PathRefusal::Upwards),
        ("a/../../../evil", PathRefusal::Upwards),
        ("/tmp/evil", PathRefusal::Absolute),
        ("C:/evil", PathRefusal::Absolute),
        ("..\\evil", PathRefusal::Character),
        ("Lagrange.OneBot/nul", PathRefusal::Reserved),
    ];
    for (path, expected) in cases {
        let entries = with(file(path, "evil"));
        for (name, archive) in [(TAR_NAME, tar_gz(&entries)), (ZIP_NAME, zip(&entries))] {
            let error = refused(&bench, name, &archive).await;
            assert!(
                matches!(&error, UnpackError::Path { refusal, .. } if *refusal == expected),
                "{name} {path}: {error}"
            );
        }
    }
    assert!(!bench.folder.path().join("evil").exists());
    assert!(!bench.versions.folder().join("evil").exists());
}

#[tokio::test]
async fn links_and_devices_are_refused() {
    let bench = bench().await;
    let link = with(Entry::Link(
        b"Lagrange.OneBot/link",
        "../../../../etc/passwd",
    ));
    let inner = with(Entry::Link(b"Lagrange.OneBot/link", "bin"));
    for entries in [link, inner] {
        for (name, archive) in [(TAR_NAME, tar_gz(&entries)), (ZIP_NAME, zip(&entries))] {
            let error = refused(&bench, name, &archive).await;
            assert!(matches!(error, UnpackError::Special(_)), "{name}: {error}");
        }
    }
    for kind in [
        EntryType::Link,
        EntryType::Block,
        EntryType::Char,
        EntryType::Fifo,
    ] {
        let archive = tar_gz(&with(Entry::Special(b"Lagrange.OneBot/x", kind)));
        let error = refused(&bench, TAR_NAME, &archive).await;
        assert!(
            matches!(error, UnpackError::Special(_)),
            "{kind:?}: {error}"
        );
    }
}

#[tokio::test]
async fn one_path_twice_is_refused_also_in_other_letters() {
    let bench = bench().await;
    let same = format!("{PUBLISH}/Lagrange.OneBot");
    let other = format!("{PUBLISH}/lagrange.onebot");
    let parent = same.replace("Release", "release");
    let as_folder = format!("{same}/inner");
    for path in [&same, &other, &parent, &as_folder] {
        let archive = tar_gz(&with(file(path, "evil")));
        let error = refused(&bench, TAR_NAME, &archive).await;
        assert!(
            matches!(error, UnpackError::Duplicate(_)),
            "{path}: {error}"
        );
    }
    let archive = zip(&with(file(&other, "evil")));
    let error = refused(&bench, ZIP_NAME, &archive).await;
    assert!(matches!(error, UnpackError::Duplicate(_)), "{error}");
    // No writer makes it, so one name is changed afterwards.
    let twins = [
        core_entries(b"new"),
        vec![file("evil", "1"), file("twin", "2")],
    ];
    let mut archive = zip(&twins.concat());
    replace(&mut archive, b"twin", b"evil");
    let error = refused(&bench, ZIP_NAME, &archive).await;
    assert!(matches!(error, UnpackError::Duplicate(_)), "{error}");
}

#[tokio::test]
async fn bombs_are_stopped_by_count_size_and_ratio() {
    let mut bench = bench().await;
    let many: Vec<Entry> = (0..300)
        .map(|number| file(&format!("f{number}"), "x"))
        .collect();
    let zeros = with(file("zeros", vec![0; 40_000_000]));
    bench.options.limits.entries = 200;
    for (name, archive) in [(TAR_NAME, tar_gz(&many)), (ZIP_NAME, zip(&many))] {
        let error = refused(&bench, name, &archive).await;
        assert!(
            matches!(error, UnpackError::TooManyEntries(200)),
            "{name}: {error}"
        );
    }
    for (name, archive) in [(TAR_NAME, tar_gz(&zeros)), (ZIP_NAME, zip(&zeros))] {
        bench.options.limits.total = 1_000_000_000;
        let error = refused(&bench, name, &archive).await;
        assert!(matches!(error, UnpackError::Bomb(100)), "{name}: {error}");
        bench.options.limits.total = 1_000_000;
        let error = refused(&bench, name, &archive).await;
        assert!(
            matches!(error, UnpackError::TooLarge(1_000_000)),
            "{name}: {error}"
        );
    }
}

#[tokio::test]
async fn an_archive_without_the_program_is_told_apart() {
    let bench = bench().await;
    // The folder of that name is no program.
    let folder_only = tar_gz(&[
        Entry::Folder(b"Lagrange.OneBot/"),
        file("Lagrange.OneBot/readme", "x"),
    ]);
    let error = refused(&bench, TAR_NAME, &folder_only).await;
    assert!(
        matches!(
            error,
            UnpackError::NoProgram {
                is_of_another_system: false,
                ..
            }
        ),
        "{error}"
    );
    let windows = zip(&[file("publish/Lagrange.OneBot.exe", "MZ")]);
    let error = refused(&bench, ZIP_NAME, &windows).await;
    assert_eq!(
        error.to_string(),
        "there is no file `Lagrange.OneBot` in it; it holds the core for another system"
    );
    let two = tar_gz(&with(file("other/Lagrange.OneBot", "x")));
    let error = refused(&bench, TAR_NAME, &two).await;
    assert!(matches!(error, UnpackError::SeveralPrograms(_)), "{error}");
}

#[tokio::test]
async fn archives_truncated_at_every_kilobyte_are_refused() {
    let bench = bench().await;
    let entries = core_entries(&noise(7, 48_000));
    for (name, archive) in [(TAR_NAME, tar_gz(&entries)), (ZIP_NAME, zip(&entries))] {
        let ends = (0..archive.len()).step_by(1024).chain([archive.len() - 1]);
        for end in ends {
            let error = refused(&bench, name, &archive[..end]).await;
            assert!(
                matches!(error, UnpackError::Damaged(_)),
                "{name} at {end}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_flipped_byte_is_refused() {
    let bench = bench().await;
    let entries = core_entries(&noise(7, 48_000));
    for (name, mut archive) in [(TAR_NAME, tar_gz(&entries)), (ZIP_NAME, zip(&entries))] {
        let middle = archive.len() / 2;
        archive[middle] ^= 1;
        let error = refused(&bench, name, &archive).await;
        assert!(matches!(error, UnpackError::Damaged(_)), "{name}: {error}");
    }
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let ends = bytes.len() - from.len();
    let mut count = 0;
    for at in 0..=ends {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
            count += 1;
        }
    }
    assert_eq!(count, 2, "once before the content, once in the directory");
}
