//! The handshake (RTMP 1.0, §5.2), simple or with digests, in either role. A client's own is known again where it comes
//! in, by whatever way.

use super::fault::Fault;
use super::link::Link;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};

/// Where a client's first bytes begin to be random: behind its version, its time and four bytes more (§5.2.3).
const RANDOM: usize = 9;
/// So many of them tell it from every other.
const MARK: usize = 32;

/// What clients of this process have said first whose handshake is under way, and whether it came in here: then Telecast
/// has dialled itself, through a proxy or a name that hid it.
#[derive(Clone, Debug, Default)]
pub struct Marks(Arc<Mutex<HashMap<[u8; MARK], bool>>>);

/// One of them, until its handshake is over.
struct Mark<'a> {
    marks: &'a Marks,
    bytes: [u8; MARK],
}

impl Marks {
    fn leave(&self, hello: &[u8]) -> Option<Mark<'_>> {
        let bytes = mark(hello)?;
        self.lock().insert(bytes, false);
        Some(Mark { marks: self, bytes })
    }

    /// Whether `hello` is one of these.
    fn know(&self, hello: &[u8]) -> bool {
        let mut all = self.lock();
        let known = mark(hello).and_then(|bytes| all.get_mut(&bytes));
        known.map(|came_in| *came_in = true).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; MARK], bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark<'_> {
    fn came_in(&self) -> bool {
        self.marks.lock().get(&self.bytes) == Some(&true)
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.marks.lock().remove(&self.bytes);
    }
}

fn mark(hello: &[u8]) -> Option<[u8; MARK]> {
    hello.get(RANDOM..)?.first_chunk().copied()
}

/// Shakes hands as the server with everybody but the clients that left `marks`; returns what came behind the handshake.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    marks: &Marks,
) -> Result<Vec<u8>, Fault> {
    run(Handshake::new(PeerType::Server), link, Some(marks)).await
}

/// Shakes hands as the client, and leaves a mark meanwhile; returns what came behind the handshake.
pub(super) async fn dial<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    marks: Option<&Marks>,
) -> Result<Vec<u8>, Fault> {
    let mut handshake = Handshake::new(PeerType::Client);
    let hello = handshake.generate_outbound_p0_and_p1().map_err(|_| Fault::Handshake)?;
    let mark = marks.and_then(|marks| marks.leave(&hello));
    link.out.raw(&hello);
    let done = run(handshake, link, None).await;
    if mark.is_some_and(|mark| mark.came_in()) { Err(Fault::Itself) } else { done }
}

async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    mut handshake: Handshake,
    link: &mut Link<S>,
    mut marks: Option<&Marks>,
) -> Result<Vec<u8>, Fault> {
    // On the heap: the futures around this one would keep room for it all their life.
    let (mut buf, mut hello) = (vec![0; 2048], Vec::new());
    loop {
        let count = link.read(&mut buf).await?;
        if count == 0 {
            return Err(Fault::Closed);
        }
        if let Some(looks) = marks {
            hello.extend_from_slice(&buf[..count.min(RANDOM + MARK)]);
            if looks.know(&hello) {
                return Err(Fault::Itself);
            }
            marks = marks.filter(|_| hello.len() < RANDOM + MARK);
        }
        match handshake.process_bytes(&buf[..count]).map_err(|_| Fault::Handshake)? {
            HandshakeProcessResult::InProgress { response_bytes } => link.out.raw(&response_bytes),
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                link.out.raw(&response_bytes);
                return Ok(remaining_bytes);
            }
        }
    }
}
