//! The store through its public face.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};
use telecast::domain::id::{ChatId, StudioId, UserId};
use telecast::domain::lang::Lang;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::{IngestKey, ReadKey, StreamKey};
use telecast::domain::target::TargetName;
use telecast::store::{
    BroadcastRecord, Found, Keyring, NewTarget, OpenError, Playable, PullInfo, Store, StoreError, StudioKind,
};

const SERVER: &str = "rtmp://e.channel.media.azure.net:1935/live/plantedservertoken";
const KEY: &str = "plantedstreamkey0123456789";
const ALICE: UserId = UserId(11);
const BOB: UserId = UserId(22);

fn keys() -> Keyring {
    Keyring::from_master([9; 32])
}

fn point() -> PushPoint {
    PushPoint { server: ServerUrl::parse(SERVER).unwrap(), key: StreamKey::parse(KEY).unwrap() }
}

fn new_target(name: &str, key_owner: UserId) -> NewTarget {
    let name = TargetName::parse(name).unwrap();
    NewTarget { name, platform: "custom".into(), point: point(), viewer_link: None, status_id: None, key_owner }
}

async fn studio(store: &Store) -> StudioId {
    store.open_studio(ChatId(-5), StudioKind::Group, "Show").await.unwrap().id
}

/// Whether any file under `dir` holds `needle`, bytes as they are.
fn found_under(dir: &Path, needle: &str) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return found_under(&path, needle);
        }
        std::fs::read(path).unwrap().windows(needle.len()).any(|w| w == needle.as_bytes())
    })
}

#[tokio::test]
async fn all_that_was_acknowledged_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), keys()).unwrap();
    let id = studio(&store).await;
    let target = store.add_target(id, new_target("A", ALICE)).await.unwrap();
    let record = BroadcastRecord {
        started_by: ALICE,
        started_at: SystemTime::now(),
        targets: vec![target.id],
        live_since: None,
        last_media: None,
    };
    store.set_broadcast(id, Some(record.clone())).await.unwrap();
    store.update_person(ALICE, |p| p.language = Some(Lang::Zh)).await.unwrap();
    store.update_studio(id, |s| s.hold = Duration::from_secs(60)).await.unwrap();
    let key = store.ingest_key(id, ALICE).await.unwrap();
    drop(store);

    let store = Store::open(dir.path(), keys()).unwrap();
    assert_eq!(store.targets(id), std::slice::from_ref(&target));
    assert_eq!(store.push_point(id, target.id), Some(point()));
    assert_eq!(store.broadcasts(), [(id, record)]);
    assert_eq!(store.person(ALICE).language, Some(Lang::Zh));
    assert_eq!(store.studio_of(ChatId(-5)).unwrap().hold, Duration::from_secs(60));
    assert_eq!(store.find_ingest(&key), Found::Exact { studio: id, user: ALICE });
    store.set_broadcast(id, None).await.unwrap();
    assert_eq!(store.broadcast(id), None);
    assert_eq!(store.add_target(id, new_target("B", ALICE)).await.unwrap().id.0, 2, "ids are never reused");
}

#[tokio::test]
async fn another_master_key_is_refused_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path(), keys()).unwrap());
    assert!(matches!(Store::open(dir.path(), Keyring::from_master([8; 32])), Err(OpenError::WrongKey)));
    assert!(Store::open(dir.path(), keys()).is_ok());
}

#[tokio::test]
async fn a_second_process_is_told_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let _store = Store::open(dir.path(), keys()).unwrap();
    let error = Store::open(dir.path(), keys()).unwrap_err();
    assert!(matches!(error, OpenError::Locked(_)), "{error}");
    assert!(error.to_string().contains("another Telecast"));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Step {
    server: String,
}

