//! How long frames were on their way.

/// How many frames took how long: by the ms up to 1 s, then by 20 ms up to 21 s.
#[derive(Clone, Debug)]
pub(super) struct Delays(Vec<u32>);

const FINE: u64 = 1_000;
const COARSE: u64 = 20;

impl Default for Delays {
    fn default() -> Self {
        Self(vec![0; 2 * FINE as usize])
    }
}

impl Delays {
    pub(super) fn note(&mut self, us: u64) {
        let ms = us / 1_000;
        let place = if ms < FINE { ms } else { (FINE + (ms - FINE) / COARSE).min(2 * FINE - 1) };
        self.0[place as usize] += 1;
    }

    /// What so many of 1000 did not exceed, ms.
    pub(super) fn at(&self, of_1000: u32) -> u32 {
        let all: u64 = self.0.iter().map(|count| u64::from(*count)).sum();
        let mut left = all * u64::from(1000 - of_1000) / 1000;
        for (place, count) in self.0.iter().enumerate().rev() {
            let count = u64::from(*count);
            if count > 0 && count > left {
                let place = place as u64;
                return if place < FINE { place } else { FINE + (place - FINE) * COARSE } as u32;
            }
            left -= count.min(left);
        }
        0
    }
}
