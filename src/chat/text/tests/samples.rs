//! One of each thing that can be said, with what makes its words differ.

use super::short::LOGIN_FAULTS;
use crate::chat::advice::Meaning;
use crate::chat::said::Said;
use crate::chat::screen::*;
use crate::chat::view::*;
use crate::domain::access::Policy;
use crate::domain::lang::Lang;
use crate::domain::quota::Denied;
use crate::domain::status::{Barred, Ending};
use crate::domain::target::Flaw;
use crate::platform::{Catalogue, Means};
use std::time::Duration;

pub(super) fn name(text: &str) -> Said {
    Said::name(text)
}

pub(super) fn group() -> Option<Said> {
    Some(name("周末直播 Weekend Show"))
}

pub(super) fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

/// Every group of screens, for a reader of `lang`: what the catalogue says in them is in that language too.
pub(super) fn screens(lang: Lang) -> Vec<(&'static str, Vec<Screen>)> {
    vec![
        ("hello", hello().into_iter().map(Screen::Hello).collect()),
        ("group", groups().into_iter().map(Screen::Group).collect()),
        ("access", super::host::access().into_iter().map(Screen::Access).collect()),
        ("add", super::adding::add(lang).into_iter().map(Screen::Add).collect()),
        ("target", targets(lang).into_iter().map(Screen::Target).collect()),
        ("keys", keys().into_iter().map(Screen::Keys).collect()),
        ("ingest", ingest().into_iter().map(Screen::Ingest).collect()),
        ("sources", super::sources::screens()),
        ("settings", settings().into_iter().map(Screen::Settings).collect()),
        ("rights", super::rights::screens()),
        ("host", super::host::screens()),
        ("show", shows().into_iter().map(Screen::Show).collect()),
        ("look", super::look::screens()),
        ("watch", super::watch::screens()),
        ("weekly", super::weekly::screens()),
        ("recordings", super::recordings::screens()),
        ("announce", super::announce::screens()),
        ("stream", super::stream::screens()),
        ("panel", super::panels::panels().into_iter().map(Screen::Panel).collect()),
        ("news", news().into_iter().map(Screen::News).collect()),
        ("no", no().into_iter().map(Screen::No).collect()),
    ]
}

fn settings() -> Vec<Settings> {
    let of = |hold, operators| Settings { hold, operators };
    vec![of(minutes(10), None), of(Duration::ZERO, None), of(minutes(10), Some(Policy::Any))]
}

fn hello() -> Vec<Hello> {
    let welcome = |targets, camera, show, host| Hello::Welcome { targets, camera, show, host };
    vec![
        welcome(0, false, None, None),
        welcome(0, false, None, Some(name("Olivia"))),
        welcome(1, true, None, None),
        welcome(1, false, Some(false), None),
        welcome(3, true, Some(true), None),
        Hello::Server(name("Olivia")),
        Hello::NotUnderstood,
        Hello::Claimed,
        Hello::AlreadyOwner,
        Hello::ClaimWrong,
        Hello::LinkExpired,
        Hello::Help,
        Hello::GroupHelp,
        Hello::Language,
        Hello::LanguageSet,
        Hello::Cancelled,
        Hello::NothingToCancel,
        Hello::Late { command: "/golive", minutes: 1 },
        Hello::Late { command: "/stoplive", minutes: 12 },
        Hello::LateTap { label: Some(name("⏹ Stop")), minutes: 1 },
        Hello::LateTap { label: None, minutes: 12 },
    ]
}

fn groups() -> Vec<Group> {
    vec![
        Group::Hello,
        Group::Stranger { asked: false },
        Group::Stranger { asked: true },
        Group::AddInPrivate,
        Group::IngestInPrivate,
        Group::KeysInPrivate,
        Group::KeyPosted { deleted: true },
        Group::KeyPosted { deleted: false },
        Group::ProveAdmin,
    ]
}

/// What a platform's links differ by.
fn asked(platform: &str, lang: Lang) -> Option<Said> {
    let catalogue = crate::platform::Catalogue::builtin();
    catalogue.get(platform).and_then(|platform| platform.viewer.ask.as_ref()).map(|ask| Said::address(ask.of(lang)))
}

fn targets(lang: Lang) -> Vec<Target> {
    let mut all = target_pages(lang);
    all.extend(super::checks::screens(lang));
    all
}

