//! The tray's values, compared whole.

use std::time::{Duration, Instant};

use perpetua_schema::{AccountStatus, CoreBrake, CorePhase, CoreState, NodeStatus, UiLanguage};
use perpetua_words::Language::{self, Chinese, English};
use serde_json::json;
use tokio::sync::watch;

use super::{IconKeeper, MenuEntry, TrayAction, TrayIcon, is_seen_within, tray_view};
use crate::{
    ButtonAction,
    made::{account, client, core_account, node},
};

fn braked(name: &str) -> AccountStatus {
    let state = CoreState::Braked {
        reason: CoreBrake::Failing,
        cause: None,
        last_lines: Vec::new(),
    };
    core_account(name, state, false)
}

fn starting(name: &str) -> AccountStatus {
    let phase = CorePhase::Preparing;
    core_account(name, CoreState::Starting { phase }, false)
}

/// A menu as lines, for reading: submenus indented, what cannot be clicked in brackets.
fn lines(menu: &[MenuEntry], depth: usize, into: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    for entry in menu {
        match entry {
            MenuEntry::Separator => into.push(format!("{indent}--")),
            MenuEntry::Submenu { text, entries } => {
                into.push(format!("{indent}{text} >"));
                lines(entries, depth + 1, into);
            }
            MenuEntry::Item(item) => {
                let text = match item.action {
                    Some(_) => item.text.clone(),
                    None => format!("[{}]", item.text),
                };
                let mark = if item.checked == Some(true) { " *" } else { "" };
                into.push(format!("{indent}{text}{mark}"));
            }
        }
    }
}

fn menu(status: Option<&NodeStatus>, language: Language) -> Vec<String> {
    let view = tray_view(status, TrayIcon::Online, language, UiLanguage::Auto, 0);
    let mut all = Vec::new();
    lines(&view.menu, 0, &mut all);
    all
}

#[test]
fn the_menu_of_a_node_in_both_languages() {
    let mut bot = account("ROCK & ROLL_1", true);
    bot.clients = vec![client("koishi", "127.0.0.1:6701")];
    let status = node([braked("main"), bot]);
    assert_eq!(
        menu(Some(&status), Chinese),
        [
            "[1 个账号离线，需要你处理]",
            "打开 perpetua",
            "--",
            "main · 已放弃 >",
            "  详情",
            "  登录",
            "  启动",
            "  停止",
            "  重启",
            "  打开日志文件夹",
            "\u{3000}再试一次",
            "ROCK & ROLL_1 · 在线 >",
            "  详情",
            "  打开日志文件夹",
            "客户端 >",
            "  koishi · ROCK & ROLL_1  ws://127.0.0.1:6701",
            "--",
            "打开日志文件夹",
            "语言 / Language >",
            "  跟随系统 *",
            "  中文",
            "  English",
            "退出",
        ]
    );
    let english = menu(Some(&status), English);
    assert_eq!(english[0], "[1 account is offline and needs you]");
    assert_eq!(english[3], "main · Given up >");
    assert_eq!(english.last().map(String::as_str), Some("Quit"));
}

#[test]
fn without_a_node_the_program_itself_is_left() {
    assert_eq!(
        menu(None, English)[..4],
        [
            "[The state is unknown]",
            "Open perpetua",
            "--",
            "Open the log folder"
        ]
    );
}

#[test]
fn what_is_too_much_for_a_menu_is_on_a_page() {
    let accounts = (0..20).map(|number| {
        let mut one = account(&format!("a{number}"), true);
        one.clients = vec![client("c", &format!("127.0.0.1:{}", 6700 + number))];
        one
    });
    let all = menu(Some(&node(accounts)), Chinese);
    let accounts = all.iter().filter(|line| line.ends_with("· 在线 >"));
    assert_eq!(accounts.count(), 8);
    let clients = all.iter().filter(|line| line.contains("ws://"));
    assert_eq!(clients.count(), 12);
    let more: Vec<_> = all.iter().filter(|line| line.ends_with("更多…")).collect();
    assert_eq!(more, ["更多…", "  更多…"]);
}

