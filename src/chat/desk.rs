//! What every handler works with: the service, the outbox, the buttons that are out, who is who.
//!
//! Read [`Desk`] first, then [`Talk`]: who talks with the bot, where, and about which studio.

use super::admins::Admins;
use super::alerts::Alerts;
use super::announcer::{Announcer, Channels};
use super::lasting;
use super::menu::{Action, Entry, Menus, TAPPED, Ticket};
use super::outbox::{Outbox, Urgency};
use super::page::{Does, Key, Page, Post, Press};
use super::panels::Panels;
use super::rows;
use super::said::Said;
use super::screen::No;
use super::telegram::{Fault, Telegram};
use super::text;
use super::update::{Author, Person, Place};
use crate::domain::access::{Caller, Standing};
use crate::domain::id::{ChatId, StudioId, UserId};
use crate::domain::lang::Lang;
use crate::service::Service;
use crate::store::{Studio, StudioKind};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The user that Telegram shows for every anonymous admin.
const ANONYMOUS: UserId = UserId(1_087_968_824);
/// Strangers and their groups hear the same line at most once in this time.
const STRANGERS_EVERY: Duration = Duration::from_secs(7 * 86_400);
/// Strangers remembered at most.
const STRANGERS: usize = 10_000;

/// Everything that handlers share.
pub(super) struct Desk {
    pub(super) service: Service,
    pub(super) telegram: Telegram,
    pub(super) outbox: Outbox,
    pub(super) admins: Admins,
    pub(super) panels: Panels,
    pub(super) alerts: Mutex<Alerts>,
    pub(super) announcer: Announcer,
    pub(super) channels: Channels,
    /// Who asked how to announce the shows of which studio, and when.
    pub(super) announcing: Mutex<HashMap<UserId, (StudioId, Instant)>>,
    pub(super) menus: Mutex<Menus>,
    /// Who asked where to stop, and when: the same again within half a minute is an answer.
    pub(super) stops: Mutex<HashMap<(ChatId, UserId), Instant>>,
    /// Who was told that this is private, and whether they had asked to be let in by then.
    strangers: Mutex<HashMap<(ChatId, bool), Instant>>,
    /// The bot's user name, once Telegram has told it.
    name: OnceLock<String>,
    /// People who spoke or tapped lately.
    pub(super) heard: Mutex<HashMap<UserId, Person>>,
    pub(super) tasks: TaskTracker,
    /// Ends the tasks, last of all.
    pub(super) token: CancellationToken,
}

/// Who talks with the bot, where, and about which studio.
#[derive(Clone, Debug)]
pub(super) struct Talk {
    pub(super) who: Author,
    pub(super) chat: ChatId,
    pub(super) place: Place,
    /// The chat whose studio is meant; in a private chat that may be a group's.
    pub(super) about: ChatId,
    pub(super) lang: Lang,
    /// The message that is answered.
    pub(super) message: i32,
    /// A button under it was tapped, so it may be changed.
    pub(super) tapped: bool,
    /// The topic of the group in which it is.
    pub(super) topic: Option<i32>,
}

impl Talk {
    pub(super) fn private(&self) -> bool {
        self.place == Place::Private
    }

    /// The person, unless they hide.
    pub(super) fn person(&self) -> Option<&Person> {
        match &self.who {
            Author::Person(person) => Some(person),
            Author::AnonymousAdmin => None,
        }
    }

    pub(super) fn user(&self) -> UserId {
        self.person().map_or(ANONYMOUS, |person| person.id)
    }
}

impl Desk {
    pub(super) fn new(service: Service, telegram: Telegram, outbox: Outbox) -> Self {
        let mut menus = Menus::default();
        service.taps().into_iter().for_each(|(number, entry)| menus.restore(now(), number, entry, TAPPED));
        Self {
            service,
            telegram,
            outbox,
            admins: Admins::default(),
            panels: Panels::default(),
            alerts: Mutex::default(),
            announcer: Announcer::default(),
            channels: Channels::default(),
            announcing: Mutex::default(),
            menus: menus.into(),
            stops: Mutex::default(),
            strangers: Mutex::default(),
            name: OnceLock::new(),
            heard: Mutex::default(),
            tasks: TaskTracker::new(),
            token: CancellationToken::new(),
        }
    }

