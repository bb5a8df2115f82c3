//! F50 to F53: Telegram away, strict, saying things twice; and groups that change.

use super::Outcome;
use crate::bed::field::Sink;
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, until};
use crate::faults::program::Show;
use crate::faults::scene::{Ground, SOON, pause, s};
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{ChatKind, Fault, MING, OLIVIA, Phone, Rights, Role, Trouble, WEEKEND_SHOW, World};
use telecast::domain::id::ChatId;

/// A group that is none of the large kind yet.
const GROUP: ChatId = ChatId(-4242);
/// How long Telegram is away; the catalogue says 10 min.
const AWAY: Duration = Duration::from_secs(60);

fn missed(sinks: &[Sink]) -> u64 {
    sinks.iter().map(|sink| sink.look(|ledger| ledger.missing().0.frames + ledger.missing().1.frames)).sum()
}

fn by_bot(phone: &Phone, chat: ChatId) -> usize {
    phone.messages(chat).iter().filter(|message| message.by_bot).count()
}

pub(super) async fn away(g: &Ground) -> Result<Outcome> {
    let (mut show, _publisher) = Show::live_as(g, Wishes::default()).await?;
    let away = crate::bed::setting("AWAY_S").map_or(AWAY, Duration::from_secs);
    let before = (missed(&show.sinks), by_bot(&show.studio.phone, show.studio.chat()));
    show.studio.phone.set_reachable(false);
    let began = Instant::now();
    let mut asked = 0;
    while began.elapsed() < away {
        // A platform falls and is back, and somebody asks.
        if asked < 3 {
            show.studio.say("/links")?;
            asked += 1;
        }
        show.sinks[1].behave(crate::bed::field::Behaviour::Down);
        pause(s(2)).await;
        show.sinks[1].behave(crate::bed::field::Behaviour::Well);
        pause(s(8)).await;
    }
    let lost = show.sinks[0].look(|ledger| ledger.missing().0.frames);
    let one = show.sinks[0].look(|ledger| ledger.accepted);
    show.studio.phone.set_reachable(true);
    let back = Instant::now();
    let answers = |phone: &Phone| {
        let all = phone.messages(show.studio.chat());
        let links =
            all.iter().filter(|m| m.by_bot && m.text().contains("Alpha") && m.text().contains("watch link")).count();
        (by_bot(phone, show.studio.chat()) >= before.1 + asked || links >= asked).then_some(())
    };
    until("the answers", s(90), || answers(&show.studio.phone)).await?;
    let took = back.elapsed();
    pause(s(10)).await;
    let told = by_bot(&show.studio.phone, show.studio.chat()) - before.1;
    let trips = show.studio.phone.flood_trips();
    let alive = show.studio.telecast.ended().is_none();
    Ok(Outcome {
        measured: format!(
            "away for {} s, {asked} questions and {} falls of a platform meanwhile: {lost} frames lost, {one} connection at \
             the other; answered {:.1} s after its return, {told} messages in all, {trips} times over Telegram’s limits",
            away.as_secs(),
            away.as_secs() / 10,
            took.as_secs_f64()
        ),
        good: lost <= before.0 && one == 1 && told >= asked && told <= asked + 6 && trips == 0 && alive,
    })
}

pub(super) async fn too_many(g: &Ground) -> Result<Outcome> {
    let (show, _publisher) = Show::live_as(g, Wishes::default()).await?;
    let phone = &show.studio.phone;
    show.studio.phone.add_bot(OLIVIA, WEEKEND_SHOW)?;
    let edits = |phone: &Phone| phone.calls("editmessagetext");
    let limited = |phone: &Phone| edits(phone).iter().filter(|call| call.code == 429).count();
    phone.inject(Fault::new(Trouble::TooMany(30)).method("editMessageText"));
    until("an edit of the panel", s(60), || (limited(phone) > 0).then_some(())).await?;
    let (at, before) = (Instant::now(), phone.calls("editmessagetext").len());
    // Another chat is answered meanwhile.
    let said = phone.say(MING, WEEKEND_SHOW, "/status@telecast_demo_bot")?;
    let other = phone.wait_for_text(WEEKEND_SHOW, said, "", SOON).await.is_ok();
    let other_after = at.elapsed();
    let next = until("the next edit", s(90), || (edits(phone).len() > before).then(|| at.elapsed())).await?;
    pause(s(20)).await;
    let all = edits(phone);
    let again = all.iter().skip(before).filter(|call| call.code == 429).count();
    let rate = (all.len() - before).div_ceil(2);
    Ok(Outcome {
        measured: format!(
            "the next edit {:.1} s after the 429; another chat was answered after {:.1} s: {other}; then {rate} edits in 10 s, \
             {again} more 429, {} times over Telegram’s limits",
            next.as_secs_f64(),
            other_after.as_secs_f64(),
            phone.flood_trips()
        ),
        good: next >= s(29) + s(1) * 9 / 10 && other && other_after < s(10) && again == 0 && phone.flood_trips() == 0,
    })
}