#[test]
fn a_click_does_what_its_item_says() {
    let mut bot = account("bot", true);
    bot.clients = vec![client("koishi", "127.0.0.1:6701")];
    let status = node([braked("main"), bot]);
    let view = tray_view(
        Some(&status),
        TrayIcon::Problem,
        English,
        UiLanguage::Auto,
        0,
    );
    let mut actions = Vec::new();
    collect(&view.menu, &mut actions);
    assert_eq!(actions[0], TrayAction::Open);
    let start = TrayAction::Do {
        deed: ButtonAction::Call {
            name: "start",
            params: json!({ "account": "main" }),
        },
        or_page: "/accounts/main".into(),
    };
    assert!(actions.contains(&start), "{actions:?}");
    assert!(actions.contains(&TrayAction::Copy("ws://127.0.0.1:6701".into())));
    assert!(actions.contains(&TrayAction::Language(UiLanguage::Chinese)));
    assert_eq!(actions.last(), Some(&TrayAction::Quit));
}

fn collect(menu: &[MenuEntry], actions: &mut Vec<TrayAction>) {
    for entry in menu {
        match entry {
            MenuEntry::Separator => {}
            MenuEntry::Submenu { entries, .. } => collect(entries, actions),
            MenuEntry::Item(item) => actions.extend(item.action.clone()),
        }
    }
}

/// What differs between two menus of one shape.
fn changed(before: &[MenuEntry], now: &[MenuEntry]) -> usize {
    assert_eq!(before.len(), now.len(), "the shape stays");
    let pairs = before.iter().zip(now);
    let differing = pairs.map(|pair| match pair {
        (
            MenuEntry::Submenu { text, entries },
            MenuEntry::Submenu {
                text: text_now,
                entries: entries_now,
            },
        ) => usize::from(text != text_now) + changed(entries, entries_now),
        (before, now) => usize::from(before != now),
    });
    differing.sum()
}

#[test]
fn counters_change_nothing_and_a_state_changes_one_item_and_the_headline() {
    let view = |status: &NodeStatus| {
        tray_view(Some(status), TrayIcon::Online, English, UiLanguage::Auto, 0)
    };
    let before = node([account("a", true), starting("b")]);
    let mut counted = before.clone();
    counted.accounts[0].events += 200;
    counted.uptime_s += 300;
    assert_eq!(view(&before), view(&counted));
    let mut changed_state = before.clone();
    changed_state.accounts[1] = core_account(
        "b",
        CoreState::Starting {
            phase: CorePhase::Launched,
        },
        false,
    );
    assert_eq!(changed(&view(&before).menu, &view(&changed_state).menu), 1);
}

#[test]
fn the_icon_follows_the_worst_and_waits_for_what_comes_back() {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let mut icon = IconKeeper::default();
    let mut next = |status: Option<&NodeStatus>, seconds| icon.next(status, at(seconds), 0);
    assert_eq!(next(None, 0), TrayIcon::Offline);
    let fine = node([account("a", true)]);
    assert_eq!(next(Some(&fine), 1), TrayIcon::Online);
    let busy = node([account("a", true), starting("b")]);
    assert_eq!(next(Some(&busy), 2), TrayIcon::Online);
    assert_eq!(next(Some(&busy), 31), TrayIcon::Online);
    assert_eq!(next(Some(&busy), 32), TrayIcon::Offline);
    assert_eq!(next(Some(&fine), 33), TrayIcon::Online);
    assert_eq!(next(Some(&busy), 60), TrayIcon::Online, "counted anew");
    let bad = node([account("a", true), braked("b")]);
    assert_eq!(next(Some(&bad), 61), TrayIcon::Problem);
    assert_eq!(next(Some(&node([])), 62), TrayIcon::Offline);
}

#[tokio::test(start_paused = true)]
async fn an_icon_that_never_comes_is_not_taken_for_one_that_is_seen() {
    let limit = Duration::from_secs(15);
    let (seen, visible) = watch::channel(false);
    assert!(!is_seen_within(limit, visible.clone()).await, "in time");
    seen.send_replace(true);
    assert!(is_seen_within(limit, visible).await);
    let (gone, visible) = watch::channel(false);
    drop(gone);
    assert!(!is_seen_within(limit, visible).await, "there is no tray");
}
