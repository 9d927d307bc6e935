//! Notifications: which are due, and how the system shows them.

mod due;
mod rules;

pub use due::{Cause, Notification, NotificationButton};
pub use rules::{NotificationRules, Surroundings};
