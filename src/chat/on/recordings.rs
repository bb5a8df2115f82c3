//! /recordings: shows that were, to be sent here, loaded by a link or deleted.

use super::Stop;
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, RecordingDeed};
use crate::chat::outbox::Urgency;
use crate::chat::page::{Page, Video, open, tap};
use crate::chat::screen::{LookView, RecordingView, RecordingsView, Screen, Way};
use crate::domain::access::Right;
use crate::domain::recording::RecordingName;
use crate::service::{Fetched, Kept, Recordings, Refused, fits_message};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// Recordings on a page.
const PAGE: usize = 6;

impl Desk {
    pub(super) async fn recordings(&self, talk: &Talk, page: usize) -> Result<(), Stop> {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let all = self.service.recordings(caller).await?;
        self.turn(talk, list(&all, page).only_if(talk));
        Ok(())
    }

    pub(super) async fn recording_deed(self: &Arc<Self>, talk: &Talk, deed: RecordingDeed) -> Result<Toast, Stop> {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        match deed {
            RecordingDeed::Page(page) => self.recordings(talk, page).await?,
            RecordingDeed::Record(on) => {
                self.service.set_record(caller, on).await?;
                self.recordings(talk, 0).await?;
            }
            RecordingDeed::Show(name) => {
                let page = match view(&self.service.recordings(caller).await?, name) {
                    Some(recording) => one(recording, self.service.recording_link(caller, name).await?),
                    None => gone(),
                };
                self.turn(talk, page.only_if(talk));
            }
            RecordingDeed::Send(name) => {
                let all = self.service.recordings(caller).await?;
                let (desk, talk) = (Arc::clone(self), talk.clone());
                self.spawn(async move {
                    let fetched = desk.service.fetch_recording(caller, name).await;
                    desk.send_recording(&talk, view(&all, name), fetched).await;
                });
            }
            RecordingDeed::Delete(name) => {
                let recording = view(&self.service.recordings(caller).await?, name);
                let deleted = self.service.delete_recording(caller, name).await?;
                let page = match recording.filter(|_| deleted) {
                    Some(recording) => Page::new(screen(RecordingsView::Deleted(recording))).row([back()]),
                    None => gone(),
                };
                self.turn(talk, page.only_if(talk));
            }
        }
        Ok(Toast::Silent)
    }

    async fn send_recording(&self, talk: &Talk, recording: Option<RecordingView>, fetched: Result<Fetched, Refused>) {
        let page = match (fetched, recording) {
            (Ok(Fetched::Film { file, size: (width, height), lasts, turn }), Some(recording)) => {
                let mut post = self.drawn(talk, &Page::new(screen(RecordingsView::Film(recording))));
                let seconds = u32::try_from(lasts.as_secs()).unwrap_or(u32::MAX).max(1);
                post.video = Some(Video { file, width, height, seconds });
                let sent = self.outbox.send_numbered(talk.chat, Urgency::Reply, post).await;
                drop(turn);
                if sent.is_ok() {
                    return;
                }
                Page::new(Screen::Look(LookView::NotSent))
            }
            (Ok(Fetched::Unfit), _) => Page::new(screen(RecordingsView::Unfit)).row([back()]),
            (Ok(Fetched::UnderWay), _) => Page::new(Screen::Look(LookView::UnderWay)),
            (Ok(Fetched::Gone | Fetched::Film { .. }), _) => gone(),
            (Err(refused), _) => return self.refuse(talk, refused.into(), None),
        };
        self.say(talk, page.only_if(talk));
    }
}

fn screen(view: RecordingsView) -> Screen {
    Screen::Recordings(view)
}

fn deed(label: Label, deed: RecordingDeed) -> crate::chat::page::Button {
    tap(label, Action::Recording(deed))
}

fn back() -> crate::chat::page::Button {
    deed(Label::Back, RecordingDeed::Page(0))
}

fn gone() -> Page {
    Page::new(screen(RecordingsView::Gone)).row([tap(Label::Recordings, again(Command::Recordings))])
}

fn list(all: &Recordings, page: usize) -> Page {
    if !all.allowed && all.kept.is_empty() {
        return Page::new(screen(RecordingsView::NotHere));
    }
    let pages = all.kept.len().div_ceil(PAGE).max(1);
    let page = page.min(pages - 1);
    let shown = all.kept.iter().skip(page * PAGE).take(PAGE).map(|kept| drawn(all, kept));
    let view = RecordingsView::List { on: all.on, keeps: all.keeps, count: all.kept.len() };
    let listed = shown.fold(Page::new(screen(view)), |page, recording| {
        let name = recording.name;
        page.row([deed(Label::Recording(recording), RecordingDeed::Show(name))])
    });
    let turn = [
        (page > 0).then(|| deed(Label::Previous, RecordingDeed::Page(page - 1))),
        (page + 1 < pages).then(|| deed(Label::Next, RecordingDeed::Page(page + 1))),
    ];
    listed.row(turn.into_iter().flatten()).row([deed(Label::Record(all.on), RecordingDeed::Record(!all.on))])
}

fn one(recording: RecordingView, link: Option<String>) -> Page {
    let name = recording.name;
    let fits = fits_message(&Kept { name, bytes: recording.bytes });
    let way = match (fits, &link) {
        (true, _) => Way::Here,
        (false, Some(_)) => Way::Link,
        (false, None) => Way::Disk,
    };
    let get =
        [fits.then(|| deed(Label::SendHere, RecordingDeed::Send(name))), link.map(|link| open(Label::Download, link))];
    Page::new(screen(RecordingsView::One { recording, way }))
        .row(get.into_iter().flatten())
        .row([deed(Label::Delete, RecordingDeed::Delete(name)), back()])
}

fn view(all: &Recordings, name: RecordingName) -> Option<RecordingView> {
    all.kept.iter().find(|kept| kept.name == name).map(|kept| drawn(all, kept))
}

fn drawn(all: &Recordings, kept: &Kept) -> RecordingView {
    let known = all.zone.as_deref().and_then(|name| Some((TimeZone::get(name).ok()?, name)));
    let (zone, name) = known.unwrap_or((TimeZone::UTC, "UTC"));
    let began = i64::try_from(kept.name.began).ok().and_then(|began| Timestamp::from_second(began).ok());
    let at = zone.to_datetime(began.unwrap_or_default()).strftime("%Y-%m-%d %H:%M").to_string();
    RecordingView { name: kept.name, at, zone: name.to_owned(), bytes: kept.bytes }
}
