//! The managed core, from nothing to an account that is online and stays so: a real node, real bot
//! frameworks, and a stand-in for Lagrange.OneBot that fails in all the ways of the real one.
//!
//! What the real program was put through, and where the same is tried here; `managing` and `clients` are other folders:
//!
//! | trial | test |
//! |---|---|
//! | a program or an archive as a file | `install`, `managing/upload` |
//! | signer unset, away, refusing | `signer::without_a_signer…`, `…a_dead_signer…`, `trials_login::a_signer_that_refuses…` |
//! | signer that answers and does not sign, or leaves something out | `trials_login::a_signer_that_answers…`, `…says_little…`, `…leaves_out…` |
//! | no network and no session | `trials_world::a_login_without_a_network…` |
//! | signer lost while online | `signer::a_signer_that_is_lost…` |
//! | signer that demands a length, or is slow at the login or while online | `signing`, `signing_load`, `signer::long` |
//! | saved session and no signer | `signing::a_saved_session…` |
//! | no name, no route, refused, closed, garbage, silent | `trials_world::each_way_of_having_no_network…` |
//! | connection that breaks during a login | `trials_world::a_connection_that_breaks_during_a_login…` |
//! | outage while online | `trials_world::an_outage…`, `…breaks_online…`, `survival::a_connection_to_qq_that_flaps` |
//! | session or its renewal unanswered | `login::a_session_that_is_never_answered…`, `trials_login::a_renewal…` |
//! | code scanned, confirmed, expired, cancelled, refused, of another account | `login`, `trials_login::codes_that_are_cancelled…` |
//! | network error in the poll | `trials_login::a_network_that_fails_while_the_code…` |
//! | session dead | `trials_login::a_dead_session…` |
//! | session or device damaged | `login::a_damaged_login…`, `trials_login::a_damaged_device…` |
//! | settings of the core broken | `trials_login::settings_of_the_core…` |
//! | database of an older version | `managing/faults::a_database…` |
//! | port taken | `survival::a_port_in_use`, `managing/faults::ports_that_others_took…` |
//! | stop, start, restart | `survival::each_start_is_counted`, `survival::long::a_stop…` |
//! | core killed, ended by others, hanging, crashing again and again | `survival`, `trials_online::a_core_that_others_end…` |
//! | stop while the session is unanswered | `trials_online::long` |
//! | node ended or killed, with a core that waits or works | `trials_online::a_node_that_ends…`, `survival` |
//! | kick, and the third one | `survival::a_kick`, `trials_online::the_third_kick…` |
//! | records in the drawing, neighbours that swap, floods | `trials_world::a_busy_machine…`, `trials_online::a_long_line…` |
//! | calls, events, echoes | `clients`, `update::an_update_under_load…` |
//! | secrets | `managing/secrets`, `managing/keyring` |

mod bots;
mod changed_signers;
mod install;
mod judged;
mod login;
mod quick;
mod scene;
mod settings_table;
mod signer;
mod signing;
mod signing_load;
mod sources;
mod survival;
mod trials;
mod trials_login;
mod trials_online;
mod trials_world;
mod update;
mod whose;
