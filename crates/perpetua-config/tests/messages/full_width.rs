//! Chinese punctuation, the commonest mistake of who writes the file with a Chinese input method.

use crate::{NODE, refused, refused_in_client};

/// The sentence for what was found and what to write for it.
fn said(found: &str, plain: &str) -> String {
    format!(
        "`{found}` is full-width (Chinese) punctuation; switch the input method to English, and write `{plain}`"
    )
}

#[test]
fn quotes_equals_signs_and_commas_are_named_where_they_stand() {
    for (line, column, found, plain) in [
        ("profile = “standard”", 11, "“ ”", "\""),
        ("profile ＝ \"standard\"", 9, "＝", "="),
        ("profile： \"standard\"", 8, "：", "="),
        ("profile = \"standard”", 20, "”", "\""),
        ("token = {env ＝ \"BOT\"}", 14, "＝", "="),
        ("profile　= \"standard\"", 8, "\u{3000}", " "),
    ] {
        let expected = format!("line 9, column {column}: {}", said(found, plain));
        refused_in_client(line, &expected);
    }
    let text = format!("{NODE}heartbeat ＝ “5s”\nprofile ＝ “standard”\n");
    let line = |number: u8, column: u8| {
        format!("line {number}, column {column}: {}", said("＝ “ ”", "= \""))
    };
    refused(&text, &format!("{}\n{}", line(9, 11), line(10, 9)));
}

#[test]
fn a_value_is_looked_at_where_it_cannot_be_read() {
    for (text, place) in [
        (
            "[api]\nlisten = \"127.0.0.1：6700\"\n",
            "line 2, column 10: `api.listen`",
        ),
        (
            "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"onebot\"\nurl = \"ws：//127.0.0.1:5700/\"\n",
            "line 5, column 7: `accounts[0].upstream.url`",
        ),
        (
            "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"onebot\"\nurl = \"ws://127.0.0.1：5700/\"\n",
            "line 5, column 7: `accounts[0].upstream.url`",
        ),
        (
            "[[signers]]\nname = \"s\"\nurl = \"https：//sign.example/\"\n",
            "line 3, column 7: `signers[0].url`",
        ),
    ] {
        refused(text, &format!("{place}: {}", said("：", ":")));
    }
    refused(
        "[discovery]\nrange = \"18100－18110\"\n",
        &format!("line 2, column 9: `discovery.range`: {}", said("－", "-")),
    );
}

#[test]
fn what_is_right_in_full_width_is_no_fault() {
    let text = format!("{NODE}# 令牌：“自动生成”\n");
    assert!(perpetua_config::parse(&text).is_ok());
    refused_in_client(
        "profile = \"标准\"",
        "line 9, column 11: `accounts[0].clients[0].profile`: `标准` is not known here; expected `standard` or `perpetua`",
    );
}

#[test]
fn a_list_of_sections_written_as_one_table_says_how_it_is_written() {
    for (text, place, table) in [
        (
            "[accounts]\nname = \"a\"\n",
            "line 1, column 1: `accounts`",
            "[[accounts]]",
        ),
        (
            "[signers]\nname = \"a\"\n",
            "line 1, column 1: `signers`",
            "[[signers]]",
        ),
    ] {
        refused(
            text,
            &format!(
                "{place}: write `{table}`, with two brackets on each side: each of them is a section of its own"
            ),
        );
    }
}
