//! A managed core loses QQ and has it again: its log decides, whatever else says so, and in whichever order.

use perpetua_hub::{ClientProfile, ConnectionId};
use perpetua_words::link as words;

use crate::rig::{BOT, Rig};

/// What happens around an interruption. The last three come from the core's WebSocket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Happening {
    LogLost,
    LogBack,
    BotOnline,
    Message,
    Heartbeat,
}

const ALL: [Happening; 5] = [
    Happening::LogLost,
    Happening::LogBack,
    Happening::BotOnline,
    Happening::Message,
    Happening::Heartbeat,
];

#[test]
fn clients_hear_of_one_change_each_way_in_every_order() {
    let mut orders = 0;
    for order in permutations(&ALL) {
        let place = |what| order.iter().position(|one| *one == what);
        if place(Happening::LogLost) > place(Happening::LogBack) {
            continue;
        }
        orders += 1;
        let (mut rig, id) = managed();
        let mut told = Vec::new();
        for happening in &order {
            happen(&mut rig, *happening);
            told.extend(beats(&mut rig, id));
        }
        assert_eq!(told, [false, true], "{order:?}");
    }
    assert_eq!(orders, 60);
}

#[test]
fn what_a_login_over_a_new_link_says_does_not_bring_qq_back() {
    let (mut rig, id) = managed();
    happen(&mut rig, Happening::LogLost);
    rig.lose();
    rig.open();
    rig.log_in(BOT);
    assert!(!rig.hub.online(), "the core answers from memory");
    happen(&mut rig, Happening::LogBack);
    assert_eq!(beats(&mut rig, id), [true], "and the last is what is true");
}

/// An upstream that nobody supervises has no log: what it says counts.
#[test]
fn without_a_supervisor_a_message_shows_that_the_account_is_back() {
    for back in [Happening::BotOnline, Happening::Message] {
        let (mut rig, _id) = managed();
        happen(&mut rig, Happening::LogLost);
        rig.hub.set_managed(false);
        happen(&mut rig, back);
        assert!(rig.hub.online(), "{back:?}");
    }
}

fn managed() -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    rig.hub.set_managed(true);
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (rig, id)
}

fn happen(rig: &mut Rig, happening: Happening) {
    match happening {
        Happening::LogLost => rig.hub.set_interrupted(Some(words::Ended.into()), rig.now),
        Happening::LogBack => rig.hub.set_interrupted(None, rig.now),
        Happening::BotOnline => rig.upstream(&format!(
            r#"{{"reason":"Reconnect","notice_type":"bot_online","time":1,"self_id":{BOT},"post_type":"notice"}}"#
        )),
        Happening::Message => rig.message(1),
        Happening::Heartbeat => rig.upstream(&format!(
            r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":true}}}}"#
        )),
    }
}

/// What the heartbeats of a connection have said since it was last looked at.
fn beats(rig: &mut Rig, id: ConnectionId) -> Vec<bool> {
    let frames = rig.take(id);
    let online = frames
        .iter()
        .filter_map(|frame| frame["status"]["online"].as_bool());
    online.collect()
}

fn permutations(of: &[Happening]) -> Vec<Vec<Happening>> {
    let [first, rest @ ..] = of else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for shorter in permutations(rest) {
        for place in 0..=shorter.len() {
            let mut one = shorter.clone();
            one.insert(place, *first);
            all.push(one);
        }
    }
    all
}
