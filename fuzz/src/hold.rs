//! A studio whose encoders come and go, fall silent, and stamp their times as they like.

use super::connection::{Connection, Press, balance};
use arbitrary::{Result, Unstructured};
use std::sync::Arc;
use std::time::{Duration, Instant};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::fanout::{Fanout, Reader};

const READERS: usize = 3;
/// Where a clock may begin: at 0, and before each place where a field overflows.
const CLOCKS: [u32; 5] = [0, 0x00ff_ff00, 0x7fff_ff00, 0xffff_ff00, 5_000_000];
const JUMPS: [i32; 7] = [3_600_000, -5_000, -900, -40, 40, 9_990, 10_020];

/// Whatever encoders do, and whatever fills their absence: time never goes back on a connection, what comes over it can be
/// decoded, every ledger balances, and whoever fills is not asked again at once.
pub fn hold(bytes: &[u8]) {
    let _ = play(&mut Unstructured::new(bytes));
}

struct Studio {
    fanout: Arc<Fanout>,
    press: Press,
    now: Instant,
    source: u64,
    clock: u32,
    frames: u32,
    fill_at: Option<Instant>,
    readers: Vec<(Reader, Connection)>,
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let fanout = Arc::<Fanout>::default();
    fanout.feed(true);
    let (press, now, source) = (Press::default(), Instant::now(), fanout.begin_source());
    let clock = *u.choose(&CLOCKS)?;
    let mut studio = Studio { fanout, press, now, source, clock, frames: 0, fill_at: None, readers: Vec::new() };
    studio.readers.push((studio.fanout.join(), Connection::default()));
    let mut steps = 0;
    while !u.is_empty() && steps < 60 {
        steps += 1;
        studio.step(u)?;
    }
    Ok(())
}

impl Studio {
    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=12)? {
            0..=3 => {
                let (frames, jitter) = (u.int_in_range(1..=50)?, u.int_in_range(-40..=40)?);
                for frame in 0..frames {
                    let jitter = if frame % 2 == 0 { jitter } else { -jitter };
                    self.wait(40);
                    let packets = self.encode(jitter, u.arbitrary::<u8>().unwrap_or(0));
                    self.send(packets);
                }
            }
            // What was held up comes at once.
            4 => {
                for _ in 0..u.int_in_range(1..=60)? {
                    let packets = self.encode(0, 0);
                    self.send(packets);
                }
            }
            5 => self.clock = self.clock.wrapping_add_signed(*u.choose(&JUMPS)?),
            6 => self.wait(u32::from(u.arbitrary::<u16>()?) / 2),
            7 => {
                self.fanout.lose_source();
                self.fill();
            }
            8 => {
                self.source = self.fanout.begin_source();
                self.clock = if u.arbitrary()? { *u.choose(&CLOCKS)? } else { u.arbitrary()? };
                self.frames = 0;
            }
            9 => self.fanout.await_keyframe(self.source, self.now),
            10 if self.readers.len() < READERS => {
                self.readers.push((self.fanout.join(), Connection::new(&self.press)));
            }
            11 => self.fanout.feed(u.ratio(3, 4)?),
            _ => self.take(u)?,
        }
        Ok(())
    }

    /// 40 ms of picture and sound, with headers before each keyframe; `odd` leaves some of it out, and repeats some.
    fn encode(&mut self, jitter: i32, odd: u8) -> Vec<Packet> {
        let (key, time) = (self.frames.is_multiple_of(25), self.clock.wrapping_add_signed(jitter));
        let mut packets = Vec::new();
        let mut press =
            |kind, role, time| packets.push(self.press.packet(kind, role, time, 100, odd & 0x80 != 0, self.now));
        if key && odd & 1 == 0 {
            press(Kind::Data, Role::Metadata, time);
            press(Kind::Video, Role::SequenceHeader, time);
            press(Kind::Audio, Role::SequenceHeader, self.clock);
        }
        if odd & 2 == 0 {
            press(Kind::Video, if key { Role::Keyframe } else { Role::Frame }, time);
        }
        if odd & 4 == 0 {
            press(Kind::Audio, Role::Frame, self.clock.wrapping_add_signed(-13 - jitter));
        }
        self.clock = self.clock.wrapping_add(40);
        self.frames += 1;
        packets
    }

    fn send(&mut self, mut packets: Vec<Packet>) {
        assert!(self.fanout.append(self.source, self.now, &mut packets));
    }

    /// Time passes; whoever fills asks when they were told to.
    fn wait(&mut self, time: u32) {
        let end = self.now + Duration::from_millis(time.into());
        while let Some(at) = self.fill_at.filter(|at| *at <= end) {
            self.now = at;
            self.fill();
        }
        self.now = end;
        self.fill();
    }

    fn fill(&mut self) {
        self.fill_at = self.fanout.fill(self.now);
        assert!(self.fill_at.is_none_or(|at| at > self.now), "asked again at once");
    }

    fn take(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let which = u.choose_index(self.readers.len())?;
        let (reader, connection) = &mut self.readers[which];
        let max = if u.arbitrary()? { usize::MAX } else { 2_000 };
        let mut out = Vec::new();
        let taken = reader.take(self.now, max, &mut out);
        balance(&taken.ledger);
        connection.gets(&out, &self.press, self.now);
        if taken.ended {
            reader.follow();
            *connection = Connection::new(&self.press);
        }
        Ok(())
    }
}
