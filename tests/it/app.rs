//! Starting and stopping: every fault at the start is told in words with its cure, and ends nothing half done.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use telecast::app::{App, Settings, StartError, Tls, WebSettings};
use telecast::config::Config;
use telecast::demo::bot_api::{BotApi, Setup, World};
use telecast::demo::platform::Certificate;
use telecast::store::{KeySource, Keyring, Store};
use tokio::net::TcpListener;

const TOKEN: &str = "123456:abcdefghijklmnopqrstuvwxyz012345678";

fn settings(data: &Path) -> Settings {
    // Nothing listens there: whether Telegram can be reached plays no part.
    Settings::local(TOKEN.into(), "http://127.0.0.1:9".parse().unwrap(), data.to_owned())
}

async fn fault(settings: Settings) -> String {
    match App::start(settings).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn faults_at_the_start_are_told_with_their_cure_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = taken.local_addr().unwrap();
    let words = fault(Settings { listen, ..settings(dir.path()) }).await;
    assert!(words.contains(&format!("cannot listen on {listen}")) && words.contains("set another port"), "{words}");

    let certificate = Certificate::issue("a CA").unwrap();
    let tls = |cert: &str, key: &str| Tls { listen: ([127, 0, 0, 1], 0).into(), cert: cert.into(), key: key.into() };
    let wrong = Some(tls("no PEM", &certificate.key_pem));
    let words = fault(Settings { tls: wrong, ..settings(dir.path()) }).await;
    assert!(words.contains("RTMPS cannot be offered") && words.contains("TELECAST_TLS_CERT"), "{words}");
    assert!(!words.contains("PRIVATE KEY"), "{words}");
    let words = fault(Settings { extra_ca: Some(b"no PEM".to_vec()), ..settings(dir.path()) }).await;
    assert!(words.contains("TELECAST_EXTRA_CA"), "{words}");

    // All at once, where all is wrong.
    let pages = WebSettings { url: "https://live.example.com".parse().unwrap(), listen };
    let key = KeySource::File(dir.path().join("no key"));
    let wrong = Settings { listen, master_key: key, web: Some(pages), ..settings(dir.path()) };
    let wrong = Settings { tls: Some(tls("no PEM", "")), extra_ca: Some(b"no PEM".to_vec()), ..wrong };
    let words = fault(wrong).await;
    let lines: Vec<_> = words.split("\n  ").skip(1).collect();
    let named = ["no key", "TELECAST_LISTEN:", "RTMPS", "TELECAST_LISTEN_WEB:", "TELECAST_EXTRA_CA"];
    assert_eq!(lines.len(), named.len(), "{words}");
    assert!(lines.iter().zip(named).all(|(line, name)| line.contains(name)), "{words}");

    // After all these it starts, with both listeners, on the same data.
    let tls = Some(tls(&certificate.chain_pem, &certificate.key_pem));
    let app = App::start(Settings { tls, ..settings(dir.path()) }).await.unwrap();
    assert_ne!(app.ingest_tls_addr().unwrap(), app.ingest_addr());

    // A second one on the same data says so, and that alone: it is who has the port.
    let words = fault(Settings { listen: app.ingest_addr(), ..settings(dir.path()) }).await;
    assert!(words.starts_with("another Telecast is running on") && !words.contains("TELECAST_LISTEN"), "{words}");
    app.stop().await;

    // Another master key, a missing one, one that everybody may read.
    let key = dir.path().join("master_key");
    let right = std::fs::read(&key).unwrap();
    std::fs::write(&key, "00".repeat(32)).unwrap();
    let words = fault(settings(dir.path())).await;
    assert!(words.contains("wrong master key") && words.contains("Put that key back"), "{words}");
    std::fs::remove_file(&key).unwrap();
    let words = fault(settings(dir.path())).await;
    assert!(words.contains("is missing: put the key file back"), "{words}");
    std::fs::write(&key, right).unwrap();
    let words = fault(settings(dir.path())).await;
    assert!(words.contains("chmod 600"), "{words}");

    let file = dir.path().join("a file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(App::start(settings(&file.join("data"))).await, Err(StartError::Data { .. })));
}

/// The file of docs/add-a-platform.md is taken as it stands there, and what is wrong with another one is told whole.
#[test]
fn a_hosts_catalogue_is_read_and_its_faults_are_told_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("platforms.toml");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let set = |name: &str| match name {
            "TELECAST_TOKEN" => Some(TOKEN.to_owned()),
            "TELECAST_PUBLIC_ADDRESS" => Some("rtmp://live.example.com/live".to_owned()),
            "TELECAST_CATALOGUE" => path.to_str().map(str::to_owned),
            _ => None,
        };
        Settings::from_config(Config::from(set).unwrap())
    };
    let docs = std::fs::read_to_string("docs/add-a-platform.md").unwrap();
    let examples: Vec<_> = docs.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(examples.len(), 2, "one new platform, one changed");
    let catalogue = read(&examples.concat()).unwrap().catalogue;
    assert_eq!(catalogue.get("campus-tv").unwrap().name.zh, "校园电视台");
    assert_eq!(catalogue.get("bilibili").unwrap().servers.len(), 1);

    let Err(error) = read("[[platform]]\nid = \"kick\"\ntsl = \"no\"\n[[platform]]\nid = \"club\"\n") else {
        panic!("it was taken")
    };
    let words = error.to_string();
    assert!(words.contains("TELECAST_CATALOGUE") && words.contains("docs/add-a-platform.md"), "{words}");
    assert!(words.contains("\n  kick: unknown field `tsl`") && words.contains("\n  club: missing field"), "{words}");
}

