//! The menu: what is wrong first, then accounts with their mends, clients, and the program itself.

use perpetua_schema::{AccountStatus, NodeStatus, Stop, UiLanguage};
use perpetua_words::{Language, Message, app, overview, settings, state, tray as words};

use super::TrayAction;
use crate::standing::{ButtonAction, account_path, name_of, reconnect, standing_of};

/// So many accounts have a place; the page shows the rest.
const MOST_ACCOUNTS: usize = 8;
/// So many clients have one.
const MOST_CLIENTS: usize = 12;
/// What a mend stands behind, so that it is seen to belong to the account above it.
const INDENT: &str = "\u{3000}";

/// One entry of a menu.
#[derive(Clone, Debug, PartialEq)]
pub enum MenuEntry {
    /// A line between groups.
    Separator,
    /// Something to click on, or to read.
    Item(MenuItem),
    /// A menu of its own.
    Submenu {
        /// What it says.
        text: String,
        /// What is in it.
        entries: Vec<MenuEntry>,
    },
}

/// Something to click on, or to read. Its text is plain: whoever shows it escapes what its system needs.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuItem {
    /// What it says.
    pub text: String,
    /// Whether it has a mark, for one of several choices.
    pub checked: Option<bool>,
    /// What a click does; absent: it is only read.
    pub action: Option<TrayAction>,
}

/// Writes entries in one language.
struct Writer {
    language: Language,
}

impl Writer {
    fn text(&self, message: impl Into<Message>) -> String {
        message.into().in_language(self.language)
    }

    fn item(&self, message: impl Into<Message>, action: TrayAction) -> MenuEntry {
        item(self.text(message), action)
    }

    fn more(&self, path: &str) -> MenuEntry {
        let deed = ButtonAction::Go(path.to_owned());
        self.item(words::More, page_action(deed, path))
    }
}

fn item(text: String, action: TrayAction) -> MenuEntry {
    MenuEntry::Item(MenuItem {
        text,
        checked: None,
        action: Some(action),
    })
}

fn page_action(deed: ButtonAction, page: &str) -> TrayAction {
    TrayAction::Do {
        deed,
        or_page: page.to_owned(),
    }
}

/// The whole menu.
pub(super) fn menu(
    status: Option<&NodeStatus>,
    headline: String,
    language: Language,
    chosen: UiLanguage,
    now_ms: i64,
) -> Vec<MenuEntry> {
    let writer = Writer { language };
    let read_only = MenuEntry::Item(MenuItem {
        text: headline,
        checked: None,
        action: None,
    });
    let open = writer.item(words::Open, TrayAction::Open);
    // The first that can be clicked opens the window, for desktops where a click on the icon does not.
    let mut menu = vec![read_only, open, MenuEntry::Separator];
    if let Some(status) = status {
        let before = menu.len();
        for account in status.accounts.iter().take(MOST_ACCOUNTS) {
            writer.account(account, now_ms, &mut menu);
        }
        if status.accounts.len() > MOST_ACCOUNTS {
            menu.push(writer.more("/"));
        }
        menu.extend(writer.clients(status));
        if menu.len() > before {
            menu.push(MenuEntry::Separator);
        }
    }
    menu.push(writer.item(app::OpenLogs, TrayAction::OpenLogs));
    menu.push(writer.languages(chosen));
    menu.push(writer.item(words::Quit, TrayAction::Quit));
    menu
}

impl Writer {
    fn account(&self, account: &AccountStatus, now_ms: i64, menu: &mut Vec<MenuEntry>) {
        let standing = standing_of(account, now_ms);
        let name = name_of(account);
        let word = standing.word.clone();
        menu.push(MenuEntry::Submenu {
            text: self.text(words::Account { name, word }),
            entries: self.account_entries(account),
        });
        let needs_somebody = standing.needs_somebody();
        if let Some(button) = standing.mend.filter(|_| needs_somebody) {
            let text = format!("{INDENT}{}", self.text(button.word));
            let action = page_action(button.deed, &account_path(&account.name));
            menu.push(item(text, action));
        }
    }

    fn account_entries(&self, account: &AccountStatus) -> Vec<MenuEntry> {
        let (name, page) = (account.name.as_str(), account_path(&account.name));
        let entry = |word: Message, deed: ButtonAction| self.item(word, page_action(deed, &page));
        let mut entries = vec![entry(
            overview::Details.into(),
            ButtonAction::Go(page.clone()),
        )];
        if account.core.is_some() {
            let stop = Stop {
                account: name.to_owned(),
            };
            entries.extend([
                entry(overview::Login.into(), ButtonAction::login_page(name)),
                entry(state::DoStart.into(), ButtonAction::start(name)),
                entry(overview::Stop.into(), ButtonAction::call(&stop)),
                entry(overview::Restart.into(), ButtonAction::restart(name)),
            ]);
        } else if account.enabled && account.upstream.kind == "onebot" {
            entries.push(entry(app::RetryNow.into(), reconnect(name)));
        }
        entries.push(self.item(app::OpenLogs, TrayAction::OpenLogs));
        entries
    }

    /// The addresses that frameworks connect to; a click copies one.
    fn clients(&self, status: &NodeStatus) -> Option<MenuEntry> {
        let all = status.accounts.iter().flat_map(|account| {
            let clients = account.clients.iter();
            clients.filter_map(move |client| Some((account, client, client.listen.as_deref()?)))
        });
        let all: Vec<_> = all.collect();
        let mut entries: Vec<_> = all
            .iter()
            .take(MOST_CLIENTS)
            .map(|(account, client, listen)| {
                let address = format!("ws://{listen}");
                let (account, client) = (name_of(account), &client.name);
                let text = words::Client {
                    account,
                    address: &address,
                    client,
                };
                self.item(text, TrayAction::Copy(address.clone()))
            })
            .collect();
        if all.len() > MOST_CLIENTS {
            entries.push(self.more("/clients"));
        }
        (!entries.is_empty()).then(|| MenuEntry::Submenu {
            text: self.text(words::Clients),
            entries,
        })
    }

    fn languages(&self, chosen: UiLanguage) -> MenuEntry {
        let choice = |word: Message, language: UiLanguage| {
            MenuEntry::Item(MenuItem {
                text: self.text(word),
                checked: Some(language == chosen),
                action: Some(TrayAction::Language(language)),
            })
        };
        MenuEntry::Submenu {
            text: self.text(words::Language),
            entries: vec![
                choice(settings::LanguageAuto.into(), UiLanguage::Auto),
                choice(words::Chinese.into(), UiLanguage::Chinese),
                choice(words::English.into(), UiLanguage::English),
            ],
        }
    }
}
