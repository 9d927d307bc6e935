//! Notifications: which are due, and how the system shows them.

mod due;
mod rules;
mod version;

pub use due::{Cause, Notification, NotificationButton};
pub use rules::{NotificationRules, Surroundings};
pub use version::VersionNews;
