//! What a signer says that it signs for (`BotAppInfo`).

use serde_json::Value;

/// The fields that a login cannot do without; numbers that are missing are 0, and do.
const TEXTS: [&str; 7] = [
    "Os",
    "VendorOs",
    "Kernel",
    "CurrentVersion",
    "PtVersion",
    "PackageName",
    "WtLoginSdk",
];

/// A system and a version of QQ.
pub(crate) struct AppInfo {
    system: Option<String>,
    version: Option<String>,
    missing: Option<&'static str>,
}

impl AppInfo {
    /// `None` for what is no such object.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let info: Value = serde_json::from_slice(bytes).ok()?;
        let fields = info.as_object()?;
        let is_wrong = |name: &&&str| {
            fields
                .get(**name)
                .is_some_and(|field| !field.is_string() && !field.is_null())
        };
        if TEXTS.iter().find(is_wrong).is_some() {
            return None;
        }
        let text = |name: &str| info[name].as_str().map(str::to_owned);
        Some(Self {
            system: text("Os"),
            version: text("CurrentVersion"),
            missing: TEXTS.into_iter().find(|name| info[*name].is_null()),
        })
    }

    /// What Lagrange knows by itself.
    pub(crate) fn built_in(protocol: Option<&str>) -> Self {
        let (system, version) = match protocol {
            Some("Windows") => ("Windows", "9.9.2-15962"),
            Some("MacOs") => ("Mac", "6.9.23-20139"),
            _ => ("Linux", "3.2.15-30366"),
        };
        Self {
            system: Some(system.to_owned()),
            version: Some(version.to_owned()),
            missing: None,
        }
    }

    /// `Linux`, `Windows` or `MacOs`.
    pub(crate) fn platform(&self) -> &str {
        match self.system.as_deref() {
            Some("Mac") => "MacOs",
            Some(system) => system,
            None => "(null)",
        }
    }

    /// The version as it is printed.
    pub(crate) fn version(&self) -> &str {
        self.version.as_deref().unwrap_or("(null)")
    }

    /// A field that a login needs and that is not there.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        self.missing
    }
}
