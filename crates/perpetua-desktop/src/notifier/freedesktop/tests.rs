//! A service that is made here, on a bus of its own.
#![expect(
    clippy::used_underscore_binding,
    reason = "the interface's macro names what the service leaves alone"
)]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use zbus::{fdo, interface, object_server::SignalEmitter, zvariant::OwnedValue};

use super::{NotificationState, ServiceProxy, ShownNotification, escaped, serve};
use crate::{ButtonAction, DesktopNotifier, notifier::Request, test_bus::TestBus};

/// What the service was asked to show: title, body, actions, what it replaces.
type Shown = Arc<Mutex<Vec<(String, String, Vec<String>, u32)>>>;

struct FakeService {
    shown: Shown,
    markup: bool,
    /// It takes no notification of ours.
    refuses: bool,
}

#[interface(name = "org.freedesktop.Notifications")]
impl FakeService {
    #[expect(clippy::too_many_arguments, reason = "the protocol has them")]
    fn notify(
        &self,
        _app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> fdo::Result<u32> {
        if self.refuses {
            return Err(fdo::Error::AccessDenied("not this program".to_owned()));
        }
        let mut shown = self.shown.lock().expect("no panic");
        shown.push((summary, body, actions, replaces_id));
        Ok(u32::try_from(shown.len()).expect("few"))
    }

    fn get_capabilities(&self) -> Vec<String> {
        let mut capabilities = vec!["actions".to_owned(), "body".to_owned()];
        if self.markup {
            capabilities.push("body-markup".to_owned());
        }
        capabilities
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str)
    -> zbus::Result<()>;

    #[zbus(signal)]
    async fn activation_token(
        emitter: &SignalEmitter<'_>,
        id: u32,
        token: &str,
    ) -> zbus::Result<()>;
}

fn notification(key: &str, body: &str) -> Request {
    let (outcome, _nobody_waits) = oneshot::channel();
    Request::Show(Box::new(shown(key, body)), outcome)
}

fn shown(key: &str, body: &str) -> ShownNotification {
    ShownNotification {
        key: key.into(),
        title: "A & B".into(),
        body: body.into(),
        button: Some("重新登录".into()),
        on_click: ButtonAction::Go("/accounts/a".into()),
        on_button: Some(ButtonAction::Go("/accounts/a/login".into())),
    }
}

#[tokio::test]
async fn clicks_and_buttons_arrive_and_only_markup_is_escaped() {
    let Some(bus) = TestBus::start().await else {
        eprintln!("skipped: there is no `dbus-daemon` here");
        return;
    };
    for (markup, body) in [(true, "a &lt; b"), (false, "a < b")] {
        let server = bus.connect().await;
        let shown = Shown::default();
        let service = FakeService {
            shown: Arc::clone(&shown),
            markup,
            refuses: false,
        };
        server
            .object_server()
            .at("/org/freedesktop/Notifications", service)
            .await
            .expect("served");
        server
            .request_name("org.freedesktop.Notifications")
            .await
            .expect("the name");

        let (requests, coming) = mpsc::channel(4);
        let (clicked, mut clicks) = mpsc::channel(4);
        let (told, mut state) = watch::channel(NotificationState::NoService);
        let client = ServiceProxy::new(&bus.connect().await)
            .await
            .expect("a proxy");
        tokio::spawn(serve(client, coming, clicked, told));
        requests
            .send(notification("a", "a < b"))
            .await
            .expect("it listens");
        state
            .wait_for(|state| *state == NotificationState::Works)
            .await
            .expect("it runs");
        requests
            .send(notification("a", "again"))
            .await
            .expect("it listens");
        let (done, looked) = oneshot::channel();
        requests
            .send(Request::Look(done))
            .await
            .expect("it listens");
        looked.await.expect("it answers");
        let seen = shown.lock().expect("no panic").clone();
        assert_eq!((seen[0].0.as_str(), seen[0].1.as_str()), ("A & B", body));
        assert_eq!(seen[0].2, ["default", "", "mend", "重新登录"]);
        assert_eq!(
            (seen[0].3, seen[1].3),
            (0, 1),
            "the second takes the place of the first"
        );

        let emitter =
            SignalEmitter::new(&server, "/org/freedesktop/Notifications").expect("a path");
        FakeService::activation_token(&emitter, 2, "leave")
            .await
            .expect("sent");
        FakeService::action_invoked(&emitter, 2, "mend")
            .await
            .expect("sent");
        let click = timeout(Duration::from_secs(5), clicks.recv()).await;
        let click = click.expect("soon").expect("a click");
        assert_eq!(click.deed, ButtonAction::Go("/accounts/a/login".into()));
        assert_eq!(click.activation.as_deref(), Some("leave"));
        FakeService::action_invoked(&emitter, 2, "default")
            .await
            .expect("sent");
        let click = timeout(Duration::from_secs(5), clicks.recv()).await;
        assert_eq!(
            click.expect("soon").expect("a click").deed,
            ButtonAction::Go("/accounts/a".into())
        );
        server
            .release_name("org.freedesktop.Notifications")
            .await
            .expect("released");
    }
}

#[tokio::test]
async fn one_that_is_refused_is_blocked_and_stays_so_when_looked_at() {
    let Some(bus) = TestBus::start().await else {
        eprintln!("skipped: there is no `dbus-daemon` here");
        return;
    };
    let server = bus.connect().await;
    let service = FakeService {
        shown: Shown::default(),
        markup: false,
        refuses: true,
    };
    let path = "/org/freedesktop/Notifications";
    let is_new = server.object_server().at(path, service).await;
    assert!(is_new.expect("served"));
    let name = "org.freedesktop.Notifications";
    server.request_name(name).await.expect("the name");
    let (requests, coming) = mpsc::channel(4);
    let (clicked, _clicks) = mpsc::channel(4);
    let (told, state) = watch::channel(NotificationState::Works);
    let client = ServiceProxy::new(&bus.connect().await).await;
    tokio::spawn(serve(client.expect("a proxy"), coming, clicked, told));
    let notifier = DesktopNotifier { requests, state };
    let outcome = notifier.show_and_wait(shown("test", "")).await;
    assert_eq!(outcome, NotificationState::Blocked);
    assert_eq!(notifier.look().await, NotificationState::Blocked);
    server.release_name(name).await.expect("released");
    assert_eq!(notifier.look().await, NotificationState::NoService);
}

#[tokio::test]
async fn without_a_service_nothing_waits_and_the_state_says_so() {
    let Some(bus) = TestBus::start().await else {
        eprintln!("skipped: there is no `dbus-daemon` here");
        return;
    };
    let (requests, coming) = mpsc::channel(4);
    let (clicked, _clicks) = mpsc::channel(4);
    let (told, mut state) = watch::channel(NotificationState::Works);
    let client = ServiceProxy::new(&bus.connect().await)
        .await
        .expect("a proxy");
    tokio::spawn(serve(client, coming, clicked, told));
    requests
        .send(notification("a", ""))
        .await
        .expect("it listens");
    let said = state.wait_for(|state| *state == NotificationState::NoService);
    timeout(Duration::from_secs(5), said)
        .await
        .expect("soon")
        .expect("it runs");
}

#[test]
fn markup_is_shown_as_it_was_written() {
    assert_eq!(escaped("a < b && c > d"), "a &lt; b &amp;&amp; c &gt; d");
}
