//! Archives of the real names and layouts, and those that no release has.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The name of the release's file for the system of the tests.
pub(crate) const NAME: &str = "Lagrange.OneBot_linux-x64_net9.0_SelfContained.tar.gz";
/// The same, packed as for Windows.
pub(crate) const ZIP_NAME: &str = "core.zip";
/// The program's folder in it.
pub(crate) const PUBLISH: &str = "Lagrange.OneBot/bin/Release/net9.0/linux-x64/publish";

/// Bytes that do not shrink, the same for the same seed.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bytes = vec![0; len];
    random.fill(&mut bytes);
    bytes
}

/// An entry of an archive to be.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Folder(&'static [u8]),
    File(Vec<u8>, Vec<u8>),
    Link(&'static [u8], &'static str),
    Special(&'static [u8], EntryType),
}

pub(crate) fn file(path: &str, content: impl Into<Vec<u8>>) -> Entry {
    Entry::File(path.as_bytes().to_owned(), content.into())
}

/// A program of this content, packed as the release packs it, but not made smaller: programs of one
/// size make archives of one size.
pub(crate) fn core(program: &[u8]) -> Vec<u8> {
    packed(&core_entries(program), Compression::none())
}

pub(crate) fn core_entries(program: &[u8]) -> Vec<Entry> {
    let path = |name: &str| format!("./{PUBLISH}/{name}");
    vec![
        Entry::Folder(b"./"),
        Entry::Folder(b"./Lagrange.OneBot/"),
        Entry::Folder(b"./Lagrange.OneBot/bin/"),
        file(&path("Lagrange.OneBot"), program),
        file(&path("librealm-wrappers.dylib"), "a library"),
    ]
}

pub(crate) fn tar_gz(entries: &[Entry]) -> Vec<u8> {
    packed(entries, Compression::fast())
}

fn packed(entries: &[Entry], compression: Compression) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), compression));
    for entry in entries {
        let (path, kind, content): (&[u8], _, &[u8]) = match entry {
            Entry::Folder(path) => (path, EntryType::Directory, &[]),
            Entry::File(path, content) => (path, EntryType::Regular, content),
            Entry::Link(path, _) => (path, EntryType::Symlink, &[]),
            Entry::Special(path, kind) => (path, *kind, &[]),
        };
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        if let Entry::Link(_, to) = entry {
            header.set_link_name(to).expect("a short name");
        }
        // Past `set_path`, which refuses what is to be tested.
        header.as_old_mut().name[..path.len()].copy_from_slice(path);
        header.set_cksum();
        builder.append(&header, content).expect("appended");
    }
    let encoder = builder.into_inner().expect("the end of the archive");
    encoder.finish().expect("compressed")
}

pub(crate) fn zip(entries: &[Entry]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for entry in entries {
        match entry {
            Entry::Folder(b"./") => {}
            Entry::Folder(path) => {
                let path = String::from_utf8_lossy(path);
                writer.add_directory(path, options).expect("a folder");
            }
            Entry::File(path, content) => {
                let path = String::from_utf8_lossy(path);
                writer.start_file(path, options).expect("a file");
                writer.write_all(content).expect("its content");
            }
            Entry::Link(path, to) => {
                let path = String::from_utf8_lossy(path);
                writer.add_symlink(path, *to, options).expect("a link");
            }
            Entry::Special(..) => unreachable!("zip has none"),
        }
    }
    writer.finish().expect("the directory").into_inner()
}
