//! How each row of the table is tried.

/// How each row is tried: what the settings say, and what they are changed to.
pub(super) const EDITS: &[(&str, &str, &str)] = &[
    ("secrets", "secrets = \"file\"", "secrets = \"keyring\""),
    (
        "[api] listen",
        "listen = \"127.0.0.1:0\" # api",
        "listen = \"127.0.0.1:1\"",
    ),
    (
        "[api] allow-hosts",
        "allow-hosts = []",
        "allow-hosts = [\"a.example\"]",
    ),
    (
        "[api] trusted-proxies",
        "trusted-proxies = [\"127.0.0.1\"]",
        "trusted-proxies = [\"127.0.0.2\"]",
    ),
    ("[log] level", "level = \"info\"", "level = \"debug\""),
    (
        "[log] targets",
        "# targets",
        "targets = { perpetua_http = \"debug\" }",
    ),
    ("[log] format", "format = \"text\"", "format = \"json\""),
    (
        "[log] max-file-size",
        "max-file-size = \"10KB\"",
        "max-file-size = \"30KB\"",
    ),
    ("[log] max-files", "max-files = 1000", "max-files = 2"),
    (
        "[log] max-age-days",
        "max-age-days = 3650",
        "max-age-days = 7",
    ),
    (
        "[limits] memory",
        "memory = \"300MB\"",
        "memory = \"400MB\"",
    ),
    (
        "[discovery] enabled",
        "enabled = true # leases",
        "enabled = false",
    ),
    (
        "[discovery] account",
        "# discovery-account",
        "account = \"other\"",
    ),
    ("[discovery] range", "# range", "range = \"42000-42100\""),
    ("[discovery] wait", "wait = \"60s\"", "wait = \"1s\""),
    ("[discovery] allow", "# allow", "allow = [\"203.0.113.7\"]"),
    (
        "[discovery] pending-per-address",
        "pending-per-address = 4",
        "pending-per-address = 1",
    ),
    (
        "[discovery] token",
        "# discovery-token",
        "token = { file = \"token.txt\" }",
    ),
    (
        "[core] auto-install",
        "auto-install = true",
        "auto-install = false",
    ),
    (
        "[core] check-every",
        "check-every = \"0s\"",
        "check-every = \"48h\"",
    ),
    (
        "[core] proxy",
        "# core-proxy",
        "proxy = \"http://127.0.0.1:9\"",
    ),
    ("[updates] check", "check = true # updates", "check = false"),
    (
        "[updates] channel",
        "channel = \"stable\"",
        "channel = \"beta\"",
    ),
    (
        "[updates] addresses",
        "# addresses",
        "addresses = [\"http://127.0.0.1:9/latest.json\"]",
    ),
    (
        "[[core.sources]]",
        "# sources",
        "[[core.sources]]\nkind = \"local\"\npath = \"none\"",
    ),
    (
        "[[signers]] url",
        "url = \"SIGNER\" # mine",
        "url = \"SPARE\"",
    ),
    ("[[notify]] post", "HOOK/former", "HOOK/other"),
    (
        "[[notify]] token",
        "# hook-token",
        "token = { file = \"token.txt\" }",
    ),
    (
        "[[accounts]] enabled",
        "enabled = true # main",
        "enabled = false",
    ),
    (
        "[[accounts]] action-timeout",
        "action-timeout = \"30s\"",
        "action-timeout = \"1s\"",
    ),
    (
        "[[accounts]] unsent-timeout",
        "unsent-timeout = \"30s\"",
        "unsent-timeout = \"1s\"",
    ),
    (
        "[[accounts]] max-frame-size",
        "max-frame-size = \"60MB\"",
        "max-frame-size = \"1MB\"",
    ),
    ("lagrange: uin", "uin = UIN", "# nobody in particular"),
    (
        "lagrange: protocol",
        "protocol = \"linux\"",
        "protocol = \"windows\"",
    ),
    (
        "lagrange: signers",
        "signers = [\"mine\", \"spare\"]",
        "signers = [\"spare\", \"mine\"]",
    ),
    (
        "lagrange: sign-proxy",
        "# sign-proxy",
        "sign-proxy = \"http://127.0.0.1:9\"",
    ),
    (
        "lagrange: sign-through",
        "sign-through = \"node\"",
        "sign-through = \"core\"",
    ),
    (
        "lagrange: sign-patience",
        "sign-patience = \"20s\"",
        "sign-patience = \"1s\"",
    ),
    (
        "lagrange: auto-start",
        "auto-start = true",
        "auto-start = false",
    ),
    (
        "lagrange: memory-limit",
        "memory-limit = \"1GB\"",
        "memory-limit = \"250MB\"",
    ),
    (
        "lagrange: start-timeout",
        "start-timeout = \"30s\"",
        "start-timeout = \"5s\"",
    ),
    (
        "lagrange: log-messages",
        "log-messages = false",
        "log-messages = true",
    ),
    ("onebot: url", "url = \"DIALS\"", "url = \"DIALSother\""),
    (
        "onebot: token",
        "# dials-token",
        "token = { file = \"token.txt\" }",
    ),
    (
        "onebot-reverse: listen",
        "listen = \"127.0.0.1:0\" # waits",
        "listen = \"127.0.0.2:0\"",
    ),
    ("onebot-reverse: path", "path = \"/\"", "path = \"/other\""),
    (
        "onebot-reverse: token",
        "token = \"off\" # waits",
        "token = { file = \"token.txt\" }",
    ),
    (
        "[[accounts.clients]] enabled",
        "enabled = true # bot",
        "enabled = false",
    ),
    (
        "[[accounts.clients]] listen",
        "listen = \"127.0.0.1:BOT\"",
        "listen = \"127.0.0.1:OTHER\"",
    ),
    (
        "[[accounts.clients]] token",
        "token = \"off\" # bot",
        "token = { file = \"token.txt\" }",
    ),
    (
        "[[accounts.clients]] profile",
        "profile = \"standard\"",
        "profile = \"perpetua\"",
    ),
    (
        "[[accounts.clients]] heartbeat",
        "heartbeat = \"15s\"",
        "heartbeat = \"1s\"",
    ),
    (
        "[[accounts.clients]] queue-events",
        "queue-events = 1000",
        "queue-events = 1001",
    ),
    (
        "[[accounts.clients]] queue-bytes",
        "queue-bytes = \"32MB\"",
        "queue-bytes = \"33MB\"",
    ),
    (
        "[[accounts.clients]] when-full",
        "when-full = \"drop-oldest\"",
        "when-full = \"disconnect\"",
    ),
    (
        "[[accounts.clients]] format",
        "format = \"as-sent\"",
        "format = \"string\"",
    ),
    (
        "[[accounts.clients]] framework",
        "framework = \"koishi\"",
        "framework = \"nonebot\"",
    ),
    (
        "[[accounts.clients]] max-connections",
        "max-connections = 8",
        "max-connections = 1",
    ),
    (
        "[[accounts.clients]] max-pending-actions",
        "max-pending-actions = 500",
        "max-pending-actions = 1",
    ),
    ("reverse: url", "FRAMEWORK/ws", "FRAMEWORK/other"),
    (
        "reverse: urls",
        "url = \"FRAMEWORK/ws\"",
        "urls = [\"FRAMEWORK/other\"]",
    ),
    (
        "reverse: roles",
        "url = \"FRAMEWORK/ws\"",
        "url = \"FRAMEWORKS/ws\"\nroles = \"split\"",
    ),
    (
        "reverse: token",
        "# framework-token",
        "token = { file = \"token.txt\" }",
    ),
    (
        "reverse: pin-sha256",
        "url = \"FRAMEWORK/ws\"",
        "url = \"FRAMEWORKS/ws\"\npin-sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"",
    ),
    (
        "reverse: ca-file",
        "url = \"FRAMEWORK/ws\"",
        "url = \"FRAMEWORKS/ws\"\nca-file = \"ca.pem\"",
    ),
    ("post: url", "TARGET/onebot", "TARGET/other"),
    (
        "post: secret",
        "# target-secret",
        "secret = { file = \"token.txt\" }",
    ),
    (
        "post: pin-sha256",
        "url = \"TARGET/onebot\"",
        "url = \"TARGETS/onebot\"\npin-sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"",
    ),
    (
        "post: ca-file",
        "url = \"TARGET/onebot\"",
        "url = \"TARGETS/onebot\"\nca-file = \"ca.pem\"",
    ),
];

