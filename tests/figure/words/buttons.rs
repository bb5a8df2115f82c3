//! Each button of each language in a browser, with as many of its kind beside it as `chat/rows` lets share a row.

use crate::bed::browser::Browser;
use crate::bed::{Fault, Result};
use serde_json::{Value, json};
use telecast::demo::bot_api::{BotApi, Setup, World};

/// A phone's page, pixels.
pub(super) const PHONE: (u32, u32) = (360, 740);

/// Buttons that need more than a line, or are wider than their place.
pub(super) const BROKEN: &str = "[...document.querySelectorAll('.key')].filter(key => {
    const words = key.querySelector('span'), line = parseFloat(getComputedStyle(key).lineHeight);
    return words.getBoundingClientRect().height > line * 1.6 || key.scrollWidth > key.clientWidth + 1;
}).map(key => key.textContent)";

/// Puts rows of buttons into the page, as a message has them.
const DRAW: &str =
    "(() => { const list = document.getElementById('messages'); document.getElementById('talk').hidden = false;
    const make = (name, inside) => { const node = document.createElement('div'); node.className = name;
        node.append(...inside); return node; };
    const key = words => { const node = document.createElement('button'); node.className = 'key';
        const inside = document.createElement('span'); inside.textContent = words; node.append(inside); return node; };
    const rows = ROWS.map(([count, words]) => make('row', Array.from({length: count}, () => key(words))));
    const item = document.createElement('li'); item.className = 'message theirs';
    item.append(make('stack with-keyboard', [make('keyboard', rows)]));
    document.body.dataset.pane = 'talk'; list.replaceChildren(item);
    document.querySelector('.stack').style.maxWidth = '300px'; return list.querySelectorAll('.key').length; })()";

pub(super) struct Buttons {
    pub(super) count: usize,
    pub(super) broken: Vec<String>,
}

pub(super) async fn measure() -> Result<Buttons> {
    let snapshot = include_str!("../../../src/chat/text/snapshots/telecast__chat__text__tests__rows.snap");
    let body = snapshot.split_once("\n---\n").map_or("", |(_, body)| body);
    let rows: Vec<_> = body.lines().filter_map(|line| line.split_once(' ')).collect();
    let rows: Vec<Value> = rows.iter().map(|(count, words)| json!([count.parse().unwrap_or(1), words])).collect();
    let api = BotApi::start(World::demo(), Setup::default()).await?;
    let mut browser = Browser::open(&api.url())?;
    browser.be_phone(PHONE.0, PHONE.1, 1.0)?;
    browser.wait_for("document.getElementById('people').children.length > 0")?;
    let drawn = browser.wait_for(&DRAW.replace("ROWS", &Value::from(rows.clone()).to_string()))?;
    let broken = browser.wait_for(BROKEN)?;
    drop(browser);
    api.stop().await;
    let drawn = drawn.as_u64().unwrap_or_default();
    let wanted: u64 = rows.iter().filter_map(|row| row[0].as_u64()).sum();
    if drawn != wanted {
        return Err(Fault(format!("{drawn} buttons were drawn, not {wanted}")));
    }
    let broken = broken.as_array().cloned().unwrap_or_default();
    Ok(Buttons {
        count: rows.len(),
        broken: broken.iter().map(|words| format!("a button is broken: {words}")).collect(),
    })
}
