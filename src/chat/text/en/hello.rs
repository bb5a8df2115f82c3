//! First contact, groups, who is let in, refusals.

use super::{host, many, rights};
use crate::chat::said::Said;
use crate::chat::screen::{Access, Group, Hello, No};

pub(super) fn hello(screen: &Hello) -> String {
    match screen {
        Hello::Welcome { targets, camera, show, host } => welcome(*targets, *camera, *show, host.as_ref()),
        Hello::Server(host) => format!("<b>Before you give me a key: this is {host}’s server.</b>\n\n{SERVER}"),
        Hello::NotUnderstood => "<b>I did not understand that.</b>\n\nPick what you want to do, or send /help.".into(),
        Hello::Claimed => "<b>This Telecast is yours now.</b>\n\nOnly you and people you let in can use it. Groups you add me to can use it right away.\n\nStart with a platform: where people will watch.".into(),
        Hello::AlreadyOwner => "<b>You already own this Telecast.</b>".into(),
        Hello::ClaimWrong => "<b>That code does not work.</b>\n\nIt may have been used already. The right one is in the console where Telecast runs.".into(),
        Hello::LinkExpired => "<b>That link is no longer valid.</b>\n\nLinks work once, for ten minutes, for the person who asked. Go back and tap the button again.".into(),
        Hello::Help => "<b>What I can do</b>\n\n/golive – start on all platforms that are on\n/stoplive – end it (“/stoplive now” asks nothing)\n/status – how each platform is doing\n/look – see and hear what goes out\n/clip – the last half minute as a video; “/clip 60” for a minute\n/recordings – record shows, and get what was recorded\n/addtarget – add a platform\n/targets – switch, order, rename or remove platforms\n/check – test each, seen by nobody, before the show\n/ingest – server and key for your camera or OBS\n/links – where people watch\n/watch – a page of your own for your viewers\n/announce – tell other chats when you go live\n/mykeys – stream keys that you gave me; /forget removes all\n/settings – how long I keep you on air without a picture\n/language – English or 中文\n/cancel – leave whatever we are doing".into(),
        Hello::GroupHelp => "<b>What I can do here</b>\n\nEveryone: /status – how it is going, /links – where to watch\nAdmins: /golive, /stoplive, /look, /clip, /recordings, /addtarget, /targets, /check, /ingest, /watch, /announce, /settings, /language\n\nStream keys are only taken in a private chat with me.".into(),
        Hello::Language => "<b>Which language?</b>\n\n请选择语言。".into(),
        Hello::LanguageSet => "<b>English it is.</b>".into(),
        Hello::Cancelled => "<b>Cancelled.</b> Nothing was saved.".into(),
        Hello::NothingToCancel => "<b>There is nothing to cancel.</b>\n\nA running show ends with /stoplive.".into(),
        Hello::Late { command, minutes } => format!(
            "<b>I was away when you sent {command}, {} ago.</b>\n\nDo it now?",
            many(usize::try_from(*minutes).unwrap_or(usize::MAX), "minute", "minutes")
        ),
        Hello::LateTap { label, minutes } => {
            let button = label.as_ref().map_or("a button".to_owned(), |label| format!("“{label}”"));
            let ago = many(usize::try_from(*minutes).unwrap_or(usize::MAX), "minute", "minutes");
            format!("<b>You tapped {button} while I was away, up to {ago} ago.</b>\n\nDo it now?")
        }
    }
}

/// What a host can do, whoever they are.
const SERVER: &str = "Whoever runs it can see your stream and could use the keys that you give me. Go on only if you trust them. You can take your keys back at any time: /mykeys, and /forget removes all that is yours.";

fn welcome(targets: usize, camera: bool, show: Option<bool>, host: Option<&Said>) -> String {
    let mut text = match (targets, show) {
        (_, Some(true)) => "<b>You are live.</b>".to_owned(),
        (0, _) => "<b>Telecast · live everywhere from your chat</b>".to_owned(),
        (_, _) => "<b>Telecast is ready.</b>".to_owned(),
    };
    if let Some(host) = host {
        text += &format!("\n\n⚠️ This is {host}’s server. {SERVER}");
    }
    text += "\n\nYou send me one stream, and I put it on all your platforms at once. Three steps:\n";
    text += &match targets {
        0 => "1. ◻️ Add a platform: where people will watch.\n".to_owned(),
        _ => format!("1. ✅ You have {}.\n", many(targets, "platform", "platforms")),
    };
    text += if camera { "2. ✅ Your stream comes in.\n" } else { "2. ◻️ Connect your camera or OBS.\n" };
    text + match show {
        Some(true) => "3. ✅ Live: /status shows how each platform is doing.",
        Some(false) => "3. ⏳ The show begins when your stream comes in.",
        None => "3. ◻️ Go live.",
    }
}

