//! What comes in is taken to the verb that it asks for. Handlers are quick: what waits for a platform goes on in a
//! task of its own, what is written goes to the outbox.
//!
//! Read [`Desk::take`] first. One file per group of verbs.

mod add;
mod add_saved;
mod add_shown;
mod admin;
mod announce;
mod chats;
mod check;
mod ingest;
mod keys;
mod look;
mod recordings;
mod servers;
mod settings;
mod show;
mod sources;
mod start;
mod taps;
mod targets;
pub(super) mod tiles;
mod watch;
mod weekly;
mod words;

use super::command::{Command, Typed, behind};
use super::desk::{Desk, Talk, again};
use super::label::Label;
use super::leak::holds_key;
use super::page::{Page, tap};
use super::screen::{Group, Hello, No, Screen};
use super::update::{Author, Incoming, Place, Saying, What};
use crate::domain::access::{Caller, Right};
use crate::domain::id::ChatId;
use crate::service::Refused;
use crate::store::Studio;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A command with effects that is older than this asks before it does anything.
const LATE: Duration = Duration::from_secs(120);

/// Why a verb was not carried out, and what to say.
enum Stop {
    Refused(Refused),
    No(No),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<No> for Stop {
    fn from(no: No) -> Self {
        Self::No(no)
    }
}

type Done = Result<(), Stop>;

impl Desk {
    /// Deals with one update.
    pub(super) async fn take(self: Arc<Self>, incoming: Incoming) {
        let Some(chat) = incoming.chat else { return };
        match incoming.what {
            What::Said(saying) => self.said(chat, saying).await,
            What::Tapped(tap) => self.tap(chat, tap).await,
            What::Me { by, place, was_in, is_in } => self.me(chat, &by, &place, was_in, is_in).await,
            What::InChannel { by, title, was_in, posts } => self.in_channel(chat, &by, &title, was_in, posts).await,
            What::Member { user, powers } => self.member_changed(chat, user, powers).await,
            What::Moved { to } => self.moved(chat, to).await,
            What::Came { from } => self.moved(from, chat).await,
            What::Nothing => {}
        }
    }

    /// Says that a fault of ours came between, after one.
    pub(super) fn broke(&self, chat: ChatId, query: Option<String>) {
        if let Some(query) = query {
            let text = super::text::toast(self.chat_lang(chat), &super::label::Toast::No(No::Broken));
            self.outbox.answer(query, super::telegram::Answer { text, ..Default::default() });
        } else if chat.0 > 0 {
            let page = Page::new(Screen::No(No::Broken));
            let post = self.draw(self.chat_lang(chat), chat, &page);
            self.outbox.send(chat, super::outbox::Urgency::Reply, post);
        }
    }

    async fn said(self: &Arc<Self>, chat: ChatId, saying: Saying) {
        self.outbox.open(chat);
        let person = match &saying.by {
            Author::Person(person) => Some(person),
            Author::AnonymousAdmin => None,
        };
        if let Some(person) = person {
            self.note_person(person);
        }
        let lang = self.lang_in(&saying.place, chat, person);
        let Saying { message, topic, .. } = saying;
        let (who, place) = (saying.by.clone(), saying.place.clone());
        let talk = Talk { who, chat, place, about: chat, lang, message, tapped: false, topic };
        let done = if talk.private() {
            self.said_in_private(&talk, &saying).await
        } else {
            self.said_in_group(&talk, &saying).await
        };
        if let Err((stop, retry)) = done {
            // Where the disk failed, the same message is wanted again.
            let lost = !matches!(stop, Stop::Refused(Refused::Store));
            self.refuse(&talk, stop, retry);
            if lost && talk.private() && holds_key(&saying.text, self.service.catalogue()) {
                let deleted = self.erase(&talk).await;
                self.say(&talk, Screen::Add(super::screen::Add::NotTaken { deleted }));
            }
        }
    }

