//! What becomes of an application's token: refused, taken back, over, not given, and how often what is asked. Time is
//! passed by hand, on a runtime of its own.

use super::{Page, Says, applications, check, only, target};
use crate::bed::pages::{Gate, ID, Manner, SECRET, StandIn};
use crate::bed::{Fault, Result};
use std::sync::Arc;
use std::time::Duration;
use telecast::platform::live_check::{Apps, LiveCheck, Sight};
use telecast::platform::{Access, Catalogue, Platform};

const LIVE: Option<Sight> = Some(Sight::Live);

/// One trial: a platform's page, what happens, and what is wrong.
struct Trial {
    platform: Platform,
    page: Page,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// Nothing is set: nothing is asked.
    Unset,
    /// The id, the secret, or both are others.
    Wrong { id: bool, secret: bool },
    /// Tokens are given in this manner.
    Tokens(Manner),
    /// The token is taken back.
    Revoked,
    /// The token ends sooner than it says.
    Short,
    /// The token says of itself that it is over.
    Dead,
    /// The token ends when it says so.
    Ends,
    /// The questions are refused, whatever goes with them.
    Refused(u16),
    /// An hour of a show.
    Hour,
}

/// How many trials there were, and what was wrong.
pub(super) async fn measure(catalogue: &Catalogue, pages: &[Page]) -> Result<(usize, Vec<String>)> {
    let mut trials = Vec::new();
    for page in pages {
        let platform = catalogue.get(&page.id).ok_or(Fault(format!("no platform {}", page.id)))?;
        let asks = |page: &Page| platform.status.get(page.nth).is_some_and(|one| one.access == Access::Application);
        if !asks(page) {
            continue;
        }
        let platform = only(platform, page);
        let application = platform.application.clone().ok_or(Fault(format!("{}: no application", page.id)))?;
        let mut whats = vec![What::Unset, What::Refused(application.refused_by[0]), What::Hour];
        let by_id = application.headers.values().any(|value| value.contains("{app_id}"));
        let tokens = application.token_url.is_some();
        if by_id || tokens {
            whats.push(What::Wrong { id: true, secret: false });
        }
        if tokens || !by_id {
            whats.extend([What::Wrong { id: false, secret: true }, What::Wrong { id: true, secret: true }]);
        }
        if tokens {
            let manners = [500, 404, 403].map(Manner::Status).into_iter().chain([Manner::Later, Manner::Html]);
            let manners = manners.chain([Manner::Slow]).chain([true, false].map(|after| Manner::Long { after }));
            whats.extend(manners.map(What::Tokens));
            whats.extend([What::Revoked, What::Short, What::Dead, What::Ends]);
        }
        trials.extend(whats.into_iter().map(|what| Trial { platform: platform.clone(), page: page.clone(), what }));
    }
    let count = trials.len();
    let alone = |trial: Trial| async move {
        let (id, what) = (trial.page.id.clone(), trial.what);
        let wrong = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(trial.play())
        });
        Ok::<_, Fault>(wrong.await??.map(|wrong| format!("{id} {what:?}: {wrong}")))
    };
    use futures_util::StreamExt as _;
    let wrong: Vec<_> = futures_util::stream::iter(trials.into_iter().map(alone)).buffer_unordered(8).collect().await;
    Ok((count, wrong.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect()))
}

/// A stand-in, and one who asks it.
struct Watch<'t> {
    trial: &'t Trial,
    gate: Arc<Gate>,
    stand_in: StandIn,
    check: LiveCheck,
}

impl Watch<'_> {
    async fn look(&self) -> Result<Option<Sight>> {
        Ok(self.check.look(&self.trial.platform, &target(&self.trial.platform, &self.trial.page)?).await.sight)
    }

    /// Looks as the service does, for so long; the last look.
    async fn looks(&self, seconds: u64) -> Result<Option<Sight>> {
        let mut last = None;
        for _ in 0..seconds / 5 {
            last = self.look().await?;
            pass(5).await;
        }
        Ok(last)
    }

    /// How often it was asked for a token, and anything else.
    fn asked(&self) -> (usize, usize) {
        let asked = self.stand_in.asked();
        let tokens = asked.iter().filter(|line| line.ends_with("/token")).count();
        (tokens, asked.len() - tokens)
    }
}