#[tokio::test]
async fn no_secret_is_in_any_file_or_debug_text() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), keys()).unwrap();
    let id = studio(&store).await;
    let target = store.add_target(id, new_target("A", ALICE)).await.unwrap();
    let ingest = store.ingest_key(id, ALICE).await.unwrap();
    let claim = store.claim_code().await.unwrap().unwrap();
    let step = Step { server: "planteddialoguestate".into() };
    store.set_dialogue(ALICE, Some(&step)).await.unwrap();
    let debug = format!("{:?}{:?}{:?}{:?}", target, store.push_point(id, target.id), store, new_target("x", ALICE));
    drop(store);
    let store = Store::open(dir.path(), keys()).unwrap(); // writes an export
    assert_eq!(store.dialogue::<Step>(ALICE), Some(step));
    assert_eq!(store.dialogue::<u32>(ALICE), None, "a state of another version");
    store.set_dialogue::<Step>(ALICE, None).await.unwrap();
    assert_eq!(store.dialogue::<Step>(ALICE), None);
    store.close().await;
    for secret in [KEY, "plantedservertoken", ingest.expose(), "planteddialoguestate", claim.as_str()] {
        assert!(!found_under(dir.path(), secret), "{secret}");
        assert!(!debug.contains(secret), "{secret} in {debug}");
    }
    assert!(found_under(dir.path(), "Show"), "the search itself works");
}

#[tokio::test]
async fn the_claim_code_works_once_for_one_person() {
    let store = Store::temporary().unwrap();
    let code = store.claim_code().await.unwrap().unwrap();
    assert_eq!(store.claim_code().await.unwrap().as_ref(), Some(&code));
    assert!(!store.claim("wrong", ALICE).await.unwrap());
    assert!(store.claim(&code, ALICE).await.unwrap());
    assert!(!store.claim(&code, BOB).await.unwrap());
    assert_eq!(store.owner(), Some(ALICE));
    assert!(store.person(ALICE).approved && !store.person(BOB).approved);
    assert_eq!(store.claim_code().await.unwrap(), None);
}

#[tokio::test]
async fn a_removed_target_can_be_brought_back_with_its_key() {
    let store = Store::temporary().unwrap();
    let id = studio(&store).await;
    let target = store.add_target(id, new_target("A", ALICE)).await.unwrap();
    store.remove_target(id, target.id).await.unwrap();
    assert!(store.targets(id).is_empty() && store.push_point(id, target.id).is_none());
    assert_eq!(store.update_target(id, target.id, |_| ()).await, Err(StoreError::Missing));
    assert_eq!(store.restore_target(id, target.id).await.unwrap(), target);
    assert_eq!(store.push_point(id, target.id), Some(point()));
}

#[tokio::test]
async fn changing_a_target_cannot_change_whose_key_it_is_but_rekeying_does() {
    let store = Store::temporary().unwrap();
    let id = studio(&store).await;
    let target = store.add_target(id, new_target("A", ALICE)).await.unwrap();
    let changed = store.update_target(id, target.id, |t| (t.key_owner, t.enabled) = (BOB, false)).await.unwrap();
    assert_eq!((changed.key_owner, changed.enabled), (ALICE, false));
    let other = PushPoint { server: point().server, key: StreamKey::parse("another-key-of-bob-0001").unwrap() };
    let rekeyed = store.rekey_target(id, target.id, other.clone(), BOB).await.unwrap();
    assert_eq!((rekeyed.key_owner, rekeyed.shown_key.as_str()), (BOB, "••••0001"));
    assert_eq!(store.push_point(id, target.id), Some(other));
}

#[tokio::test]
async fn a_groups_migration_keeps_everything() {
    let store = Store::temporary().unwrap();
    let id = studio(&store).await;
    let target = store.add_target(id, new_target("A", ALICE)).await.unwrap();
    store.open_studio(ChatId(-100), StudioKind::Group, "opened too early").await.unwrap();
    for _ in 0..2 {
        let moved = store.move_studio(ChatId(-5), ChatId(-100)).await.unwrap();
        assert_eq!((moved.id, moved.chat), (id, ChatId(-100)));
    }
    assert_eq!(store.studio_of(ChatId(-5)), None);
    assert_eq!(store.studios().len(), 1);
    assert_eq!(store.targets(store.studio_of(ChatId(-100)).unwrap().id), [target]);
    assert_eq!(store.move_studio(ChatId(1), ChatId(2)).await, Err(StoreError::Missing));
}

