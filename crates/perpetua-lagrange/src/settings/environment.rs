//! The core's environment: its variables override its settings file (`Host.CreateApplicationBuilder`).

use std::ffi::{OsStr, OsString};

use crate::LagrangeSettings;

/// Variables that .NET and the system's libraries need, or that tell the machine's own ways: the
/// language, the time zone, temporary files, proxies, certificates.
const INHERITED: [&str; 25] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMP",
    "TEMP",
    "TMPDIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "CLR_OPENSSL_VERSION_OVERRIDE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "__CF_USER_TEXT_ENCODING",
];
/// What programs of Windows need beside these: without `SystemRoot` there are not even sockets.
const OF_WINDOWS: [&str; 24] = [
    "SystemRoot",
    "SystemDrive",
    "windir",
    "ProgramData",
    "ALLUSERSPROFILE",
    "PUBLIC",
    "USERPROFILE",
    "USERNAME",
    "USERDOMAIN",
    "HOMEDRIVE",
    "HOMEPATH",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramFiles",
    "ProgramFiles(x86)",
    "ProgramW6432",
    "CommonProgramFiles",
    "CommonProgramFiles(x86)",
    "CommonProgramW6432",
    "ComSpec",
    "PATHEXT",
    "OS",
    "NUMBER_OF_PROCESSORS",
    "PROCESSOR_ARCHITECTURE",
];
/// What is asked without the machine's proxy; written in either case.
const DIRECT: [&str; 2] = ["NO_PROXY", "no_proxy"];
const THIS_MACHINE: &str = "127.0.0.1,localhost,::1";
/// The language, by parts; and limits of .NET's memory, which are a machine owner's right.
const PREFIXES: [&str; 2] = ["LC_", "DOTNET_GC"];

pub(super) fn of(settings: &LagrangeSettings) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(&str, OsString)> = vec![
        // Switches the core's own updater off, which would restart it outside of our process tree.
        ("RUNNING_IN_DOCKER", "true".into()),
        // No socket and pipes through which others of the same user may look into it, and none left behind.
        ("DOTNET_EnableDiagnostics", "0".into()),
        (
            "Implementations__0__AccessToken",
            settings.token.expose().into(),
        ),
        ("Implementations__0__Port", settings.port.to_string().into()),
        ("Logging__Console__FormatterName", "simple".into()),
        (
            "Logging__Console__FormatterOptions__SingleLine",
            "true".into(),
        ),
        (
            "Logging__Console__FormatterOptions__ColorBehavior",
            "Disabled".into(),
        ),
        (
            "Logging__Console__FormatterOptions__TimestampFormat",
            settings.log_mark.time_stamp_format().into(),
        ),
        (
            "DOTNET_BUNDLE_EXTRACT_BASE_DIR",
            settings.extract_folder.clone().into(),
        ),
        // Saves a library on Linux, and keeps the log's dates in one calendar everywhere.
        ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1".into()),
        // The watcher crashes where few inotify watches are allowed, and nobody needs it.
        ("DOTNET_hostBuilder__reloadConfigOnChange", "false".into()),
    ];
    variables.push(("SignServerUrl", settings.sign_server.expose().into()));
    if let Some(proxy) = &settings.sign_proxy {
        variables.push(("SignProxyUrl", proxy.expose().into()));
    }
    variables
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect()
}

/// The variables of this process that the core may see, out of all. No others: secrets of other
/// accounts may stand in them, and .NET takes many for settings of the core.
///
/// Names have no case on Windows, and proxies are written in either elsewhere. Of what leads around a proxy
/// there are always both, for .NET would ask a signer of this machine through it, too.
pub fn inherited(
    all: impl IntoIterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    let (direct, mut others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .filter(|(name, _)| is_inherited(name))
        .partition(|(name, _)| name.eq_ignore_ascii_case(DIRECT[0]));
    others.extend(DIRECT.map(|name| (name.into(), direct_hosts(name, &direct))));
    others.into_iter()
}

/// What one of the two variables says, else what the other does, and this machine.
fn direct_hosts(name: &str, inherited: &[(OsString, OsString)]) -> OsString {
    let written = inherited.iter().find(|(known, _)| known == name);
    let mut hosts = written
        .or(inherited.first())
        .map(|(_, hosts)| hosts.clone())
        .unwrap_or_default();
    if !hosts.is_empty() {
        hosts.push(",");
    }
    hosts.push(THIS_MACHINE);
    hosts
}

fn is_inherited(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let is = |known: &&str| name.eq_ignore_ascii_case(known);
    let starts = |prefix: &&str| {
        name.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    INHERITED.iter().chain(&OF_WINDOWS).any(is) || PREFIXES.iter().any(starts)
}
