//! What a tray needs that changes its menu item by item: the shape without texts, and what the items do.

use std::collections::HashMap;

use super::{MenuEntry, TrayAction};

/// What a menu is made of, without its texts: two menus alike in this differ in texts and marks only.
pub fn menu_shape(menu: &[MenuEntry]) -> Vec<u8> {
    let mut shape = Vec::new();
    for entry in menu {
        match entry {
            MenuEntry::Separator => shape.push(0),
            MenuEntry::Item(item) => shape.push(1 + u8::from(item.checked.is_some())),
            MenuEntry::Submenu { entries, .. } => {
                shape.push(3);
                shape.extend(menu_shape(entries));
                shape.push(4);
            }
        }
    }
    shape
}

/// What the items of a menu do, by their places: `/3/0` is the first item of the fourth entry.
pub fn menu_actions(menu: &[MenuEntry]) -> HashMap<String, TrayAction> {
    let mut all = HashMap::new();
    add(menu, "", &mut all);
    all
}

fn add(menu: &[MenuEntry], place: &str, actions: &mut HashMap<String, TrayAction>) {
    for (index, entry) in menu.iter().enumerate() {
        let place = format!("{place}/{index}");
        match entry {
            MenuEntry::Separator => {}
            MenuEntry::Submenu { entries, .. } => add(entries, &place, actions),
            MenuEntry::Item(item) => {
                if let Some(action) = &item.action {
                    actions.insert(place, action.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{menu_actions, menu_shape};
    use crate::{MenuEntry, MenuItem, TrayAction};

    fn item(text: &str, checked: Option<bool>) -> MenuEntry {
        MenuEntry::Item(MenuItem {
            text: text.into(),
            checked,
            action: Some(TrayAction::Copy(text.into())),
        })
    }

    #[test]
    fn texts_and_marks_leave_the_shape_and_places_lead_to_actions() {
        let menu = |text: &str, checked| {
            let entries = vec![item(text, Some(checked))];
            let text = text.to_owned();
            vec![MenuEntry::Separator, MenuEntry::Submenu { text, entries }]
        };
        let (before, now) = (menu("a", true), menu("b", false));
        assert_eq!(menu_shape(&before), menu_shape(&now));
        assert_ne!(menu_shape(&before), menu_shape(&now[..1]));
        let actions = menu_actions(&now);
        assert_eq!(actions.get("/1/0"), Some(&TrayAction::Copy("b".into())));
    }
}
