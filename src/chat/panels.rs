//! One panel per studio: a message that is edited in place, not oftener than Telegram likes and people can read, and
//! only when its text changes.

use super::command::Command;
use super::desk::{Desk, again, lock, now};
use super::label::Label;
use super::menu::{Action, Deed, Errand, SourceDeed};
use super::outbox::{IfGone, Job, Urgency};
use super::page::{Button, Page, Post, tap};
use super::screen::Screen;
use super::view::{PanelView, PhaseView, PullView, StateView, TargetView};
use crate::domain::id::{ChatId, StudioId, TargetId};
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
    /// There was no show when it was last worked out, and when that was.
    off: bool,
    looked: Option<Instant>,
    /// A new message is on its way, so the old one is left alone.
    coming: bool,
    pinned: bool,
    /// In which chat.
    at: Option<ChatId>,
    /// That chat has another number since, and a show is to be shown there anew.
    moved: bool,
}

impl Shown {
    /// Whether it is worth being worked out anew: with hundreds of shows on, that is most of the work.
    fn is_due(&self, now: Instant) -> bool {
        let since = |then: Option<Instant>, gap| then.is_none_or(|then| now >= then + gap);
        !self.coming && since(self.edited, SOON) && (self.changed || !self.off && since(self.looked, TICK))
    }
}

impl Panels {
    /// What a studio's panel shows may have changed.
    pub(super) fn changed(&self, studio: StudioId) {
        lock(&self.shown).entry(studio).or_default().changed = true;
        self.wake.notify_one();
    }

    /// The studio's group is another chat now: what was written in the old one stays there, and a show is shown anew.
    /// More than one update tells of it.
    pub(super) fn moved(&self, studio: StudioId, new: ChatId) {
        let mut all = lock(&self.shown);
        let shown = all.entry(studio).or_default();
        if shown.at != Some(new) {
            *shown = Shown { at: Some(new), moved: true, ..Shown::default() };
        }
    }

    /// Sends the panel as the newest message of its chat; an older one goes.
    pub(super) fn show(&self, desk: &Arc<Desk>, studio: StudioId, urgency: Urgency, silent: bool) {
        let Some((record, panel)) = of(desk, studio) else { return };
        let mut post = drawn(desk, &record, &panel);
        (post.silent, post.topic) = (silent, record.topic);
        let now = now();
        let number = desk.outbox.send_numbered(record.chat, urgency, post.clone());
        {
            let mut all = lock(&self.shown);
            let shown = all.entry(studio).or_default();
            shown.at = Some(record.chat);
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
            keep_number(&desk, studio, Some(number)).await;
            if record.pin && panel.has_broadcast() {
                desk.panels.pin(&desk, studio, chat, number).await;
            }
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
            let old = shown.sent.is_none_or(|sent| now().saturating_duration_since(sent) > FIRST);
            old || (shown.message.is_none() && !shown.coming)
        };
        if far_back {
            self.show(desk, studio, Urgency::Alert, true);
        } else {
            self.changed(studio);
        }
    }

    async fn pin(&self, desk: &Desk, studio: StudioId, chat: ChatId, message: i32) {
        let pinned = desk.telegram.pin(chat, message).await;
        if let Err(fault) = &pinned {
            tracing::info!(%studio, %fault, "the panel was not pinned");
        }
        lock(&self.shown).entry(studio).or_default().pinned = pinned.is_ok();
    }

    /// Whether panels are pinned was changed: that counts for this one at once, while a show is on.
    pub(super) fn pin_now(&self, desk: &Arc<Desk>, studio: &Studio) {
        if !studio.pin {
            return self.unpin(desk, studio);
        }
        let Some(message) = studio.panel else { return };
        if desk.service.panel(studio.id).is_some_and(|panel| panel.has_broadcast()) {
            let (keeper, id, chat) = (Arc::clone(desk), studio.id, studio.chat);
            desk.spawn(async move { keeper.panels.pin(&keeper, id, chat, message).await });
        }
    }

    /// The show is over.
    pub(super) fn ended(&self, desk: &Desk, studio: StudioId) {
        self.changed(studio);
        if let Some(studio) = desk.service.studio(studio).filter(|studio| studio.pin) {
            self.unpin(desk, &studio);
        }
    }

