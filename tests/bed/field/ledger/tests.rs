//! Accounts of connections that break.

use super::*;
use std::ops::Range;

fn ledger() -> Ledger {
    Ledger::new(Clip::new(1_000).unwrap())
}

fn connect(ledger: &mut Ledger) -> u64 {
    let began = ledger.connect();
    // Its name is its time.
    while now() == began {
        std::hint::spin_loop();
    }
    ledger.publish(began);
    began
}

fn take(ledger: &mut Ledger, began: u64, source: u16, numbers: Range<u64>) {
    for number in numbers {
        let kind = ledger.clip.unit(number).0.kind;
        let payload = ledger.clip.payload(Stamp { source, number, sent: now() });
        ledger.take(began, &Message { kind, stream: 1, timestamp: 0, payload });
    }
}

/// What a deaf platform reads of connections that were reset meanwhile is its newest connection's past: what neither
/// brings was lost between them, not amid one.
#[test]
fn what_is_lost_between_two_broken_connections_is_lost_amid_none() {
    let mut ledger = ledger();
    let first = connect(&mut ledger);
    take(&mut ledger, first, 1, 0..10);
    let (second, third) = (connect(&mut ledger), connect(&mut ledger));
    take(&mut ledger, third, 2, 0..5);
    take(&mut ledger, second, 1, 20..30);
    take(&mut ledger, first, 1, 10..15);
    let (inside, between) = ledger.missing();
    assert_eq!((inside.frames, between.frames), (0, 5));
    // Amid a broken connection, too, something may be missing.
    take(&mut ledger, second, 1, 33..35);
    assert_eq!(ledger.missing().0.frames, 3);
}

/// The keyframe that stands in an absent encoder's place may be new to a platform that was away. What followed it before
/// the absence is then no loss of the connection that begins with it.
#[test]
fn what_lies_before_the_absence_that_a_connection_begins_in_is_lost_amid_none() {
    let mut ledger = ledger();
    let keyframes: Vec<u64> = (0..).filter(|number| ledger.clip.unit(*number).0.keyframe).take(3).collect();
    let first = connect(&mut ledger);
    take(&mut ledger, first, 1, 0..10);
    let second = connect(&mut ledger);
    let absent = keyframes[2];
    for _ in 0..3 {
        take(&mut ledger, second, 1, absent..absent + 1);
    }
    assert_eq!(ledger.filler.frames, 2);
    take(&mut ledger, second, 1, absent + 20..absent + 30);
    let (inside, between) = ledger.missing();
    assert_eq!((inside.frames, between.frames), (0, absent - 10 + 19));
    // A second absence explains nothing that is lost behind it.
    take(&mut ledger, second, 1, absent + 33..absent + 35);
    assert_eq!(ledger.missing().0.frames, 3);
}
