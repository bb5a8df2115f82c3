//! Packets to many targets past the tasks that own their connections: whoever has the packets writes them, at once or not
//! at all.

use super::queue::{MAX_SLICES, Queue};
use super::sink::Sink;
use super::taker::Taker;
use crate::media::packet::Packet;
use crate::rtmp::transport::Stream;
use socket2::SockRef;
use std::fmt;
use std::io::{IoSlice, Write as _};
use std::sync::Arc;
use tokio::net::TcpStream;

/// So many bytes, a sound or two, are copied together once for all connections: a system call takes one piece of memory for less
/// than it takes two.
const SHORT: usize = 1024;

/// So many sockets are looked up before any of them is written to: a write leaves nothing of the next one in the processor's
/// cache.
const TOGETHER: usize = 8;

/// Packets as they go out, to any number of connections, cut into chunks once for all of them.
#[derive(Default)]
pub struct Batch {
    queue: Queue,
    /// All of it, where that is at most [`SHORT`].
    short: Vec<u8>,
    stream: u32,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batch")
    }
}

impl Batch {
    /// For connections whose message stream is `stream`.
    #[must_use]
    pub fn new(stream: u32) -> Self {
        Self { stream, ..Self::default() }
    }

    /// Takes all of `packets` in place of what was here; leaves an empty vector with room for as many.
    pub fn load(&mut self, packets: &mut Vec<Packet>) {
        self.clear();
        self.queue.take(packets, self.stream);
        if self.queue.len() <= SHORT {
            self.queue.copy_to(&mut self.short);
        }
    }

    /// The message stream of the connections that it is for.
    pub fn stream(&self) -> u32 {
        self.stream
    }

    /// Lets go of the packets.
    pub fn clear(&mut self) {
        self.queue.clear();
        self.short.clear();
    }

    /// Writes all to each of `owners` by its hand, as far as its socket takes it without waiting; returns how many bytes
    /// that is for each. Where its socket does not take all, the hand has the rest, and `behind` is told how many bytes it is.
    pub fn send<T>(&self, owners: &mut [T], mut behind: impl FnMut(&mut T, usize)) -> usize
    where
        T: AsRef<Express> + AsMut<Express>,
    {
        if self.queue.is_empty() {
            return 0;
        }
        let (one, mut many);
        let pieces = if self.short.is_empty() {
            many = [IoSlice::new(&[]); MAX_SLICES];
            let count = self.queue.slices(&mut many, usize::MAX);
            &many[..count]
        } else {
            one = [IoSlice::new(&self.short)];
            &one[..]
        };
        let all = self.queue.len();
        for owners in owners.chunks_mut(TOGETHER) {
            let mut written = [0; TOGETHER];
            let sockets: [_; TOGETHER] = std::array::from_fn(|at| owners.get(at).map(|owner| owner.as_ref().socket()));
            for (socket, written) in sockets.into_iter().flatten().zip(&mut written) {
                *written = write(socket, pieces);
            }
            for (owner, written) in owners.iter_mut().zip(written).filter(|(_, written)| *written < all) {
                let express = owner.as_mut();
                express.queue = self.queue.clone();
                express.queue.advance(written);
                // What one write cannot hold, or the socket.
                let left = all - written - if written > 0 { express.flush() } else { 0 };
                if left > 0 {
                    behind(owner, left);
                }
            }
        }
        all
    }
}

/// Returns how many bytes `socket` took.
fn write(socket: SockRef<'_>, pieces: &[IoSlice<'_>]) -> usize {
    let written = match pieces {
        [piece] => (&*socket).write(piece),
        pieces => (&*socket).write_vectored(pieces),
    };
    written.unwrap_or(0)
}

/// The writing hand of a [`Sink`] whose queue was empty. What it has not written goes back with it.
pub struct Express {
    tcp: Arc<TcpStream>,
    queue: Queue,
    stream: u32,
}

impl fmt::Debug for Express {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Express")
    }
}

impl Express {
    /// The message stream of its connection.
    pub fn stream(&self) -> u32 {
        self.stream
    }

    fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.tcp)
    }

    fn flush(&mut self) -> usize {
        let mut written = 0;
        while !self.queue.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let count = self.queue.slices(&mut slices, usize::MAX);
            let bytes = write(self.socket(), &slices[..count]);
            if bytes == 0 {
                break;
            }
            self.queue.advance(bytes);
            written += bytes;
        }
        written
    }
}

