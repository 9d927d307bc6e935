//! Wrong tokens and right ones from one machine: a person has corrected a program, or there are two programs.

use std::time::Duration;

use perpetua_hub::{ClientProfile, Visitor};
use perpetua_words::refused;

use crate::rig::Rig;

const HERE: &str = "127.0.0.1";

fn refuse(rig: &mut Rig) {
    let (account, client) = ("main", "bot");
    let notice = refused::WrongToken {
        account,
        client,
        peer: HERE,
    };
    rig.hub.note_client("bot", notice, rig.now);
}

fn let_in(rig: &mut Rig) {
    let visitor = Visitor {
        peer: Some(HERE.to_owned()),
        ..Visitor::default()
    };
    rig.hub
        .connect("bot", visitor, rig.now)
        .expect("it is let in");
}

fn is_told(rig: &Rig) -> bool {
    let clients = rig.hub.snapshot().clients;
    let mut told = clients.iter().flat_map(|client| &client.notices);
    told.any(|notice| &*notice.message.code == "refused.wrong_token")
}

fn rig() -> Rig {
    let mut rig = Rig::online();
    rig.client("bot", ClientProfile::Standard);
    rig
}

#[test]
fn a_program_that_was_corrected_needs_nobody_any_more() {
    let mut rig = rig();
    refuse(&mut rig);
    assert!(is_told(&rig));
    let_in(&mut rig);
    assert!(!is_told(&rig));
    // Much later a person has it wrong again, and mends it.
    rig.pass(Duration::from_mins(10));
    refuse(&mut rig);
    let_in(&mut rig);
    assert!(!is_told(&rig));
}

#[test]
fn a_program_beside_one_that_is_let_in_again_and_again_is_still_told_of() {
    let mut rig = rig();
    let_in(&mut rig);
    for _ in 0..5 {
        rig.pass(Duration::from_secs(5));
        refuse(&mut rig);
        let_in(&mut rig);
        assert!(is_told(&rig));
    }
    // It has not come again for long.
    rig.pass(Duration::from_mins(2));
    let_in(&mut rig);
    assert!(!is_told(&rig));
}
