// The chat that is open: its header, its messages and the box to write in.

import { act, follow, isBusy, place, tap } from "./deeds.js";
import { at, face, make } from "./dom.js";
import { draw } from "./message.js";
import { day, happened, say } from "./words.js";

/** Messages of one person within this time stand close together, seconds. */
const CLOSE = 300;
/** Nearer to the end than this, the list follows new messages, pixels. */
const NEAR_END = 80;
/** How long "is typing" lasts, as in Telegram, milliseconds. */
const DOING = 5000;

/** The person, the bot, and the chat that is shown. */
let me = 0;
let bot = {};
let chat;
/** Each message drawn, with the JSON it was drawn from and the chat it is in. */
const drawn = new Map();
/** What was written and not sent, by person and chat; so too what it answers. */
const drafts = new Map();
const replies = new Map();
/** All must be drawn again. */
let renewed = false;
let following = true;
let unseenBelow = 0;
let doingTimer;
let choice = -1;
let sending = Promise.resolve();

const fineHover = matchMedia("(hover: hover)");
const draftKey = () => `${me}/${chat?.id}`;

/** Shows `next` as `view`'s person has it; `undefined` shows nothing. */
export function show(view, next) {
  const turned = view.me !== me || next?.id !== chat?.id;
  if (turned && chat) drafts.set(draftKey(), at("text").value);
  [me, bot, chat] = [view.me, view.bot, next];
  at("talk").hidden = !chat;
  if (!chat) return;
  if (turned) {
    at("messages").replaceChildren();
    drawn.clear();
    at("text").value = drafts.get(draftKey()) ?? "";
    [following, unseenBelow] = [true, 0];
    at("spoken").replaceChildren();
    hideCommands();
  }
  header();
  footer();
  messages(turned || renewed);
  renewed = false;
  if (turned && fineHover.matches) at("text").focus({ preventScroll: true });
}

/** Draws everything anew, as after a change of language or of the world. */
export function redraw() {
  drawn.clear();
  renewed = true;
}

function header() {
  const name = chat.group ? chat.title : bot.name;
  at("face").replaceChildren(face(name, chat.id, !chat.group));
  at("title").textContent = name;
  const still = chat.group ? say("members", chat.members) : say("bot");
  at("subtitle").textContent = chat.doing ? doing(chat) : still;
  at("subtitle").classList.toggle("doing", Boolean(chat.doing));
  clearTimeout(doingTimer);
  if (chat.doing) doingTimer = setTimeout(() => { chat.doing = null; header(); }, DOING);
  at("pinned").hidden = !chat.pinned;
  at("pinned").lastChild.textContent = chat.pinned?.text ?? "";
  const absent = chat.group && !chat.has_bot;
  at("banner").hidden = !absent;
  at("banner").firstElementChild.textContent = say("not_in_group", bot.name);
  at("banner").lastElementChild.textContent = say("add");
  menu();
}

/** "Telecast is typing". */
export function doing({ group, doing: what }) {
  const words = say(what === "typing" ? "typing" : "sending_file");
  return group ? `${bot.name} ${words} …` : `${words} …`;
}

function menu() {
  const items = [];
  const deed = (label, given) => items.push({ label, given: { user: me, ...given } });
  if (!chat.group) deed(chat.blocked ? "unblock" : "block", { do: "block", blocked: !chat.blocked });
  if (chat.group && chat.has_bot && chat.admin) {
    const label = chat.bot_is_admin ? "dismiss_admin" : "make_admin";
    deed(label, { do: "bot_admin", chat: chat.id, admin: !chat.bot_is_admin });
  }
  const look = { type: "button", role: "menuitem" };
  const button = ({ label, given }) => {
    const press = () => (at("menu").hidePopover(), act(given));
    return make("button", { ...look, click: press, className: label === "block" ? "danger" : "" }, say(label));
  };
  const signature = JSON.stringify([items, say("block")]);
  if (at("menu").dataset.shape === signature) return;
  at("menu").dataset.shape = signature;
  at("menu").replaceChildren(...items.map(button));
  if (items.length === 0) at("menu").append(make("p", {}, say("nothing_to_do")));
}

function footer() {
  const startable = !chat.group && !chat.started;
  const instead = startable || chat.blocked;
  at("start").hidden = !instead;
  at("composer").hidden = instead;
  at("start").textContent = say(chat.blocked ? "unblock" : "start");
  at("welcome").hidden = !(startable && chat.messages.length === 0);
  at("welcome").querySelector("h3").textContent = say("what_can");
  at("welcome").querySelector("p").textContent = bot.description || bot.name;
  at("slash").hidden = chat.commands.length === 0;
  const reply = chat.messages.find((m) => m.id === replies.get(draftKey()));
  at("replying").hidden = !reply || instead;
  at("replying").querySelector("b").textContent = reply ? say("reply_to", reply.author) : "";
  at("replying").querySelector("span").textContent = reply ? preview(reply) : "";
}

