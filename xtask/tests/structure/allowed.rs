//! What the rules allow, and why. An entry that nothing needs any more fails its test.

/// Files that are written by somebody else than `perpetua-fs`: the end of the path, and why.
pub(crate) const OTHER_WRITERS: [(&str, &str); 5] = [
    (
        "perpetua-fetch/src/download/part.rs",
        "a download grows piece by piece, and is resumed",
    ),
    (
        "perpetua-fetch/src/unpack/sink.rs",
        "an archive is unpacked into a folder that nobody has yet",
    ),
    (
        "perpetua-fetch/src/upload.rs",
        "an upload grows piece by piece, in a folder that nobody has yet",
    ),
    (
        "perpetua-fetch/src/versions/locks.rs",
        "a lock's file has no content",
    ),
    (
        "perpetua-telemetry/src/rotating_files.rs",
        "a log is appended to",
    ),
];

/// Texts that read as sentences and are no person's to read, or not ours: the end of the file's path,
/// how the text begins (all of the file's texts, where nothing), and why.
pub(crate) const WIRE_TEXTS: [(&str, &str, &str); 41] = [
    (
        "perpetua-config/src/read/syntax.rs",
        "",
        "what the TOML parser says, to be said in other words",
    ),
    (
        "perpetua-node/src/guide.rs",
        "  adapter-onebot:",
        "settings of a framework",
    ),
    (
        "perpetua-node/src/guide/dialled.rs",
        "  adapter-onebot:",
        "settings of a framework",
    ),
    (
        "perpetua-node/src/guide/http.rs",
        "  adapter-onebot:",
        "settings of a framework",
    ),
    (
        "perpetua-node/src/guide/posted.rs",
        "  adapter-onebot:",
        "settings of a framework",
    ),
    (
        "perpetua-schema/src/call.rs",
        "unknown field",
        "stands where the JSON library says in its own words what is wrong with parameters",
    ),
    (
        "perpetua-schema/src/call.rs",
        "expected an object",
        "as above",
    ),
    (
        "perpetua-http/src/core_metrics.rs",
        "",
        "the help of a metric is in English wherever it is read",
    ),
    (
        "perpetua-http/src/metrics.rs",
        "",
        "the help of a metric is in English wherever it is read",
    ),
    (
        "perpetua-hub/src/presence/offline.rs",
        "下线通知",
        "how QQ titles its notice",
    ),
    (
        "perpetua-lagrange/src/log/meaning.rs",
        "",
        "what the core writes into its log",
    ),
    (
        "perpetua-lagrange/src/log/record.rs",
        "WebService send message failed",
        "as above",
    ),
    (
        "perpetua-supervisor/src/driver/records.rs",
        "(perpetua: {more} more records",
        "a line among those of the core's log",
    ),
    (
        "perpetua-process/src/tree/unix.rs",
        "trap '' HUP",
        "a program for the shell",
    ),
    (
        "perpetua-desktop/src/typescript.rs",
        "",
        "comments of the generated TypeScript, for programmers",
    ),
    (
        "perpetua-schema/src/typescript.rs",
        "",
        "comments of the generated TypeScript, for programmers",
    ),
    ("perpetuad/src/core.rs", "core import", "a command to type"),
    ("perpetuad/src/hint.rs", "secret set", "a command to type"),
    ("perpetuad/src/secret.rs", "secret set", "a command to type"),
    ("perpetuad/src/kept_login.rs", "login ", "a command to type"),
    (
        "perpetua-fetch/src/pinned.rs",
        "the table of digests",
        "a fault in the table that the program brings along",
    ),
    (
        "perpetua-http/src/guard.rs",
        "default-src",
        "what browsers may do with an answer, in their words",
    ),
    (
        "perpetua-http/src/page.rs",
        "",
        "the page at `/` has both languages side by side",
    ),
    (
        "perpetua-lagrange/src/exit.rs",
        "",
        "what the core and .NET write when they end",
    ),
    (
        "perpetua-onebot/src/cursor.rs",
        "",
        "what is wrong with a frame, for the program that sent it",
    ),
    (
        "perpetua-onebot/src/scan.rs",
        "",
        "what is wrong with a frame, for the program that sent it",
    ),
    (
        "perpetua-process/src/process.rs",
        "",
        "an exit status, for the log",
    ),
    (
        "perpetua-proxy/src/connection.rs",
        "",
        "how a connection ended, for the log",
    ),
    (
        "perpetua-proxy/src/gate/headway.rs",
        "",
        "the mark by which a connection's end is known, for whoever then words it",
    ),
    (
        "perpetua-proxy/src/gate.rs",
        "",
        "the mark by which a connection's end is known, for whoever then words it",
    ),
    (
        "perpetua-telemetry/src/writer_threads.rs",
        "{now:.6}",
        "a line of the log, which is in English",
    ),
    (
        "perpetua-simulator/src/actions/account.rs",
        "",
        "what an implementation of OneBot v11 answers a bot",
    ),
    (
        "perpetua-simulator/src/actions/files.rs",
        "",
        "what an implementation of OneBot v11 answers a bot",
    ),
    (
        "perpetua-simulator/src/actions/forward.rs",
        "",
        "what an implementation of OneBot v11 answers a bot",
    ),
    (
        "perpetua-simulator/src/actions/groups.rs",
        "",
        "what an implementation of OneBot v11 answers a bot",
    ),
    (
        "perpetua-simulator/src/actions/members.rs",
        "",
        "what an implementation of OneBot v11 answers a bot",
    ),
    (
        "perpetua-simulator/src/actions/messages.rs",
        "",
        "what an implementation of OneBot v11 answers a bot",
    ),
    (
        "perpetua-simulator/src/actions/params.rs",
        "",
        "what an implementation of OneBot v11 answers a bot",
    ),
    (
        "perpetua-simulator/src/actions/refusal.rs",
        "",
        "what an implementation of OneBot v11 answers a bot",
    ),
    (
        "perpetua-fetch/src/signing.rs",
        "",
        "what tools of macOS say, for the log",
    ),
    (
        "perpetua-lagrange/src/protocol.rs",
        "`{0}` is not a protocol",
        "for programmers: who reads settings names what is wrong there",
    ),
];

