//! Input methods inside an `AppImage`: how the program types Chinese with the host's `fcitx` or `ibus`.
//!
//! GTK reads in a list which modules there are. The image sets `GTK_IM_MODULE_FILE` to a list of its own, in which those
//! of the machine that it was built on stand and no other, so that nothing can be typed through the host's.

use std::path::{Path, PathBuf};

use crate::image::AppImage;

/// Names the list.
pub(crate) const LIST: &str = "GTK_IM_MODULE_FILE";
/// Names the module that the user wants, or several with colons between.
const WANTED: &str = "GTK_IM_MODULE";
/// Where the distributions have the list of their GTK 3: Debian's by the name of the processor, Fedora's and SUSE's, Arch's.
const PLACES: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/gtk-3.0/3.0.0/immodules.cache",
    "/usr/lib/aarch64-linux-gnu/gtk-3.0/3.0.0/immodules.cache",
    "/usr/lib64/gtk-3.0/3.0.0/immodules.cache",
    "/usr/lib/gtk-3.0/3.0.0/immodules.cache",
];

/// The host's list, where this program runs from an image and has no list of the user's own. `read` reads a file.
///
/// A module that the user names and the host has not may be one of the image's, such as `xim`. Where none is named, the
/// desktop names it, or GTK takes one by the language: of the host's in either case.
pub(crate) fn list_of_host(
    image: Option<&AppImage>,
    variable: impl Fn(&str) -> Option<String>,
    read: impl Fn(&Path) -> Option<String>,
) -> Option<PathBuf> {
    let image = image?;
    let is_of_user =
        |list: String| !list.is_empty() && !Path::new(&list).starts_with(&image.folder);
    if variable(LIST).is_some_and(is_of_user) {
        return None;
    }
    let wanted = variable(WANTED).unwrap_or_default();
    let places = PLACES.iter().map(Path::new);
    let mut found = places.filter(|place| {
        let list = read(place);
        list.is_some_and(|list| wanted.is_empty() || has_one_of(&list, &wanted))
    });
    found.next().map(Path::to_owned)
}

/// Whether a list has any of these modules: after the line of its file, each of a file's begins with its name in
/// quotation marks.
fn has_one_of(list: &str, wanted: &str) -> bool {
    wanted.split(':').any(|wanted| {
        let begin = format!("\"{wanted}\" ");
        list.lines().any(|line| line.starts_with(&begin))
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{LIST, PLACES, WANTED, list_of_host};
    use crate::image::AppImage;

    const OF_IMAGE: &str = "/tmp/.mount_a/usr/lib/gtk-3.0/3.0.0/immodules.cache";
    const HOST: &str = "\
# GTK+ Input Method Modules file
\"/usr/lib64/gtk-3.0/3.0.0/immodules/im-fcitx5.so\"\x20
\"fcitx\" \"Fcitx5\" \"fcitx5\" \"/usr/share/locale\" \"ja:ko:zh:*\"\x20
\"fcitx5\" \"Fcitx5\" \"fcitx5\" \"/usr/share/locale\" \"ja:ko:zh:*\"\x20
";

    fn image() -> AppImage {
        AppImage {
            file: None,
            folder: PathBuf::from("/tmp/.mount_a"),
        }
    }

    /// The list that is taken on Fedora, in an image, with these variables.
    fn taken(list: Option<&str>, wanted: Option<&str>) -> Option<PathBuf> {
        let variable = |name: &str| match name {
            LIST => list.map(str::to_owned),
            WANTED => wanted.map(str::to_owned),
            _ => None,
        };
        let read = |path: &Path| (path == Path::new(PLACES[2])).then(|| HOST.to_owned());
        list_of_host(Some(&image()), variable, read)
    }

    #[test]
    fn the_host_s_list_takes_the_place_of_the_image_s() {
        let host = Some(PathBuf::from(PLACES[2]));
        for wanted in [None, Some(""), Some("fcitx"), Some("ibus:fcitx5")] {
            for list in [None, Some(""), Some(OF_IMAGE)] {
                assert_eq!(taken(list, wanted), host, "{list:?} {wanted:?}");
            }
        }
    }

    #[test]
    fn what_the_user_has_chosen_stays() {
        assert_eq!(taken(Some("/home/a/immodules.cache"), None), None);
        assert_eq!(taken(Some(PLACES[2]), None), None, "it was taken already");
        for wanted in ["xim", "fcit", "im-fcitx5.so"] {
            assert_eq!(taken(Some(OF_IMAGE), Some(wanted)), None, "{wanted}");
        }
    }

    #[test]
    fn nothing_is_changed_without_an_image_or_without_a_list_of_the_host() {
        let variable = |name: &str| (name == LIST).then(|| OF_IMAGE.to_owned());
        assert_eq!(list_of_host(None, variable, |_| Some(HOST.into())), None);
        assert_eq!(list_of_host(Some(&image()), variable, |_| None), None);
    }
}
