//! Clients of one account that may be in each other's way at a framework.

use std::sync::Arc;

use perpetua_hub::{ClientSettings, DialFailure, FrameworkKind, Rival, Role};

use crate::rig::Rig;

const HERE: &str = "127.0.0.1:8080";

fn client(rig: &mut Rig, name: &str, framework: Option<FrameworkKind>, servers: &[&str]) {
    let settings = ClientSettings {
        framework,
        servers: servers.iter().map(ToString::to_string).collect(),
        ..ClientSettings::default()
    };
    rig.hub.set_client(name, settings, rig.now);
}

/// `CONNECTIONS.md`, C11.
#[test]
fn another_client_that_leads_to_the_same_server_is_named() {
    let mut rig = Rig::online();
    client(&mut rig, "bot", None, &["127.0.0.1:9", HERE]);
    assert_eq!(rig.hub.rival("bot", HERE), None, "it is alone");
    client(&mut rig, "else", None, &["127.0.0.1:9090"]);
    client(&mut rig, "waits", None, &[]);
    assert_eq!(rig.hub.rival("bot", HERE), None);
    client(&mut rig, "hook", None, &[HERE]);
    let hook = Rival::SameServer {
        client: Arc::from("hook"),
        server: HERE.to_owned(),
    };
    assert_eq!(rig.hub.rival("bot", HERE), Some(hook.clone()));
    let said = DialFailure::Refused(403).beside(Some(hook)).to_string();
    assert!(
        said.contains("403") && said.contains("`hook`") && said.contains(HERE),
        "{said}"
    );
    rig.hub.remove_client("hook");
    assert_eq!(rig.hub.rival("bot", HERE), None);
}

#[test]
fn of_nonebot_a_client_by_which_one_is_connected_is_named_too() {
    let nonebot = Some(FrameworkKind::Nonebot);
    for (own, other, connects, is_named) in [
        (nonebot, nonebot, true, true),
        (nonebot, nonebot, false, false),
        (nonebot, Some(FrameworkKind::Koishi), true, false),
        (None, nonebot, true, false),
    ] {
        let mut rig = Rig::online();
        client(&mut rig, "bot", own, &[HERE]);
        client(&mut rig, "forward", other, &[]);
        if connects {
            rig.connect("forward", Role::Universal);
        }
        let rival = Rival::Connected {
            client: Arc::from("forward"),
        };
        let found = rig.hub.rival("bot", HERE);
        assert_eq!(
            found,
            is_named.then_some(rival),
            "{own:?} {other:?} {connects}"
        );
    }
}

#[test]
fn only_a_refusal_that_may_be_another_clients_doing_has_one_beside_it() {
    for (failure, may_be) in [
        (DialFailure::Refused(403), true),
        (DialFailure::Refused(404), false),
        (DialFailure::Refused(502), false),
        (DialFailure::NobodyHere, false),
        (DialFailure::NoUpgrade(30), false),
        (DialFailure::Redirected("ws://h/".to_owned()), false),
    ] {
        assert_eq!(failure.may_be_anothers(), may_be, "{failure:?}");
        let is_refusal = failure.is_refusal();
        let rival = Rival::Connected {
            client: Arc::from("other"),
        };
        assert_eq!(failure.beside(Some(rival)).is_refusal(), is_refusal);
    }
}
