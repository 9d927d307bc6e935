//! The plan as a table, and what holds for any settings and any course of events.

mod model;
mod notation;
mod property;

use tokio::time::Instant;

use notation::{desired, steps, world};

use super::plan;

/// What runs, what is wanted, and the steps that can be taken now. The notation is explained in
/// `notation.rs`.
const TABLE: &[(&str, &str, &str)] = &[
    // Nothing to do.
    ("", "", ""),
    ("main[sim]{}", "main[sim]{}", ""),
    ("main[sim]{bot:1}", "main[sim]{bot:1}", ""),
    (
        "main[dial:x]{bot:1 koishi:2}",
        "main[dial:x]{bot:1 koishi:2}",
        "",
    ),
    (
        "main[sim]{bot:1} other[rev:9]{}",
        "main[sim]{bot:1} other[rev:9]{}",
        "",
    ),
    ("main[sim]{bot:1 koishi:2}", "main[sim]{koishi:2 bot:1}", ""),
    ("hooks:1 cores:a access:h", "hooks:1 cores:a access:h", ""),
    // Accounts come and go.
    ("", "main[sim]{bot:1}", "start main"),
    ("", "main[sim]{} other[sim]{}", "start main, start other"),
    ("main[]{}", "main[sim]{bot:1}", "open main, open main/bot"),
    ("main[sim]{bot:1}", "", "stop main"),
    ("main[sim]{} other[sim]{}", "other[sim]{}", "stop main"),
    (
        "main[sim]{bot:1}",
        "other[sim]{bot:2}",
        "start other, stop main",
    ),
    ("main(stopping 1)", "main[sim]{bot:1}", ""),
    ("main(stopping 1)", "", ""),
    (
        "main(stopping 1) other[]{}",
        "other[sim]{bot:1}",
        "open other",
    ),
    (
        "main(stopping 1) other[sim]{}",
        "other[sim]{bot:2}",
        "open other/bot",
    ),
    (
        "main[sim]{bot:1}",
        "main(limits 5)[sim]{bot:1}",
        "limits main",
    ),
    ("main(limits 5)[sim]{}", "main(limits 5)[sim]{}", ""),
    (
        "main(limits 5)[sim]{bot:1}",
        "main[sim]{}",
        "limits main, close main/bot",
    ),
    // Clients come, go and change.
    ("main[sim]{}", "main[sim]{bot:1}", "open main/bot"),
    ("main[sim]{bot:1}", "main[sim]{}", "close main/bot"),
    ("main[sim]{bot:1}", "main[sim]{bot:2}", "close main/bot"),
    ("main[sim]{bot:1}", "main[sim]{bot:1a}", "close main/bot"),
    ("main[sim]{bot:1}", "main[sim]{bot:1#}", "adjust main/bot"),
    ("main[sim]{bot:1#}", "main[sim]{bot:1}", "adjust main/bot"),
    ("main[sim]{bot:1a}", "main[sim]{bot:1a#}", "adjust main/bot"),
    ("main[sim]{bot:1}", "main[sim]{bot:2#}", "close main/bot"),
    (
        "main[sim]{bot:1 koishi:2}",
        "main[sim]{bot:1 koishi:3}",
        "close main/koishi",
    ),
    (
        "main[sim]{bot:1}",
        "main[sim]{bot:1 koishi:2}",
        "open main/koishi",
    ),
    (
        "main[sim]{bot:0}",
        "main[sim]{bot:0 koishi:0}",
        "open main/koishi",
    ),
    // A step is under way: it is left alone, unless it opens what is not wanted any longer.
    ("main[sim]{bot:+1}", "main[sim]{bot:1}", ""),
    ("main[sim]{bot:+1}", "main[sim]{bot:2}", "call off main/bot"),
    ("main[sim]{bot:+1}", "main[sim]{}", "call off main/bot"),
    ("main[sim]{bot:-1}", "main[sim]{bot:1}", ""),
    ("main[sim]{bot:-1}", "main[sim]{}", ""),
    ("main[sim]{bot:1+1#}", "main[sim]{bot:1#}", ""),
    ("main[sim]{bot:+1}", "", "stop main"),
    ("main[+sim]{}", "main[dial:x]{}", "call off main"),
    ("main[-dial:x]{}", "main[sim]{}", ""),
    ("hooks:1+2", "hooks:2", ""),
    ("cores:+a", "cores:b", "cores"),
    ("hooks:1+2", "hooks:1", "hooks"),
    // What failed waits for its next attempt, or for other settings.
    ("main[sim]{bot:!1}", "main[sim]{bot:1}", ""),
    ("main[sim]{bot:?1}", "main[sim]{bot:1}", "open main/bot"),
    ("main[sim]{bot:!1}", "main[sim]{bot:2}", "open main/bot"),
    ("main[sim]{bot:!1}", "main[sim]{bot:1a}", "open main/bot"),
    ("main[sim]{bot:!1}", "main[sim]{}", ""),
    ("main[!dial:x]{bot:1}", "main[dial:x]{bot:1}", ""),
    ("main[?dial:x]{bot:1}", "main[dial:x]{bot:1}", "open main"),
    ("main[!dial:x]{}", "main[dial:y]{}", "open main"),
    ("hooks:1!1", "hooks:1", ""),
    ("hooks:1?1", "hooks:1", "hooks"),
    ("hooks:!1", "hooks:2", "hooks"),
    ("access:?h", "access:h", "access"),
    // A managed core runs on with what it has until it has what is wanted.
    ("main[core:a]{}", "main[core:b]{}", "adjust main"),
    ("main[core:a]{}", "main[core:a/s]{}", "adjust main"),
    ("main[core:a!core:b]{}", "main[core:b]{}", ""),
    ("main[core:a?core:b]{}", "main[core:b]{}", "adjust main"),
    ("main[core:a!core:b]{}", "main[core:a]{}", ""),
    ("main[core:a!core:b]{}", "main[core:c]{}", "adjust main"),
    ("main[core:a!core:a]{}", "main[core:a]{}", ""),
    ("main[core:a?core:a]{}", "main[core:a]{}", "adjust main"),
    ("main[core:a]{}", "main[sim]{}", "close main"),
    ("main[sim]{}", "main[core:a]{}", "close main"),
    ("main[dial:x]{bot:1}", "main[dial:y]{bot:1}", "close main"),
    ("main[rev:9]{bot:1}", "main[rev:8]{bot:1}", "close main"),
    // Addresses change hands: whoever comes waits until it is free.
    (
        "main[sim]{bot:1 koishi:2}",
        "main[sim]{bot:2 koishi:1}",
        "close main/bot, close main/koishi",
    ),
    (
        "main[sim]{bot:-1 koishi:-2}",
        "main[sim]{bot:2 koishi:1}",
        "",
    ),
    ("main[sim]{bot: koishi:-2}", "main[sim]{bot:2 koishi:1}", ""),
    (
        "main[sim]{bot: koishi:}",
        "main[sim]{bot:2 koishi:1}",
        "open main/bot, open main/koishi",
    ),
    ("main[sim]{bot:1}", "main[sim]{koishi:1}", "close main/bot"),
    ("main[sim]{bot:1} other[]{}", "other[rev:1]{}", "stop main"),
    ("main(stopping 1) other[]{}", "other[rev:1]{}", ""),
    ("main[rev:1]{}", "main[sim]{bot:1}", "close main"),
    ("main[-rev:1]{}", "main[sim]{bot:1}", ""),
    (
        "main[sim]{bot:1}",
        "main[rev:1]{}",
        "close main, close main/bot",
    ),
    (
        "main[sim]{bot:+1}",
        "main[sim]{koishi:1}",
        "call off main/bot",
    ),
    ("main[sim]{bot:*1}", "main[sim]{koishi:1}", "close main/bot"),
    ("main[sim]{bot:-*1}", "main[sim]{koishi:1}", ""),
    (
        "main[sim]{bot:-0}",
        "main[sim]{koishi:0}",
        "open main/koishi",
    ),
    // A port that was chosen for port 0 is held too.
    (
        "main[sim]{bot:0@5}",
        "main[sim]{koishi:5}",
        "close main/bot",
    ),
    ("main[sim]{bot:-0@5}", "main[sim]{koishi:5}", ""),
    (
        "main[sim]{bot:0@5} other[]{}",
        "other[rev:5]{}",
        "stop main",
    ),
    ("main[rev:0@5]{}", "main[sim]{bot:5}", "close main"),
    ("main[sim]{bot:0@5}", "main[sim]{bot:0}", ""),
    // So do the frameworks that are dialled: none ever sees two connections of an account.
    ("main[sim]{a:~x}", "main[sim]{b:~x}", "close main/a"),
    ("main[sim]{a:-~x}", "main[sim]{b:~x}", ""),
    ("main[sim]{a:}", "main[sim]{b:~x}", "open main/b"),
    (
        "main[sim]{a:~x,y b:~z}",
        "main[sim]{a:~x b:~z,y}",
        "close main/a, close main/b",
    ),
    (
        "main[sim]{a: b:-~z}",
        "main[sim]{a:~x b:~z,y}",
        "open main/a",
    ),
    ("main[sim]{a:-~x,y b:}", "main[sim]{a:~x b:~z,y}", ""),
    ("main[sim]{a:~x}", "main[sim]{a:~x#}", "adjust main/a"),
    (
        "main[sim]{a:~x b:~y}",
        "main[sim]{a:~x b:~z}",
        "close main/b",
    ),
    ("main(stopping ~x) other[sim]{}", "other[sim]{a:~x}", ""),
    (
        "main(stopping ~x) other[sim]{}",
        "other[sim]{a:~y}",
        "open other/a",
    ),
    (
        "main[sim]{a:~x} other[sim]{}",
        "main[sim]{a:~x} other[sim]{a:~x}",
        "open other/a",
    ),
    // Nobody is about to leave it: it is tried, so that the failure is shown.
    (
        "main[sim]{bot:1}",
        "main[sim]{bot:1 koishi:1}",
        "open main/koishi",
    ),
    // The node's own parts.
    ("", "hooks:1", "hooks"),
    ("hooks:1", "", "hooks"),
    ("cores:a", "cores:b", "cores"),
    ("access:h", "access:i", "access"),
    (
        "hooks:1 cores:a access:h",
        "hooks:2 cores:b access:i",
        "hooks, cores, access",
    ),
    // Several at once.
    (
        "main[dial:x]{bot:1 koishi:2} old[sim]{a:3}",
        "main[dial:y]{bot:1a astrbot:3} new[sim]{}",
        "start new, close main, close main/bot, close main/koishi, stop old",
    ),
];

#[test]
fn the_table_holds() {
    assert!(TABLE.len() >= 60, "{} rows", TABLE.len());
    let now = Instant::now();
    for (actual, wanted, expected) in TABLE {
        let world = world(actual, now);
        let planned = plan(&desired(wanted), &world.actual(now));
        assert_eq!(steps(&planned), *expected, "from `{actual}` to `{wanted}`");
    }
}
