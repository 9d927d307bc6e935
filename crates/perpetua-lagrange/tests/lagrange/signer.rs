//! What a client of QQ says of itself, and addresses of signers.

use std::fs;

use perpetua_lagrange::{
    AppInfo, CoreProtocol, ProxyUrl, ProxyUrlError, SignerUrl, SignerUrlError,
};
use perpetua_words::Message;
use serde_json::{Value, json};
use tempfile::TempDir;

const INFO: &str = r#"{"Os":"Linux","CurrentVersion":"3.2.15-30366","AppClientVersion":30366,"NTLoginType":1,
    "VendorOs":"linux","Kernel":"Linux","MiscBitmap":32764,"PtVersion":"2.0.0","SsoVersion":19,
    "PackageName":"com.tencent.qq","WtLoginSdk":"nt.wtlogin.0.0.1","AppId":1600001615,"SubAppId":537258424,
    "AppIdQrCode":537258424,"MainSigMap":169742560,"SubSigMap":0}"#;

fn app_info(text: &str) -> AppInfo {
    let answer = serde_json::from_str(text).expect("JSON");
    AppInfo::new(&answer).expect("app info")
}

#[test]
fn the_signer_sets_what_the_core_falls_back_to() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("appinfo.json");
    let read = || -> Value {
        serde_json::from_str(&fs::read_to_string(&path).expect("file")).expect("JSON")
    };
    let small = INFO
        .replace("CurrentVersion", "currentversion")
        .replace("NTLoginType", "ntLoginType");
    app_info(&small).write(folder.path()).expect("written");
    assert_eq!(
        read()["CurrentVersion"],
        "3.2.15-30366",
        "as `BotAppInfo` spells it"
    );
    assert_eq!(read()["NTLoginType"], 1);
    app_info(&INFO.replace("30366", "39038"))
        .write(folder.path())
        .expect("written again");
    assert_eq!(read()["CurrentVersion"], "3.2.15-39038");
    assert_eq!(
        fs::read_dir(folder.path()).expect("folder").count(),
        1,
        "ours is not set aside"
    );
    AppInfo::remove(folder.path()).expect("removed");
    assert!(!path.exists());
}

#[test]
fn a_persons_own_app_info_is_never_lost() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("appinfo.json");
    let own = json!({"Os": "Linux", "CurrentVersion": "3.2.10"}).to_string();
    fs::write(&path, &own).expect("file");
    AppInfo::remove(folder.path()).expect("nothing of ours");
    assert_eq!(fs::read_to_string(&path).expect("file"), own);
    app_info(INFO).write(folder.path()).expect("written");
    let aside = fs::read_dir(folder.path())
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .find(|path| path.to_string_lossy().contains("appinfo.json.own-"));
    assert_eq!(
        fs::read_to_string(aside.expect("set aside")).expect("file"),
        own
    );
}

#[test]
fn an_address_is_checked_and_shown_by_its_host() {
    let url = SignerUrl::new(" https://Sign.example:8443/api/secret-key/?k=1 ").expect("address");
    assert_eq!(url.expose(), "https://sign.example:8443/api/secret-key?k=1");
    assert_eq!(
        format!("{url} {url:?}"),
        "sign.example:8443 SignerUrl(sign.example:8443)"
    );
    assert_eq!(
        SignerUrl::new("http://host").expect("address").expose(),
        "http://host"
    );
    for (text, error) in [
        ("", SignerUrlError::Invalid),
        ("sign.example/api", SignerUrlError::Invalid),
        ("ws://sign.example", SignerUrlError::Scheme),
        ("https://sign.example/#x", SignerUrlError::Fragment),
    ] {
        assert_eq!(SignerUrl::new(text), Err(error), "{text}");
    }
    let proxy = ProxyUrl::new("http://me:hunter2@10.0.0.1:3128").expect("proxy");
    assert!(proxy.has_password());
    assert_eq!(
        format!("{proxy} {proxy:?}"),
        "10.0.0.1:3128 ProxyUrl(10.0.0.1:3128)"
    );
    for (text, error, code) in [
        ("", ProxyUrlError::Invalid, "config.proxy_malformed"),
        (
            "http://me:pass#word@10.0.0.1:1080",
            ProxyUrlError::Invalid,
            "config.proxy_malformed",
        ),
        (
            "socks5://10.0.0.1:1080",
            ProxyUrlError::Scheme,
            "config.proxy_scheme",
        ),
        (
            "http://me:hunter2@10.0.0.1:1080/#x",
            ProxyUrlError::Fragment,
            "config.proxy_fragment",
        ),
    ] {
        assert_eq!(ProxyUrl::new(text), Err(error), "{text}");
        assert_eq!(Message::from(&error).code, code, "{text}");
    }
}

