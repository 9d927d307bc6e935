//! The built program on a desktop that nobody sees.
#![cfg(target_os = "linux")]

mod bot;
mod cannot_start;
mod core_file;
mod display;
mod end;
mod first_run;
mod hidden;
mod input_method;
mod keyboard;
mod language;
mod login;
mod minimised;
mod panel;
mod place;
mod secrets;
mod trouble;
mod update;
mod walk;
