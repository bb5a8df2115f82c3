//! Quick. Over 200 made-up pastes, half of them by somebody who had not seen the parser: what must come of each comes of it.

#[path = "../pastes/judge.rs"]
mod judge;

use super::Figure;
use crate::bed::Result;
use telecast::platform::Catalogue;

pub(super) fn measure() -> Result<Figure> {
    let catalogue = Catalogue::builtin();
    let (mut count, mut right, mut parts) = (0, 0, Vec::new());
    for (name, pastes) in [("blind", judge::blind()), ("own", judge::own())] {
        let mut good = 0;
        for paste in &pastes {
            let faults = paste.faults(&catalogue);
            good += usize::from(faults.is_empty());
            faults.iter().for_each(|fault| println!("{name}: {}: {fault}", paste.says));
        }
        parts.push(format!("{name} {good} of {}", pastes.len()));
        (count, right) = (count + pastes.len(), right + good);
    }
    Ok(Figure {
        measured: format!("{right} of {count} pastes right ({})", parts.join(", ")),
        goal: "all, of at least 200",
        holds: right == count && count >= 200,
    })
}
