//! Quick. One target stops reading, one refuses the key, one is down: the fourth loses nothing, and the panel tells them apart.

use super::Figure;
use crate::bed::encoder::Encoder;
use crate::bed::flv;
use crate::bed::nginx::Nginx;
use crate::bed::studio::{Studio, Wishes, about};
use crate::bed::{Result, free_port, place, until};
use std::time::Duration;

const SECONDS: u32 = 30;
const SOON: Duration = Duration::from_secs(15);

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("three-failures")?;
    let good = Nginx::start("good", &["planted"], &dir).await?;
    let stuck = Nginx::start("stuck", &["planted"], &dir).await?;
    let refusing = Nginx::start("refusing", &["another"], &dir).await?;
    let down = format!("rtmp://127.0.0.1:{}/live", free_port()?);
    let studio = Studio::start(&dir, Wishes::default()).await?;
    studio.add_target("Good", &good.server(), "planted").await?;
    studio.add_target("Stuck", &stuck.server(), "planted").await?;
    studio.add_target("Refusing", &refusing.server(), "planted").await?;
    studio.add_target("Down", &down, "planted").await?;
    let ingest = studio.ingest().await?;
    studio.say("/golive")?;
    let mut encoder = Encoder::ffmpeg("encoder", &ingest.url(), SECONDS, &dir).await?;
    encoder.sends().await?;
    until("media at the one that will stop reading", SOON, || {
        (flv::frames(&stuck.recording("planted")) > 25).then_some(())
    })
    .await?;
    stuck.proc.signal("STOP")?;

    let words = [("Stuck", "takes no more data"), ("Refusing", "refuses the stream key"), ("Down", "may be down")];
    let apart = |panel: &str| words.iter().all(|(name, words)| about(panel, name).contains(words));
    let within = Duration::from_secs(u64::from(SECONDS));
    let told = studio.panel("three failures told apart", within, |panel| apart(panel)).await;
    encoder.finishes(within + SOON).await?;
    let sent = flv::read(encoder.sent())?;
    let compare = || flv::read(&good.recording("planted")).map(|received| flv::compare(&sent, &received));
    let _ = until("all of it", SOON, || compare().is_ok_and(|result| result.holds()).then_some(())).await;
    let fourth = compare()?;
    stuck.proc.signal("CONT")?;
    let told = match told {
        Ok(panel) => {
            println!("{panel}");
            true
        }
        Err(fault) => {
            println!("{}", fault.0);
            false
        }
    };
    Ok(Figure {
        measured: format!("the fourth: {fourth}; the panel told the three apart: {told}"),
        goal: "0 lost, 0 changed, told apart",
        holds: told && fourth.holds() && fourth.video >= SECONDS as usize * 24,
    })
}
