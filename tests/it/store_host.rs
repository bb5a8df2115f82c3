//! What the host does with the data: master keys replaced, exports taken back, older and newer data, damage.

use std::path::{Path, PathBuf};
use telecast::domain::id::{ChatId, StudioId, UserId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::{IngestKey, StreamKey};
use telecast::domain::target::TargetName;
use telecast::store::{
    Found, ImportError, KeySource, Keyring, NewTarget, OpenError, Playable, Store, StudioKind, import,
};

const KEY: &str = "plantedstreamkey0123456789";
const ALICE: UserId = UserId(11);

fn point() -> PushPoint {
    let server = ServerUrl::parse("rtmp://e.example:1935/live/plantedservertoken").unwrap();
    PushPoint { server, key: StreamKey::parse(KEY).unwrap() }
}

fn target(name: &str) -> NewTarget {
    let name = TargetName::parse(name).unwrap();
    NewTarget { name, platform: "custom".into(), point: point(), viewer_link: None, status_id: None, key_owner: ALICE }
}

fn keys(dir: &Path) -> Keyring {
    Keyring::load_or_create(dir, &KeySource::Data).unwrap()
}

fn open(dir: &Path) -> Result<Store, OpenError> {
    Store::open(dir, keys(dir))
}

/// One of everything that is sealed.
struct Sealed {
    studio: StudioId,
    ingest: IngestKey,
    read: telecast::domain::secret::ReadKey,
    claim: String,
    mark: String,
}

impl Sealed {
    async fn fill(store: &Store) -> Self {
        let studio = store.open_studio(ChatId(-5), StudioKind::Group, "Show").await.unwrap().id;
        for name in ["A", "B", "C"] {
            store.add_target(studio, target(name)).await.unwrap();
        }
        store.set_pull(studio, point(), ALICE).await.unwrap();
        store.set_dialogue(ALICE, Some(&"planted step")).await.unwrap();
        Self {
            studio,
            ingest: store.ingest_key(studio, ALICE).await.unwrap(),
            read: store.share(studio).await.unwrap(),
            claim: store.claim_code().await.unwrap().unwrap(),
            mark: store.mark_of("a button").unwrap(),
        }
    }

    async fn assert_in(&self, store: &Store, when: &str) {
        let targets = store.targets(self.studio);
        assert_eq!(targets.len(), 3, "{when}");
        assert!(targets.iter().all(|t| store.push_point(self.studio, t.id) == Some(point())), "{when}");
        assert_eq!(store.pull_point(self.studio), Some(point()), "{when}");
        assert_eq!(store.dialogue::<String>(ALICE).as_deref(), Some("planted step"), "{when}");
        assert_eq!(store.find_ingest(&self.ingest), Found::Exact { studio: self.studio, user: ALICE }, "{when}");
        assert_eq!(store.ingest_key(self.studio, ALICE).await.unwrap().expose(), self.ingest.expose(), "{when}");
        assert_eq!(store.find_read(&self.read), Playable::Studio(self.studio), "{when}");
        assert_eq!(store.read_key(self.studio).await.unwrap().unwrap().expose(), self.read.expose(), "{when}");
        assert_eq!(store.claim_code().await.unwrap().as_ref(), Some(&self.claim), "{when}");
        assert_eq!(store.mark_of("a button").as_ref(), Some(&self.mark), "{when}: buttons that outlive a restart");
    }
}

fn exports(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(dir.join("exports")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_master_key_is_replaced_while_everything_is_read_and_the_old_one_is_of_no_use_then() {
    let dir = tempfile::tempdir().unwrap();
    let old = keys(dir.path());
    let store = open(dir.path()).unwrap();
    let sealed = Sealed::fill(&store).await;
    let ring = Keyring::add_key(dir.path(), &KeySource::Data).unwrap();
    store.adopt(&ring).unwrap();
    sealed.assert_in(&store, "before anything is sealed anew").await;
    let (count, ()) = tokio::join!(store.reseal(), sealed.assert_in(&store, "meanwhile"));
    // Three targets, a source, a read key, an ingest key, a dialogue, a claim code, the check, the index.
    assert_eq!((count, store.reseal().await), (Ok(10), Ok(0)));
    assert!(ring.drop_older(dir.path(), &KeySource::Data).unwrap());
    sealed.assert_in(&store, "afterwards").await;
    let from_before = Keyring::load_or_create(dir.path(), &KeySource::Data).unwrap();
    drop(store);
    sealed.assert_in(&Store::open(dir.path(), from_before).unwrap(), "after a restart, with the new key alone").await;
    assert!(matches!(Store::open(dir.path(), old.clone()), Err(OpenError::WrongKey)));
    let only = exports(dir.path());
    let other = tempfile::tempdir().unwrap();
    let refused = import(other.path(), &old, only.last().unwrap()).unwrap_err();
    assert!(matches!(refused, ImportError::Open(OpenError::WrongKey)), "{refused}");
}

#[tokio::test]
async fn a_crash_amid_sealing_anew_leaves_everything_readable_and_the_rest_is_done_later() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let sealed = Sealed::fill(&store).await;
    store.adopt(&Keyring::add_key(dir.path(), &KeySource::Data).unwrap()).unwrap();
    // What a crash leaves: a key more in the file, and one record in the new one.
    let rekeyed = store.targets(sealed.studio)[0].id;
    store.rekey_target(sealed.studio, rekeyed, point(), ALICE).await.unwrap();
    drop(store);
    let store = open(dir.path()).unwrap();
    sealed.assert_in(&store, "half sealed anew").await;
    assert_eq!(store.reseal().await, Ok(9), "what the first run did not reach");
    sealed.assert_in(&store, "sealed anew to the end").await;
}

#[tokio::test]
async fn a_ring_without_a_key_that_is_in_use_is_refused_with_words_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let sealed = Sealed::fill(&store).await;
    let stranger = Keyring::from_master([3; 32]);
    assert!(matches!(store.adopt(&stranger), Err(OpenError::WrongKey)));
    sealed.assert_in(&store, "with the ring it had").await;
    let ring = Keyring::add_key(dir.path(), &KeySource::Data).unwrap();
    store.adopt(&ring).unwrap();
    // The check is sealed anew first of all; the older key goes too soon.
    store.rekey_target(sealed.studio, store.targets(sealed.studio)[0].id, point(), ALICE).await.unwrap();
    drop(store);
    assert!(ring.drop_older(dir.path(), &KeySource::Data).unwrap());
    let error = open(dir.path()).unwrap_err();
    assert!(error.to_string().contains("master key"), "{error}");
}

#[tokio::test]
async fn an_export_is_taken_back_with_every_secret_and_what_was_there_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let sealed = Sealed::fill(&store).await;
    let file = dir.path().join("mine.jsonl");
    store.export(&file).unwrap();
    store.forget(ALICE).await.unwrap();
    let running = import(dir.path(), &keys(dir.path()), &file).unwrap_err();
    assert!(matches!(running, ImportError::Open(OpenError::Locked(_))), "{running}");
    drop(store);
    let imported = import(dir.path(), &keys(dir.path()), &file).unwrap();
    let replaced = imported.replaced.unwrap();
    assert!(replaced.join("db").exists(), "{replaced:?}");
    sealed.assert_in(&open(dir.path()).unwrap(), "imported").await;
    // Into a directory of its own, with the key that it needs and with another.
    let other = tempfile::tempdir().unwrap();
    assert!(matches!(
        import(other.path(), &Keyring::from_master([3; 32]), &file),
        Err(ImportError::Open(OpenError::WrongKey))
    ));
    std::fs::copy(dir.path().join("master_key"), other.path().join("master_key")).unwrap();
    assert_eq!(import(other.path(), &keys(other.path()), &file).unwrap().replaced, None);
    sealed.assert_in(&open(other.path()).unwrap(), "on another host").await;
}

