//! Whatever a sender may do by the protocol, and what it says then is damaged.

use arbitrary::{Result, Unstructured};
use bytes::Bytes;
use model::Writer;
use std::collections::HashMap;
use telecast::rtmp::fuzz;

#[path = "../../src/rtmp/chunk/tests/model.rs"]
mod model;

/// A message as the writer's model knows it.
#[derive(Clone)]
struct Message {
    kind: u8,
    stream: u32,
    timestamp: u32,
    payload: Bytes,
}

const CSIDS: [u32; 8] = [3, 4, 5, 63, 64, 319, 320, 65_599];
const STEPS: [u32; 6] = [0, 23, 40, 0xff_fffe, 0xff_ffff, 0x100_0000];
const SIZES: [usize; 6] = [1, 2, 100, 128, 4_096, 0x7fff_ffff];
/// Messages under way: one less than a reader takes, for those about the chunks themselves.
const OPEN: usize = 7;

/// Messages of up to seven chunk streams in any order, with every form of header: they come out whole, however the reads are
/// cut. What is damaged ends alike in one read and in many.
pub fn interleaved(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let _ = play(&mut u);
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let (mut writer, mut last) = (Writer::new(), HashMap::new());
    writer.omits = u.arbitrary()?;
    let split: u8 = u.arbitrary()?;
    let damage: [(u16, u8); 2] = u.arbitrary()?;
    let mut moves = 0;
    while !u.is_empty() && moves < 60 {
        moves += 1;
        step(u, &mut writer, &mut last)?;
    }
    writer.set_chunk_size(4_096);
    let mut which: usize = 0;
    while writer.open_count() > 0 {
        writer.go_on(which % writer.open_count());
        which += 1;
    }
    // A last byte that is like the first of a timestamp left out shows itself only by what follows.
    writer.set_chunk_size(4_096);
    let whole = || writer.whole.iter().map(|m| (m.kind, m.stream, m.timestamp, &m.payload[..]));
    if !writer.doubtful {
        assert!(fuzz::reads_as(&writer.wire, usize::from(split), whole()));
        assert!(fuzz::reads_as(&writer.wire, 0, whole()));
    }
    let mut wire = writer.wire.clone();
    for (at, byte) in damage {
        let at = usize::from(at) % wire.len();
        wire[at] ^= byte;
    }
    assert!(fuzz::chunks(&wire, usize::from(split)));
    Ok(())
}

fn step(u: &mut Unstructured<'_>, writer: &mut Writer, last: &mut HashMap<u32, Message>) -> Result<()> {
    let csid = *u.choose(&CSIDS)?;
    let free = !writer.is_open(csid) && writer.open_count() < OPEN;
    match u.int_in_range(0..=7)? {
        0 | 1 if free => {
            let kind = *u.choose(&[8, 9, 18, 20, 22])?;
            let len = usize::from(u.arbitrary::<u8>()?) * usize::from(u.int_in_range(0_u8..=3)?);
            let (timestamp, seed): (u32, u8) = (u.arbitrary()?, u.arbitrary()?);
            // Every other payload looks like the start of its extended timestamp everywhere.
            let payload: Bytes = match seed % 2 {
                0 => (0..len).map(|at| (at as u8).wrapping_mul(seed | 1)).collect(),
                _ => [timestamp.to_be_bytes()[0], 0x5a].into_iter().cycle().take(len).collect(),
            };
            let message = Message { kind, stream: u.int_in_range(0..=2)?, timestamp, payload };
            last.insert(csid, message.clone());
            writer.begin(csid, message, u.int_in_range(0..=3)?);
        }
        2 | 3 if free => {
            let Some(message) = last.get_mut(&csid) else { return Ok(()) };
            let later = if u.arbitrary()? { *u.choose(&STEPS)? } else { message.timestamp };
            message.timestamp = message.timestamp.wrapping_add(later);
            writer.begin(csid, message.clone(), u.int_in_range(0..=3)?);
        }
        4 if writer.open_count() > 0 => writer.abort(u.choose_index(writer.open_count())?),
        5 => writer.set_chunk_size(*u.choose(&SIZES)?),
        _ if writer.open_count() > 0 => writer.go_on(u.choose_index(writer.open_count())?),
        _ => {}
    }
    Ok(())
}