#[test]
fn what_is_missing_is_filled_in_where_the_version_is_known() {
    let whole = app_info(INFO);
    for (version, protocol) in [
        ("3.2.15-30366", CoreProtocol::Linux),
        ("9.9.2-15962", CoreProtocol::Windows),
        ("6.9.23-20139", CoreProtocol::MacOs),
    ] {
        let known = AppInfo::built_in(protocol);
        assert_eq!(known.missing(), [""; 0], "{version}");
        assert_eq!(
            (known.version(), known.protocol()),
            (Some(version), Some(protocol))
        );
        assert_eq!(AppInfo::known(protocol, version), Some(known.clone()));
        let bare = app_info(&json!({ "currentVersion": version }).to_string());
        assert_eq!(bare.completed(protocol), Ok(known));
    }
    let lacks = app_info(&INFO.replace("537258424", "null").replace("19", "20"));
    let completed = lacks.completed(CoreProtocol::Linux).expect("known");
    assert!(completed.to_json().contains("537258424"));
    assert!(
        completed.to_json().contains(r#""SsoVersion":20"#),
        "what it says is not overruled: {}",
        completed.to_json()
    );
    assert_eq!(whole.clone().completed(CoreProtocol::Linux), Ok(whole));
}

#[test]
fn what_is_of_another_kind_is_missing() {
    for (right, wrong) in [
        (r#""Kernel":"Linux""#, r#""Kernel":5"#),
        (r#""AppId":1600001615"#, r#""AppId":"1600001615""#),
        (r#""SsoVersion":19"#, r#""SsoVersion":19.5"#),
        (r#""PtVersion":"2.0.0""#, r#""PtVersion":["2.0.0"]"#),
        (r#""SubSigMap":0"#, r#""SubSigMap":false"#),
    ] {
        assert!(INFO.contains(right), "{right}");
        let text = INFO.replace(right, wrong);
        let info = app_info(&text);
        assert_eq!(info.missing().len(), 1, "{wrong}");
        assert_eq!(
            info.completed(CoreProtocol::Linux),
            Ok(app_info(INFO)),
            "{wrong}"
        );
        let unknown = app_info(&text.replace("3.2.15-30366", "3.2.19-39038"));
        assert!(unknown.completed(CoreProtocol::Linux).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_missing_of_an_unknown_version_is_told() {
    let version = json!({ "Os": "Linux", "CurrentVersion": "3.2.19-39038" }).to_string();
    let missing = app_info(&version)
        .completed(CoreProtocol::Linux)
        .expect_err("unknown");
    assert_eq!((missing.len(), missing[0]), (14, "VendorOs"));
    // A known version of another system is none.
    let elsewhere = json!({ "Os": "Linux", "CurrentVersion": "9.9.2-15962" }).to_string();
    assert!(
        app_info(&elsewhere)
            .completed(CoreProtocol::Windows)
            .is_err()
    );
}

#[test]
fn the_file_of_the_last_start_is_read_again() {
    let folder = TempDir::new().expect("folder");
    let read = || AppInfo::read(folder.path()).expect("folder");
    assert_eq!(read(), None);
    app_info(INFO).write(folder.path()).expect("written");
    assert_eq!(
        read(),
        Some(app_info(INFO)),
        "without the mark of its writer"
    );
    for broken in [
        "{",
        "[]",
        r#"{"Os":5}"#,
        r#"{"CurrentVersion":"3.2.15-30366"}"#,
    ] {
        fs::write(folder.path().join("appinfo.json"), broken).expect("file");
        assert_eq!(read(), None, "{broken}");
    }
}

#[test]
fn app_infos_are_asked_for_below_the_path_with_the_query() {
    for (address, asked) in [
        ("https://a", "https://a/appinfo"),
        ("https://a/", "https://a/appinfo"),
        ("https://a:8443/", "https://a:8443/appinfo"),
        ("https://a/sign/30366", "https://a/sign/30366/appinfo"),
        ("https://a/sign//", "https://a/sign/appinfo"),
        ("https://a?key=1", "https://a/appinfo?key=1"),
        ("https://a/?key=1&v=/", "https://a/appinfo?key=1&v=/"),
        (
            "https://a/sign?key=a%2Fb",
            "https://a/sign/appinfo?key=a%2Fb",
        ),
        ("https://a/sign/?key", "https://a/sign/appinfo?key"),
        ("https://me:pw@a/sign", "https://me:pw@a/sign/appinfo"),
    ] {
        let url = SignerUrl::new(address).expect(address);
        assert_eq!(url.app_info().as_str(), asked);
    }
}

#[test]
fn programs_of_this_machine_are_known() {
    let is_here = |text: &str| SignerUrl::new(text).expect(text).is_loopback();
    for here in [
        "http://127.0.0.1:8080/x",
        "http://127.8.0.1/",
        "http://[::1]:1/",
        "https://LocalHost/x",
        "http://localhost.:80/x",
        "http://sign.localhost/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0:1/",
    ] {
        assert!(is_here(here), "{here}");
    }
    for elsewhere in [
        "http://10.0.0.1/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
    ] {
        assert!(!is_here(elsewhere), "{elsewhere}");
    }
}
