//! Quick. What is read in the public pages of all platforms that need no login of its owner: live, replay, offline, and everything that is no answer.

mod applications;

use super::Figure;
use crate::bed::pages::{self, Gate, ID, Manner, SECRET, StandIn};
use crate::bed::{Fault, Result, fault};
use futures_util::StreamExt as _;
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telecast::domain::id::{TargetId, UserId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::target::{Target, TargetName};
use telecast::platform::live_check::{Apps, HostApp, LiveCheck, Look, Sight, Web};
use telecast::platform::{Catalogue, Platform, viewer};

const ANSWERS: &str = include_str!("status/answers.toml");

#[derive(Clone, Deserialize)]
struct Pages {
    page: Vec<Page>,
}

/// One page of a platform: how its place is known, what must be asked, and what its answers say.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    id: String,
    #[serde(default)]
    nth: usize,
    key: Option<String>,
    page: Option<String>,
    asks: Vec<String>,
    found: Option<String>,
    link: Option<String>,
    title: Option<String>,
    sends: Option<Sends>,
    #[serde(default)]
    html: bool,
    answers: Vec<Answer>,
}

#[derive(Clone, Deserialize)]
struct Sends {
    kind: String,
    has: String,
}

#[derive(Clone, Deserialize)]
struct Answer {
    says: Says,
    body: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Says {
    Live,
    Replay,
    Offline,
    Nothing,
}

impl Says {
    fn sight(self) -> Option<Sight> {
        match self {
            Self::Live => Some(Sight::Live),
            Self::Replay => Some(Sight::Replay),
            Self::Offline => Some(Sight::Offline),
            Self::Nothing => None,
        }
    }
}

pub(super) async fn measure() -> Result<Figure> {
    let catalogue = Catalogue::builtin();
    let pages: Pages = toml::from_str(ANSWERS)?;
    let mut cases = Vec::new();
    for page in &pages.page {
        let platform = catalogue.get(&page.id).ok_or(Fault(format!("no platform {}", page.id)))?;
        let Some(first) = page.answers.first() else { return fault("a page without answers") };
        cases.extend(page.answers.iter().map(|answer| (page, platform, Manner::Well, answer, answer.says.sight())));
        // What follows holds what would be read as live, were it an answer.
        let behind = Manner::Long { after: true };
        let cut = first.says.sight().filter(|_| page.html);
        let troubles =
            [Manner::Status(500), Manner::Status(404), Manner::Status(403), Manner::Later, Manner::Html, Manner::Slow];
        cases.extend(troubles.map(|manner| (page, platform, manner, first, None)));
        cases.extend([
            (page, platform, behind, first, cut),
            (page, platform, Manner::Long { after: false }, first, None),
        ]);
    }
    let count = cases.len();
    let run = cases.into_iter().map(|(page, platform, manner, answer, expected)| async move {
        let wrong = case(page, platform, manner, answer, expected).await;
        wrong.map(|wrong| wrong.map(|wrong| format!("{} ({}) {manner:?} {}: {wrong}", page.id, page.nth, answer.body)))
    });
    let wrong: Vec<_> = futures_util::stream::iter(run).buffer_unordered(16).collect().await;
    let mut wrong: Vec<_> = wrong.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let (tried, mut more) = applications::measure(&catalogue, &pages.page).await?;
    wrong.append(&mut more);
    wrong.iter().for_each(|words| println!("{words}"));
    let all =
        |platform: &'_ Platform| (0..platform.status.len()).map(|nth| (platform.id.clone(), nth)).collect::<Vec<_>>();
    let known: Vec<_> = catalogue.all().iter().flat_map(all).collect();
    let covered = |(id, nth): &&(String, usize)| pages.page.iter().any(|page| page.id == *id && page.nth == *nth);
    let left_out: Vec<_> = known.iter().filter(|page| !covered(page)).collect();
    left_out.iter().for_each(|(id, nth)| println!("{id} ({nth}): nothing is expected of it"));
    let mut platforms: Vec<_> = known.iter().map(|(id, _)| id).collect();
    platforms.dedup();
    Ok(Figure {
        measured: format!(
            "{} platforms, {} pages, {count} answers, {tried} trials of applications: {} wrong, {} pages left out",
            platforms.len(),
            known.len(),
            wrong.len(),
            left_out.len()
        ),
        goal: "all right, none left out",
        holds: wrong.is_empty() && left_out.is_empty(),
    })
}

/// What is wrong in one case.
async fn case(
    page: &Page,
    platform: &Platform,
    manner: Manner,
    answer: &Answer,
    expected: Option<Sight>,
) -> Result<Option<String>> {
    let gate = Arc::<Gate>::default();
    let stand_in = StandIn::gated(gate.clone(), manner, page.found.clone(), answer.body.clone()).await?;
    let platform = only(platform, page);
    let target = target(&platform, page)?;
    let check = check(&stand_in, applications(ID, SECRET))?;
    let began = Instant::now();
    let Look { sight, title, link } = check.look(&platform, &target).await;
    let took = began.elapsed();
    let (asked, sent) = stand_in.end().await;
    let asks: Vec<_> = asked.iter().map(|asked| asked.line.clone()).collect();
    let sends = page.sends.as_ref().is_none_or(|sends| {
        let asked = asked.iter().filter(|asked| !asked.line.ends_with("/token"));
        asked.into_iter().all(|asked| asked.kind == sends.kind && asked.body.contains(&sends.has) && is_sound(asked))
    });
    Ok(if sight != expected {
        Some(format!("{sight:?} in place of {expected:?}"))
    } else if asks != page.asks && !(manner != Manner::Well && page.asks.starts_with(&asks)) {
        Some(format!("asked {asks:?}"))
    } else if !sends {
        Some(format!("sent {:?}", asked.iter().map(|asked| &asked.body).collect::<Vec<_>>()))
    } else if !gate.faults().is_empty() {
        Some(format!("asked as nobody may: {:?}", gate.faults()))
    } else if title != page.title.clone().filter(|_| sight == Some(Sight::Live)) {
        Some(format!("the title is {title:?}"))
    } else if manner == Manner::Well && page.link.is_some() && link != page.link {
        Some(format!("the link is {link:?}"))
    } else if took > Duration::from_secs(6) {
        Some(format!("took {took:?}"))
    } else if sent > 8 << 20 {
        Some(format!("{sent} bytes were taken"))
    } else {
        None
    })
}

/// The platform with one of its pages.
fn only(platform: &Platform, page: &Page) -> Platform {
    let mut platform = platform.clone();
    platform.status = platform.status.into_iter().skip(page.nth).take(1).collect();
    platform
}

fn check(stand_in: &StandIn, apps: Apps) -> Result<LiveCheck> {
    let web = Web::new(Arc::new(|_| false), None, Some(stand_in.url().parse()?))?;
    Ok(LiveCheck::new(web, apps))
}

/// The host's applications with all platforms that ask for one.
fn applications(id: &str, secret: &str) -> Apps {
    let host = HostApp { id: Some(id.into()), secret: Some(secret.into()) };
    Apps::new(["twitch", "kick", "trovo", "youtube"].map(|platform| (platform.to_owned(), host.clone())))
}

/// Whether what was posted is what it says that it is.
fn is_sound(asked: &pages::Asked) -> bool {
    asked.kind != "application/json" || serde_json::from_str::<serde_json::Value>(&asked.body).is_ok()
}

fn target(platform: &Platform, page: &Page) -> Result<Target> {
    let place = match (&page.key, &page.page) {
        (Some(key), None) => {
            let server = ServerUrl::parse("rtmp://push.example.com/live")?;
            let key = StreamKey::parse(key)?;
            viewer::link(platform, &PushPoint { server, key }).1
        }
        (None, Some(link)) => viewer::place_with(platform, Some(link), None),
        _ => return fault(format!("{}: a key or a page", page.id)),
    };
    Ok(Target {
        id: TargetId(1),
        name: TargetName::parse("A")?,
        platform: platform.id.clone(),
        shown_server: String::new(),
        shown_key: String::new(),
        viewer_link: None,
        unlinked: false,
        status_id: place,
        enabled: true,
        key_owner: UserId(1),
        rank: 0,
        flaw: None,
    })
}
