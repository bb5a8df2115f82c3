//! Buttons and links, with a clock of their own.

use super::*;
use crate::domain::announce::Spot;

const CHAT: ChatId = ChatId(-1);
const ME: UserId = UserId(1);
const OTHER: UserId = UserId(2);
const HOUR: Duration = Duration::from_secs(3600);

fn entry(whose: Whose, page: usize) -> Entry {
    Entry { at: CHAT, whose, of: None, action: Action::Page(page) }
}

#[test]
fn a_button_works_in_its_chat_for_its_person_until_its_end() {
    let (mut menus, now) = (Menus::default(), Instant::now());
    let number = menus.draw(now, entry(Whose::Only(ME), 1), HOUR);
    assert!(number.len() <= 64);
    assert_eq!(menus.tapped(now, &number, CHAT, ME), Ok(entry(Whose::Only(ME), 1)));
    assert_eq!(menus.tapped(now, &number, CHAT, OTHER), Err(Refusal::NotYours));
    assert_eq!(menus.tapped(now, &number, ChatId(-2), ME), Err(Refusal::Old));
    assert_eq!(menus.tapped(now + HOUR, &number, CHAT, ME), Err(Refusal::Old));
    assert_eq!(menus.tapped(now, "0", CHAT, ME), Err(Refusal::Old));
}

#[test]
fn a_key_is_not_renewed_by_the_same_tap_twice() {
    let (mut menus, now) = (Menus::default(), Instant::now());
    let renew = Entry { at: CHAT, whose: Whose::Only(ME), of: None, action: Action::Renew };
    let number = menus.draw(now, renew.clone(), HOUR);
    assert_eq!(menus.tapped(now, &number, CHAT, OTHER), Err(Refusal::NotYours), "which uses nothing up");
    assert_eq!(menus.tapped(now, &number, CHAT, ME), Ok(renew.clone()));
    assert_eq!(menus.tapped(now, &number, CHAT, ME), Err(Refusal::Old));
    let again = menus.draw(now, renew.clone(), HOUR);
    assert_eq!(menus.tapped(now, &again, CHAT, ME), Ok(renew));
}

#[test]
fn the_same_button_keeps_its_number_and_lives_on() {
    let (mut menus, now) = (Menus::default(), Instant::now());
    let first = menus.draw(now, entry(Whose::Anybody, 1), HOUR);
    let later = now + HOUR / 2;
    assert_eq!(menus.draw(later, entry(Whose::Anybody, 1), HOUR), first);
    assert!(menus.tapped(now + HOUR, &first, CHAT, OTHER).is_ok());
    assert_ne!(menus.draw(now, entry(Whose::Anybody, 2), HOUR), first);
    assert_ne!(menus.draw(now + HOUR * 2, entry(Whose::Anybody, 1), HOUR), first, "once over, never again");
}

#[test]
fn the_table_is_bounded_and_forgets_what_is_over_first() {
    let (mut menus, now) = (Menus::default(), Instant::now());
    let long = menus.draw(now, entry(Whose::Anybody, 0), HOUR);
    for page in 1..=MOST * 2 {
        menus.draw(now, entry(Whose::Anybody, page), HOUR / 2);
    }
    assert!(menus.buttons.len() <= MOST && menus.drawn.len() <= MOST);
    assert!(menus.tapped(now, &long, CHAT, ME).is_ok());
}

#[test]
fn a_link_works_once_for_one_person() {
    let (mut menus, now) = (Menus::default(), Instant::now());
    let ticket = Ticket { user: ME, studio: StudioId(1), errand: Errand::AddTarget };
    let number = menus.ticket(now, ticket);
    assert_eq!(menus.redeem(now, &number, OTHER), None);
    assert_eq!(menus.redeem(now, &number, ME), Some(ticket));
    assert_eq!(menus.redeem(now, &number, ME), None);
    let late = menus.ticket(now, ticket);
    assert_eq!(menus.redeem(now + TICKET, &late, ME), None);
}

#[test]
fn a_clip_that_is_posted_from_another_message_is_still_the_one_above_its_button() {
    let clip = |film| Action::PostClip { spot: Spot { chat: ChatId(-1), topic: None }, film };
    assert_eq!(clip(None).below(7), clip(Some(7)));
    assert_eq!(clip(Some(7)).below(8), clip(Some(7)), "asked about twice");
    assert_eq!(Action::StopNow.below(7), Action::StopNow);
}
