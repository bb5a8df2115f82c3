//! What was measured, beside what others do, on one page: docs/trust.md, made of the tables in docs/ and compared with them.

use super::Figure;
use crate::bed::{Result, fault};
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("trust_page/page.md");

pub(super) async fn measure() -> Result<Figure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = root.join("docs");
    let (mut text, mut missing) = (PAGE.to_owned(), Vec::new());
    for (name, value) in values(&docs) {
        let value = value.unwrap_or_else(|| {
            missing.push(name);
            "not measured".into()
        });
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    if let Some(open) = text.find('{') {
        return fault(format!("the page asks for what nobody knows: {}", &text[open..text.len().min(open + 40)]));
    }
    let unknown: Vec<String> = commands(&text).filter(|command| !there_is(root, command)).collect();
    let path = docs.join("trust.md");
    let same = std::fs::read_to_string(&path).is_ok_and(|there| there == text);
    if !same {
        std::fs::write(&path, &text)?;
    }
    let rows = text.lines().filter(|line| line.starts_with("| ")).count() - 1;
    Ok(Figure {
        measured: format!(
            "{rows} rows, {} commands of which {unknown:?} do not exist, not measured: {missing:?}; docs/trust.md says what the \
             tables say: {same}{}",
            commands(&text).count(),
            if same { "" } else { " (written anew: look at it and commit it)" }
        ),
        goal: "every command exists, everything measured, the page up to date",
        holds: unknown.is_empty() && missing.is_empty() && same,
    })
}

/// What the page asks for, where its table has it.
fn values(docs: &Path) -> Vec<(&'static str, Option<String>)> {
    let read = |name: &str| std::fs::read_to_string(docs.join(name)).unwrap_or_default();
    let (faults, store, attacks, fuzzing, measured) =
        (read("faults.md"), read("store-faults.md"), read("attacks.md"), read("fuzzing.md"), read("measured.md"));
    vec![
        ("faults.telecast", passed(&faults, "| F", 4)),
        ("faults.nginx", passed(&faults, "| F", 6)),
        ("faults.ffmpeg", passed(&faults, "| F", 7)),
        ("store.telecast", passed(&store, "| F", 4)),
        ("attacks.telecast", passed(&attacks, "| A", 4)),
        ("f27", cell(&faults, "F27", 4)),
        ("f28", cell(&faults, "F28", 4)),
        ("a21", cell(&attacks, "A21", 4)),
        ("fuzz", fuzzed(&fuzzing)),
        ("kills", cell(&measured, "`tests/figures kills`", 2)),
        ("canaries", cell(&measured, "`tests/figures canaries`", 2)),
    ]
}

fn cells(line: &str) -> Vec<&str> {
    line.split(" | ").flat_map(|part| part.split(" |")).map(|cell| cell.trim_start_matches('|').trim()).collect()
}

/// How many of the rows that were run have a tick.
fn passed(table: &str, start: &str, column: usize) -> Option<String> {
    let rows = table.lines().filter(|line| line.starts_with(start) && line.as_bytes()[start.len()].is_ascii_digit());
    let marks: Vec<bool> = rows
        .filter_map(|line| {
            let cell = *cells(line).get(column - 1)?;
            (cell != "–").then(|| cell.starts_with('✓'))
        })
        .collect();
    (!marks.is_empty()).then(|| format!("{} of {}", marks.iter().filter(|good| **good).count(), marks.len()))
}

/// What a row says in a column, from 1.
fn cell(table: &str, row: &str, column: usize) -> Option<String> {
    let line = table.lines().find(|line| cells(line).first() == Some(&row))?;
    Some(cells(line).get(column - 1)?.trim_start_matches("✓ ").to_owned())
}

fn fuzzed(table: &str) -> Option<String> {
    let total = cell(table, "total", 2)?;
    let targets = table.lines().take_while(|line| !line.starts_with("| total")).filter(|line| line.starts_with("| `"));
    (total != "0").then(|| format!("{} targets, {total} executions, every finding mended", targets.count()))
}

/// What stands in the page as `tests/…`.
fn commands(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("tests/")).map(str::to_owned)
}

fn there_is(root: &Path, command: &str) -> bool {
    match command.strip_prefix("tests/figures ") {
        Some(name) => figure(root, name).exists(),
        None => root.join(command).exists(),
    }
}

fn figure(root: &Path, name: &str) -> PathBuf {
    root.join("tests/figure").join(name.replace('-', "_")).with_extension("rs")
}

/// Notes in docs/measured.md what a figure without a table of its own has measured.
pub(super) fn note(name: &str, measured: &str) -> Result<()> {
    const HEAD: &str = "\
# Measured

Each line is written by the command that it names, when what it claims held.

| command | measured |
|---|---|
";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/measured.md");
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let start = format!("| `tests/figures {name}` |");
    let mut lines: Vec<String> =
        there.lines().filter(|line| line.starts_with("| `") && !line.starts_with(&start)).map(str::to_owned).collect();
    lines.push(format!("{start} {} |", measured.replace('|', "/")));
    lines.sort();
    Ok(std::fs::write(path, format!("{HEAD}{}\n", lines.join("\n")))?)
}
