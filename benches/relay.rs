//! What the hot path costs without a kernel: the chunk reader and the media writer beside `rml_rtmp`'s, which take
//! turns with them in one run, and the fan-out beside one copy of the bytes for each target. `cargo bench`.
//!
//! Ratios, not times, are what to compare between machines. Nothing here judges: `tests/figures speed` does.

use bytes::Bytes;
use rml_rtmp::chunk_io::{ChunkDeserializer, ChunkSerializer};
use rml_rtmp::messages::MessagePayload;
use rml_rtmp::time::RtmpTimestamp;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::fanout::{Fanout, Reader as Target};
use telecast::rtmp::bench::{MediaWriter, Reader};

const ROUNDS: usize = 200;
/// One GOP: 2 s of 30 frames a second at 6 Mbit/s, the keyframe ten times as long as the others, and sound.
const PICTURES: u32 = 60;
const PICTURE: usize = 21_000;
const SOUND: usize = 340;
const CHUNK: u32 = 4096;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    // Built by `cargo test --benches` too, which runs it without this.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let gop = gop();
    let wire = wire(&gop)?;
    for size in [1_400, 64 * 1024] {
        let (mut ours, mut theirs) = (Reader::default(), ChunkDeserializer::new());
        compare(
            &format!("chunk reader, {size} bytes a read"),
            wire.len(),
            "rml_rtmp",
            || wire.chunks(size).filter_map(|part| ours.read(part)).sum(),
            || read_by_rml(&mut theirs, &wire, size),
        );
    }
    let mut writer = MediaWriter::default();
    let mut theirs = ChunkSerializer::new();
    theirs.set_max_chunk_size(CHUNK, RtmpTimestamp::new(0))?;
    compare(
        "media writer",
        wire.len(),
        "rml_rtmp",
        || writer.write(&mut gop.clone()),
        || gop.iter().map(|packet| write_by_rml(&mut theirs, packet).map_or(0, |bytes| bytes.len())).sum(),
    );
    let bytes: usize = gop.iter().map(|packet| packet.payload.len()).sum();
    for targets in [1, 4, 20] {
        let fanout = Arc::<Fanout>::default();
        let source = fanout.begin_source();
        let readers: Vec<Target> = (0..targets).map(|_| fanout.join()).collect();
        let (mut batch, mut taken) = (Vec::new(), Vec::new());
        let fan_out = || {
            let mut sum = 0;
            for packets in gop.chunks(4) {
                batch.extend_from_slice(packets);
                fanout.append(source, Instant::now(), &mut batch);
                for reader in &readers {
                    reader.take(Instant::now(), usize::MAX, &mut taken);
                    sum += taken.drain(..).map(|packet: Packet| packet.payload.len()).sum::<usize>();
                }
            }
            sum
        };
        let copy = |packet: &Packet| black_box(packet.payload.to_vec()).len();
        let copies = || (0..targets).map(|_| gop.iter().map(copy).sum::<usize>()).sum();
        compare(&format!("fan-out to {targets}, four packets a time"), bytes * targets, "copies", fan_out, copies);
    }
    Ok(())
}

/// Runs both in turns; prints the median of the ratios, and what ours costs. Both return bytes.
fn compare(what: &str, bytes: usize, peer: &str, mut ours: impl FnMut() -> usize, mut theirs: impl FnMut() -> usize) {
    let (mut ratios, mut times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (mine, yours) = (timed(&mut ours, bytes), timed(&mut theirs, bytes));
        ratios.push(mine.as_secs_f64() / yours.as_secs_f64());
        times.push(mine.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    times.sort_by(f64::total_cmp);
    println!(
        "{what:34} {:5.2} of {peer} ({:.2} to {:.2} in nine rounds of ten), {:.4} CPU-s/Gbit",
        ratios[ROUNDS / 2],
        ratios[ROUNDS / 20],
        ratios[ROUNDS - ROUNDS / 20],
        times[ROUNDS / 2] / (bytes as f64 * 8.0 / 1e9)
    );
}

/// How long it takes; it must have moved about as many bytes as it was given.
fn timed(work: &mut impl FnMut() -> usize, bytes: usize) -> Duration {
    let began = Instant::now();
    let moved = black_box(work());
    let took = began.elapsed();
    assert!(moved.abs_diff(bytes) < bytes / 50, "{moved} of {bytes} bytes");
    took
}

fn gop() -> Vec<Packet> {
    let mut packets = Vec::new();
    for number in 0..PICTURES {
        let timestamp = number * 33;
        let (role, size) = if number == 0 { (Role::Keyframe, 10 * PICTURE) } else { (Role::Frame, PICTURE) };
        let picture = Bytes::from(vec![if number == 0 { 0x17 } else { 0x27 }; size]);
        packets.push(Packet { kind: Kind::Video, role, timestamp, payload: picture });
        let sound = Bytes::from(vec![0xaf; SOUND]);
        packets.push(Packet { kind: Kind::Audio, role: Role::Frame, timestamp, payload: sound });
    }
    packets
}

/// The GOP as a publisher sends it, chunk size first.
fn wire(gop: &[Packet]) -> Result<Vec<u8>, Failure> {
    let mut writer = ChunkSerializer::new();
    let mut bytes = writer.set_max_chunk_size(CHUNK, RtmpTimestamp::new(0))?.bytes;
    for packet in gop {
        bytes.extend(write_by_rml(&mut writer, packet)?);
    }
    Ok(bytes)
}

fn write_by_rml(writer: &mut ChunkSerializer, packet: &Packet) -> Result<Vec<u8>, Failure> {
    let payload = MessagePayload {
        timestamp: RtmpTimestamp::new(packet.timestamp),
        type_id: if packet.kind == Kind::Video { 9 } else { 8 },
        message_stream_id: 1,
        data: packet.payload.clone(),
    };
    Ok(writer.serialize(&payload, false, false)?.bytes)
}

/// Obeys the chunk size, as it is `rml_rtmp`'s user who does.
fn read_by_rml(reader: &mut ChunkDeserializer, wire: &[u8], size: usize) -> usize {
    let mut sum = 0;
    for mut part in wire.chunks(size) {
        while let Ok(Some(message)) = reader.get_next_message(part) {
            part = &[];
            if message.type_id == 1 {
                let _ = reader.set_max_chunk_size(CHUNK as usize);
            }
            sum += message.data.len();
        }
    }
    sum
}
