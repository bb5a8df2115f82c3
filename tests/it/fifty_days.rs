//! Fifty days, in which times cross 2^32 ms, pass as the first one: every deadline of a broadcast is met, and no timer stops
//! or runs wild. Each test says how much happened.

use super::broadcast_hold::{HOLD, Show};
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use telecast::domain::broadcast::{Action, Change, Event, PushEvent};
use telecast::domain::id::TargetId;
use telecast::domain::status::{Loss, Phase, PushFailure, TargetState};
use telecast::domain::takeover::{Takeovers, Verdict};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::fanout::{Fanout, Reader};

/// How an encoder goes away and comes back; by its number, so that all come equally often.
#[derive(Clone, Copy)]
struct Absence {
    clean: bool,
    /// When somebody wants to be kept, in seconds.
    kept: Option<u64>,
    back: u64,
    asked: u64,
    paused: bool,
}

const ABSENCES: [Absence; 6] = [
    Absence { clean: false, kept: None, back: 5, asked: 0, paused: false },
    Absence { clean: false, kept: None, back: 570, asked: 1, paused: false },
    Absence { clean: false, kept: None, back: 1500, asked: 1, paused: true },
    Absence { clean: true, kept: None, back: 40, asked: 0, paused: false },
    Absence { clean: true, kept: Some(30), back: 500, asked: 0, paused: false },
    Absence { clean: false, kept: Some(550), back: 1120, asked: 2, paused: false },
];

/// Is cut off every third hour.
const SOUND: TargetId = TargetId(1);
/// Is out of reach every other day.
const MOODY: TargetId = TargetId(2);
/// Acknowledges nothing, and takes no key in the fourth hour of a day.
const STERN: TargetId = TargetId(3);
/// Cuts nine connections of ten off after a second, and the tenth after a minute.
const FLAKY: TargetId = TargetId(4);
const DAYS: u64 = 50;
const DAY: u64 = 86_400;
const SETTLE: Duration = Duration::from_secs(15);

/// A broadcast with these targets.
struct Marathon {
    show: Show,
    open: BTreeMap<TargetId, u64>,
    /// What pushes are going to tell.
    to_come: BTreeMap<(Instant, u64), (TargetId, u64, PushEvent)>,
    opened: BTreeMap<TargetId, u64>,
    /// Of [`FLAKY`], the newest last.
    published: VecDeque<Instant>,
    media_sent: BTreeMap<TargetId, Instant>,
    asked: u64,
    paused: u64,
    settled: u64,
    refused: u64,
    rationed: u64,
    encoders: u64,
    events: u64,
    deadlines: u64,
}

impl Marathon {
    fn second(&self) -> u64 {
        self.show.now.duration_since(self.show.start).as_secs()
    }