#[tokio::test]
async fn an_ingest_key_leads_to_its_owner_even_when_cut_or_old() {
    let store = Store::temporary().unwrap();
    let id = studio(&store).await;
    let old = store.ingest_key(id, ALICE).await.unwrap();
    assert_eq!(store.ingest_key(id, ALICE).await.unwrap().expose(), old.expose(), "the same until renewed");
    assert_ne!(store.ingest_key(id, BOB).await.unwrap().expose(), old.expose());
    let stale = Found::Stale { studio: id, user: ALICE };
    assert_eq!(store.find_ingest(&IngestKey::from_stream_name(&old.expose()[..20])), stale);
    let new = store.renew_ingest_key(id, ALICE).await.unwrap();
    assert_eq!(store.find_ingest(&old), stale);
    assert_eq!(store.find_ingest(&new), Found::Exact { studio: id, user: ALICE });
    store.revoke_ingest(id, ALICE).await.unwrap();
    assert_eq!((store.find_ingest(&new), store.find_ingest(&old)), (Found::Unknown, Found::Unknown));
    assert_eq!(store.find_ingest(&IngestKey::from_stream_name("")), Found::Unknown);
}

#[tokio::test]
async fn where_a_stream_is_fetched_from_is_sealed_shown_masked_and_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), keys()).unwrap();
    let id = studio(&store).await;
    assert_eq!(store.pull(id), None);
    store.set_pull(id, point(), BOB).await.unwrap();
    let info = store.set_pull(id, point(), ALICE).await.unwrap();
    let shown = "rtmp://e.channel.media.azure.net:1935/live/•••".to_owned();
    assert_eq!(info, PullInfo { shown, owner: ALICE });
    store.close().await;
    drop(store);
    let store = Store::open(dir.path(), keys()).unwrap();
    assert_eq!((store.pull(id), store.pull_point(id)), (Some(info), Some(point())));
    assert!(!found_under(dir.path(), KEY) && !found_under(dir.path(), "plantedservertoken"));
    let nameless = PushPoint::from_url("rtmp://a.example/plantedservertoken").unwrap();
    assert_eq!(store.set_pull(id, nameless.clone(), ALICE).await.unwrap().shown, "rtmp://a.example/•••");
    assert_eq!(store.pull_point(id), Some(nameless));
    assert!(!found_under(dir.path(), "plantedservertoken"));
    store.drop_pull(id).await.unwrap();
    assert_eq!((store.pull(id), store.pull_point(id)), (None, None));
    assert_eq!(store.set_pull(StudioId(999), point(), ALICE).await, Err(StoreError::Missing));
}

#[tokio::test]
async fn a_read_key_plays_while_its_studio_is_shared_and_no_key_does_what_the_other_is_for() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), keys()).unwrap();
    let id = studio(&store).await;
    assert!(store.read_key(id).await.unwrap().is_none(), "off by default");
    let key = store.share(id).await.unwrap();
    assert_eq!(store.share(id).await.unwrap().expose(), key.expose(), "the same each time");
    assert_eq!(store.read_key(id).await.unwrap().unwrap().expose(), key.expose());
    assert_eq!(store.find_read(&key), Playable::Studio(id));
    let ingest = store.ingest_key(id, ALICE).await.unwrap();
    assert_eq!(store.find_read(&ReadKey::from_stream_name(ingest.expose())), Playable::Unknown);
    assert_eq!(store.find_ingest(&IngestKey::from_stream_name(key.expose())), Found::Unknown);
    assert!(!found_under(dir.path(), key.expose()), "sealed");

    store.unshare(id).await.unwrap();
    assert_eq!(store.find_read(&key), Playable::Off);
    assert!(store.read_key(id).await.unwrap().is_none());
    assert_eq!(store.share(id).await.unwrap().expose(), key.expose(), "kept meanwhile");
    let renewed = store.renew_read_key(id).await.unwrap();
    assert_eq!((store.find_read(&key), store.find_read(&renewed)), (Playable::Unknown, Playable::Studio(id)));
    assert_eq!(store.find_read(&ReadKey::from_stream_name("")), Playable::Unknown);
}

