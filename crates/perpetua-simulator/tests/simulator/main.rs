//! The simulator through its public face, as the hub and the people who test bots use it.

mod actions;
mod conversation;
mod frames;
mod harness;
mod lines;
mod moderation;
mod properties;
mod recording;
mod requests;
mod shapes;
mod watching;
