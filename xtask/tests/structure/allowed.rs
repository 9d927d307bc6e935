//! What the rules allow, and why. An entry that nothing needs any more fails its test.

/// Files that are written by somebody else than `perpetua-fs`: the end of the path, and why.
pub(crate) const OTHER_WRITERS: [(&str, &str); 4] = [
    (
        "perpetua-fetch/src/download/part.rs",
        "a download grows piece by piece, and is resumed",
    ),
    (
        "perpetua-fetch/src/unpack/sink.rs",
        "an archive is unpacked into a folder that nobody has yet",
    ),
    (
        "perpetua-fetch/src/versions/locks.rs",
        "a lock's file has no content",
    ),
    ("perpetua-telemetry/src/files.rs", "a log is appended to"),
];

/// Texts that read as sentences and are another program's, or one's that is not a person: the end of
/// the file's path, how the text begins (all of the file's texts, where nothing), and why.
pub(crate) const WIRE_TEXTS: [(&str, &str, &str); 0] = [];

/// Sentences that still stand in the code, by package. None may be added.
pub(crate) const SENTENCES: [(&str, usize); 17] = [
    ("perpetua-config", 90),
    ("perpetua-fetch", 79),
    ("perpetua-fs", 7),
    ("perpetua-http", 44),
    ("perpetua-hub", 36),
    ("perpetua-lagrange", 99),
    ("perpetua-lifecycle", 30),
    ("perpetua-node", 112),
    ("perpetua-onebot", 12),
    ("perpetua-process", 16),
    ("perpetua-proxy", 34),
    ("perpetua-schema", 2),
    ("perpetua-secrets", 12),
    ("perpetua-simulator", 53),
    ("perpetua-supervisor", 20),
    ("perpetua-telemetry", 2),
    ("perpetuad", 47),
];

/// Codes that nobody says yet.
pub(crate) const UNUSED_CODES: [&str; 3] =
    ["file.cannot_read", "file.cannot_write", "unit.seconds"];

/// Names that several public types may have, and why.
pub(crate) const SHARED_NAMES: [(&str, &str); 18] = [
    ("Account", "to be renamed"),
    ("ClientPort", "to be renamed"),
    ("Core", "to be renamed"),
    ("CoreLine", "to be renamed"),
    ("Discovery", "to be renamed"),
    ("Event", "to be renamed"),
    ("Kind", "to be renamed"),
    ("Limits", "to be renamed"),
    ("Profile", "to be renamed"),
    ("Protocol", "to be renamed"),
    ("Role", "to be renamed"),
    ("Settings", "to be renamed"),
    ("Signer", "to be renamed"),
    ("SignerReport", "to be renamed"),
    ("Source", "to be renamed"),
    ("StartError", "to be renamed"),
    ("Taken", "to be renamed"),
    ("WhenFull", "to be renamed"),
];

/// Packages that still have files called `mod.rs`, and how many.
pub(crate) const NAMELESS_MODULES: [(&str, usize); 7] = [
    ("perpetua-fetch", 6),
    ("perpetua-hub", 2),
    ("perpetua-lagrange", 6),
    ("perpetua-lifecycle", 1),
    ("perpetua-node", 2),
    ("perpetua-proxy", 1),
    ("perpetua-supervisor", 2),
];
