//! Taps. Each is judged when it is made, not when its menu was drawn, and always answered.

use super::{Stop, no_of};
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, lock, now};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, Deed, DraftDeed, Entry, Errand, FAILED, Refusal, SourceDeed, Ticket};
use crate::chat::outbox::Urgency;
use crate::chat::page::{Page, tap as button};
use crate::chat::said::Said;
use crate::chat::screen::{Hello, Keys, No, Screen};
use crate::chat::telegram::Answer;
use crate::chat::text;
use crate::chat::update::{Author, Tap};
use crate::chat::view::PanelView;
use crate::domain::access::{Caller, Right, Standing};
use crate::domain::id::ChatId;
use crate::domain::lang::Lang;
use crate::service::Refused;
use crate::store::StudioKind;
use std::sync::Arc;
use std::time::Duration;

/// What a tap brings about besides messages.
enum Reaction {
    Toast(Toast),
    /// Opens the private chat.
    Link(String),
}

impl Desk {
    pub(super) async fn tap(self: &Arc<Self>, chat: ChatId, tap: Tap) {
        self.outbox.open(chat);
        // A toast is seen by who taps alone, so it is in their language; the message stays in the chat's.
        let own = self.service.person(tap.by.id).language.unwrap_or(tap.by.lang);
        let lang = self.lang_in(&tap.place, chat, Some(&tap.by));
        self.note_person(&tap.by);
        let reaction = match self.tapped(&tap.data, chat, tap.by.id) {
            Ok(entry) => {
                let about = entry.of.and_then(|studio| self.chat_of(studio)).unwrap_or(chat);
                let talk = talk_of(&tap, chat, about, lang);
                if let Some(age) = tap.late.filter(|_| entry.action.is_felt()) {
                    self.outbox.answer(tap.query, Answer::default());
                    return self.ask_late(&talk, entry, tap.label, age);
                }
                // After a crash the tap comes once more, to a bot that has forgotten its buttons.
                if let Err(error) = self.service.keep_tap(&tap.data, &entry).await {
                    tracing::error!(%error, "a tap was not kept");
                }
                let again = entry.clone();
                let reaction = self.act(&talk, entry).await.unwrap_or_else(|no| Reaction::Toast(Toast::No(no)));
                let failed = matches!(reaction, Reaction::Toast(Toast::No(_) | Toast::NotPosted(_)));
                if failed && again.action.works_once() {
                    // Once what stood against it is mended, it is tapped again.
                    lock(&self.menus).restore(now(), tap.data, again, FAILED);
                }
                reaction
            }
            Err(Refusal::Old) => {
                // What it did, or would have done, is seen from how things are now.
                if !self.draft_again(&talk_of(&tap, chat, chat, lang)).await {
                    self.show_as_it_is(chat);
                }
                Reaction::Toast(Toast::OldMenu)
            }
            Err(Refusal::NotYours) => Reaction::Toast(Toast::NotYourMenu),
        };
        let answer = match reaction {
            Reaction::Toast(toast) => {
                let alert = matches!(toast, Toast::No(_));
                Answer { text: text::toast(own, &toast), alert, url: None }
            }
            Reaction::Link(url) => Answer { url: Some(url), ..Answer::default() },
        };
        self.outbox.answer(tap.query, answer);
    }

    /// The bot may have been away when it was tapped: asks before anything is done.
    fn ask_late(&self, talk: &Talk, entry: Entry, label: Option<Said>, age: Duration) {
        let screen = Screen::Hello(Hello::LateTap { label, minutes: age.as_secs().div_ceil(60) });
        let action = entry.action.below(talk.message);
        let page = Page::new(screen).row([button(Label::RunNow, action)]).only_if(talk);
        self.say(&Talk { tapped: false, ..talk.clone() }, page);
    }

    /// Shows what waits for its Save, if something does.
    async fn draft_again(self: &Arc<Self>, talk: &Talk) -> bool {
        talk.private() && matches!(self.draft_deed(talk, DraftDeed::Show { deleted: true }).await, Ok(Toast::Silent))
    }

    /// Says in a private chat how things are, in a message that is not the panel.
    pub(in crate::chat) fn show_as_it_is(&self, chat: ChatId) {
        let studio = self.service.studio_of(chat).filter(|studio| studio.kind == StudioKind::Private);
        let Some(panel) = studio.and_then(|studio| self.service.panel(studio.id)) else { return };
        let page = Page::new(Screen::Panel(PanelView::of(&panel, now())));
        self.outbox.send(chat, Urgency::Reply, self.draw(self.chat_lang(chat), chat, &page));
    }

    /// Does what a button says. What a person did wrong is told by a toast, or, where it needs more words, by a page.
    async fn act(self: &Arc<Self>, talk: &Talk, entry: Entry) -> Result<Reaction, No> {
        match self.act_or_stop(talk, entry).await {
            Ok(reaction) => Ok(reaction),
            Err(stop @ Stop::Refused(Refused::TooManyTargets { .. } | Refused::BadLink(_))) => {
                self.refuse(talk, stop, None);
                Ok(Reaction::Toast(Toast::Silent))
            }
            Err(stop) => Err(no_of(stop)),
        }
    }

