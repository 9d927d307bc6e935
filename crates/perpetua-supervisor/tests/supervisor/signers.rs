//! Signers that stop signing.

use std::{sync::Arc, time::Duration};

use perpetua_access::WaitingRoom;
use perpetua_config::SignThrough;
use perpetua_fetch::{Proxy, Purpose, http_client};
use perpetua_lagrange::{ProxyUrl, SignerUrl};
use perpetua_lifecycle::{Generation, LifecycleState, SignerProblem};
use perpetua_signing::{Desks, Prober, SigningListener};
use perpetua_supervisor::{CoreNews, CoreView};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{
    play::Play,
    stage::{Stage, settings},
};

#[tokio::test(start_paused = true)]
async fn a_signer_that_is_lost_is_replaced_by_the_next_one() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    stage.core.send_unsigned(Generation(1)).await;
    play.asked_to_end().await;
    play.end_well();
    stage.next_online().await;
    let view = stage.core.view().borrow().clone();
    assert_eq!(
        view.signer.as_ref().map(|report| report.name.as_str()),
        Some("second")
    );
    let asked = stage.signers.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [vec!["first", "second"], vec!["second"], vec!["second"]]
    );
}

#[tokio::test(start_paused = true)]
async fn its_failure_in_the_log_counts_as_well() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    play.log(
        "BusinessContext",
        "WARNING",
        "Error when processing the event: Lagrange.Core.Internal.Event.Message.SendMessageEvent",
    )
    .await;
    play.log(
        "BusinessContext",
        "WARNING",
        "System.Exception: Signer server returned a 521\n         at Lagrange.OneBot.Utility.OneBotSigner.Sign(String cmd)",
    )
    .await;
    play.asked_to_end().await;
}

#[tokio::test(start_paused = true)]
async fn without_another_one_it_stays_online_and_says_so_until_one_is_found() {
    let mut stage = Stage::with(|settings| settings.signers.truncate(1));
    let play = stage.online().await;
    stage.core.send_unsigned(Generation(1)).await;
    none_works(&stage).await;
    assert!(!play.is_killed());
    // It answers the probe all the time, but is trusted again only after a minute.
    sleep(Duration::from_secs(55)).await;
    assert_eq!(stage.signers.asked.lock().unwrap().len(), 1);
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::Online { signer: None, .. }))
        .await;
    assert_eq!(
        view.generation,
        Generation(1),
        "the core asks it anew by itself"
    );
    assert!(!play.is_killed());
}

#[tokio::test(start_paused = true)]
async fn an_address_that_was_put_right_reaches_the_core() {
    let mut stage = Stage::with(|settings| settings.signers.truncate(1));
    let mut play = stage.online().await;
    stage.core.send_unsigned(Generation(1)).await;
    none_works(&stage).await;
    let mut settings = settings();
    settings.signers.truncate(1);
    settings.signers[0].url = SignerUrl::new("http://127.0.0.1:9/api/sign/39038").unwrap();
    stage.core.change(settings).await;
    play.asked_to_end().await;
    // What the old address still fails is not held against the new one.
    stage.core.send_unsigned(Generation(1)).await;
    play.end_well();
    stage.next_online().await;
    let view = stage.core.view().borrow().clone();
    assert!(
        matches!(view.state, LifecycleState::Online { signer: None, .. }),
        "{:?}",
        view.state
    );
}

/// It is online, and no signer works.
async fn none_works(stage: &Stage) {
    let lacks_all = |state: &LifecycleState| {
        matches!(
            state,
            LifecycleState::Online {
                signer: Some(SignerProblem::NoneWorks(_)),
                ..
            }
        )
    };
    stage.until_state(lacks_all).await;
}

