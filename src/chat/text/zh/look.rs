//! /look：看画面；/clip：截片段。

use super::span;
use crate::chat::said::Said;
use crate::chat::screen::LookView;
use crate::service::{Scene, Sound};
use std::time::Duration;

pub(super) fn look(screen: &LookView) -> String {
    match screen {
        LookView::Clip { scene, lasts, size, sound } => {
            let size = size.map(|(width, height)| format!("，{width}×{height}")).unwrap_or_default();
            let time = lasts.as_secs_f32();
            let facts = format!("最近 {time:.1} 秒{size}");
            let mut text = match scene {
                Scene::OnAir => format!("<b>👁 正在推出去的画面</b>：{facts}。"),
                Scene::Past => format!("<b>🎬 刚才的 {time:.0} 秒直播</b>{size}。"),
                Scene::Before => format!("<b>👁 收到的画面</b>：{facts}。还没有播出，观众看不到。"),
                Scene::Held => return format!("<b>👁 推流断了，我正用这个画面替你保持直播</b>：{facts}。"),
            };
            text += match sound {
                Sound::There => "",
                Sound::Silent => {
                    "\n\n🔇 <b>里面没有声音，一直静音。</b>用 OBS 请看混音器的音量条动不动；用手机推流或会议软件请取消静音。"
                }
                Sound::None if *scene == Scene::Past => "\n\n🔇 没有声音：推流里没有音频。",
                Sound::None => {
                    "\n\n🔇 <b>没有声音。</b>用 OBS 请检查有没有音频源、是否静音；用会议软件请同时共享声音。"
                }
                Sound::LeftOut => "\n\n只有这里听不到声音：聊天里的视频只支持 AAC 和 Opus。平台收到的声音不受影响。",
            };
            text
        }
        LookView::Shown(shown) => match shown.as_slice() {
            [(name, Some(age))] => format!("<b>📺 {name} 上显示的画面</b>：{}的截图。", old(*age)),
            [(name, None)] => format!("<b>📺 {name} 上显示的画面</b>。平台没有注明截图时间。"),
            all => {
                let line = |(at, (name, age)): (usize, &(Said, Option<Duration>))| {
                    format!("\n{}. {name}：{}", at + 1, age.map_or("时间未知".into(), old))
                };
                format!("<b>📺 各平台上显示的画面</b>（按图片顺序）：{}", all.iter().enumerate().map(line).collect::<String>())
            }
        },
        LookView::NoSource => {
            "<b>没有收到推流，看不到画面。</b>\n\n请先开始推流（服务器和密钥见 /ingest），再发 /look。".into()
        }
        LookView::NoPicture => "<b>刚才没有收到能作为视频开头的画面。</b>\n\n请稍后再试。如果一直这样，请把编码器的关键帧间隔设为 2 秒，各平台也是这样要求的。".into(),
        LookView::SoundOnly => "<b>只收到声音，没有画面。</b>\n\n用 OBS 请检查有没有视频源，用手机推流请打开摄像头，然后再试。".into(),
        LookView::SilenceOnly => "<b>推流断了，现在推出去的只有静音。</b>\n\n没法定格你最后的画面。下次请在推流端设置：关键帧间隔 2 秒，使用封闭 GOP（closed GOP），关闭帧内刷新（intra refresh）。".into(),
        LookView::Codec(codec) => {
            let codec = codec.map(|codec| format!("（{codec}）")).unwrap_or_default();
            format!("<b>这个画面在这里看不了：聊天里的视频不支持它的编码{codec}。</b>\n\n支持它的平台照常收到。改用 H.264、HEVC 或 AV1 就能在这里看。")
        }
        LookView::TooLong => "<b>最近这段画面太大，一条消息放不下。</b>\n\n请把编码器的关键帧间隔设为 2 秒，再发 /look。".into(),
        LookView::UnderWay => "<b>上一段画面还在发送。</b>\n\n我一次只发一段，把带宽留给直播。".into(),
        LookView::NotOn => "<b>现在没有直播，没有片段可截。</b>\n\n直播时我会留着最近一分钟：发 /clip 取最后 30 秒，发 /clip 60 取一整分钟。".into(),
        LookView::Disk { full } => {
            let why = if *full { "服务器磁盘满了" } else { "服务器磁盘写不进去" };
            format!("<b>最近一分钟没能留下，截不了片段。</b>{why}。直播不受影响。\n\n请告诉这个群播的管理者。/look 照常能用。")
        }
        LookView::NotSent => "<b>Telegram 没有收下这段视频。</b>直播不受影响。\n\n请再试一次。在群里，请把我设为管理员，或允许成员发送视频。".into(),
    }
}

/// `约 40 秒前`。
fn old(age: Duration) -> String {
    if age.as_secs() < 10 { "几秒前".into() } else { format!("约 {}前", span(age)) }
}