    async fn said_in_private(self: &Arc<Self>, talk: &Talk, saying: &Saying) -> Result<(), (Stop, Option<Command>)> {
        let (text, forwarded) = (saying.text.as_str(), saying.forwarded);
        let typed = Command::read(text, self.name(), true);
        let plain = |stop| (stop, None);
        if let Some(person) = talk.person() {
            self.service.set_name(person.id, &person.name).await.map_err(|refused| plain(refused.into()))?;
        }
        if self.worded(talk, saying).await? {
            return Ok(());
        }
        match typed {
            Typed::Command(_) | Typed::Unknown if forwarded => Ok(()),
            Typed::Others => Ok(()),
            Typed::Command(Command::AddTarget) if !behind(text).is_empty() => {
                self.add_given(talk, behind(text)).await.map_err(plain)
            }
            Typed::Command(command) => self.command(talk, command, Some(saying.at)).await,
            // “/addtarge”: server and key all the same.
            Typed::Unknown if holds_key(text, self.service.catalogue()) => {
                self.add_given(talk, behind(text)).await.map_err(plain)
            }
            Typed::Unknown => {
                self.interrupt(talk, None).await.map_err(plain)?;
                self.not_understood(talk).await.map_err(plain)
            }
            Typed::Text => match self.answered(talk, text, forwarded).await {
                Ok(true) => Ok(()),
                Ok(false) => self.not_understood(talk).await.map_err(plain),
                Err(stop) => Err(plain(stop)),
            },
        }
    }

    async fn said_in_group(self: &Arc<Self>, talk: &Talk, saying: &Saying) -> Result<(), (Stop, Option<Command>)> {
        if self.leaked(talk, &saying.text).await || saying.forwarded || self.worded(talk, saying).await? {
            return Ok(());
        }
        match Command::read(&saying.text, self.name(), false) {
            Typed::Command(command) => self.command(talk, command, Some(saying.at)).await,
            // In a group, silence: it may be meant for anybody.
            Typed::Unknown | Typed::Others | Typed::Text => Ok(()),
        }
    }

    /// Carries out a command; a failure comes with the command, which may be wanted again.
    async fn command(
        self: &Arc<Self>,
        talk: &Talk,
        command: Command,
        at: Option<SystemTime>,
    ) -> Result<(), (Stop, Option<Command>)> {
        if talk.private() && command != Command::Cancel {
            self.interrupt(talk, Some(&command)).await.map_err(|stop| (stop, None))?;
        }
        let age = at.and_then(|at| at.elapsed().ok()).unwrap_or_default();
        if let Some(name) = command.effect()
            && age > LATE
        {
            let screen = Screen::Hello(Hello::Late { command: name, minutes: age.as_secs() / 60 });
            self.say(talk, Page::new(screen).row([tap(Label::RunNow, again(command))]).only_if(talk));
            return Ok(());
        }
        let done = match command.clone() {
            Command::Start(payload) => self.start(talk, &payload).await,
            Command::Help => self.help(talk).await,
            Command::Language => self.language(talk).await,
            Command::Settings => self.settings(talk).await,
            Command::Announce => self.announce(talk).await,
            Command::Cancel => self.cancel(talk).await,
            Command::AddTarget => self.add_target(talk).await,
            Command::Targets => self.targets(talk, 0).await,
            Command::Check => self.check_all(talk).await,
            Command::MyKeys => self.my_keys(talk, 0).await,
            Command::Forget => self.forget_ask(talk).await,
            Command::Admin(search) => self.admin(talk, &search).await,
            Command::Ingest => self.ingest(talk).await,
            Command::GoLive(names) => self.go_live(talk, &names).await,
            Command::StopLive { now, names } => self.stop_live(talk, now, &names).await,
            Command::Status => self.status(talk).await,
            Command::Look => self.look(talk).await,
            Command::Clip(time) => self.clip(talk, &time).await,
            Command::Recordings => self.recordings(talk, 0).await,
            Command::Links => self.links(talk).await,
            Command::Watch => self.watch_page(talk).await,
        };
        done.map_err(|stop| (stop, Some(command)))
    }

