//! /announce: in which chats the audience is told of shows. Whoever says so operates the studio, and runs the chat.

use super::Stop;
use crate::chat::calls::Call;
use crate::chat::desk::{Desk, Talk, lock, now, private_chat};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, Errand, Ticket};
use crate::chat::page::{Page, open, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Announce, News, No, Screen};
use crate::chat::update::{Author, Person};
use crate::domain::access::{Caller, Right, Standing};
use crate::domain::announce::{Announces, Spot};
use crate::domain::id::{ChatId, StudioId, UserId};
use crate::service::Refused;
use crate::store::Studio;
use std::sync::Arc;
use std::time::Duration;

/// How long who asked how to announce a studio's shows is taken to mean it by adding the bot somewhere.
const MEANT: Duration = Duration::from_secs(15 * 60);

impl Desk {
    pub(super) async fn announce(&self, talk: &Talk) -> Result<(), Stop> {
        if talk.private() {
            let (_, studio) = self.admit(talk, Right::Operate).await?;
            lock(&self.announcing).insert(talk.user(), (studio.id, now()));
            let page = self.places(talk, &studio);
            self.say(talk, page);
            return Ok(());
        }
        let spot = Spot { chat: talk.chat, topic: talk.topic };
        let page = self.here(talk, spot).await?;
        self.say(talk, page);
        Ok(())
    }

    /// Where a studio's shows are announced, with the ways to further places.
    fn places(&self, talk: &Talk, studio: &Studio) -> Page {
        let places = studio.announces.iter().map(|place| Said::name(&place.title)).collect();
        let page = Page::new(Screen::Announce(Announce::Places { places, studio: self.foreign(talk) }));
        let gone = |place: &Announces| {
            tap(Label::Unannounce(Said::name(&place.title)), Action::Unannounce(studio.id, place.spot))
        };
        let name = self.name().unwrap_or_default();
        let ticket = Ticket { user: talk.user(), studio: studio.id, errand: Errand::Announce };
        let payload = lock(&self.menus).ticket(now(), ticket);
        // Telegram asks who adds it for these rights, and for no others.
        let channel = format!("https://t.me/{name}?startchannel&admin=post_messages+edit_messages");
        let group = format!("https://t.me/{name}?startgroup={payload}");
        page.grid(2, studio.announces.iter().map(gone))
            .row([open(Label::ToChannel, channel), open(Label::ToGroup, group)])
            .only(talk.user())
    }

    /// Whose shows are announced in a group or a topic, and whose the talk's person could have announced.
    async fn here(&self, talk: &Talk, spot: Spot) -> Result<Page, Stop> {
        let all = self.service.announcers(spot.chat);
        let told = |studio: &Studio| studio.announces.iter().any(|place| place.spot == spot);
        let all: Vec<_> = all.into_iter().filter(told).collect();
        let own = match talk.person() {
            Some(person) => self.service.own_studio(person.id),
            None => None,
        };
        let runs = self.runs(talk.chat, talk).await?;
        let of_group = self.admit(talk, Right::Operate).await;
        let of_group = match of_group {
            Ok((_, studio)) => Some(studio),
            // Who runs the group may have their own shows announced, and end what others announce here.
            Err(_) if runs && (own.is_some() || !all.is_empty()) => None,
            Err(stop) => return Err(stop),
        };
        let studios = all.iter().map(|studio| Said::name(&studio.title)).collect();
        let page = Page::new(Screen::Announce(Announce::Here { studios }));
        let more = of_group.is_some();
        let can: Vec<_> = of_group.into_iter().chain(own).filter(|studio| !told(studio)).collect();
        let page = can.iter().fold(page, |page, studio| {
            page.row([tap(Label::Announce(Said::name(&studio.title)), Action::AnnounceHere(studio.id))])
        });
        let gone =
            |studio: &Studio| tap(Label::Unannounce(Said::name(&studio.title)), Action::Unannounce(studio.id, spot));
        let page = page.grid(2, all.iter().map(gone));
        Ok(page.row(more.then(|| tap(Label::ToChats, Action::Private(Errand::Announce)))))
    }

    /// Whether the talk's person runs a chat: an admin of it, who may post where it is a channel. `No` where Telegram
    /// does not say.
    async fn runs(&self, chat: ChatId, talk: &Talk) -> Result<bool, No> {
        match &talk.who {
            Author::AnonymousAdmin => Ok(false),
            Author::Person(person) => self.is_run_by(chat, person.id).await,
        }
    }

    async fn is_run_by(&self, chat: ChatId, user: UserId) -> Result<bool, No> {
        Ok(match self.standing(chat, user).await? {
            Standing::Admin(powers) => powers.creator || powers.posts || !self.channels.is_one(chat),
            _ => false,
        })
    }

    /// In the chat and topic of the button, the shows of a studio are announced.
    pub(super) async fn announce_here(&self, talk: &Talk, studio: StudioId) -> Result<Toast, Stop> {
        let spot = Spot { chat: talk.chat, topic: talk.topic };
        let title = match &talk.place {
            crate::chat::update::Place::Group { title } => title.clone(),
            crate::chat::update::Place::Private => return Err(No::UnknownTarget.into()),
        };
        self.announce_at(talk, studio, Announces { spot, title }).await?;
        let page = self.here(talk, spot).await?;
        self.turn(talk, page);
        Ok(Toast::Silent)
    }

