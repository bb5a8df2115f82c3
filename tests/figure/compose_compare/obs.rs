//! OBS Studio without a screen: a virtual display, drawn in software, and a profile that is one case.

use super::cases::Case;
use crate::bed::proc::Proc;
use crate::bed::{Result, fault};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A picture as small as it gets, so that many can run.
const BASIC: &str = "[General]\nName=Push\n[Output]\nMode=Simple\nReconnect=false\n\
                     [SimpleOutput]\nVBitrate=200\nABitrate=64\nStreamEncoder=x264\n\
                     [Video]\nBaseCX=320\nBaseCY=180\nOutputCX=320\nOutputCY=180\nFPSType=0\nFPSCommon=10\n";
/// What it writes at its first start, without which it asks its user first.
const GLOBAL: &str = "[General]\nFirstRun=true\n\
                      [Basic]\nProfile=Push\nProfileDir=Push\nSceneCollection=Push\nSceneCollectionFile=Push\n";
const SCENES: &str = r#"{"name":"Push","current_scene":"Scene","current_program_scene":"Scene",
    "scene_order":[{"name":"Scene"}],"sources":[{"id":"scene","name":"Scene","settings":{}}]}"#;

/// A display that nobody sees.
#[derive(Debug)]
pub(super) struct Display {
    _proc: Proc,
    name: String,
}

impl Display {
    pub(super) async fn open(dir: &Path) -> Result<Self> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "640x480x24", "+extension", "GLX", "-ac", "-nolisten", "tcp"]);
        let mut proc = Proc::start("display", &command, dir)?;
        let number = |proc: &Proc| proc.log().lines().find_map(|line| line.trim().parse::<u16>().ok());
        let number = proc.wait("a display", Duration::from_secs(10), number).await?;
        Ok(Self { _proc: proc, name: format!(":{number}") })
    }
}

/// OBS with nothing but this case in its settings, which begins to stream by itself.
pub(super) fn command(case: &Case, home: &Path, display: &Display) -> Result<Command> {
    let settings = home.join("obs-studio");
    let (profile, scenes) = (settings.join("basic/profiles/Push"), settings.join("basic/scenes"));
    std::fs::create_dir_all(&profile)?;
    std::fs::create_dir_all(&scenes)?;
    if case.server.contains('"') || case.key.contains('"') {
        return fault("a quote in a case");
    }
    let service = format!(
        r#"{{"type":"rtmp_custom","settings":{{"server":"{}","key":"{}","use_auth":false}}}}"#,
        case.server, case.key
    );
    std::fs::write(settings.join("global.ini"), GLOBAL)?;
    std::fs::write(profile.join("basic.ini"), BASIC)?;
    std::fs::write(profile.join("service.json"), service)?;
    std::fs::write(scenes.join("Push.json"), SCENES)?;
    let mut command = Command::new("obs");
    command.args(["--profile", "Push", "--collection", "Push", "--startstreaming", "--minimize-to-tray", "--multi"]);
    command.env("DISPLAY", &display.name).env("QT_QPA_PLATFORM", "xcb").env("LIBGL_ALWAYS_SOFTWARE", "1");
    command.env("HOME", home).env("XDG_CONFIG_HOME", home).env("XDG_RUNTIME_DIR", home);
    Ok(command)
}
