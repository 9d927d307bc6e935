//! How it ended.

use perpetua_lagrange::exit_cause;
use perpetua_lifecycle::{ExitCause, SettingsFault};

const ABORT: Option<i32> = Some(6);
const DOTNET: i32 = 0xE043_4352_u32.cast_signed();

fn cause(code: Option<i32>, signal: Option<i32>, lines: &[&str]) -> ExitCause {
    let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
    exit_cause(code, signal, &lines)
}

/// An unhandled exception with a stack, on Unix and on Windows.
fn crash(exception: &str) -> ExitCause {
    let text = format!("Unhandled exception. {exception}\n   at Some.Class.Method()");
    let on_unix = cause(None, ABORT, &["info: some.Class[0] before", &text]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(cause(Some(DOTNET), None, &lines), on_unix, "{exception}");
    assert_eq!(cause(Some(134), None, &lines), on_unix, "{exception}");
    on_unix
}

#[test]
fn each_crash_has_its_cause() {
    let network = |words: &str| ExitCause::NoNetwork(words.to_owned());
    let table = [
        (
            "System.IO.IOException: No space left on device : '/data/accounts/main/keystore.json'",
            ExitCause::DiskFull(
                "No space left on device : '/data/accounts/main/keystore.json'".to_owned(),
            ),
        ),
        (
            "System.IO.IOException: There is not enough space on the disk. : 'C:\\main\\device.json'",
            ExitCause::DiskFull(
                "There is not enough space on the disk. : 'C:\\main\\device.json'".to_owned(),
            ),
        ),
        (
            "Realms.Exceptions.RealmException: write() failed: Disk quota exceeded",
            ExitCause::DiskFull("write() failed: Disk quota exceeded".to_owned()),
        ),
        (
            "System.UnauthorizedAccessException: Access to the path '/data/accounts/main/device.json' is denied.",
            ExitCause::NoAccess(
                "Access to the path '/data/accounts/main/device.json' is denied.".to_owned(),
            ),
        ),
        (
            "System.IO.IOException: Read-only file system : '/data/accounts/main/qr-0.png'",
            ExitCause::NoAccess(
                "Read-only file system : '/data/accounts/main/qr-0.png'".to_owned(),
            ),
        ),
        (
            "System.Exception: All login failed!",
            ExitCause::LoginFailed,
        ),
        (
            "System.Threading.Tasks.TaskCanceledException: A task was canceled.",
            ExitCause::Ended,
        ),
        (
            "System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.",
            network(
                "The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.",
            ),
        ),
        (
            "System.Net.Sockets.SocketException (00000001, 11): Resource temporarily unavailable",
            network("Resource temporarily unavailable"),
        ),
        (
            "System.Net.Http.HttpRequestException: Connection refused (ntlogin.qq.com:443)",
            network("Connection refused (ntlogin.qq.com:443)"),
        ),
        (
            "System.Text.Json.JsonException: The input does not contain any JSON tokens. Path: $ | LineNumber: 0\n   at Lagrange.OneBot.Extensions.HostApplicationBuilderExtension.<>c__DisplayClass0_0.<ConfigureLagrangeCore>b__0_2(IServiceProvider services)",
            ExitCause::KeystoreUnreadable,
        ),
        (
            "System.IO.InvalidDataException: Failed to load configuration from file '/data/appsettings.json'.",
            ExitCause::SettingsUnreadable(SettingsFault::Other(
                "Failed to load configuration from file '/data/appsettings.json'.".to_owned(),
            )),
        ),
        (
            "System.IO.IOException: 句柄无效。\n   at System.ConsolePal.GetBufferInfo()",
            ExitCause::NoConsole,
        ),
        (
            "System.Net.NetworkInformation.PingException: An exception occurred during a Ping request.\n ---> System.Net.Sockets.SocketException (101): Network is unreachable\n   at System.Net.NetworkInformation.Ping.SendPingAsync()",
            ExitCause::NoNetwork("Network is unreachable".to_owned()),
        ),
        (
            "System.OutOfMemoryException: Insufficient memory",
            ExitCause::OutOfMemory,
        ),
        (
            "System.InvalidOperationException: Value is null for System.String PackageName",
            ExitCause::SignerIncomplete("PackageName".to_owned()),
        ),
        (
            "System.InvalidOperationException: Something else",
            ExitCause::Crashed("Something else".to_owned()),
        ),
    ];
    for (exception, expected) in table {
        assert_eq!(crash(exception), expected);
    }
}

#[test]
fn a_damaged_device_file_costs_no_session() {
    for words in [
        "The JSON value could not be converted to Lagrange.Core.Common.BotDeviceInfo.",
        "The input does not contain any JSON tokens. Path: $ | LineNumber: 0\n   at Lagrange.OneBot.Extensions.HostApplicationBuilderExtension.<>c__DisplayClass0_0.<ConfigureLagrangeCore>b__0_1(IServiceProvider services)",
    ] {
        let cause = crash(&format!("System.Text.Json.JsonException: {words}"));
        assert!(
            matches!(
                &cause,
                ExitCause::SettingsUnreadable(SettingsFault::DamagedFile {
                    file: "device.json",
                    ..
                })
            ),
            "{cause:?}"
        );
    }
}

#[test]
fn a_crash_that_names_no_file_costs_no_session() {
    let words = "'{' is invalid after a value.";
    let cause = crash(&format!("System.Text.Json.JsonException: {words}"));
    assert_eq!(cause, ExitCause::Crashed(words.to_owned()));
}

#[test]
fn a_record_that_repeats_what_somebody_wrote_is_no_last_word() {
    for said in [
        "error while loading shared libraries: libfun.so: cannot open",
        "version `GLIBC_2.99' not found",
        "Unhandled exception. System.Text.Json.JsonException: no BotKeystore",
    ] {
        let record =
            format!("info: Lagrange.OneBot.Core.Network.Service.ForwardWSService[3] {said}");
        assert_eq!(
            cause(Some(1), None, &[&record]),
            ExitCause::Unknown,
            "{said}"
        );
    }
}

#[test]
fn a_connection_that_qq_refuses_is_no_failed_login() {
    let lines = [
        "[SocketContext] [FATAL]: Socket Error: Connection refused",
        "[SocketContext] [FATAL]:    at System.Net.Sockets.Socket.ConnectAsync()",
        "[SocketContext] [WARNING]: Socket Disconnected, Scheduling Reconnect",
        "Unhandled exception. System.Exception: All login failed!",
    ];
    let refused = ExitCause::NoNetwork("Connection refused".to_owned());
    assert_eq!(cause(None, ABORT, &lines), refused);
    let said = "[OneBot] received: Socket Error: Connection refused";
    let by_somebody = [
        said,
        "Unhandled exception. System.Exception: All login failed!",
    ];
    assert_eq!(cause(None, ABORT, &by_somebody), ExitCause::LoginFailed);
}

#[test]
fn a_login_that_lacks_a_field_of_the_signer_blames_the_signer() {
    let failed = "Unhandled exception. System.Exception: All login failed!";
    let words = "System.InvalidOperationException: Value is null for System.String PackageName";
    for tag in ["BusinessContext", "MessagingLogic"] {
        let record = format!("warn: Lagrange.Core.BotContext[0] [{tag}] [WARNING]: {words}");
        let expected = if tag == "BusinessContext" {
            ExitCause::SignerIncomplete("PackageName".to_owned())
        } else {
            ExitCause::LoginFailed
        };
        assert_eq!(cause(None, ABORT, &[&record, failed]), expected);
    }
}

#[test]
fn a_web_page_instead_of_a_qr_state_costs_no_session() {
    let cause = crash(
        "System.Text.Json.JsonException: '<' is an invalid start of a value.\n   at Lagrange.Core.Internal.Context.Logic.Implementation.WtExchangeLogic.QueryTransEmpState()",
    );
    assert!(matches!(cause, ExitCause::NoNetwork(_)), "{cause:?}");
}

#[test]
fn a_missing_library_is_named_with_its_package() {
    for (lines, package) in [
        (
            vec!["Process terminated. Couldn't find a valid ICU package installed on the system."],
            "libicu",
        ),
        (
            vec!["No usable version of libssl was found", "Aborted"],
            "libssl3",
        ),
        (
            vec![
                "./Lagrange.OneBot: error while loading shared libraries: libstdc++.so.6: cannot open shared object file: No such file or directory",
            ],
            "libstdc++.so.6",
        ),
        (
            vec![
                "./Lagrange.OneBot: /lib/libc.so.6: version `GLIBC_2.27' not found (required by ./Lagrange.OneBot)",
            ],
            "newer C library",
        ),
    ] {
        let cause = cause(Some(134), None, &lines);
        assert!(matches!(cause, ExitCause::LibraryMissing(_)), "{cause:?}");
        assert!(cause.to_string().contains(package), "{cause}");
    }
    let cause = cause(Some(0xC000_0135_u32.cast_signed()), None, &[]);
    assert!(matches!(cause, ExitCause::LibraryMissing(_)), "{cause:?}");
}

#[test]
fn a_status_alone_tells_much() {
    let all_failed = ["Unhandled exception. System.Exception: All login failed!"];
    for (code, signal, expected) in [
        (Some(0), None, ExitCause::Ended),
        (None, Some(15), ExitCause::Ended),
        (Some(143), None, ExitCause::Ended),
        (None, Some(9), ExitCause::Killed),
        (Some(137), None, ExitCause::Killed),
    ] {
        assert_eq!(cause(code, signal, &all_failed), expected);
    }
    assert_eq!(cause(None, ABORT, &[]), ExitCause::Unknown);
    assert_eq!(cause(None, Some(11), &[]), ExitCause::MemoryFault);
}

#[test]
fn an_old_database_is_told_before_what_it_leads_to() {
    let lines = [
        "crit: Realms.RealmConfiguration[0] Found LiteDB database, currently Lagrange.OneBot has been migrated to Realm database",
        "crit: Realms.RealmConfiguration[0] Please delete ./lagrange-0.db if you no longer need it",
        "Unhandled exception. System.Threading.Tasks.TaskCanceledException: A task was canceled.",
    ];
    assert_eq!(
        cause(None, ABORT, &lines),
        ExitCause::LegacyDatabase("./lagrange-0.db".to_owned())
    );
}

#[test]
fn a_crash_whose_words_were_lost_is_read_from_what_came_before() {
    let stamp =
        "fail: Lagrange.Core.BotContext[0] [2025-11-04 10:11:31] [WtExchangeLogic] [WARNING]:";
    let line = format!("{stamp} QrCode Expired, Please Fetch QrCode Again");
    assert_eq!(cause(None, ABORT, &[&line]), ExitCause::LoginFailed);
}

#[test]
fn the_last_crash_counts() {
    let lines = [
        "Unhandled exception. System.Exception: All login failed!",
        "Unhandled exception. System.Exception: Other",
    ];
    assert_eq!(
        cause(None, ABORT, &lines),
        ExitCause::Crashed("Other".to_owned())
    );
}