pub(super) async fn again(g: &Ground) -> Result<Outcome> {
    let (mut show, publisher) = Show::live_as(g, Wishes::default()).await?;
    let chat = show.studio.chat();
    for text in ["/links", "/status", "/targets"] {
        let said = show.studio.say(text)?;
        show.studio.answer(said, "").await?;
    }
    pause(s(2)).await;
    let before = by_bot(&show.studio.phone, chat);
    show.studio.phone.deliver_again(20);
    show.studio.say("/mykeys")?;
    pause(s(4)).await;
    let twice = by_bot(&show.studio.phone, chat) - before - 1;
    // The same to a new process, which knows only what was stored.
    publisher.close().await;
    show.studio.telecast.kill();
    show.studio.phone.deliver_again(20);
    let before = by_bot(&show.studio.phone, chat);
    show.studio.start_again().await?;
    pause(s(6)).await;
    let targets = show.studio.say("/targets")?;
    let listed = show.studio.answer(targets, "Alpha").await?.matches("Alpha").count();
    let anew = by_bot(&show.studio.phone, chat) - before - 1;
    let log = show.studio.telecast.log().len();
    show.studio.phone.inject(Fault::new(Trouble::Conflict).always());
    show.studio.say("/links")?;
    let words = "another program polls with this bot's token";
    let told = |telecast: &Proc| telecast.log()[log..].contains(words).then_some(());
    show.studio.telecast.wait("the second poller in the log", s(60), told).await?;
    pause(s(5)).await;
    let lines = show.studio.telecast.log()[log..].matches(words).count();
    show.studio.phone.clear_faults();
    let said = show.studio.say("/status")?;
    let works = show.studio.answer(said, "").await.is_ok();
    Ok(Outcome {
        measured: format!(
            "20 updates again: {twice} answers more; again to a new process: {anew} answers of its own, Alpha is listed \
             {listed} time; a second poller is told in {lines} line, and all works after it: {works}"
        ),
        good: twice == 0 && anew <= 2 && listed == 1 && lines == 1 && works,
    })
}

