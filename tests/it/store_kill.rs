//! kill -9 in the middle of writing: what was acknowledged is there.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use telecast::domain::id::{ChatId, UserId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::target::TargetName;
use telecast::store::{Keyring, NewTarget, Store, StudioKind};

const DIR: &str = "TELECAST_TEST_KILL_DIR";
const ROUNDS: usize = 20;

/// Not a test: the process that is killed. Says each target's id once it is acknowledged.
#[test]
#[ignore = "run by the test below"]
fn child_writes_until_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(dir.as_ref(), Keyring::from_master([9; 32])).unwrap();
        let studio = store.open_studio(ChatId(1), StudioKind::Private, "").await.unwrap().id;
        let mut out = std::io::stdout();
        loop {
            let point = PushPoint {
                server: ServerUrl::parse("rtmp://host/live").unwrap(),
                key: StreamKey::parse("0123456789abcdef").unwrap(),
            };
            let (viewer_link, status_id) = (None, None);
            let (name, platform) = (TargetName::parse("n").unwrap(), "custom".to_owned());
            let new = NewTarget { name, platform, point, viewer_link, status_id, key_owner: UserId(1) };
            let target = store.add_target(studio, new).await.unwrap();
            writeln!(out, "acknowledged {}", target.id).unwrap();
            out.flush().unwrap();
        }
    });
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut total = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store_kill::child_writes_until_killed", "--ignored", "--nocapture"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let number = |line: String| line.split_once("acknowledged ").and_then(|(_, id)| id.parse::<u32>().ok());
        let mut last = 0;
        // Killed after a different number of writes each time, in the middle of the next.
        let mut wanted = 3 + round * 2;
        for line in lines.by_ref() {
            if let Some(id) = number(line.unwrap()) {
                last = id;
                wanted -= 1;
                if wanted == 0 {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        last = lines.filter_map(|line| number(line.ok()?)).last().unwrap_or(last);
        let store = Store::open(dir.path(), Keyring::from_master([9; 32])).unwrap();
        let studio = store.studio_of(ChatId(1)).unwrap().id;
        let ids: Vec<u32> = store.targets(studio).iter().map(|t| t.id.0).collect();
        for id in 1..=last {
            assert!(ids.contains(&id), "round {round}: {id} was acknowledged and is lost");
        }
        assert!(store.targets(studio).iter().all(|t| store.push_point(studio, t.id).is_some()));
        total = last;
    }
    assert!(total >= 400, "{total}");
}
