//! The proxy at its boundary: real sockets on the loopback address, time in the hands of the tests.

mod admission;
mod broken;
mod budget;
mod callers;
mod close_codes;
mod dialling;
mod embedded;
mod foreign;
mod frames;
mod framework;
mod frameworks;
mod gaps;
mod halves;
mod headway;
mod leases;
mod liveness;
mod managed;
mod posting;
mod reverse;
mod slot;
mod slow;
mod time;
mod too_large;
mod waiting;
mod wire;
mod world;
