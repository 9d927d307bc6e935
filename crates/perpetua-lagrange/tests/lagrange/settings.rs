//! The settings file and the environment.

use std::fs;
use std::path::Path;

use crate::texts;
use perpetua_lagrange::{
    CoreProtocol, LagrangeSettings, ProxyUrl, SignerUrl, WrittenSettings, inherited,
};
use perpetua_secrets::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::recording::mark;

fn settings() -> LagrangeSettings {
    LagrangeSettings {
        port: 35821,
        token: Secret::new("token-hunter2").expect("token"),
        uin: Some(10001),
        protocol: CoreProtocol::Linux,
        sign_server: SignerUrl::new("https://sign.example/api/sign-hunter2/30366/")
            .expect("address"),
        sign_proxy: Some(ProxyUrl::new("http://me:proxy-hunter2@10.0.0.1:3128").expect("proxy")),
        log_mark: mark(),
        extract_folder: "/data/core/.extracted".into(),
    }
}

fn write(folder: &Path) -> WrittenSettings {
    settings().write(folder).expect("written")
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("appsettings.json")).expect("file")
}

fn value(folder: &Path) -> Value {
    serde_json::from_str(&text(folder)).expect("plain JSON")
}

#[test]
fn a_new_file_holds_all_that_the_core_needs_and_no_secret() {
    let folder = TempDir::new().expect("folder");
    assert_eq!(write(folder.path()), WrittenSettings::default());
    let written = value(folder.path());
    assert_eq!(
        written["Implementations"],
        json!([{"Type": "ForwardWebSocket", "Host": "127.0.0.1", "Port": 0, "HeartBeatInterval": 5000, "HeartBeatEnable": true}])
    );
    assert_eq!(written["SignServerUrl"], "");
    assert_eq!(written["SignProxyUrl"], "");
    assert_eq!(written["Account"]["Uin"], 10001);
    assert_eq!(written["Account"]["Protocol"], "Linux");
    assert_eq!(written["QrCode"]["ConsoleCompatibilityMode"], false);
    assert_eq!(written["Logging"]["LogLevel"]["Default"], "Information");
    assert!(!text(folder.path()).contains("hunter2"));
}

const USERS: &str = r#"{
    // my bot
    "Custom": { "Deep": [1, 2.50, "你"] },
    "account": { "Uin": 1, "AutoReconnect": false, "protocol": "MacOs", },
    "SignServerUrl": "https://old.example/sign",
    "signserverurl": "twice",
    "Account:Uin": 5,
    "Message": { "StringPost": true }, /* as text */
    "ConfigPath": { "Keystore": "../other.json" },
    "Logging": { "LogLevel": { "Default": "None" } },
    "Implementations": [
        { "Type": "ForwardWebSocket", "Host": "*", "Port": 8081, "AccessToken": "hunter2" },
        { "Type": "ReverseWebSocket", "Host": "127.0.0.1", "Port": 8080 },
    ],
    "Last": true,
}
"#;

