//! The clients of QQ that the core itself knows (`Lagrange.Core/Common/BotAppInfo.cs`, branch `v1`).
//!
//! Of other versions, such as Linux 3.2.19-39038, no file of Lagrange.Core has the values, and signers disagree
//! about them, so that they are not here.

use serde_json::{Value, json};

use crate::CoreProtocol;

/// What the core says of itself when nobody tells it: `ProtocolToAppInfo`.
pub(super) fn built_in(protocol: CoreProtocol) -> Value {
    match protocol {
        CoreProtocol::Linux => linux(),
        CoreProtocol::Windows => windows(),
        CoreProtocol::MacOs => mac(),
    }
}

/// All of them.
pub(super) fn all() -> [Value; 3] {
    [linux(), windows(), mac()]
}

fn linux() -> Value {
    json!({
        "Os": "Linux",
        "VendorOs": "linux",
        "Kernel": "Linux",
        "CurrentVersion": "3.2.15-30366",
        "MiscBitmap": 32_764,
        "PtVersion": "2.0.0",
        "SsoVersion": 19,
        "PackageName": "com.tencent.qq",
        "WtLoginSdk": "nt.wtlogin.0.0.1",
        "AppId": 1_600_001_615,
        "SubAppId": 537_258_424,
        "AppIdQrCode": 13_697_054,
        "AppClientVersion": 30_366,
        "MainSigMap": 169_742_560,
        "SubSigMap": 0,
        "NTLoginType": 1,
    })
}

fn windows() -> Value {
    json!({
        "Os": "Windows",
        "VendorOs": "win32",
        "Kernel": "Windows_NT",
        "CurrentVersion": "9.9.2-15962",
        "MiscBitmap": 32_764,
        "PtVersion": "2.0.0",
        "SsoVersion": 23,
        "PackageName": "com.tencent.qq",
        "WtLoginSdk": "nt.wtlogin.0.0.1",
        "AppId": 1_600_001_604,
        "SubAppId": 537_138_217,
        "AppIdQrCode": 537_138_217,
        "AppClientVersion": 13_172,
        "MainSigMap": 169_742_560,
        "SubSigMap": 0,
        "NTLoginType": 5,
    })
}

fn mac() -> Value {
    json!({
        "Os": "Mac",
        "VendorOs": "mac",
        "Kernel": "Darwin",
        "CurrentVersion": "6.9.23-20139",
        "MiscBitmap": 32_764,
        "PtVersion": "2.0.0",
        "SsoVersion": 23,
        "PackageName": "com.tencent.qq",
        "WtLoginSdk": "nt.wtlogin.0.0.1",
        "AppId": 1_600_001_602,
        "SubAppId": 537_200_848,
        "AppIdQrCode": 537_200_848,
        "AppClientVersion": 13_172,
        "MainSigMap": 169_742_560,
        "SubSigMap": 0,
        "NTLoginType": 5,
    })
}