#[tokio::test]
async fn forget_removes_all_that_is_a_persons_and_nothing_else() {
    let store = Store::temporary().unwrap();
    let id = studio(&store).await;
    let hers = store.add_target(id, new_target("A", ALICE)).await.unwrap();
    let undoable = store.add_target(id, new_target("B", ALICE)).await.unwrap();
    let his = store.add_target(id, new_target("C", BOB)).await.unwrap();
    store.remove_target(id, undoable.id).await.unwrap();
    let key = store.ingest_key(id, ALICE).await.unwrap();
    store.update_person(ALICE, |p| p.name = "Alice".into()).await.unwrap();
    assert_eq!(store.lent_by(ALICE).into_iter().map(|(_, t)| t).collect::<Vec<_>>(), std::slice::from_ref(&hers));
    store.set_pull(id, point(), ALICE).await.unwrap();
    let gone = store.forget(ALICE).await.unwrap();
    assert_eq!((gone.targets, gone.pulls), (vec![(id, hers.id)], vec![id]));
    assert_eq!((store.pull(id), store.pull_point(id)), (None, None));
    assert_eq!(store.targets(id), [his]);
    assert_eq!(store.restore_target(id, undoable.id).await, Err(StoreError::Missing));
    assert_eq!(store.find_ingest(&key), Found::Unknown);
    assert_eq!(store.person(ALICE).name, "");
    assert!(store.lent_by(ALICE).is_empty());
}

#[tokio::test]
async fn whoever_is_forgotten_is_in_no_export_also_where_the_clock_was_ahead() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), keys()).unwrap();
    store.update_person(ALICE, |person| person.name = "Alice".into()).await.unwrap();
    drop(store);
    let store = Store::open(dir.path(), keys()).unwrap();
    store.set_last_update(1).await.unwrap();
    drop(store);
    // As of a start before the host knew the time.
    let export = Store::newest_export(dir.path()).unwrap();
    let ahead = SystemTime::now() + Duration::from_secs(8 * 3600);
    let stamp = ahead.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    std::fs::rename(&export, export.with_file_name(format!("{stamp:020}.jsonl"))).unwrap();
    assert!(found_under(&dir.path().join("exports"), "Alice"));
    let store = Store::open(dir.path(), keys()).unwrap();
    store.forget(ALICE).await.unwrap();
    assert!(!found_under(&dir.path().join("exports"), "Alice"));
}

#[tokio::test]
async fn many_writers_at_once_lose_nothing() {
    let store = Store::temporary().unwrap();
    let id = studio(&store).await;
    let names: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    let writes = names.iter().map(|name| store.add_target(id, new_target(name, ALICE)));
    let added = futures_util::future::join_all(writes).await;
    assert!(added.iter().all(Result::is_ok));
    assert_eq!(store.targets(id).len(), 200);
}

