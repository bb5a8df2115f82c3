//! Twenty planted secrets through commands, faults and a whole life of the program: looked for in everything it leaves.

use super::Figure;
use crate::bed::encoder::Encoder;
use crate::bed::field::{Behaviour, Clip, Door, LetIn, Method, Options, Publisher, Recorder, Sink};
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::sweep::Sweep;
use crate::bed::{Result, disk, files, free_port, place};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use telecast::demo::bot_api::{Action, Fault, MING, OLIVIA, Phone, SAM, Trouble, WEEKEND_SHOW};

const SOON: Duration = Duration::from_secs(15);

const GOOD: &str = "Qk7vW2xZr9TbLm4hYc6NpE8s";
const REFUSED: &str = "jH3fDq8RzX5wKu2VtBn7Gy4M";
/// A platform that says the key back to whoever sent it.
const ECHOED: &str = "Zs6mPv1XeC9kTd4QhWb8Ru3J";
const ECHO: &str = "no stream named Zs6mPv1XeC9kTd4QhWb8Ru3J here (rtmp://x/live/Zs6mPv1XeC9kTd4QhWb8Ru3J)";
const IN_SERVER: &str = "fa83kd0s9q2mzn5x7c1vb4yt";
const PASSWORD: &str = "Yw5nGt2KpL8xQs7RjCv3Ef9B";
const MISTAKEN: &str = "Mb4zHk9DuT6yWn1XqPs8Lc2V";
const PULLED: &str = "Xr8cJw3NfZ5vKq9TyHm2Gd6S";
const POSTED: &str = "live_704417733_Vt9hBx4KzM7wRq2NcJp5Ls8D";
const GUESSED: &str = "Ng2rTk7YvB5xHc9WqZm4Pj8F";
const UNFINISHED: &str = "Cx6wLp3SnK9vGt8ZbRj2Yh5Q";
const SIGNED: &str = "d41f7c93ab205e68f09b3c7d1e5a8246";
const BILIBILI: &str = "7e0b94c1fd52863a9d17e4b05c8f2a63";
const UNDONE: &str = "Kd9tVw4XhN2rQz7MbYs5Gc8L";
const TWITCH: &str = "p8x3vq6w1zk9r2mt7ncy4hbj5gdf0s";
const KICK: &str = "b7e9c2d4f6a81530e8d6c4b2a0f9e7d5c3b1a2f4";
const YOUTUBE: &str = "AIzaSyD7kQ2mXv9TzR4hWc8LpN5jGs3BfYe6U";

