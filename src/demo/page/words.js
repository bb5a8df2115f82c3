// What the page itself says, in the language of the person that one is. What the bot says comes from the bot.

const EN = {
  demo: "demo",
  demo_real: "console",
  you_are: "You are",
  hint: "Everything here runs on this machine. No account, no internet.",
  hint_real: "Your own Telecast, without Telegram. Platforms and shows are real: what goes live here is public.",
  chats: "Chats",
  conversation: "Conversation",
  messages: "Messages",
  message: "Message",
  back: "Back",
  more: "More",
  send: "Send",
  close: "Close",
  photo: "Photo",
  video: "Video",
  ok: "OK",
  newest: "To the newest message",
  commands: "Commands",
  commands_keys: "↑ ↓ choose, Enter send, Tab complete",
  platforms: "Platforms and encoder",
  outside: "Outside the chat",
  outside_more: "A camera, and where people watch",
  bot: "bot",
  members: (n) => (n === 1 ? "1 member" : `${n} members`),
  you: "You",
  typing: "is typing",
  sending_file: "is sending a file",
  start: "Start",
  unblock: "Unblock the bot",
  block: "Block the bot",
  make_admin: "Make the bot an admin",
  dismiss_admin: "Dismiss the bot as admin",
  nothing_to_do: "Nothing to change here",
  not_in_group: (bot) => `${bot} is not in this group yet.`,
  add: "Add it",
  what_can: "What can this bot do?",
  no_messages: "No messages yet",
  press_start: "Press Start to begin",
  blocked: "You have blocked the bot",
  pinned_message: "Pinned message",
  edited: "edited",
  protected: "Copying and forwarding are not allowed",
  silent: "Sent without a sound",
  forwarded: (name) => `Forwarded from ${name}`,
  reply: "Reply",
  reply_to: (name) => `Reply to ${name}`,
  cancel_reply: "Don't reply",
  spoiler: "Hidden text: press to show",
  copy: "Copy",
  copy_this: (label) => `Copy: ${label}`,
  copied: "Copied",
  not_copied: "The browser does not let the page copy. Here is the text:",
  no_copy: "Copying is not allowed for this message",
  cant_press: "The demo does not know this kind of button",
  opens: (url) => `Opens ${url}`,
  code: "Code",
  no_answer: "The bot did not answer",
  offline: "The demo does not answer. Trying again …",
  restored: "Connected again",
  unread: (n) => (n === 1 ? "1 unread message" : `${n} unread messages`),
  waiting: "has unread messages",
  today: "Today",
  yesterday: "Yesterday",
  came: (who) => `${who} joined the group`,
  added: (who, whom) => `${who} added ${whom}`,
  left: (who) => `${who} left the group`,
  removed: (who, whom) => `${who} removed ${whom}`,
  pinned: (who) => `${who} pinned a message`,
  migrated: () => "The group became a supergroup",
  encoder: "Test encoder",
  encoder_more: "Stands for your camera, phone or OBS. Or push your own:",
  encoder_start: "Start test encoder",
  encoder_stop: "Stop",
  film_sound: "Tap for sound on or off",
  encoder_busy: "The encoder does not answer",
  show_side: "Nothing is connected here",
};

