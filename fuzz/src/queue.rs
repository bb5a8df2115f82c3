//! A studio's log with up to four readers, each as slow as it likes.

use super::connection::{Connection, Press, balance};
use arbitrary::{Result, Unstructured};
use std::time::{Duration, Instant};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::log::{Log, MAX_AGE, MAX_BYTES, fuzz};

const READERS: usize = 4;
const SIZES: [usize; 7] = [0, 10, 100, 1_000, 1_000, 60_000, 1_500_000];

/// Whatever is appended and however slowly it is read: the log stays in its bounds, every ledger balances, and each
/// connection is a stream that can be decoded.
pub fn queue(bytes: &[u8]) {
    let _ = play(&mut Unstructured::new(bytes));
}

struct Studio {
    log: Log,
    press: Press,
    now: Instant,
    time: u32,
    readers: Vec<(u64, Connection)>,
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let (log, press, now) = (Log::default(), Press::default(), Instant::now());
    let mut studio = Studio { log, press, now, time: 0, readers: Vec::new() };
    let mut spent = 0;
    while !u.is_empty() && spent < 20_000_000 {
        spent += 20_000 + studio.step(u)?;
    }
    assert!(fuzz::bytes(&studio.log) <= MAX_BYTES, "too many bytes");
    Ok(())
}

impl Studio {
    /// One thing that happens; how many bytes it costs to try.
    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<usize> {
        Ok(match u.int_in_range(0..=15)? {
            0 => self.append(Kind::Video, Role::SequenceHeader, 40, u.ratio(1, 8)?),
            1 => self.append(Kind::Audio, Role::SequenceHeader, 4, false),
            2 => self.append(Kind::Data, Role::Metadata, 300, false),
            3 | 4 => {
                let size = *u.choose(&SIZES)?;
                self.append(Kind::Video, Role::Keyframe, size, u.ratio(1, 16)?)
            }
            5..=7 => {
                let size = *u.choose(&SIZES)?;
                self.append(Kind::Video, Role::Frame, size, false)
            }
            8 => self.append(Kind::Audio, Role::Frame, 10, false),
            9 => {
                self.time = match u.int_in_range(0..=3)? {
                    0 => self.time.wrapping_add(u32::from(u.arbitrary::<u16>()?)),
                    1 => self.time.wrapping_sub(u32::from(u.arbitrary::<u8>()?)),
                    2 => u.arbitrary()?,
                    _ => self.time.wrapping_add(40),
                };
                0
            }
            10 => {
                self.now += Duration::from_millis(u64::from(u.arbitrary::<u8>()?) * 20);
                0
            }
            11 => self.others(u)?,
            12 => {
                if self.readers.len() < READERS {
                    let reader = self.log.join();
                    if u.arbitrary()? {
                        self.log.take_tracks(reader);
                    }
                    self.readers.push((reader, Connection::new(&self.press)));
                }
                0
            }
            _ => self.take(u)?,
        })
    }

    fn append(&mut self, kind: Kind, role: Role, size: usize, hevc: bool) -> usize {
        let packet = self.press.packet(kind, role, self.time, size, hevc, self.now);
        self.log.append(self.now, [packet]);
        assert!(fuzz::age(&self.log, self.now) <= MAX_AGE, "too old");
        if size > 1_000 {
            assert!(fuzz::bytes(&self.log) <= MAX_BYTES, "too many bytes");
        }
        size
    }

    /// What comes up seldom.
    fn others(&mut self, u: &mut Unstructured<'_>) -> Result<usize> {
        match u.int_in_range(0..=5)? {
            0 => self.log.begin_source(),
            1 => self.log.await_keyframe(self.now),
            2 => {
                let key = self.press.packet(Kind::Video, Role::Keyframe, self.time, 100, false, self.now);
                self.log.fill(self.now, [key]);
            }
            3 => {
                let packet = self.press.packet(Kind::Audio, Role::Frame, self.time, 100, false, self.now);
                self.log.pass_over(&packet);
            }
            4 => {
                let (kind, role) = *u.choose(&[(Kind::Audio, Role::ExtraHeader), (Kind::Audio, Role::Extra)])?;
                let payload = vec![0x95, role as u8, b'O', b'p', b'u', b's', u.arbitrary()?, 1].into();
                self.log.append(self.now, [Packet { kind, role, timestamp: self.time, payload }]);
            }
            _ => {
                if let Some(which) = u.choose_index(self.readers.len()).ok().filter(|_| !self.readers.is_empty()) {
                    if u.arbitrary()? {
                        self.log.part(self.readers[which].0);
                    } else {
                        self.log.leave(self.readers.swap_remove(which).0);
                    }
                }
            }
        }
        Ok(0)
    }

    fn take(&mut self, u: &mut Unstructured<'_>) -> Result<usize> {
        if self.readers.is_empty() {
            return Ok(0);
        }
        let which = u.choose_index(self.readers.len())?;
        let (reader, connection) = &mut self.readers[which];
        let max = if u.arbitrary()? { usize::MAX } else { usize::from(u.arbitrary::<u16>()?) };
        let mut out = Vec::new();
        let taken = self.log.take(*reader, self.now, max, &mut out);
        balance(&taken.ledger);
        connection.gets(&out, &self.press, self.now);
        assert!(taken.more || taken.ended || taken.ledger.queued.frames == 0, "nothing more, and something queued");
        if taken.ended {
            *reader = self.log.follow(*reader);
            *connection = Connection::new(&self.press);
        }
        Ok(out.len() * 100)
    }
}