/// Everything that is planted, by name.
type Planted = Vec<(&'static str, String)>;

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("canaries")?;
    let inputs = dir.join("given");
    std::fs::create_dir_all(&inputs)?;
    let (trouble, journal) = (dir.join("trouble"), dir.join("journal"));
    let mut studio = Studio::start(&dir, wishes(&dir, &inputs, &trouble)?).await?;
    let mut processes = vec![process(&studio)];
    let mut planted: Planted = vec![
        ("a stream key", GOOD.into()),
        ("a key that is refused", REFUSED.into()),
        ("a key that a platform says back", ECHOED.into()),
        ("a secret in a server's address", IN_SERVER.into()),
        ("a password", PASSWORD.into()),
        ("a wrong password", MISTAKEN.into()),
        ("a pulled URL's key", PULLED.into()),
        ("a key posted in a group", POSTED.into()),
        ("a guess", GUESSED.into()),
        ("a key of a dialogue that was left", UNFINISHED.into()),
        ("a signature", SIGNED.into()),
        ("Bilibili's key", BILIBILI.into()),
        ("the key of a removed platform", UNDONE.into()),
        ("Twitch's secret", TWITCH.into()),
        ("Kick's secret", KICK.into()),
        ("YouTube's key", YOUTUBE.into()),
        ("the token", studio.token().split_once(':').map_or("", |(_, secret)| secret).to_owned()),
        ("the master key", std::fs::read_to_string(inputs.join("master_key"))?.trim().to_owned()),
    ];
    let own = live(&studio, &dir, &trouble).await?;
    planted.extend(own.clone());
    processes.push(process(&studio));
    commands(&mut studio, &dir, &inputs).await?;
    // The key that `rotate-key` made is one more, beyond the twenty.
    let second = std::fs::read_to_string(inputs.join("master_key"))?.trim().to_owned();
    let count = planted.len();
    planted.push(("the new master key", second));
    let journaled = outgoing(&studio, &journal)?;
    let sweep = Sweep::of(planted.iter().map(|(_, secret)| secret.as_str()));
    let blind = blind(&sweep, &planted);
    let given = given(&studio, &own);

    let mut hits = Vec::new();
    let mut places = files(&dir)?;
    places.retain(|path| !path.starts_with(&inputs) && path.extension().is_none_or(|end| end != "so" && end != "flv"));
    let artefacts = places.len();
    for path in &places {
        hits.extend(told(&sweep, &std::fs::read(path)?, &planted, &path.display().to_string()));
    }
    for process in &processes {
        hits.extend(told(&sweep, process, &planted, "/proc"));
    }
    let (suite, marks) = suite(&dir)?;
    hits.extend(marks);
    hits.iter().for_each(|hit| println!("{hit}"));
    let holds = hits.is_empty() && count == 20 && blind.0 == 0 && given && artefacts > 10 && journaled > 100;
    let measured = format!(
        "{} hits of {count} secrets (and a new master key) in {artefacts} files and {} process tables, {journaled} requests to \
             Telegram among them, and in {suite} files that other tests left; the search misses {} of {} forms that were shown to \
             it, and finds what its owner was given: {given}",
        hits.len(),
        processes.len(),
        blind.0,
        blind.1
    );
    if holds {
        super::trust_page::note("canaries", &measured)?;
    }
    Ok(Figure { measured, goal: "0 hits of 20, 0 forms missed", holds })
}

/// Secrets in files, as a host should give them, and a disk that can fail.
fn wishes(dir: &Path, inputs: &Path, trouble: &Path) -> Result<Wishes> {
    let secret = |name: &str, text: &str| -> Result<PathBuf> {
        let path = inputs.join(name);
        std::fs::write(&path, text)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(path)
    };
    let master = "3f1c9a7be2d5846095afc1d2e3b47f68a1b2c3d4e5f60718293a4b5c6d7e8f90";
    let env = vec![
        ("TELECAST_TOKEN", PathBuf::new()),
        ("TELECAST_TOKEN_FILE", inputs.join("token")),
        ("TELECAST_MASTER_KEY_FILE", secret("master_key", master)?),
        ("TELECAST_TWITCH_ID", "qwx0rty1uio2pla3sdf4ghj5klz6xc".into()),
        ("TELECAST_TWITCH_SECRET_FILE", secret("twitch", TWITCH)?),
        ("TELECAST_KICK_ID", "01HVTESTTESTTESTTESTTESTTE".into()),
        ("TELECAST_KICK_SECRET_FILE", secret("kick", KICK)?),
        ("TELECAST_YOUTUBE_KEY_FILE", secret("youtube", YOUTUBE)?),
        ("TELECAST_PUBLIC_URL", "https://live.example.com".into()),
        ("TELECAST_LISTEN_WEB", format!("127.0.0.1:{}", free_port()?).into()),
        ("RUST_BACKTRACE", "full".into()),
        ("LD_PRELOAD", disk::library(dir)?),
        ("DISK_DIR", dir.join("data")),
        ("DISK_TROUBLE", trouble.to_owned()),
    ];
    Ok(Wishes { log: "trace", env, token_file: Some(inputs.join("token")), ..Wishes::default() })
}

