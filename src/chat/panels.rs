//! One panel per studio: a message that is edited in place, not oftener than Telegram likes and people can read, and
//! only when its text changes.

use super::command::Command;
use super::desk::{Desk, again, lock, now};
use super::label::Label;
use super::menu::{Action, Deed, Errand, SourceDeed};
use super::outbox::{Job, Urgency};
use super::page::{Page, Post, tap};
use super::said::Said;
use super::screen::Screen;
use super::view::{PanelView, PullView, StateView};
use crate::domain::id::{ChatId, StudioId};
use crate::service::Panel;
use crate::store::{Studio, StudioKind};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};

/// Between edits of a private panel.
const PRIVATE: Duration = Duration::from_secs(5);
/// Between edits of a group's panel.
const GROUP: Duration = Duration::from_secs(15);
/// Between edits when a state has changed, and in the first minute.
const SOON: Duration = Duration::from_secs(3);
/// How long a fresh panel is edited oftener.
const FIRST: Duration = Duration::from_secs(60);
/// How often panels are looked after.
const TICK: Duration = Duration::from_secs(1);
/// Buttons for failed platforms at most.
const RETRIES: usize = 4;

/// Every panel that is shown.
#[derive(Default)]
pub(super) struct Panels {
    shown: Mutex<HashMap<StudioId, Shown>>,
    /// Something changed.
    wake: Notify,
}

#[derive(Default)]
struct Shown {
    /// Where it is; nothing while it is on its way, or was never shown.
    message: Option<i32>,
    /// What it says.
    post: Option<Post>,
    edited: Option<Instant>,
    /// When this message was sent, in this process.
    sent: Option<Instant>,
    fast_until: Option<Instant>,
    changed: bool,
    /// A new message is on its way, so the old one is left alone.
    coming: bool,
}

impl Panels {
    /// What a studio's panel shows may have changed.
    pub(super) fn changed(&self, studio: StudioId) {
        lock(&self.shown).entry(studio).or_default().changed = true;
        self.wake.notify_one();
    }

    /// The studio's group is another chat now: what was written in the old one stays there.
    pub(super) fn moved(&self, studio: StudioId) {
        lock(&self.shown).insert(studio, Shown::default());
    }

    /// Sends the panel as the newest message of its chat; an older one goes.
    pub(super) fn show(&self, desk: &Arc<Desk>, studio: StudioId, silent: bool) {
        let Some((record, panel)) = of(desk, studio) else { return };
        let mut post = drawn(desk, &record, &panel);
        (post.silent, post.topic) = (silent, record.topic);
        let now = now();
        let number = desk.outbox.send_numbered(record.chat, Urgency::Reply, post.clone());
        {
            let mut all = lock(&self.shown);
            let shown = all.entry(studio).or_default();
            shown.coming = true;
            shown.changed = false;
            (shown.post, shown.edited, shown.sent) = (Some(post), Some(now), Some(now));
            shown.fast_until = panel.has_broadcast().then(|| now + FIRST);
        }
        let (desk, chat) = (Arc::clone(desk), record.chat);
        let keeper = Arc::clone(&desk);
        keeper.spawn(async move {
            let number = number.await.ok();
            let before = {
                let mut all = lock(&desk.panels.shown);
                let shown = all.entry(studio).or_default();
                shown.coming = false;
                match number {
                    Some(_) => std::mem::replace(&mut shown.message, number).or(record.panel),
                    None => None,
                }
            };
            let Some(number) = number else { return };
            keep_number(&desk, studio, number).await;
            if let Some(before) = before.filter(|before| *before != number) {
                desk.outbox.delete(chat, before);
            }
        });
    }

    /// The broadcast goes out: a panel that lies far back comes to the front.
    pub(super) fn went_live(&self, desk: &Arc<Desk>, studio: StudioId) {
        let far_back = {
            let mut all = lock(&self.shown);
            let shown = all.entry(studio).or_default();
            shown.fast_until = Some(now() + FIRST);
            shown.sent.is_none_or(|sent| now().saturating_duration_since(sent) > FIRST)
        };
        if far_back {
            self.show(desk, studio, true);
        } else {
            self.changed(studio);
        }
    }

