//! The program as a person calls it: its language, its errors and what it exits with.

use std::{
    path::Path,
    process::{Command, Output},
};

/// Runs the program in an environment of nothing but these variables.
fn perpetuad(variables: &[(&str, &str)], folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perpetuad"));
    for name in ["LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG", "LANGUAGE"] {
        command.env_remove(name);
    }
    let output = command
        .envs(variables.iter().copied())
        .arg("--data-dir")
        .arg(folder)
        .args(arguments)
        .output();
    output.expect("started")
}

fn is_chinese(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains("文件")
}

#[test]
fn errors_and_help_are_in_the_language_of_the_environment_or_the_one_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    for (variables, arguments, chinese) in [
        (("LANG", "zh_CN.UTF-8"), &["check"][..], true),
        (("LANG", "zh_CN.GBK"), &["check"], false),
        (("LC_ALL", "C"), &["check"], false),
        (("LANG", "zh_CN.UTF-8"), &["check", "--lang", "en"], false),
        (("LC_ALL", "C"), &["--lang=zh-CN", "check"], true),
    ] {
        let checked = perpetuad(&[variables], folder.path(), arguments);
        assert_eq!(checked.status.code(), Some(64), "{checked:?}");
        assert_eq!(is_chinese(&checked.stderr), chinese, "{checked:?}");
        let arguments = [arguments, &["--help"]].concat();
        let help = perpetuad(&[variables], folder.path(), &arguments);
        assert_eq!(help.status.code(), Some(0), "{help:?}");
        assert_eq!(is_chinese(&help.stdout), chinese, "{help:?}");
    }
}

#[test]
fn each_mistake_of_the_settings_has_a_line_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("perpetua.toml");
    std::fs::write(&settings, "lisen = 1\nsecret = 2\n").expect("written");
    let english = [("LC_ALL", "C")];
    let checked = perpetuad(&english, folder.path(), &["check"]);
    let stderr = String::from_utf8_lossy(&checked.stderr);
    assert_eq!(checked.status.code(), Some(64), "{stderr}");
    assert_eq!(stderr.lines().count(), 3, "{stderr}");
    assert!(stderr.contains("  line 2, column 1: "), "{stderr}");
}

#[test]
fn settings_in_another_encoding_are_named_and_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("perpetua.toml");
    // "设置" in GBK.
    std::fs::write(&settings, b"# \xc9\xe8\xd6\xc3\n").expect("written");
    let checked = perpetuad(&[("LC_ALL", "C")], folder.path(), &["check"]);
    let stderr = String::from_utf8_lossy(&checked.stderr);
    assert_eq!(checked.status.code(), Some(64), "{stderr}");
    assert!(stderr.contains("GBK"), "{stderr}");
}
