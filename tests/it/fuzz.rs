//! The fuzzers' inputs, as ordinary tests: each that was once worth keeping holds still.

use crate::fuzz_targets::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Seeds of one target, at least.
const LEAST: usize = 2;
/// Bytes of all seeds, at most: they are looked through by people, and cloned.
const MOST: u64 = 600 << 10;

fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Which fuzzers there are stands in four places, and all know the same ones.
#[test]
fn every_fuzzer_has_its_file_its_entry_and_its_seeds() {
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(known.len(), TARGETS.len());
    assert_eq!(names(Path::new("fuzz/fuzz_targets")), known);
    assert_eq!(names(Path::new("fuzz/seeds")), known);
    let manifest: toml::Table = fs::read_to_string("fuzz/Cargo.toml").unwrap().parse().unwrap();
    let bins = manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap().to_owned());
    assert_eq!(bins.collect::<BTreeSet<_>>(), known);
    for name in &known {
        let target = fs::read_to_string(format!("fuzz/fuzz_targets/{name}.rs")).unwrap();
        assert!(target.contains(&format!("telecast_fuzz::{name}(bytes)")), "{name} runs another one");
    }
}

#[test]
fn every_seed_of_every_fuzzer_holds() {
    let mut bytes = 0;
    for (name, target) in TARGETS {
        let seeds: Vec<_> =
            fs::read_dir(format!("fuzz/seeds/{name}")).unwrap().map(|seed| seed.unwrap().path()).collect();
        assert!(seeds.len() >= LEAST, "{name} has {} seeds", seeds.len());
        for seed in seeds {
            let input = fs::read(&seed).unwrap();
            bytes += input.len() as u64;
            let held = std::panic::catch_unwind(|| target(&input));
            assert!(held.is_ok(), "{}", seed.display());
        }
    }
    assert!(bytes <= MOST, "{bytes} bytes of seeds");
}
