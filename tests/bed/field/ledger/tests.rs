//! Accounts of connections that break.

use super::*;

/// What a deaf platform reads of connections that were reset meanwhile is its newest connection's past: what neither
/// brings was lost between them, not amid one.
#[test]
fn what_is_lost_between_two_broken_connections_is_lost_amid_none() {
    let clip = Clip::new(1_000).unwrap();
    let mut ledger = Ledger::new(Arc::clone(&clip));
    let connect = |ledger: &mut Ledger| {
        let began = ledger.connect();
        // Its name is its time.
        while now() == began {
            std::hint::spin_loop();
        }
        ledger.publish(began);
        began
    };
    let take = |ledger: &mut Ledger, began: u64, source: u16, numbers: std::ops::Range<u64>| {
        for number in numbers {
            let (unit, _) = clip.unit(number);
            let (kind, payload) = (unit.kind, clip.payload(Stamp { source, number, sent: now() }));
            ledger.take(began, &Message { kind, stream: 1, timestamp: 0, payload });
        }
    };
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