fn target_pages(lang: Lang) -> Vec<Target> {
    let row = |label: &str, on| Row { name: name(label), platform: name("Bilibili"), on, flaw: None };
    let detail = Detail {
        name: name("B站 主号"),
        platform: name("Bilibili"),
        server: Said::address("rtmp://live-push.bilivideo.com/live-bvc/"),
        key: name("••••7f3a"),
        link: Some(Said::address("https://live.bilibili.com/123")),
        press: None,
        on: true,
        flaw: None,
        key_is_mine: true,
    };
    let press = Press { say: name("Press “Go live” there."), link: Some(Said::address("https://studio.example")) };
    let lent = Detail { link: None, press: Some(press), on: false, key_is_mine: false, ..detail.clone() };
    let flawed = Detail { flaw: Some(Flaw::Refused), ..detail.clone() };
    vec![
        Target::None,
        Target::List { rows: vec![row("B站 主号", true), row("Backup", false)], page: 1, pages: 1 },
        Target::List { rows: vec![row("B站 主号", true)], page: 2, pages: 3 },
        Target::Detail(Box::new(detail)),
        Target::Detail(Box::new(lent)),
        Target::Detail(Box::new(flawed)),
        Target::List {
            rows: [Flaw::Unreachable, Flaw::Refused].map(|flaw| Row { flaw: Some(flaw), ..row("Backup", true) }).into(),
            page: 1,
            pages: 1,
        },
        Target::Servers {
            name: name("B站 主号"),
            rows: vec![
                ServerRow { server: Said::address("rtmp://push.example/live"), say: None, on: true },
                ServerRow { server: Said::address("rtmp://b.push.example/live"), say: Some(name("Backup")), on: false },
            ],
        },
        Target::Moved { name: name("B站 主号"), server: Said::address("rtmp://b.push.example/live"), live: false },
        Target::Moved { name: name("B站 主号"), server: Said::address("rtmp://b.push.example/live"), live: true },
        Target::RenameAsk { name: name("Backup") },
        Target::Renamed { name: name("Main") },
        Target::LinkAsk { name: name("Main"), what: None },
        Target::LinkAsk { name: name("Main"), what: asked("twitch", lang) },
        Target::LinkSet { name: name("Main"), link: Said::address("https://live.bilibili.com/123") },
        Target::LinkGone { name: name("Main") },
        Target::LinkFault { too_long: true },
        Target::LinkFault { too_long: false },
        Target::Removed { name: name("Main") },
        Target::Restored { name: name("Main") },
    ]
}

fn keys() -> Vec<Keys> {
    let lent = |studio| Lent { name: name("B站 主号"), key: name("••••7f3a"), studio };
    vec![
        Keys::None,
        Keys::List { rows: vec![lent(None)], count: 1, page: 1, pages: 1 },
        Keys::List { rows: vec![lent(None), lent(group())], count: 8, page: 2, pages: 2 },
        Keys::Withdrawn { name: name("B站 主号") },
        Keys::ForgetAsk { targets: 0 },
        Keys::ForgetAsk { targets: 2 },
        Keys::Forgotten { targets: 1, owner: false },
        Keys::Forgotten { targets: 2, owner: true },
        Keys::Forgotten { targets: 0, owner: false },
        Keys::Forgotten { targets: 0, owner: true },
        Keys::Spared,
    ]
}

fn ingest() -> Vec<Ingest> {
    let address = |encoder, tls: bool, studio, renewed| Ingest::Address {
        encoder,
        server: Said::address("rtmp://live.example.com/live"),
        tls_server: tls.then(|| Said::address("rtmps://live.example.com/live")),
        key: name("k3mpa-••••"),
        studio,
        renewed,
    };
    vec![
        address(Encoder::Obs, false, None, false),
        address(Encoder::Obs, true, group(), false),
        address(Encoder::Larix, true, None, true),
        address(Encoder::TencentMeeting, false, None, false),
        Ingest::Key {
            key: name("k3mpa-0123456789abcdefghjkmnpqrs"),
            url: Said::address("rtmp://live.example.com/live/k3mpa-0123456789abcdefghjkmnpqrs"),
        },
        Ingest::RenewAsk,
    ]
}

