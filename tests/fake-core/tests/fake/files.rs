//! Files of a login that are damaged: which end it, with what words, and which do not.

use anyhow::{Context as _, Result, ensure};
use fake_core::{Process, Scenario};
use serde_json::Value;

use crate::run::Stage;

const DEVICE: &str = "device.json";
const KEYSTORE: &str = "keystore.json";

#[tokio::test]
async fn each_damage_has_its_words_and_its_place() -> Result<()> {
    let none = "The input does not contain any JSON tokens";
    let cut = "Expected depth to be zero at the end of the JSON payload";
    let device = "BotDeviceInfo";
    let keystore = "BotKeystore";
    let cases = [
        (DEVICE, "", none),
        (DEVICE, "{", cut),
        (DEVICE, "[]", device),
        (DEVICE, "\"x\"", device),
        (
            DEVICE,
            r#"{"Guid":"x"}"#,
            "converted to System.Guid. Path: $.Guid",
        ),
        (
            DEVICE,
            r#"{"Guid":null}"#,
            "converted to System.Guid. Path: $.Guid",
        ),
        (
            DEVICE,
            r#"{"MacAddress":"!!"}"#,
            "converted to System.Byte[]. Path: $.MacAddress",
        ),
        (DEVICE, "\0\0\0\0", "is an invalid start of a value"),
        (KEYSTORE, "", none),
        (KEYSTORE, "{", cut),
        (KEYSTORE, "[]", keystore),
        (KEYSTORE, "\"x\"", keystore),
        (
            KEYSTORE,
            r#"{"Uin":"x"}"#,
            "converted to System.UInt32. Path: $.Uin",
        ),
        (
            KEYSTORE,
            r#"{"Session":{"D2":"!"}}"#,
            "converted to System.Byte[]. Path: $.Session.D2",
        ),
    ];
    let stage = Stage::set(&Scenario::default()).await?;
    for (file, content, words) in cases {
        let path = stage.folder.path().join(file);
        std::fs::write(&path, content)?;
        let ended = stage.start(&[]).await?.ended().await?;
        let fails = || format!("{file} with `{content}`");
        ended
            .died_of("System.Text.Json.JsonException: ")
            .with_context(fails)?;
        ended.died_of(words).with_context(fails)?;
        let place = if file == DEVICE { "b__0_1" } else { "b__0_2" };
        ended
            .died_of(&format!("<ConfigureLagrangeCore>{place}"))
            .with_context(fails)?;
        let names_class = ended.stderr.contains(device) || ended.stderr.contains("BotKeystore.");
        ensure!(
            names_class == matches!(content, "[]" | "\"x\""),
            "only a wrong top level names the class: {}",
            ended.stderr
        );
        std::fs::remove_file(&path)?;
    }
    assert_eq!(stage.signer.app_infos(), 0, "nobody was asked before");
    Ok(())
}

#[tokio::test]
async fn what_says_nothing_is_no_damage() -> Result<()> {
    let cases = [
        (DEVICE, "null"),
        (DEVICE, "{}"),
        (
            DEVICE,
            r#"{"Guid":"00000000-0000-0000-0000-000000000001","more":[1]}"#,
        ),
        (KEYSTORE, "null"),
        (KEYSTORE, "{}"),
        (KEYSTORE, r#"{"uin":"x"}"#),
        (KEYSTORE, r#"{"Uin":5,"Session":{"TempPassword":null}}"#),
    ];
    let stage = Stage::set(&Scenario::default()).await?;
    for (file, content) in cases {
        std::fs::write(stage.folder.path().join(file), content)?;
        let mut run = stage.start(&[]).await?;
        run.core
            .qr_shown()
            .await
            .with_context(|| format!("{file} with `{content}`"))?;
        run.core.process(Process::Exit(0)).await?;
        run.ended().await?;
        std::fs::remove_file(stage.folder.path().join(file))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_device_without_fields_is_written_back_with_defaults() -> Result<()> {
    let stage = Stage::set(&Scenario::default()).await?;
    let path = stage.folder.path().join(DEVICE);
    std::fs::write(&path, "{}")?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    let device: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    assert_eq!(device["Guid"], "00000000-0000-0000-0000-000000000000");
    assert!(device["MacAddress"].is_null());
    Ok(())
}

#[tokio::test]
async fn a_login_whose_session_is_null_dies_when_it_is_used() -> Result<()> {
    let stage = Stage::set(&Scenario::default()).await?;
    std::fs::write(stage.folder.path().join(KEYSTORE), r#"{"Session":null}"#)?;
    let ended = stage.start(&[]).await?.ended().await?;
    assert!(ended.stdout.contains("Protocol Version: "));
    ended.died_of("System.NullReferenceException")?;
    ended.died_of("LoginService.<StartAsync>b__8_0")
}
