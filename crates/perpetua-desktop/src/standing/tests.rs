//! The vocabulary, state by state: its tone, its words in both languages, and its button.

use perpetua_schema::{
    AccountStatus, ClientStatus, ConnectionStatus, CoreAbsence, CoreAway, CoreAwayKind, CoreBrake,
    CorePhase, CoreProgress, CoreRefusal, CoreState, CoreStep, NodeStatus, NoticeStatus, QrCode,
    UpstreamState,
};
use perpetua_words::{Language, Message, core as core_words, io, link, refused, secret};

use super::{ButtonAction, Tone, encoded, headline, standing_of};
use crate::made::{account, client, core_account, node};

fn word(account: &AccountStatus) -> (Tone, String, String, Option<String>) {
    let standing = standing_of(account, 0);
    let (zh, en) = (
        standing.word.in_language(Language::Chinese),
        standing.word.in_language(Language::English),
    );
    let mend = standing
        .mend
        .map(|mend| mend.word.in_language(Language::Chinese));
    (standing.tone, zh, en, mend)
}

fn qr() -> QrCode {
    QrCode {
        url: None,
        png_base64: String::new(),
        expires_in_s: 100,
        good_for_s: 120,
        code: 1,
        codes_max: 5,
    }
}

#[test]
fn an_outage_is_told_whatever_the_core_does_to_come_back() {
    let waits = CoreState::Backoff {
        retry_in_s: 9,
        failures: 2,
        reason: None,
    };
    let starts = CoreState::Starting {
        phase: CorePhase::Session,
    };
    for (kind, zh) in [
        (CoreAwayKind::NoNetwork, "没有网络"),
        (CoreAwayKind::QqUnreachable, "连不上 QQ"),
    ] {
        for (state, mend) in [(&waits, Some("现在再试")), (&starts, None)] {
            let mut account = core_account("main", state.clone(), false);
            let core = account.core.as_mut().expect("a core");
            core.away = Some(CoreAway {
                kind,
                since_ms: -420_000,
                reason: core_words::NoConnection.into(),
            });
            let standing = standing_of(&account, 0);
            let sentence = standing.sentence.expect("a sentence");
            let sentence = sentence.in_language(Language::English);
            assert!(sentence.contains("7 minutes"), "{sentence}");
            let (tone, found_zh, _, found_mend) = word(&account);
            assert_eq!((tone, &*found_zh), (Tone::Busy, zh));
            assert_eq!(found_mend.as_deref(), mend);
        }
    }
}

#[test]
fn a_core_that_answers_nothing_over_its_link_is_said_to_wait() {
    let online = CoreState::Online {
        who: 1,
        for_s: 90,
        signer_problem: None,
    };
    let mut account = core_account("main", online, true);
    account.core.as_mut().expect("a core").blocked_for_s = Some(61);
    let standing = standing_of(&account, 0);
    assert_eq!(standing.tone, Tone::Busy);
    let sentence = standing.sentence.expect("a sentence");
    let sentence = sentence.in_language(Language::English);
    assert!(sentence.contains("1 minute"), "{sentence}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table, a row for each state")]