    fn carry_out(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::OpenPush(id, connection) => {
                    assert_eq!(self.open.insert(id, connection), None, "one connection for each target");
                    let opened = self.opened.entry(id).or_default();
                    *opened += 1;
                    let opened = *opened;
                    self.dial(id, connection, opened);
                }
                Action::ClosePush { id, connection, goodbye } => {
                    assert_eq!(self.open.remove(&id), Some(connection), "closed is what was opened");
                    assert!(!goodbye, "the show is not over");
                }
                Action::Report(Change::HoldEnding) => {
                    let left = self.show.held_until().unwrap().duration_since(self.show.now);
                    assert_eq!(left, Duration::from_secs(60));
                    self.asked += 1;
                }
                Action::Report(Change::Paused) => self.paused += 1,
                Action::Report(Change::Ended | Change::WaitExpired) => panic!("it ended in second {}", self.second()),
                Action::Report(Change::Target(STERN, TargetState::Sending, _)) => {
                    assert_eq!(self.show.now - self.media_sent[&STERN], SETTLE);
                    self.settled += 1;
                }
                Action::Report(Change::Target(STERN, TargetState::Refused { retry_at }, _)) => {
                    assert_eq!(retry_at, Some(self.show.now + Duration::from_secs(60)), "it worked before");
                    self.refused += 1;
                }
                Action::Report(_) => {}
            }
        }
    }

    fn dial(&mut self, id: TargetId, connection: u64, number: u64) {
        let (day, time) = (self.second() / DAY, self.second() % DAY);
        let down = id == MOODY && day % 2 == 1;
        let refuses = id == STERN && (3 * 3600..4 * 3600).contains(&time) && day > 0;
        let cut = match id {
            SOUND => 3 * 3600,
            STERN => 3600,
            FLAKY if number.is_multiple_of(10) => 61,
            FLAKY => 1,
            _ => DAY - time,
        };
        let cut = (cut * 1000, PushEvent::Failed(PushFailure::Lost(Loss::Reset)));
        let mut story = vec![(100, PushEvent::Publishing)];
        if down {
            story = vec![(100, PushEvent::Failed(PushFailure::Lost(Loss::Down)))];
        } else if refuses {
            story.push((200, PushEvent::Failed(PushFailure::Refused { words: "not now".into() })));
        } else {
            story.extend([(200, PushEvent::Accepted), (210, PushEvent::MediaSent), cut]);
            if id != STERN {
                story.push((900, PushEvent::Acknowledged));
            }
        }
        for (after, event) in story {
            let at = self.show.now + Duration::from_millis(after);
            self.to_come.insert((at, connection), (id, connection, event));
        }
    }

    /// Ten publishes in ten minutes, then one a minute.
    fn ration(&mut self) {
        let now = self.show.now;
        if let (10, Some(first), Some(last)) = (self.published.len(), self.published.front(), self.published.back()) {
            let since = |then: &Instant| now.duration_since(*then).as_millis();
            assert!(since(first) >= 600_000 || since(last) >= 60_000, "{} and {} ms", since(first), since(last));
            self.rationed += u64::from(since(first) < 660_000);
            self.published.pop_front();
        }
        self.published.push_back(now);
    }

    fn until(&mut self, end: Instant) {
        loop {
            let heard = self.to_come.first_key_value().map(|((at, _), _)| *at);
            let due = self.show.broadcast.next_timeout();
            let Some(next) = heard.into_iter().chain(due).min().filter(|next| *next <= end) else { break };
            assert!(next >= self.show.now, "time does not go back");
            self.show.now = next;
            let actions = if heard == Some(next) {
                let (_, (id, connection, event)) = self.to_come.pop_first().unwrap();
                if self.open.get(&id) != Some(&connection) {
                    continue;
                }
                match event {
                    PushEvent::Failed(_) => _ = self.open.remove(&id),
                    PushEvent::Publishing if id == FLAKY => self.ration(),
                    PushEvent::MediaSent => _ = self.media_sent.insert(id, next),
                    _ => {}
                }
                self.events += 1;
                self.show.broadcast.handle(next, Event::Push(id, connection, event))
            } else {
                self.deadlines += 1;
                let actions = self.show.broadcast.handle_timeout(next);
                let after = self.show.broadcast.next_timeout();
                assert!(after.is_none_or(|after| after > next), "what was due is done");
                actions
            };
            self.carry_out(actions);
        }
        self.show.now = end;
    }

    fn tell(&mut self, event: Event) {
        self.events += 1;
        let actions = self.show.broadcast.handle(self.show.now, event);
        self.carry_out(actions);
    }
}

