//! What the fuzz targets check, of the seeds that they begin with and of what they have found.

#[path = "../../fuzz/checks/agree.rs"]
mod agree;
#[path = "../../fuzz/checks/peek.rs"]
mod peek;
#[path = "../../fuzz/checks/reshape.rs"]
mod reshape;
#[path = "../../fuzz/checks/splice.rs"]
mod splice;

use std::fs;
use std::path::Path;

/// The files of one target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = fs::read_dir(folder).expect("a corpus");
    let files = files.map(|file| fs::read(file.expect("listed").path()).expect("a seed"));
    let seeds: Vec<_> = files.collect();
    assert!(!seeds.is_empty(), "`{target}` has no seeds");
    seeds
}

fn texts(target: &str) -> Vec<String> {
    let seeds = corpus(target).into_iter();
    seeds
        .filter_map(|seed| String::from_utf8(seed).ok())
        .collect()
}

#[test]
fn peeking_holds_for_every_seed() {
    for seed in corpus("peek") {
        peek::check(&seed);
    }
}

#[test]
fn splicing_holds_for_every_seed() {
    for seed in texts("splice") {
        splice::check(&seed);
    }
}

#[test]
fn other_formats_hold_for_every_seed() {
    for seed in texts("reshape") {
        reshape::check(&seed);
    }
}

#[test]
fn the_reader_agrees_with_serde_json_on_every_seed() {
    for seed in texts("agree") {
        agree::check(&seed);
    }
}