    /// Goes on with `work` beside everything else, until the end.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let token = self.token.clone();
        self.tasks.spawn(async move { token.run_until_cancelled(work).await });
    }

    /// The bot's user name.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.get().map(String::as_str)
    }

    pub(super) fn set_name(&self, name: String) {
        // The same one after every reconnect.
        let _ = self.name.set(name);
    }

    /// A link to the private chat, with a payload.
    pub(super) fn link(&self, payload: &str) -> String {
        format!("https://t.me/{}?start={payload}", self.name().unwrap_or_default())
    }

    /// A link to the private chat for one errand of one person.
    pub(super) fn ticket(&self, ticket: Ticket) -> String {
        let payload = lock(&self.menus).ticket(now(), ticket);
        self.link(&payload)
    }

    /// Who asks, as a verb wants to know it.
    pub(super) async fn caller(&self, talk: &Talk) -> Result<Caller, No> {
        let standing = match (&talk.who, &talk.place) {
            (_, Place::Private) if talk.about == talk.chat => Standing::Private,
            (Author::AnonymousAdmin, _) => Standing::AnonymousAdmin,
            (Author::Person(person), _) => self.standing(talk.about, person.id).await?,
        };
        Ok(Caller { user: talk.user(), chat: talk.about, standing })
    }

    /// A caller who only wants to look, which anybody in the chat may: Telegram is not asked.
    pub(super) fn viewer(&self, talk: &Talk) -> Caller {
        let own = talk.private() && talk.about == talk.chat;
        Caller { user: talk.user(), chat: talk.about, standing: if own { Standing::Private } else { Standing::Member } }
    }

    /// `page` as it is sent to `chat`.
    pub(super) fn draw(&self, lang: Lang, chat: ChatId, page: &Page) -> Post {
        // A studio that a lasting button is about must be known without this process.
        let of = || page.of.or_else(|| self.service.studio_of(chat).map(|studio| studio.id));
        let until = SystemTime::now() + page.time;
        let mut menus = lock(&self.menus);
        let mut press = |does: &Does| match does {
            Does::Copy(text) => Press::Copy(text.clone()),
            Does::Open(url) => Press::Open(url.clone()),
            Does::Tap(action) => {
                let entry = Entry { at: chat, whose: page.whose, of: page.of, action: action.clone() };
                let named = lasting::lasts(action).then(|| Entry { of: of(), ..entry.clone() });
                let lasting = named.and_then(|named| lasting::seal(&named, until, |text| self.service.mark_of(text)));
                Press::Data(lasting.unwrap_or_else(|| menus.draw(now(), entry, page.time)))
            }
        };
        let rows = page.rows.iter();
        let keyboard = rows
            .map(|row| {
                let keys = row.iter();
                keys.map(|key| Key { label: text::label(lang, &key.label), press: press(&key.does) }).collect()
            })
            .collect();
        Post { text: text::page(lang, &page.screen), keyboard: rows::fitted(keyboard), ..Post::default() }
    }

    /// `page` for this talk: its buttons mean the talk's studio.
    pub(super) fn drawn(&self, talk: &Talk, page: &Page) -> Post {
        let mut page = page.clone();
        if page.of.is_none() && talk.about != talk.chat {
            page.of = self.service.studio_of(talk.about).map(|studio| studio.id);
        }
        let mut post = self.draw(talk.lang, talk.chat, &page);
        // In a group one sees by this who is answered.
        post.reply_to = (!talk.private() && !talk.tapped).then_some(talk.message);
        post.topic = talk.topic;
        post
    }

    /// Answers with a new message.
    pub(super) fn say(&self, talk: &Talk, page: impl Into<Page>) {
        let post = self.drawn(talk, &page.into());
        self.outbox.send(talk.chat, Urgency::Reply, post);
    }

    /// Answers in the message whose button was tapped, else with a new one.
    pub(super) fn turn(&self, talk: &Talk, page: impl Into<Page>) {
        let post = self.drawn(talk, &page.into());
        if talk.tapped {
            self.outbox.edit(talk.chat, Urgency::Reply, talk.message, post);
        } else {
            self.outbox.send(talk.chat, Urgency::Reply, post);
        }
    }

    /// The language for a person in their private chat.
    pub(super) fn lang_of(&self, user: UserId) -> Lang {
        self.known_lang(user).unwrap_or_default()
    }

    /// The same, as far as it is known.
    pub(super) fn known_lang(&self, user: UserId) -> Option<Lang> {
        let chosen = self.service.person(user).language;
        let heard = || lock(&self.heard).get(&user).map(|person| person.lang);
        chosen.or_else(|| self.service.studio_of(private_chat(user))?.language).or_else(heard)
    }

    /// The language of a talk: a group speaks one, a person their own.
    pub(super) fn lang_in(&self, place: &Place, chat: ChatId, person: Option<&Person>) -> Lang {
        let own = person.map(|person| self.service.person(person.id).language.unwrap_or(person.lang));
        match place {
            Place::Private => own.unwrap_or_default(),
            Place::Group { .. } => {
                let groups = self.service.studio_of(chat).and_then(|studio| studio.language);
                groups.or(own).unwrap_or_default()
            }
        }
    }

    /// The language in which a studio is told things.
    pub(super) fn studio_lang(&self, studio: &Studio) -> Lang {
        let own = match (studio.kind, u64::try_from(studio.chat.0)) {
            (StudioKind::Private, Ok(user)) => self.service.person(UserId(user)).language,
            _ => None,
        };
        own.or(studio.language).unwrap_or_default()
    }

    /// The language in which a chat is spoken to.
    pub(super) fn chat_lang(&self, chat: ChatId) -> Lang {
        self.service.studio_of(chat).map(|studio| self.studio_lang(&studio)).unwrap_or_default()
    }

    /// The studio's title for a person who is told of it elsewhere.
    pub(super) fn title_for(&self, studio: &Studio, chat: ChatId) -> Option<Said> {
        (studio.chat != chat).then(|| Said::name(&studio.title))
    }

    /// The studio that a private chat talks about, where that is a group's.
    pub(super) fn foreign(&self, talk: &Talk) -> Option<Said> {
        let studio = self.service.studio_of(talk.about)?;
        self.title_for(&studio, talk.chat)
    }

    /// Deletes what was just said, which holds a key. Where Telegram cannot be reached it is tried again later, but
    /// that is not counted on: says whether it is gone.
    pub(super) async fn erase(&self, talk: &Talk) -> bool {
        match self.telegram.delete(talk.chat, talk.message).await {
            Ok(()) => true,
            Err(Fault::Wait(_) | Fault::Unreachable(_)) => {
                self.outbox.delete(talk.chat, talk.message);
                false
            }
            Err(_) => false,
        }
    }

    /// The chat of a studio.
    pub(super) fn chat_of(&self, studio: StudioId) -> Option<ChatId> {
        self.service.studio(studio).map(|studio| studio.chat)
    }

    /// Whether a stranger's chat has not been told lately. `asked`: the line says that the owner has been asked.
    pub(super) fn untold(&self, chat: ChatId, asked: bool) -> bool {
        let now = now();
        let mut strangers = lock(&self.strangers);
        if strangers.len() >= STRANGERS {
            strangers.clear();
        }
        let told = strangers.insert((chat, asked), now);
        told.is_none_or(|then| now.saturating_duration_since(then) >= STRANGERS_EVERY)
    }

    /// What a tapped button does, or why nothing.
    pub(super) fn tapped(&self, data: &str, chat: ChatId, user: UserId) -> Result<Entry, super::menu::Refusal> {
        let lasting = lasting::open(data, chat, user, SystemTime::now(), |text| self.service.mark_of(text));
        lasting.map_or_else(|| lock(&self.menus).tapped(now(), data, chat, user), Ok)
    }

    /// Whether this is the second time within half a minute that `user` wants to stop here.
    pub(super) fn stops_again(&self, chat: ChatId, user: UserId, within: Duration) -> bool {
        let now = now();
        let mut stops = lock(&self.stops);
        stops.retain(|_, asked| now.saturating_duration_since(*asked) < within);
        stops.insert((chat, user), now).is_some()
    }

    /// `user` has thought better of it.
    pub(super) fn stops_no_more(&self, chat: ChatId, user: UserId) {
        lock(&self.stops).remove(&(chat, user));
    }
}

/// A button's action that repeats a command under the tapper's own name.
pub(super) fn again(command: super::command::Command) -> Action {
    Action::Run(command)
}

/// Telegram: a private chat has its person's number.
pub(super) fn private_chat(user: UserId) -> ChatId {
    ChatId(user.0.cast_signed())
}

/// A poisoned lock is taken as it is: every change under one is a single step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
