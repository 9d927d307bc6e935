//! Values that are changed and taken back.

use perpetua_schema::{
    AccountAdd, AccountChange, AccountEdit, AccountSettings, Applied, ClientChange, ClientEdit,
    ClientRead, Framework, NewUpstream, NotificationKind, PreferencesEdit, PreferencesRead,
    QuietHours, SettingsWrite, UiLanguage,
};

use super::{SETTINGS, done, new_client, refused, started, text};

#[tokio::test]
async fn what_somebody_writes_meanwhile_stays_and_what_is_broken_is_named() {
    let (place, node) = started(SETTINGS).await;
    done(&node, new_client(Framework::Koishi)).await;
    // Nobody has looked at the file since.
    place.write(&text(&place).replace("# built in", "# by hand"));
    let change = ClientChange {
        heartbeat_s: Some(7.5),
        ..ClientChange::default()
    };
    let edit = |change| ClientEdit {
        account: "main".into(),
        client: "koishi".into(),
        change,
        instead_of: None,
    };
    done(&node, edit(change.clone())).await;
    let written = text(&place);
    assert!(
        written.contains("# by hand") && written.contains("heartbeat = \"7500ms\""),
        "{written}"
    );
    place.write(&format!("{written}\n[log\n"));
    let error = refused(&node, edit(change)).await;
    assert_eq!(error.message.code, "config.edit_broken");
    let line = format!("line {}", written.lines().count() + 2);
    assert!(error.message.to_string().contains(&line), "{error}");
    assert_eq!(text(&place), format!("{written}\n[log\n"));
    node.drain().await;
}

/// Whoever sets a limit that no core can live in hears at once what is used instead, by a typed change and by a text.
#[tokio::test]
async fn a_memory_limit_that_is_raised_is_said_in_the_answer() {
    let settings = SETTINGS.replace(
        "{ kind = \"simulator\" }",
        "{ kind = \"lagrange\", auto-start = false }",
    );
    let (place, node) = started(&settings).await;
    let edit = |megabytes: u64| AccountEdit {
        account: "main".into(),
        change: AccountChange {
            memory_limit: Some(megabytes * 1_000_000),
            ..AccountChange::default()
        },
        instead_of: None,
    };
    let said = |applied: &Applied, megabytes: u64| {
        let lines = applied.changes.iter().map(ToString::to_string);
        let lines: Vec<_> = lines.filter(|line| line.contains("250 MB")).collect();
        match &lines[..] {
            [] => false,
            [line] => line.contains(&format!("`memory-limit` is {megabytes} MB")),
            more => panic!("twice: {more:?}"),
        }
    };
    for megabytes in [1, 2, 100, 249] {
        let edited = done(&node, edit(megabytes)).await;
        assert!(said(&edited.applied, megabytes), "{edited:?}");
        let other = SettingsWrite {
            text: text(&place) + "# another line\n",
            ..SettingsWrite::default()
        };
        let applied = done(&node, other).await;
        assert!(!said(&applied, megabytes), "it is known: {applied:?}");
        let lower = SettingsWrite {
            text: text(&place).replace(&format!("{megabytes}MB"), "7MB"),
            ..SettingsWrite::default()
        };
        let applied = done(&node, lower).await;
        assert!(said(&applied, 7), "{applied:?}: {}", text(&place));
    }
    for megabytes in [250, 251, 4000] {
        let edited = done(&node, edit(megabytes)).await;
        assert!(!said(&edited.applied, megabytes), "{edited:?}");
    }
    node.drain().await;
}

#[tokio::test]
async fn undo_is_the_exact_inverse() {
    let (place, node) = started(SETTINGS).await;
    done(&node, new_client(Framework::Koishi)).await;
    let settings = ClientRead {
        account: "main".into(),
        client: "koishi".into(),
    };
    let before = done(&node, settings.clone()).await;
    let change = ClientChange {
        listen: Some("localhost:0".into()),
        profile: Some("perpetua".into()),
        max_connections: Some(2),
        heartbeat_s: Some(1.5),
        queue_events: Some(99),
        queue_bytes: Some(123_456),
        when_full: Some("disconnect".into()),
        format: Some("string".into()),
        framework: Some(Framework::Other),
        ..ClientChange::default()
    };
    let edit = |change| ClientEdit {
        account: "main".into(),
        client: "koishi".into(),
        change,
        instead_of: None,
    };
    assert_eq!(before.framework, Framework::Koishi);
    assert!(text(&place).contains("framework = \"koishi\""));
    let edited = done(&node, edit(change.clone())).await;
    assert!(!text(&place).contains("framework"), "{}", text(&place));
    let after = done(&node, settings.clone()).await;
    assert_eq!(
        (
            after.listen.as_deref(),
            after.heartbeat_s,
            after.queue_bytes
        ),
        (Some("127.0.0.1:0"), 1.5, 123_456)
    );
    let redo = done(&node, edit(edited.undo)).await.undo;
    assert_eq!(done(&node, settings).await, before);
    assert_eq!(
        redo,
        ClientChange {
            listen: Some("127.0.0.1:0".into()),
            ..change
        }
    );
    let too_much = ClientChange {
        heartbeat_s: Some(-1.0),
        ..ClientChange::default()
    };
    assert_eq!(
        refused(&node, edit(too_much)).await.message.code,
        "config.quantity_range"
    );
    assert!(text(&place).contains("# built in"));
    node.drain().await;
}

