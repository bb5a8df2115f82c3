//! F42, F43: a disk that is full, fails or is damaged, and a second program on the same data.

use super::Outcome;
use crate::bed::field::{Publisher, Sink};
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::tmpfs::Tmpfs;
use crate::bed::{Result, disk, fault, until};
use crate::faults::program::Show;
use crate::faults::scene::{Ground, SOON, pause, s};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use telecast::demo::bot_api::OLIVIA;
use telecast::domain::id::UserId;
use telecast::store::{KeySource, Keyring, OpenError, Store, import};

const NOT_SAVED: [&str; 2] = ["I could not save that. Nothing was changed.", "没能保存，什么都没有改动"];

/// What stands between Telecast and its disk.
enum Trouble {
    /// A small file system, filled up by this file.
    Full(PathBuf),
    /// The name of an error in this file.
    Named(PathBuf, &'static str),
}

impl Trouble {
    fn begin(&self) -> Result<()> {
        match self {
            Self::Full(filler) => {
                let mut file = std::fs::File::create(filler)?;
                // To the last byte: first in great steps, then in small ones.
                for size in [65_536, 4_096, 1] {
                    while file.write_all(&vec![0; size]).is_ok() {}
                }
                Ok(())
            }
            Self::Named(path, name) => Ok(std::fs::write(path, name)?),
        }
    }

