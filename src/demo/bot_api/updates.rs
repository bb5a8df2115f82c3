//! What the bot has yet to fetch: which events it may see, the queue, and the long poll.

use super::Shared;
use super::entities::command;
use super::message::{Content, Message};
use super::params::Params;
use super::people::ChatKind;
use super::refusal::{Answer, Refusal};
use super::world::World;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// Longest hold of a poll, seconds.
const MAX_HOLD: i64 = 50;
/// How long an update waits to be fetched, seconds.
const KEPT: i64 = 86_400;
/// What must be asked for by name.
const NOT_BY_DEFAULT: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];
/// How many confirmed updates are kept for [`Phone::deliver_again`](super::Phone::deliver_again).
const CONFIRMED: usize = 100;

#[derive(Clone, Debug)]
struct Update {
    id: i64,
    date: i64,
    body: Value,
}

/// The bot's queue.
#[derive(Debug)]
pub(super) struct Updates {
    queue: VecDeque<Update>,
    confirmed: VecDeque<Update>,
    again: Vec<Update>,
    next: i64,
    allowed: Vec<String>,
    /// The poll that is held; a newer one ends it.
    ticket: u64,
    offset: i64,
    began: Option<Instant>,
    next_conflict: Option<Instant>,
}

impl Default for Updates {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            confirmed: VecDeque::new(),
            again: Vec::new(),
            next: 500_000_001,
            allowed: Vec::new(),
            ticket: 0,
            offset: 0,
            began: None,
            next_conflict: None,
        }
    }
}

impl Updates {
    fn wants(&self, kind: &str) -> bool {
        if self.allowed.is_empty() { !NOT_BY_DEFAULT.contains(&kind) } else { self.allowed.iter().any(|a| a == kind) }
    }

    pub(super) fn number_from(&mut self, first: i64) {
        self.next = first;
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn drop_all(&mut self) {
        self.queue.clear();
    }

    /// Confirms all below `offset`; a negative one keeps only the newest `-offset`.
    fn confirm(&mut self, offset: i64, now: i64) {
        let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
        while let Some(first) = self.queue.front() {
            let done = if offset < 0 { self.queue.len() > keep } else { first.id < offset };
            if !done && first.date + KEPT >= now {
                break;
            }
            self.confirmed.extend(self.queue.pop_front());
        }
        while self.confirmed.len() > CONFIRMED {
            self.confirmed.pop_front();
        }
    }

    fn batch(&mut self, limit: usize) -> Vec<Value> {
        let again = std::mem::take(&mut self.again);
        again.iter().chain(&self.queue).take(limit).map(|u| u.body.clone()).collect()
    }

    /// Hands the newest `count` confirmed updates out once more, as after a crash between handling and confirming.
    pub(super) fn deliver_again(&mut self, count: usize) {
        let from = self.confirmed.len().saturating_sub(count);
        self.again = self.confirmed.iter().skip(from).cloned().collect();
    }
}

impl World {
    /// Queues an update, if the bot asked for its kind.
    pub(super) fn queue(&mut self, kind: &str, body: Value) {
        if self.updates.wants(kind) {
            let id = self.updates.next;
            self.updates.next += 1;
            let body = json!({"update_id": id, kind: body});
            self.journal.update(&body);
            let date = self.now();
            self.updates.queue.push_back(Update { id, date, body });
        }
    }

    /// Queues a message of a person, if the bot may see it.
    pub(super) fn deliver(&mut self, message: &Message) {
        if self.sees(message) {
            let channel = self.chats.get(&message.chat).is_some_and(|chat| chat.kind == ChatKind::Channel);
            let kind = match (channel, message.edited.is_some()) {
                (false, false) => "message",
                (false, true) => "edited_message",
                (true, false) => "channel_post",
                (true, true) => "edited_channel_post",
            };
            self.queue(kind, message.json(self));
        }
    }

