//! Every sentence and button in each language: all snapshotted, none cut on a phone 360 pixels wide, docs/screens as of today.

mod buttons;
mod catalogue;
mod literals;
mod screens;
mod text;
mod walk;

use super::Figure;
use crate::bed::Result;

pub(super) async fn measure() -> Result<Figure> {
    let catalogue = catalogue::read()?;
    let languages: Vec<_> = catalogue.languages.iter().map(catalogue::Language::told).collect();
    let (missing, differ) = (catalogue.missing(), catalogue.differ());
    for words in missing.iter().chain(&differ) {
        println!("{words}");
    }
    let buttons = buttons::measure().await?;
    buttons.broken.iter().for_each(|words| println!("{words}"));
    let screens = screens::make().await?;
    screens.changed.iter().for_each(|name| println!("docs/screens/{name} was not today's, and is now: look at it"));
    screens.broken.iter().for_each(|words| println!("{words}"));
    let broken = buttons.broken.len() + screens.broken.len();
    Ok(Figure {
        measured: format!(
            "{}; {} samples in each language, {} strings in none, {} samples whose numbers, links or codes differ; {} buttons \
             in rows of up to 4 and {} of real screens, {broken} cut, broken or too wide; {} screenshots, {} not today's, \
             the largest {:.1} KB",
            languages.join(", "),
            catalogue.samples(),
            missing.len(),
            differ.len(),
            buttons.count,
            screens.buttons,
            screens.count,
            screens.changed.len(),
            screens.largest as f64 / 1024.0,
        ),
        goal: "every string in a sample, all languages complete and alike, nothing cut, every screenshot today's, at most 60 KB",
        holds: missing.is_empty()
            && differ.is_empty()
            && broken == 0
            && screens.changed.is_empty()
            && screens.largest <= 60 * 1024,
    })
}
