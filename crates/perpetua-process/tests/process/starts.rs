//! What is said of a start, and of what was started.

use std::time::{Duration, Instant};

use perpetua_process::{Launch, Process, SpawnError};

use crate::{LIMIT, is_wine, launch, roles, until};

fn refusal(launch: &Launch) -> SpawnError {
    Process::start(launch).map(drop).expect_err("refused")
}

#[tokio::test]
async fn a_missing_program_and_a_missing_folder_are_told_apart() {
    let mut no_program = launch("exit 0");
    no_program.program = no_program.folder.join("no-such-program");
    assert!(matches!(
        refusal(&no_program),
        SpawnError::ProgramMissing { .. }
    ));

    let mut no_folder = launch("exit 0");
    no_folder.folder = no_folder.folder.join("no-such-folder");
    let error = refusal(&no_folder);
    assert!(matches!(error, SpawnError::FolderMissing { .. }), "{error}");

    let mut a_folder = launch("exit 0");
    a_folder.program.clone_from(&a_folder.folder);
    assert!(Process::start(&a_folder).is_err());
}

#[tokio::test]
async fn a_program_for_another_system_is_called_that() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let error = refusal(&program(&folder, b"\x7fELF of another processor"));
    assert!(matches!(error, SpawnError::WrongSystem { .. }), "{error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn each_fault_of_a_file_has_its_own_words() {
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("temporary folder");
    let error = refusal(&program(&folder, b"#!/no/such/loader\n"));
    assert!(
        matches!(error, SpawnError::LoaderMissing { .. }),
        "{error:?}"
    );

    let unmarked = program(&folder, b"#!/bin/sh\n");
    fs::set_permissions(&unmarked.program, Permissions::from_mode(0o644)).expect("set");
    let error = refusal(&unmarked);
    assert!(
        matches!(error, SpawnError::NotExecutable { .. }),
        "{error:?}"
    );

    if cfg!(target_os = "linux") {
        let held = program(&folder, b"#!/bin/sh\n");
        let _held = File::options()
            .append(true)
            .open(&held.program)
            .expect("held");
        let error = refusal(&held);
        assert!(matches!(error, SpawnError::InUse { .. }), "{error:?}");
    }
}

/// A program of these bytes in a folder.
fn program(folder: &tempfile::TempDir, bytes: &[u8]) -> Launch {
    let mut launch = launch("exit 0");
    launch.program = folder.path().join("program.exe");
    std::fs::write(&launch.program, bytes).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let marked = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&launch.program, marked).expect("set");
    }
    launch
}

#[tokio::test]
async fn a_busy_process_shows_what_it_uses() {
    let (process, mut lines) = Process::start(&launch("busy")).expect("started");
    until(&mut lines, "complete").await;
    process.usage().expect("it runs");
    let end = Instant::now() + LIMIT;
    loop {
        // The clock of a process counts hundredths of a second.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let usage = process.usage().expect("it runs");
        assert!(usage.memory_bytes >= roles::HELD as u64, "{usage:?}");
        // Wine counts badly.
        if usage.cpu_percent > 0.0 || is_wine() {
            return;
        }
        assert!(
            Instant::now() < end,
            "it is busy and uses nothing: {usage:?}"
        );
    }
}

#[tokio::test]
async fn a_program_sees_the_variables_it_is_given_and_no_others() {
    let mut launch = launch("variables");
    // What a program of Windows cannot start without, and the role.
    let is_needed = |name: &str| ["SYSTEMROOT", "PATH", roles::ROLE].contains(&name);
    launch
        .environment
        .retain(|(name, _)| is_needed(&name.to_string_lossy().to_ascii_uppercase()));
    let (_process, mut lines) = Process::start(&launch).expect("started");
    let mut seen = Vec::new();
    while let Some(line) = lines.next().await {
        seen.extend(line.text.strip_prefix("variable ").map(str::to_owned));
    }
    assert!(seen.iter().any(|name| name == roles::ROLE), "{seen:?}");
    // Cargo gives this one to each test.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() || is_wine());
    assert!(
        !seen.iter().any(|name| name == "CARGO_MANIFEST_DIR"),
        "{seen:?}"
    );
}
