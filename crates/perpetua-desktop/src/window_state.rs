//! What is known of the window beside the window itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Deaths;

/// What is known of the window beside the window itself.
#[derive(Clone, Debug, Default)]
pub struct WindowState(Arc<Mutex<WindowFacts>>);

/// See [`WindowState`].
#[derive(Debug)]
pub struct WindowFacts {
    /// Counts the windows that were made, so that what was meant for one does not reach the next.
    made: u64,
    going: Going,
    /// The page has drawn something.
    ready: bool,
    /// What the page shows.
    pub path: String,
    /// The window has the focus, so a person has that page before them.
    focused: bool,
    /// The next window begins small: nobody asked for it, and there is no other way to the program.
    pub begins_minimised: bool,
    /// How the window appears once its page is ready. A page that is loaded anew changes nothing.
    entrance: Option<Entrance>,
    /// Counts the times that it was shown, so that an old wish to take it apart does nothing.
    pub times_shown: u64,
    /// When its page's process died.
    pub deaths: Deaths,
    life: Life,
}

/// A window that was made, to be told from those before and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made(u64);

/// Somebody wants to see the window: at which path, and with the desktop's leave where it gave one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// A path of the pages; nothing for where the window stands.
    pub path: Option<String>,
    /// What the desktop gave to come forward with.
    pub activation: Option<String>,
}

/// How a window appears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// Before everything else, with the desktop's leave where it gave one.
    InFront(Option<String>),
    /// Small: nobody asked for it.
    Small,
}

/// What was said of closing, and whether the end has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Untold,
    ToldOfClosing,
    Ending,
}

/// Whether the window is being taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Going {
    #[default]
    No,
    /// Who wants to see it meanwhile sees the next one.
    Yes { wanted: Option<Wish> },
}

impl Default for WindowFacts {
    fn default() -> Self {
        Self {
            made: 0,
            going: Going::No,
            ready: false,
            path: "/".to_owned(),
            focused: false,
            begins_minimised: false,
            entrance: None,
            times_shown: 0,
            deaths: Deaths::default(),
            life: Life::default(),
        }
    }
}

impl WindowState {
    /// To read and to change.
    pub fn lock(&self) -> MutexGuard<'_, WindowFacts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A window is being made; somebody wants to see it, with the desktop's leave where it gave one.
    pub fn begin(&self, activation: Option<String>) -> Made {
        let mut known = self.lock();
        known.made += 1;
        known.ready = false;
        known.deaths = Deaths::default();
        let is_small = std::mem::take(&mut known.begins_minimised);
        known.entrance = Some(if is_small {
            Entrance::Small
        } else {
            Entrance::InFront(activation)
        });
        Made(known.made)
    }

    /// Its page is ready: how it appears, if it does not stand there already.
    pub fn page_is_ready(&self) -> Option<Entrance> {
        let mut known = self.lock();
        known.ready = true;
        known.entrance.take()
    }

    /// Its page has had its time: how it appears without, if it is still the one and does not stand there.
    pub fn page_takes_too_long(&self, made: Made) -> Option<Entrance> {
        let mut known = self.lock();
        if known.ready || known.made != made.0 {
            return None;
        }
        known.entrance.take()
    }

    /// It is being taken apart: what is wanted from now on is for the next one.
    pub fn begin_to_go(&self) {
        self.lock().going = Going::Yes { wanted: None };
    }

    /// Keeps a wish until the window is gone that is being taken apart; gives it back where none is.
    pub fn wish(&self, wish: Wish) -> Option<Wish> {
        match &mut self.lock().going {
            Going::No => Some(wish),
            Going::Yes { wanted } => {
                *wanted = Some(wish);
                None
            }
        }
    }

    /// It is gone: what somebody wanted meanwhile.
    pub fn is_gone(&self) -> Option<Wish> {
        let mut known = self.lock();
        known.focused = false;
        match std::mem::take(&mut known.going) {
            Going::No => None,
            Going::Yes { wanted } => wanted,
        }
    }