    /// Lets the talk's person do what needs `right`.
    async fn admit(&self, talk: &Talk, right: Right) -> Result<(Caller, Studio), Stop> {
        let caller = if right == Right::View { self.viewer(talk) } else { self.caller(talk).await? };
        let studio = self.service.admit(caller, right).await?;
        Ok((caller, studio))
    }

    /// Lets who operates go on in private. Whoever taps there shows who they are, so anonymous admins may ask too.
    async fn admit_to_private(&self, talk: &Talk) -> Done {
        let hides = talk.who == Author::AnonymousAdmin;
        self.admit(talk, if hides { Right::Stop } else { Right::Operate }).await?;
        Ok(())
    }

    /// Says why not, and what to do instead. `retry`: what was wanted.
    fn refuse(&self, talk: &Talk, stop: Stop, retry: Option<Command>) {
        let no = match (stop, retry) {
            (Stop::Refused(Refused::NotAllowed(_)), Some(command)) if talk.who == Author::AnonymousAdmin => {
                let page = Page::new(Screen::Group(Group::ProveAdmin));
                return self.say(talk, page.row([tap(Label::ProveAdmin, again(command))]));
            }
            (Stop::Refused(Refused::TooManyTargets { limit }), _) => {
                return self.say(talk, Screen::Add(super::screen::Add::TooMany { limit }));
            }
            (Stop::Refused(Refused::BadLink(fault)), _) => {
                let too_long = fault == crate::platform::viewer::LinkFault::TooLong;
                return self.say(talk, Screen::Target(super::screen::Target::LinkFault { too_long }));
            }
            (stop, _) => no_of(stop),
        };
        match no {
            No::Private { asked } => {
                // Strangers hear once who this is, and then nothing.
                if self.untold(talk.chat, asked) {
                    self.say(talk, if talk.private() { private_page(asked) } else { stranger_page(asked) });
                }
            }
            no => self.say(talk, Screen::No(no)),
        }
    }
}

impl Page {
    /// In a private chat every button is that person's; in a group, whoever has the right may tap.
    pub(super) fn only_if(self, talk: &Talk) -> Self {
        if talk.private() { self.only(talk.user()) } else { self }
    }
}

/// What a refusal is called on screens.
fn no_of(stop: Stop) -> No {
    match stop {
        Stop::No(no) => no,
        Stop::Refused(refused) => match refused {
            Refused::Unclaimed => No::Unclaimed,
            Refused::Private { asked } => No::Private { asked },
            Refused::NotAllowed(_) => No::AdminsOnly,
            Refused::OperatorsOnly(policy) => No::OperatorsOnly(policy),
            Refused::AppointersOnly => No::AppointersOnly,
            Refused::OutOfGroup => No::OutOfGroup,
            Refused::OwnerOnly => No::OwnerOnly,
            Refused::Denied(denied) => No::Denied(denied),
            Refused::NoSuchTarget | Refused::TooManyTargets { .. } | Refused::BadLink(_) => No::UnknownTarget,
            Refused::NotYours => No::NotYours,
            Refused::TooManyPlaces { limit } => No::TooManyPlaces { limit },
            Refused::Store => No::Store,
        },
    }
}

fn private_page(asked: bool) -> Page {
    let page = Page::new(Screen::No(No::Private { asked }));
    if asked { page } else { page.row([tap(Label::AskAccess, super::menu::Action::AskAccess)]) }
}

fn stranger_page(asked: bool) -> Page {
    let page = Page::new(Screen::Group(Group::Stranger { asked }));
    if asked { page } else { page.row([tap(Label::AskAccess, super::menu::Action::AskAccess)]) }
}

/// The title of the place, for the studio's record.
fn title_of(talk: &Talk) -> String {
    match (&talk.place, talk.person()) {
        (Place::Group { title }, _) => title.clone(),
        (Place::Private, Some(person)) => person.name.clone(),
        (Place::Private, None) => String::new(),
    }
}
