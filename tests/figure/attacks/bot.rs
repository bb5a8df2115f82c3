//! A31 to A35: the chat, what else listens, and what Telecast is built of.

use super::house::House;
use crate::bed::siege::{Ground, Outcome, SOON};
use crate::bed::{Result, until};
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{Action, MING, OLIVIA, Phone, Rights, Role, SAM, WEEKEND_SHOW};
use tokio::time::sleep;

pub(super) async fn a31(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let phone = house.studio.phone.clone();
    phone.add_bot(OLIVIA, WEEKEND_SHOW)?;
    let (own, sams) = (house.studio.chat(), Phone::private(SAM));
    // Every button that Olivia has ever had, tapped by somebody else, and by her under another message.
    let said = house.studio.say("/status")?;
    sleep(Duration::from_secs(1)).await;
    let said_too = house.studio.say("/targets")?;
    sleep(Duration::from_secs(1)).await;
    let buttons: Vec<(i32, String)> = phone
        .messages(own)
        .into_iter()
        .filter(|message| message.by_bot)
        .flat_map(|m| m.keyboard.into_iter().flatten().map(move |b| (m.id, b.action)))
        .filter_map(|(id, action)| if let Action::Data(data) = action { Some((id, data)) } else { None })
        .collect();
    phone.say(SAM, sams, "/start")?;
    let forged = |user, chat, message, data: &str| phone.forge_tap(user, chat, message, data).is_ok();
    let mut taps = 0;
    for (message, data) in &buttons {
        for (user, chat) in [(SAM, sams), (SAM, WEEKEND_SHOW), (MING, WEEKEND_SHOW)] {
            taps += usize::from(forged(user, chat, *message, data));
        }
        let mut changed = data.clone();
        let last = changed.pop().unwrap_or('x');
        changed.push(if last == 'A' { 'B' } else { 'A' });
        taps += usize::from(forged(SAM, sams, *message, &changed));
    }
    for data in ["", "stop", "1", "Deed::Stop", "../../", "\u{0}", &"A".repeat(64)] {
        taps += usize::from(forged(SAM, sams, 1, data));
    }
    // Commands by those who may not, in every manner.
    let mut commands = 0;
    for command in
        ["/stoplive now", "/golive", "/addtarget", "/targets", "/ingest", "/settings", "/links", "/mykeys", "/admin"]
    {
        for (user, chat) in [(SAM, sams), (SAM, WEEKEND_SHOW)] {
            let text = if chat == WEEKEND_SHOW { format!("{command}@telecast_demo_bot") } else { command.to_owned() };
            commands += usize::from(phone.say(user, chat, &text).is_ok());
        }
        commands += usize::from(phone.forward(SAM, sams, OLIVIA, command).is_ok());
    }
    // Her own words, forwarded or edited into a command, are none.
    phone.forward(OLIVIA, own, OLIVIA, "/stoplive now")?;
    let harmless = phone.say(OLIVIA, own, "hello")?;
    phone.edit(own, harmless, "/stoplive now")?;
    for payload in ["claim", "o", "0", "AAAAAAAAAAAAAAAAAAAAAA", &"x".repeat(64)] {
        let _ = phone.open_link(SAM, &format!("https://t.me/telecast_demo_bot?start={payload}"));
    }
    sleep(Duration::from_secs(3)).await;
    let leaked: Vec<String> = [sams, WEEKEND_SHOW]
        .into_iter()
        .flat_map(|chat| phone.messages(chat))
        .filter(|message| message.by_bot)
        .map(|message| message.text().to_owned())
        .filter(|text| text.contains("Alpha") || text.contains(&house.key) || text.contains("live for you"))
        .collect();
    let on = house.is_on() && said_too > said;
    let measured = format!(
        "{taps} forged taps, {commands} commands of others, forwarded, edited, deep links: the show goes on {on}, {} answers \
         tell of it {leaked:?}; every role and command: `tests/figures rights`",
        leaked.len()
    );
    house.end(measured, on && leaked.is_empty() && taps > 20, 8).await
}

pub(super) async fn a32(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let phone = house.studio.phone.clone();
    phone.add_bot(OLIVIA, WEEKEND_SHOW)?;
    phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    let posts = [
        "rtmp://live.twitch.tv/app live_100200300_canarypostedkeyofming",
        "/addtarget@telecast_demo_bot rtmp://live.twitch.tv/app live_100200300_canarypostedkeyofming",
    ];
    let (mut gone, mut slowest) = (0, Duration::ZERO);
    for post in posts {
        let began = Instant::now();
        let posted = phone.say(MING, WEEKEND_SHOW, post)?;
        if until("its end", SOON, || phone.deletions(WEEKEND_SHOW).contains(&posted).then_some(())).await.is_ok() {
            gone += 1;
            slowest = slowest.max(began.elapsed());
        }
    }
    let told = || {
        let all = phone.messages(WEEKEND_SHOW).into_iter();
        all.filter(|m| m.by_bot)
            .find(|m| m.text().contains("Somebody posted a stream key"))
            .map(|m| m.text().to_owned())
    };
    let told = until("words", SOON, told).await;
    let echoed = phone.messages(WEEKEND_SHOW).iter().filter(|m| m.by_bot && m.text().contains("canary")).count();
    let measured = format!(
        "{gone} of 2 deleted within {} ms, told to make a new key: {}, {echoed} answers repeat it",
        slowest.as_millis(),
        told.as_ref().is_ok_and(|text| text.contains("new key"))
    );
    house.end(measured, gone == 2 && told.is_ok() && echoed == 0, 0).await
}

