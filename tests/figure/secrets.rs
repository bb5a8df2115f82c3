//! Quick. Planted keys and the token are nowhere in clear: not in the log at trace, not in others' chats, not in a file.

use super::Figure;
use crate::bed::encoder::Encoder;
use crate::bed::field::{Door, LetIn, Method, Recorder};
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, fault, flv, place, until};
use std::path::{Path, PathBuf};
use std::time::Duration;
use telecast::demo::bot_api::{Action, MING, OLIVIA, Phone, SAM, WEEKEND_SHOW};

const SOON: Duration = Duration::from_secs(15);
const GOOD: &str = "plantedgoodkeyQ7w3X9";
const WRONG: &str = "plantedwrongkeyZ5r8N2";
const POSTED: &str = "live_100200300_plantedpostedkey";
const GUESSED: &str = "plantedguessK4t6P1";
const PULLED: &str = "plantedpullkeyH2v9M4";
const PASSWORD: &str = "plantedpasswordJ8c5L3";
const MISTAKEN: &str = "plantedmistakeB6y1D7";

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("secrets")?;
    let nginx = Nginx::start("nginx", &[GOOD], &dir).await?;
    let mut studio = Studio::start(&dir, Wishes { log: "trace", ..Wishes::default() }).await?;
    let account = LetIn { app: "live".into(), user: "olivia".into(), password: PASSWORD.into() };
    let wowza = Recorder::start(Door::Login(Method::Adobe, account)).await?;
    let (ingest, read) = show(&studio, &nginx, &wowza, &dir).await?;
    // A crash and a second run, so that the store is read, repaired and written once more.
    studio.telecast.kill();
    studio.start_again().await?;
    studio.say("/mykeys")?;
    studio.answer(0, "I hold 5 stream keys of yours").await?;
    studio.telecast.signal("TERM")?;
    studio.telecast.wait_for_end(SOON).await?;

    let token = studio.token().split_once(':').map_or("", |(_, secret)| secret).to_owned();
    let secrets = [("a stream key", GOOD), ("a wrong stream key", WRONG), ("a guess", GUESSED)];
    let pull = [("a pulled URL's key", PULLED), ("a password", PASSWORD), ("a wrong password", MISTAKEN)];
    let own = [("the ingest key", ingest.as_str()), ("the read key", read.as_str()), ("the token", token.as_str())];
    let every: Vec<_> = secrets.into_iter().chain(pull).chain(own).chain([("a posted key", POSTED)]).collect();

    // The one place where they belong: a search that misses them there would miss them anywhere.
    let own_chat = studio.phone.messages(Phone::private(OLIVIA));
    let given = |key: &&String| {
        own_chat.iter().any(|message| {
            let buttons = message.keyboard.iter().flatten();
            let copied =
                buttons.filter_map(|b| if let Action::Copy(text) = &b.action { Some(text.as_str()) } else { None });
            copied.chain([message.text()]).any(|text| holds(text.as_bytes(), key))
        })
    };
    if ![&ingest, &read].iter().all(given) {
        return fault("the search does not find the keys where their owner was given them");
    }
    let mut found = Vec::new();
    let mut places = vec![studio.telecast.log_file().to_path_buf()];
    files(&studio.data(), &mut places)?;
    for place in &places {
        let bytes = std::fs::read(place)?;
        found.extend(
            every.iter().filter(|(_, secret)| holds(&bytes, secret)).map(|(what, _)| format!("{what} in {place:?}")),
        );
    }
    let mut messages = 0;
    for chat in [WEEKEND_SHOW, Phone::private(MING), Phone::private(SAM), Phone::private(OLIVIA)] {
        // Their owner may see the ingest key and the read key, and nobody may see any other.
        let given = ["the ingest key", "the read key"];
        let hidden = every.iter().filter(|(what, _)| chat != Phone::private(OLIVIA) || !given.contains(what));
        for message in studio.phone.messages(chat) {
            messages += 1;
            let text = format!("{} {:?}", message.text(), message.keyboard);
            found.extend(
                hidden
                    .clone()
                    .filter(|(_, s)| holds(text.as_bytes(), s))
                    .map(|(what, _)| format!("{what} in {chat:?}")),
            );
        }
    }
    let log = studio.telecast.log();
    if !log.contains("TRACE") && !log.contains("DEBUG") {
        return fault("the log is not at trace");
    }
    found.iter().for_each(|found| println!("found {found}"));
    Ok(Figure {
        measured: format!(
            "{} of {} secrets found in {} files and {messages} messages, {} lines of log",
            found.len(),
            every.len(),
            places.len(),
            log.lines().count()
        ),
        goal: "0",
        holds: found.is_empty() && places.len() > 1 && messages > 10,
    })
}

