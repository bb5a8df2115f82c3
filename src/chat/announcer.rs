//! Tells audiences where to watch while a show is on air, and that it is over. What was told is kept in the store, so
//! that a restart changes the same messages.

use super::calls::Call;
use super::desk::{Desk, lock};
use super::outbox::{IfGone, Job, Urgency};
use super::page::{Page, Post};
use super::said::Said;
use super::screen::{Announce, News, Screen};
use super::view::{LinkView, coarse};
use crate::domain::announce::{Action, Announcement, Link, Spot};
use crate::domain::id::{ChatId, StudioId};
use crate::store::Studio;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::sync::oneshot;

/// How often it is looked what can be watched.
const LOOK: Duration = Duration::from_secs(2);
/// Channels remembered at most.
const CHANNELS: usize = 10_000;

/// Everything that is announced now.
#[derive(Default)]
pub(super) struct Announcer(Mutex<BTreeMap<StudioId, Announcement>>);

/// What channels are called to which the bot was added, for as long as this process runs.
#[derive(Default)]
pub(super) struct Channels(Mutex<HashMap<ChatId, String>>);

impl Channels {
    pub(super) fn note(&self, channel: ChatId, title: &str) {
        let mut all = lock(&self.0);
        if all.len() >= CHANNELS {
            all.clear();
        }
        all.insert(channel, title.to_owned());
    }

    pub(super) fn title(&self, channel: ChatId) -> Option<String> {
        lock(&self.0).get(&channel).cloned()
    }

    pub(super) fn is_one(&self, chat: ChatId) -> bool {
        lock(&self.0).contains_key(&chat)
    }
}

impl Announcer {
    /// Looks after all announcements, for ever.
    pub(super) async fn keep(&self, desk: &Arc<Desk>) {
        *lock(&self.0) = desk.service.announcements().into_iter().collect();
        lock(&self.0).values_mut().for_each(Announcement::begin_anew);
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            self.look(desk).await;
        }
    }

    async fn look(&self, desk: &Arc<Desk>) {
        let shows = desk.service.shows_to_announce();
        let is_on = |studio: &StudioId, told: &Announcement| {
            shows.iter().any(|(known, show)| known.id == *studio && show.since == told.show)
        };
        let over: Vec<_> = lock(&self.0).extract_if(.., |studio, told| !is_on(studio, told)).collect();
        for (id, told) in over {
            if let Some(studio) = desk.service.studio(id) {
                let post = drawn(desk, &studio, &told.links, Some(told.show));
                told.end().into_iter().for_each(|action| carry(desk, &action, &post));
            }
            keep(desk, id, None).await;
        }
        for (studio, show) in shows {
            let spots: Vec<_> = studio.announces.iter().map(|place| place.spot).collect();
            let (actions, told, changed) = {
                let mut all = lock(&self.0);
                if spots.is_empty() && !all.contains_key(&studio.id) {
                    continue;
                }
                let told = all.entry(studio.id).or_insert_with(|| Announcement::new(show.since));
                let before = told.clone();
                let actions = told.handle(SystemTime::now(), &show.links, &show.part, &spots);
                (actions, told.clone(), *told != before)
            };
            if changed {
                keep(desk, studio.id, Some(told.clone())).await;
            }
            let post = drawn(desk, &studio, &told.links, None);
            for action in actions {
                match action {
                    Action::Post(spot) => self.post(desk, &studio, told.show, spot, post.clone()),
                    action => carry(desk, &action, &post),
                }
            }
        }
    }

    fn post(&self, desk: &Arc<Desk>, studio: &Studio, show: SystemTime, spot: Spot, mut post: Post) {
        post.topic = spot.topic;
        let number = desk.outbox.send_numbered(spot.chat, Urgency::Alert, post);
        let (keeper, id) = (Arc::clone(desk), studio.id);
        desk.spawn(async move {
            let Ok(message) = number.await else {
                let known = keeper.service.studio(id);
                let place = known.and_then(|known| known.announces.into_iter().find(|place| place.spot == spot));
                // Where it was removed, that was told already.
                if let Some(place) = place {
                    let place = Said::name(&place.title);
                    let page = |_| Page::new(Screen::News(News::NotAnnounced { place: place.clone() }));
                    keeper.in_studio(id, Call::Nobody, None, &page);
                }
                return;
            };
            let told = {
                let mut all = lock(&keeper.announcer.0);
                let told = all.get_mut(&id).filter(|told| told.show == show);
                told.map(|told| {
                    told.sent(spot, message);
                    told.clone()
                })
            };
            match told {
                Some(told) => keep(&keeper, id, Some(told)).await,
                // The show was over before this arrived.
                None => keeper.outbox.delete(spot.chat, message),
            }
        });
    }

    /// Takes out what is told of a studio's show, with what is said there once both are gone: what it is called and speaks
    /// is gone then, too.
    pub(super) fn take(&self, desk: &Desk, studio: &Studio) -> Option<(Announcement, Post)> {
        let told = lock(&self.0).remove(&studio.id)?;
        let post = drawn(desk, studio, &told.links, Some(told.show));
        Some((told, post))
    }

    /// The studio is gone; or it is not, and all stays told.
    pub(super) async fn settle(&self, desk: &Desk, studio: StudioId, (told, post): (Announcement, Post), gone: bool) {
        if gone {
            told.end().into_iter().for_each(|action| carry(desk, &action, &post));
            keep(desk, studio, None).await;
        } else {
            lock(&self.0).insert(studio, told);
        }
    }

    /// A group has another number.
    pub(super) fn moved(&self, old: ChatId, new: ChatId) {
        lock(&self.0).values_mut().for_each(|told| told.moved(old, new));
    }
}

fn carry(desk: &Desk, action: &Action, post: &Post) {
    let (Action::Edit(spot, message) | Action::End(spot, message)) = action else { return };
    // One that was deleted there stays away.
    let (gone, _) = oneshot::channel();
    let job = Job::Edit { message: *message, post: post.clone(), gone: IfGone::Tell(gone) };
    desk.outbox.put(spot.chat, Urgency::Alert, job);
}

async fn keep(desk: &Desk, studio: StudioId, told: Option<Announcement>) {
    if let Err(error) = desk.service.set_announcement(studio, told).await {
        tracing::error!(%studio, %error, "what was announced was not kept");
    }
}

/// `over`: since when it was live, where it is no more.
fn drawn(desk: &Desk, studio: &Studio, links: &[Link], over: Option<SystemTime>) -> Post {
    // What the studio's own page showed is gone.
    let there = |link: &&Link| over.is_none() || link.target.is_some();
    let view =
        |link: &Link| LinkView { name: link.target.map(|_| Said::name(&link.name)), link: Said::address(&link.page) };
    let (title, links) = (Said::name(&studio.title), links.iter().filter(there).map(view).collect());
    let screen = match over {
        None => Announce::Live { title, links },
        Some(since) => {
            let lasted = coarse(SystemTime::now().duration_since(since).unwrap_or_default());
            Announce::Over { title, links, lasted }
        }
    };
    desk.draw(desk.studio_lang(studio), studio.chat, &Page::new(Screen::Announce(screen)))
}
