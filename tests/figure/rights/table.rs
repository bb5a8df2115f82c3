//! The table of expectations, and what the code says that it must be about.

use crate::bed::{Result, fault};
use std::collections::BTreeSet;

const TABLE: &str = include_str!("matrix.txt");
const MENU: &str = include_str!("../../../src/chat/menu/action.rs");
const COMMANDS: &str = include_str!("../../../src/chat/command.rs");

/// One cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// A command, a button, an encoder.
    pub(super) row: String,
    /// `group`, `own`, …
    pub(super) place: String,
    /// `creator`, `member`, …
    pub(super) role: String,
    pub(super) expected: char,
}

/// Every cell of the table, and what is wrong with the table itself.
pub(super) fn read() -> Result<(Vec<Cell>, Vec<String>)> {
    let Some((head, body)) = TABLE.split_once("\n\n/") else { return fault("the table has no rows") };
    let body = format!("/{body}");
    let Some(heads) = head.rsplit("\n\n").next() else { return fault("the table has no columns") };
    let Some(first) = heads.lines().next().map(|line| line.len() - line.trim_start().len()) else {
        return fault("the table has no columns");
    };
    let mut columns = vec![String::new(); heads.lines().map(str::len).max().unwrap_or(0).saturating_sub(first) / 2 + 1];
    for line in heads.lines() {
        for (column, letter) in columns.iter_mut().zip(line.chars().skip(first).step_by(2)) {
            column.extend(Some(letter).filter(|letter| *letter != ' '));
        }
    }
    let (mut cells, mut wrong, mut rows) = (Vec::new(), Vec::new(), BTreeSet::new());
    for line in body.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let row = words.next().unwrap_or_default().to_owned();
        let letters: Vec<_> = words.collect();
        if letters.len() != columns.len() || letters.iter().any(|letter| letter.len() != 1) {
            wrong.push(format!("{row}: {} cells for {} columns", letters.len(), columns.len()));
        }
        for (column, letter) in columns.iter().zip(letters) {
            let Some((place, role)) = column.split_once('/') else { return fault(format!("column {column:?}")) };
            let expected = letter.chars().next().unwrap_or('?');
            cells.push(Cell { row: row.clone(), place: place.into(), role: role.into(), expected });
        }
        if !rows.insert(row.clone()) {
            wrong.push(format!("{row}: twice"));
        }
    }
    let known = kinds()?;
    wrong.extend(known.difference(&rows).map(|row| format!("{row}: there is such a thing, and no cells for it")));
    let surplus = rows.difference(&known).filter(|row| !row.starts_with("encoder."));
    wrong.extend(surplus.map(|row| format!("{row}: there is no such thing")));
    Ok((cells, wrong))
}

/// Every command and every kind of button, out of the code.
fn kinds() -> Result<BTreeSet<String>> {
    let commands = variants(COMMANDS, "enum Command ")?;
    let mut kinds: BTreeSet<_> = commands.iter().map(|name| format!("/{}", name.to_lowercase())).collect();
    for action in variants(MENU, "enum Action ")? {
        let parts = match action.as_str() {
            "Run" => commands.clone(),
            "Private" => variants(MENU, "enum Errand ")?,
            "Target" => variants(MENU, "enum Deed ")?,
            "Source" => variants(MENU, "enum SourceDeed ")?,
            "Host" => variants(MENU, "enum HostDeed ")?,
            "Draft" => variants(MENU, "enum DraftDeed ")?,
            "Recording" => variants(MENU, "enum RecordingDeed ")?,
            "Watch" => variants(MENU, "enum WatchDeed ")?,
            "Weekly" => variants(MENU, "enum WeeklyDeed ")?,
            _ => {
                kinds.insert(action);
                continue;
            }
        };
        kinds.extend(parts.iter().map(|part| format!("{action}.{part}")));
    }
    Ok(kinds)
}

/// The names of an enum's variants.
fn variants(code: &str, name: &str) -> Result<Vec<String>> {
    let Some((_, rest)) = code.split_once(name) else { return fault(format!("there is no {name}")) };
    let body = rest.lines().skip(1).take_while(|line| *line != "}");
    let variant = |line: &str| {
        let name = line.strip_prefix("    ").filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))?;
        Some(name.chars().take_while(|c| c.is_ascii_alphanumeric()).collect::<String>())
    };
    let found: Vec<_> = body.filter_map(variant).collect();
    if found.is_empty() { fault(format!("{name} has no variants")) } else { Ok(found) }
}
