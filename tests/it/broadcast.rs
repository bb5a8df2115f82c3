//! What counts as a refusal, where a platform says nothing and closes, and what does not count as a fault.

use std::time::{Duration, Instant};
use telecast::domain::broadcast::{Action, Broadcast, Event, PushEvent};
use telecast::domain::id::TargetId;
use telecast::domain::status::{Loss, PushFailure, Seen, Sight, TargetState};

const A: TargetId = TargetId(1);
const B: TargetId = TargetId(2);
const HOLD: Duration = Duration::from_secs(600);

/// A live broadcast with two targets, on a clock that stands still but for [`Live::wait`].
struct Live {
    now: Instant,
    broadcast: Broadcast,
    connections: Vec<(TargetId, u64)>,
}

impl Live {
    fn new() -> Self {
        let now = Instant::now();
        let mut live = Self { now, broadcast: Broadcast::new(now, HOLD, HOLD, 7), connections: Vec::new() };
        for id in [A, B] {
            live.set(id, false);
        }
        live.tell(Event::SourceUp);
        live
    }

    fn set(&mut self, id: TargetId, same_key: bool) {
        self.tell(Event::SetTarget { id, settle: HOLD, same_key });
    }

    fn tell(&mut self, event: Event) {
        let actions = self.broadcast.handle(self.now, event);
        self.note(&actions);
    }

    fn note(&mut self, actions: &[Action]) {
        for action in actions {
            if let Action::OpenPush(id, connection) = action {
                self.connections.retain(|(other, _)| other != id);
                self.connections.push((*id, *connection));
            }
        }
    }

    fn push(&mut self, id: TargetId, event: PushEvent) {
        let connection = self.connections.iter().find(|(other, _)| *other == id).unwrap().1;
        self.tell(Event::Push(id, connection, event));
    }

    /// Publishes and is closed in order.
    fn is_closed(&mut self, id: TargetId) {
        self.push(id, PushEvent::Publishing);
        self.push(id, PushEvent::Failed(PushFailure::Lost(Loss::Closed)));
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        let actions = self.broadcast.handle_timeout(self.now);
        self.note(&actions);
    }

    fn is_refused(&self, id: TargetId) -> bool {
        matches!(self.broadcast.targets(self.now)[&id].state, TargetState::Refused { .. })
    }
}

#[test]
fn a_platform_that_is_down_does_not_hide_that_another_refuses_the_key() {
    let mut live = Live::new();
    for _ in 0..3 {
        live.push(B, PushEvent::Failed(PushFailure::Lost(Loss::Down)));
        live.is_closed(A);
        live.wait(Duration::from_secs(2));
    }
    assert!(live.is_refused(A) && !live.is_refused(B));
}

#[test]
fn two_platforms_that_refuse_their_keys_do_not_hide_each_other() {
    let mut live = Live::new();
    for _ in 0..3 {
        live.is_closed(A);
        live.is_closed(B);
        live.wait(Duration::from_secs(2));
    }
    assert!(live.is_refused(A) && live.is_refused(B));
}

#[test]
fn a_platform_whose_owner_must_press_start_is_tried_each_minute_for_a_quarter_of_an_hour() {
    let mut live = Live::new();
    live.tell(Event::OwnersTurn(A));
    let next = |live: &Live, id| match live.broadcast.targets(live.now)[&id].state {
        TargetState::Refused { retry_at } => retry_at.map(|at| at - live.now),
        _ => panic!("not refused"),
    };
    for _ in 0..3 {
        live.is_closed(A);
        live.is_closed(B);
        live.wait(Duration::from_secs(2));
    }
    assert_eq!((next(&live, A), next(&live, B)), (Some(Duration::from_secs(58)), None));
    let mut tries = 0;
    while let Some(left) = next(&live, A) {
        live.wait(left);
        live.is_closed(A);
        tries += 1;
        assert!(tries < 20, "it never ends");
    }
    assert_eq!(tries, 15);
    // A person who has pressed it at last begins anew.
    live.tell(Event::Retry(A));
    for event in [PushEvent::Publishing, PushEvent::Accepted, PushEvent::Acknowledged] {
        live.push(A, event);
    }
    assert_eq!(live.broadcast.targets(live.now)[&A].state, TargetState::Sending);
}

