//! Settings through the public face.

use std::collections::HashMap;
use telecast::config::{Config, ConfigFault, SETTINGS};

const TOKEN: &str = "123456:plantedTOKEN-abcdefghijk";

fn read(settings: &[(&str, &str)]) -> Result<Config, Vec<ConfigFault>> {
    let settings: HashMap<_, _> = settings.iter().copied().collect();
    Config::from(|name| settings.get(name).map(|value| (*value).to_owned()))
}

fn with(more: &[(&'static str, &'static str)]) -> Result<Config, Vec<ConfigFault>> {
    let base = [("TELECAST_TOKEN", TOKEN), ("TELECAST_PUBLIC_ADDRESS", "rtmp://live.example.com/live")];
    read(&[&base, more].concat())
}

#[test]
fn two_settings_are_enough_and_the_rest_has_defaults() {
    let config = with(&[]).unwrap();
    assert_eq!(config.listen, "0.0.0.0:1935".parse().unwrap());
    assert_eq!(config.data.to_str(), Some("data"));
    assert_eq!(config.api_url.as_str(), "https://api.telegram.org/");
    assert!(!config.low_latency && with(&[("TELECAST_LOW_LATENCY", "yes")]).unwrap().low_latency);
    assert_eq!((config.uplink_mbps, with(&[("TELECAST_UPLINK", "50")]).unwrap().uplink_mbps), (None, Some(50)));
    assert!(config.tls.is_none() && config.proxy.is_none() && config.allow_private.is_empty());
    assert!(!format!("{config:?}").contains("planted"));
}

#[test]
fn every_fault_is_told_at_once_each_with_its_cure() {
    let faults = read(&[
        ("TELECAST_TOKEN", "plantedsecret"),
        ("TELECAST_PUBLIC_ADDRESS", "http://x/live"),
        ("TELECAST_PUBLIC_TLS_ADDRESS", "rtmp://x/live"),
        ("TELECAST_LISTEN", "1935"),
        ("TELECAST_PUBLIC_URL", "http://live.example.com"),
        ("TELECAST_LISTEN_WEB", "8080"),
        ("TELECAST_LISTEN_TLS", "1936"),
        ("TELECAST_TLS_CERT", "/nowhere/cert.pem"),
        ("TELECAST_API_URL", "api.telegram.org"),
        ("TELECAST_PROXY", "plantedproxy"),
        ("TELECAST_MASTER_KEY", "plantedmasterkey"),
        ("TELECAST_MASTER_KEY_FILE", "/nowhere/plantedkey"),
        ("TELECAST_MEMORY", "1 GB"),
        ("TELECAST_LOW_LATENCY", "maybe"),
        ("TELECAST_UPLINK", "0"),
        ("TELECAST_RECORDINGS", "all"),
        ("TELECAST_RECORDINGS_DAYS", "0"),
        ("TELECAST_ALLOW_PRIVATE", "10.0.0.0/8, everything"),
        ("TELECAST_EXTRA_CA", "/"),
        ("TELECAST_CATALOGUE", "/nowhere/platforms.toml"),
        ("TELECAST_TWITCH_ID", "short"),
        ("TELECAST_TWITCH_SECRET", "planted secret with blanks"),
        ("TELECAST_TWITCH_SECRET_FILE", "/nowhere/planted"),
        ("TELECAST_KICK_ID", "planted id"),
        ("TELECAST_KICK_SECRET_FILE", "/nowhere/planted"),
        ("TELECAST_KICK_SECRET", "plantedschlüssel"),
        ("TELECAST_TROVO_ID", "planted id"),
        ("TELECAST_YOUTUBE_KEY", "planted"),
        ("TELECAST_YOUTUBE_KEY_FILE", "/nowhere/planted"),
        ("TELECAST_LOG", "telecast=loud"),
    ])
    .unwrap_err();
    let names: Vec<_> = faults.iter().map(|fault| fault.name).collect();
    for name in SETTINGS.iter().map(|(name, _)| *name).filter(|n| !["TELECAST_DATA", "TELECAST_TOKEN_FILE"].contains(n))
    {
        assert_eq!(names.iter().filter(|n| **n == name).count(), 1, "{name} in {names:?}");
    }
    for fault in &faults {
        assert!(!fault.problem.is_empty() && !fault.cure.is_empty());
        assert!(!fault.to_string().contains("planted"), "{fault}");
    }
    let nothing: Vec<_> = read(&[]).unwrap_err().into_iter().map(|fault| fault.name).collect();
    assert_eq!(nothing, ["TELECAST_TOKEN", "TELECAST_PUBLIC_ADDRESS"]);
}

#[test]
fn token_and_master_key_come_from_files_or_credentials_too() {
    use secrecy::ExposeSecret;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("token"), format!("{TOKEN}\n")).unwrap();
    std::fs::write(dir.path().join("master_key"), "x").unwrap();
    let address = ("TELECAST_PUBLIC_ADDRESS", "rtmp://live.example.com/live");
    let path = dir.path().to_str().unwrap();
    let config = read(&[address, ("CREDENTIALS_DIRECTORY", path)]).unwrap();
    assert_eq!(config.token.expose_secret(), TOKEN);
    assert_eq!(config.master_key_file, Some(dir.path().join("master_key")));
    let set =
        read(&[address, ("TELECAST_TOKEN", TOKEN), ("TELECAST_MASTER_KEY", &format!("{0},{0}", "ab".repeat(32)))])
            .unwrap();
    assert_eq!(set.master_key.unwrap().expose_secret().len(), 129);
    let file = format!("{path}/token"); // readable by everyone, as a master key must not be
    let faults = with(&[("TELECAST_MASTER_KEY_FILE", file.clone().leak())]).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(read(&[address, ("TELECAST_TOKEN_FILE", &file)]).unwrap().token.expose_secret(), TOKEN);
    let faults = read(&[address, ("TELECAST_TOKEN_FILE", "/nowhere/token")]).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
}

