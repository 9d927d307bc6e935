//! Archives whose bytes are those of their files: no users, no times of today, one order.

use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A file that goes into an archive.
pub(crate) struct Entry {
    name: String,
    file: PathBuf,
    mode: u32,
}

impl Entry {
    pub(crate) fn program(name: String, file: PathBuf) -> Self {
        let mode = 0o755;
        Self { name, file, mode }
    }

    pub(crate) fn text(name: &str, file: PathBuf) -> Self {
        let (name, mode) = (name.to_owned(), 0o644);
        Self { name, file, mode }
    }

    fn open(&self) -> Result<BufReader<File>> {
        let file = File::open(&self.file)
            .with_context(|| format!("`{}` cannot be read", self.file.display()))?;
        Ok(BufReader::new(file))
    }
}

/// Packs all entries into one folder; each gets this time, in seconds since 1970.
pub(crate) fn tar_gz(to: &Path, folder: &str, entries: &[Entry], time: u64) -> Result<()> {
    let gzip = GzEncoder::new(create(to)?, Compression::default());
    let mut tar = tar::Builder::new(gzip);
    for entry in entries {
        let content = entry.open()?;
        let mut header = tar::Header::new_gnu();
        header.set_size(content.get_ref().metadata()?.len());
        header.set_mode(entry.mode);
        header.set_mtime(time);
        tar.append_data(&mut header, format!("{folder}/{}", entry.name), content)?;
    }
    finish(tar)
}

/// Packs a folder as it is under its own name, which is how macOS has its programs.
pub(crate) fn tar_gz_of_folder(to: &Path, folder: &Path) -> Result<()> {
    let name = folder.file_name().context("a folder has a name")?;
    let mut tar = tar::Builder::new(GzEncoder::new(create(to)?, Compression::default()));
    tar.follow_symlinks(false);
    tar.append_dir_all(name, folder)?;
    finish(tar)
}

/// Packs all entries into one folder. Times are those that the format begins with.
pub(crate) fn zip(to: &Path, folder: &str, entries: &[Entry]) -> Result<()> {
    let mut zip = ZipWriter::new(create(to)?);
    for entry in entries {
        let options = SimpleFileOptions::DEFAULT.unix_permissions(entry.mode);
        zip.start_file(format!("{folder}/{}", entry.name), options)?;
        io::copy(&mut entry.open()?, &mut zip)?;
    }
    zip.finish()?.into_inner()?.sync_all()?;
    Ok(())
}

fn create(path: &Path) -> Result<BufWriter<File>> {
    let file =
        File::create(path).with_context(|| format!("`{}` cannot be written", path.display()))?;
    Ok(BufWriter::new(file))
}

fn finish(tar: tar::Builder<GzEncoder<BufWriter<File>>>) -> Result<()> {
    tar.into_inner()?.finish()?.into_inner()?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    fn entries(folder: &Path) -> Result<Vec<Entry>> {
        let (program, text) = (folder.join("a.out"), folder.join("notes"));
        fs::write(&program, b"\x7fELF")?;
        fs::write(&text, "words")?;
        Ok(vec![
            Entry::program("perpetuad".to_owned(), program),
            Entry::text("LICENSE", text),
        ])
    }

    #[test]
    fn a_tarball_holds_its_files_with_their_rights_and_is_the_same_each_time() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let entries = entries(folder.path())?;
        let (first, second) = (folder.path().join("1"), folder.path().join("2"));
        tar_gz(&first, "perpetuad-1", &entries, 77)?;
        tar_gz(&second, "perpetuad-1", &entries, 77)?;
        assert_eq!(fs::read(&first)?, fs::read(&second)?);
        let mut found = BTreeMap::new();
        let mut archive = tar::Archive::new(GzDecoder::new(File::open(&first)?));
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.display().to_string();
            let rights = (entry.header().mode()?, entry.header().mtime()?);
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            found.insert(path, (rights, content));
        }
        let expected = [
            ("perpetuad-1/LICENSE", ((0o644, 77), b"words".to_vec())),
            ("perpetuad-1/perpetuad", ((0o755, 77), b"\x7fELF".to_vec())),
        ];
        let expected = expected.map(|(path, entry)| (path.to_owned(), entry));
        assert_eq!(found, BTreeMap::from(expected));
        Ok(())
    }

    #[test]
    fn a_zip_holds_its_files_and_is_the_same_each_time() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let entries = entries(folder.path())?;
        let (first, second) = (folder.path().join("1"), folder.path().join("2"));
        zip(&first, "perpetuad-1", &entries)?;
        zip(&second, "perpetuad-1", &entries)?;
        assert_eq!(fs::read(&first)?, fs::read(&second)?);
        let mut archive = zip::ZipArchive::new(File::open(&first)?)?;
        let mut content = Vec::new();
        let mut program = archive.by_name("perpetuad-1/perpetuad")?;
        program.read_to_end(&mut content)?;
        assert_eq!(content, b"\x7fELF");
        Ok(())
    }

    #[test]
    fn a_folder_is_packed_under_its_own_name() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let program = folder.path().join("perpetua.app/Contents/MacOS/perpetua");
        fs::create_dir_all(program.parent().expect("a folder"))?;
        fs::write(&program, "x")?;
        let archive = folder.path().join("perpetua.app.tar.gz");
        tar_gz_of_folder(&archive, &folder.path().join("perpetua.app"))?;
        let mut archive = tar::Archive::new(GzDecoder::new(File::open(&archive)?));
        let paths: io::Result<Vec<_>> = archive
            .entries()?
            .map(|entry| Ok(entry?.path()?.into_owned()))
            .collect();
        let program = PathBuf::from("perpetua.app/Contents/MacOS/perpetua");
        assert!(paths?.contains(&program));
        Ok(())
    }
}