async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

impl Trial {
    async fn play(&self) -> Result<Option<String>> {
        let (lives, says) = match self.what {
            What::Short => (600, "7200"),
            What::Dead => (7200, "0"),
            _ => (7200, "7200"),
        };
        let manner = if let What::Tokens(manner) = self.what { manner } else { Manner::Well };
        let gate = Arc::new(Gate::new(manner, Duration::from_secs(lives), says));
        let answer = self.page.answers.iter().find(|answer| answer.says == Says::Live);
        let body = answer.ok_or(Fault("no live answer".into()))?.body.clone();
        let manner = if let What::Refused(status) = self.what { Manner::Status(status) } else { Manner::Well };
        let found = self.page.found.clone();
        let looked_up = usize::from(found.is_some());
        let stand_in = StandIn::gated(gate.clone(), manner, found, body).await?;
        let apps = match self.what {
            What::Unset => Apps::default(),
            What::Wrong { id, secret } => {
                applications(if id { "another0id" } else { ID }, if secret { "another/planted+secret" } else { SECRET })
            }
            _ => applications(ID, SECRET),
        };
        let check = check(&stand_in, apps)?;
        let watch = Watch { trial: self, gate, stand_in, check };
        let tokens = usize::from(self.platform.application.as_ref().is_some_and(|app| app.token_url.is_some()));
        let every = self.platform.status[0].every_s.unwrap_or(30);
        let wrong = match self.what {
            What::Unset => {
                let sight = watch.looks(600).await?;
                unless(sight.is_none() && watch.asked() == (0, 0), (sight, watch.asked()))
            }
            // At once, and then after 1, 2, 4, 8, 16 and 32 minutes and a turn.
            What::Wrong { .. } => {
                let sight = watch.looks(3600).await?;
                let (fetched, asked) = watch.asked();
                let most = if tokens == 1 { (7, 0) } else { (0, 7) };
                let well = sight.is_none() && fetched <= most.0 && asked <= most.1 && fetched + asked >= 4;
                unless(well, (sight, fetched, asked))
            }
            What::Refused(_) => {
                let sight = watch.looks(3600).await?;
                let (fetched, asked) = watch.asked();
                unless(sight.is_none() && fetched <= 7 * tokens && asked <= 7 + looked_up, (sight, fetched, asked))
            }
            What::Tokens(_) => {
                let sight = watch.look().await?;
                let again = watch.look().await?;
                unless(sight.is_none() && again.is_none() && watch.asked() == (1, 0), (sight, again, watch.asked()))
            }
            What::Revoked => {
                let first = watch.look().await?;
                pass(600).await;
                watch.gate.revoke();
                let second = watch.look().await?;
                let well = (first, second) == (LIVE, LIVE) && watch.asked() == (2, 3 + looked_up);
                unless(well, (first, second, watch.asked()))
            }
            What::Short => {
                let (first, second) = (watch.looks(570).await?, {
                    pass(120).await;
                    watch.look().await?
                });
                unless((first, second) == (LIVE, LIVE) && watch.gate.issued() == 2, (first, second, watch.asked()))
            }
            What::Dead => {
                let sight = watch.looks(600).await?;
                unless(sight == LIVE && watch.gate.issued() <= 3, (sight, watch.asked()))
            }
            What::Ends => {
                let first = watch.look().await?;
                let before = watch.asked();
                pass(7200 - 299).await;
                let second = watch.look().await?;
                // After two hours the found name is asked for again, too.
                let well = (first, second) == (LIVE, LIVE) && watch.asked() == (before.0 + 1, before.1 + 1 + looked_up);
                unless(well, (first, second, before, watch.asked()))
            }
            What::Hour => {
                let sight = watch.looks(3600).await?;
                let (fetched, asked) = watch.asked();
                let most = 3600 / usize::try_from(every)? + looked_up;
                unless(sight == LIVE && fetched == tokens && asked <= most && asked > most / 2, (sight, fetched, asked))
            }
        };
        let faults = watch.gate.faults();
        Ok(wrong.or_else(|| unless(faults.is_empty(), faults)))
    }
}

fn unless(well: bool, seen: impl std::fmt::Debug) -> Option<String> {
    (!well).then(|| format!("{seen:?}"))
}