/// Files of the pages with words of other programs in them: the end of the path, and why.
pub(crate) const FOREIGN_WORDS: [(&str, &str); 2] = [
    (
        "pages/welcome/programs.ts",
        "labels in the pages of OneBot programs, which are Chinese in every language",
    ),
    (
        "shell/palette/initials.ts",
        "the bounds between the letters of pinyin, which nobody reads",
    ),
];

/// Details inside sentences that still stand in the code, by package. None may be added.
pub(crate) const SENTENCES: [(&str, usize); 0] = [];

/// Namespaces whose codes are put together while the program runs, and who tests that they are there.
pub(crate) const COMPUTED_CODES: [(&str, &str); 1] = [(
    "help.",
    "`perpetuad` finds the help of a command by its path, and its tests try each",
)];

/// Codes that nobody says yet.
pub(crate) const UNUSED_CODES: [&str; 0] = [];

/// Names that several public types may have, and why.
pub(crate) const SHARED_NAMES: [(&str, &str); 0] = [];

/// Packages that still have files called `mod.rs`, and how many.
pub(crate) const NAMELESS_MODULES: [(&str, usize); 0] = [];

/// Codes that say what another one says in the same words, and why.
pub(crate) const SAID_TWICE: [(&str, &str); 1] = [(
    "help.secret_remove_name",
    "`perpetuad` finds the help of an argument by the path of its command",
)];

/// Calls that no page and no program of ours makes, and who does.
pub(crate) const MADE_BY_OTHERS: [(&str, &str); 1] = [(
    "window_close",
    "a test of the window closes it as its frame does",
)];
