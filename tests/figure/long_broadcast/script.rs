//! What goes wrong in three hours: by chance, and the same for the same seed.

use std::time::Duration;

/// So many platforms.
pub(super) const TARGETS: usize = 6;
/// How long the show lasts.
pub(super) const LASTS: Duration = Duration::from_secs(3 * 3600);
/// On average one fault of each platform in this time, and one of the encoder.
const TARGET: f64 = 900.0;
const ENCODER: f64 = 1800.0;
/// How long a fault lasts on average: most are over before anybody would look.
const SPELL: f64 = 6.0;
/// A key that is not taken any more is so for longer, and shows when the platform has cut off its connection.
const REFUSAL: f64 = 60.0;
const CUT: f64 = 1.0;

/// What befalls whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Cut off, and nothing listens.
    Down(usize),
    /// Takes nothing more.
    Deaf(usize),
    /// Refuses the key.
    Refusing(usize),
    /// The host's own network: all platforms at once.
    All,
    /// The encoder is gone.
    Encoder,
}

/// A fault, from one second to another after the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spell {
    pub(super) who: Who,
    pub(super) from: Duration,
    pub(super) to: Duration,
}

/// Chance that can be repeated: xorshift, by Marsaglia.
struct Chance(u64);

impl Chance {
    fn number(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of something that happens once in `mean` on average: how long until it does.
    fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.number()).ln()
    }
}

/// The faults of a show, in their order; the first and the last five minutes are quiet.
pub(super) fn write(seed: u64) -> Vec<Spell> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut spells = Vec::new();
    let quiet = 300.0;
    let end = LASTS.as_secs_f64() - quiet;
    for nth in 0..TARGETS {
        let mut at = quiet + chance.wait(TARGET);
        while at < end {
            let lot = chance.number();
            let mut lasts = chance.wait(SPELL).clamp(0.5, 600.0);
            if lot < 0.95 {
                spells.push(spell(if lot < 0.8 { Who::Down(nth) } else { Who::Deaf(nth) }, at, lasts));
            } else {
                lasts = chance.wait(REFUSAL).clamp(5.0, 600.0);
                spells.push(spell(Who::Down(nth), at, CUT));
                spells.push(spell(Who::Refusing(nth), at + CUT, lasts));
            }
            at += CUT + lasts + chance.wait(TARGET);
        }
    }
    for (who, mean) in [(Who::Encoder, ENCODER), (Who::All, 2.0 * ENCODER)] {
        let mut at = quiet + chance.wait(mean);
        while at < end {
            let lasts = chance.wait(SPELL).clamp(0.5, 120.0);
            spells.push(spell(who, at, lasts));
            at += lasts + chance.wait(mean);
        }
    }
    spells.sort_by_key(|spell| spell.from);
    spells
}

fn spell(who: Who, at: f64, lasts: f64) -> Spell {
    Spell { who, from: Duration::from_secs_f64(at), to: Duration::from_secs_f64(at + lasts) }
}

/// Who is befallen at `at`.
pub(super) fn at(spells: &[Spell], at: Duration) -> Vec<Who> {
    spells.iter().filter(|spell| spell.from <= at && at < spell.to).map(|spell| spell.who).collect()
}