    /// Privacy mode: a plain member gets service messages, answers to its own messages, and commands that do not name
    /// another bot.
    fn sees(&self, message: &Message) -> bool {
        let Some(chat) = self.chats.get(&message.chat) else { return false };
        if !chat.is_group() {
            return chat.started && !chat.blocked;
        }
        let me = chat.member(self.bot.id);
        if !me.is_inside() {
            return false;
        }
        let to_me = message.reply_to.and_then(|id| chat.messages.get(&id)).is_some_and(|m| m.by_bot);
        let first = message.text().split_whitespace().next().unwrap_or_default();
        let asked = command(first).is_some_and(|(_, bot)| bot.is_none_or(|bot| self.is_me(bot)));
        let service = matches!(message.content, Content::Service(_));
        me.is_admin() || self.reads_all || service || to_me || asked
    }

    /// Whether `username` is the bot's.
    pub(super) fn is_me(&self, username: &str) -> bool {
        self.bot.username.as_deref().is_some_and(|me| me.eq_ignore_ascii_case(username))
    }
}

struct Held {
    ticket: u64,
    offset: i64,
    limit: usize,
    until: Instant,
}

/// `getUpdates`.
pub(super) async fn poll(shared: &Shared, params: &mut Params) -> Answer {
    let mut queued = shared.queued.subscribe();
    let held = match shared.with(|world| begin(world, params))? {
        Ok(updates) => return Ok(json!(updates)),
        Err(held) => held,
    };
    shared.queued.send_modify(|n| *n += 1); // wakes an older poll, which then sees that its time is over
    loop {
        let woken = timeout_at(held.until, queued.changed()).await.is_ok();
        let found = shared.with(|world| {
            let now = world.now();
            let updates = &mut world.updates;
            (updates.ticket == held.ticket).then(|| {
                updates.confirm(held.offset, now);
                updates.batch(held.limit)
            })
        });
        match found {
            None => return Err(conflict(shared).await),
            Some(updates) if !woken || !updates.is_empty() => return Ok(json!(updates)),
            Some(_) => {}
        }
    }
}

fn begin(world: &mut World, params: &mut Params) -> Result<Result<Vec<Value>, Held>, Refusal> {
    let offset = params.int("offset").unwrap_or(0);
    let limit = params.int("limit").unwrap_or(100).clamp(1, 100);
    let mut hold = params.int("timeout").unwrap_or(0).clamp(0, MAX_HOLD);
    if let Some(Value::Array(kinds)) = params.json("allowed_updates", "can't parse allowed updates JSON object")? {
        world.updates.allowed = kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    let (now, wall) = (world.now(), Instant::now());
    let updates = &mut world.updates;
    let mut limit = usize::try_from(limit).unwrap_or(100);
    // Asking the same thing again and again is slowed down, as in the real server.
    let since = updates.began.filter(|_| updates.offset == offset).map(|began| wall - began);
    if hold < 3 && since.is_some_and(|s| s < Duration::from_secs(3)) {
        hold = 3;
    }
    if since.is_some_and(|s| s < Duration::from_millis(500)) {
        limit = 1;
    }
    (updates.offset, updates.began) = (offset, Some(wall));
    updates.confirm(offset, now);
    let batch = updates.batch(limit);
    if hold == 0 || !batch.is_empty() {
        return Ok(Ok(batch));
    }
    updates.ticket += 1;
    let until = wall + Duration::from_secs(hold.unsigned_abs());
    Ok(Err(Held { ticket: updates.ticket, offset: offset.max(0), limit, until }))
}

/// 409 at once, or 3 s later when the last one was less than 3 s ago.
async fn conflict(shared: &Shared) -> Refusal {
    let at_once = shared.with(|world| {
        let now = Instant::now();
        let free = world.updates.next_conflict.is_none_or(|at| now >= at);
        if free {
            world.updates.next_conflict = Some(now + Duration::from_secs(3));
        }
        free
    });
    if !at_once {
        sleep(Duration::from_secs(3)).await;
    }
    Refusal::conflict()
}