    fn end(&self) -> Result<()> {
        let (Self::Full(path) | Self::Named(path, _)) = self;
        Ok(std::fs::remove_file(path)?)
    }
}

fn failing(g: &Ground) -> Result<(Wishes, PathBuf)> {
    let trouble = g.dir.join("trouble");
    let env = vec![
        ("LD_PRELOAD", disk::library(&g.dir)?),
        ("DISK_DIR", g.dir.join("data")),
        ("DISK_TROUBLE", trouble.clone()),
    ];
    Ok((Wishes { env, ..Wishes::default() }, trouble))
}

pub(super) async fn full(g: &Ground) -> Result<Outcome> {
    let small = Tmpfs::mount(g.dir.join("data"), 4)?;
    let trouble = Trouble::Full(small.path().join("filler"));
    // A file that has grown has room of its own: there is one first time.
    amid_trouble(g, Wishes::default(), &trouble, &[1]).await
}

pub(super) async fn errors(g: &Ground) -> Result<Outcome> {
    let (wishes, path) = failing(g)?;
    amid_trouble(g, wishes, &Trouble::Named(path, "EIO"), &[0, 1]).await
}

pub(super) async fn read_only(g: &Ground) -> Result<Outcome> {
    let (wishes, path) = failing(g)?;
    amid_trouble(g, wishes, &Trouble::Named(path, "EROFS"), &[0, 1]).await
}

/// `languages`: in which of the two the bot is asked.
async fn amid_trouble(g: &Ground, wishes: Wishes, trouble: &Trouble, languages: &[usize]) -> Result<Outcome> {
    let (mut show, publisher) = Show::live_as(g, wishes).await?;
    let before = missed(&show.sinks);
    let id = show.studio.telecast.id();
    let (mut told, mut asked, mut answered, mut questions) = (0, 0, 0, 0);
    let mut slowest = 0;
    for number in languages.iter().copied() {
        let language = ["English", "中文"][number];
        set_language(&show.studio, language).await?;
        trouble.begin()?;
        for (text, taps) in CHANGES {
            asked += 1;
            let refused = change(&show.studio, text, &taps.map(|tap| tap[number]), NOT_SAVED[number]).await;
            match refused {
                Ok(()) => told += 1,
                Err(fault) => println!("{language} {text}: {}", fault.0.lines().next().unwrap_or_default()),
            }
        }
        // What changes nothing is answered as ever.
        for (text, words) in [("/links", ["No watch link", "还没有观看链接"]), ("/targets", ["Alpha", "Alpha"])]
        {
            let said = show.studio.say(text)?;
            questions += 1;
            answered += usize::from(show.studio.answer(said, words[number]).await.is_ok());
        }
        trouble.end()?;
        let again = Instant::now();
        until_saved(&show.studio, language).await?;
        slowest = slowest.max(again.elapsed().as_millis());
    }
    let lost = missed(&show.sinks) - before;
    let connections = show.sinks.iter().map(|sink| sink.look(|ledger| ledger.accepted)).max();
    let same = show.studio.telecast.id() == id && show.studio.telecast.ended().is_none();
    let names = crash_and_read(&mut show, publisher).await?;
    let kept = names == ["Alpha", "Beta"];
    let measured = format!(
        "{told} of {asked} changes told as not saved, {answered} of {questions} questions answered meanwhile; {lost} frames lost, {} \
         connection at each platform; saved again {slowest} ms after the trouble, by the same process: {same}; after a kill \
         the platforms are {names:?}, as they were told",
        connections.unwrap_or_default()
    );
    let good = told == asked
        && answered == questions
        && lost == 0
        && connections == Some(1)
        && same
        && kept
        && slowest < 5_000;
    Ok(Outcome { measured, good })
}

/// What is asked, and what is tapped then; the last tap or the text is the change.
const CHANGES: [(&str, [[&str; 2]; 2]); 3] = [
    ("/targets", [["Beta", "Beta"], ["Rename", "改名"]]),
    ("/addtarget", [["", ""], ["", ""]]),
    ("/language", [["English", "English"], ["", ""]]),
];

async fn change(studio: &Studio, text: &str, taps: &[&str; 2], words: &str) -> Result<()> {
    let toasts = studio.phone.toasts(OLIVIA).len();
    let said = studio.say(text)?;
    for tap in taps.iter().filter(|tap| !tap.is_empty()) {
        studio.press(said, tap).await?;
    }
    let there = || {
        let toast = studio.phone.toasts(OLIVIA).iter().skip(toasts).any(|toast| toast.text.contains(words));
        let all = studio.phone.messages(studio.chat());
        (toast || all.iter().any(|message| message.id > said && message.text().contains(words))).then_some(())
    };
    until("“not saved”", SOON, there).await
}

async fn set_language(studio: &Studio, language: &str) -> Result<()> {
    let said = studio.say("/language")?;
    studio.press(said, language).await?;
    let words = if language == "English" { "English it is" } else { "好的，以后用中文" };
    studio.answer(said, words).await.map(drop)
}

/// Asks again and again, as people do.
async fn until_saved(studio: &Studio, language: &str) -> Result<()> {
    let deadline = Instant::now() + SOON;
    loop {
        let said = studio.say("/language")?;
        studio.press(said, language).await?;
        let words = if language == "English" { "English it is" } else { "好的，以后用中文" };
        let asked = Instant::now();
        let refused = |text: &str| NOT_SAVED.iter().any(|words| text.contains(words));
        let toasts = studio.phone.toasts(OLIVIA).len();
        let done = loop {
            let all = studio.phone.messages(studio.chat());
            if all.iter().any(|message| message.id > said && message.text().contains(words)) {
                break true;
            }
            if asked.elapsed() > s(2)
                || all.iter().any(|message| message.id > said && refused(message.text()))
                || studio.phone.toasts(OLIVIA).iter().skip(toasts).any(|toast| refused(&toast.text))
            {
                break false;
            }
            pause(s(1) / 50).await;
        };
        if done {
            return Ok(());
        }
        if Instant::now() > deadline {
            return fault("nothing is saved again");
        }
        pause(s(1) / 4).await;
    }
}

fn missed(sinks: &[Sink]) -> u64 {
    sinks.iter().map(|sink| sink.look(|ledger| ledger.missing().0.frames + ledger.missing().1.frames)).sum()
}

/// What the store holds after a kill.
async fn crash_and_read(show: &mut Show, publisher: Publisher) -> Result<Vec<String>> {
    publisher.close().await;
    show.studio.telecast.kill();
    let data = show.studio.data();
    let store = Store::open(&data, Keyring::load_or_create(&data, &KeySource::Data)?)?;
    let studios = store.studios();
    let names = studios.iter().flat_map(|studio| store.targets(studio.id)).map(|target| target.name.to_string());
    Ok(names.collect())
}

pub(super) async fn stop(g: &Ground) -> Result<Outcome> {
    let (wishes, path) = failing(g)?;
    let (mut show, publisher) = Show::live_as(g, wishes).await?;
    let trouble = Trouble::Named(path, "EIO");
    trouble.begin()?;
    show.studio.stop_live().await?;
    let over = |ledger: &crate::bed::field::Ledger| ledger.newest().is_some_and(|one| one.ended.is_some());
    let stopped = show.sinks[0].until("the end", SOON, over).await.is_ok();
    trouble.end()?;
    pause(s(2)).await;
    // What could not be noted is noted when the process ends, at the latest.
    show.studio.telecast.signal("TERM")?;
    show.studio.telecast.wait_for_end(SOON).await?;
    publisher.close().await;
    show.studio.start_again().await?;
    let connections = show.sinks[0].look(|ledger| ledger.accepted);
    let _publisher = show.publish(&g.clip, 2).await?;
    pause(s(4)).await;
    let stays = show.sinks[0].look(|ledger| ledger.accepted) == connections;
    Ok(Outcome {
        measured: format!(
            "stopped at the platforms: {stopped}; after a restart, with the encoder back, it stays so: {stays}"
        ),
        good: stopped && stays,
    })
}

pub(super) async fn two(g: &Ground) -> Result<Outcome> {
    let (mut show, _publisher) = Show::live_as(g, Wishes::default()).await?;
    let before = missed(&show.sinks);
    let mut command = show.studio.command();
    // Not its port: its data is what counts.
    command.env("TELECAST_LISTEN", "127.0.0.1:0");
    let began = Instant::now();
    let mut second = Proc::start("second", &command, &g.dir)?;
    let status = second.wait_for_end(SOON).await?;
    let took = began.elapsed();
    let told = second.log().contains("another Telecast is running on");
    let lost = missed(&show.sinks) - before;
    let lives = show.studio.telecast.ended().is_none();
    Ok(Outcome {
        measured: format!(
            "the second ended with {status} after {} ms, told why: {told}; the first goes on: {lives}, {lost} frames lost",
            took.as_millis()
        ),
        good: !status.success() && told && lives && lost == 0,
    })
}

/// What came of opening damaged files.
#[derive(Default)]
struct Opened {
    whole: usize,
    refused: usize,
    less: usize,
    back: usize,
}

pub(super) async fn damage(g: &Ground) -> Result<Outcome> {
    let (sound, trial) = (g.dir.join("sound"), g.dir.join("trial"));
    let ring = || Keyring::from_master([9; 32]);
    let store = Store::open(&sound, ring())?;
    for number in 0..400_u64 {
        store.update_person(UserId(number), move |person| person.name = format!("person {number}")).await?;
    }
    let backup = g.dir.join("backup.jsonl");
    store.export(&backup)?;
    store.close().await;
    drop(store);
    drop(Store::open(&sound, ring())?);
    let files: Vec<PathBuf> = std::fs::read_dir(sound.join("store"))?
        .filter_map(|entry| Some(entry.ok()?.path()).filter(|path| path.is_file()))
        .collect();
    let mut opened = Opened::default();
    let mut tried = 0;
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let size = usize::try_from(std::fs::metadata(file)?.len())?;
        let places = (0..24).map(|part| part * size / 24);
        for (at, how) in places.flat_map(|at| ["cut", "flipped", "zeroed"].map(|how| (at, how))) {
            tried += 1;
            copy(&sound, &trial)?;
            let path = trial.join("store").join(&name);
            let mut bytes = std::fs::read(&path)?;
            match how {
                "cut" => bytes.truncate(at),
                "flipped" => bytes.iter_mut().skip(at).take(64).for_each(|byte| *byte ^= 0x55),
                _ => bytes.iter_mut().skip(at).take(4096).for_each(|byte| *byte = 0),
            }
            std::fs::write(&path, bytes)?;
            look(&trial, &backup, ring(), &mut opened, &format!("{name} {how} at {at} of {size}"))?;
        }
    }
    for (name, bytes) in [("snap.0000000000001234", &b"left over"[..]), ("snap.FFFF.generating", b""), ("stray", b"?")]
    {
        tried += 1;
        copy(&sound, &trial)?;
        std::fs::write(trial.join("store").join(name), bytes)?;
        look(&trial, &backup, ring(), &mut opened, &format!("{name} left over"))?;
    }
    let Opened { whole, refused, less, back } = opened;
    Ok(Outcome {
        measured: format!(
            "{tried} damages of {} files: {whole} opened with everything, {refused} refused with words, {less} opened with \
             less in silence; of those that did not open whole, {back} are whole after an import",
            files.len()
        ),
        good: whole + refused == tried && back == refused,
    })
}

fn look(dir: &Path, backup: &Path, ring: Keyring, opened: &mut Opened, what: &str) -> Result<()> {
    let is_whole = |store: &Store| (0..400_u64).all(|n| store.person(UserId(n)).name == format!("person {n}"));
    match Store::open(dir, ring.clone()) {
        Ok(store) if is_whole(&store) => {
            opened.whole += 1;
            return Ok(());
        }
        Ok(store) => {
            println!("{what}: opened with {} of 400", store.people().len());
            opened.less += 1;
        }
        Err(error) => {
            let words = error.to_string();
            let cure = words.contains("telecast import") || !matches!(error, OpenError::Damaged { .. });
            opened.refused += usize::from(cure);
        }
    }
    import(dir, &ring, backup)?;
    opened.back += usize::from(is_whole(&Store::open(dir, ring)?));
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(to);
    let status = Command::new("cp").arg("-r").arg(from).arg(to).status()?;
    if status.success() { Ok(()) } else { fault("cp fails") }
}
