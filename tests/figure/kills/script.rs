//! What the process does that is killed: changes of every kind, one after the other, each acknowledged on its output.

use crate::bed::{Result, fault};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};
use telecast::domain::id::{ChatId, StudioId, UserId};
use telecast::domain::lang::Lang;
use telecast::domain::quota::Usage;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::target::TargetName;
use telecast::store::{BroadcastRecord, Guest, KeySource, Keyring, NewTarget, Store, StudioKind};

/// Changes of a round.
const ROUND: usize = 45;
/// Rounds, each in a group and a private chat of its own.
const ROUNDS: usize = 2;
const ALICE: UserId = UserId(11);
const BOB: UserId = UserId(22);
/// Who write at the same time, each a record of their own.
const CROWD: u64 = 8;

/// The ring, the newest of `count` keys sealing.
pub(super) fn ring(count: usize) -> Result<Keyring> {
    let keys: Vec<String> = ["1f", "2e"].iter().take(count).map(|byte| byte.repeat(32)).collect();
    Ok(Keyring::load_or_create(Path::new(""), &KeySource::Setting(keys.join(",").into()))?)
}

/// Plays all of it in `dir`; `kept`: an export behind each change goes there. `early`: says that a change is made before
/// it is.
pub(super) async fn play(dir: &Path, kept: Option<&Path>, early: bool) -> Result<()> {
    let store = Store::open(dir, ring(2)?)?;
    store.adopt(&ring(2)?)?;
    keep(&store, kept, 0)?;
    for number in 1..=ROUND * ROUNDS {
        if early {
            say(number)?;
        }
        change(&store, (number - 1) / ROUND, (number - 1) % ROUND).await?;
        say(number)?;
        keep(&store, kept, number)?;
    }
    store.close().await;
    Ok(())
}

/// Many at once, for ever.
pub(super) async fn crowd(dir: &Path) -> Result<()> {
    let store = Store::open(dir, ring(2)?)?;
    let person = async |user: u64| -> Result<()> {
        let known = store.person(UserId(user)).name.parse::<usize>().unwrap_or(0);
        for number in known + 1.. {
            store.update_person(UserId(user), move |person| person.name = number.to_string()).await?;
            say_of(user, number)?;
        }
        Ok(())
    };
    futures_util::future::try_join_all((1..=CROWD).map(person)).await.map(drop)
}

fn say(number: usize) -> Result<()> {
    say_of(0, number)
}

fn say_of(user: u64, number: usize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{user} {number}")?;
    Ok(out.flush()?)
}

fn keep(store: &Store, kept: Option<&Path>, number: usize) -> Result<()> {
    kept.map_or(Ok(()), |dir| Ok(store.export(&dir.join(number.to_string()))?))
}

fn target(name: &str, key_owner: UserId) -> Result<NewTarget> {
    let (name, platform, point) = (TargetName::parse(name)?, "custom".into(), point(name)?);
    Ok(NewTarget { name, platform, point, viewer_link: None, status_id: None, key_owner })
}

fn point(key: &str) -> Result<PushPoint> {
    let key = StreamKey::parse(&format!("{key}-0123456789abcdef"))?;
    Ok(PushPoint { server: ServerUrl::parse("rtmp://host/live")?, key })
}