fn shows() -> Vec<Show> {
    let link = LinkView { name: Some(name("Bilibili")), link: Said::address("https://live.bilibili.com/123") };
    vec![
        Show::NoTargets,
        Show::KeysOver { names: vec![name("虎牙")] },
        Show::KeysOver { names: vec![name("虎牙"), name("Lexiang")] },
        Show::AllOff,
        Show::UnknownNames { names: vec![name("Bilbili")], known: vec![name("Bilibili"), name("YouTube")] },
        Show::StopAsk { targets: vec![name("Bilibili")], live_for: None, studio: None },
        Show::StopAsk {
            targets: vec![name("Bilibili"), name("YouTube")],
            live_for: Some(minutes(133)),
            studio: group(),
        },
        Show::Said(crate::chat::label::Toast::Retrying { name: name("<Bilibili>"), now: true }),
        Show::Said(crate::chat::label::Toast::BackAlready),
        Show::Said(crate::chat::label::Toast::PausedAlready),
        Show::Report(report()),
        Show::Report(ReportView { live_for: Duration::ZERO, ending: Ending::Stopped, targets: vec![] }),
        Show::Report(ReportView { live_for: minutes(5), ending: Ending::EncoderStopped, targets: vec![] }),
        Show::Report(ReportView { live_for: minutes(50), ending: Ending::PictureLost, targets: vec![] }),
        Show::TakenOut { targets: vec![name("Bilibili"), name("YouTube")] },
        Show::NotInIt { targets: vec![name("Twitch")] },
        Show::NotLive,
        Show::Links { links: vec![link.clone()], live: true },
        Show::Links { links: vec![link], live: false },
        Show::NoLinks,
    ]
}

pub(super) fn target(label: &str, state: StateView) -> TargetView {
    TargetView {
        name: name(label),
        state,
        kbps: 4300,
        uptime: minutes(64),
        dropped_frames: 0,
        sent: 2_064_000_000,
        reconnects: 0,
        title: None,
        turn: None,
        failure: None,
    }
}

fn report() -> ReportView {
    let never = TargetView {
        uptime: Duration::ZERO,
        sent: 0,
        failure: Some(FailureView::Refused(Said::words("NetStream.Publish.BadName"))),
        ..target("Twitch", StateView::Refused { retry: None })
    };
    let refused = TargetView { reconnects: 3, ..target("Kick", StateView::Refused { retry: None }) };
    let fell = TargetView { dropped_frames: 120, reconnects: 1, ..target("YouTube", StateView::Off) };
    let out = TargetView { uptime: Duration::ZERO, sent: 0, ..target("Vimeo", StateView::Off) };
    let ending = Ending::Stopped;
    ReportView {
        live_for: minutes(133),
        ending,
        targets: vec![target("Bilibili", StateView::Off), fell, refused, never, out],
    }
}

fn failures() -> Vec<FailureView> {
    let others = [
        FailureView::Dns,
        FailureView::Blocked(Barred::Inside),
        FailureView::Blocked(Barred::Port),
        FailureView::Blocked(Barred::Own),
        FailureView::Blocked(Barred::Crowded),
        FailureView::Down,
        FailureView::Timeout,
        FailureView::Tls,
        FailureView::Protocol,
        FailureView::Closed,
        FailureView::Reset,
        FailureView::Stalled,
        FailureView::Internal,
    ];
    LOGIN_FAULTS.map(FailureView::Login).into_iter().chain(others).collect()
}