#[tokio::test]
async fn stopping_frees_the_port_and_the_data_for_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut listen = ([127, 0, 0, 1], 0).into();
    let mut codes = Vec::new();
    for _ in 0..3 {
        let app = App::start(Settings { listen, ..settings(dir.path()) }).await.unwrap();
        listen = app.ingest_addr();
        codes.push(app.claim_code().await.unwrap());
        let began = Instant::now();
        app.stop().await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    assert!(codes.iter().all(|code| *code == codes[0]), "one code until it is used: {codes:?}");
}

fn program(dir: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_telecast"));
    program.env_clear().current_dir(dir).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

#[test]
fn the_program_tells_all_faults_of_its_settings_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut program = program(dir.path());
    let output = program.env("TELECAST_TOKEN", "planted-but-wrong").env("TELECAST_LISTEN", "here").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    for setting in ["TELECAST_TOKEN", "TELECAST_PUBLIC_ADDRESS", "TELECAST_LISTEN"] {
        assert!(words.contains(&format!("  {setting} ")), "{words}");
    }
    assert!(!words.contains("planted"), "{words}");
}

#[tokio::test]
async fn the_program_prints_the_claim_link_once_telegram_answers_and_stops_on_sigterm() {
    let api = BotApi::start(World::demo(), Setup::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut program = program(dir.path());
    program.env("TELECAST_TOKEN", api.token()).env("TELECAST_API_URL", api.url());
    program.env("TELECAST_LISTEN", "127.0.0.1:0").env("TELECAST_PUBLIC_ADDRESS", "rtmp://127.0.0.1/live");
    let (token, mut child) = (api.token().to_owned(), program.spawn().unwrap());
    let ended = tokio::task::spawn_blocking(move || {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let link = lines.next().unwrap().unwrap();
        assert!(link.contains("https://t.me/telecast_demo_bot?start="), "{link}");
        let message = lines.next().unwrap().unwrap();
        assert!(message.contains("send @telecast_demo_bot this message:  /start "), "{message}");
        signal(&child);
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap(), link)
    });
    let (code, log, link) = ended.await.unwrap();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("stopped") && !log.contains(&token), "{log}");
    let claim = link.rsplit('=').next().unwrap();
    assert!(!log.contains(claim), "the code is for the terminal alone: {log}");
    api.stop().await;
}