    /// Looks after all panels, for ever.
    pub(super) async fn keep(&self, desk: &Arc<Desk>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = self.wake.notified() => {}
            }
            let studios: Vec<_> = lock(&self.shown).keys().copied().collect();
            for studio in studios {
                self.refresh(desk, studio);
            }
        }
    }

    fn refresh(&self, desk: &Arc<Desk>, studio: StudioId) {
        let Some((record, panel)) = of(desk, studio) else {
            lock(&self.shown).remove(&studio);
            return;
        };
        let now = now();
        let mut all = lock(&self.shown);
        let shown = all.entry(studio).or_default();
        // After a restart the panel of before goes on.
        shown.message = shown.message.or(record.panel);
        let Some(message) = shown.message.filter(|_| !shown.coming) else { return };
        if !shown.changed && !panel.has_broadcast() {
            return;
        }
        let soon = shown.changed || shown.fast_until.is_some_and(|until| now < until);
        let gap = match record.kind {
            _ if soon => SOON,
            StudioKind::Private => PRIVATE,
            StudioKind::Group => GROUP,
        };
        if shown.edited.is_some_and(|edited| now < edited + gap) {
            return;
        }
        shown.changed = false;
        let mut post = drawn(desk, &record, &panel);
        post.topic = record.topic;
        if shown.post.as_ref().is_some_and(|last| (&last.text, &last.keyboard) == (&post.text, &post.keyboard)) {
            return;
        }
        (shown.post, shown.edited) = (Some(post.clone()), Some(now));
        drop(all);
        let (done, number) = oneshot::channel();
        let job = Job::Edit { message, post, anew: true, done: Some(done) };
        desk.outbox.put(record.chat, Urgency::Panel, job);
        self.follow(desk, studio, record.chat, message, number);
    }

    /// An edit of a message that is gone makes a new one, which is the panel from then on.
    fn follow(&self, desk: &Arc<Desk>, studio: StudioId, chat: ChatId, old: i32, number: oneshot::Receiver<i32>) {
        let keeper = Arc::clone(desk);
        let desk = Arc::clone(desk);
        keeper.spawn(async move {
            let Ok(number) = number.await else { return };
            if number == old {
                return;
            }
            let replaced = {
                let mut all = lock(&desk.panels.shown);
                let shown = all.entry(studio).or_default();
                let still = shown.message == Some(old);
                if still {
                    shown.message = Some(number);
                }
                still
            };
            if replaced {
                keep_number(&desk, studio, number).await;
            } else {
                desk.outbox.delete(chat, number);
            }
        });
    }
}

async fn keep_number(desk: &Desk, studio: StudioId, number: i32) {
    if let Err(error) = desk.service.set_panel_message(studio, Some(number)).await {
        tracing::error!(%studio, %error, "the panel's message was not kept");
    }
}

fn of(desk: &Desk, studio: StudioId) -> Option<(Studio, Panel)> {
    Some((desk.service.studio(studio)?, desk.service.panel(studio)?))
}

fn drawn(desk: &Desk, studio: &Studio, panel: &Panel) -> Post {
    // In one's own studio it is always oneself.
    let publisher = panel.publisher.filter(|_| studio.kind == StudioKind::Group);
    let publisher = publisher.and_then(|user| desk.name_in(studio.chat, user));
    desk.draw(desk.studio_lang(studio), studio.chat, &page(panel, studio.kind, publisher))
}

/// The panel with its buttons, which anybody may tap who may do what they say.
fn page(panel: &Panel, kind: StudioKind, publisher: Option<Said>) -> Page {
    let view = PanelView { publisher, ..PanelView::of(panel, now()) };
    let failed = panel.targets.iter().zip(&view.targets).filter(|(_, view)| view.state.failed());
    let retries: Vec<_> = failed
        .take(RETRIES)
        .map(|(shown, view)| tap(Label::RetryNamed(view.name.clone()), Action::Target(shown.target.id, Deed::Retry)))
        .collect();
    let any_ready = view.targets.iter().any(|target| target.state == StateView::Ready);
    let fetch = matches!(view.pull, Some(PullView::Retrying { .. }))
        .then(|| tap(Label::FetchNow, Action::Source(SourceDeed::Retry)));
    let page = Page::new(Screen::Panel(view)).row(fetch).grid(2, retries);
    let add = tap(Label::AddTarget, again(Command::AddTarget));
    let go = |label| tap(label, again(Command::GoLive(String::new())));
    let stop = |label| tap(label, again(Command::StopLive { now: false, names: String::new() }));
    let targets = tap(Label::Targets, again(Command::Targets));
    if panel.asleep {
        return page.row([go(Label::GoOn), tap(Label::EndNow, Action::EndNow)]);
    }
    if panel.has_broadcast() {
        return page.row([stop(Label::Stop), add, targets]);
    }
    let camera = match kind {
        StudioKind::Private => again(Command::Ingest),
        StudioKind::Group => Action::Private(Errand::Ingest),
    };
    let page = page.row(any_ready.then(|| go(Label::GoLive)).into_iter().chain([tap(Label::Camera, camera)]));
    if panel.targets.is_empty() { page.row([add]) } else { page.row([add, targets]) }
}
