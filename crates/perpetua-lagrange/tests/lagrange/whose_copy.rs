//! Whose copy takes the place of a damaged login, and what is left of one that was being put back.

use std::fs;

use perpetua_lagrange::{LoginFile, Mended};

use crate::logins::{Logins, at, names};

const MINE: u64 = 10001;
const OTHER: u64 = 20009;

/// The session and the device of an account.
fn login_of(who: u64) -> [String; 2] {
    [
        format!(r#"{{"Uin":{who},"Session":{{"D2":"c2VjcmV0"}}}}"#),
        format!(r#"{{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d{who}","MacAddress":"AAECAwQF"}}"#),
    ]
}

/// An account's folder with a copy of each of these logins, the newest last.
fn copies_of(all: &[u64]) -> Logins {
    let copies = Logins::new();
    for (seconds, who) in (0..).zip(all) {
        let [session, device] = login_of(*who);
        copies.put(session, device);
        copies.backup.keep(at(seconds)).expect("kept");
    }
    copies
}

fn unfinished(copies: &Logins) -> Vec<String> {
    let mut names = names(copies.account.path());
    names.retain(|name| name.contains(".new"));
    names
}

#[test]
fn a_copy_of_another_account_does_not_take_the_place_of_a_damaged_login() {
    let damages = [["", "{"], ["{", ""], ["{\"Uin\":", "{\"Guid\":\"x\"}"]];
    for damaged in damages.map(|login| login.map(str::to_owned)) {
        for (copies, wanted, back) in [
            (&[MINE, OTHER][..], Some(MINE), Some(MINE)),
            (&[MINE, OTHER, OTHER], Some(MINE), Some(MINE)),
            (&[OTHER, MINE], Some(MINE), Some(MINE)),
            (&[MINE, OTHER], Some(OTHER), Some(OTHER)),
            (&[OTHER], Some(MINE), None),
            // Where nobody says whose it has to be, it is the newest.
            (&[MINE, OTHER], None, Some(OTHER)),
        ] {
            // The session alone, the device alone, and both.
            for place in [&[0][..], &[1], &[0, 1]] {
                let copies = copies_of(copies);
                let mut login = login_of(wanted.unwrap_or(OTHER));
                for place in place {
                    login[*place].clone_from(&damaged[*place]);
                }
                copies.put(&login[0], &login[1]);
                let mended = copies.backup.mend(wanted, at(9)).expect("mended");
                let now = copies.login();
                if let Some(back) = back {
                    assert_eq!(now, login_of(back).map(Some), "{place:?} {mended:?}");
                    continue;
                }
                for (place, file) in [LoginFile::Session, LoginFile::Device].iter().enumerate() {
                    let is_aside = mended
                        .iter()
                        .any(|one| matches!(one, Mended::SetAside(aside, _) if aside == file));
                    let is_damaged = login[place] == damaged[place];
                    assert_eq!(is_aside, is_damaged, "{file:?} {mended:?}");
                    let stays = (!is_damaged).then(|| login[place].clone());
                    assert_eq!(now[place], stays, "{file:?}");
                }
            }
        }
    }
}

#[test]
fn a_session_that_was_being_put_back_does_not_stay_beside_the_others() {
    let left = ["keystore.json.new", "device.json.new"];
    let is_good = |copies: &Logins| copies.login() == login_of(MINE).map(Some);
    for names in [&left[..1], &left[1..], &left[..]] {
        let copies = copies_of(&[MINE]);
        let leave = || {
            for name in names {
                let text = &login_of(OTHER)[0];
                fs::write(copies.account.path().join(name), text).expect("left");
            }
        };
        leave();
        assert_eq!(copies.backup.mend(Some(MINE), at(1)).expect("looked"), []);
        assert_eq!(unfinished(&copies), [""; 0]);
        assert!(is_good(&copies));
        leave();
        copies.backup.forget().expect("forgotten");
        assert_eq!(unfinished(&copies), [""; 0]);
        leave();
        let [session, device] = login_of(MINE);
        copies.put(session, device);
        copies.backup.keep(at(2)).expect("kept");
        copies.backup.restore(None, at(3)).expect("restored");
        copies.backup.mend(Some(MINE), at(4)).expect("looked");
        assert_eq!(unfinished(&copies), [""; 0]);
        assert!(is_good(&copies));
    }
}