pub(super) async fn rights(g: &Ground) -> Result<Outcome> {
    let world = |world: &mut World| {
        let members = [(MING, Role::Creator), (OLIVIA, Role::Admin(Rights::ALL))];
        world.add_group(GROUP, ChatKind::Group, "Small group", &members);
    };
    let (show, _publisher) = Show::live_as(g, Wishes { world, ..Wishes::default() }).await?;
    let (phone, own) = (&show.studio.phone, show.studio.chat());
    phone.add_bot(OLIVIA, GROUP)?;
    phone.wait_for_text(GROUP, 0, "I put this group’s live stream", SOON).await?;
    let sink = Sink::start(&g.clip)?;
    let (address, key) = group_show(&show.studio, &sink).await?;
    let publisher =
        crate::bed::field::Publisher::start(address, &key, &g.clip, crate::bed::field::Options::of(7)).await?;
    phone.say(OLIVIA, GROUP, "/golive@telecast_demo_bot")?;
    sink.until("the group's show", SOON, |ledger| ledger.received.frames > 60).await?;
    let start = sink.look(|ledger| ledger.missing().0.frames);

    let moved = phone.migrate(GROUP).ok();
    let group = moved.unwrap_or(GROUP);
    let said = phone.say(OLIVIA, group, "/status@telecast_demo_bot")?;
    let after_move = phone.wait_for_text(group, said, "Live for", SOON).await.is_ok();

    phone.set_role(MING, group, OLIVIA, Role::Member);
    let demoted = Instant::now();
    let judged = loop {
        let said = phone.say(OLIVIA, group, "/targets@telecast_demo_bot")?;
        if phone.wait_for_text(group, said, "Only admins", s(3)).await.is_ok() {
            break true;
        }
        if demoted.elapsed() > s(60) {
            break false;
        }
    };
    let judged_after = demoted.elapsed();

    phone.set_role(MING, group, OLIVIA, Role::Admin(Rights::ALL));
    // It is told to who may operate, as was last heard.
    let promoted = Instant::now();
    while promoted.elapsed() < s(70) {
        let said = phone.say(OLIVIA, group, "/settings@telecast_demo_bot")?;
        if phone.wait_for_text(group, said, "Who operates here", s(3)).await.is_ok() {
            break;
        }
    }
    phone.set_bot_role(MING, group, Role::Kicked);
    let told = phone.wait_for_text(own, 0, "removed", SOON).await.is_ok();
    phone.add_bot(OLIVIA, group)?;
    let said = phone.say(OLIVIA, group, "/status@telecast_demo_bot")?;
    let back = phone.wait_for_text(group, said, "Live for", SOON).await.is_ok();

    phone.block(OLIVIA, true);
    pause(s(5)).await;
    phone.block(OLIVIA, false);
    let said = show.studio.say("/status")?;
    let unblocked = show.studio.answer(said, "Live for").await.is_ok();
    pause(s(1)).await;
    let (lost, connections) = sink.look(|ledger| (ledger.missing().0.frames - start, ledger.accepted));
    drop(publisher);
    Ok(Outcome {
        measured: format!(
            "moved: {}, its show is found there: {after_move}; an admin less is told so after {:.1} s: {judged}; thrown out, told \
             in private: {told}, and back: {back}; unblocked, it answers: {unblocked}; all the time {connections} connection to the \
             platform, {lost} frames lost",
            moved.is_some(),
            judged_after.as_secs_f64()
        ),
        good: moved.is_some() && after_move && judged && told && back && unblocked && connections == 1 && lost == 0,
    })
}

/// A platform and an encoder for the group, led through the private chat.
async fn group_show(studio: &Studio, sink: &Sink) -> Result<(std::net::SocketAddr, String)> {
    let phone = &studio.phone;
    let go_private = async |command: &str| -> Result<i32> {
        let said = phone.say(OLIVIA, GROUP, command)?;
        let fits = |phone: &Phone| {
            let all = phone.messages(GROUP);
            all.into_iter().rev().find(|m| m.by_bot && m.id > said && m.has_button("Go on in private"))
        };
        let message = phone.wait("a way to the private chat", SOON, fits).await?;
        let tapped = phone.tap(OLIVIA, GROUP, message.id, "Go on in private")?;
        let toast = phone.wait_for_toast(&tapped, SOON).await?;
        Ok(phone.open_link(OLIVIA, &toast.url.unwrap_or_default())?)
    };
    let opened = go_private("/addtarget@telecast_demo_bot").await?;
    studio.press(opened, "Other RTMP server").await?;
    studio.answer(opened, "send me").await?;
    let pasted = studio.say(&format!("rtmp://{}/live\ncanary-group-key", sink.address()))?;
    studio.press(pasted, "Save").await?;
    studio.answer(pasted, "is saved").await?;
    let opened = go_private("/ingest@telecast_demo_bot").await?;
    let look = |phone: &Phone| {
        let all = phone.messages(studio.chat()).into_iter().filter(|m| m.by_bot && m.id > opened);
        let copied: Vec<String> =
            all.flat_map(|message| message.keyboard.into_iter().flatten())
                .filter_map(|button| {
                    if let telecast::demo::bot_api::Action::Copy(text) = button.action { Some(text) } else { None }
                })
                .collect();
        let [server, key] = copied.as_slice() else { return None };
        Some((server.clone(), key.clone()))
    };
    let (server, key) = phone.wait("server and key", SOON, look).await?;
    let address = server.trim_start_matches("rtmp://").trim_end_matches("/live").parse()?;
    Ok((address, key))
}