async fn change(store: &Store, round: usize, number: usize) -> Result<()> {
    let round = i64::try_from(round)?;
    let (group, moved, private) = (ChatId(-5 - round), ChatId(-500 - round), ChatId(11));
    let of = |chat| store.studio_of(chat).map_or(StudioId(0), |studio| studio.id);
    let studio = if number < 40 { of(group) } else { of(moved) };
    let targets = store.targets(studio);
    let one = |name: &str| targets.iter().find(|target| target.name.as_str() == name).map(|target| target.id);
    let Some(first) =
        targets.first().map(|target| target.id).or((number < 3).then_some(telecast::domain::id::TargetId(0)))
    else {
        return fault(format!("no target at change {number} of round {round}"));
    };
    match number {
        0 => drop(store.open_studio(group, StudioKind::Group, "Show").await?),
        1 => drop(store.open_studio(private, StudioKind::Private, "Alice").await?),
        2 => drop(store.add_target(studio, target("A", ALICE)?).await?),
        3 => drop(store.add_target(studio, target("B", BOB)?).await?),
        4 => drop(store.add_target(studio, target("C", BOB)?).await?),
        5 => drop(store.update_target(studio, first, |target| target.enabled = false).await?),
        6 => drop(store.rekey_target(studio, first, point("other")?, BOB).await?),
        7 => drop(store.place_target(studio, one("C").unwrap_or(first), 0).await?),
        8 => drop(store.remove_target(studio, one("B").unwrap_or(first)).await?),
        9 => drop(store.delete_target(studio, one("C").unwrap_or(first)).await?),
        10 => store.note_used(studio, first).await?,
        11 => drop(store.update_person(ALICE, |person| person.language = Some(Lang::Zh)).await?),
        12 => drop(store.update_studio(studio, |studio| studio.hold = Duration::from_secs(60)).await?),
        13 => store.set_broadcast(studio, Some(show(first))).await?,
        14 => store.set_broadcast(studio, None).await?,
        15 => drop(store.ingest_key(studio, ALICE).await?),
        16 => drop(store.renew_ingest_key(studio, ALICE).await?),
        17 => drop(store.ingest_key(studio, BOB).await?),
        18 => drop(store.revoke_ingest(studio, BOB).await?),
        19 => drop(store.set_pull(studio, point("pull")?, BOB).await?),
        20 => drop(store.share(studio).await?),
        21 => drop(store.renew_read_key(studio).await?),
        22 => store.unshare(studio).await?,
        23 => store.drop_pull(studio).await?,
        24 => drop(store.claim_code().await?),
        25 => store.set_dialogue(BOB, Some(&"a step")).await?,
        26 => drop(store.replace_dialogue(BOB, &"a step", &"the next").await?),
        27 => store.set_dialogue::<String>(BOB, None).await?,
        28 => drop(store.invite(3, SystemTime::now() + Duration::from_secs(3600)).await?),
        29 => {
            let code = store.invites().pop().map(|invite| invite.code).unwrap_or_default();
            let _ = store.redeem_invite(&code, Guest::Person(UserId(77 + round.unsigned_abs()))).await?;
        }
        30 => {
            for invite in store.invites() {
                store.revoke_invite(&invite.code).await?;
            }
        }
        31 => store.set_usage(vec![(studio, Usage::default())]).await?,
        32 => store.set_draining(round % 2 == 0).await?,
        33 => store.note_vanishing(group, 7, SystemTime::now()).await?,
        34 => store.vanished(group, 7).await?,
        35 => store.set_begun_update(u32::try_from(round)? + 1).await?,
        36 => store.keep_tap("button", &"a meaning").await?,
        37 => store.set_last_update(u32::try_from(round)? + 1).await?,
        38 => store.set_profile_mark(Some(round.to_string())).await?,
        39 => drop(store.move_studio(group, moved).await?),
        40 => drop(store.restore_target(studio, telecast::domain::id::TargetId(2)).await?),
        // Everything is sealed anew by the other key, and back.
        41 => seal_by(store, 1).await?,
        42 => seal_by(store, 2).await?,
        43 => {
            let code = store.claim_code().await?.unwrap_or_default();
            let _ = store.claim(&code, BOB).await?;
        }
        _ => drop(store.forget(ALICE).await?),
    }
    Ok(())
}

async fn seal_by(store: &Store, newest: usize) -> Result<()> {
    let keys: Vec<String> =
        if newest == 1 { vec!["2e", "1f"] } else { vec!["1f", "2e"] }.into_iter().map(|byte| byte.repeat(32)).collect();
    store.adopt(&Keyring::load_or_create(Path::new(""), &KeySource::Setting(keys.join(",").into()))?)?;
    store.reseal().await?;
    Ok(())
}

fn show(target: telecast::domain::id::TargetId) -> BroadcastRecord {
    let (started_at, targets) = (SystemTime::now(), vec![target]);
    BroadcastRecord { started_by: BOB, started_at, targets, live_since: None, last_media: None }
}