fn size_of(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(
            |entry| {
                if entry.path().is_dir() { size_of(&entry.path()) } else { entry.metadata().map_or(0, |m| m.len()) }
            },
        )
        .sum()
}

pub(super) async fn a33(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let phone = house.studio.phone.clone();
    let sams = Phone::private(SAM);
    let (data, before) = (house.studio.data(), phone.messages(sams).len());
    let disk = size_of(&data);
    let long = "x".repeat(4_096);
    for number in 0..1_000 {
        let text = match number % 5 {
            0 => "/start".to_owned(),
            1 => format!("/addtarget rtmp://host{number}.example/live key-number-{number}-of-sams"),
            2 => long.clone(),
            3 => format!("/start {number}"),
            _ => "😀".repeat(1_000),
        };
        phone.say(SAM, sams, &text)?;
    }
    let mut slowest = Duration::ZERO;
    for _ in 0..5 {
        let began = Instant::now();
        let said = house.studio.say("/help")?;
        house.studio.answer(said, "/golive").await?;
        slowest = slowest.max(began.elapsed());
        sleep(Duration::from_millis(500)).await;
    }
    // Who owns the place floods it too, up to its quota.
    for number in 0..40 {
        house.studio.say(&format!("/addtarget rtmp://127.0.0.1:9/live{number} key-number-{number}-of-olivias"))?;
    }
    until("all to be dealt with", SOON * 4, || (phone.unconfirmed() == 0).then_some(())).await?;
    let answers = phone.messages(sams).iter().filter(|m| m.by_bot).count();
    let (grown, trips) = (size_of(&data).saturating_sub(disk) >> 10, phone.flood_trips());
    let measured = format!(
        "1,000 messages of a stranger at once, to 4,096 characters: {answers} answers, the owner answered within {} ms beside \
         them; {trips} times too much for Telegram; the store +{grown} KiB (chats before: {before})",
        slowest.as_millis()
    );
    let good = answers <= 20 && slowest <= Duration::from_secs(5) && trips == 0 && grown <= 4_096;
    house.end(measured, good, 0).await
}

/// Where a program listens.
fn listening(id: u32) -> Result<Vec<SocketAddr>> {
    let links =
        std::fs::read_dir(format!("/proc/{id}/fd"))?.flatten().filter_map(|fd| std::fs::read_link(fd.path()).ok());
    let sockets: HashSet<String> = links
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let mut found = Vec::new();
    for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in std::fs::read_to_string(file)?.lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [_, local, _, "0A", _, _, _, _, _, inode, ..] = words[..]
                && sockets.contains(inode)
                && let Some((ip, port)) = local.split_once(':')
            {
                let port = u16::from_str_radix(port, 16)?;
                let ip = u32::from_str_radix(&ip[ip.len() - 8..], 16)?.swap_bytes();
                found.push((Ipv4Addr::from_bits(ip), port).into());
            }
        }
    }
    Ok(found)
}

pub(super) async fn a34(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let found = listening(house.studio.telecast.id())?;
    let only = found == [house.ingest];
    // And what an HTTP client gets there.
    let mut one =
        crate::bed::siege::stranger::Stranger::connect(house.ingest, crate::bed::siege::stranger::host(34, 0)).await?;
    one.send(b"GET /metrics HTTP/1.0\r\n\r\n").await;
    let said = one.listen(Duration::from_secs(1)).await;
    let measured = format!("listens at {found:?} alone: {only}; GET /metrics there: {} bytes", said.len());
    house.end(measured, only && said.is_empty(), 0).await
}

pub(super) async fn a35(_: &Ground) -> Result<Outcome> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = std::fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let at = |path: &[&str]| path.iter().try_fold(&manifest, |table, key| table.get(*key)?.as_table()).cloned();
    let checked =
        at(&["profile", "release"]).and_then(|profile| profile.get("overflow-checks")?.as_bool()) == Some(true);
    let safe =
        at(&["lints", "rust"]).and_then(|lints| Some(lints.get("unsafe_code")?.as_str()? == "forbid")) == Some(true);
    let cargo = |arguments: &[&str]| Command::new("cargo").args(arguments).current_dir(root).output();
    // Of this machine alone: packages for others may never have been fetched here.
    let locked = cargo(&["tree", "--locked", "--offline"])?.status.success();
    let lock: toml::Table = std::fs::read_to_string(root.join("Cargo.lock"))?.parse()?;
    let packages = lock.get("package").and_then(|all| all.as_array()).map_or(0, Vec::len);
    let sources = lock.get("package").and_then(|all| all.as_array()).into_iter().flatten();
    let foreign = sources
        .filter_map(|one| one.get("source")?.as_str())
        .filter(|source| !source.contains("crates.io-index"))
        .count();
    let deny = if cargo(&["deny", "--version"])?.status.success() {
        let said = cargo(&["deny", "--offline", "check"])?;
        Some(said.status.success())
    } else {
        None
    };
    let shown = match deny {
        Some(true) => "passes",
        Some(false) => "FAILS",
        None => "is not installed here, tests/run runs it where it is",
    };
    let measured = format!(
        "unsafe code forbidden: {safe}; overflow checked in releases: {checked}; Cargo.lock in force: {locked}, {packages} \
         packages, {foreign} from elsewhere than crates.io; cargo deny {shown}"
    );
    Ok(Outcome::of(measured, safe && checked && locked && foreign == 0 && deny != Some(false)))
}