const ZH = {
  demo: "演示",
  demo_real: "控制台",
  you_are: "你现在是",
  hint: "一切都在本机运行，不需要账号，也不需要联网。",
  hint_real: "你自己的 Telecast，不经过 Telegram。平台和直播都是真实的：在这里开播，观众就能看到。",
  chats: "聊天",
  conversation: "对话",
  messages: "消息",
  message: "输入消息",
  back: "返回",
  more: "更多",
  send: "发送",
  close: "关闭",
  photo: "图片",
  video: "视频",
  ok: "好",
  newest: "回到最新消息",
  commands: "命令",
  commands_keys: "↑ ↓ 选择，回车发送，Tab 补全",
  platforms: "平台与推流",
  outside: "聊天之外",
  outside_more: "一台摄像机，以及观众在哪里看",
  bot: "机器人",
  members: (n) => `${n} 位成员`,
  you: "你",
  typing: "正在输入",
  sending_file: "正在发送文件",
  start: "开始",
  unblock: "解除屏蔽",
  block: "屏蔽机器人",
  make_admin: "设机器人为管理员",
  dismiss_admin: "取消机器人的管理员",
  nothing_to_do: "这里没有可以改的",
  not_in_group: (bot) => `${bot} 还不在这个群里。`,
  add: "拉进群",
  what_can: "这个机器人能做什么？",
  no_messages: "还没有消息",
  press_start: "点“开始”试试",
  blocked: "你已屏蔽这个机器人",
  pinned_message: "置顶消息",
  edited: "已编辑",
  protected: "不允许复制和转发",
  silent: "静音发送",
  forwarded: (name) => `转发自 ${name}`,
  reply: "回复",
  reply_to: (name) => `回复 ${name}`,
  cancel_reply: "取消回复",
  spoiler: "隐藏的文字：点按显示",
  copy: "复制",
  copy_this: (label) => `复制：${label}`,
  copied: "已复制",
  not_copied: "浏览器不允许网页复制，原文如下：",
  no_copy: "这条消息不允许复制",
  cant_press: "演示不支持这种按钮",
  opens: (url) => `打开 ${url}`,
  code: "代码",
  no_answer: "机器人没有回应",
  offline: "演示程序没有回应，正在重连……",
  restored: "已重新连接",
  unread: (n) => `${n} 条未读消息`,
  waiting: "有未读消息",
  today: "今天",
  yesterday: "昨天",
  came: (who) => `${who} 加入了群`,
  added: (who, whom) => `${who} 把 ${whom} 拉进了群`,
  left: (who) => `${who} 退出了群`,
  removed: (who, whom) => `${who} 移除了 ${whom}`,
  pinned: (who) => `${who} 置顶了一条消息`,
  migrated: () => "本群已升级为超级群",
  encoder: "测试推流",
  encoder_more: "代替你的摄像机、手机或 OBS。也可以用自己的：",
  encoder_start: "开始测试推流",
  encoder_stop: "停止",
  film_sound: "点一下，开关声音",
  encoder_busy: "测试推流没有回应",
  show_side: "这里没有连接任何东西",
};

let words = EN;
/** The BCP 47 tag of the page's words, for dates and for the right shapes of Chinese characters. */
export let locale = "en";

/** The words for `key`; entries that are functions take the rest. */
export function say(key, ...rest) {
  const entry = words[key];
  return typeof entry === "function" ? entry(...rest) : entry;
}

/** Speaks `language` (a Telegram language code) from here on, in the fixed parts of the page too; `real`: no demo. */
export function speak(language, real) {
  const chinese = (language ?? "").startsWith("zh");
  [words, locale] = chinese ? [ZH, "zh-Hans"] : [EN, "en"];
  document.documentElement.lang = locale;
  const fixed = (key) => (real && words[`${key}_real`]) || say(key);
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = fixed(node.dataset.say);
  for (const node of document.querySelectorAll("[data-label]")) {
    const label = say(node.dataset.label);
    node.setAttribute("aria-label", label);
    if (node.matches("button")) node.title = label;
    if (node.matches("textarea")) node.placeholder = label;
  }
}

const minute = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** The time of day of Unix seconds. */
export const clock = (date) => new Date(date * 1000).toLocaleTimeString(locale, minute);

/** The day of Unix seconds, as a heading between messages. */
export function day(date) {
  const then = new Date(date * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(then).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return say("today");
  return days === 1 ? say("yesterday") : then.toLocaleDateString(locale, { day: "numeric", month: "long" });
}

/** What happened, of a service message. */
export const happened = ({ author, service }) => say(service.what, author, (service.whom ?? []).join(", "));