fn news() -> Vec<News> {
    let source =
        SourceView { size: Some((1280, 720)), video: Some("H.264"), fps: Some(25), audio: Some("AAC"), kbps: 2500 };
    let trouble =
        |trouble, studio| News::Trouble { name: name("Bilibili"), trouble, meaning: None, others: true, studio };
    let names = |all: &[&str]| all.iter().map(|text| name(text)).collect();
    let paused = |new: &[&str], maybe: &[&str], studio| {
        let (new, maybe) = (names(new), names(maybe));
        News::Paused { left: minutes(30), new, maybe, studio }
    };
    let mut all = vec![
        News::SourceSeen { source: source.clone(), studio: None },
        News::SourceSeen { source, studio: group() },
        News::Held { clean: true, hold: minutes(1), sound_only: true, studio: None },
        News::Held { clean: false, hold: minutes(10), sound_only: false, studio: group() },
        News::Held { clean: false, hold: minutes(10), sound_only: true, studio: None },
        News::SourceUnstable { studio: None },
        News::SourceUnstable { studio: group() },
        News::Kept { hold: minutes(10), studio: None },
        News::Kept { hold: minutes(1), studio: group() },
        News::NotRecorded { full: true, studio: None },
        News::NotRecorded { full: false, studio: group() },
        News::HoldEnding { hold: minutes(10), studio: None },
        News::HoldEnding { hold: minutes(120), studio: group() },
        News::Resumed { after: Duration::from_secs(75), studio: group() },
        paused(&[], &[], None),
        paused(&["Twitch"], &[], None),
        paused(&["Twitch", "Facebook"], &["B站 主号", "YouTube"], group()),
        News::Recovered { name: name("Bilibili"), after: minutes(2), studio: group() },
        News::Withdrawn { name: name("Bilibili"), by: None, others: true },
        News::Withdrawn { name: name("Bilibili"), by: Some(name("阿明 Ming")), others: false },
        News::StaleKey { studio: group() },
        News::Contested { studio: None },
        News::Contested { studio: group() },
        News::WaitExpired { studio: group() },
        News::Ended { report: report() },
        News::EndedByHost { report: report() },
        News::ResumeAsked { still: minutes(95), studio: group() },
        trouble(TroubleView::Refused { words: Said::words("") }, None),
        trouble(TroubleView::Refused { words: Said::words("NetStream.Publish.BadName") }, group()),
        trouble(TroubleView::Codec("HEVC"), group()),
        trouble(TroubleView::KeyOver, group()),
        trouble(TroubleView::Lost(None), group()),
        trouble(TroubleView::Slow, group()),
        trouble(TroubleView::Unstable(None), group()),
        trouble(TroubleView::Unstable(Some(FailureView::Reset)), None),
    ];
    let refused = |meaning: Option<Meaning>, studio| {
        let trouble = TroubleView::Refused { words: Said::words("") };
        News::Trouble { name: name("Twitch"), trouble, meaning, others: true, studio }
    };
    all.extend(MEANINGS.map(|means| refused(Some(Meaning { means, say: None }), None)));
    let twitch = Catalogue::builtin().get("twitch").and_then(|twitch| twitch.refusals.first().map(Meaning::of));
    all.push(refused(twitch.clone(), group()));
    let lost = TroubleView::Lost(Some(FailureView::Closed));
    all.push(News::Trouble { name: name("Twitch"), trouble: lost, meaning: twitch, others: true, studio: None });
    let alone = |trouble| News::Trouble { name: name("Bilibili"), trouble, meaning: None, others: false, studio: None };
    let words = Said::words("NetStream.Publish.BadName");
    let lost = TroubleView::Lost(Some(FailureView::Closed));
    let all_alone = [TroubleView::Refused { words }, TroubleView::Codec("HEVC"), TroubleView::KeyOver, lost];
    all.extend(all_alone.into_iter().chain([TroubleView::Lost(None), TroubleView::Slow]).map(alone));
    all.extend(super::forewarn::samples());
    all.extend(LOGIN_FAULTS.map(|fault| trouble(TroubleView::Login(fault), group())));
    all.extend(failures().into_iter().map(|why| trouble(TroubleView::Lost(Some(why)), None)));
    all
}

const MEANINGS: [Means; 8] = [
    Means::Key,
    Means::KeyUsed,
    Means::KeyExpired,
    Means::NotStarted,
    Means::InUse,
    Means::OverLimit,
    Means::Address,
    Means::Login,
];

pub(super) fn no() -> Vec<No> {
    vec![
        No::Unclaimed,
        No::Private { asked: false },
        No::Private { asked: true },
        No::AdminsOnly,
        No::OperatorsOnly(Policy::Video),
        No::OperatorsOnly(Policy::Named),
        No::AppointersOnly,
        No::OutOfGroup,
        No::OwnerOnly,
        No::Denied(Denied::Draining),
        No::Denied(Denied::Memory),
        No::Denied(Denied::HostFull),
        No::Denied(Denied::Mbps { mbps: 20 }),
        No::Denied(Denied::Hours { hours: 30 }),
        No::UnknownTarget,
        No::NotYours,
        No::Store,
        No::Broken,
        No::AdminsUnknown,
        No::TooManyPlaces { limit: 20 },
    ]
}
