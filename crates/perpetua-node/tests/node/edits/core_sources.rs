//! The sources of cores that are ordered, added and removed.

use perpetua_schema::{
    CoreList, CoreSourceShown,
    CoreSourceWanted::{self, Github, Index, Kept, Local, Mirror},
    CoreSourcesEdit, ErrorCode, ListCores, SettingsRead, SettingsWrite,
};

use super::{SETTINGS, done, refused, started, text};

fn edit(sources: &[CoreSourceWanted], list: &CoreList) -> CoreSourcesEdit {
    CoreSourcesEdit {
        sources: sources.to_vec(),
        instead_of: list.sources.clone(),
    }
}

fn kept(place: usize) -> CoreSourceWanted {
    Kept { place }
}

fn mirror(prefix: &str) -> CoreSourceWanted {
    let prefix = prefix.into();
    Mirror { prefix }
}

fn index(url: &str) -> CoreSourceWanted {
    Index { url: url.into() }
}

fn local(path: &str) -> CoreSourceWanted {
    Local { path: path.into() }
}

fn github(repository: &str, tag: Option<&str>) -> CoreSourceWanted {
    Github {
        repository: repository.into(),
        tag: tag.map(Into::into),
    }
}

fn places(list: &CoreList) -> Vec<&str> {
    list.sources.iter().map(|one| &*one.place).collect()
}

const OWN: &str = "LagrangeDev/Lagrange.Core · nightly";
const PROXY: &str = "https://proxy.example/";

#[tokio::test]
async fn sources_are_added_ordered_removed_and_put_back() {
    let (place, node) = started(SETTINGS).await;
    let list = done(&node, ListCores {}).await;
    assert!(list.default_sources);
    assert_eq!(places(&list), [OWN]);

    let folder = local(" cores ");
    let applied = done(&node, edit(&[mirror(PROXY), kept(0), folder], &list)).await;
    assert_eq!(applied.pending, []);
    let list = done(&node, ListCores {}).await;
    assert!(!list.default_sources);
    assert_eq!(places(&list), [PROXY, OWN, "cores"]);
    let written = text(&place);
    assert!(written.starts_with(SETTINGS), "{written}");
    assert!(written.contains("tag = \"nightly\""), "{written}");

    done(&node, edit(&[kept(2), kept(0), kept(1)], &list)).await;
    let list = done(&node, ListCores {}).await;
    assert_eq!(places(&list), ["cores", PROXY, OWN]);

    let before = done(&node, SettingsRead {}).await.text;
    done(&node, edit(&[kept(1), kept(2)], &list)).await;
    let after = done(&node, SettingsRead {}).await.text;
    assert_eq!(places(&done(&node, ListCores {}).await), [PROXY, OWN]);
    let back = SettingsWrite {
        text: before,
        instead_of: Some(after),
        opens: false,
        keeps_host: None,
    };
    done(&node, back).await;
    let list = done(&node, ListCores {}).await;
    assert_eq!(places(&list), ["cores", PROXY, OWN]);

    done(&node, edit(&[], &list)).await;
    let list = done(&node, ListCores {}).await;
    assert_eq!(list.sources, []);
    assert!(!list.default_sources);
    done(&node, edit(&[github("me/mine", None)], &list)).await;
    let list = done(&node, ListCores {}).await;
    assert_eq!(places(&list), ["me/mine · nightly"]);
    node.drain().await;
}

#[tokio::test]
async fn what_the_settings_could_not_hold_is_refused_and_changes_nothing() {
    let (place, node) = started(SETTINGS).await;
    let list = done(&node, ListCores {}).await;
    for wrong in [
        index("proxy.example/core.json"),
        index("ftp://proxy.example"),
        index(""),
        mirror("https://"),
        mirror("\"]\nkind = \"local\""),
        local(" "),
        github("no-slash", None),
        github("../..", None),
        github("me/mine", Some("a tag")),
    ] {
        let error = refused(&node, edit(&[kept(0), wrong.clone()], &list)).await;
        assert_eq!(error.code, ErrorCode::BadRequest, "{wrong:?}");
        assert!(error.message.code.starts_with("config."), "{wrong:?}");
    }
    for (sources, code, message) in [
        (
            vec![kept(0), github("LagrangeDev/Lagrange.Core", None)],
            ErrorCode::Conflict,
            "edit.source_known",
        ),
        (
            vec![kept(0), local("x"), local("x")],
            ErrorCode::Conflict,
            "edit.source_known",
        ),
        (
            vec![mirror(PROXY)],
            ErrorCode::BadRequest,
            "edit.mirror_alone",
        ),
        (
            vec![kept(0), kept(0)],
            ErrorCode::Conflict,
            "config.edit_other_sources",
        ),
        (
            vec![kept(7)],
            ErrorCode::Conflict,
            "config.edit_other_sources",
        ),
    ] {
        let error = refused(&node, edit(&sources, &list)).await;
        assert_eq!((error.code, &*error.message.code), (code, message));
    }
    assert_eq!(text(&place), SETTINGS);
    node.drain().await;
}

#[tokio::test]
async fn the_second_of_two_is_told() {
    let (place, node) = started(SETTINGS).await;
    let seen = done(&node, ListCores {}).await;
    done(&node, edit(&[kept(0), local("mine")], &seen)).await;
    let theirs = text(&place);
    for sources in [&[local("other")][..], &[kept(0)], &[]] {
        let error = refused(&node, edit(sources, &seen)).await;
        assert_eq!(error.code, ErrorCode::Conflict);
        assert_eq!(error.message.code, "config.edit_other_sources");
    }
    let other = CoreSourcesEdit {
        sources: vec![kept(0)],
        instead_of: Vec::<CoreSourceShown>::new(),
    };
    assert_eq!(refused(&node, other).await.code, ErrorCode::Conflict);
    assert_eq!(text(&place), theirs);
    node.drain().await;
}