/// A show with everything that touches a secret, and what can go wrong amid it; the ingest key and the read key.
async fn live(studio: &Studio, dir: &Path, trouble: &Path) -> Result<Planted> {
    let clip = Clip::new(1_000)?;
    let [good, refuses, echoes, azure] = [(); 4].map(|()| Sink::start(&clip));
    let (good, refuses, echoes, azure) = (good?, refuses?, echoes?, azure?);
    refuses.behave(Behaviour::Refuse("NetStream.Publish.BadName", "Bad name"));
    echoes.behave(Behaviour::Refuse("NetStream.Publish.Denied", ECHO));
    let account = LetIn { app: "live".into(), user: "olivia".into(), password: PASSWORD.into() };
    let wowza = Recorder::start(Door::Login(Method::Adobe, account)).await?;
    studio.phone.add_bot(OLIVIA, WEEKEND_SHOW)?;
    for (name, sink, key) in
        [("Good", &good, GOOD), ("Refuses", &refuses, REFUSED), ("Echoes", &echoes, ECHOED), ("Gone", &good, UNDONE)]
    {
        studio.add_target(name, &format!("rtmp://{}/live", sink.address()), key).await?;
    }
    studio.add_target("Azure", &format!("rtmp://{}/live/{IN_SERVER}", azure.address()), "any-name-will-do").await?;
    for (name, password) in [("Wowza", PASSWORD), ("Typo", MISTAKEN)] {
        let server = format!("rtmp://olivia:{password}@{}/live", wowza.address());
        studio.add_target(name, &server, &format!("{name}-stream-of-mine")).await?;
    }
    let signed = format!("stream1?txSecret={SIGNED}&txTime=7FFFFFFF");
    studio.add_target("Signed", &format!("rtmp://{}/live", good.address()), &signed).await?;
    let bilibili = format!("?streamname=live_1_2&key={BILIBILI}&schedule=rtmp&pflag=1");
    studio.add_target("Bili", &format!("rtmp://{}/live-bvc/", good.address()), &bilibili).await?;
    let said = studio.say("/targets")?;
    studio.press(said, "Gone").await?;
    studio.press(said, "Remove").await?;
    // A dialogue that is left.
    let said = studio.say("/addtarget")?;
    studio.press(said, "Other RTMP server").await?;
    studio.answer(said, "send me").await?;
    let said = studio.say(&format!("rtmp://{}/live\n{UNFINISHED}", good.address()))?;
    studio.answer(said, "").await?;
    studio.say("/cancel")?;
    let ingest = studio.ingest().await?;
    studio.pull(&format!("rtmp://{}/live/{PULLED}", good.address())).await?;
    let read = studio.let_play().await?;
    let posted = studio.phone.say(
        MING,
        WEEKEND_SHOW,
        &format!("/addtarget@telecast_demo_bot rtmp://live.twitch.tv/app {POSTED}"),
    )?;
    studio.phone.say(SAM, Phone::private(SAM), "/start")?;
    for key in [GUESSED, &ingest.key[..ingest.key.len() - 3]] {
        let mut wrong = Encoder::ffmpeg("guess", &format!("{}/{key}", ingest.server), 2, dir).await?;
        wrong.proc.wait_for_end(SOON).await?;
    }
    let server = ingest.server.trim_start_matches("rtmp://").trim_end_matches("/live").parse()?;
    let encoder = Publisher::start(server, &ingest.key, &clip, Options::of(1)).await?;
    studio.source_seen().await?;
    studio.go_live().await?;
    good.until("media", SOON, |ledger| ledger.received.frames > 60).await?;
    studio.panel("refusals", SOON * 2, |panel| panel.matches("refuse").count() >= 2).await?;
    // Faults amid it: a disk that fails, Telegram in three ways.
    std::fs::write(trouble, "EIO")?;
    let said = studio.say("/language")?;
    studio.press(said, "English").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    std::fs::remove_file(trouble)?;
    for what in [Trouble::BadGateway, Trouble::Reset, Trouble::TooMany(1)] {
        studio.phone.inject(Fault::new(what));
        studio.say("/status")?;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let guess = format!("{}/play-wrong{GUESSED}", ingest.server);
    let mut command = std::process::Command::new("ffmpeg");
    command.args(["-nostdin", "-i", &guess, "-t", "1", "-f", "null", "-"]);
    // Its own words hold what it was told: they are no artefact of Telecast's.
    Proc::start("player", &command, &dir.join("given"))?.wait_for_end(SOON).await?;
    for text in ["/links", "/targets", "/mykeys", "/check"] {
        studio.say(text)?;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    encoder.close().await;
    studio.stop_live().await?;
    studio.phone.delete(WEEKEND_SHOW, posted);
    let _ = std::fs::rename(dir.join("guess.log"), dir.join("given/guess.log"));
    Ok(vec![("the ingest key", ingest.key), ("the read key", read)])
}

/// A crash, and everything that a host can ask of the program.
async fn commands(studio: &mut Studio, dir: &Path, inputs: &Path) -> Result<()> {
    studio.telecast.kill();
    studio.start_again().await?;
    let rotate = |studio: &Studio| {
        let mut command = studio.command();
        command.arg("rotate-key");
        command
    };
    Proc::start("rotate-live", &rotate(studio), dir)?.wait_for_end(SOON * 4).await?;
    let mut doctor = studio.command();
    doctor.arg("doctor");
    Proc::start("doctor", &doctor, dir)?.wait_for_end(SOON * 4).await?;
    studio.telecast.signal("TERM")?;
    studio.telecast.wait_for_end(SOON).await?;
    for (name, arguments) in
        [("export", ["export", "all.jsonl"]), ("import", ["import", "all.jsonl"]), ("cut", ["import", "cut.jsonl"])]
    {
        if name == "cut" {
            let all = std::fs::read(dir.join("all.jsonl"))?;
            std::fs::write(dir.join("cut.jsonl"), &all[..all.len() / 2])?;
        }
        let mut command = studio.command();
        command.args(arguments);
        Proc::start(name, &command, dir)?.wait_for_end(SOON).await?;
    }
    // Another key, and one that is none: each is told at start.
    let right = std::fs::read(inputs.join("master_key"))?;
    for (name, text) in [("wrong-key", "77".repeat(32)), ("no-key", TWITCH.to_owned())] {
        std::fs::write(inputs.join("master_key"), text)?;
        Proc::start(name, &studio.command(), dir)?.wait_for_end(SOON).await?;
    }
    std::fs::write(inputs.join("master_key"), right)?;
    Ok(())
}

/// What the system shows of a process to others.
fn process(studio: &Studio) -> Vec<u8> {
    let read = |name: &str| std::fs::read(format!("/proc/{}/{name}", studio.telecast.id())).unwrap_or_default();
    [read("cmdline"), read("environ"), read("status"), read("comm")].concat()
}

/// Writes what the bot told anybody but Olivia in private to a file of its own; how many requests it made.
fn outgoing(studio: &Studio, journal: &Path) -> Result<usize> {
    std::fs::create_dir_all(journal)?;
    let calls = studio.phone.calls("");
    let own = Phone::private(OLIVIA).0;
    let mut text = String::new();
    for call in &calls {
        let to = call.params["chat_id"].as_i64().or_else(|| call.params["chat_id"].as_str()?.parse().ok());
        if to != Some(own) && call.method != "getupdates" {
            text += &format!("{} {} {}\n", call.method, call.params, call.code);
        }
    }
    for chat in [WEEKEND_SHOW, Phone::private(MING), Phone::private(SAM)] {
        for message in studio.phone.messages(chat) {
            text += &format!("{} {:?}\n", message.text(), message.keyboard);
        }
    }
    // In her own chat she may see her ingest key and her read key, and no other secret.
    for message in studio.phone.messages(Phone::private(OLIVIA)).iter().filter(|message| message.by_bot) {
        text +=
            &format!("{}\n", message.text().lines().filter(|line| !line.contains("/live/play-")).collect::<String>());
    }
    std::fs::write(journal.join("told"), text)?;
    Ok(calls.len())
}

/// Whether the owner's chat holds the keys that she was given: a search that misses them there would miss them anywhere.
fn given(studio: &Studio, own: &Planted) -> bool {
    let sweep = Sweep::of(own.iter().map(|(_, secret)| secret.as_str()));
    let messages = studio.phone.messages(Phone::private(OLIVIA));
    let texts = messages.iter().flat_map(|message| {
        let copied = message
            .keyboard
            .iter()
            .flatten()
            .filter_map(|button| if let Action::Copy(text) = &button.action { Some(text.clone()) } else { None });
        copied.chain([message.text().to_owned()]).collect::<Vec<_>>()
    });
    let all: String = texts.collect();
    let found = sweep.find(all.as_bytes());
    (0..own.len()).all(|number| found.iter().any(|(hit, _)| *hit == number))
}

/// Shows the search each secret in each form, in the midst of other text: how many of how many it misses.
fn blind(sweep: &Sweep, planted: &Planted) -> (usize, usize) {
    use base64::Engine as _;
    let (mut missed, mut all) = (0, 0);
    for (number, (_, secret)) in planted.iter().enumerate() {
        let part = &secret[3..11];
        let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let base64 = (0..3)
            .map(|before| base64::engine::general_purpose::STANDARD.encode(format!("{}{secret}", &"xyz"[..before])));
        let forms = [secret.clone(), part.to_owned(), percent, hex, format!("{:?}", secret.as_bytes())];
        for form in forms.into_iter().chain(base64) {
            all += 1;
            let text = format!("2026 ERROR telecast: said {form} and more");
            missed += usize::from(!sweep.find(text.as_bytes()).iter().any(|(hit, _)| *hit == number));
        }
    }
    (missed, all)
}

fn told(sweep: &Sweep, bytes: &[u8], planted: &Planted, place: &str) -> Vec<String> {
    sweep.find(bytes).into_iter().map(|(number, form)| format!("{} {form} in {place}", planted[number].0)).collect()
}

/// What other tests have left: their secrets begin with a word of warning, and no log of Telecast's may hold one. Their
/// journals hold what people said as well, so of them only what the bot said outside private chats counts.
fn suite(own: &Path) -> Result<(usize, Vec<String>)> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let all = files(target)?;
    let (mut count, mut hits) = (0, Vec::new());
    for path in all.iter().filter(|path| !path.starts_with(own)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = match name.rsplit_once('.') {
            // What nginx and ffmpeg say of a key when they go through the same is theirs.
            Some(("telecast" | "relay" | "subject", "log"))
                if !path.iter().any(|part| is_peer(&part.to_string_lossy())) =>
            {
                String::from_utf8_lossy(&std::fs::read(path)?).into_owned()
            }
            Some((_, "jsonl")) if path.parent().is_some_and(|dir| dir.ends_with("journals")) => spoken(path)?,
            _ => continue,
        };
        count += 1;
        for line in text.lines().filter(|line| ["planted", "canary"].iter().any(|mark| line.contains(mark))) {
            hits.push(format!("{}: {}", path.display(), line.chars().take(200).collect::<String>()));
        }
    }
    Ok((count, hits))
}

/// Whether a run of a fault is named so that somebody else is the subject.
fn is_peer(run: &str) -> bool {
    ["-Nginx", "-Tee"].iter().any(|peer| run.ends_with(peer))
}

/// What the bot said in groups.
fn spoken(path: &Path) -> Result<String> {
    let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let said = lines.filter_map(|line| {
        let chat = &line["params"]["chat_id"];
        let chat = chat.as_i64().or_else(|| chat.as_str()?.parse().ok())?;
        (chat < 0).then(|| format!("{} {}\n", line["request"], line["params"]))
    });
    Ok(said.collect())
}
