//! Everything of an archive counts: its headers, and what stands before its beginning and behind its end.

use std::io::{Read, Write};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use perpetua_fetch::{InstallError, UnpackError};
use tar::EntryType;

use crate::archives::{NAME, PUBLISH, ZIP_NAME, core, core_entries, tar_gz, zip};
use crate::bench::Bench;

/// Installs an archive over an old version; gives why it was refused.
async fn refused(bench: &Bench, name: &str, archive: &[u8], what: &str) -> UnpackError {
    match bench.install_archive(name, archive).await {
        Err(InstallError::Refused { cause, .. }) => {
            assert_eq!(bench.current_program(), b"old", "{what}");
            cause
        }
        other => panic!("{what} had to be refused: {other:?}"),
    }
}

async fn bench() -> Bench {
    let bench = Bench::new(Vec::new());
    bench
        .install_archive(NAME, &core(b"old"))
        .await
        .expect("the old version");
    bench
}

fn packed(tar: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(tar).expect("memory");
    encoder.finish().expect("memory")
}

fn unpacked(archive: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    GzDecoder::new(archive)
        .read_to_end(&mut tar)
        .expect("a good archive");
    tar
}

/// A good core, and before each of many small files a header of 900 kB.
fn with_headers(kind: EntryType) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut add = |kind, path: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append(&header, content).expect("memory");
    };
    add(
        EntryType::Regular,
        &format!("{PUBLISH}/Lagrange.OneBot"),
        b"new",
    );
    let record = format!("900000 comment={}\n", "a".repeat(900_000 - 16));
    for number in 0..40 {
        add(kind, "h", record.as_bytes());
        add(EntryType::Regular, &format!("f{number}"), b"x");
    }
    packed(&builder.into_inner().expect("memory"))
}

#[tokio::test]
async fn headers_count_as_everything_else_that_is_unpacked() {
    let mut bench = bench().await;
    for kind in [
        EntryType::XHeader,
        EntryType::XGlobalHeader,
        EntryType::GNULongLink,
    ] {
        let archive = with_headers(kind);
        bench.options.limits.total = 1_000_000_000;
        let error = refused(&bench, NAME, &archive, "many headers").await;
        assert!(matches!(error, UnpackError::Bomb(100)), "{kind:?}: {error}");
        bench.options.limits.total = 1_000_000;
        let error = refused(&bench, NAME, &archive, "many headers").await;
        assert!(
            matches!(error, UnpackError::TooLarge(1_000_000)),
            "{kind:?}: {error}"
        );
    }
}

/// What somebody may add to good archives, by its name.
fn added_to_archives() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (gzipped, zipped) = (tar_gz(&core_entries(b"new")), zip(&core_entries(b"new")));
    let tar = unpacked(&gzipped);
    let inside = |more: &[u8]| packed(&[&tar, more].concat());
    let behind = |archive: &[u8], more: &[u8]| [archive, more].concat();
    let mut far = vec![0; 1_000_000];
    far.push(b'x');
    vec![
        ("a block behind the end", NAME, inside(&[b'x'; 512])),
        ("a byte behind the end", NAME, inside(b"x")),
        ("a byte far behind the end", NAME, inside(&far)),
        ("another archive behind the end", NAME, inside(&tar)),
        ("a second member", NAME, behind(&gzipped, &packed(&tar))),
        (
            "an empty second member",
            NAME,
            behind(&gzipped, &packed(b"")),
        ),
        ("a byte behind the file", NAME, behind(&gzipped, b"x")),
        ("zeros behind the file", NAME, behind(&gzipped, &[0; 512])),
        ("a byte behind the zip", ZIP_NAME, behind(&zipped, b"x")),
        ("zeros behind the zip", ZIP_NAME, behind(&zipped, &[0; 30])),
        (
            "a program before the zip",
            ZIP_NAME,
            behind(b"#!/bin/sh\nevil\n", &zipped),
        ),
        (
            "an archive before the zip",
            ZIP_NAME,
            behind(&zipped, &zip(&core_entries(b"two"))),
        ),
    ]
}

#[tokio::test]
async fn what_stands_before_the_beginning_or_behind_the_end_is_refused() {
    let bench = bench().await;
    for (what, name, archive) in added_to_archives() {
        let error = refused(&bench, name, &archive, what).await;
        let said = error.to_string();
        let words = match what {
            "a program before the zip" => "not",
            _ if what.contains("before") => "precedes its beginning",
            _ => "more data follows its end",
        };
        assert!(
            matches!(error, UnpackError::Damaged(_)) && said.contains(words),
            "{what}: {said}"
        );
    }
}

#[tokio::test]
async fn the_padding_of_tar_is_no_data() {
    let bench = bench().await;
    let tar = unpacked(&tar_gz(&core_entries(b"new")));
    for zeros in [0, 512, 9 * 1024, 1024 * 1024 - 4096] {
        let padded = [tar.clone(), vec![0; zeros]].concat();
        let installed = bench.install_archive(NAME, &packed(&padded)).await;
        installed.unwrap_or_else(|error| panic!("{zeros} zeros: {error}"));
    }
}
