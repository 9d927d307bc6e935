//! Random JSON objects as text: any key order, equal keys, escapes, odd whitespace, long numbers.

use proptest::collection::vec;
use proptest::prelude::*;

/// A JSON object, kept in the pieces it was written in.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    before: String,
    pub(crate) members: Vec<Member>,
    after: String,
}

/// One member with the whitespace around its parts.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    space: [String; 4],
    /// The key decoded.
    pub(crate) name: String,
    key: String,
    value: String,
}

impl Member {
    pub(crate) fn is_echo(&self) -> bool {
        self.name == "echo"
    }

    /// From the key to the value, without the whitespace around.
    fn core(&self, value: &str) -> String {
        let [_, before_colon, after_colon, _] = &self.space;
        format!("{}{before_colon}:{after_colon}{value}", self.key)
    }

    fn text(&self, value: &str) -> String {
        format!("{}{}{}", self.space[0], self.core(value), self.space[3])
    }
}

impl Frame {
    pub(crate) fn text(&self) -> String {
        self.joined(|member| member.text(&member.value))
    }

    /// As [`Frame::text`], with `echo` for the value of every echo.
    pub(crate) fn text_with_echo(&self, echo: &str) -> String {
        self.joined(|member| {
            member.text(if member.is_echo() {
                echo
            } else {
                &member.value
            })
        })
    }

    /// The values of the echoes as written.
    pub(crate) fn echoes(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.members
            .iter()
            .filter(|member| member.is_echo())
            .map(|member| member.value.as_str())
    }

    /// As [`Frame::text`] without the echoes, their whitespace left where it was.
    pub(crate) fn text_without_echo(&self) -> String {
        let kept = self
            .members
            .iter()
            .filter(|member| !member.is_echo())
            .count();
        let mut commas = kept.saturating_sub(1);
        let mut text = format!("{}{{", self.before);
        for member in &self.members {
            if member.is_echo() {
                text.extend([&*member.space[0], &*member.space[3]]);
            } else {
                text.push_str(&member.text(&member.value));
                if commas > 0 {
                    commas -= 1;
                    text.push(',');
                }
            }
        }
        text + "}" + &self.after
    }

    fn joined(&self, member: impl Fn(&Member) -> String) -> String {
        let members: Vec<_> = self.members.iter().map(member).collect();
        format!("{}{{{}}}{}", self.before, members.join(","), self.after)
    }
}

pub(crate) fn any_frame() -> impl Strategy<Value = Frame> {
    (space(), vec(any_member(), 0..8), space()).prop_map(|(before, members, after)| Frame {
        before,
        members,
        after,
    })
}

/// Any JSON value as text, also such that `serde_json::Value` would round.
pub(crate) fn any_value() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        // Not `-0`, which a tree makes a float of.
        "0|-?[1-9][0-9]{0,30}",
        r"-?(0|[1-9][0-9]{0,5})\.[0-9]{1,20}([eE][+-]?[0-9]{1,2})?",
        any::<i64>().prop_map(|number| format!("\"{number}\"")),
        r#""(send_msg|message|lifecycle|\+1|01| 1|)""#,
        any_string().prop_map(|(_, written)| written),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        let member = (any_string(), space(), inner.clone())
            .prop_map(|((_, key), space, value)| format!("{key}{space}:{value}"));
        prop_oneof![
            (vec(inner, 0..4), space()).prop_map(|(items, space)| format!(
                "[{space}{}]",
                items.join(&format!(",{space}"))
            )),
            (vec(member, 0..4), space())
                .prop_map(|(members, space)| format!("{{{}{space}}}", members.join(","))),
        ]
    })
}

fn any_member() -> impl Strategy<Value = Member> {
    let space = [space(), space(), space(), space()];
    (space, any_key(), any_value()).prop_map(|(space, (name, key), value)| Member {
        space,
        name,
        key,
        value,
    })
}

/// Mostly keys that the peek looks for.
fn any_key() -> impl Strategy<Value = (String, String)> {
    let known = prop::sample::select(vec![
        "post_type",
        "meta_event_type",
        "notice_type",
        "sub_type",
        "action",
        "self_id",
        "group_id",
        "user_id",
        "retcode",
        "status",
        "params",
        "data",
        "stream",
        "ECHO",
        "echo ",
    ]);
    prop_oneof![
        4 => Just("echo".to_owned()).prop_flat_map(written),
        8 => known.prop_map(str::to_owned).prop_flat_map(written),
        2 => any_string(),
    ]
}

/// A string and one way to write it.
fn any_string() -> impl Strategy<Value = (String, String)> {
    r#"([\[\]{},:"\\]|你|😀|\n|\PC|.){0,8}"#.prop_flat_map(written)
}

/// `text` with some of its characters escaped, those that must be among them.
fn written(text: String) -> impl Strategy<Value = (String, String)> {
    vec(0_u8..12, text.chars().count()).prop_map(move |choices| {
        let quoted: String = text
            .chars()
            .zip(choices)
            .map(|(character, choice)| escaped(character, choice))
            .collect();
        (text.clone(), format!("\"{quoted}\""))
    })
}

fn escaped(character: char, choice: u8) -> String {
    match character {
        '"' | '\\' if choice > 1 => format!("\\{character}"),
        '/' if choice == 2 => "\\/".to_owned(),
        '\n' if choice > 1 => "\\n".to_owned(),
        _ if choice <= 1 || character.is_ascii_control() => {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units).iter();
            units
                .map(|unit| {
                    if choice == 0 {
                        format!("\\u{unit:04x}")
                    } else {
                        format!("\\u{unit:04X}")
                    }
                })
                .collect()
        }
        _ => character.to_string(),
    }
}

fn space() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(String::new()), 1 => "[ \t\r\n]{1,3}"]
}
