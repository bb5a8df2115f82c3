//! The catalogue of words beside its snapshots: each string must be part of a sample of its language, and a sample must
//! say the same numbers, links and codes in every language.

use super::literals;
use crate::bed::{Result, fault};
use std::path::{Path, PathBuf};

/// Languages in the order of the samples, by their folders.
const LANGUAGES: [&str; 2] = ["en", "zh"];
/// What looks different and is the same: dates, and words inside of codes.
const SAME: [(&str, &str); 4] =
    [(" June ", " 6 "), ("用户名:密码", "user:password"), ("服务器/", "server/"), ("/应用名", "/app")];

pub(super) struct Catalogue {
    pub(super) languages: Vec<Language>,
    samples: Vec<Sample>,
}

/// One language's strings.
pub(super) struct Language {
    name: &'static str,
    strings: Vec<(String, String)>,
}

/// One thing that can be said, in each language.
struct Sample {
    of: String,
    said: Vec<String>,
}

impl Language {
    pub(super) fn told(&self) -> String {
        format!("{} {} strings", self.name, self.strings.len())
    }
}

pub(super) fn read() -> Result<Catalogue> {
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/chat/text");
    let mut languages = Vec::new();
    for name in LANGUAGES {
        let mut strings = Vec::new();
        for file in files(&text.join(name), "rs")? {
            let source = std::fs::read_to_string(&file)?;
            let shown = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let source = without(&without(&source, "commands: &["), "now: &[");
            strings.extend(literals::of(&source).into_iter().map(|string| (shown.clone(), string)));
        }
        languages.push(Language { name, strings });
    }
    let mut samples = Vec::new();
    for file in files(&text.join("snapshots"), "snap")? {
        // How many buttons share a row is no sample; `buttons` reads it.
        if !file.to_string_lossy().ends_with("__rows.snap") {
            samples.extend(read_samples(&std::fs::read_to_string(&file)?)?);
        }
    }
    Ok(Catalogue { languages, samples })
}

impl Catalogue {
    pub(super) fn samples(&self) -> usize {
        self.samples.len()
    }

    /// Strings that no sample of their language holds.
    pub(super) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (at, language) in self.languages.iter().enumerate() {
            for (file, string) in &language.strings {
                let parts = fixed(string);
                if !self.samples.iter().any(|sample| holds(&sample.said[at], &parts)) {
                    missing.push(format!("{}/{file}: no sample says {string:?}", language.name));
                }
            }
        }
        missing
    }

    /// Samples that say other numbers, links or codes in one language than in another.
    pub(super) fn differ(&self) -> Vec<String> {
        let facts = |said: &String| facts(said);
        let differs = |sample: &&Sample| sample.said.windows(2).any(|pair| facts(&pair[0]) != facts(&pair[1]));
        self.samples.iter().filter(differs).map(|sample| format!("{}: the languages differ", sample.of)).collect()
    }
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ending) {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// `source` without the words that people type: those are no answers.
fn without(source: &str, list: &str) -> String {
    match source.split_once(list) {
        Some((before, rest)) => format!("{before}{}", rest.split_once(']').map_or("", |(_, after)| after)),
        None => source.to_owned(),
    }
}

/// What stands between the placeholders.
fn fixed(string: &str) -> Vec<&str> {
    string.split('{').flat_map(|part| part.rsplit('}').next()).filter(|part| !part.is_empty()).collect()
}

/// Whether the parts stand in `said`, in this order.
fn holds(said: &str, parts: &[&str]) -> bool {
    let mut rest = said;
    parts.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

fn read_samples(snapshot: &str) -> Result<Vec<Sample>> {
    let Some((_, body)) = snapshot.split_once("\n---\n") else { return fault("a snapshot without a head") };
    let mut samples = Vec::new();
    for entry in format!("\n{body}").split("\n## ").skip(1) {
        let (of, said) = entry.split_once('\n').unwrap_or((entry, ""));
        let said: Vec<String> = said.split("\n--\n").map(|said| said.trim_matches('\n').to_owned()).collect();
        if said.len() != LANGUAGES.len() || said.iter().any(String::is_empty) {
            return fault(format!("{of}: not in every language"));
        }
        samples.push(Sample { of: of.to_owned(), said });
    }
    Ok(samples)
}

/// Numbers, links and codes.
fn facts(said: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let said = SAME.iter().fold(said.to_owned(), |said, (one, other)| said.replace(one, other));
    let between = |open: &str, close: &str| {
        let parts = said.split(open).skip(1).filter_map(|rest| rest.split(close).next());
        let mut all: Vec<_> = parts.map(str::to_owned).collect();
        all.sort();
        all
    };
    let mut links: Vec<_> = said.split("https://").skip(1).map(host).filter(|host| !host.is_empty()).collect();
    links.sort();
    let digits = |c: char| !c.is_ascii_digit();
    let mut numbers: Vec<_> = said.split(digits).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    numbers.sort();
    (numbers, links, between("<code>", "</code>"))
}

/// The host and path behind `https://`.
fn host(rest: &str) -> String {
    rest.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "._~/?#=&;%-".contains(*c))
        .collect::<String>()
        .trim_end_matches('.')
        .to_owned()
}