#[test]
fn what_the_host_registered_with_platforms_comes_whole_or_not_at_all() {
    use secrecy::ExposeSecret;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    std::fs::write(dir.path().join("kick_secret"), "plantedkicksecret\n").unwrap();
    let file = format!("{path}/key");
    std::fs::write(&file, "\nplantedyoutubekey\n").unwrap();
    let address = ("TELECAST_PUBLIC_ADDRESS", "rtmp://live.example.com/live");
    let all = [
        address,
        ("TELECAST_TOKEN", TOKEN),
        ("CREDENTIALS_DIRECTORY", path),
        ("TELECAST_TWITCH_ID", "twitchclientid"),
        ("TELECAST_TWITCH_SECRET", "plantedtwitchsecret"),
        ("TELECAST_KICK_ID", "kickclientid"),
        ("TELECAST_TROVO_ID", "trovoclientid"),
        ("TELECAST_YOUTUBE_KEY_FILE", &file),
    ];
    let config = read(&all).unwrap();
    assert!(!format!("{config:?}").contains("planted"));
    let opened: Vec<_> = config
        .apps
        .iter()
        .map(|app| {
            let text = |secret: &Option<secrecy::SecretString>| secret.as_ref().map(|s| s.expose_secret().to_owned());
            (app.platform, text(&app.id), text(&app.secret))
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        opened,
        [
            ("twitch", some("twitchclientid"), some("plantedtwitchsecret")),
            ("kick", some("kickclientid"), some("plantedkicksecret")),
            ("trovo", some("trovoclientid"), None),
            ("youtube", None, some("plantedyoutubekey")),
        ]
    );
    assert!(with(&[]).unwrap().apps.is_empty());
    for (set, lacks) in [
        (("TELECAST_TWITCH_ID", "twitchclientid"), "TELECAST_TWITCH_SECRET"),
        (("TELECAST_KICK_SECRET", "plantedsecret"), "TELECAST_KICK_ID"),
    ] {
        let faults = with(&[set]).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.name).collect::<Vec<_>>(), [lacks]);
    }
}

#[test]
fn everything_that_can_be_set_is_taken() {
    let config = with(&[
        ("TELECAST_LISTEN", "[::]:1936"),
        ("TELECAST_LISTEN_TLS", "0.0.0.0:443"),
        ("TELECAST_TLS_CERT", "Cargo.toml"),
        ("TELECAST_TLS_KEY", "Cargo.toml"),
        ("TELECAST_PUBLIC_TLS_ADDRESS", "rtmps://live.example.com:443/live/"),
        ("TELECAST_PROXY", "socks5h://u:plantedpassword@host:1080"),
        ("TELECAST_ALLOW_PRIVATE", "10.0.0.0/8, 192.168.1.5"),
        ("TELECAST_LOG", "info,telecast=debug"),
    ])
    .unwrap();
    assert_eq!(config.tls.as_ref().unwrap().listen.port(), 443);
    assert_eq!(config.public_tls_address.as_ref().unwrap().as_str(), "rtmps://live.example.com:443/live");
    assert_eq!(config.allow_private.len(), 2);
    assert!(config.proxy.is_some() && !format!("{config:?}").contains("planted"));
}

#[test]
fn the_example_file_and_the_code_name_the_same_settings_and_defaults() {
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.env.example")).unwrap();
    let mut shown: Vec<(&str, &str)> = file
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('='))
        .filter(|(name, _)| name.starts_with("TELECAST_") && !name.contains(' '))
        .collect();
    let mut known = SETTINGS.to_vec();
    shown.sort_unstable();
    known.sort_unstable();
    assert_eq!(shown, known);
    // What is not switched off would be set, so only the required ones may be.
    let on: Vec<_> = file.lines().filter(|line| line.starts_with("TELECAST_")).collect();
    assert_eq!(on, ["TELECAST_TOKEN=", "TELECAST_PUBLIC_ADDRESS="]);
    // And the code asks for no other.
    let asked = std::sync::Mutex::new(Vec::new());
    let _ = Config::from(|name| {
        asked.lock().unwrap().push(name.to_owned());
        None
    });
    let mut asked = asked.into_inner().unwrap();
    asked.retain(|name| name != "CREDENTIALS_DIRECTORY");
    asked.sort();
    asked.dedup();
    assert_eq!(asked, known.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

/// A full-width comma is quickly typed, and the filter's own reader panics at it.
#[test]
fn a_log_filter_of_other_letters_is_a_fault_like_any() {
    for filter in ["info，telecast=debug", "télecast=debug", " l�=debug"] {
        let faults = with(&[("TELECAST_LOG", filter)]).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.name).collect::<Vec<_>>(), ["TELECAST_LOG"], "{filter}");
    }
}