/// A show with everything that touches a key; the ingest key and the read key.
async fn show(studio: &Studio, nginx: &Nginx, wowza: &Recorder, dir: &Path) -> Result<(String, String)> {
    studio.phone.add_bot(OLIVIA, WEEKEND_SHOW)?;
    studio.add_target("Good", &nginx.server(), GOOD).await?;
    studio.add_target("Wrong", &nginx.server(), WRONG).await?;
    for (name, password) in [("Wowza", PASSWORD), ("Typo", MISTAKEN)] {
        let server = format!("rtmp://olivia:{password}@{}/live", wowza.address());
        studio.add_target(name, &server, &format!("{name}-stream-of-mine")).await?;
    }
    let ingest = studio.ingest().await?;
    let asked = studio.say("/ingest")?;
    studio.press(asked, "Take it from a URL").await?;
    studio.answer(asked, "Which URL should I take the stream from?").await?;
    let pasted = studio.say(&format!("{}/{PULLED}", nginx.server()))?;
    studio.answer(pasted, "Saved. Trying the URL").await?;
    let asked = studio.say("/ingest")?;
    studio.press(asked, "📺 Let others play it").await?;
    studio.press(asked, "✅ Let others play it").await?;
    let shared = studio.answer(asked, "Others can play the stream.").await?;
    let read = shared.split_whitespace().find_map(|word| word.split_once("/live/play-"));
    let Some((_, read)) = read else { return fault(format!("no read key in:\n{shared}")) };
    let read = format!("play-{read}");
    // Somebody guesses, somebody cuts the last letters off.
    for key in [GUESSED, &ingest.key[..ingest.key.len() - 3]] {
        let mut wrong = Encoder::ffmpeg("guess", &format!("{}/{key}", ingest.server), 2, dir).await?;
        wrong.proc.wait_for_end(SOON).await?;
    }
    let posted = studio.phone.say(
        MING,
        WEEKEND_SHOW,
        &format!("/addtarget@telecast_demo_bot rtmp://live.twitch.tv/app {POSTED}"),
    )?;
    studio.phone.say(SAM, Phone::private(SAM), "/start")?;
    studio.phone.say(SAM, WEEKEND_SHOW, "/status@telecast_demo_bot")?;

    let mut encoder = Encoder::ffmpeg("encoder", &ingest.url(), 12, dir).await?;
    encoder.sends().await?;
    studio.source_seen().await?;
    for key in [&read, GUESSED] {
        let mut command = std::process::Command::new("ffmpeg");
        command.args(["-nostdin", "-i", &format!("{}/{key}", ingest.server), "-t", "1", "-f", "null", "-"]);
        Proc::start("player", &command, dir)?.wait_for_end(SOON).await?;
    }
    studio.go_live().await?;
    until("media at the target", SOON, || (flv::frames(&nginx.recording(GOOD)) > 100).then_some(())).await?;
    wowza.until("media behind a login", SOON, |heard| heard.media > 100).await?;
    studio.panel("a refusal", SOON, |panel| panel.contains("refuse")).await?;
    studio.say("/links")?;
    studio.say("/targets")?;
    encoder.finishes(SOON * 2).await?;
    studio.stop_live().await?;
    // What a person posts is theirs until the bot may delete it: only the bot's own words are searched.
    studio.phone.delete(WEEKEND_SHOW, posted);
    Ok((ingest.key, read))
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { files(&path, found)? } else { found.push(path) }
    }
    Ok(())
}

/// In clear, as the list of bytes that Debug prints, in hex, or in base64 from any of its first three bytes on.
fn holds(bytes: &[u8], secret: &str) -> bool {
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    has(secret.as_bytes())
        || has(hex.as_bytes())
        || (0..3).any(|from| has(base64(&secret.as_bytes()[from..]).as_bytes()))
}

/// Of whole groups of three bytes only, since the rest depends on what follows.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift & 63) as usize]))
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}
