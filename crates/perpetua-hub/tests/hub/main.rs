//! The hub through its public API: a property test against a simple model, and scenarios.
//!
//! `property` runs any interleaving of `operation`s through `world`, which drives a hub and the
//! `model` side by side and compares what every connection is given. The `scenario` modules show one
//! behaviour each, and hold the rules of perpetua's own actions.

mod comparison;
mod expectation;
mod frames;
mod model;
mod model_actions;
mod model_extensions;
mod model_presence;
mod numbering;
mod operation;
mod property;
mod rig;
mod scenario_actions;
mod scenario_blocked;
mod scenario_broadcasts;
mod scenario_calls;
mod scenario_embedded;
mod scenario_events;
mod scenario_formats;
mod scenario_gaps;
mod scenario_greeting;
mod scenario_held;
mod scenario_identity;
mod scenario_interruptions;
mod scenario_kicks;
mod scenario_known_answers;
mod scenario_login;
mod scenario_lost_frames;
mod scenario_members;
mod scenario_moments;
mod scenario_names;
mod scenario_notices;
mod scenario_posting;
mod scenario_presence;
mod scenario_quick;
mod scenario_quotas;
mod scenario_restart;
mod scenario_rivals;
mod scenario_signing;
mod scenario_silence;
mod scenario_streams;
mod scenario_tokens;
mod scenario_unsent;
mod tally;
mod world;