    /// In a channel that the talk's person has just added the bot to.
    pub(super) async fn announce_there(&self, talk: &Talk, studio: StudioId, chat: ChatId) -> Result<Toast, Stop> {
        let title = self.channels.title(chat).ok_or(No::Broken)?;
        let place = Announces { spot: Spot { chat, topic: None }, title };
        let screen = match self.announce_at(talk, studio, place.clone()).await {
            Ok(studio) => Announce::Added { place: Said::name(&place.title), studio: Said::name(&studio.title) },
            Err(Stop::No(No::AdminsOnly)) => Announce::NotYourChat { place: Said::name(&place.title) },
            Err(stop) => return Err(stop),
        };
        self.turn(talk, Page::new(Screen::Announce(screen)));
        Ok(Toast::Silent)
    }

    /// Judges both: who asks operates the studio, and runs the chat.
    async fn announce_at(&self, talk: &Talk, studio: StudioId, place: Announces) -> Result<Studio, Stop> {
        let about = self.chat_of(studio).ok_or(No::UnknownTarget)?;
        let caller = self.caller_of(talk, about).await?;
        let studio = self.service.admit(caller, Right::Operate).await?;
        if !self.runs(place.spot.chat, talk).await? {
            return Err(No::AdminsOnly.into());
        }
        self.service.announce_in(caller, place).await?;
        Ok(studio)
    }

    /// Who asks, as the studio of another chat sees it.
    async fn caller_of(&self, talk: &Talk, about: ChatId) -> Result<Caller, No> {
        let user = talk.user();
        let standing = match about {
            own if own == private_chat(user) => Standing::Private,
            // Somebody else's private chat.
            ChatId(1..) => Standing::Member,
            group => self.standing(group, user).await?,
        };
        Ok(Caller { user, chat: about, standing })
    }

    /// A studio's shows are announced there no more: its operators may say so, and who runs that chat.
    pub(super) async fn unannounce(self: &Arc<Self>, talk: &Talk, studio: StudioId, spot: Spot) -> Result<Toast, Stop> {
        let about = self.chat_of(studio).ok_or(No::UnknownTarget)?;
        let caller = self.caller_of(talk, about).await?;
        let mut theirs = false;
        let known = match self.service.admit(caller, Right::Operate).await {
            Ok(known) => known,
            // A group that may use nothing runs nothing.
            Err(refused @ Refused::Private { .. }) if about == spot.chat => return Err(refused.into()),
            Err(refused) => {
                if talk.private() || !self.runs(spot.chat, talk).await? {
                    return Err(refused.into());
                }
                theirs = true;
                self.service.studio(studio).ok_or(No::UnknownTarget)?
            }
        };
        let title = self.service.announce_no_more(studio, spot, caller).await?.unwrap_or_default();
        let place = Said::name(&title);
        if theirs {
            let page = |_| Page::new(Screen::News(News::NotAnnounced { place: place.clone() }));
            self.in_studio(studio, Call::Nobody, None, &page);
        }
        let here = if talk.private() { None } else { self.here(talk, spot).await.ok() };
        let studio = Said::name(&known.title);
        self.turn(talk, here.unwrap_or(Page::new(Screen::Announce(Announce::Gone { place, studio }))));
        Ok(Toast::Silent)
    }

    /// The bot was brought into a group by the link of /announce.
    pub(super) async fn announce_by_link(&self, talk: &Talk, studio: StudioId) -> Result<(), Stop> {
        let crate::chat::update::Place::Group { title } = &talk.place else { return Ok(()) };
        let place = Announces { spot: Spot { chat: talk.chat, topic: talk.topic }, title: title.clone() };
        let screen = match self.announce_at(talk, studio, place).await {
            Ok(studio) => Announce::Added { place: Said::name(title), studio: Said::name(&studio.title) },
            Err(Stop::No(No::AdminsOnly)) => Announce::NotYourChat { place: Said::name(title) },
            Err(stop) => return Err(stop),
        };
        self.say(talk, Screen::Announce(screen));
        Ok(())
    }

    /// Whether somebody has asked how to announce shows, and of which studio, lately.
    pub(super) fn means_to_announce(&self, user: UserId) -> Option<StudioId> {
        let (now, mut all) = (now(), lock(&self.announcing));
        all.retain(|_, (_, asked)| now.saturating_duration_since(*asked) < MEANT);
        all.get(&user).map(|(studio, _)| *studio)
    }

    /// The bot may post in a channel by now, or may not any more.
    pub(super) async fn in_channel(&self, channel: ChatId, by: &Person, title: &str, was_in: bool, posts: bool) {
        self.admins.doubt(channel);
        self.channels.note(channel, title);
        if !posts {
            self.outbox.shut(channel);
            if let Err(error) = self.service.shut_out_of(channel).await {
                tracing::error!(%channel, %error, "a channel that is gone is still announced in");
            }
            return;
        }
        self.outbox.open(channel);
        let (own, meant) = (self.service.own_studio(by.id), self.means_to_announce(by.id));
        // Strangers are not answered.
        if was_in || (own.is_none() && meant.is_none()) {
            return;
        }
        self.note_person(by);
        let lang = self.lang_of(by.id);
        let chat = private_chat(by.id);
        let talk = Talk {
            who: Author::Person(by.clone()),
            chat,
            place: crate::chat::update::Place::Private,
            about: chat,
            lang,
            message: 0,
            tapped: false,
            topic: None,
        };
        let place = Announces { spot: Spot { chat: channel, topic: None }, title: title.to_owned() };
        if let Some(studio) = meant
            && let Ok(studio) = self.announce_at(&talk, studio, place).await
        {
            let screen = Announce::Added { place: Said::name(title), studio: Said::name(&studio.title) };
            return self.say(&talk, Screen::Announce(screen));
        }
        let Some(own) = own else { return };
        let page = Page::new(Screen::Announce(Announce::Channel { place: Said::name(title) }));
        let button = tap(Label::Announce(Said::name(&own.title)), Action::AnnounceIn(own.id, channel));
        self.say(&talk, page.row([button]).only(by.id));
    }
}
