//! What the host does with the data from a terminal: `telecast export`, `import` and `rotate-key`. Each says what it did and
//! what to do where it could not.

use super::{StartError, log, owner};
use crate::config::Config;
use crate::store::{self, KeySource, Keyring, OpenError, Store};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a running Telecast has to seal everything anew before this stops waiting for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Writes all that is stored to `to`; secrets stay sealed.
pub fn export(to: &Path) -> ExitCode {
    carry_out(there(), |data, key| match open(data, key) {
        Ok(store) => {
            store.export(to).map_err(|cause| format!("{} cannot be written: {cause}", to.display()))?;
            Ok(format!(
                "Written to {}. Keep it together with the master key: without that it opens nothing.",
                to.display()
            ))
        }
        Err(StartError::Store(OpenError::Locked(_))) => Err(match Store::newest_export(data) {
            Some(path) => format!(
                "a Telecast runs on this data. Its newest export, which it makes at its start and once a day, is {}",
                path.display()
            ),
            None => "a Telecast runs on this data, and has not made an export yet. Stop it first".into(),
        }),
        Err(other) => Err(other.to_string()),
    })
}

/// Puts an export in the place of what is stored.
pub fn import(from: &Path) -> ExitCode {
    carry_out(place(), |data, key| {
        let keys = Keyring::load_or_create(data, key).map_err(words)?;
        let imported = store::import(data, &keys, from).map_err(words)?;
        let before = imported.replaced.map_or_else(String::new, |path| {
            format!(" What was there before is in {}; remove it when you do not need it any more.", path.display())
        });
        Ok(format!("{} records are there now.{before} Start Telecast.", imported.records))
    })
}

/// Makes a new master key, seals everything with it, and removes the old one; a Telecast that runs does it while it goes on.
pub fn rotate_key() -> ExitCode {
    carry_out(there(), |data, key| match open(data, key) {
        Ok(store) => alone(&store, data, key),
        Err(StartError::Store(OpenError::Locked(_))) => beside(data, key),
        Err(other) => Err(other.to_string()),
    })
}

/// No Telecast runs: it is done here.
fn alone(store: &Store, data: &Path, key: &KeySource) -> Result<String, String> {
    let ring = Keyring::add_key(data, key).map_err(words)?;
    store.adopt(&ring).map_err(words)?;
    let runtime = super::runtime(false).map_err(words)?;
    let records = runtime.block_on(async {
        let records = store.reseal().await;
        store.close().await;
        records
    });
    let records = records.map_err(words)?;
    if !ring.drop_older(data, key).map_err(words)? {
        return Err("the key file was changed meanwhile, and keeps all of its keys. Ask again".into());
    }
    Ok(format!("{records} records are sealed with a new master key, and the old one is gone. {}", backup(data, key)))
}

/// A Telecast runs: it sees the new key in the file, and removes the old one when it is done.
fn beside(data: &Path, key: &KeySource) -> Result<String, String> {
    Keyring::add_key(data, key).map_err(words)?;
    // The other one reads the file from now on.
    owner::hand_over(data).map_err(words)?;
    let deadline = Instant::now() + PATIENCE;
    while Keyring::count_keys(data, key).map_err(words)? > 1 {
        if Instant::now() > deadline {
            return Err("the new master key is in its file behind the old one, but the Telecast that runs has not taken it up. \
                        Start it anew, as where systemd hands it the key; it then seals everything anew, and its log says \
                        when the old key is not needed any more"
                .into());
        }
        sleep(Duration::from_millis(200));
    }
    Ok(format!(
        "The Telecast that runs has sealed everything with a new master key, and the old one is gone. {}",
        backup(data, key)
    ))
}

fn backup(data: &Path, key: &KeySource) -> String {
    let file = key.file(data).unwrap_or_default();
    format!("Back up {}; exports and backups from before need the old key.", file.display())
}

/// Where the data and its keys are.
fn there() -> Place {
    let (data, key) = place()?;
    if Store::is_in(&data) {
        return Ok((data, key));
    }
    Err(format!("nothing is stored in {} yet. Say where it is with TELECAST_DATA", data.display()))
}

/// Where they should be, by the settings.
fn place() -> Place {
    log::init("warn");
    let config = Config::without_telegram();
    let config = config.map_err(|faults| {
        let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let settings = super::Settings::from_config(config).map_err(words)?;
    Ok((settings.data, settings.master_key))
}

fn open(data: &Path, key: &KeySource) -> Result<Store, StartError> {
    let keys = Keyring::load_or_create(data, key)?;
    Ok(Store::open(data, keys)?)
}

fn words(fault: impl Display) -> String {
    fault.to_string()
}

type Place = Result<(PathBuf, KeySource), String>;

/// Does `work` where the data is, leaves all there to whom it belongs, and says what came of it.
fn carry_out(place: Place, work: impl FnOnce(&Path, &KeySource) -> Result<String, String>) -> ExitCode {
    let outcome = place.and_then(|(data, key)| {
        let outcome = work(&data, &key);
        let handed = owner::hand_over(&data).map_err(|cause| {
            format!("what I wrote in {} cannot be given to the directory's owner ({cause})", data.display())
        });
        outcome.and_then(|said| handed.map(|()| said))
    });
    match outcome {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("Not done: {fault}.");
            ExitCode::FAILURE
        }
    }
}