/** A message in one line, without what it hides. */
export function preview(message) {
  if (message.service) return happened(message);
  const hidden = (message.entities ?? []).filter((mark) => mark.type === "spoiler");
  const masked = hidden.reduce(
    (line, { offset, length }) => line.slice(0, offset) + "▒".repeat(length) + line.slice(offset + length),
    message.text ?? "",
  );
  return masked.split("\n", 1)[0] || message.document?.name || say(message.video ? "video" : "photo");
}

function messages(turned) {
  const list = at("messages");
  const focus = focusedButton();
  const wanted = new Set(chat.messages.map((m) => m.id));
  for (const [id, { node }] of drawn) {
    if (wanted.has(id)) continue;
    node.remove();
    drawn.delete(id);
  }
  const fresh = [];
  const nodes = [];
  let before;
  for (const [index, message] of chat.messages.entries()) {
    if (!before || day(before.date) !== day(message.date)) nodes.push(dayLine(day(message.date)));
    const old = drawn.get(message.id);
    const json = JSON.stringify(message);
    let node = old?.node;
    if (old?.json !== json) {
      node = draw(message, chat, deedsFor(message));
      old?.node.replaceWith(node);
      drawn.set(message.id, { node, json });
      if (!old) fresh.push(message);
    }
    node.classList.toggle("first", !near(before, message));
    node.classList.toggle("last", !near(message, chat.messages[index + 1]));
    nodes.push(node);
    before = message;
  }
  for (const old of list.querySelectorAll(".day")) if (!nodes.includes(old)) old.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
  while (list.children.length > nodes.length) list.lastChild.remove();
  focus?.();
  came(fresh, turned);
}

function dayLine(words) {
  const lines = [...at("messages").querySelectorAll(".day")];
  const old = lines.find((line) => line.textContent === words);
  return old ?? make("li", { className: "service day" }, make("span", {}, words));
}

function near(a, b) {
  return Boolean(a && b && !a.service && !b.service && a.from === b.from && b.date - a.date < CLOSE);
}

/** After new messages: follow them or count them, and speak them for those who listen. */
function came(fresh, turned) {
  const others = fresh.filter((m) => !m.mine && !m.service);
  if (following || fresh.some((m) => m.mine)) toEnd();
  else if (!turned) unseenBelow += others.length;
  belowCount();
  if (turned) return;
  for (const message of others) at("spoken").append(make("p", {}, `${message.author}: ${message.text ?? ""}`));
  while (at("spoken").children.length > 20) at("spoken").firstChild.remove();
}

function toEnd() {
  at("scroll").scrollTop = at("scroll").scrollHeight;
  [following, unseenBelow] = [true, 0];
}

function belowCount() {
  at("down").hidden = following;
  at("below").hidden = unseenBelow === 0;
  at("below").textContent = unseenBelow;
}

/** Remembers which button of which message has the focus; the result gives it back when that message was redrawn. */
function focusedButton() {
  const key = document.activeElement?.closest?.(".message .key");
  if (!key) return undefined;
  const { row, column } = key.dataset;
  const id = Number(key.closest(".message").dataset.id);
  return () => {
    if (key.isConnected) return;
    const again = drawn.get(id)?.node.querySelector(`.key[data-row="${row}"][data-column="${column}"]`);
    (again ?? at("scroll")).focus({ preventScroll: true });
  };
}

function deedsFor(message) {
  const [user, where] = [me, chat.id];
  return {
    tap: (row, column) => tap(user, where, message.id, row, column),
    isBusy: (row, column) => isBusy(place(where, message.id, row, column)),
    follow: (link) => follow(user, link),
    // In a group a command names its bot, as Telegram's own apps write it.
    send: (text) => write(chat.group && text.startsWith("/") && !text.includes("@") ? `${text}@${bot.username}` : text),
    reply: () => {
      replies.set(draftKey(), message.id);
      footer();
      at("text").focus();
    },
    go,
    enlarge: (picture) => {
      at("photo-large").src = picture.src;
      at("photo-large").alt = picture.alt;
      at("photo").showModal();
    },
  };
}

function go(id) {
  const node = drawn.get(id)?.node;
  node?.scrollIntoView({ block: "center", behavior: "smooth" });
  node?.classList.remove("found");
  requestAnimationFrame(() => node?.classList.add("found"));
}