#[test]
fn a_target_that_is_set_anew_with_the_key_that_worked_is_tried_for_as_long_as_one_that_worked() {
    let retry = |same_key| {
        let mut live = Live::new();
        for event in [PushEvent::Publishing, PushEvent::Accepted, PushEvent::Acknowledged] {
            live.push(A, event);
        }
        // Off and on again; the platform still holds the session from before.
        live.tell(Event::DropTarget(A));
        live.set(A, same_key);
        for _ in 0..3 {
            live.push(A, PushEvent::Publishing);
            live.push(A, PushEvent::Failed(PushFailure::Refused { words: "NetStream.Publish.BadName".into() }));
            live.wait(Duration::from_secs(6));
        }
        live.broadcast.targets(live.now)[&A].state.clone()
    };
    assert!(matches!(retry(true), TargetState::Refused { retry_at: Some(_) }), "{:?}", retry(true));
    assert!(matches!(retry(false), TargetState::Refused { retry_at: None }), "another key never worked");
}

#[test]
fn a_close_beside_the_fall_of_a_target_that_worked_is_no_refusal() {
    let mut live = Live::new();
    for _ in 0..3 {
        live.push(B, PushEvent::Publishing);
        live.push(B, PushEvent::Accepted);
        live.push(B, PushEvent::Acknowledged);
        live.push(B, PushEvent::Failed(PushFailure::Lost(Loss::Reset)));
        live.is_closed(A);
        live.wait(Duration::from_secs(4));
    }
    assert!(!live.is_refused(A) && !live.is_refused(B));
}

#[test]
fn a_server_that_asks_for_another_connection_gets_it_without_delay_or_blame() {
    let mut live = Live::new();
    let connection = |live: &Live| live.connections.iter().find(|(id, _)| *id == A).unwrap().1;
    let before = connection(&live);
    for event in [PushEvent::Publishing, PushEvent::Accepted, PushEvent::Acknowledged] {
        live.push(A, event);
    }
    live.wait(Duration::from_secs(100));
    live.push(A, PushEvent::Moving);
    assert_eq!(live.broadcast.targets(live.now)[&A].state, TargetState::Connecting);
    for event in [PushEvent::Publishing, PushEvent::Accepted, PushEvent::Acknowledged] {
        live.push(A, event);
    }
    let status = &live.broadcast.targets(live.now)[&A];
    assert_eq!((&status.state, status.reconnects, &status.last_failure), (&TargetState::Sending, 1, &None));
    assert_eq!(status.uptime, Duration::from_secs(100), "no second is lost or counted twice");
    assert_eq!(connection(&live), before, "nothing was dialled anew");
    // It falls on its new server as it would have on the old one.
    live.push(A, PushEvent::Failed(PushFailure::Lost(Loss::Reset)));
    live.wait(Duration::from_secs(2));
    assert_ne!(connection(&live), before);
}

#[test]
fn another_codec_is_dialled_for_at_once_until_the_platform_was_asked_ten_times_and_is_nobodys_fault() {
    let mut live = Live::new();
    let connection = |live: &Live| live.connections.iter().find(|(id, _)| *id == A).unwrap().1;
    for _ in 0..10 {
        let before = connection(&live);
        for event in [PushEvent::Publishing, PushEvent::Accepted, PushEvent::Acknowledged, PushEvent::CodecChanged] {
            live.push(A, event);
        }
        let status = &live.broadcast.targets(live.now)[&A];
        assert_eq!(status.last_failure, None);
        if connection(&live) == before {
            break;
        }
        assert_eq!(status.state, TargetState::Connecting);
        live.push(B, PushEvent::Failed(PushFailure::Lost(Loss::Down)));
    }
    let status = &live.broadcast.targets(live.now)[&A];
    let asked_too_often = TargetState::Reconnecting { attempt: 1, at: live.now + Duration::from_secs(60) };
    assert_eq!((&status.state, status.reconnects), (&asked_too_often, 9));
    let before = connection(&live);
    live.wait(Duration::from_secs(60));
    assert_ne!(connection(&live), before, "never none");
}

