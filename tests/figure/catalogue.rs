//! Each platform's paste through Telecast's own parser and composer to a recorder, beside what the sources say; each way to say no.

mod refusals;
mod rows;
mod table;

use super::Figure;
use crate::bed::Result;
use std::path::Path;
use telecast::platform::Catalogue;

/// Platforms that hand out no server and key that people could paste.
const WITHOUT: [&str; 3] = ["showroom", "tencent-meeting", "zhihu"];

pub(super) async fn measure() -> Result<Figure> {
    let catalogue = Catalogue::builtin();
    let (rows, refusals) = tokio::join!(rows::run(&catalogue), refusals::run(&catalogue));
    let (rows, refusals) = (rows?, refusals?);
    let left_out: Vec<_> = catalogue
        .all()
        .iter()
        .map(|platform| platform.id.as_str())
        .filter(|id| !rows.iter().any(|row| row.case.id == *id) && !WITHOUT.contains(id))
        .collect();
    left_out.iter().for_each(|id| println!("{id}: nothing is expected of it"));
    let wrong: Vec<_> =
        rows.iter().flat_map(|row| row.wrong()).chain(refusals.iter().filter_map(|r| r.wrong())).collect();
    wrong.iter().for_each(|words| println!("{words}"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/platforms.md");
    std::fs::write(path, table::text(&catalogue, &rows, &refusals)?)?;
    let mut ids: Vec<_> = rows.iter().map(|row| &row.case.id).collect();
    ids.dedup();
    let guessed = rows.iter().filter(|row| row.case.evidence.contains('?')).count();
    Ok(Figure {
        measured: format!(
            "{} platforms, {} pastes ({guessed} with a guess in what is expected), {} ways to say no: {} differences, {} platforms left out",
            ids.len(),
            rows.len(),
            refusals.len(),
            wrong.len(),
            left_out.len()
        ),
        goal: "app, tcUrl and name equal everywhere, every refusal understood, none left out",
        holds: wrong.is_empty() && left_out.is_empty(),
    })
}
