//! Changes that meet the file while another program saves it in place.

use std::{fs, time::Duration};

use perpetua_node::Node;
use perpetua_schema::{
    AccountAdd, ErrorCode, NewUpstream, PreferencesEdit, SetAccountEnabled, SettingsWrite, Status,
    UiLanguage,
};
use tokio::{join, time::sleep};

use super::{SETTINGS, done, refused, started, text};

/// Shorter than any text has to stay as it is.
const MOMENT: Duration = Duration::from_millis(250);

fn english() -> PreferencesEdit {
    PreferencesEdit {
        language: Some(UiLanguage::English),
        ..PreferencesEdit::default()
    }
}

async fn accounts(node: &Node) -> usize {
    done(node, Status {}).await.accounts.len()
}

#[tokio::test]
async fn a_moment_of_somebody_elses_saving_is_waited_for() {
    let by_hand = SETTINGS.replace("# built in", "# by hand");
    let (beginning, _) = SETTINGS.split_once("[[accounts]]").expect("an account");
    let (half, _) = by_hand.split_once("\n[[accounts]]").expect("an account");
    for (moments, saved) in [
        // Truncated, and the same again.
        (&[""] as &[&str], SETTINGS),
        // A valid beginning.
        (&["", beginning], SETTINGS),
        // Between two writes of another text.
        (&["", half, &SETTINGS.replace("# any", "")], &by_hand),
    ] {
        let (place, node) = started(SETTINGS).await;
        place.write(moments[0]);
        let edit = done(&node, english());
        let save = async {
            for moment in &moments[1..] {
                sleep(MOMENT).await;
                place.write(moment);
            }
            sleep(MOMENT).await;
            place.write(saved);
        };
        let (edited, ()) = join!(edit, save);
        assert!(edited.applied.pending.is_empty(), "{edited:?}");
        let written = text(&place);
        assert!(written.starts_with(saved.trim_end()), "{written}");
        assert!(written.contains("language = \"en\""), "{written}");
        assert_eq!(accounts(&node).await, 1, "nothing was stopped");
        node.drain().await;
    }
}

#[tokio::test]
async fn a_blank_file_is_no_basis_for_any_change() {
    let (place, node) = started(SETTINGS).await;
    place.write("\n");
    let error = refused(&node, english()).await;
    assert_eq!(
        (error.code, &*error.message.code),
        (ErrorCode::InvalidSettings, "node.settings_blank")
    );
    let disable = SetAccountEnabled {
        account: "main".into(),
        enabled: false,
    };
    assert_eq!(
        refused(&node, disable).await.message.code,
        "node.settings_blank"
    );
    let add = AccountAdd {
        name: None,
        upstream: NewUpstream::Simulator,
    };
    assert_eq!(
        refused(&node, add).await.message.code,
        "node.settings_blank"
    );
    assert_eq!(text(&place), "\n");
    assert_eq!(accounts(&node).await, 1);
    // Who has seen that it is blank writes a whole text.
    let repair = SettingsWrite {
        text: SETTINGS.into(),
        instead_of: Some("\n".into()),
        ..SettingsWrite::default()
    };
    done(&node, repair).await;
    assert_eq!(text(&place), SETTINGS);
    node.drain().await;
}

#[tokio::test]
async fn a_file_that_does_not_come_to_rest_is_left_to_whoever_writes_it() {
    let (place, node) = started(SETTINGS).await;
    // From here on waiting takes no time.
    tokio::time::pause();
    let save = async {
        for number in 0_u32.. {
            let text = format!("{SETTINGS}# {number}\n");
            place.write(&text);
            sleep(MOMENT).await;
        }
    };
    let error = tokio::select! {
        error = refused(&node, english()) => error,
        () = save => unreachable!("it saves for ever"),
    };
    assert_eq!(
        (error.code, &*error.message.code),
        (ErrorCode::Conflict, "node.settings_being_edited")
    );
    assert!(!text(&place).contains("language"));
    let written = text(&place);
    let whole = SettingsWrite {
        text: SETTINGS.into(),
        instead_of: Some(written.clone()),
        ..SettingsWrite::default()
    };
    fs::write(place.settings_path(), &written).expect("written");
    done(&node, whole).await;
    assert_eq!(text(&place), SETTINGS);
    node.drain().await;
}