fn every_state_of_a_core_has_its_row() {
    use Tone::{Bad, Busy, Idle, Ok, You};
    let server = |code| CoreState::Refused {
        refusal: CoreRefusal::Server {
            code,
            tag: "tag".into(),
            message: "words".into(),
        },
    };
    let braked = |reason| CoreState::Braked {
        reason,
        cause: None,
        last_lines: Vec::new(),
    };
    let absent = |why| CoreState::Absent {
        retry_in_s: None,
        why,
    };
    let signer = |none_configured| CoreState::SignerProblem {
        none_configured,
        retry_in_s: 9,
    };
    let starting = |phase| CoreState::Starting { phase };
    let confirm = |expected| CoreState::WaitingForConfirm {
        who: Some(1),
        expected,
        expires_in_s: 9,
    };
    let online = |signer_problem| CoreState::Online {
        who: 1,
        for_s: 1,
        signer_problem,
    };
    let progress = CoreProgress {
        step: CoreStep::Downloading,
        tag: None,
        received: 1,
        total: Some(2),
        rate_per_s: 0,
        remaining_s: None,
    };
    let rows = [
        (CoreState::Stopped, Idle, "已停止", Some("启动")),
        (
            absent(CoreAbsence::Failed),
            You,
            "没有核心",
            Some("现在安装"),
        ),
        (
            absent(CoreAbsence::NotAllowed),
            You,
            "没有核心",
            Some("安装"),
        ),
        (
            absent(CoreAbsence::Unconfirmed),
            You,
            "等你核对",
            Some("去核对"),
        ),
        (CoreState::Installing { progress }, Busy, "安装核心", None),
        (signer(true), Bad, "缺签名服务器", Some("添加签名服务器")),
        (signer(false), You, "签名不可用", Some("看原因")),
        (starting(CorePhase::Preparing), Busy, "准备中", None),
        (starting(CorePhase::Launched), Busy, "启动中", None),
        (starting(CorePhase::Session), Busy, "恢复登录", None),
        (starting(CorePhase::Connecting), Busy, "取二维码", None),
        (starting(CorePhase::LoggingIn), Busy, "登录中", None),
        (starting(CorePhase::OpeningLink), Busy, "接通中", None),
        (
            CoreState::WaitingForScan { qr: qr() },
            You,
            "等待扫码",
            Some("去扫码"),
        ),
        (confirm(None), You, "等你确认", Some("打开")),
        (confirm(Some(2)), Bad, "号不对", Some("换一张")),
        (server(45), Bad, "QQ 拒绝", Some("看原因")),
        (server(1), Bad, "QQ 拒绝", Some("重新登录")),
        (online(None), Ok, "在线", None),
        (
            online(Some(io::DiskFull.into())),
            You,
            "发不出",
            Some("换签名服务器"),
        ),
        (
            CoreState::KickedOffline { reason: "x".into() },
            Busy,
            "被踢，重登中",
            None,
        ),
        (
            CoreState::Reconnecting {
                who: 1,
                for_s: 2,
                reason: None,
            },
            Busy,
            "重连中",
            None,
        ),
        (CoreState::Stopping, Idle, "停止中", None),
        (
            CoreState::Backoff {
                retry_in_s: 9,
                failures: 2,
                reason: None,
            },
            Busy,
            "稍后再试",
            Some("现在再试"),
        ),
        (
            CoreState::Backoff {
                retry_in_s: 9,
                failures: 2,
                reason: Some(core_words::NoProgress { seconds: 60_u64 }.into()),
            },
            Busy,
            "登录没有进展",
            Some("现在再试"),
        ),
        (braked(CoreBrake::Failing), Bad, "已放弃", Some("再试一次")),
        (
            braked(CoreBrake::NobodyScanned),
            Bad,
            "没人扫码",
            Some("取新的二维码"),
        ),
        (
            braked(CoreBrake::KickedAgain),
            Bad,
            "被踢下线",
            Some("重新登录"),
        ),
        (
            braked(CoreBrake::CannotRun),
            Bad,
            "不能运行",
            Some("再试一次"),
        ),
    ];
    for (state, tone, zh, mend) in rows {
        let is_online = matches!(state, CoreState::Online { .. });
        let account = core_account("main", state.clone(), is_online);
        let (found, found_zh, en, found_mend) = word(&account);
        assert_eq!(
            (found, found_zh.as_str(), found_mend.as_deref()),
            (tone, zh, mend),
            "{state:?}"
        );
        assert!(en.is_ascii(), "{en}");
    }
}

