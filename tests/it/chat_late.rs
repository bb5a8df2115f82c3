//! What was tapped while the bot was away.

use super::bed::house::{House, OWNER};
use std::time::Duration;
use telecast::chat::Timing;
use telecast::demo::bot_api::{Phone, World};
use telecast::domain::access::Operators;
use telecast::store::StudioKind;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_was_tapped_while_telegram_was_away_asks_before_it_does_what_others_feel() {
    let (hold, late) = (Duration::from_millis(300), Duration::from_millis(900));
    let backoff = Duration::from_millis(50);
    let timing = Timing { hold, late, backoff, backoff_most: backoff, ..Timing::default() };
    let house = House::open_with(World::new("Telecast", "telecast_demo_bot"), timing).await.unwrap();
    let (phone, own) = (&house.phone, Phone::private(OWNER));
    let studio = house.studio(own, StudioKind::Private, Operators::default()).await.unwrap();
    house.add_target(studio, OWNER).await.unwrap();
    phone.say(OWNER, own, "/targets").unwrap();
    phone.wait_for_button(own, "🟢 Alpha", SOON).await.unwrap();
    phone.press(OWNER, own, "🟢 Alpha").unwrap();
    let page = phone.wait_for_button(own, "Switch off", SOON).await.unwrap();
    let on = || house.store.targets(studio)[0].enabled;

    phone.set_reachable(false);
    phone.tap(OWNER, own, page.id, "Switch off").unwrap();
    phone.tap(OWNER, own, page.id, "Back").unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    phone.set_reachable(true);
    let asked = phone.wait_for_text(own, page.id, "You tapped “Switch off” while I was away, up to 1 minute ago", SOON);
    let asked = asked.await.unwrap();
    phone
        .wait("the list, which nobody feels", SOON, |phone| {
            phone.message(own, page.id).filter(|message| message.text().contains("Tap one to change it"))
        })
        .await
        .unwrap();
    assert!(on(), "it was not done");
    phone.tap(OWNER, own, asked.id, "Run now").unwrap();
    phone.wait("the platform switched off", SOON, |_| (!on()).then_some(())).await.unwrap();
    house.close().await;
}
