//! What the service tells without being asked. Groups are told in silence; a sound is made only where a person must
//! act, and only for that person, in private. What is over edits the message that told of it.

use super::advice::{CautionView, Meaning};
use super::alerts::Matter;
use super::calls::Call;
use super::command::Command;
use super::desk::{Desk, Talk, again, lock, private_chat};
use super::label::Label;
use super::menu::{Action, Deed, HostDeed};
use super::page::{Button, Page, tap};
use super::said::Said;
use super::screen::{Access, ChangeView, Host, News, Screen, TroubleView};
use super::view::{FailureView, ReportView, SourceView, coarse, rate};
use crate::domain::broadcast::PAUSE;
use crate::domain::id::{ChatId, StudioId, TargetId, UserId};
use crate::domain::monitor::{Fault, Finding};
use crate::domain::status::{PullState, TargetState};
use crate::domain::target::TargetName;
use crate::service::{Applicant, Notice, Trouble};
use crate::store::{Studio, StudioKind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// For how long the owner can answer.
const QUESTION: Duration = Duration::from_secs(30 * 86_400);

impl Desk {
    /// Tells one notice.
    pub(super) fn tell(self: &Arc<Self>, notice: Notice) {
        match notice {
            Notice::PanelChanged(studio) => self.panels.changed(studio),
            Notice::AccessAsked { owner, applicant, name } => self.access_asked(owner, applicant, &name),
            Notice::SourceSeen { studio, user, source } => {
                let source = SourceView::of(&source);
                let page = |title| {
                    let news = News::SourceSeen { source: source.clone(), studio: title };
                    let go = tap(Label::GoLive, again(Command::GoLive(String::new())));
                    page(news).row([go, tap(Label::Targets, again(Command::Targets))])
                };
                self.in_studio(studio, Call::Person(user), None, &page);
            }
            Notice::Live { studio } => self.panels.went_live(self, studio),
            Notice::Held { studio, clean, sound_only } => self.held(studio, clean, sound_only),
            // Who is kept on air for no time hears of each pause.
            Notice::SourceUnstable { studio } if self.service.studio(studio).is_some_and(|it| it.hold.is_zero()) => {}
            Notice::SourceUnstable { studio } => {
                let page = |title| page(News::SourceUnstable { studio: title }).row([end()]);
                self.in_studio(studio, Call::Duty, Some(Matter::Source), &page);
            }
            Notice::Resumed { studio, after } => {
                self.over(studio, Matter::Source, move |studio| News::Resumed { after: shown(after), studio });
                self.panels.changed(studio);
            }
            Notice::Forewarned { studio, user, warnings } => {
                let cautions: Vec<_> = warnings.iter().map(CautionView::of).collect();
                let page = |title| page(News::Forewarned { cautions: cautions.clone(), studio: title });
                self.in_studio(studio, user.map_or(Call::Nobody, Call::Person), None, &page);
            }
            Notice::NotRecorded { studio, full } => {
                let page = |title| {
                    let all = tap(Label::Recordings, again(Command::Recordings));
                    page(News::NotRecorded { full, studio: title }).row([all])
                };
                self.in_studio(studio, Call::Duty, None, &page);
            }
            Notice::HoldEnding { studio } => self.hold_ending(studio),
            Notice::Paused { studio, new_video, maybe_new_video } => {
                let names = |names: &[TargetName]| names.iter().map(Said::from).collect();
                let page = |title| {
                    let (new, maybe) = (names(&new_video), names(&maybe_new_video));
                    page(News::Paused { left: PAUSE, new, maybe, studio: title }).row([end()])
                };
                self.in_studio(studio, Call::Duty, Some(Matter::Source), &page);
            }
            Notice::TargetTrouble { studio, target, name, trouble, meaning } => {
                let meaning = meaning.as_ref().map(Meaning::of);
                self.trouble(studio, target, &Said::from(&name), trouble, meaning);
            }
            Notice::TargetRecovered { studio, target, name, after } => {
                let name = Said::from(&name);
                self.over(studio, Matter::Target(target), move |studio| News::Recovered {
                    name: name.clone(),
                    after: shown(after),
                    studio,
                });
            }
            Notice::Stream { studio, finding } => self.found(studio, finding),
            Notice::Arrived { studio } => self.arrived(studio),
            Notice::LostRight { studio, user, cut } => self.lost_right(studio, user, cut),
            Notice::Changed { studio, by, change } => {
                let Some(group) = self.chat_of(studio) else { return };
                let who = by.and_then(|user| self.name_in(group, user));
                let change = ChangeView::of(&change, |user| self.name_in(group, user));
                let page = |_| page(News::Changed { who: who.clone(), change: change.clone() });
                self.in_studio(studio, Call::Nobody, None, &page);
            }
            Notice::TargetWithdrawn { studio, target, name, by } => {
                let (name, others) = (Said::from(&name), self.others_go_on(studio, target));
                let who = self.chat_of(studio).and_then(|group| self.name_in(group, by));
                // In their own studio they know.
                if self.chat_of(studio) != Some(private_chat(by)) {
                    self.in_studio(studio, Call::Nobody, None, &|_| {
                        page(News::Withdrawn { name: name.clone(), by: who.clone(), others })
                    });
                }
            }
            Notice::ShowComing { studio, at, targets, missing } => self.show_coming(studio, at, targets, &missing),
            Notice::NotAnnounced { studio, title } => {
                let place = Said::name(&title);
                self.in_studio(studio, Call::Nobody, None, &|_| page(News::NotAnnounced { place: place.clone() }));
            }
            Notice::StaleKey { user, studio } => self.of_key(user, studio, |studio| News::StaleKey { studio }),
            Notice::Contested { user, studio } => self.of_key(user, studio, |studio| News::Contested { studio }),
            Notice::WaitExpired { studio, started_by } => {
                let page = |title| {
                    let go = tap(Label::GoLive, again(Command::GoLive(String::new())));
                    page(News::WaitExpired { studio: title }).row([go])
                };
                self.in_studio(studio, Call::Person(started_by), None, &page);
                self.ended(studio);
            }
            Notice::Ended { studio, report } => {
                let report = ReportView::of(&report);
                self.in_studio(studio, Call::Nobody, None, &|_| page(News::Ended { report: report.clone() }));
                self.ended(studio);
            }
            Notice::EndedByHost { studio, report } => {
                let report = ReportView::of(&report);
                self.in_studio(studio, Call::Nobody, None, &|_| page(News::EndedByHost { report: report.clone() }));
                self.ended(studio);
            }
            Notice::Drained { owner } => {
                let home = tap(Label::Refresh, Action::Host(HostDeed::Home));
                self.to_person(owner, None, Page::new(Screen::Host(Host::Drained)).row([home]), false);
            }
            Notice::ResumeAsked { studio, still_since, .. } => {
                let still = coarse(SystemTime::now().duration_since(still_since).unwrap_or_default());
                let page = |title| {
                    let go = tap(Label::GoOn, again(Command::GoLive(String::new())));
                    page(News::ResumeAsked { still, studio: title }).row([go, end()])
                };
                self.in_studio(studio, Call::Duty, None, &page);
            }
        }
    }

    /// An encoder was let in. Whether its person still operates the group, Telegram is asked behind its back: it must not
    /// wait for that.
    fn arrived(self: &Arc<Self>, studio: StudioId) {
        let Some(studio) = self.service.studio(studio).filter(|studio| studio.kind == StudioKind::Group) else {
            return;
        };
        let desk = Arc::clone(self);
        self.spawn(async move { desk.look_after(studio.chat).await });
    }

    /// Somebody no longer operates a group's studio.
    fn lost_right(self: &Arc<Self>, studio: StudioId, user: UserId, cut: bool) {
        let Some(known) = self.service.studio(studio) else { return };
        let who = self.name_in(known.chat, user);
        self.in_studio(studio, Call::Nobody, None, &|_| page(News::LostRight { who: who.clone(), cut }));
        let title = self.title_for(&known, private_chat(user));
        self.to_person(user, Some(&known), page(News::YourRightLost { cut, studio: title }), !cut);
        self.panels.changed(studio);
    }

    /// The bot was thrown out of a group: whoever started its show would else not know why nothing answers.
    pub(super) fn thrown_out(&self, group: ChatId) {
        let Some(studio) = self.service.studio_of(group) else { return };
        if !self.service.panel(studio.id).is_some_and(|panel| panel.has_broadcast()) {
            return;
        }
        for called in self.called(&studio, Call::Duty) {
            let title = self.title_for(&studio, private_chat(called.user));
            let stop = tap(Label::Stop, again(Command::StopLive { now: false, names: String::new() }));
            let page = page(News::ThrownOut { studio: title }).row([stop]).of(studio.id);
            self.to_person(called.user, Some(&studio), page, !called.aloud);
        }
    }

    fn ended(&self, studio: StudioId) {
        lock(&self.alerts).forget(studio);
        self.panels.ended(self, studio);
    }

    fn held(self: &Arc<Self>, studio: StudioId, clean: bool, sound_only: bool) {
        let Some(hold) = self.service.studio(studio).map(|studio| studio.hold) else { return };
        // A stop that was meant is held shorter (DESIGN.md §6).
        let hold = if clean { hold.min(Duration::from_secs(60)) } else { hold };
        if hold.is_zero() {
            // That it is over, or paused, says it all.
            return self.panels.changed(studio);
        }
        let pull = self.service.panel(studio).and_then(|panel| panel.pull);
        let pulled = !clean && pull.is_some_and(|pull| pull.state != PullState::Resting);
        let news = |studio| match pulled {
            true => News::HeldPulled { hold, sound_only, studio },
            false => News::Held { clean, hold, sound_only, studio },
        };
        let page = |title| page(news(title)).row([end(), keep()]);
        self.in_studio(studio, Call::Duty, Some(Matter::Source), &page);
        self.panels.changed(studio);
    }

    fn hold_ending(self: &Arc<Self>, studio: StudioId) {
        let Some(hold) = self.service.studio(studio).map(|studio| studio.hold) else { return };
        let page = |title| page(News::HoldEnding { hold, studio: title }).row([keep(), end()]);
        self.in_studio(studio, Call::Duty, Some(Matter::Source), &page);
    }

    /// Somebody wanted the show kept: whoever was asked reads that, without another sound.
    pub(super) fn tell_kept(&self, talk: &Talk, hold: Duration) {
        let Some(studio) = self.service.studio_of(talk.about) else { return };
        let page = |title| page(News::Kept { hold, studio: title }).row([end()]);
        let told = lock(&self.alerts).told(studio.id, Matter::Source);
        self.retell(&studio, told, &page);
        self.panels.changed(studio.id);
    }

    /// How long the show is kept on air has changed: who was told of that reads how long it is now.
    pub(super) fn retell_held(&self, studio: &Studio, left: Duration, clean: bool) {
        let told = lock(&self.alerts).told(studio.id, Matter::Source);
        let hold = Duration::from_secs(left.as_secs().max(1));
        let news = |studio| match clean {
            true => News::Held { clean, hold, sound_only: false, studio },
            false => News::Kept { hold, studio },
        };
        self.retell(studio, told, &|title| page(news(title)).row([end(), keep()]));
    }

    fn trouble(
        self: &Arc<Self>,
        studio: StudioId,
        target: TargetId,
        name: &Said,
        trouble: Trouble,
        meaning: Option<Meaning>,
    ) {
        let failure = |failure: Option<_>| failure.as_ref().map(FailureView::of);
        let (view, must_act) = match trouble {
            Trouble::Refused { words, .. } => (TroubleView::Refused { words: Said::words(&words) }, true),
            Trouble::Login(fault) => (TroubleView::Login(fault), true),
            Trouble::Codec(codec) => (TroubleView::Codec(codec), true),
            Trouble::KeyOver => (TroubleView::KeyOver, true),
            Trouble::Lost(why) => (TroubleView::Lost(failure(why)), true),
            Trouble::Slow => (TroubleView::Slow, false),
            Trouble::Unstable(why) => (TroubleView::Unstable(failure(why)), false),
        };
        let others = self.others_go_on(studio, target);
        let page = |title: Option<Said>| {
            let (name, meaning) = (name.clone(), meaning.clone());
            let news = News::Trouble { name: name.clone(), trouble: view.clone(), meaning, others, studio: title };
            let retry = tap(Label::RetryNow, Action::Target(target, Deed::Retry));
            let out = tap(Label::TurnOffNamed(name.clone()), Action::Target(target, Deed::LeaveOut));
            match view {
                TroubleView::Refused { .. } | TroubleView::Login(_) => {
                    let rekey = tap(Label::NewKey, Action::Target(target, Deed::Rekey));
                    page(news).row([retry, rekey]).row([out])
                }
                TroubleView::KeyOver => {
                    page(news).row([tap(Label::NewKey, Action::Target(target, Deed::Rekey))]).row([out])
                }
                TroubleView::Codec(_) => page(news).row([out]),
                TroubleView::Lost(_) => page(news).row([retry]).row([out]),
                TroubleView::Slow | TroubleView::Unstable(_) => page(news).row([out]),
            }
        };
        let call = if must_act { Call::Duty } else { Call::Nobody };
        self.in_studio(studio, call, Some(Matter::Target(target)), &page);
        self.panels.changed(studio);
    }

    /// Whether a platform beside `target` is on air.
    fn others_go_on(&self, studio: StudioId, target: TargetId) -> bool {
        use TargetState::{Accepted, OnAir, Sending, Slow};
        let others = self.service.panel(studio).into_iter().flat_map(|panel| panel.targets);
        others
            .filter(|shown| shown.target.id != target)
            .filter_map(|shown| shown.status)
            .any(|status| matches!(status.state, Accepted | Sending | OnAir | Slow))
    }

    /// Something is wrong with the stream itself, or is no more. Where it may be on purpose, or goes away by itself, nobody
    /// is called.
    fn found(self: &Arc<Self>, studio: StudioId, finding: Finding) {
        match finding {
            Finding::Found(fault, lasted) => {
                let call = match fault {
                    Fault::Silent { .. } | Fault::NoSound | Fault::NoPicture | Fault::Blank { ever: false } => {
                        Call::Duty
                    }
                    _ => Call::Nobody,
                };
                let matter = Matter::Stream(fault.ailment());
                let fault = match fault {
                    Fault::Starved { kbps, usual_kbps } => {
                        Fault::Starved { kbps: rate(kbps), usual_kbps: rate(usual_kbps) }
                    }
                    fault => fault,
                };
                let finding = Finding::Found(fault, shown(lasted));
                let look = || tap(Label::Look, again(Command::Look));
                self.in_studio(studio, call, Some(matter), &|studio| {
                    page(News::Stream { finding, studio }).row([look()])
                });
            }
            Finding::Over(ailment, lasted) => {
                let finding = Finding::Over(ailment, shown(lasted));
                self.over(studio, Matter::Stream(ailment), |studio| News::Stream { finding, studio });
            }
        }
        self.panels.changed(studio);
    }

    /// What happens to a person's ingest key is told to that person, with the way to a good one.
    fn of_key(&self, user: UserId, studio: StudioId, news: impl Fn(Option<Said>) -> News) {
        let Some(studio) = self.service.studio(studio) else { return };
        let title = self.title_for(&studio, private_chat(user));
        let page = page(news(title)).row([tap(Label::Camera, again(Command::Ingest))]);
        self.to_person(user, Some(&studio), page.of(studio.id), false);
    }

    fn access_asked(&self, owner: UserId, applicant: Applicant, name: &str) {
        let group = matches!(applicant, Applicant::Group(_));
        let answer = |yes| Action::Admit { applicant, yes };
        let screen = Screen::Access(Access::Question { name: Said::name(name), group });
        let row = [tap(Label::LetIn, answer(true)), tap(Label::Decline, answer(false))];
        self.to_person(owner, None, Page::new(screen).row(row).only(owner).within(QUESTION), false);
    }

    /// A trouble is over: what told of it says so now.
    fn over(&self, studio: StudioId, matter: Matter, news: impl Fn(Option<Said>) -> News + Sync) {
        let Some(studio) = self.service.studio(studio) else { return };
        let told = lock(&self.alerts).over(studio.id, matter);
        self.retell(&studio, told, &|title| page(news(title)));
    }
}

fn page(news: News) -> Page {
    Page::new(Screen::News(news))
}

fn end() -> Button {
    tap(Label::EndNow, Action::EndNow)
}

fn keep() -> Button {
    tap(Label::KeepHolding, Action::KeepHolding)
}

/// A time that has passed, to the second where it is short.
fn shown(time: Duration) -> Duration {
    if time < Duration::from_secs(60) { Duration::from_secs(time.as_secs().max(1)) } else { coarse(time) }
}