    /// It has the focus, or no longer.
    pub fn set_focused(&self, focused: bool) {
        self.lock().focused = focused;
    }

    /// The page that a person has before them.
    pub fn looked_at(&self) -> Option<String> {
        let known = self.lock();
        known.focused.then(|| known.path.clone())
    }

    /// Whether this is the first wish to end.
    pub fn begin_to_end(&self) -> bool {
        std::mem::replace(&mut self.lock().life, Life::Ending) != Life::Ending
    }

    /// Whether nobody has been told yet what closing does.
    pub fn begin_to_tell(&self) -> bool {
        let mut known = self.lock();
        let untold = known.life == Life::Untold;
        if untold {
            known.life = Life::ToldOfClosing;
        }
        untold
    }
}

#[cfg(test)]
mod tests {
    use super::{Entrance, WindowState, Wish};

    #[test]
    fn closing_is_told_once_and_the_end_begins_once() {
        let window = WindowState::default();
        assert!(window.begin_to_tell());
        assert!(!window.begin_to_tell());
        assert!(window.begin_to_end());
        assert!(!window.begin_to_end());
        assert!(!window.begin_to_tell());
    }

    #[test]
    fn a_window_appears_once_with_its_leave_and_not_when_its_page_is_loaded_anew() {
        let window = WindowState::default();
        window.begin(Some("leave".to_owned()));
        let entrance = Entrance::InFront(Some("leave".to_owned()));
        assert_eq!(window.page_is_ready(), Some(entrance));
        assert_eq!(window.page_is_ready(), None, "it may be hidden by now");
        window.lock().begins_minimised = true;
        window.begin(None);
        assert_eq!(window.page_is_ready(), Some(Entrance::Small));
        window.begin(None);
        assert_eq!(window.page_is_ready(), Some(Entrance::InFront(None)));
    }

    #[test]
    fn the_patience_of_one_window_is_not_that_of_the_next() {
        let window = WindowState::default();
        let first = window.begin(None);
        let second = window.begin(Some("leave".to_owned()));
        assert_eq!(window.page_takes_too_long(first), None);
        let entrance = Entrance::InFront(Some("leave".to_owned()));
        assert_eq!(window.page_takes_too_long(second), Some(entrance));
        assert_eq!(window.page_is_ready(), None, "it stands there already");
        let third = window.begin(None);
        assert_eq!(window.page_is_ready(), Some(Entrance::InFront(None)));
        assert_eq!(window.page_takes_too_long(third), None);
    }

    #[test]
    fn what_is_wanted_while_a_window_goes_is_done_by_the_next() {
        let window = WindowState::default();
        let wish = Wish {
            path: Some("/clients".to_owned()),
            activation: None,
        };
        assert_eq!(window.wish(wish.clone()), Some(wish.clone()));
        window.begin_to_go();
        assert_eq!(window.wish(Wish::default()), None);
        assert_eq!(window.wish(wish.clone()), None);
        assert_eq!(window.is_gone(), Some(wish.clone()));
        assert_eq!(window.is_gone(), None);
        assert_eq!(window.wish(wish.clone()), Some(wish));
    }

    #[test]
    fn a_new_window_may_die_as_often_as_the_one_before() {
        let (window, now) = (WindowState::default(), std::time::Instant::now());
        for too_often in [false, false, true] {
            assert_eq!(window.lock().deaths.happened(now), too_often);
        }
        window.begin(None);
        assert!(!window.lock().deaths.happened(now));
    }

    #[test]
    fn a_page_is_looked_at_while_its_window_has_the_focus() {
        let window = WindowState::default();
        window.lock().path = "/clients".to_owned();
        assert_eq!(window.looked_at(), None);
        window.set_focused(true);
        assert_eq!(window.looked_at().as_deref(), Some("/clients"));
    }
}