pub(super) fn group(screen: &Group) -> String {
    match screen {
        Group::Hello => "<b>Hello! I put this group’s live stream on many platforms at once.</b>\n\nAdmins start and stop it; everyone can ask /status and /links. Stream keys are taken in private only.".into(),
        Group::Stranger { asked: false } => "<b>This is a private Telecast.</b>\n\nIts owner decides which groups may use it.".into(),
        Group::Stranger { asked: true } => "<b>This is a private Telecast.</b>\n\nIts owner has been asked about this group.".into(),
        Group::AddInPrivate => "<b>Let’s add the platform in private.</b>\n\nStream keys must not be posted in a group: whoever has one can stream in your name.".into(),
        Group::IngestInPrivate => "<b>I’ll give you server and key in private.</b>\n\nThe key is yours alone.".into(),
        Group::KeysInPrivate => "<b>Your stream keys are private.</b>\n\nLet’s look at them in our own chat.".into(),
        Group::KeyPosted { deleted: true } => "<b>Somebody posted a stream key here. I deleted the message.</b>\n\nOthers may have seen it: make a new key on the platform, then give it to me in private.".into(),
        Group::KeyPosted { deleted: false } => "<b>Somebody posted a stream key here, and I am not allowed to delete it.</b>\n\nPlease delete the message. Everyone here could see it: make a new key on the platform, then give it to me in private.".into(),
        Group::ProveAdmin => "<b>You write as the group, so I can’t tell who you are.</b>\n\nTap below to go on under your own name. Only I will see it.".into(),
    }
}

pub(super) fn access(screen: &Access) -> String {
    match screen {
        Access::Asked => "<b>I have asked the owner.</b>\n\nI’ll tell you the answer.".into(),
        Access::AskedBefore => "<b>The owner has been asked already.</b>\n\nI’ll tell you the answer.".into(),
        Access::LetIn => "<b>You can already use this Telecast.</b>\n\nSend /start to begin.".into(),
        Access::Question { name, group: false } => {
            format!(
                "<b>{name} asks to use your Telecast.</b>\n\nThey would get a studio of their own and use your bandwidth."
            )
        }
        Access::Question { name, group: true } => {
            format!(
                "<b>The group “{name}” asks to use your Telecast.</b>\n\nIts admins could go live and would use your bandwidth."
            )
        }
        Access::Answered { name, yes: true } => format!("<b>{name} can use this Telecast now.</b>"),
        Access::Answered { name, yes: false } => format!("<b>{name} was not let in.</b>"),
        Access::InviteOver => "<b>That invitation is no longer valid.</b>\n\nIt may have been used up, or its time is over. Ask who gave it to you for another one.".into(),
        Access::Declined => "<b>The owner’s answer is no.</b>\n\nThis Telecast can’t be used from here. If that is a mistake, talk to them: they can still send an invitation.".into(),
        Access::Welcome => "<b>The owner has let you in.</b>\n\nSend /start to begin.".into(),
    }
}

pub(super) fn no(reason: &No) -> String {
    match reason {
        No::Unclaimed => "<b>This Telecast has no owner yet.</b>\n\nWhoever runs it finds a link in its console that makes them the owner.".into(),
        No::Private { asked: false } => "<b>This is a private Telecast.</b>\n\nIts owner decides who may use it.".into(),
        No::Private { asked: true } => "<b>This is a private Telecast.</b>\n\nIts owner has been asked about you.".into(),
        No::AdminsOnly => "<b>Only admins of this group can do that.</b>\n\nEveryone can ask /status and /links.".into(),
        No::OperatorsOnly(policy) => rights::operators_only(*policy),
        No::AppointersOnly => rights::APPOINTERS_ONLY.into(),
        No::OutOfGroup => "<b>I am not in that group any more.</b>\n\nNothing was changed. Add me to the group again, then tap once more.".into(),
        No::Denied(denied) => host::denied(*denied),
        No::OwnerOnly => "<b>Only the owner of this Telecast can do that.</b>".into(),
        No::UnknownTarget => "<b>That platform is no longer here.</b>\n\n/targets shows which there are.".into(),
        No::NotYours => "<b>That key belongs to somebody else.</b>\n\nOnly they can withdraw it. Admins can remove the platform with /targets.".into(),
        No::Store => "<b>I could not save that. Nothing was changed.</b>\n\nPlease try again. The reason is in the log where Telecast runs.".into(),
        No::Broken => "<b>Something went wrong on my side.</b>\n\nPlease try again. The reason is in the log where Telecast runs.".into(),
        No::TooManyPlaces { limit } => format!("<b>Your shows are announced in {limit} chats already.</b>\n\nTake one out with /announce in private first."),
        No::AdminsUnknown => "<b>Telegram did not tell me who the admins are.</b>\n\nNothing was changed. Please try again in a moment.".into(),
    }
}