#[tokio::test]
async fn a_damaged_export_is_refused_at_every_place_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let sealed = Sealed::fill(&store).await;
    let file = dir.path().join("mine.jsonl");
    store.export(&file).unwrap();
    drop(store);
    let whole = std::fs::read(&file).unwrap();
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(&file, bytes).unwrap();
        let error = import(dir.path(), &keys(dir.path()), &file).expect_err(what);
        assert!(!error.to_string().contains("planted"), "{error}");
    };
    for at in (0..whole.len()).step_by(97) {
        refused(&whole[..at], &format!("cut at {at}"));
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        refused(&flipped, &format!("changed at {at}"));
    }
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    refused(&lines[1..].concat(), "a line is missing");
    refused(&[&whole[..], lines[0]].concat(), "a line more");
    refused(&[&b"\xff\xfe"[..], &whole].concat(), "no text");
    assert!(!dir.path().join("importing").exists());
    sealed.assert_in(&open(dir.path()).unwrap(), "after all that").await;
    std::fs::write(&file, &whole).unwrap();
    assert!(import(dir.path(), &keys(dir.path()), &file).is_ok(), "whole, it is taken");
}

#[tokio::test]
async fn a_log_that_lost_its_end_is_told_and_not_taken_for_an_older_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let sealed = Sealed::fill(&store).await;
    let file = dir.path().join("mine.jsonl");
    store.export(&file).unwrap();
    drop(store);
    drop(open(dir.path()).unwrap()); // what was closed in order lacks nothing
    let log = dir.path().join("store/db");
    let bytes = std::fs::read(&log).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    std::fs::write(&log, &bytes[..end / 2]).unwrap();
    for entry in std::fs::read_dir(dir.path().join("store")).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.file_name().unwrap().to_string_lossy().starts_with("snap.") {
            std::fs::remove_file(entry).unwrap();
        }
    }
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Lost { changes: 1.., .. }), "{error}");
    assert!(error.to_string().contains("telecast import"), "{error}");
    import(dir.path(), &keys(dir.path()), &file).unwrap();
    sealed.assert_in(&open(dir.path()).unwrap(), "taken back").await;
}