/** Sends `text` to the open chat, one after the other. Gives it back to the box when that fails. */
function write(text) {
  const deed = { do: "say", user: me, chat: chat.id, text, reply_to: replies.get(draftKey()) ?? null };
  replies.delete(draftKey());
  footer();
  sending = sending.then(() => act(deed)).then((done) => {
    const same = chat?.id === deed.chat && me === deed.user;
    if (done === null && same && at("text").value === "") at("text").value = text;
  });
}

function offered() {
  const typed = /^\/(\w*)$/.exec(at("text").value);
  return typed ? chat.commands.filter(({ command }) => command.startsWith(typed[1].toLowerCase())) : [];
}

function commands() {
  const list = offered();
  at("commands").hidden = list.length === 0;
  at("slash").setAttribute("aria-expanded", String(list.length > 0));
  choice = Math.min(Math.max(choice, list.length > 0 ? 0 : -1), list.length - 1);
  const option = ({ command, description }, index) => {
    const chosen = index === choice;
    const look = { id: `command-${index}`, role: "option", title: say("commands_keys"), aria: { selected: chosen } };
    const press = (event) => (event.preventDefault(), pick(command));
    return make("li", { ...look, pointerdown: press }, make("b", {}, `/${command}`), make("span", {}, description));
  };
  at("commands").replaceChildren(...list.map(option));
  at("commands").children[choice]?.scrollIntoView({ block: "nearest" });
  if (choice < 0) at("text").removeAttribute("aria-activedescendant");
  else at("text").setAttribute("aria-activedescendant", `command-${choice}`);
}

function hideCommands() {
  choice = -1;
  at("commands").hidden = true;
  at("slash").setAttribute("aria-expanded", "false");
  at("text").removeAttribute("aria-activedescendant");
}

function pick(command) {
  at("text").value = "";
  hideCommands();
  write(chat.group ? `/${command}@${bot.username}` : `/${command}`);
}

function submit() {
  const text = at("text").value.trim();
  if (text === "") return;
  at("text").value = "";
  hideCommands();
  write(text);
}

function key(event) {
  // Enter also ends the choice of a Chinese word; that is not meant for us.
  if (event.isComposing) return;
  const list = at("commands").hidden ? [] : offered();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (list.length > 0 && step) {
    event.preventDefault();
    choice = (choice + step + list.length) % list.length;
    commands();
  } else if (list.length > 0 && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    at("text").value = `/${list[choice].command} `;
    hideCommands();
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (list.length > 0) pick(list[choice].command);
    else submit();
  } else if (event.key === "Escape") {
    hideCommands();
    replies.delete(draftKey());
    footer();
  }
}

/** Listens to what is fixed on the page. Once. */
export function begin() {
  at("composer").addEventListener("submit", (event) => (event.preventDefault(), submit()));
  at("text").addEventListener("input", commands);
  at("text").addEventListener("blur", hideCommands);
  at("text").addEventListener("keydown", key);
  // Before the box loses the focus, which would close the list that this opens.
  at("slash").addEventListener("pointerdown", (event) => event.preventDefault());
  at("slash").addEventListener("click", () => {
    const open = !at("commands").hidden;
    if (open || at("text").value === "") at("text").value = open ? "" : "/";
    at("text").focus();
    commands();
  });
  at("start").addEventListener("click", async () => {
    const blocked = chat.blocked;
    if (blocked && (await act({ do: "block", user: me, blocked: false })) === null) return;
    if (!blocked) write("/start");
    at("text").focus();
  });
  at("no-reply").addEventListener("click", () => {
    replies.delete(draftKey());
    footer();
    at("text").focus();
  });
  at("banner").lastElementChild.addEventListener("click", () => act({ do: "add_bot", user: me, chat: chat.id }));
  at("pinned").addEventListener("click", () => go(chat.pinned.id));
  at("down").addEventListener("click", toEnd);
  at("photo").addEventListener("click", () => at("photo").close());
  at("scroll").addEventListener("scroll", () => {
    const { scrollHeight, scrollTop, clientHeight } = at("scroll");
    following = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (following) unseenBelow = 0;
    belowCount();
  });
  // A phone's keyboard makes the list shorter; its end stays in sight.
  const stay = new ResizeObserver(() => following && toEnd());
  for (const id of ["scroll", "messages"]) stay.observe(at(id));
  document.addEventListener("taps", () => {
    for (const [id, { node }] of drawn) {
      for (const button of node.querySelectorAll(".key")) {
        const { row, column } = button.dataset;
        button.classList.toggle("busy", isBusy(place(chat.id, id, row, column)));
      }
    }
  });
}
