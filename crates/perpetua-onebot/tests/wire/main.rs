//! Frames of every shape through the public API: random JSON against a model, and extremes.

mod extremes;
mod frame;
mod properties;