    fn unpin(&self, desk: &Desk, studio: &Studio) {
        let pinned = {
            let mut all = lock(&self.shown);
            let shown = all.entry(studio.id).or_default();
            // What was pinned before a restart is not known.
            std::mem::take(&mut shown.pinned) || shown.sent.is_none()
        };
        let (telegram, chat) = (desk.telegram.clone(), studio.chat);
        if let Some(message) = studio.panel.filter(|_| pinned) {
            desk.spawn(async move {
                if let Err(fault) = telegram.unpin(chat, message).await {
                    tracing::debug!(%fault, "the panel was not unpinned");
                }
            });
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
        let now = now();
        match lock(&self.shown).get_mut(&studio) {
            Some(shown) if shown.is_due(now) => shown.looked = Some(now),
            _ => return,
        }
        let Some((record, panel)) = of(desk, studio) else {
            lock(&self.shown).remove(&studio);
            return;
        };
        let mut all = lock(&self.shown);
        let shown = all.entry(studio).or_default();
        // After a restart the panel of before goes on.
        shown.message = shown.message.or(record.panel);
        shown.off = !panel.has_broadcast();
        if std::mem::take(&mut shown.moved) && panel.has_broadcast() {
            drop(all);
            return self.show(desk, studio, Urgency::Alert, true);
        }
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
        let (tell, gone) = oneshot::channel();
        desk.outbox.put(record.chat, Urgency::Panel, Job::Edit { message, post, gone: IfGone::Tell(tell) });
        let keeper = Arc::clone(desk);
        desk.spawn(async move {
            if gone.await.is_ok() {
                keeper.panels.gone(&keeper, studio, message).await;
            }
        });
    }

    /// The message was deleted, or the bot thrown out: it is kept up no more, until somebody asks for a new one.
    async fn gone(&self, desk: &Desk, studio: StudioId, message: i32) {
        {
            let mut all = lock(&self.shown);
            let Some(shown) = all.get_mut(&studio).filter(|shown| shown.message == Some(message)) else { return };
            *shown = Shown::default();
        }
        keep_number(desk, studio, None).await;
    }
}

async fn keep_number(desk: &Desk, studio: StudioId, number: Option<i32>) {
    if let Err(error) = desk.service.set_panel_message(studio, number).await {
        tracing::error!(%studio, %error, "the panel's message was not kept");
    }
}

fn of(desk: &Desk, studio: StudioId) -> Option<(Studio, Panel)> {
    Some((desk.service.studio(studio)?, desk.service.panel(studio)?))
}

fn drawn(desk: &Desk, studio: &Studio, panel: &Panel) -> Post {
    let mut view = PanelView::of(panel, now());
    // In one's own studio it is always oneself.
    if studio.kind == StudioKind::Group {
        let name = |user| desk.name_in(studio.chat, user);
        view.publisher = panel.publisher.and_then(name);
        let on_duty = panel.on_duty.iter().copied().filter(|user| desk.operates_still(studio, *user));
        view.on_duty = on_duty.filter_map(name).collect();
    }
    desk.draw(desk.studio_lang(studio), studio.chat, &page(panel, studio.kind, view))
}

/// The panel with its buttons, which anybody may tap who may do what they say.
fn page(panel: &Panel, kind: StudioKind, view: PanelView) -> Page {
    let failed = panel.targets.iter().zip(&view.targets).filter(|(_, view)| view.state.failed());
    let failed: Vec<_> = failed.take(RETRIES).map(|(shown, view)| amends(shown.target.id, view)).collect();
    let any_ready = view.targets.iter().any(|target| target.state == StateView::Ready);
    let fetch = matches!(view.pull, Some(PullView::Retrying { .. }))
        .then(|| tap(Label::FetchNow, Action::Source(SourceDeed::Retry)));
    let held = matches!(view.phase, PhaseView::Held { .. });
    let page = failed.into_iter().fold(Page::new(Screen::Panel(view)).row(fetch), Page::row);
    let page = page.row(held.then(|| tap(Label::KeepHolding, Action::KeepHolding)));
    let add = tap(Label::AddTarget, again(Command::AddTarget));
    let go = |label| tap(label, again(Command::GoLive(String::new())));
    let stop = |label| tap(label, again(Command::StopLive { now: false, names: String::new() }));
    let targets = tap(Label::Targets, again(Command::Targets));
    let look = tap(Label::Look, again(Command::Look));
    if panel.asleep {
        return page.row([go(Label::GoOn), tap(Label::EndNow, Action::EndNow)]);
    }
    if panel.has_broadcast() {
        let duty = (kind == StudioKind::Group).then(|| tap(Label::OnDuty, Action::Private(Errand::Duty)));
        let shown = panel.source.is_some() || held;
        let first = [Some(stop(Label::Stop)), shown.then_some(look), Some(targets)];
        return page.row(first.into_iter().flatten()).row([Some(add), duty].into_iter().flatten());
    }
    let camera = match kind {
        StudioKind::Private => again(Command::Ingest),
        StudioKind::Group => Action::Private(Errand::Ingest),
    };
    let page = page.row(any_ready.then(|| go(Label::GoLive)).into_iter().chain([tap(Label::Camera, camera)]));
    let page = page.row(panel.source.is_some().then_some(look));
    if panel.targets.is_empty() { page.row([add]) } else { page.row([add, targets]) }
}

/// What may help a platform that fails. The first button names it, for the others beside it.
fn amends(target: TargetId, view: &TargetView) -> Vec<Button> {
    let retry = tap(Label::RetryNamed(view.name.clone()), Action::Target(target, Deed::Retry));
    let rekey = matches!(view.state, StateView::Refused { .. });
    let rekey = rekey.then(|| tap(Label::NewKey, Action::Target(target, Deed::Rekey)));
    let out = tap(Label::TurnOff, Action::Target(target, Deed::LeaveOut));
    [Some(retry), rekey, Some(out)].into_iter().flatten().collect()
}
