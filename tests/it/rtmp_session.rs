//! The client and the server of `rtmp` with one another, over pipes and sockets.

use bytes::Bytes;
use futures_util::FutureExt as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use telecast::domain::status::{Loss, PushFailure};
use telecast::media::packet::{Kind, Packet};
use telecast::media::tag;
use telecast::rtmp::transport::{ClientTls, ServerTls, Stream};
use telecast::rtmp::{Request, Sink, Source, SourceEnd, Step, accept, connect};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

pub(crate) const KEY: &str = "abcde-0123456789secret";
pub(crate) const REQUEST: Request<'static> = Request { app: "live", tc_url: "rtmp://host.example/live", name: KEY };

pub(crate) fn packet(kind: Kind, timestamp: u32, payload: Vec<u8>) -> Packet {
    Packet { kind, role: tag::role(kind, &payload), timestamp, payload: Bytes::from(payload) }
}

/// Bytes that differ from place to place, so that a chunk that is lost or moved shows.
pub(crate) fn body(len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect()
}

pub(crate) async fn pair<S: AsyncRead + AsyncWrite + Unpin>(near: S, far: S) -> (Sink<S>, Source<S>) {
    let client = async { connect(near, &REQUEST).await.unwrap().publish().await.unwrap() };
    let server = async { accept(far).await.unwrap().begin().await.unwrap() };
    let mut client = std::pin::pin!(client);
    let mut source = tokio::select! {
        source = server => source,
        _ = &mut client => unreachable!("the server has not said yes"),
    };
    let mut nothing = Vec::new();
    // What a narrow pipe did not take of the answer is written while the source is read.
    let sink = tokio::select! {
        sink = client => sink,
        end = source.read(&mut nothing) => panic!("{end:?}"),
    };
    (sink, source)
}

pub(crate) async fn send<S: AsyncRead + AsyncWrite + Unpin>(sink: &mut Sink<S>, packets: &[Packet]) {
    let mut packets = packets.to_vec();
    sink.queue(&mut packets);
    assert!(packets.is_empty());
    while !sink.is_empty() {
        sink.step().await.unwrap();
    }
}

async fn receive<S: AsyncRead + AsyncWrite + Unpin>(source: &mut Source<S>) -> (Vec<Packet>, SourceEnd) {
    let mut packets = Vec::new();
    loop {
        if let Err(end) = source.read(&mut packets).await {
            return (packets, end);
        }
    }
}

/// A stream that keeps what is written to it.
struct Tapped(DuplexStream, Arc<Mutex<Vec<u8>>>);