#[test]
fn every_state_of_a_link_has_its_row() {
    use Tone::{Bad, Busy, Idle, Ok, You};
    let with = |state, online, problem: Option<Message>, kind: &str| {
        let mut account = account("main", online);
        account.upstream.state = state;
        account.upstream.kind = kind.into();
        account.upstream.since_ms = -60_000;
        account.problem = problem;
        account
    };
    let refused = Some(Message::from(link::WrongToken));
    let reason = "no prompt";
    let locked = Some(secret::KeyringLocked { reason }.into());
    let other = link::NotOnebot {
        cause: Message::from(io::NotFound),
    };
    for (account, tone, zh, mend) in [
        (
            with(UpstreamState::Open, true, None, "simulator"),
            Ok,
            "在线",
            None,
        ),
        (
            with(UpstreamState::Open, false, None, "onebot"),
            Bad,
            "上游离线",
            Some("再问一次"),
        ),
        (
            with(UpstreamState::Dialling, false, None, "onebot"),
            Busy,
            "连接中",
            None,
        ),
        (
            with(UpstreamState::Waiting, false, None, "onebot"),
            You,
            "连不上",
            Some("现在重试"),
        ),
        (
            with(UpstreamState::Waiting, false, refused, "onebot"),
            Bad,
            "令牌不对",
            Some("改令牌"),
        ),
        (
            with(UpstreamState::Waiting, false, Some(other.into()), "onebot"),
            Bad,
            "地址不对",
            Some("改地址"),
        ),
        (
            with(UpstreamState::Closed, false, locked, "onebot-reverse"),
            Bad,
            "无法使用钥匙串",
            Some("再试一次"),
        ),
        (
            with(UpstreamState::Closed, false, None, "onebot-reverse"),
            Busy,
            "等它来连",
            Some("怎么填"),
        ),
        (
            with(UpstreamState::Closed, false, None, "onebot"),
            Idle,
            "未连接",
            Some("连接"),
        ),
    ] {
        let (found, found_zh, _, found_mend) = word(&account);
        assert_eq!(
            (found, found_zh.as_str(), found_mend.as_deref()),
            (tone, zh, mend)
        );
    }
    let mut off = account("main", false);
    off.enabled = false;
    assert_eq!(word(&off).1, "已停用");
}

#[test]
fn the_headline_says_the_worst_and_how_many_it_concerns() {
    let said = |status: Option<&NodeStatus>| {
        let title = headline(status, 0).title;
        (
            title.in_language(Language::Chinese),
            title.in_language(Language::English),
        )
    };
    assert_eq!(said(None).0, "现在的状态未知");
    assert_eq!(said(Some(&node([]))).0, "账号都已停止");
    let alone = node([account("a", true)]);
    assert_eq!(
        said(Some(&alone)),
        ("在等你的机器人连接".into(), "Waiting for your bot".into())
    );
    let fine = node([with_bot("a")]);
    assert_eq!(
        said(Some(&fine)),
        ("一切正常".into(), "Everything works".into())
    );
    let mut waits = node([with_bot("a")]);
    let setting = "[api] listen";
    waits
        .problems
        .push(perpetua_words::node::NeedsRestart { setting }.into());
    assert_eq!(
        said(Some(&waits)).0,
        "一切正常",
        "what waits for the next start is no fault"
    );
    // One bot is enough, wherever it is connected.
    assert_eq!(
        said(Some(&node([with_bot("a"), account("b", true)]))).0,
        "一切正常"
    );
    let scan = core_account("b", CoreState::WaitingForScan { qr: qr() }, false);
    let waiting = node([account("a", true), scan.clone()]);
    assert_eq!(said(Some(&waiting)).0, "b 在等你扫码");
    let stopped = core_account(
        "c",
        CoreState::Braked {
            reason: CoreBrake::KickedAgain,
            cause: None,
            last_lines: Vec::new(),
        },
        false,
    );
    let both = node([account("a", true), scan, stopped]);
    assert_eq!(said(Some(&both)).0, "2 个账号离线，需要你处理");
    assert_eq!(said(Some(&both)).1, "2 accounts are offline and need you");
}

