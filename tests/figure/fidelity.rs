//! Quick. 60 s of H.264 and AAC reach nginx, a listening ffmpeg and a TLS server byte for byte, from the first keyframe on.

use super::Figure;
use crate::bed::encoder::Encoder;
use crate::bed::flv::{self, Comparison};
use crate::bed::listener::Listener;
use crate::bed::nginx::Nginx;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::stunnel::Stunnel;
use crate::bed::{Result, free_port, place, until};
use std::time::Duration;

const SECONDS: u32 = 60;
const SOON: Duration = Duration::from_secs(15);

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("fidelity")?;
    let nginx = Nginx::start("nginx", &["key-plain", "key-tls"], &dir).await?;
    let stunnel = Stunnel::start("stunnel", nginx.port(), &dir).await?;
    let port = free_port()?;

    let wishes = Wishes { authority: Some(stunnel.authority().into()), ..Wishes::default() };
    let studio = Studio::start(&dir, wishes).await?;
    studio.add_target("Plain", &nginx.server(), "key-plain").await?;
    studio.add_target("Secure", &stunnel.server(), "key-tls").await?;
    studio.add_target("Listener", &Listener::server(port), "key-listener").await?;
    let listener = Listener::start(port, "listener", "key-listener", &dir).await?;
    let ingest = studio.ingest().await?;
    // Asked for before the picture comes, so that all of it belongs to the show.
    studio.say("/golive")?;
    let mut encoder = Encoder::ffmpeg("encoder", &ingest.url(), SECONDS, &dir).await?;
    encoder.sends().await?;
    encoder.finishes(Duration::from_secs(u64::from(SECONDS)) + SOON).await?;

    let sent = flv::read(encoder.sent())?;
    let places = [
        ("nginx", nginx.recording("key-plain")),
        ("nginx behind stunnel", nginx.recording("key-tls")),
        ("ffmpeg", listener.recording().to_path_buf()),
    ];
    let compare = |place: usize| flv::read(&places[place].1).map(|received| flv::compare(&sent, &received));
    // What was sent is on its way for a moment. A listening ffmpeg writes its last frame when its peer goes.
    let _ = until("all of it", SOON, || (0..2).all(|at| compare(at).is_ok_and(|c| c.holds())).then_some(())).await;
    studio.stop_live().await?;
    let _ = until("all of it", SOON, || (0..3).all(|at| compare(at).is_ok_and(|c| c.holds())).then_some(())).await;

    let results = (0..3).map(compare).collect::<Result<Vec<Comparison>>>()?;
    let said: Vec<String> =
        places.iter().zip(&results).map(|((name, _), result)| format!("{name}: {result}")).collect();
    let enough = results.iter().all(|result| result.video >= SECONDS as usize * 24);
    Ok(Figure {
        measured: said.join("; "),
        goal: "all of 60 s at three targets, 0 lost, 0 changed",
        holds: enough && results.iter().all(Comparison::holds),
    })
}
