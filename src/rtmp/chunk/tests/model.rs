//! A writer that does all that RTMP 1.0 §5.3 allows, chosen by a test. It shares no code with the product.

use super::Message;
use std::collections::HashMap;

/// What a chunk stream's last header said.
#[derive(Clone, Default)]
struct Said {
    stream: u32,
    kind: u8,
    len: usize,
    timestamp: u32,
    delta: u32,
    extended: Option<u32>,
}

pub(super) struct Writer {
    pub(super) wire: Vec<u8>,
    /// Messages in the order in which they became whole.
    pub(super) whole: Vec<Message>,
    /// Behaves as old librtmp: no extended timestamp on fmt 3.
    pub(super) omits: bool,
    /// A payload went on like a timestamp that was left out: nobody can tell the two apart.
    pub(super) doubtful: bool,
    chunk_size: usize,
    said: HashMap<u32, Said>,
    /// Messages under way: chunk stream, message, bytes said.
    open: Vec<(u32, Message, usize)>,
}

impl Writer {
    pub(super) fn new() -> Self {
        let (wire, whole, said, open) = (Vec::new(), Vec::new(), HashMap::new(), Vec::new());
        Self { wire, whole, omits: false, doubtful: false, chunk_size: 128, said, open }
    }

    pub(super) fn is_open(&self, csid: u32) -> bool {
        self.open.iter().any(|(open, ..)| *open == csid)
    }

    pub(super) fn open_count(&self) -> usize {
        self.open.len()
    }

    /// Says the first chunk of `message`, in the shortest format that is allowed and not below `fmt`.
    pub(super) fn begin(&mut self, csid: u32, message: Message, fmt: u8) {
        assert!(!self.is_open(csid));
        let before = self.said.get(&csid).cloned();
        let len = message.payload.len();
        let delta = message.timestamp.wrapping_sub(before.as_ref().map_or(0, |said| said.timestamp));
        let allowed = match &before {
            Some(said) if said.stream != message.stream => 0,
            None => 0,
            Some(said) if said.len != len || said.kind != message.kind => 1,
            Some(said) if said.delta != delta => 2,
            Some(_) => 3,
        };
        let fmt = fmt.min(allowed);
        self.basic(fmt, csid);
        let time = if fmt == 0 { message.timestamp } else { delta };
        let field = time.min(0xff_ffff).to_be_bytes();
        let length = (len as u32).to_be_bytes();
        let mut extended = (time >= 0xff_ffff).then_some(time);
        match fmt {
            0 => {
                self.wire.extend(&field[1..]);
                self.wire.extend(&length[1..]);
                self.wire.push(message.kind);
                self.wire.extend(message.stream.to_le_bytes());
            }
            1 => {
                self.wire.extend(&field[1..]);
                self.wire.extend(&length[1..]);
                self.wire.push(message.kind);
            }
            2 => self.wire.extend(&field[1..]),
            _ => extended = before.and_then(|said| said.extended),
        }
        if let Some(time) = extended.filter(|_| fmt < 3 || !self.omits) {
            self.wire.extend(time.to_be_bytes());
        }
        let (stream, kind, timestamp) = (message.stream, message.kind, message.timestamp);
        self.said.insert(csid, Said { stream, kind, len, timestamp, delta: time, extended });
        self.open.push((csid, message, 0));
        if fmt == 3 {
            self.doubt(self.open.len() - 1);
        }
        self.payload(self.open.len() - 1);
    }

    /// Says the next chunk of the message that is `index`th of those under way.
    pub(super) fn go_on(&mut self, index: usize) {
        let csid = self.open[index].0;
        self.basic(3, csid);
        if let Some(time) = self.said[&csid].extended.filter(|_| !self.omits) {
            self.wire.extend(time.to_be_bytes());
        }
        self.doubt(index);
        self.payload(index);
    }

    /// Notes whether what comes next of a message begins like the timestamp that is left out before it.
    fn doubt(&mut self, index: usize) {
        let (csid, message, at) = &self.open[index];
        let Some(time) = self.said[csid].extended.filter(|_| self.omits) else { return };
        let rest = &message.payload[*at..];
        let seen = rest.len().min(self.chunk_size).min(4);
        self.doubtful |= rest[..seen] == time.to_be_bytes()[..seen];
    }

    /// Another chunk size, from the next chunk on.
    pub(super) fn set_chunk_size(&mut self, size: usize) {
        self.control(1, size as u32);
        self.chunk_size = size;
    }

    /// Gives up the message that is `index`th of those under way.
    pub(super) fn abort(&mut self, index: usize) {
        let csid = self.open.remove(index).0;
        self.control(2, csid);
    }

    fn control(&mut self, kind: u8, value: u32) {
        let payload = value.to_be_bytes().to_vec().into();
        self.begin(2, Message { kind, stream: 0, timestamp: 0, payload }, 0);
        while let Some(index) = self.open.iter().position(|(csid, ..)| *csid == 2) {
            self.go_on(index);
        }
    }

    fn payload(&mut self, index: usize) {
        let (_, message, done) = &mut self.open[index];
        let end = message.payload.len().min(*done + self.chunk_size);
        self.wire.extend(&message.payload[*done..end]);
        *done = end;
        if end == message.payload.len() {
            self.whole.push(self.open.remove(index).1);
        }
    }

    fn basic(&mut self, fmt: u8, csid: u32) {
        let fmt = fmt << 6;
        match csid {
            2..=63 => self.wire.push(fmt | csid as u8),
            64..=319 => self.wire.extend([fmt, (csid - 64) as u8]),
            320.. => self.wire.extend([fmt | 1, ((csid - 64) % 256) as u8, ((csid - 64) / 256) as u8]),
            _ => panic!("chunk streams 0 and 1 do not exist"),
        }
    }
}
