//! Names that stand for one thing when they are judged and for another when they are dialled.

use super::names::Names;

/// One play: what the name server answers, look-up by look-up, and how often the name is dialled.
pub(super) struct Play {
    pub(super) what: &'static str,
    pub(super) name: &'static str,
    pub(super) answers: &'static [&'static str],
    pub(super) dials: usize,
    /// Seconds that each dial is given: behind an address that does not answer within 5 the next one is tried.
    pub(super) patience: u64,
}

pub(super) const PLAYS: &[Play] = &[
    Play {
        what: "public when it is tried, private when it is dialled",
        name: "turns.example",
        answers: &["8.8.8.8", "127.0.0.1"],
        dials: 2,
        patience: 0,
    },
    Play {
        what: "another answer to each look-up, to be kept for 0 s",
        name: "flips.example",
        answers: &["8.8.8.8", "10.0.0.1", "8.8.8.8", "169.254.169.254", "8.8.8.8", "127.0.0.1"],
        dials: 6,
        patience: 0,
    },
    Play {
        what: "private before public",
        name: "mixed.example",
        answers: &["192.168.1.1 8.8.8.8"],
        dials: 1,
        patience: 0,
    },
    Play {
        what: "public before private",
        name: "behind.example",
        answers: &["8.8.8.8 172.16.0.1"],
        dials: 1,
        patience: 6,
    },
    Play {
        what: "an alias of this machine",
        name: "alias.example",
        answers: &["localhost > 127.0.0.1"],
        dials: 1,
        patience: 0,
    },
    Play {
        what: "an alias of a cloud's metadata",
        name: "cloud.example",
        answers: &["metadata.google.internal > 169.254.169.254"],
        dials: 1,
        patience: 0,
    },
    Play {
        what: "public in IPv4, this machine in IPv6",
        name: "six.example",
        answers: &["8.8.8.8 ::1"],
        dials: 1,
        patience: 0,
    },
    Play {
        what: "IPv4 within IPv6: mapped, NAT64, 6to4",
        name: "within.example",
        answers: &["::ffff:10.0.0.1 64:ff9b::a9fe:a9fe 2002:7f00:1::1"],
        dials: 1,
        patience: 0,
    },
    Play {
        what: "no address at all: 0.0.0.0 and ::",
        name: "none.example",
        answers: &["0.0.0.0 ::"],
        dials: 1,
        patience: 0,
    },
    Play {
        what: "twelve addresses, every second one private",
        name: "many.example",
        answers: &[
            "10.0.0.1 8.8.8.8 10.0.0.2 8.8.4.4 10.0.0.3 1.1.1.1 10.0.0.4 9.9.9.9 10.0.0.5 8.8.8.9 10.0.0.6 8.8.4.5",
        ],
        dials: 1,
        patience: 6,
    },
    Play {
        what: "this Telecast's own public address",
        name: "own.example",
        answers: &["203.0.114.7"],
        dials: 1,
        patience: 0,
    },
    Play {
        what: "public for the first dial, own address from the second on",
        name: "comes-home.example",
        answers: &["8.8.8.8", "203.0.114.7"],
        dials: 3,
        patience: 0,
    },
];

impl Play {
    pub(super) fn begin(&self, names: &Names) {
        names.set(self.name, self.answers);
    }
}