/// An export of `dir` with these lines changed, as another version would have written it.
fn rewritten(dir: &Path, change: impl Fn(&mut serde_json::Value)) -> PathBuf {
    use sha2::{Digest, Sha256};
    let text = std::fs::read_to_string(exports(dir).last().unwrap()).unwrap();
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line.get("key").is_some() {
            change(&mut line);
            if !line["key"].is_null() {
                lines.push(format!("{}\n", serde_json::to_string(&Line::from(&line)).unwrap()));
            }
        }
    }
    let hash = Sha256::digest(lines.concat().as_bytes());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = dir.join("rewritten.jsonl");
    let end = format!("{{\"records\":{},\"sha256\":\"{hash}\"}}\n", lines.len());
    std::fs::write(&path, lines.concat() + &end).unwrap();
    path
}

#[derive(serde::Serialize)]
struct Line {
    key: String,
    version: u64,
    value: serde_json::Value,
}

impl Line {
    fn from(line: &serde_json::Value) -> Self {
        Self {
            key: line["key"].as_str().unwrap().into(),
            version: line["version"].as_u64().unwrap(),
            value: line["value"].clone(),
        }
    }
}

#[tokio::test]
async fn data_of_before_there_were_schemas_is_brought_up_to_date_and_newer_data_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let sealed = Sealed::fill(&store).await;
    drop(store);
    drop(open(dir.path()).unwrap()); // an export with everything
    let old = rewritten(dir.path(), |line| {
        if ["meta/schema", "meta/index"].iter().any(|key| line["key"] == *key) {
            line["key"] = serde_json::Value::Null;
        }
    });
    import(dir.path(), &keys(dir.path()), &old).unwrap();
    let store = open(dir.path()).unwrap();
    sealed.assert_in(&store, "brought up to date").await;
    drop(store);
    for (key, field, value) in [("meta/schema", "value", 99), ("studio/", "version", 2)] {
        let newer = rewritten(dir.path(), |line| {
            if line["key"].as_str().unwrap().starts_with(key) {
                line[field] = value.into();
            }
        });
        let error = import(dir.path(), &keys(dir.path()), &newer).unwrap_err();
        assert!(error.to_string().contains("newer Telecast"), "{error}");
    }
    sealed.assert_in(&open(dir.path()).unwrap(), "untouched").await;
}