fn signal(child: &Child) {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
}

/// How the doctor ends, and what it says.
fn examined(program: &mut Command) -> (Option<i32>, String) {
    let output = program.arg("doctor").output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_in_one_line_each_what_is_well_and_what_is_not() {
    let api = BotApi::start(World::demo(), Setup::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let with = |listen: &str| {
        let mut program = program(dir.path());
        program.env("TELECAST_TOKEN", api.token()).env("TELECAST_API_URL", api.url()).env("TELECAST_LISTEN", listen);
        program.env("TELECAST_PUBLIC_ADDRESS", "rtmp://127.0.0.1/live");
        program
    };
    let (code, said) = examined(program(dir.path()).env("TELECAST_TOKEN", "planted").env("TELECAST_LISTEN", "here"));
    assert_eq!((code, said.matches("✗ TELECAST_").count()), (Some(2), 3), "{said}");
    assert!(!said.contains("planted"), "{said}");

    let (code, said) = examined(&mut with("127.0.0.1:0"));
    assert_eq!((code, said.contains('✗')), (Some(0), false), "{said}");
    assert!(said.contains("is made with the first start") && said.contains("for @telecast_demo_bot"), "{said}");
    assert!(!data.exists(), "it changes nothing");

    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let (code, said) = examined(&mut with(&listen));
    assert_eq!((code, said.matches('✗').count()), (Some(1), 1), "{said}");
    assert!(said.contains("another program has that port. Stop it, or set another port"), "{said}");
    drop(taken);

    // Beside a Telecast that runs: its port is its own, and its poll is not ended.
    let (token, url) = (api.token().into(), api.url().parse().unwrap());
    let local = Settings::local(token, url, data.clone());
    let app = App::start(Settings { listen: listen.parse().unwrap(), ..local }).await.unwrap();
    let (code, said) = examined(&mut with(&listen));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("a Telecast runs on") && said.contains("is taken, by the Telecast that runs"), "{said}");
    assert!(!api.phone().calls("").iter().any(|call| call.code == 409), "nobody was pushed out");
    app.stop().await;

    std::fs::write(data.join("master_key"), "00".repeat(32)).unwrap();
    let (code, said) = examined(&mut with(&listen));
    assert_eq!((code, said.matches('✗').count()), (Some(1), 1), "{said}");
    assert!(said.contains("✗ wrong master key"), "{said}");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_what_would_keep_pages_and_tls_from_starting() {
    let api = BotApi::start(World::demo(), Setup::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let certificate = Certificate::issue("a CA").unwrap();
    let (cert, key) = (dir.path().join("cert"), dir.path().join("key"));
    std::fs::write(&cert, &certificate.chain_pem).unwrap();
    std::fs::write(&key, &certificate.key_pem).unwrap();
    let with = |web: &str, cert: &Path, key: &Path, extra_ca: &Path| {
        let mut program = program(dir.path());
        program.env("TELECAST_TOKEN", api.token()).env("TELECAST_API_URL", api.url());
        program.env("TELECAST_LISTEN", "127.0.0.1:0").env("TELECAST_PUBLIC_ADDRESS", "rtmp://127.0.0.1/live");
        program.env("TELECAST_PUBLIC_URL", "https://127.0.0.1").env("TELECAST_LISTEN_WEB", web);
        program.env("TELECAST_LISTEN_TLS", "127.0.0.1:0").env("TELECAST_TLS_CERT", cert).env("TELECAST_TLS_KEY", key);
        program.env("TELECAST_EXTRA_CA", extra_ca);
        program
    };
    let (code, said) = examined(&mut with("127.0.0.1:0", &cert, &key, &cert));
    assert_eq!((code, said.contains('✗')), (Some(0), false), "{said}");
    for well in ["TELECAST_LISTEN_WEB: 127.0.0.1:0 is free", "RTMPS can be offered", "TELECAST_EXTRA_CA"] {
        assert!(said.contains(well), "{said}");
    }

    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let web = taken.local_addr().unwrap().to_string();
    let (code, said) = examined(&mut with(&web, &key, &cert, &key));
    assert_eq!((code, said.matches('✗').count()), (Some(1), 3), "{said}");
    for ill in
        ["✗ TELECAST_LISTEN_WEB: cannot listen", "✗ RTMPS cannot be offered", "✗ TELECAST_EXTRA_CA cannot be used"]
    {
        assert!(said.contains(ill), "{said}");
    }
    api.stop().await;
}

/// What others may do with `path` and with all below it.
fn open_to_others(path: &Path) -> Vec<(PathBuf, u32)> {
    let mode = path.metadata().unwrap().permissions().mode() & 0o077;
    let below = path.is_dir().then(|| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
    let mut open: Vec<_> = below.into_iter().flatten().flat_map(|path| open_to_others(&path)).collect();
    open.extend((mode != 0).then(|| (path.to_owned(), mode)));
    open
}

#[tokio::test]
async fn an_import_on_a_new_host_makes_data_that_nobody_else_may_read() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new, key) = (dir.path().join("old"), dir.path().join("new"), "ab".repeat(32));
    let keys = Keyring::load_or_create(&old, &KeySource::Setting(key.clone().into())).unwrap();
    Store::open(&old, keys).unwrap().close().await;
    let export = Store::newest_export(&old).unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", r#"umask 022; exec "$0" "$@""#, env!("CARGO_BIN_EXE_telecast"), "import"]).arg(export);
    shell.env_clear().current_dir(dir.path()).env("TELECAST_DATA", &new).env("TELECAST_MASTER_KEY", key);
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(new.join("store").join("db").is_file());
    assert_eq!(open_to_others(&new), []);
}

/// What is below `path` and not the user's.
fn of_others(path: &Path, user: u32) -> Vec<PathBuf> {
    let below: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    let dirs = below.iter().filter(|path| path.is_dir() && !path.is_symlink());
    let mut others: Vec<_> = dirs.flat_map(|path| of_others(path, user)).collect();
    others.extend(below.into_iter().filter(|path| path.symlink_metadata().unwrap().uid() != user));
    others
}

/// As with systemd, whose service has a user of its own. Only root can give files away: others have none to see it with.
#[tokio::test]
async fn what_root_does_with_anothers_data_leaves_it_theirs_and_gives_them_nothing_else() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    const USER: u32 = 64_999;
    let dir = tempfile::tempdir().unwrap();
    let (data, elsewhere) = (dir.path().join("data"), dir.path().join("elsewhere"));
    let keys = Keyring::load_or_create(&data, &KeySource::Data).unwrap();
    Store::open(&data, keys).unwrap().close().await;
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("roots"), "").unwrap();
    symlink(&elsewhere, data.join("way")).unwrap();
    chown(&data, Some(USER), Some(USER)).unwrap();
    assert_ne!(of_others(&data, USER), Vec::<PathBuf>::new());

    let commands: [&[&str]; 4] = [&["doctor"], &["export", "copy"], &["import", "copy"], &["rotate-key"]];
    for command in commands {
        let mut program = program(dir.path());
        program.env("TELECAST_TOKEN", TOKEN).env("TELECAST_API_URL", "http://127.0.0.1:9").env("TELECAST_DATA", &data);
        program.env("TELECAST_PUBLIC_ADDRESS", "rtmp://127.0.0.1/live").env("TELECAST_LISTEN", "127.0.0.1:0");
        let output = program.args(command).output().unwrap();
        // Telegram does not answer the doctor, and all else is well.
        assert!(output.status.success() || command == ["doctor"], "{command:?}: {output:?}");
        assert_eq!(of_others(&data, USER), Vec::<PathBuf>::new(), "{command:?}");
    }
    assert_eq!(elsewhere.join("roots").metadata().unwrap().uid(), 0);
}
