//! HEVC and AV1 reach the platforms that take them whole; the others are flagged in the chat before the show, and not sent.

use super::Figure;
use crate::bed::encoder::{Coded, Encoder};
use crate::bed::flv;
use crate::bed::listener::Listener;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, fault, free_port, place, until};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

/// Of a clip of 12 s; the show begins a little later.
const SECONDS: u32 = 11;
const SOON: Duration = Duration::from_secs(20);

/// A platform of the catalogue, with its limits, whose server is on this machine.
struct There {
    id: &'static str,
    name: &'static str,
    key: &'static str,
    host: Ipv4Addr,
    port: u16,
}

impl There {
    fn new(id: &'static str, name: &'static str, key: &'static str, last: u8) -> Result<Self> {
        Ok(Self { id, name, key, host: Ipv4Addr::new(127, 0, 0, last), port: free_port()? })
    }

    fn server(&self) -> String {
        format!("rtmp://{}:{}/live", self.host, self.port)
    }

    /// Where it is; what it takes stays as it is.
    fn entry(&self) -> String {
        let Self { id, host, .. } = self;
        let (server, pattern) = (self.server(), host.to_string().replace('.', "\\."));
        format!(
            "[[platform]]\nid = \"{id}\"\nservers = [{{ url = \"{server}\" }}]\n\
             server_like = \"{server}\"\nhosts = ['^{pattern}$']\ntls = \"yes\"\n"
        )
    }
}

pub(super) async fn measure() -> Result<Figure> {
    let mut measured = Vec::new();
    let mut holds = true;
    for (coded, codec) in [(Coded::Hevc, "HEVC"), (Coded::Av1, "AV1")] {
        let (words, sound) = show(coded, codec).await?;
        measured.push(format!("{codec}: {words}"));
        holds &= sound;
    }
    Ok(Figure {
        measured: measured.join("; "),
        goal: "each flagged before the show unless it surely takes the codec; not dialled where it surely does not; \
               all others get all",
        holds,
    })
}

async fn show(coded: Coded, codec: &str) -> Result<(String, bool)> {
    let dir = place(&format!("codecs-{}", codec.to_lowercase()))?;
    let youtube = There::new("youtube", "YouTube", "abcd-efgh-ijkl-mnop", 2)?;
    let bilibili = There::new("bilibili", "Bilibili", "planted-bilibili", 3)?;
    let twitch = There::new("twitch", "Twitch", "live_1234567_plantedplantedplanted", 4)?;
    let all = [&youtube, &bilibili, &twitch];
    let catalogue = dir.join("catalogue.toml");
    std::fs::write(&catalogue, all.map(There::entry).concat())?;
    let studio = Studio::start(&dir, Wishes { catalogue: Some(catalogue), ..Wishes::default() }).await?;
    for there in all {
        studio.add_target(there.name, &there.server(), there.key).await?;
    }
    let takers = [&youtube, &bilibili];
    let mut listeners = Vec::new();
    for there in takers {
        listeners.push(Listener::enhanced_at(there.host, there.port, there.id, there.key, &dir).await?);
    }
    // Bound only now: a preflight dials.
    let door = TcpListener::bind((twitch.host, twitch.port))?;
    door.set_nonblocking(true)?;

    let ingest = studio.ingest().await?;
    let mut encoder = Encoder::coded("encoder", &ingest.url(), coded, Some(SECONDS), &dir).await?;
    encoder.sends().await?;
    let said = studio.answer(0, "Not everything fits yet").await?;
    let flagged = |name: &str| said.lines().any(|line| line.contains(name) && line.contains(codec));
    let flags = all.map(|there| flagged(there.name));
    studio.go_live().await?;
    let told = studio.answer(0, &format!("Twitch does not take {codec}: I send nothing there.")).await.is_ok();
    encoder.finishes(Duration::from_secs(SECONDS.into()) + SOON).await?;
    let sent = flv::read(encoder.sent())?;
    let of = |at: usize, path: &Path| flv::read(path).map(|received| (at, flv::compare(&sent, &received)));
    let whole = |listener: &Listener| of(0, listener.recording()).is_ok_and(|(_, result)| result.holds());
    // What was sent is on its way for a moment, and a listening ffmpeg writes a frame when the next one comes: the show is
    // kept on air meanwhile.
    let _ = until("all of it", SOON, || listeners.iter().all(whole).then_some(())).await;
    studio.stop_live().await?;
    let _ = until("the end of it", SOON, || listeners.iter().all(whole).then_some(())).await;
    let results = listeners.iter().enumerate().map(|(at, listener)| of(at, listener.recording()));
    let results = results.collect::<Result<Vec<_>>>()?;
    let dialled = match door.accept() {
        Ok(_) => true,
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => false,
        Err(error) => return fault(error.to_string()),
    };
    // Bilibili takes HEVC; of AV1 nothing is sure there.
    let right = flags == [false, coded == Coded::Av1, true];
    let enough = results.iter().all(|(_, result)| result.holds() && result.video >= 100);
    let got = results.iter().map(|(at, result)| {
        let flag = if flags[*at] { ", flagged" } else { "" };
        format!("{} {result}{flag}", takers[*at].name)
    });
    let words: Vec<_> =
        got.chain([format!("Twitch flagged: {}, told: {told}, dialled: {dialled}", flags[2])]).collect();
    Ok((words.join(", "), right && enough && told && !dialled))
}