impl AsyncRead for Tapped {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Tapped {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.0).poll_write(cx, buf);
        if let Poll::Ready(Ok(count)) = result {
            self.1.lock().unwrap().extend_from_slice(&buf[..count]);
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// What the client and the server write in a session that sends `packets` and says goodbye.
pub(crate) async fn recorded(packets: &[Packet]) -> (Vec<u8>, Vec<u8>) {
    let (near, far) = duplex(1 << 20);
    let taps = [Arc::default(), Arc::default()];
    let (mut sink, mut source) = pair(Tapped(near, Arc::clone(&taps[0])), Tapped(far, Arc::clone(&taps[1]))).await;
    let client = async {
        send(&mut sink, packets).await;
        sink.goodbye().await;
    };
    let server = async {
        let (received, end) = receive(&mut source).await;
        assert_eq!((received.len(), end), (packets.len(), SourceEnd::Clean));
        drop(source);
    };
    tokio::join!(client, server);
    let [client, server] = taps.map(|tap| tap.lock().unwrap().clone());
    (client, server)
}

#[tokio::test(start_paused = true)]
async fn messages_of_every_length_arrive_as_they_were_sent_however_the_pipe_cuts_them() {
    let lens = [0, 1, 2, 127, 128, 129, 4095, 4096, 59_999, 60_000, 60_001, 119_999, 120_000, 120_001, 200_000];
    let times = [0, 1, 0xff_fffe, 0xff_ffff, 0x100_0000, 0x100_0001, u32::MAX - 1, u32::MAX, 0, 40];
    let kinds = [Kind::Video, Kind::Audio, Kind::Data];
    let mut sent = Vec::new();
    for (i, len) in lens.into_iter().cycle().take(60).enumerate() {
        sent.push(packet(kinds[i % 3], times[i % 10], body(len)));
    }
    for (pipe, count) in [(1, 8), (61, 15), (4096, 60), (1 << 20, 60)] {
        let (near, far) = duplex(pipe);
        let (mut sink, mut source) = pair(near, far).await;
        let sent = &sent[..count];
        let client = async {
            for batch in sent.chunks(7) {
                send(&mut sink, batch).await;
            }
            sink.goodbye().await;
        };
        let server = async {
            let received = receive(&mut source).await;
            drop(source);
            received
        };
        let ((), (received, end)) = tokio::join!(client, server);
        assert!(received == *sent, "pipe of {pipe}");
        assert_eq!(end, SourceEnd::Clean);
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_cancelled_anywhere_loses_and_repeats_nothing() {
    let (near, far) = duplex(97);
    let (mut sink, mut source) = pair(near, far).await;
    let sent: Vec<_> = (0..40).map(|i| packet(Kind::Video, i, body(i as usize * 100))).collect();
    let (mut received, mut written) = (Vec::new(), 0);
    sink.queue(&mut sent.clone());
    while received.len() < sent.len() {
        tokio::select! {
            biased;
            step = sink.step() => {
                if let Step::Wrote(count) = step.unwrap() {
                    written += count;
                }
            }
            read = source.read(&mut received) => {
                read.unwrap();
            }
        }
    }
    assert!(received == sent);
    assert_eq!(written, sent.iter().map(|packet| packet.payload.len() + 12).sum::<usize>());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_read_by_the_client_in_the_servers_words() {
    let (near, far) = duplex(1 << 16);
    let client = async { connect(near, &REQUEST).await.unwrap().publish().await.unwrap_err() };
    let server = async { accept(far).await.unwrap().reject("No such key. 请检查推流码。").await };
    let (failure, ()) = tokio::join!(client, server);
    let words = "NetStream.Publish.Denied: No such key. 请检查推流码。".to_owned();
    assert_eq!(failure, PushFailure::Refused { words });
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_is_told_from_a_connection_that_just_ends() {
    let (near, far) = duplex(1 << 16);
    let (mut sink, mut source) = pair(near, far).await;
    send(&mut sink, &[packet(Kind::Audio, 0, body(3))]).await;
    drop(sink);
    let (received, end) = receive(&mut source).await;
    assert_eq!((received.len(), end), (1, SourceEnd::Closed));
    assert_eq!(source.read(&mut Vec::new()).await, Err(SourceEnd::Closed));

    let (near, far) = duplex(1 << 16);
    let (mut sink, source) = pair(near, far).await;
    drop(source);
    assert_eq!(sink.step().await, Err(PushFailure::Lost(Loss::Closed)));
}

#[tokio::test(start_paused = true)]
async fn the_publish_request_tells_app_name_and_encoder_verbatim() {
    let (near, far) = duplex(1 << 16);
    let name = "?streamname=live_1&key=0123456789abcdef";
    let request = Request { app: "live-bvc/a?b=c", tc_url: "rtmp://host.example/live-bvc/a?b=c", name };
    let client = async { connect(near, &request).await.unwrap().publish().await.unwrap_err() };
    let server = async {
        let publish = accept(far).await.unwrap();
        assert_eq!((publish.app(), publish.name()), (request.app, request.name));
        assert_eq!(publish.encoder(), "FMLE/3.0 (compatible; FMSc/1.0)");
    };
    assert_eq!(tokio::join!(client, server).0, PushFailure::Lost(Loss::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_in_no_debug_text_and_in_no_answer() {
    let (near, far) = duplex(1 << 16);
    let answers = Arc::default();
    let near = Tapped(near, Arc::default());
    let far = Tapped(far, Arc::clone(&answers));
    let client = async {
        let client = connect(near, &REQUEST).await.unwrap();
        let debug = format!("{REQUEST:?} {client:?}");
        let sink = client.publish().await.unwrap();
        (format!("{debug} {sink:?}"), sink)
    };
    let server = async {
        let publish = accept(far).await.unwrap();
        let debug = format!("{publish:?}");
        let source = publish.begin().await.unwrap();
        (format!("{debug} {source:?}"), source)
    };
    let ((near, _sink), (far, _source)) = tokio::join!(client, server);
    assert!(!near.contains(KEY) && !far.contains(KEY), "{near} {far}");
    let answers = answers.lock().unwrap();
    assert!(answers.len() > 3500 && !answers.windows(KEY.len()).any(|window| window == KEY.as_bytes()));
}

pub(crate) async fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (near, listener.accept().await.unwrap().0)
}

#[tokio::test]
async fn a_reset_is_told_from_a_close() {
    let (near, far) = tcp_pair().await;
    let (mut sink, source) = pair(near, far).await;
    // Media that nobody reads makes the close a reset.
    send(&mut sink, &[packet(Kind::Video, 0, body(1000))]).await;
    drop(source);
    assert_eq!(sink.step().await, Err(PushFailure::Lost(Loss::Reset)));
}

/// A client's and a server's end of a TLS connection.
pub(crate) async fn tls_streams() -> (Stream, Stream) {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (key.cert.pem(), key.signing_key.serialize_pem());
    let (near, far) = tcp_pair().await;
    let client_tls = ClientTls::new(Some(cert.as_bytes())).unwrap();
    let server_tls = ServerTls::new(cert.as_bytes(), key.as_bytes()).unwrap();
    let (near, far) = tokio::join!(client_tls.connect("localhost", near), server_tls.accept(far));
    (near.unwrap(), far.unwrap())
}

/// A sink and a source over TLS.
pub(crate) async fn tls_pair() -> (Sink<Stream>, Source<Stream>) {
    let (near, far) = tls_streams().await;
    pair(near, far).await
}

#[tokio::test]
async fn over_tls_nothing_stays_behind_in_a_buffer_and_everything_arrives() {
    let (mut sink, mut source) = tls_pair().await;
    let sent: Vec<_> = (0..50).map(|i| packet(Kind::Video, i, body(i as usize * 4000))).collect();
    let client = async {
        send(&mut sink, &sent).await;
        sink
    };
    let server = async {
        let mut received = Vec::new();
        while received.len() < sent.len() {
            source.read(&mut received).await.unwrap();
        }
        received
    };
    let (_sink, received) = tokio::join!(client, server);
    assert!(received == sent);
}

#[tokio::test]
async fn an_end_without_a_goodbye_of_tls_is_an_end() {
    let (sink, mut source) = tls_pair().await;
    drop(sink);
    assert_eq!(receive(&mut source).await.1, SourceEnd::Closed);
    let (mut sink, source) = tls_pair().await;
    drop(source);
    assert_eq!(sink.step().await, Err(PushFailure::Lost(Loss::Closed)));
}

/// What the kernel takes of `packets` at once, which must be all.
pub(crate) fn send_now(sink: &mut Sink<Stream>, packets: &[Packet]) {
    sink.queue(&mut packets.to_vec());
    while !sink.is_empty() {
        sink.step().now_or_never().expect("the kernel has no room").unwrap();
    }
}

#[tokio::test]
async fn nothing_is_lost_of_an_encoder_that_hangs_up_when_an_acknowledgement_is_due() {
    let (near, far) = tcp_pair().await;
    // What the far side has no room for waits on the near side, where a reset throws it away.
    socket2::SockRef::from(&near).set_send_buffer_size(1 << 20).unwrap();
    socket2::SockRef::from(&far).set_recv_buffer_size(32 << 10).unwrap();
    let (mut sink, mut source) = pair(near.into(), far.into()).await;
    let frames: Vec<_> = (0..28).map(|i| packet(Kind::Video, i, body(50_000))).collect();
    let (before, last) = frames.split_at(23);
    let mut received = Vec::new();
    for frame in before {
        send_now(&mut sink, std::slice::from_ref(frame));
        while received.last() != Some(frame) {
            source.read(&mut received).await.unwrap();
        }
    }
    // From here to the 1.25 MB at which half of the window is full.
    send_now(&mut sink, last);
    drop(sink);
    let (rest, end) = receive(&mut source).await;
    received.extend(rest);
    assert_eq!((received == frames, end), (true, SourceEnd::Closed), "{} of {}", received.len(), frames.len());
}

#[tokio::test(start_paused = true)]
async fn a_keyframe_that_has_begun_to_come_is_known_before_it_is_whole() {
    let (near, far) = duplex(1_000);
    let (mut sink, mut source) = pair(near, far).await;
    let (key, frame) =
        ([&[0x17, 1, 0, 0, 0], &body(9_000)[..]].concat(), [&[0x27, 1, 0, 0, 0], &body(9_000)[..]].concat());
    let packets = [packet(Kind::Video, 0, frame), packet(Kind::Video, 40, key), packet(Kind::Audio, 41, vec![0xaf, 1])];
    let send = send(&mut sink, &packets);
    let receive = async {
        let (mut received, mut known) = (Vec::new(), Vec::new());
        while received.len() < packets.len() {
            source.read(&mut received).await.unwrap();
            known.push((received.len(), source.begins_keyframe()));
        }
        known.dedup();
        known
    };
    let ((), known) = tokio::join!(send, receive);
    assert_eq!(known, [(0, false), (1, true), (3, false)]);
}

/// Long enough for the kernel to wake somebody.
pub(crate) const WHILE: Duration = Duration::from_millis(50);

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn what_arrives_unwatched_wakes_nobody_and_is_there_when_asked_for() {
    let (near, far) = tcp_pair().await;
    let plain = pair(near.into(), far.into()).await;
    for (mut sink, mut source) in [plain, tls_pair().await] {
        let frames: Vec<_> = (0..3).map(|i| packet(Kind::Video, i, body(50_000))).collect();
        let mut received = Vec::new();
        source.watch(false).unwrap();
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(Arc::clone(&woken));
        let mut read = Box::pin(source.read(&mut received));
        assert!(read.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(read);
        send_now(&mut sink, &frames[..2]);
        sleep(WHILE).await;
        assert!(!woken.0.load(Ordering::Relaxed));
        while received.len() < 2 {
            source.read_now(&mut received).expect("it has arrived").unwrap();
        }
        source.watch(false).unwrap();
        send_now(&mut sink, &frames[2..]);
        while received.len() < 3 {
            source.read(&mut received).await.unwrap();
        }
        assert!(received == frames);
    }
}