/// Accounts of every kind, with everything that a row changes.
pub(super) const SETTINGS: &str = r#"
secrets = "file"
[api]
listen = "127.0.0.1:0" # api
allow-hosts = []
trusted-proxies = ["127.0.0.1"]
[log]
level = "info"
# targets
format = "text"
max-file-size = "10KB"
max-files = 1000
max-age-days = 3650
[limits]
memory = "300MB"
[discovery]
enabled = true # leases
# discovery-account
# range
wait = "60s"
# allow
pending-per-address = 4
# discovery-token
[core]
auto-install = true
check-every = "0s"
# core-proxy
[updates]
check = true # updates
channel = "stable"
# addresses
[[core.sources]]
SOURCE
# sources
[[signers]]
name = "mine"
url = "SIGNER" # mine
[[signers]]
name = "spare"
url = "SPARE"
[[notify]]
post = "HOOK/former"
# hook-token

[[accounts]]
name = "main"
enabled = true # main
[accounts.upstream]
kind = "lagrange"
uin = UIN
protocol = "linux"
signers = ["mine", "spare"]
# sign-proxy
sign-through = "node"
sign-patience = "20s"
auto-start = true
memory-limit = "1GB"
start-timeout = "30s"
log-messages = false
[[accounts.clients]]
name = "bot"
kind = "forward"
enabled = true # bot
listen = "127.0.0.1:BOT"
token = "off" # bot
profile = "standard"
heartbeat = "15s"
queue-events = 1000
queue-bytes = "32MB"
when-full = "drop-oldest"
max-connections = 8

[[accounts]]
name = "dials"
action-timeout = "30s"
unsent-timeout = "30s"
max-frame-size = "60MB"
[accounts.upstream]
kind = "onebot"
url = "DIALS"
# dials-token
[[accounts.clients]]
name = "of-dials"
kind = "forward"
listen = "127.0.0.1:0"
token = "off"
max-pending-actions = 500
format = "as-sent"
framework = "koishi"

[[accounts]]
name = "waits"
[accounts.upstream]
kind = "onebot-reverse"
listen = "127.0.0.1:0" # waits
path = "/"
token = "off" # waits
[[accounts.clients]]
name = "of-waits"
kind = "forward"
listen = "127.0.0.1:0"
token = "off"

[[accounts]]
name = "other"
upstream = { kind = "simulator" }
[[accounts.clients]]
name = "witness"
kind = "forward"
listen = "127.0.0.1:0"
token = "off"
[[accounts.clients]]
name = "astrbot"
kind = "reverse"
url = "FRAMEWORK/ws"
# framework-token
[[accounts.clients]]
name = "hook"
kind = "post"
url = "TARGET/onebot"
# target-secret
"#;
