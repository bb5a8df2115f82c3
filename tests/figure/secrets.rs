//! Quick. Planted keys and the token are nowhere in clear: not in the log at trace, not in others' chats, not in a file.

use super::Figure;
use crate::bed::encoder::Encoder;
use crate::bed::field::{Door, LetIn, Method, Recorder};
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::sweep::Sweep;
use crate::bed::{Result, fault, files, flv, place, until};
use std::path::Path;
use std::time::Duration;
use telecast::demo::bot_api::{MING, OLIVIA, Phone, SAM, WEEKEND_SHOW};
use telecast::domain::id::ChatId;

const SOON: Duration = Duration::from_secs(15);
const GOOD: &str = "plantedgoodkeyQ7w3X9";
const WRONG: &str = "plantedwrongkeyZ5r8N2";
const POSTED: &str = "live_100200300_plantedpostedkey";
const GUESSED: &str = "plantedguessK4t6P1";
const PULLED: &str = "plantedpullkeyH2v9M4";
const PASSWORD: &str = "plantedpassJ8c5L3wZ4";
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

    let sweep = Sweep::of(every.iter().map(|(_, secret)| *secret));
    let said = |chat: ChatId| {
        let messages = studio.phone.messages(chat);
        let texts = messages.iter().map(|message| format!("{} {:?}\n", message.text(), message.keyboard));
        (texts.collect::<String>(), messages.len())
    };
    // The one place where they belong: a search that misses them there would miss them anywhere.
    let given = ["the ingest key", "the read key"];
    let own_chat = sweep.find(said(Phone::private(OLIVIA)).0.as_bytes());
    if given.iter().any(|what| !own_chat.iter().any(|(number, _)| every[*number].0 == *what)) {
        return fault("the search does not find the keys where their owner was given them");
    }
    let mut places = files(&studio.data())?;
    places.push(studio.telecast.log_file().to_path_buf());
    let mut found = Vec::new();
    let mut look = |bytes: &[u8], place: &str, given: &[&str]| {
        let hits = sweep.find(bytes).into_iter().map(|(number, form)| (every[number].0, form));
        let hidden = hits.filter(|(what, _)| !given.contains(what));
        found.extend(hidden.map(|(what, form)| format!("{what} {form} in {place}")));
    };
    for place in &places {
        look(&std::fs::read(place)?, &place.display().to_string(), &[]);
    }
    let mut messages = 0;
    for chat in [WEEKEND_SHOW, Phone::private(MING), Phone::private(SAM), Phone::private(OLIVIA)] {
        let (text, count) = said(chat);
        messages += count;
        // Their owner may see the ingest key and the read key, and nobody may see any other.
        look(text.as_bytes(), &format!("{chat:?}"), if chat == Phone::private(OLIVIA) { &given } else { &[] });
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
    studio.pull(&format!("{}/{PULLED}", nginx.server())).await?;
    let read = studio.let_play().await?;
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