fn connection() -> ConnectionStatus {
    ConnectionStatus {
        app_id: "app".into(),
        name: None,
        role: "universal".into(),
        peer: None,
        user_agent: None,
        since_ms: 0,
        sent: 0,
        queued: 0,
        queued_bytes: 0,
        dropped: 0,
        busy_for_s: None,
    }
}

/// An account that is online, with a framework.
fn with_bot(name: &str) -> AccountStatus {
    let mut client = client("bot", "127.0.0.1:6701");
    (client.queue_events, client.queue_bytes) = (100, 100);
    client.connections.push(connection());
    let mut account = account(name, true);
    account.clients.push(client);
    account
}

#[test]
fn a_client_that_needs_somebody_is_counted_as_on_the_page() {
    let now_ms = 1_000_000;
    let said = |change: &dyn Fn(&mut AccountStatus)| {
        let mut account = with_bot("a");
        change(&mut account);
        let said = headline(Some(&node([account])), now_ms);
        (said.tone, said.title.in_language(Language::English))
    };
    let needy = "1 client needs you".to_owned();
    let fine = (Tone::Ok, "Everything works".to_owned());
    let broken = |account: &mut AccountStatus| {
        account.clients[0].problem = Some(io::NotFound.into());
    };
    assert_eq!(said(&broken), (Tone::Bad, needy.clone()));
    let slow = |account: &mut AccountStatus| account.clients[0].dropped_last_minute = 1;
    assert_eq!(said(&slow), (Tone::You, needy.clone()));
    let full = |account: &mut AccountStatus| account.clients[0].connections[0].queued = 51;
    assert_eq!(said(&full), (Tone::You, needy.clone()));
    let half = |account: &mut AccountStatus| account.clients[0].connections[0].queued = 50;
    assert_eq!(said(&half), fine);
    let refused = |ago_s: i64, client: &mut ClientStatus| {
        let message = refused::WrongLeasedToken {
            peer: "127.0.0.1:5",
        }
        .into();
        let last_unix_s = now_ms / 1000 - ago_s;
        let count = 1;
        client.notices = vec![NoticeStatus {
            message,
            count,
            last_unix_s,
        }];
    };
    let lately = |account: &mut AccountStatus| refused(299, &mut account.clients[0]);
    assert_eq!(said(&lately), (Tone::You, needy));
    let before = |account: &mut AccountStatus| refused(301, &mut account.clients[0]);
    assert_eq!(said(&before), fine);
    let off = |account: &mut AccountStatus| {
        let mut client = account.clients[0].clone();
        (client.enabled, client.problem) = (false, Some(io::NotFound.into()));
        account.clients.push(client);
    };
    assert_eq!(said(&off), fine);
}

#[test]
fn names_stand_in_paths_so_that_they_stay_parts() {
    assert_eq!(encoded("main-1"), "main-1");
    assert_eq!(encoded("a/b?c d"), "a%2Fb%3Fc%20d");
    let scan = core_account("a/b", CoreState::WaitingForScan { qr: qr() }, false);
    let mend = standing_of(&scan, 0).mend.expect("a button");
    assert_eq!(mend.deed, ButtonAction::Go("/accounts/a%2Fb/login".into()));
}

#[test]
fn what_signers_and_cores_need_is_done_on_their_pages() {
    let page = |state| match standing_of(&core_account("main", state, false), 0).mend {
        Some(mend) => mend.deed,
        None => panic!("it has a button"),
    };
    let signer = |none_configured| CoreState::SignerProblem {
        none_configured,
        retry_in_s: 9,
    };
    let unconfirmed = CoreState::Absent {
        retry_in_s: None,
        why: CoreAbsence::Unconfirmed,
    };
    for (state, path) in [
        (signer(true), "/signers?add=true"),
        (signer(false), "/signers"),
        (unconfirmed, "/core"),
    ] {
        assert_eq!(page(state), ButtonAction::Go(path.into()));
    }
}
