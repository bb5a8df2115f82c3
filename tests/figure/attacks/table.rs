//! The table in docs/.

use super::Done;
use crate::bed::Result;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "\
# Attacks, and what came of them

Written by `tests/figures attacks`; every line is a run over real sockets, nothing is written by hand. `tests/figures attacks
A07` runs one. It needs root: all of it happens in a network namespace of its own, with a name server and a device that counts
packets. Most rows attack `examples/relay`, which relays another studio's show meanwhile; those that need a chat or a store
attack the whole program, before a Bot API that plays everybody's phone.

*Alive*: the process is the same, the show beside lost no frame, was changed in none and never dialled again, no task panicked,
no key was logged, and 5 s later memory is within 1 MiB of what it was and no file is left open. A crowd comes once before that is
measured: what the allocator keeps of its room is no growth, if the next crowd finds it (“the first time”). The whole program
remembers people and messages and keeps some connections to the Bot API and to targets that were added: 4 MiB, and as many files.
*Guests* are publishers in good faith, who come twice a second as long as the attack lasts.

| attack | what was done | expected | measured | alive | command |
|---|---|---|---|---|---|
";

pub(super) fn write(path: &Path, done: &[Done]) -> Result<()> {
    let mut text = HEAD.to_owned();
    for one in done {
        let (measured, alive) = match &one.outcome {
            Ok(outcome) => (outcome.measured.as_str(), outcome.alive.as_str()),
            Err(fault) => (fault.0.lines().next().unwrap_or_default(), "–"),
        };
        let mark = if one.met() { '✓' } else { '✗' };
        let row = one.row;
        writeln!(
            text,
            "| {} | {} | {} | {mark} {} | {} | `tests/figures attacks {}` |",
            row.id,
            row.attack,
            row.expected,
            clean(measured),
            clean(alive),
            row.id
        )?;
    }
    std::fs::write(path, text)?;
    Ok(())
}

fn clean(text: &str) -> String {
    text.replace('|', "/").replace('\n', " ").replace(" []", "")
}