#[test]
fn fifty_days_of_losses_pass_as_the_first_one() {
    let mut marathon = Marathon {
        show: Show::new(HOLD),
        open: BTreeMap::new(),
        to_come: BTreeMap::new(),
        opened: BTreeMap::new(),
        published: VecDeque::new(),
        media_sent: BTreeMap::new(),
        asked: 0,
        paused: 0,
        settled: 0,
        refused: 0,
        rationed: 0,
        encoders: 0,
        events: 0,
        deadlines: 0,
    };
    for id in [SOUND, MOODY, STERN, FLAKY] {
        marathon.tell(Event::SetTarget { id, settle: SETTLE, same_key: false });
    }
    let (mut second, mut asked, mut paused) = (0, 0, 0);
    for n in 0.. {
        marathon.encoders = n as u64;
        let absence = ABSENCES[n % ABSENCES.len()];
        // Between 20 and 80 minutes of picture, never in step with anything else.
        let gone = second + 1200 + (n as u64 * 7919) % 3600;
        if gone + absence.back > DAYS * DAY {
            break;
        }
        marathon.until(marathon.show.at(gone));
        marathon.tell(Event::SourceDown { clean: absence.clean });
        if let Some(kept) = absence.kept {
            marathon.until(marathon.show.at(gone + kept));
            marathon.tell(Event::KeepHolding);
        }
        marathon.until(marathon.show.at(gone + absence.back));
        assert_eq!(matches!(marathon.show.broadcast.phase(), Phase::Paused { .. }), absence.paused);
        marathon.tell(Event::SourceUp);
        assert!(matches!(marathon.show.broadcast.phase(), Phase::Live { .. }));
        (asked, paused) = (asked + absence.asked, paused + u64::from(absence.paused));
        assert_eq!((marathon.asked, marathon.paused), (asked, paused));
        second = gone + absence.back;
    }
    let end = marathon.show.at(DAYS * DAY);
    marathon.until(end);
    assert!(paused > 150, "the days are eventful: {paused}");
    assert_eq!(marathon.show.broadcast.live_for(end).as_secs(), DAYS * DAY);
    let targets = marathon.show.broadcast.targets(end);
    // Connected all the time but for the pauses of 15 min and some seconds for each reconnect.
    let off = DAYS * DAY - targets[&SOUND].uptime.as_secs() - paused * 900;
    assert!(off < 3600, "{off} s without a connection");
    let days = targets[&MOODY].uptime.as_secs() / DAY;
    assert!((23..25).contains(&days), "{days} days");
    // Out of reach, it is tried about once a minute, never less and hardly more.
    let tried = marathon.opened[&MOODY];
    assert!((36_000..60_000).contains(&tried), "{tried}");
    assert!(
        marathon.settled > 24 * DAYS / 2 && marathon.refused > DAYS / 2,
        "{} {}",
        marathon.settled,
        marathon.refused
    );
    assert!(marathon.rationed > 10_000, "{}", marathon.rationed);
    println!(
        "{DAYS} days: {} events and {} deadlines of a broadcast: {} encoders came back, {asked} questions, {paused} pauses, \
         {} connections, {} settled by time, {} refusals, {} rationed",
        marathon.events,
        marathon.deadlines,
        marathon.encoders,
        marathon.opened.values().sum::<u64>(),
        marathon.settled,
        marathon.refused,
        marathon.rationed
    );
}

#[test]
fn fifty_days_of_fights_are_judged_as_the_first_one() {
    let (mut takeovers, start, mut judged) = (Takeovers::default(), Instant::now(), 0_u64);
    let mut comes = |at: Duration, silent: Duration| {
        judged += 1;
        let now = start + Duration::from_secs(10) + at;
        takeovers.judge(now, Some(now - silent))
    };
    for hour in 0..DAYS * 24 {
        let at = |seconds| Duration::from_secs(hour * 3600 + seconds);
        let sending = Duration::from_millis(20);
        // A day of short fights, and one that lasts for a day, which is told once.
        let (every, fights, goes_on) = match hour % 48 {
            0..=23 => (1, 20, false),
            25..=46 => (15, 240, hour % 48 > 25),
            _ => continue,
        };
        for n in 0..fights {
            let verdict = comes(at(n * every), sending);
            if n < 3 && !goes_on {
                assert_eq!(verdict, Verdict::TakesOver);
            } else {
                assert_eq!(verdict, Verdict::Refused { news: n == 3 && !goes_on }, "hour {hour}, number {n}");
            }
        }
        assert_eq!(comes(at(3599), Duration::from_secs(2)), Verdict::TakesOver, "who is silent is no fight");
    }
    println!("{DAYS} days: {judged} takeovers judged");
}

