//! What a source takes of its socket in one turn.

use crate::rtmp_session::{WHILE, body, packet, pair, send, send_now, tcp_pair, tls_pair};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use telecast::media::packet::Kind;
use telecast::rtmp::SourceEnd;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::time::sleep;

#[tokio::test]
async fn what_has_come_is_taken_at_once_up_to_the_turn_of_others() {
    let (near, far) = tcp_pair().await;
    let plain = pair(near.into(), far.into()).await;
    for (mut sink, mut source) in [plain, tls_pair().await] {
        source.watch(false).unwrap();
        let frames: Vec<_> = (0..13).map(|i| packet(Kind::Video, i, body(9_000))).collect();
        let mut received = Vec::new();
        frames[..5].chunks(1).for_each(|frame| send_now(&mut sink, frame));
        sleep(WHILE).await;
        let more = source.read_now(&mut received).expect("it has arrived").unwrap();
        assert_eq!((received.len(), more), (5, false));
        send_now(&mut sink, &frames[5..]);
        sleep(WHILE).await;
        let more = source.read_now(&mut received).expect("it has arrived").unwrap();
        assert_eq!((received.len(), more), (5 + 65_536 / 9_000, true));
        source.read_now(&mut received).expect("the rest has arrived").unwrap();
        assert!(received == frames);
    }
}

/// Says once that its connection is lost, when so many more bytes have been read; from then on that it has ended.
struct Lossy(DuplexStream, Arc<AtomicUsize>);

impl AsyncRead for Lossy {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.1.load(Ordering::Relaxed) {
            0 => {
                self.1.store(usize::MAX, Ordering::Relaxed);
                self.0 = duplex(1).0;
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            left => {
                let mut part = buf.take(left);
                ready!(Pin::new(&mut self.0).poll_read(cx, &mut part))?;
                let count = part.filled().len();
                buf.advance(count);
                self.1.store(left - count, Ordering::Relaxed);
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl AsyncWrite for Lossy {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn a_loss_is_told_after_what_came_before_it_and_as_often_as_it_is_asked_for() {
    let (near, far) = duplex(1 << 20);
    let never = || Arc::new(AtomicUsize::new(usize::MAX));
    let left = never();
    let (mut sink, mut source) = pair(Lossy(near, never()), Lossy(far, Arc::clone(&left))).await;
    left.store(16 * 1024, Ordering::Relaxed);
    let frames = [packet(Kind::Audio, 0, body(1_000)), packet(Kind::Video, 0, body(20_000))];
    send(&mut sink, &frames).await;
    let mut received = Vec::new();
    source.read(&mut received).await.unwrap();
    assert!(received == frames[..1]);
    for _ in 0..2 {
        let end = source.read(&mut received).await;
        assert_eq!(end, Err(SourceEnd::Lost(io::ErrorKind::ConnectionReset)));
    }
}