#[test]
fn what_a_page_shows_counts_for_the_connection_that_it_was_seen_over_and_only_the_show_is_on_air() {
    let mut live = Live::new();
    let see = |live: &mut Live, sight| live.tell(Event::Seen(A, Seen { sight, title: Some("a".into()) }));
    let state = |live: &Live| live.broadcast.targets(live.now)[&A].state.clone();
    let seen = |live: &Live| live.broadcast.targets(live.now)[&A].seen.as_ref().map(|seen| seen.sight);
    live.push(A, PushEvent::Publishing);
    live.push(A, PushEvent::Accepted);
    see(&mut live, Sight::Live);
    assert_eq!((state(&live), seen(&live)), (TargetState::Accepted, None), "nothing of it can be there yet");
    live.push(A, PushEvent::MediaSent);
    live.wait(HOLD);
    for (sight, expected) in [
        (Sight::Replay, TargetState::Sending),
        (Sight::Live, TargetState::OnAir),
        (Sight::Offline, TargetState::Sending),
        (Sight::Live, TargetState::OnAir),
    ] {
        see(&mut live, sight);
        assert_eq!((state(&live), seen(&live)), (expected, Some(sight)));
    }
    live.wait(Duration::from_secs(599));
    assert_eq!(state(&live), TargetState::OnAir, "a page that does not answer takes nothing away");
    assert_eq!(live.broadcast.next_timeout(), Some(live.now + Duration::from_secs(1)));
    live.wait(Duration::from_secs(1));
    assert_eq!((state(&live), seen(&live)), (TargetState::Sending, None), "but in the end nobody knows any more");
    see(&mut live, Sight::Live);
    live.push(A, PushEvent::Failed(PushFailure::Lost(Loss::Reset)));
    assert_eq!(seen(&live), None);
}

#[test]
fn a_refused_target_that_a_person_wants_tried_while_the_show_is_paused_is_tried_when_it_goes_on() {
    let mut live = Live::new();
    for id in [A, B] {
        for _ in 0..3 {
            live.is_closed(id);
            live.wait(Duration::from_secs(2));
        }
        assert!(live.is_refused(id));
    }
    live.tell(Event::SourceDown { clean: false });
    live.wait(HOLD);
    let before = live.connections.clone();
    live.tell(Event::Retry(B));
    assert_eq!(live.connections, before, "there is nothing to send");
    assert_eq!(live.broadcast.targets(live.now)[&B].state, TargetState::Waiting);
    live.tell(Event::SourceUp);
    let state = |id| live.broadcast.targets(live.now)[&id].state.clone();
    assert_eq!((state(A), state(B)), (TargetState::Refused { retry_at: None }, TargetState::Connecting));
}

#[test]
fn who_stalls_again_is_dialled_less_and_less_often_until_a_person_asks_or_it_was_well() {
    let mut live = Live::new();
    // It stalls after so long, and is dialled so long after that, no sooner.
    let stalls = |live: &mut Live, after: u64, pause: u64| {
        live.push(B, PushEvent::Publishing);
        live.push(B, PushEvent::Accepted);
        live.push(B, PushEvent::MediaSent);
        live.wait(Duration::from_secs(after));
        let before = live.connections.clone();
        live.push(B, PushEvent::Failed(PushFailure::Lost(Loss::Stalled)));
        if pause > 0 {
            live.wait(Duration::from_secs(pause - 1));
            assert_eq!(live.connections, before, "{pause} s");
        }
        live.wait(Duration::from_millis(1_100));
        assert_ne!(live.connections, before, "{pause} s");
    };
    for pause in [0, 10, 20, 40, 60, 60] {
        stalls(&mut live, 10, pause);
    }
    stalls(&mut live, 61, 0);
    stalls(&mut live, 10, 10);
    live.push(B, PushEvent::Failed(PushFailure::Lost(Loss::Stalled)));
    live.tell(Event::Retry(B));
    stalls(&mut live, 10, 0);
}
