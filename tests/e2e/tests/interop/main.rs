//! Real bot frameworks, and an upstream in another language, around a real node.

mod callers;
mod dialled;
mod frameworks;
mod posted;
mod upstream;
