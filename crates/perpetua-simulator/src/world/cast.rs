//! The people and groups that a new world begins with.

use std::collections::{BTreeMap, BTreeSet};

use super::{Group, GroupRole, Member, Person, Sex};

/// The bot account.
pub(super) const SELF_ID: i64 = 10_000;

/// When everybody came into their groups: the first day of 2024, in China.
const JOINED: i64 = 1_704_038_400;

/// Number, nickname, sex, age, and the remark of a friend. The last one is a stranger to the bot.
const PEOPLE: [(i64, &str, Sex, u8, Option<&str>); 7] = [
    (SELF_ID, "小恒", Sex::Unknown, 3, None),
    (10_001, "小明", Sex::Male, 21, Some("")),
    (10_002, "小红", Sex::Female, 20, Some("红红")),
    (10_003, "李雷", Sex::Male, 24, Some("")),
    (10_004, "韩梅梅", Sex::Female, 24, None),
    (10_005, "王芳", Sex::Female, 33, None),
    (10_006, "陈默", Sex::Unknown, 27, None),
];

/// A group's number, name and members.
type GroupCast = (i64, &'static str, &'static [(i64, GroupRole)]);

/// The groups, their members by falling rank. The bot is an admin in the first, owns the second, is a plain
/// member of the third, and is not in the fourth, to which it can be invited.
const GROUPS: [GroupCast; 4] = [
    (
        20_001,
        "测试群",
        &[
            (10_001, GroupRole::Owner),
            (SELF_ID, GroupRole::Admin),
            (10_002, GroupRole::Admin),
            (10_003, GroupRole::Member),
            (10_004, GroupRole::Member),
        ],
    ),
    (
        20_002,
        "开发群",
        &[
            (SELF_ID, GroupRole::Owner),
            (10_003, GroupRole::Admin),
            (10_004, GroupRole::Member),
        ],
    ),
    (
        20_003,
        "闲聊群",
        &[
            (10_005, GroupRole::Owner),
            (10_001, GroupRole::Admin),
            (SELF_ID, GroupRole::Member),
            (10_002, GroupRole::Member),
        ],
    ),
    (
        20_004,
        "隔壁群",
        &[(10_006, GroupRole::Owner), (10_003, GroupRole::Member)],
    ),
];

pub(super) fn people() -> BTreeMap<i64, Person> {
    PEOPLE
        .into_iter()
        .map(|(user_id, nickname, sex, age, remark)| {
            let person = Person {
                user_id,
                nickname: nickname.to_owned(),
                sex,
                age,
                remark: remark.map(str::to_owned),
            };
            (user_id, person)
        })
        .collect()
}

pub(super) fn groups() -> BTreeMap<i64, Group> {
    GROUPS
        .into_iter()
        .map(|(group_id, name, members)| {
            let members = members
                .iter()
                .map(|&(user_id, role)| (user_id, Member::new(user_id, role, JOINED)))
                .collect();
            let group = Group {
                group_id,
                name: name.to_owned(),
                members,
                whole_ban: false,
                shut_out: BTreeSet::new(),
            };
            (group_id, group)
        })
        .collect()
}
