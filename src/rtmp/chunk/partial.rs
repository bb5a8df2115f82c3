//! A message that is being put together. Memory is taken as it comes, and in the end is hardly more than the message's length.

use super::pages::{Pages, STEP};
use bytes::Bytes;
use std::ops::{Range, RangeInclusive};

/// What is allocated ahead of what came, in bytes, for the only message that is begun, where it fits; a longer one grows from
/// [`FEW`].
const AHEAD: usize = 64 * 1024;
const FEW: usize = 16 * 1024;
/// Messages of such lengths lie in pages of their own, which are taken as they are written, without a copy: keyframes leave holes
/// in a heap that nothing else fills. Longer ones, in whole steps, could be given huge pages.
const MAPPED: Range<usize> = 128 * 1024..2 * 1024 * 1024 - STEP;
/// Messages of such lengths that come at once lie in one allocation together with the count of who holds them: sound, of which a
/// GOP has more than of pictures. Of what a shorter one would take, most would be empty.
const SMALL: RangeInclusive<usize> = 128..=MOST;
/// Each has room for so many bytes, enough for most AAC of 128 kbit/s, or for so many.
const LESS: usize = 384;
const MOST: usize = 500;

/// What came of a message.
#[derive(Debug)]
pub(super) enum Partial {
    Heap(Vec<u8>),
    /// And how much of it came.
    Pages(Pages, usize),
    /// All of it.
    Whole(Bytes),
}

/// A [`SMALL`] message, and room for `N` bytes.
struct Small<const N: usize> {
    len: usize,
    bytes: [u8; N],
}

impl<const N: usize> Small<N> {
    fn hold(message: &[u8]) -> Bytes {
        let mut small = Self { len: message.len(), bytes: [0; N] };
        small.bytes[..small.len].copy_from_slice(message);
        Bytes::from_owner(small)
    }
}

impl<const N: usize> AsRef<[u8]> for Small<N> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Default for Partial {
    fn default() -> Self {
        Self::Heap(Vec::new())
    }
}

impl Partial {
    /// What came.
    pub(super) fn came(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Pages(pages, came) => &pages[..*came],
            Self::Whole(bytes) => bytes,
        }
    }

    /// Takes bytes of a message of `len` bytes, at most what it lacks; `alone`: no other message is begun. Memory is never more
    /// than twice of what came, or a [`Small`], or [`AHEAD`] where it is alone; [`Pages`] that are taken over are there anyway.
    #[inline]
    pub(super) fn take(&mut self, bytes: &[u8], len: usize, alone: bool) {
        match self {
            Self::Heap(_) if bytes.len() == len && SMALL.contains(&len) => {
                *self = Self::Whole(if len <= LESS { Small::<LESS>::hold(bytes) } else { Small::<MOST>::hold(bytes) });
            }
            Self::Heap(heap) if heap.is_empty() && MAPPED.contains(&len) => match Pages::take(len) {
                Ok(mut pages) => {
                    pages[..bytes.len()].copy_from_slice(bytes);
                    *self = Self::Pages(pages, bytes.len());
                }
                Err(_) => grow(heap, bytes, len, alone),
            },
            Self::Heap(heap) => grow(heap, bytes, len, alone),
            Self::Pages(pages, came) => {
                let end = *came + bytes.len();
                pages[*came..end].copy_from_slice(bytes);
                *came = end;
            }
            // It lacks nothing.
            Self::Whole(_) => {}
        }
    }

    /// The message, of which all came.
    pub(super) fn finish(self) -> Bytes {
        match self {
            Self::Heap(bytes) => bytes.into(),
            Self::Pages(pages, len) => {
                let mut message = Bytes::from_owner(pages);
                message.truncate(len);
                message
            }
            Self::Whole(bytes) => bytes,
        }
    }

    /// Bytes of memory that it takes.
    pub(super) fn allocated(&self) -> usize {
        match self {
            Self::Heap(bytes) => bytes.capacity(),
            Self::Pages(_, came) => came.next_multiple_of(4096),
            Self::Whole(_) => size_of::<Small<MOST>>(),
        }
    }
}

#[inline]
fn grow(heap: &mut Vec<u8>, bytes: &[u8], len: usize, alone: bool) {
    let need = heap.len() + bytes.len();
    if need > heap.capacity() {
        let ahead = match len <= AHEAD {
            _ if !alone => 0,
            true => AHEAD,
            false => FEW,
        };
        let room = need.max(ahead).max(heap.len().saturating_mul(2)).min(rounded(len));
        heap.reserve_exact(room - heap.len());
    }
    heap.extend_from_slice(bytes);
}

/// As many bytes and up to a 32nd more: an allocator looks through all lengths of what it has to give, so there should be few.
fn rounded(len: usize) -> usize {
    len.next_multiple_of((len / 64).next_power_of_two())
}
