//! How each kind of button comes to be drawn, where it is: what is said and tapped until it is there.

use super::table::Cell;

/// What must be so before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// The target is switched off.
    Off,
    /// The target has a watch link.
    Linked,
    /// The stream is taken from a URL, which is the actor's.
    Pull,
    /// The target's key is the actor's own, not the keeper's.
    Own,
    /// The stream can be played.
    Shared,
    /// The studio has one target more.
    Two,
    /// The studio has six targets more, with keys of the actor's.
    Many,
    /// Somebody publishes, with the key of whoever walks the way.
    Publisher,
    /// A stranger asks to be let in.
    Stranger,
    /// A stranger was let in and has a studio.
    Guest,
    /// A show was recorded.
    Recorded,
    /// Its shows are announced, where it is itself.
    Announced,
    /// The studio's own page is open.
    Watched,
    /// Named admins operate while the way is walked.
    Named,
}

/// A step of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Say(&'static str),
    /// In the group's name.
    Hide(&'static str),
    Tap(&'static str),
    /// A tap that opens the private chat, in which the way goes on.
    Door(&'static str),
    /// The publisher stops in order.
    Stop,
}

/// A way to a button.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    pub(super) needs: Vec<Need>,
    pub(super) steps: Vec<Step>,
    pub(super) label: &'static str,
}

impl Way {
    /// How many changes are made on the way.
    pub(super) fn lines(&self) -> usize {
        let change = |step: &&Step| matches!(step, Tap("Save" | "Remove") | Say("/golive") | Door("On duty"));
        self.steps.iter().filter(change).count()
    }
}

use Need::{
    Announced, Guest, Linked, Many, Named, Off, Own, Publisher, Pull, Recorded, Shared, Stranger, Two, Watched,
};
use Step::{Door, Hide, Say, Stop, Tap};

/// What Bilibili gives, which has another server.
const BILIBILI: &str = "rtmp://live-push.bilivideo.com/live-bvc/ ?streamname=live_1234567_89012345&key=0a1b2c3d4e5f60718293a4b5c6d7e8f9&schedule=rtmp&pflag=1";
const PASTE: &str = "rtmp://push.example.invalid/live matrix-stream-key-0123456789";

/// A recording's button.
const RECORDED: &str = "11-26 20:30";

/// The way to a weekly time that is set.
const WEEKLY: [Step; 6] =
    [Say("/settings"), Tap("Weekly show"), Tap("Sun"), Tap("20:00"), Tap("20:15"), Tap("Beijing")];

/// The way to the button of a cell; nothing, where there is none.
pub(super) fn to(cell: &Cell) -> Option<Way> {
    let (own, via) = (cell.place == "own", cell.place == "via");
    let group = !own && !via && cell.place != "unlet";
    let way = |needs: &[Need], steps: &[Step], label| Some(Way { needs: needs.into(), steps: steps.into(), label });
    let behind = |from: &[Step], more: &[Step], needs: &[Need], label| {
        Some(Way { needs: needs.into(), steps: [from, more].concat(), label })
    };
    let list: &[Step] = &[Say("/targets")];
    let detail: &[Step] =
        if via { &[Say("/targets"), Tap("Alpha"), Door("Rename")] } else { &[Say("/targets"), Tap("Alpha")] };
    let add: &[Step] = if via { &[Say("/addtarget"), Door("Go on in private")] } else { &[Say("/addtarget")] };
    let ingest: &[Step] = if via { &[Say("/ingest"), Door("Go on in private")] } else { &[Say("/ingest")] };
    match cell.role.as_str() {
        // They see two pages in all.
        "stranger" if cell.row != "AskAccess" => return None,
        "operator"
            if own
                && !matches!(
                    &*cell.row,
                    "AskAccess" | "Withdraw" | "WithdrawPull" | "KeysPage" | "ForgetAll" | "Cancel"
                ) =>
        {
            return None;
        }
        "operator" if own && cell.row == "Cancel" => return way(&[Own], &[Say("/forget")], "Cancel"),
        _ => {}
    }
    let place = (own, group, via);
    match (cell.row.as_str(), place) {
        ("AskAccess", (true, ..)) if matches!(&*cell.role, "stranger" | "operator" | "shut") => {
            way(&[], &[Say("/start")], "Ask for access")
        }
        ("AskAccess", _) if cell.place == "unlet" => way(&[], &[], "Ask for access"),
        ("Admit", (true, ..)) if cell.role == "owner" => way(&[Stranger], &[], "Let in"),
        (row, (true, ..)) if row.starts_with("Host.") => (cell.role == "owner").then(|| host(row)).flatten(),
        _ if cell.place == "unlet" => None,
        ("Run.Help", (true, ..)) => way(&[], &[Say("hm")], "Help"),
        ("Run.Status", (true, ..)) => way(&[], &[Say("hm")], "Status"),
        ("Run.Ingest", (true, ..)) => way(&[], &[Say("/start")], "Camera"),
        ("Run.AddTarget", (true, ..)) => way(&[], &[Say("/start")], "Add platform"),
        ("Run.Targets", (true, ..)) => way(&[], &[Say("hm")], "Platforms"),
        ("Run.GoLive", (true, ..)) => way(&[], &[Say("/start")], "🔴 Go live"),
        ("Run.Language", (true, ..)) => way(&[], &[Say("hm")], "Language"),
        ("Run.AddTarget", (_, true, _)) => way(&[], &[Say("/status")], "Add platform"),
        ("Run.Targets", (_, true, _)) => way(&[], &[Say("/status")], "Platforms"),
        ("Run.GoLive", (_, true, _)) => way(&[], &[Say("/status")], "🔴 Go live"),
        ("Run.StopLive", (_, _, false)) => way(&[], &[Say("/golive")], "⏹ Stop"),
        ("Run.Look", (_, _, false)) => way(&[Publisher], &[Say("/status")], "👁 Look"),
        ("Run.Clip", (_, _, false)) => way(&[Publisher], &[Say("/golive"), Say("/look")], "🎬 Clip"),
        ("PostClip", (_, _, false)) => {
            way(&[Publisher, Announced], &[Say("/golive"), Say("/look"), Tap("🎬 Clip")], "📣 Post in")
        }
        ("Run.Recordings", (_, _, false)) => way(&[], &[Say("/settings")], "Recordings"),
        ("Run.Language", (_, true, _)) => way(&[], &[Hide("/language")], "go on"),
        ("Run.Settings", (_, true, _)) => way(&[], &[Hide("/settings")], "go on"),
        ("Run.AddTarget", (.., true)) => behind(add, &[Say(PASTE), Tap("Save")], &[], "Add another"),
        ("Run.GoLive", (.., true)) => behind(add, &[Say(PASTE), Tap("Save")], &[], "🔴 Go live"),
        ("Run.Ingest", (.., true)) => behind(add, &[Say(PASTE), Tap("Save")], &[], "Camera"),
        ("Run.Targets", (.., true)) => way(&[Publisher], &[Door("")], "Platforms"),
        ("Run.Check", (.., true)) => behind(detail, &[Tap("‹ Back")], &[], "Test all"),
        ("Run.Check", _) => behind(list, &[], &[], "Test all"),
        ("Private.AddTarget", (_, true, _)) => way(&[], &[Say("/addtarget")], "Go on in private"),
        ("Private.Ingest", (_, true, _)) => way(&[], &[Say("/ingest")], "Go on in private"),
        ("Private.Keys", (_, true, _)) => way(&[], &[Say("/mykeys")], "Go on in private"),
        ("Run.Announce", (_, true, _)) => way(&[], &[Hide("/announce")], "go on"),
        ("Private.Announce", (_, true, _)) => way(&[], &[Say("/announce")], "In other chats"),
        ("AnnounceHere", (_, true, _)) => way(&[], &[Say("/announce")], "Announce Matrix"),
        ("Unannounce", (_, true, _)) => way(&[], &[Say("/announce"), Tap("Announce Matrix")], "Take out Matrix"),
        ("Private.Duty", (_, true, _)) => way(&[], &[Say("/settings")], "On duty"),
        ("Duty", (.., true)) => way(&[], &[Say("/settings"), Door("On duty")], "Go off duty"),
        ("Mute", (.., true)) => way(&[Publisher], &[Say("/golive"), Door("")], "Mute for 1 h"),
        ("Mute", (true, ..)) => way(&[Publisher], &[Say("/golive")], "Mute for 1 h"),
        ("Language", (_, _, false)) => way(&[], &[Say("/language")], "中文"),
        ("Pin", (_, _, false)) => way(&[], &[Say("/settings")], "Pin the panel"),
        ("Recording.Page", (_, _, false)) => way(&[Recorded], &[Say("/recordings"), Tap(RECORDED)], "‹ Back"),
        ("Recording.Record", (_, _, false)) => way(&[], &[Say("/recordings")], "Record shows"),
        ("Recording.Show", (_, _, false)) => way(&[Recorded], &[Say("/recordings")], RECORDED),
        ("Recording.Send", (_, _, false)) => way(&[Recorded], &[Say("/recordings"), Tap(RECORDED)], "Send it here"),
        ("Recording.Delete", (_, _, false)) => way(&[Recorded], &[Say("/recordings"), Tap(RECORDED)], "Delete"),
        ("Run.Watch", (_, true, _)) => way(&[], &[Hide("/watch")], "go on"),
        ("Watch.Show", (_, _, false)) => way(&[Watched], &[Say("/watch"), Tap("New link")], "‹ Back"),
        ("Watch.Open", (_, _, false)) => way(&[], &[Say("/watch")], "Turn the page on"),
        ("Watch.Close", (_, _, false)) => way(&[Watched], &[Say("/watch")], "Turn it off"),
        ("Watch.RenewAsk", (_, _, false)) => way(&[Watched], &[Say("/watch")], "New link"),
        ("Watch.Renew", (_, _, false)) => way(&[Watched], &[Say("/watch"), Tap("New link")], "Make a new link"),
        ("Weekly.Ask", (_, _, false)) => way(&[], &WEEKLY[..1], "Weekly show"),
        ("Weekly.Day", (_, _, false)) => way(&[], &WEEKLY[..2], "Sun"),
        ("Weekly.Hour", (_, _, false)) => way(&[], &WEEKLY[..3], "20:00"),
        ("Weekly.Minute", (_, _, false)) => way(&[], &WEEKLY[..4], "20:15"),
        ("Weekly.Set", (_, _, false)) => way(&[], &WEEKLY[..5], "Beijing"),
        ("Weekly.Off", (_, _, false)) => way(&[], &WEEKLY, "No weekly show"),
        ("SetHold", (_, _, false)) => way(&[], &[Say("/settings")], "20 min"),
        ("Operators", (_, true, _)) => way(&[], &[Say("/settings")], "Who may operate"),
        ("SetPolicy", (_, true, _)) => {
            let label = if cell.place == "named" { "Any admin" } else { "Admins whom I name" };
            way(&[], &[Say("/settings"), Tap("Who may operate")], label)
        }
        ("Operator", (_, true, _)) => way(&[Named], &[Say("/settings"), Tap("Who may operate")], "Xi"),
        ("Platform", (true, ..) | (.., true)) => behind(add, &[], &[], "Twitch"),
        ("Tiles", (true, ..) | (.., true)) => behind(add, &[], &[], "More platforms"),
        ("Cancel", (true, ..) | (.., true)) => behind(add, &[], &[], "Cancel"),
        ("Save", (true, ..) | (.., true)) => behind(add, &[Say(PASTE)], &[], "Save"),
        ("Draft.Servers", (true, ..) | (.., true)) => behind(add, &[Say(BILIBILI)], &[], "Other server"),
        ("Draft.Server", (true, ..) | (.., true)) => behind(add, &[Say(BILIBILI), Tap("Other server")], &[], "2"),
        ("Draft.Show", (true, ..) | (.., true)) => behind(add, &[Say(BILIBILI), Tap("Other server")], &[], "‹ Back"),
        ("ChangeName", (true, ..) | (.., true)) => behind(add, &[Say(PASTE)], &[], "Change name"),
        ("Page", _) => behind(detail, &[], &[], "‹ Back"),
        ("Target.Show", (.., true)) => behind(detail, &[Tap("‹ Back")], &[], "Alpha"),
        ("Target.Show", _) => behind(list, &[], &[], "Alpha"),
        ("Target.On", _) => behind(detail, &[], &[Off], "Switch on"),
        ("Target.Off", _) => behind(detail, &[], &[], "Switch off"),
        ("Target.Test", _) => behind(detail, &[], &[], "Test"),
        ("Target.Servers", _) => behind(detail, &[], &[], "Other server"),
        ("Target.Server", _) => behind(detail, &[Tap("Other server")], &[], "2"),
        ("Target.Place", _) => behind(detail, &[], &[Two], "↓ Down"),
        ("Target.Remove", _) => behind(detail, &[], &[], "Remove"),
        ("Target.Restore", _) => behind(detail, &[Tap("Remove")], &[], "Undo"),
        ("Target.Rekey", _) => behind(detail, &[], &[], "New key"),
        ("Target.Rename", _) => behind(detail, &[], &[], "Rename"),
        ("Target.Link", _) => behind(detail, &[], &[], "Watch link"),
        ("Target.DropLink", (true, ..) | (.., true)) => {
            behind(detail, &[Tap("Watch link")], &[Linked], "Remove the link")
        }
        ("Target.Retry", (.., true)) => way(&[Publisher], &[Say("/golive"), Door("")], "Retry now"),
        ("Target.Retry", _) => way(&[Publisher], &[Say("/golive")], "Retry Alpha"),
        ("Target.LeaveOut", (.., true)) => way(&[Publisher], &[Say("/golive"), Door("")], "Switch off Alpha"),
        ("Target.LeaveOut", _) => way(&[Publisher], &[Say("/golive")], "Switch off Alpha"),
        ("EndNow", (.., true)) => way(&[Publisher], &[Say("/golive"), Stop, Door("")], "End now"),
        ("EndNow", _) => way(&[Publisher], &[Say("/golive"), Stop], "End now"),
        ("KeepHolding", (.., true)) => way(&[Publisher], &[Say("/golive"), Stop, Door("")], "Keep me on air"),
        ("KeepHolding", _) => way(&[Publisher], &[Say("/golive"), Stop], "Keep me on air"),
        ("StopNow", (_, _, false)) => way(&[], &[Say("/golive"), Say("/stoplive")], "Stop now"),
        ("KeepLive", (_, _, false)) => way(&[], &[Say("/golive"), Say("/stoplive")], "Keep it live"),
        ("Withdraw", (true, ..)) => way(&[Own], &[Say("/mykeys")], "Withdraw Alpha"),
        ("Withdraw", (.., true)) => way(&[Own], &[Door(""), Say("/mykeys")], "Withdraw Alpha"),
        ("WithdrawPull", (true, ..)) => way(&[Pull], &[Say("/mykeys")], "Withdraw 127"),
        ("WithdrawPull", (.., true)) => way(&[Pull], &[Door(""), Say("/mykeys")], "Withdraw 127"),
        ("KeysPage", (true, ..)) => way(&[Own, Many], &[Say("/mykeys")], "Next"),
        ("KeysPage", (.., true)) => way(&[Own, Many], &[Door(""), Say("/mykeys")], "Next"),
        ("ForgetAll", (true, ..)) => way(&[Own], &[Say("/forget")], "Forget everything"),
        ("Encoder", (true, ..) | (.., true)) => behind(ingest, &[], &[], "Larix"),
        ("ShowKey", (true, ..) | (.., true)) => behind(ingest, &[], &[], "Show the key"),
        ("RenewAsk", (true, ..) | (.., true)) => behind(ingest, &[], &[], "New key"),
        ("Renew", (true, ..) | (.., true)) => behind(ingest, &[Tap("New key")], &[], "Make a new key"),
        ("Source.Pull", (true, ..) | (.., true)) => behind(ingest, &[], &[], "Take it from a URL"),
        ("Source.AskUrl", (true, ..) | (.., true)) => {
            behind(ingest, &[Tap("Take it from a URL")], &[Pull], "Another URL")
        }
        ("Source.StopPull", (true, ..) | (.., true)) => {
            behind(ingest, &[Tap("Take it from a URL")], &[Pull], "Stop pulling")
        }
        ("Source.Play", (true, ..) | (.., true)) => behind(ingest, &[], &[], "📺 Let others play it"),
        ("Source.Share", (true, ..) | (.., true)) => {
            behind(ingest, &[Tap("📺 Let others play it")], &[], "✅ Let others play it")
        }
        ("Source.Unshare", (true, ..) | (.., true)) => {
            behind(ingest, &[Tap("📺 Let others play it")], &[Shared], "Turn it off")
        }
        ("Source.RenewAsk", (true, ..) | (.., true)) => {
            behind(ingest, &[Tap("📺 Let others play it")], &[Shared], "New read key")
        }
        ("Source.Renew", (true, ..) | (.., true)) => {
            behind(ingest, &[Tap("📺 Let others play it"), Tap("New read key")], &[Shared], "Make a new key")
        }
        ("Source.Retry", (_, _, false)) => way(&[Pull], &[Say("/golive")], "Retry the URL now"),
        _ => None,
    }
}

/// The way to a button of the host's, whose own studio is called Olivia.
fn host(row: &str) -> Option<Way> {
    const ADMIN: Step = Say("/admin");
    const FOUND: &[Step] = &[Say("/start"), Say("/golive"), Say("/admin Olivia"), Tap("Olivia")];
    let (needs, steps, label): (&[Need], Vec<Step>, _) = match row {
        "Host.Home" => (&[], vec![ADMIN, Tap("All studios")], "‹ Back"),
        "Host.Studios" => (&[], vec![ADMIN], "All studios"),
        "Host.Studio" => (&[], vec![Say("/start"), Say("/admin Olivia")], "Olivia"),
        "Host.StopAsk" => (&[], FOUND.into(), "⏹ Stop"),
        "Host.Stop" => (&[], [FOUND, &[Tap("⏹ Stop")]].concat(), "⏹ Stop now"),
        "Host.Drain" => (&[], vec![ADMIN], "Drain for upgrade"),
        "Host.Invites" => (&[], vec![ADMIN], "Invite"),
        "Host.Invite" => (&[], vec![ADMIN, Tap("Invite")], "For 10,"),
        "Host.Revoke" => (&[], vec![ADMIN, Tap("Invite"), Tap("For 10,"), ADMIN, Tap("Invite")], "Take back 1"),
        "Host.Requests" => (&[Stranger], vec![ADMIN], "Requests"),
        "Host.Request" => (&[Stranger], vec![ADMIN, Tap("Requests")], "Sasha"),
        "Host.Block" => (&[Stranger], vec![ADMIN, Tap("Requests"), Tap("Sasha")], "Block"),
        "Host.BlockStudio" => (&[Guest], vec![Say("/admin Sasha"), Tap("Sasha")], "Block"),
        "Host.Limits" => (&[], FOUND.into(), "Mbit/s"),
        "Host.SetLimit" => (&[], [FOUND, &[Tap("Mbit/s")]].concat(), "20 Mbit/s"),
        _ => return None,
    };
    Some(Way { needs: needs.into(), steps, label })
}

/// Whether what it does is seen in the store.
pub(super) fn changes(row: &str) -> bool {
    matches!(
        row,
        "/golive"
            | "Run.GoLive"
            | "Language"
            | "SetHold"
            | "SetPolicy"
            | "Operator"
            | "AskAccess"
            | "Admit"
            | "Save"
            | "Target.On"
            | "Target.Off"
            | "Target.Server"
            | "Target.Place"
            | "Target.Remove"
            | "Target.Restore"
            | "Target.DropLink"
            | "Target.LeaveOut"
            | "Withdraw"
            | "WithdrawPull"
            | "ForgetAll"
            | "Renew"
            | "Source.StopPull"
            | "Source.Share"
            | "Source.Unshare"
            | "Source.Renew"
            | "Host.Stop"
            | "Host.Drain"
            | "Host.Invite"
            | "Host.Revoke"
            | "Host.Block"
            | "Host.BlockStudio"
            | "Host.SetLimit"
            | "StopNow"
            | "EndNow"
            | "AnnounceHere"
            | "Unannounce"
            | "Duty"
            | "Pin"
            | "Recording.Record"
            | "Watch.Open"
            | "Watch.Close"
            | "Watch.Renew"
            | "Weekly.Set"
            | "Weekly.Off"
            | "Mute"
    )
}

/// Whether a group is told by a line who did it: all that changes what is the group's.
pub(super) fn is_told(row: &str) -> bool {
    let alone = matches!(row, "AskAccess" | "Admit" | "ForgetAll" | "Renew" | "Mute") || row.starts_with("Host.");
    (changes(row) && !alone) || matches!(row, "KeepHolding" | "Recording.Delete")
}