#[tokio::test]
async fn only_what_the_kind_of_an_account_has_can_be_edited_and_taken_back() {
    let (place, node) = started(&format!("{SETTINGS}\n[core]\nauto-install = false\n")).await;
    let upstream = NewUpstream::Lagrange { uin: Some(123_456) };
    let added = done(
        &node,
        AccountAdd {
            name: None,
            upstream,
        },
    )
    .await;
    assert_eq!(added.account, "qq123456");
    let settings = AccountSettings {
        account: added.account.clone(),
    };
    let before = done(&node, settings.clone()).await;
    let edit = |change| AccountEdit {
        account: added.account.clone(),
        change,
        instead_of: None,
    };
    let change = AccountChange {
        uin: Some(0),
        action_timeout_s: Some(2.25),
        sign_through: Some("core".into()),
        sign_patience_s: Some(2.5),
        auto_start: Some(false),
        memory_limit: Some(500_000_000),
        log_messages: Some(true),
        ..AccountChange::default()
    };
    let edited = done(&node, edit(change)).await;
    let after = done(&node, settings.clone()).await;
    assert_eq!((after.uin, after.action_timeout_s), (None, 2.25));
    let core = after.core.expect("a core");
    assert_eq!(core.memory_limit, Some(500_000_000));
    assert_eq!((&*core.sign_through, core.sign_patience_s), ("core", 2.5));
    let undo = edited.undo.expect("no secret was touched");
    done(&node, edit(undo)).await;
    assert_eq!(done(&node, settings).await, before);
    let in_vain = AccountChange {
        address: Some("ws://127.0.0.1:1".into()),
        ..AccountChange::default()
    };
    assert_eq!(
        refused(&node, edit(in_vain)).await.message.code,
        "edit.no_such_setting"
    );
    assert!(text(&place).contains("# built in"));
    node.drain().await;
}

#[tokio::test]
async fn preferences_are_changed_and_taken_back() {
    let (place, node) = started(&format!(
        "{SETTINGS}\n[[notify]]\npost = \"https://hook.example:8443/path\"\n"
    ))
    .await;
    let before = done(&node, PreferencesRead {}).await;
    assert_eq!(before.language, UiLanguage::Auto);
    assert_eq!(before.notifications.kinds.len(), 5);
    assert_eq!(before.webhooks[0].host, "hook.example:8443");
    let edit = PreferencesEdit {
        language: Some(UiLanguage::Chinese),
        notification_kinds: Some(vec![NotificationKind::ScanNeeded]),
        quiet_hours: Some(QuietHours {
            from_minute: 1380,
            to_minute: 450,
        }),
        update_check: None,
        update_channel: None,
    };
    let edited = done(&node, edit.clone()).await;
    let after = done(&node, PreferencesRead {}).await;
    assert_eq!(after.language, UiLanguage::Chinese);
    assert_eq!(after.notifications.kinds, [NotificationKind::ScanNeeded]);
    assert_eq!(after.notifications.quiet_hours, edit.quiet_hours);
    assert!(text(&place).contains("quiet-hours = \"23:00-07:30\""));
    done(&node, edited.undo).await;
    assert_eq!(done(&node, PreferencesRead {}).await, before);
    let hours = Some(QuietHours {
        from_minute: 1440,
        to_minute: 5,
    });
    let beyond = PreferencesEdit {
        quiet_hours: hours,
        ..PreferencesEdit::default()
    };
    assert_eq!(
        refused(&node, beyond).await.message.code,
        "edit.no_time_of_day"
    );
    node.drain().await;
}
