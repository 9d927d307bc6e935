//! The core's environment: its variables override its settings file (`Host.CreateApplicationBuilder`).

use std::ffi::{OsStr, OsString};

use crate::LagrangeSettings;

/// Sections of the core's settings that a variable could change, as `Account__Uin` does.
const SECTIONS: [&str; 7] = [
    "Logging",
    "Account",
    "Message",
    "QrCode",
    "ConfigPath",
    "Implementation",
    "Implementations",
];
/// Variables that are settings of the core by themselves.
const SETTINGS: [&str; 4] = [
    "SignServerUrl",
    "SignProxyUrl",
    "MusicSignServerUrl",
    "RUNNING_IN_DOCKER",
];
/// Variables of .NET's runtime and host: environments, profilers, start-up hooks.
const RUNTIME: [&str; 4] = ["DOTNET_", "ASPNETCORE_", "CORECLR_", "COMPlus_"];
/// Limits of .NET's memory are a machine owner's right.
const MEMORY: &str = "DOTNET_GC";

pub(super) fn of(settings: &LagrangeSettings) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(&str, OsString)> = vec![
        // Switches the core's own updater off, which would restart it outside of our process tree.
        ("RUNNING_IN_DOCKER", "true".into()),
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

/// Whether an inherited variable would change the core's settings or its runtime, and so must not reach it.
///
/// .NET's names have no case. What is not text cannot be one of them.
pub fn is_foreign(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let starts = |prefix: &str| {
        name.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if RUNTIME.iter().any(|prefix| starts(prefix)) {
        return !starts(MEMORY);
    }
    let end = name.find("__").or_else(|| name.find(':'));
    let section = &name[..end.unwrap_or(name.len())];
    SETTINGS
        .iter()
        .any(|setting| name.eq_ignore_ascii_case(setting))
        || (end.is_some()
            && SECTIONS
                .iter()
                .any(|ours| section.eq_ignore_ascii_case(ours)))
}