/// Pictures five seconds apart and nothing else, from encoders that come and go, at a target that stays.
struct Picture {
    start: Instant,
    /// Milliseconds.
    now: u64,
    fanout: Arc<Fanout>,
    target: Reader,
    /// The newest time, over all wraps.
    time: Option<u64>,
    got: u64,
    longest: u64,
}

impl Picture {
    fn at(&self) -> Instant {
        self.start + Duration::from_millis(self.now)
    }

    fn take(&mut self) {
        let mut got = Vec::new();
        self.target.take(self.at(), usize::MAX, &mut got);
        for packet in got.iter().filter(|packet| packet.role == Role::Keyframe) {
            let before = self.time.unwrap_or(u64::from(packet.timestamp));
            let step = packet.timestamp.wrapping_sub(before as u32);
            assert!(step.cast_signed() >= 0, "time goes back by {step} at {} ms", self.now);
            self.time = Some(before + u64::from(step));
            self.longest = self.longest.max(u64::from(step));
            self.got += 1;
        }
    }

    /// An encoder whose clock begins at `clock` sends for so many seconds.
    fn show(&mut self, clock: u32, seconds: u64) {
        let source = self.fanout.begin_source();
        let (mut sent, end) = (0, 1000 * seconds as u32);
        while sent < end {
            let timestamp = clock.wrapping_add(sent);
            let packet = |role, payload| Packet { kind: Kind::Video, role, timestamp, payload };
            let header = packet(Role::SequenceHeader, Bytes::from_static(b"\x17\0\0\0\0\x01\x64\0\x1f\xff\xe1\0\0"));
            // One NAL unit, an IDR slice.
            let key = packet(Role::Keyframe, Bytes::from_static(b"\x17\x01\0\0\0\0\0\0\x02\x65\x88"));
            let mut packets = if sent == 0 { vec![header, key] } else { vec![key] };
            assert!(self.fanout.append(source, self.at(), &mut packets));
            self.take();
            // In the end as encoders do: what comes rarely is taken for bursts, whose time is known to a second.
            let step = if sent + 20_000 < end { 5_000 } else { 400 };
            sent += step;
            self.now += u64::from(step);
        }
        self.fanout.lose_source();
    }

    /// Nobody sends for so many seconds.
    fn hold(&mut self, seconds: u64) {
        let end = self.now + 1000 * seconds;
        while let Some(next) = self.fanout.fill(self.at()) {
            self.take();
            self.now = (next.duration_since(self.start).as_millis() as u64).max(self.now + 1);
            if self.now > end {
                break;
            }
        }
        self.now = end;
    }
}

#[test]
fn fifty_days_of_picture_and_holds_keep_time_over_2_to_the_32_ms() {
    let fanout = Arc::<Fanout>::default();
    fanout.feed(true);
    let target = fanout.join();
    let mut picture = Picture { start: Instant::now(), now: 0, fanout, target, time: None, got: 0, longest: 0 };
    let mut encoders = 0_u32;
    while picture.now < DAYS * DAY * 1000 {
        // Each begins where it likes: at 0, just below 2^24 and 2^32, and amid.
        let clock = [0, 0x00ff_f000, u32::MAX - 7_000, encoders.wrapping_mul(0x9e37_79b9)][encoders as usize % 4];
        picture.show(if encoders == 0 { 0 } else { clock }, 1200 + u64::from(encoders) * 7919 % 3600);
        picture.hold([5, 570, 40, 500][encoders as usize % 4]);
        encoders += 1;
    }
    let time = picture.time.unwrap();
    assert!(time > u64::from(u32::MAX), "{time}");
    assert!(time.abs_diff(picture.now) < 10_000, "after {} ms it is {time}", picture.now);
    // What is repeated is as rare as it must be not to send more than this encoder did, and as its bytes are few.
    assert!(picture.longest <= 11_000, "{} ms without a picture", picture.longest);
    println!(
        "{DAYS} days: {} pictures of {encoders} encoders, 2^32 ms crossed, {} ms apart at most, {} ms off the clock in the end",
        picture.got,
        picture.longest,
        time.abs_diff(picture.now)
    );
}
