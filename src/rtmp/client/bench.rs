//! The way of packets into a socket, without one, for `benches/`.

use super::queue::{MAX_SLICES, Queue};
use crate::media::packet::Packet;
use std::io::IoSlice;

/// Cuts packets for one target into chunks, as far as the vectored write.
#[derive(Default)]
pub struct MediaWriter(Queue);

impl MediaWriter {
    /// Takes all of `packets` and gives them to a socket that takes everything; its bytes.
    pub fn write(&mut self, packets: &mut Vec<Packet>) -> usize {
        self.0.take(packets, 1);
        let mut bytes = 0;
        while !self.0.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let count = self.0.slices(&mut slices, usize::MAX);
            let written = slices[..count].iter().map(|slice| slice.len()).sum();
            self.0.advance(written);
            bytes += written;
        }
        bytes
    }
}
