//! kill -9 in the midst of each handler, a hundred times: what holds afterwards is what the chat says.

mod handler;

use super::Figure;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, place};
use handler::Handler;
use std::collections::BTreeMap;
use std::time::Duration;
use telecast::demo::bot_api::OLIVIA;

const TRIALS: usize = 100;
/// The longest time from what a person does to the kill: about when the last handler has long answered, ms.
const LATEST: u64 = 60;
const SETTLED: Duration = Duration::from_secs(30);
/// How long the chat must have said nothing more.
const QUIET: Duration = Duration::from_millis(400);

/// What a chat says at some moment: each message of the bot's by its number, with how often it was changed.
pub(super) type Said = BTreeMap<i32, (u32, String)>;

pub(super) async fn measure() -> Result<Figure> {
    let trials = crate::bed::setting("KILL_TRIALS").unwrap_or(TRIALS);
    let dir = place("kill-handlers")?;
    let mut studio = Studio::start(&dir, Wishes { log: "info", ..Wishes::default() }).await?;
    handler::add_alpha(&studio).await?;
    let (mut right, mut before, mut amid, mut after) = (0, 0, 0, 0);
    for trial in 0..trials {
        let handler = Handler::ALL[trial % Handler::ALL.len()];
        let was = handler.prepare(&studio).await?;
        let said = read(&studio);
        handler.act(&studio)?;
        tokio::time::sleep(Duration::from_millis(chance(trial) % LATEST)).await;
        studio.telecast.kill();
        let at_kill = handler.told(&changed(&said, &read(&studio)));
        let waited = studio.phone.unconfirmed() > 0;
        // What was just written counts with the flood control, and the new process is not told.
        studio.phone.advance(Duration::from_secs(61));
        studio.start_again().await?;
        settle(&studio).await?;
        let told = handler.told(&changed(&said, &read(&studio))).unwrap_or(was.clone());
        let is = handler.truth(&studio).await?;
        if matches!(handler, Handler::Remove) && is == "removed" {
            handler::add_alpha(&studio).await?;
        }
        match (at_kill.is_some(), waited) {
            (true, _) => after += 1,
            (false, true) => amid += 1,
            (false, false) => before += 1,
        }
        if told == is {
            right += 1;
        } else {
            println!("{trial} {handler:?}: told {told:?}, is {is:?}, was {was:?}; told before the kill: {at_kill:?}");
            println!("{}", changed(&said, &read(&studio)).join("\n--\n"));
        }
    }
    Ok(Figure {
        measured: format!(
            "{right} of {trials} trials of {} handlers end as the chat says; killed with the answer out {after}, without it \
             {}, of these before Telegram knew that it was dealt with {amid}",
            Handler::ALL.len(),
            amid + before,
        ),
        goal: "all, and a third of the kills at least before the answer",
        holds: right == trials && (amid + before) * 3 >= trials,
    })
}

/// The same for the same trial: multiplicative hashing, by Knuth.
pub(super) fn chance(trial: usize) -> u64 {
    (trial as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33
}

/// What the bot says in Olivia's chat, buttons included.
pub(super) fn read(studio: &Studio) -> Said {
    let messages = studio.phone.messages(studio.chat()).into_iter().filter(|message| message.by_bot);
    messages.map(|m| (m.id, (m.revision, format!("{}\n[{}]", m.text(), m.labels().join("] ["))))).collect()
}

/// What is new or changed, the newest first.
fn changed(before: &Said, now: &Said) -> Vec<String> {
    let new = now.iter().rev().filter(|(id, said)| before.get(id) != Some(said));
    new.map(|(_, (_, text))| text.clone()).collect()
}

/// Until the bot polls again, has dealt with what came once more, and says nothing more.
async fn settle(studio: &Studio) -> Result<()> {
    let polls = |phone: &telecast::demo::bot_api::Phone| (phone.unconfirmed() == 0).then_some(());
    let me = studio.phone.calls("getMe").len();
    studio.phone.wait("a bot that is back", SETTLED, |phone| (phone.calls("getMe").len() >= me).then_some(())).await?;
    crate::bed::until("an empty queue", SETTLED, || polls(&studio.phone)).await?;
    let mut last = (read(studio), studio.phone.toasts(OLIVIA).len());
    loop {
        tokio::time::sleep(QUIET).await;
        let now = (read(studio), studio.phone.toasts(OLIVIA).len());
        if now == last {
            return Ok(());
        }
        last = now;
    }
}
