//! Bits of a header, most significant first. Behind the end there is nothing, and no panic.

#[derive(Clone, Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next bit's number.
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `count` bits, at most 32, as a number.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        let mut value: u32 = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.at += count;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// An unsigned Exp-Golomb code (H.264 §9.1, H.265 §9.2) of at most 31 bits.
    pub(super) fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.take(zeros)?)
    }

    /// What is shown of a picture that is coded so wide and high, where edges that are not follow (H.264 §7.3.2.1.1, H.265
    /// §7.3.2.2.1). `chroma`: chroma_format_idc; `fields`: 2 where rows are counted in each of two.
    pub(super) fn shown(&mut self, (width, height): (u32, u32), chroma: u32, fields: u32) -> Option<(u32, u32)> {
        if self.take(1)? == 0 {
            return Some((width, height));
        }
        let (across, down) = match chroma {
            1 => (2, 2),
            2 => (2, 1),
            _ => (1, 1),
        };
        let mut edges = |unit: u32| self.exp_golomb()?.checked_add(self.exp_golomb()?)?.checked_mul(unit);
        let (sides, ends) = (edges(across)?, edges(down * fields)?);
        Some((width.checked_sub(sides)?, height.checked_sub(ends)?))
    }
}

/// Takes out emulation prevention bytes (H.264 §7.3.1, H.265 §7.3.1.1).
pub(super) fn unescape(unit: &[u8]) -> Vec<u8> {
    let mut zeros = 0;
    let kept = unit.iter().copied().filter(|&byte| {
        let prevents = zeros >= 2 && byte == 3;
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        !prevents
    });
    kept.collect()
}
