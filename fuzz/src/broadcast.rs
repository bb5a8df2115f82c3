//! A broadcast of up to four targets, to which anything may happen at any time.

use arbitrary::{Result, Unstructured};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};
use telecast::domain::broadcast::{Action, Broadcast, Event, PushEvent};
use telecast::domain::id::TargetId;
use telecast::domain::status::{Loss, PushFailure, Seen, Sight};

const TARGETS: u32 = 4;
const WAITS: [u64; 8] = [0, 50, 900, 5_000, 34_000, 61_000, 600_000, 3_600_000];
/// Publishes that a platform is asked for in ten minutes before it is asked once a minute.
const BUDGET: usize = 10;
const WINDOW: Duration = Duration::from_secs(600);
const RATION: Duration = Duration::from_secs(60);

/// Whatever people do, encoders do and platforms say: a target has one connection at a time, none before the show nor after
/// it; nobody is dialled more often than is polite, nor asked to wait for what has passed.
pub fn broadcast(bytes: &[u8]) {
    let _ = play(&mut Unstructured::new(bytes));
}

struct Show {
    broadcast: Broadcast,
    now: Instant,
    /// The connection that stands of each target, and all of them so far.
    open: BTreeMap<TargetId, u64>,
    connections: u64,
    /// When each was asked to publish, the last times.
    published: BTreeMap<TargetId, VecDeque<Instant>>,
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let now = Instant::now();
    let hold = Duration::from_secs(u.arbitrary::<u8>()?.into());
    let broadcast = Broadcast::new(now, Duration::from_secs(3_600), hold, u.arbitrary()?);
    let mut show = Show { broadcast, now, open: BTreeMap::new(), connections: 0, published: BTreeMap::new() };
    while !u.is_empty() {
        if u.ratio(1, 3)? {
            let wait = *u.choose(&WAITS)?;
            show.pass(Duration::from_millis(wait + u64::from(u.arbitrary::<u8>()?)));
        } else {
            let event = show.event(u)?;
            let actions = show.broadcast.handle(show.now, event);
            show.obey(&actions, false);
        }
        assert!(show.broadcast.targets(show.now).len() <= TARGETS as usize);
        assert!(!show.broadcast.has_ended() || show.open.is_empty(), "a connection outlives the show");
    }
    Ok(())
}

impl Show {
    /// Time passes: every deadline is kept, and none comes again at once.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        let mut at_once = 0;
        while let Some(at) = self.broadcast.next_timeout().filter(|at| *at <= end) {
            at_once = if at > self.now { 0 } else { at_once + 1 };
            assert!(at_once <= 3, "a deadline that has passed comes again");
            self.now = self.now.max(at);
            let actions = self.broadcast.handle_timeout(self.now);
            self.obey(&actions, true);
        }
        self.now = end;
    }

    fn obey(&mut self, actions: &[Action], by_itself: bool) {
        assert!(actions.len() <= 3 * TARGETS as usize + 2, "{} actions", actions.len());
        for action in actions {
            match action {
                Action::OpenPush(id, connection) => {
                    assert!(self.open.insert(*id, *connection).is_none(), "two connections");
                    assert!(*connection > self.connections, "a number twice");
                    self.connections = *connection;
                    assert!(!by_itself || self.is_polite(*id), "too often");
                }
                Action::ClosePush { id, connection, .. } => {
                    assert_eq!(self.open.remove(id), Some(*connection), "what is not there is closed");
                }
                Action::Report(_) => {}
            }
        }
    }

    fn is_polite(&self, id: TargetId) -> bool {
        let Some(asked) = self.published.get(&id).filter(|asked| asked.len() == BUDGET) else { return true };
        let since = |at: Option<&Instant>| at.map_or(WINDOW, |at| self.now.saturating_duration_since(*at));
        since(asked.front()) >= WINDOW || since(asked.back()) >= RATION
    }

    fn event(&mut self, u: &mut Unstructured<'_>) -> Result<Event> {
        let id = TargetId(u.int_in_range(0..=TARGETS - 1)?);
        Ok(match u.int_in_range(0..=19)? {
            0 | 1 => Event::SourceUp,
            2 => Event::SourceDown { clean: u.arbitrary()? },
            3 => Event::KeepHolding,
            4 => Event::SetHold(Duration::from_secs(u.arbitrary::<u16>()?.into())),
            5 if u.ratio(1, 16)? => Event::Stop,
            6 | 7 => Event::SetTarget { id, settle: Duration::from_secs(15), same_key: u.arbitrary()? },
            8 => Event::OwnersTurn(id),
            9 => Event::Bar(id, PushFailure::KeyOver),
            10 => Event::DropTarget(id),
            11 => Event::Retry(id),
            12 => {
                let sight = *u.choose(&[Sight::Live, Sight::Offline, Sight::Replay])?;
                Event::Seen(id, Seen { sight, title: None })
            }
            _ => {
                let event = push_event(u)?;
                // One that is over may still be heard of.
                let connection =
                    if u.ratio(1, 16)? { u.arbitrary()? } else { self.open.get(&id).copied().unwrap_or(0) };
                if self.open.get(&id) == Some(&connection) {
                    match event {
                        PushEvent::Publishing => {
                            let asked = self.published.entry(id).or_default();
                            asked.push_back(self.now);
                            if asked.len() > BUDGET {
                                asked.pop_front();
                            }
                        }
                        PushEvent::Failed(_) | PushEvent::CodecChanged => {
                            self.open.remove(&id);
                        }
                        _ => {}
                    }
                }
                Event::Push(id, connection, event)
            }
        })
    }
}

fn push_event(u: &mut Unstructured<'_>) -> Result<PushEvent> {
    Ok(match u.int_in_range(0..=12)? {
        0 | 1 => PushEvent::Publishing,
        2 => PushEvent::Accepted,
        3 => PushEvent::MediaSent,
        4 => PushEvent::Acknowledged,
        5 => PushEvent::Slow,
        6 => PushEvent::CaughtUp,
        7 => PushEvent::CodecChanged,
        8 => PushEvent::Moving,
        9 => PushEvent::Failed(PushFailure::Refused { words: "no".into() }),
        10 => PushEvent::Failed(PushFailure::KeyOver),
        _ => {
            let loss = u.choose(&[Loss::Closed, Loss::Stalled, Loss::Reset, Loss::Timeout])?;
            PushEvent::Failed(PushFailure::Lost(loss.clone()))
        }
    })
}
