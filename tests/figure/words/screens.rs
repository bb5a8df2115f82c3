//! The screens of docs/screens, made anew; a file is written only where it does not say what the screen says today.

use super::walk::{Shot, Tongue, Walk};
use crate::bed::{Result, fault, place};
use std::path::Path;
use std::process::Command;
use telecast::demo::bot_api::{MING, OLIVIA};
use telecast::domain::id::UserId;

const EN: Tongue = Tongue {
    add: "Add platform",
    bilibili: "Bilibili",
    other: "Other RTMP server",
    save: "Save",
    saved: "is saved",
    copy_key: "Copy key",
    answers: "Save it?",
    change_name: "Change name",
    called: "be called?",
    picture: "Your picture is here",
    refuses: "Beta Live refuses the stream key",
    new_key: "New key",
    on_air: "on air",
    sending: "Beta Live · sending",
    goes_out: "What you send now",
    shows: "Bilibili shows this",
    stop_now: "Stop now",
    encoder_stopped: "was stopped",
    over: "The show is over",
    group: "Hello!",
};

const ZH: Tongue = Tongue {
    add: "添加平台",
    bilibili: "哔哩哔哩",
    other: "其他 RTMP 服务器",
    save: "保存",
    saved: "已保存",
    copy_key: "复制密钥",
    answers: "保存吗",
    change_name: "改名",
    called: "改叫什么",
    picture: "收到画面了",
    refuses: "Beta Live 拒绝了串流密钥",
    new_key: "换密钥",
    on_air: "观众可见",
    sending: "Beta Live · 推流正常",
    goes_out: "正在推出去的画面",
    shows: "哔哩哔哩 上显示的画面",
    stop_now: "立即下播",
    encoder_stopped: "已停止推流",
    over: "直播已结束",
    group: "大家好",
};

/// Those whose picture is kept; of the others, what they say.
const SHOWN: [&str; 13] = [
    "start",
    "platforms",
    "understood",
    "check",
    "camera",
    "trouble",
    "live",
    "look",
    "held",
    "targets",
    "report",
    "group",
    "admin",
];

pub(super) struct Screens {
    pub(super) count: usize,
    pub(super) buttons: usize,
    /// Files that were not today's.
    pub(super) changed: Vec<String>,
    pub(super) broken: Vec<String>,
    /// Bytes.
    pub(super) largest: u64,
}

pub(super) async fn make() -> Result<Screens> {
    let mut made = Screens { count: 0, buttons: 0, changed: Vec::new(), broken: Vec::new(), largest: 0 };
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screens");
    std::fs::create_dir_all(&docs)?;
    let scratch = place("words")?;
    for (language, user, tongue) in [("en", OLIVIA, &EN), ("zh", MING, &ZH)] {
        let shots = walked(language, user, tongue, &mut made).await?;
        let words_file = docs.join(format!("{language}.txt"));
        let known = std::fs::read_to_string(&words_file).unwrap_or_default();
        let mut words = String::new();
        for shot in &shots {
            let entry = format!("## {}\n{}\n\n", shot.name, shot.text);
            if !SHOWN.contains(&shot.name) {
                words.push_str(&entry);
                continue;
            }
            let file = docs.join(format!("{language}-{}.png", shot.name));
            if !known.contains(&entry) || !file.exists() {
                let raw = scratch.join(format!("{language}-{}.png", shot.name));
                std::fs::write(&raw, &shot.picture)?;
                shrink(&raw, &file)?;
                made.changed.push(format!("{language}-{}.png", shot.name));
            }
            made.largest = made.largest.max(std::fs::metadata(&file)?.len());
            words.push_str(&entry);
        }
        if words != known {
            std::fs::write(&words_file, words)?;
        }
    }
    Ok(made)
}

async fn walked(language: &str, user: UserId, tongue: &'static Tongue, made: &mut Screens) -> Result<Vec<Shot>> {
    let mut walk = Walk::of(user, tongue).await?;
    let shots = std::mem::take(&mut walk.shots);
    made.count += shots.len();
    made.buttons += walk.buttons;
    made.broken.extend(walk.broken.drain(..).map(|words| format!("{language}: {words}")));
    walk.close().await;
    Ok(shots)
}

/// The same picture with 72 colours.
fn shrink(from: &Path, to: &Path) -> Result<()> {
    let filter = "split[a][b];[a]palettegen=max_colors=72:stats_mode=full[p];[b][p]paletteuse=dither=none";
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-loglevel", "error", "-y", "-i"]).arg(from);
    ffmpeg.args(["-filter_complex", filter, "-compression_level", "100", "-pred", "mixed"]).arg(to);
    let ended = ffmpeg.output()?;
    if ended.status.success() { Ok(()) } else { fault(String::from_utf8_lossy(&ended.stderr)) }
}