#[tokio::test]
async fn damaged_snapshots_are_repaired_after_a_copy_was_made() {
    for damage in ["cut", "empty", "flipped", "generating"] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), keys()).unwrap();
        let id = studio(&store).await;
        store.add_target(id, new_target("A", ALICE)).await.unwrap();
        drop(store);
        drop(Store::open(dir.path(), keys()).unwrap()); // the second open leaves a snapshot
        let snapshots: Vec<_> = std::fs::read_dir(dir.path().join("store"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("snap."))
            .collect();
        assert!(!snapshots.is_empty());
        for path in &snapshots {
            let mut bytes = std::fs::read(path).unwrap();
            match damage {
                "cut" => bytes.truncate(bytes.len() / 2),
                "empty" => bytes.clear(),
                "flipped" => bytes.iter_mut().for_each(|b| *b ^= 0x55),
                _ => std::fs::write(format!("{}.generating", path.display()), &bytes).unwrap(),
            }
            std::fs::write(path, bytes).unwrap();
        }
        let store = Store::open(dir.path(), keys()).unwrap_or_else(|e| panic!("{damage}: {e}"));
        assert_eq!(store.push_point(id, store.targets(id)[0].id), Some(point()), "{damage}");
        let copied = std::fs::read_dir(dir.path())
            .unwrap()
            .any(|e| e.unwrap().file_name().to_string_lossy().starts_with("damaged-"));
        assert!(copied || damage == "generating", "{damage}: no copy");
    }
}

#[tokio::test]
async fn damage_that_cannot_be_repaired_does_not_fill_the_disk_however_often_it_is_tried() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), keys()).unwrap();
    for id in (0..100).chain(0..100).map(UserId) {
        store.update_person(id, |person| person.name += &"long ".repeat(2_000)).await.unwrap();
    }
    store.close().await;
    drop(store);
    drop(Store::open(dir.path(), keys()).unwrap()); // the second open leaves a snapshot
    let sound = std::fs::read(dir.path().join("store/db")).unwrap();
    let damaged = |place: usize| {
        let trial = tempfile::tempdir().unwrap();
        let copied = Command::new("cp").arg("-r").arg(dir.path().join("store")).arg(trial.path()).status();
        assert!(copied.unwrap().success());
        let mut bytes = sound.clone();
        bytes.iter_mut().skip(place * sound.len() / 24).take(64).for_each(|byte| *byte ^= 0x55);
        std::fs::write(trial.path().join("store/db"), bytes).unwrap();
        trial
    };
    let refused = |trial: &Path| match Store::open(trial, keys()) {
        Err(OpenError::Damaged { copy, .. }) => Some(copy),
        _ => None,
    };
    // What can be repaired, is; of the rest any will do.
    let place = (1..24).find(|place| refused(damaged(*place).path()).is_some()).unwrap();
    let trial = damaged(place);
    let beside = || {
        let names = std::fs::read_dir(trial.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "store").collect::<Vec<_>>()
    };

    // What cannot be copied whole leaves nothing.
    let nowhere = trial.path().join("store/nowhere");
    std::os::unix::fs::symlink("nothing", &nowhere).unwrap();
    assert!(matches!(Store::open(trial.path(), keys()), Err(OpenError::Io { .. })));
    assert_eq!(beside(), [""; 0]);
    std::fs::remove_file(nowhere).unwrap();

    // sled may shorten its log at the first try, and leaves it as it is then.
    for _ in 0..5 {
        let copy = refused(trial.path()).unwrap();
        assert!(copy.join("db").is_file());
    }
    assert!(beside().len() <= 2, "{:?}", beside());
}

#[tokio::test]
async fn seven_exports_are_kept_each_complete_and_no_two_alike() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..9 {
        let store = Store::open(dir.path(), keys()).unwrap();
        store.set_last_update(n).await.unwrap();
        drop(store);
        // Nothing changed: whoever starts often, or fails to, pushes no older state out.
        Store::open(dir.path(), keys()).unwrap();
    }
    let mut files: Vec<_> = std::fs::read_dir(dir.path().join("exports")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let states = files.iter().map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        let line = text.lines().find(|line| line.contains("meta/last-update")).unwrap();
        serde_json::from_str::<serde_json::Value>(line).unwrap()["value"].as_i64().unwrap()
    });
    assert_eq!(states.collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8], "the states at the starts");
}
