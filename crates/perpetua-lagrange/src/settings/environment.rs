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
    if let Some(proxy) = &settings.signer.proxy
        && proxy.has_password()
    {
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
/// Names have no case on Windows, and proxies are written in either elsewhere.
pub fn inherited(
    all: impl IntoIterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    all.into_iter().filter(|(name, _)| is_inherited(name))
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