#[test]
fn what_is_not_ours_stays_as_the_user_wrote_it() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("appsettings.json");
    fs::write(&path, format!("\u{feff}{USERS}")).expect("file");
    let written = write(folder.path());
    let text = text(folder.path());
    for kept in [
        "// my bot",
        r#""Custom": { "Deep": [1, 2.50, "你"] }"#,
        r#""AutoReconnect": false"#,
        r#""Message": { "StringPost": true }"#,
        r#""Last": true"#,
        "/* as text */",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    for gone in [
        "hunter2",
        "MacOs",
        "old.example",
        "twice",
        "Account:Uin",
        "ConfigPath",
        "None",
        "8081",
        "\u{feff}",
    ] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(place("Custom") < place("account") && place("account") < place("SignServerUrl"));
    assert!(place("SignServerUrl") < place("Message") && place("Message") < place("Last"));
    let told = texts(&written.dropped);
    for part in [
        "`ForwardWebSocket` at `*:8081`",
        "`ReverseWebSocket` at `127.0.0.1:8080`",
        "`ConfigPath`",
        "`Logging`",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_second_start_changes_and_says_nothing() {
    let folder = TempDir::new().expect("folder");
    fs::write(folder.path().join("appsettings.json"), USERS).expect("file");
    write(folder.path());
    let first = text(folder.path());
    assert_eq!(write(folder.path()), WrittenSettings::default());
    assert_eq!(text(folder.path()), first);
}

#[test]
fn a_file_that_is_no_json_is_set_aside_and_that_is_said() {
    for broken in [
        "",
        "{ \"Account\": ",
        "[1]",
        "{ 'Account': 1 }",
        "{ \"a\": 1 \"b\": 2 }",
    ] {
        let folder = TempDir::new().expect("folder");
        fs::write(folder.path().join("appsettings.json"), broken).expect("file");
        let told = write(folder.path()).dropped;
        assert!(
            told[0].to_string().contains("could not be read"),
            "{told:?}"
        );
        let names = fs::read_dir(folder.path()).expect("folder");
        let aside = names
            .map(|entry| entry.expect("entry").path())
            .find(|path| path.to_string_lossy().contains("appsettings.json.broken-"))
            .expect("set aside");
        assert_eq!(fs::read_to_string(aside).expect("file"), broken);
        assert_eq!(value(folder.path())["Account"]["Uin"], 10001);
    }
}

#[test]
fn a_file_that_would_override_ours_is_renamed() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("appsettings.Production.json");
    fs::write(&path, "{}").expect("file");
    let told = write(folder.path()).dropped;
    assert!(
        told[0]
            .to_string()
            .contains("appsettings.Production.json.unused-"),
        "{told:?}"
    );
    assert!(!path.exists());
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().expect("folder");
    write(folder.path());
    let metadata = fs::metadata(folder.path().join("appsettings.json")).expect("file");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}

#[test]
fn secrets_travel_in_the_environment_and_debug_shows_none() {
    let settings = settings();
    let variables = settings.environment();
    let variable = |name: &str| {
        let found = variables.iter().find(|(variable, _)| variable == name);
        found.map(|(_, value)| value.to_str().expect("text"))
    };
    assert_eq!(
        variable("Implementations__0__AccessToken"),
        Some("token-hunter2")
    );
    assert_eq!(
        variable("SignServerUrl"),
        Some("https://sign.example/api/sign-hunter2/30366")
    );
    assert_eq!(
        variable("SignProxyUrl"),
        Some("http://me:proxy-hunter2@10.0.0.1:3128/")
    );
    assert_eq!(variable("RUNNING_IN_DOCKER"), Some("true"));
    assert_eq!(
        variable("DOTNET_BUNDLE_EXTRACT_BASE_DIR"),
        Some("/data/core/.extracted")
    );
    assert_eq!(
        variable("DOTNET_hostBuilder__reloadConfigOnChange"),
        Some("false")
    );
    let format = variable("Logging__Console__FormatterOptions__TimestampFormat");
    assert_eq!(format, Some("'3fa9c1d200000001 '"));
    let shown = format!("{settings:?}");
    for secret in ["hunter2", "key", "3fa9c1d2"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_core_inherits_what_dotnet_needs_and_no_secret_of_another_account() {
    let kept = |name: &str| inherited([(name.into(), "x".into())]).any(|(kept, _)| kept == name);
    for name in [
        "UPSTREAM_TOKEN",
        "Account__Uin",
        "ACCOUNT__UIN",
        "Implementations__0__Port",
        "SignServerUrl",
        "DOTNET_ENVIRONMENT",
        "DOTNET_STARTUP_HOOKS",
        "ASPNETCORE_URLS",
        "CORECLR_ENABLE_PROFILING",
        "COMPlus_ReadyToRun",
        "RUNNING_IN_DOCKER",
        "PATH2",
        "é",
    ] {
        assert!(!kept(name), "{name}");
    }
    for name in [
        "PATH",
        "Path",
        "HOME",
        "LANG",
        "LC_ALL",
        "https_proxy",
        "HTTPS_PROXY",
        "TEMP",
        "DOTNET_GCHeapHardLimit",
        "SystemRoot",
        "SYSTEMROOT",
        "ProgramFiles(x86)",
        "__CF_USER_TEXT_ENCODING",
    ] {
        assert!(kept(name), "{name}");
    }
}

#[test]
fn whatever_proxy_the_machine_has_its_own_programs_are_asked_directly() {
    let loopback = "127.0.0.1,localhost,::1";
    let joined = format!("intern.example,{loopback}");
    let other = format!("other.example,{loopback}");
    for (machine, upper, lower) in [
        (vec![], loopback, loopback),
        (vec![("NO_PROXY", "")], loopback, loopback),
        (vec![("NO_PROXY", "intern.example")], &*joined, &*joined),
        (vec![("no_proxy", "intern.example")], &*joined, &*joined),
        (
            vec![
                ("no_proxy", "intern.example"),
                ("NO_PROXY", "other.example"),
            ],
            &*other,
            &*joined,
        ),
    ] {
        let machine = machine.into_iter();
        let all: Vec<_> =
            inherited(machine.map(|(name, hosts)| (name.into(), hosts.into()))).collect();
        let value = |name: &str| {
            let mut found = all.iter().filter(|(known, _)| known == name);
            let value = found.next().expect(name).1.to_str().expect("text");
            assert!(found.next().is_none(), "{name} twice");
            value
        };
        assert_eq!((value("NO_PROXY"), value("no_proxy")), (upper, lower));
    }
}