    async fn act_or_stop(self: &Arc<Self>, talk: &Talk, entry: Entry) -> Result<Reaction, Stop> {
        let toast = match entry.action {
            Action::Run(command) => return self.run(talk, command).await,
            Action::Host(deed) => self.host_deed(talk, deed).await?,
            Action::Private(errand) => return self.private_link(talk, errand).await,
            Action::Target(id, deed @ (Deed::Rekey | Deed::Rename | Deed::Link)) if !talk.private() => {
                // In a group a plain bot does not hear what is typed.
                let errand = if deed == Deed::Rekey { Errand::Rekey(id) } else { Errand::Target(id) };
                return self.private_link(talk, errand).await;
            }
            Action::Target(id, deed) => self.target_deed(talk, id, deed).await?,
            Action::Watch(deed) => self.watch_deed(talk, deed).await?,
            Action::Page(page) => silent(self.targets(talk, page).await)?,
            Action::Language(lang) => silent(self.set_language(talk, lang).await)?,
            Action::SetHold(hold) => silent(self.set_hold(talk, hold).await)?,
            Action::Operators => silent(self.operators(talk).await)?,
            Action::SetPolicy(policy) => silent(self.set_policy(talk, policy).await)?,
            Action::Operator(user, yes) => silent(self.name_operator(talk, user, yes).await)?,
            Action::AskAccess => silent(self.ask_access(talk).await)?,
            Action::Admit { applicant, yes } => silent(self.let_in(talk, applicant, yes).await)?,
            Action::Platform(id) => silent(self.platform_chosen(talk, &id).await)?,
            Action::Tiles(page) => silent(self.tiles_turned(talk, page).await)?,
            Action::Save => self.save(talk).await?,
            Action::Draft(deed) => self.draft_deed(talk, deed).await?,
            Action::ChangeName => self.change_name(talk).await?,
            Action::Cancel => silent(self.cancel(talk).await)?,
            Action::Withdraw(studio, target) => self.withdraw(talk, studio, target).await?,
            Action::WithdrawPull(studio) => silent(self.withdraw_pull(talk, studio).await)?,
            Action::KeysPage(page) => silent(self.my_keys(talk, page).await)?,
            Action::ForgetAll => self.forget(talk).await?,
            Action::Spare => {
                self.turn(talk, Screen::Keys(Keys::Spared));
                Toast::Silent
            }
            Action::Encoder(encoder) => silent(self.ingest_for(talk, encoder).await)?,
            Action::ShowKey => silent(self.show_key(talk).await)?,
            Action::RenewAsk => silent(self.renew_ask(talk).await)?,
            Action::Renew => silent(self.renew(talk).await)?,
            // Addresses and keys are shown in private only.
            Action::Source(deed) if deed != SourceDeed::Retry && !talk.private() => {
                return self.private_link(talk, Errand::Ingest).await;
            }
            Action::Source(deed) => self.source_deed(talk, deed).await?,
            Action::StopNow => silent(self.stop_now(talk, None).await)?,
            Action::KeepLive => {
                self.admit(talk, Right::Stop).await?;
                self.stops_no_more(talk.about, talk.user());
                self.outbox.delete(talk.chat, talk.message);
                Toast::KeptLive
            }
            Action::EndNow => silent(self.end_now(talk).await)?,
            Action::KeepHolding => self.keep_holding(talk).await?,
            Action::Duty(on) => silent(self.set_on_duty(talk, on).await)?,
            Action::AnnounceHere(studio) => self.announce_here(talk, studio).await?,
            Action::AnnounceIn(studio, chat) => self.announce_there(talk, studio, chat).await?,
            Action::Unannounce(studio, spot) => self.unannounce(talk, studio, spot).await?,
            Action::PostClip { spot, film } => self.post_clip(talk, spot, film.unwrap_or(talk.message)).await?,
            Action::Weekly(deed) => silent(self.weekly(talk, deed).await)?,
            Action::Recording(deed) => self.recording_deed(talk, deed).await?,
            Action::Pin(on) => self.set_pin(talk, on).await?,
            Action::Mute(on) => self.mute(talk, on).await?,
        };
        Ok(Reaction::Toast(toast))
    }

    /// As if the command were typed. Its answer is a message of its own; menus turn their own message themselves.
    async fn run(self: &Arc<Self>, talk: &Talk, command: Command) -> Result<Reaction, Stop> {
        if !talk.private() {
            // What a person needs in private they get by one tap more at most.
            match command {
                Command::AddTarget => return self.private_link(talk, Errand::AddTarget).await,
                Command::Ingest => return self.private_link(talk, Errand::Ingest).await,
                _ => {}
            }
        }
        let fresh = Talk { tapped: matches!(command, Command::StopLive { .. }), ..talk.clone() };
        self.command(&fresh, command, None).await.map_err(|(stop, _)| stop)?;
        Ok(Reaction::Toast(Toast::Silent))
    }

    /// A way into the private chat, once, for who tapped.
    async fn private_link(&self, talk: &Talk, errand: Errand) -> Result<Reaction, Stop> {
        let studio = match errand {
            // One's own keys one may always look at.
            Errand::Keys => {
                let caller = Caller { user: talk.user(), chat: talk.chat, standing: Standing::Member };
                self.service.admit(caller, Right::View).await?
            }
            _ => self.admit(talk, Right::Operate).await?.1,
        };
        let ticket = Ticket { user: talk.user(), studio: studio.id, errand };
        Ok(Reaction::Link(self.ticket(ticket)))
    }
}

fn talk_of(tap: &Tap, chat: ChatId, about: ChatId, lang: Lang) -> Talk {
    let (who, place) = (Author::Person(tap.by.clone()), tap.place.clone());
    Talk { who, chat, place, about, lang, message: tap.message, tapped: true, topic: tap.topic }
}

fn silent(done: Result<(), Stop>) -> Result<Toast, Stop> {
    done.map(|()| Toast::Silent)
}