/// A core for which the node asks the signers, with a saved session.
fn behind_the_node() -> Stage {
    let stage = Stage::with(|settings| settings.sign_through = SignThrough::Node);
    std::fs::create_dir_all(stage.path("")).expect("it goes on");
    std::fs::write(stage.path("keystore.json"), r#"{"Uin":10001,"Session":{}}"#)
        .expect("it goes on");
    stage
}

#[tokio::test(start_paused = true)]
async fn behind_the_node_a_core_knows_no_signer_and_another_one_costs_no_start() {
    let mut stage = behind_the_node();
    let play = stage.online().await;
    let way = play.variable("SignServerUrl").unwrap();
    assert!(way.starts_with("http://127.0.0.1:1/"), "{way}");
    assert_eq!(play.variable("SignProxyUrl"), None);
    let direct = play.variable("NO_PROXY").unwrap();
    assert!(direct.ends_with("127.0.0.1,localhost,::1"), "{direct}");
    *stage.signers.broken.lock().unwrap() = vec!["first"];
    stage.core.send_unsigned(Generation(1)).await;
    stage
        .until(|view| {
            view.signer
                .as_ref()
                .is_some_and(|report| report.name == "second")
        })
        .await;
    assert!(!play.is_killed() && !stage.has_play());
    let settings = std::fs::read_to_string(stage.path("appsettings.json")).unwrap();
    assert!(settings.contains(r#""SignServerUrl": """#), "{settings}");
}

#[tokio::test(start_paused = true)]
async fn only_another_version_takes_a_start_and_that_is_said() {
    let mut stage = behind_the_node();
    let play = stage.online().await;
    *stage.signers.version.lock().unwrap() = Some("3.2.15-30366");
    stage.core.send_unsigned(Generation(1)).await;
    sleep(Duration::from_secs(1)).await;
    assert!(!stage.has_play(), "that is what the core was told");
    *stage.signers.version.lock().unwrap() = Some("3.2.19-39038");
    stage.core.send_unsigned(Generation(1)).await;
    play.asked_to_end().await;
    let said = async {
        loop {
            if let CoreNews::Notice(message) = stage.told().await {
                return message.code;
            }
        }
    };
    assert_eq!(said.await, "signer.other_version_only");

    // The same again a moment later makes no start, so that there is none to tell of.
    let mut play = play;
    play.end_well();
    *stage.signers.version.lock().unwrap() = Some("9.9.9-99999");
    let play = stage.next_online().await;
    stage.core.send_unsigned(Generation(2)).await;
    let fails_too = |state: &LifecycleState| {
        matches!(
            state,
            LifecycleState::Online {
                signer: Some(SignerProblem::Lost(_)),
                ..
            }
        )
    };
    stage.until_state(fails_too).await;
    assert!(!play.is_killed() && !stage.has_play());
    while let Ok(news) = stage.news.try_recv() {
        assert!(!matches!(news, CoreNews::Notice(_)), "{news:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_saved_session_starts_without_a_signer_and_a_new_login_does_not() {
    let mut stage = behind_the_node();
    *stage.signers.broken.lock().unwrap() = vec!["first", "second"];
    let play = stage.online().await;
    none_works(&stage).await;
    let info = std::fs::read_to_string(stage.path("appinfo.json")).unwrap();
    assert!(info.contains("3.2.15-30366"), "{info}");
    stage.signers.broken.lock().unwrap().clear();
    stage
        .until_state(|state| matches!(state, LifecycleState::Online { signer: None, .. }))
        .await;
    assert!(!play.is_killed());

    std::fs::remove_file(stage.path("keystore.json")).unwrap();
    *stage.signers.broken.lock().unwrap() = vec!["first", "second"];
    stage.core.restart().await;
    let mut play = play;
    play.asked_to_end().await;
    play.end_well();
    stage
        .until_state(|state| matches!(state, LifecycleState::SignerProblem { .. }))
        .await;
    assert!(!stage.has_play());
}

#[tokio::test(start_paused = true)]
async fn signers_that_change_during_a_launch_are_those_of_its_desk() {
    let mut stage = behind_the_node();
    *stage.signers.silent.lock().unwrap() = true;
    stage.core.start().await;
    let asked = Arc::clone(&stage.signers);
    while asked.asked.lock().unwrap().is_empty() {
        sleep(Duration::from_secs(1)).await;
    }
    let mut others = stage.settings.clone();
    others.signers = vec![crate::stage::signer("third")];
    stage.core.change(others).await;
    *stage.signers.silent.lock().unwrap() = false;
    stage.next_online().await;
    let names = |view: &CoreView| -> Vec<String> {
        let signers = view.signing.iter();
        signers.map(|signer| signer.name.clone()).collect()
    };
    assert_eq!(names(&stage.core.view().borrow()), ["third"]);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_was_put_back_is_tried_though_the_one_before_needed_a_signature() {
    let mut stage = behind_the_node();
    let mut play = stage.online().await;
    *stage.signers.broken.lock().unwrap() = vec!["first", "second"];
    stage.core.restart().await;
    play.asked_to_end().await;
    play.end_well();
    let mut play = stage.play().await;
    play.begin().await;
    fails_its_login(&mut play).await;
    let lacks = |state: &LifecycleState| matches!(state, LifecycleState::SignerProblem { .. });
    stage.until_state(lacks).await;
    assert!(!stage.has_play(), "that session needs a signature");
    stage.core.restore_login().await.unwrap();
    stage.next_online().await;
}

/// The core has got no signature, and gives its login up.
async fn fails_its_login(play: &mut Play) {
    let words = "System.Exception: Signer server returned a BadGateway\n         at Lagrange.OneBot.Utility.OneBotSigner.Sign(String cmd)";
    play.log("BusinessContext", "WARNING", words).await;
    play.give_up_login().await;
}

/// A core that asks for signatures at a real desk, with one signer: this socket.
async fn with_a_signer() -> (Stage, TcpListener) {
    let listener = SigningListener::bind().await.expect("it goes on");
    let client = |_: Option<&ProxyUrl>| {
        http_client(Purpose::Signers, &Proxy::Direct).map_err(|error| error.to_string())
    };
    let desks = Desks::new(Arc::new(Prober::new(client)), listener.port());
    let door = WaitingRoom::default().door();
    tokio::spawn(listener.serve(desks.clone(), door, |_| {}, CancellationToken::new()));
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("it goes on");
    let mut settings = settings();
    settings.sign_through = SignThrough::Node;
    settings.signers.truncate(1);
    let url = format!("http://{}/", socket.local_addr().expect("it goes on"));
    settings.signers[0].url = SignerUrl::new(&url).expect("it goes on");
    (
        Stage::at(tempfile::tempdir().expect("it goes on"), settings, desks),
        socket,
    )
}

/// The core of this play asks for a signature.
async fn ask(play: &Play) -> TcpStream {
    let way = play.variable("SignServerUrl").expect("it goes on");
    let (host, path) = way["http://".len()..].split_once('/').expect("it goes on");
    let mut asks = TcpStream::connect(host).await.expect("it goes on");
    let head = format!("POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 2\r\n\r\n{{}}");
    asks.write_all(head.as_bytes()).await.expect("it goes on");
    asks
}

/// What the core is answered.
async fn answer(mut asks: TcpStream) -> String {
    let mut answer = String::new();
    asks.read_to_string(&mut answer).await.expect("it goes on");
    answer
}

#[tokio::test(start_paused = true)]
async fn the_only_signer_may_need_longer_for_a_login_than_a_start_may_stand_still() {
    let (mut stage, signer) = with_a_signer().await;
    stage.core.start().await;
    let play = stage.play().await;
    play.begin().await;
    play.login_step("Connecting Servers...").await;
    let asks = ask(&play).await;
    let (mut request, _) = signer.accept().await.unwrap();
    sleep(Duration::from_secs(75)).await;
    assert!(!play.is_killed(), "{:?}", stage.core.view().borrow());
    let body = r#"{"value":{"sign":"00","token":"","extra":""}}"#;
    let length = body.len();
    let answered = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
    request.write_all(answered.as_bytes()).await.unwrap();
    assert!(answer(asks).await.starts_with("HTTP/1.1 200 "));
    play.show_code(b"picture").await;
    let waits = |state: &LifecycleState| matches!(state, LifecycleState::WaitingForScan { .. });
    stage.until_state(waits).await;
}

#[tokio::test(start_paused = true)]
async fn the_only_signer_is_named_when_it_never_signs_for_a_login() {
    let (mut stage, signer) = with_a_signer().await;
    stage.core.start().await;
    // Signers that answer and do not sign make no storm of starts.
    for _ in 0..4 {
        let mut play = stage.play().await;
        play.begin().await;
        play.login_step("Connecting Servers...").await;
        let asks = ask(&play).await;
        let _request = signer.accept().await.unwrap();
        assert!(answer(asks).await.starts_with("HTTP/1.1 502 "));
        assert!(!play.is_killed());
        fails_its_login(&mut play).await;
    }
    let lacks = |state: &LifecycleState| matches!(state, LifecycleState::SignerProblem { .. });
    let view = stage.until_state(lacks).await;
    let LifecycleState::SignerProblem { problem, .. } = &view.state else {
        return;
    };
    let problem = problem.to_string();
    assert!(
        problem.contains("`first`") && problem.contains("90 s"),
        "{problem}"
    );
}
