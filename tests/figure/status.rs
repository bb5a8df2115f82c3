//! Quick. What is read in the public pages of all platforms that need no login: live, replay, offline, and everything that is no answer.

mod standin;

use super::Figure;
use crate::bed::{Fault, Result, fault};
use futures_util::StreamExt as _;
use serde::Deserialize;
use standin::{Manner, StandIn};
use std::sync::Arc;
use std::time::{Duration, Instant};
use telecast::domain::id::{TargetId, UserId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::target::{Target, TargetName};
use telecast::platform::live_check::{Apps, LiveCheck, Look, Sight, Web};
use telecast::platform::{Access, Catalogue, Platform, viewer};

const ANSWERS: &str = include_str!("status/answers.toml");

#[derive(Deserialize)]
struct Pages {
    page: Vec<Page>,
}

/// One page of a platform: how its place is known, what must be asked, and what its answers say.
#[derive(Deserialize)]
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
    sends: Option<Sends>,
    #[serde(default)]
    html: bool,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Sends {
    kind: String,
    has: String,
}

#[derive(Deserialize)]
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
    let wrong: Vec<_> = wrong.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    wrong.iter().for_each(|words| println!("{words}"));
    let open = |platform: &'_ Platform| {
        let nth = platform.status.iter().enumerate().filter(|(_, page)| page.access == Access::Open);
        nth.map(|(nth, _)| (platform.id.clone(), nth)).collect::<Vec<_>>()
    };
    let known: Vec<_> = catalogue.all().iter().flat_map(open).collect();
    let covered = |(id, nth): &&(String, usize)| pages.page.iter().any(|page| page.id == *id && page.nth == *nth);
    let left_out: Vec<_> = known.iter().filter(|page| !covered(page)).collect();
    left_out.iter().for_each(|(id, nth)| println!("{id} ({nth}): nothing is expected of it"));
    let mut platforms: Vec<_> = known.iter().map(|(id, _)| id).collect();
    platforms.dedup();
    Ok(Figure {
        measured: format!(
            "{} platforms, {} pages, {count} answers: {} read wrongly, {} pages left out",
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
    let stand_in = StandIn::start(manner, page.found.clone(), answer.body.clone()).await?;
    let base = stand_in.url().parse()?;
    let web = Web::new(Arc::new(|_| false), None, Some(base))?;
    let mut platform = platform.clone();
    platform.status = platform.status.into_iter().skip(page.nth).take(1).collect();
    let target = target(&platform, page)?;
    let began = Instant::now();
    let Look { sight, link, .. } = LiveCheck::new(web, Apps::default()).look(&platform, &target).await;
    let took = began.elapsed();
    let (asked, sent) = stand_in.end().await;
    let asks: Vec<_> = asked.iter().map(|asked| asked.line.clone()).collect();
    let sends = page.sends.as_ref().is_none_or(|sends| {
        asked.iter().all(|asked| asked.kind == sends.kind && asked.body.contains(&sends.has) && is_sound(asked))
    });
    Ok(if sight != expected {
        Some(format!("{sight:?} in place of {expected:?}"))
    } else if asks != page.asks && !(manner != Manner::Well && page.asks.starts_with(&asks)) {
        Some(format!("asked {asks:?}"))
    } else if !sends {
        Some(format!("sent {:?}", asked.iter().map(|asked| &asked.body).collect::<Vec<_>>()))
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

/// Whether what was posted is what it says that it is.
fn is_sound(asked: &standin::Asked) -> bool {
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
        status_id: place,
        enabled: true,
        key_owner: UserId(1),
    })
}