impl Sink<Stream> {
    /// Lends the writing hand, if nothing waits to be written and the connection can be written to so: to a target, and
    /// not over TLS. Until [`Self::take_back`], [`Sink::step`] only reads.
    pub fn lend(&mut self) -> Option<Express> {
        let Taker::Target(session) = &self.taker else { return None };
        let stream = session.stream();
        if self.lent || !self.is_empty() || self.has_answers() {
            return None;
        }
        let tcp = self.link.stream().shared()?;
        self.lent = true;
        Some(Express { tcp, queue: std::mem::take(&mut self.queue), stream })
    }

    /// Gives the connection up: dropped from now on, what its server has not taken does not reach it later.
    pub fn forsake(&mut self) {
        self.link.stream().tcp().forsake();
    }

    /// Takes the writing hand back, with what it has not written.
    pub fn take_back(&mut self, express: Express) {
        self.lent = false;
        self.queue = express.queue;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::packet::{Kind, Role};
    use crate::rtmp::chunk::{CHUNK_SIZE, ChunkReader, Limits};
    use bytes::Bytes;
    use std::io::Read as _;

    struct Owner {
        number: usize,
        hand: Express,
    }

    impl AsRef<Express> for Owner {
        fn as_ref(&self) -> &Express {
            &self.hand
        }
    }

    impl AsMut<Express> for Owner {
        fn as_mut(&mut self) -> &mut Express {
            &mut self.hand
        }
    }

    fn packet(len: usize, number: u8) -> Packet {
        Packet { kind: Kind::Audio, role: Role::Frame, timestamp: 0, payload: Bytes::from(vec![number; len]) }
    }

    /// A hand, and a target at the other end that has room for little.
    async fn connect(number: usize) -> (Owner, std::net::TcpStream) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        SockRef::from(&listener).set_recv_buffer_size(4096).unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        SockRef::from(&tcp).set_send_buffer_size(4096).unwrap();
        let target = listener.accept().unwrap().0;
        // What never comes is a fault to be seen, not to be waited for.
        target.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
        (Owner { number, hand: Express { tcp: Arc::new(tcp), queue: Queue::default(), stream: 1 } }, target)
    }

    /// A target gets each message once, whole and in order, whether its batch is copied together or not: what its socket has no
    /// room for stays in the hand.
    #[tokio::test]
    async fn what_a_socket_does_not_take_of_a_batch_stays_in_the_hand() {
        for len in [1, 400, 10_000, 100_000] {
            let (mut owner, mut target) = connect(0).await;
            let (mut batch, mut loads, mut sent, mut left) = (Batch::new(1), 0, 0, 0);
            while left == 0 && loads < 200 {
                batch.load(&mut vec![packet(len, loads), packet(len, loads)]);
                loads += 1;
                sent += batch.send(std::slice::from_mut(&mut owner), |_, behind| left = behind);
                assert_eq!(left, owner.hand.queue.len(), "{len}");
            }
            assert!(left > 0 || len == 1, "a socket that takes all proves nothing: {len}");

            let mut reader = ChunkReader::new(Limits::AFTER_PUBLISH);
            let [a, b] = CHUNK_SIZE.to_be_bytes();
            assert!(reader.next(&mut &[2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, a, b][..]).unwrap().is_some());
            let (mut buffer, mut payloads) = ([0; 4096], Vec::new());
            while sent > 0 {
                owner.hand.flush();
                let count = target.read(&mut buffer).unwrap();
                sent -= count;
                let mut bytes = &buffer[..count];
                while let Some(message) = reader.next(&mut bytes).unwrap() {
                    payloads.push(message.payload);
                }
            }
            assert!(owner.hand.queue.is_empty());
            let expected = (0..loads).flat_map(|load| [vec![load; len], vec![load; len]]);
            assert!(payloads.iter().eq(expected.collect::<Vec<_>>().iter()), "{len}");
        }
    }

    /// Of more owners than are written to together, only those whose sockets take nothing are told of, each with all of it.
    #[tokio::test]
    async fn who_falls_behind_is_told_of_and_nobody_else() {
        let (mut owners, mut targets) = (Vec::new(), Vec::new());
        for number in 0..2 * TOGETHER + 1 {
            let (owner, target) = connect(number).await;
            owners.push(owner);
            targets.push(target);
        }
        let deaf = [1, TOGETHER - 1, TOGETHER, 2 * TOGETHER];
        for number in deaf {
            owners[number].hand.socket().shutdown(std::net::Shutdown::Write).unwrap();
        }
        let (mut batch, mut told) = (Batch::new(1), Vec::new());
        batch.load(&mut vec![packet(700, 1)]);
        let all = batch.send(&mut owners, |owner, left| told.push((owner.number, left)));
        assert_eq!(told, deaf.map(|number| (number, all)));
        for Owner { number, hand } in &owners {
            assert_eq!(hand.queue.len(), if deaf.contains(number) { all } else { 0 });
        }
    }
}
