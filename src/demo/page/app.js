// The chat page of the demo: who one is, which chat is open, and the feed of what that person sees.
//
// The server sends the whole view at every change (src/demo/bot_api/view.rs); all drawing is a function of it.
// Reading order: app, talk (the open chat), message (one message), deeds (what people do), side, words, dom.

import { answered, forget } from "./deeds.js";
import { at, face, make, toast } from "./dom.js";
import * as side from "./side.js";
import * as talk from "./talk.js";
import { clock, locale, say, speak } from "./words.js";

/** First and longest wait before the feed is asked for again, milliseconds. */
const [FIRST_WAIT, LONGEST_WAIT] = [300, 4000];

const narrow = matchMedia("(max-width: 760px)");

let view;
let feed;
let wait = FIRST_WAIT;
let retry;
let lost = false;

/** Where one is: `#person/chat/pane`, so that reload, bookmarks and the back button do what they should. */
function route() {
  const [me, chat, pane] = location.hash.slice(1).split("/");
  return { me: Number(me), chat: chat ? Number(chat) : null, pane: pane ?? (chat ? "talk" : "list") };
}

function go(me, chat, pane) {
  const hash = [me, chat, pane === "side" ? pane : null].filter((part) => part !== null && part !== undefined);
  location.hash = hash.join("/");
}

/** The address names a person and a chat: shows them. */
function arrive() {
  const { me, pane } = route();
  const before = document.body.dataset.pane;
  document.body.dataset.pane = pane;
  if (pane === "side" && before !== pane) at("from-side").focus();
  if (before === "side" && pane !== before) at("to-side").focus();
  if (view?.me === me) show();
  else connect();
}

function connect() {
  clearTimeout(retry);
  feed?.close();
  forget();
  talk.redraw();
  feed = new EventSource(`/page/live?as=${route().me}`);
  feed.addEventListener("view", (event) => {
    view = JSON.parse(event.data);
    wait = FIRST_WAIT;
    if (lost) toast(say("restored"));
    offline(false);
    speak(person()?.language || navigator.language, view.console);
    show();
    answered(view.toasts, view.bot.name);
  });
  feed.addEventListener("side", (event) => {
    side.show(JSON.parse(event.data));
  });
  // The browser's own retry gives up on some errors; this one never does.
  feed.addEventListener("error", () => {
    feed.close();
    offline(true);
    retry = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

function offline(is) {
  lost = is;
  at("offline").textContent = is ? say("offline") : "";
  document.body.classList.toggle("offline", is);
}

const person = () => view.people.find(({ id }) => id === view.me);

/** The chat that the address names; on a wide screen one is always open. */
function openChat() {
  const { chat } = route();
  return view.chats.find(({ id }) => id === chat) ?? (narrow.matches ? undefined : view.chats[0]);
}

function show() {
  if (!person()) {
    go(view.people[0].id);
    return;
  }
  const chat = openChat();
  talk.show(view, chat);
  if (chat) read(chat);
  people();
  chats(chat);
}

/** What has been read, by person and chat: date and number of the newest message. A new world has later dates. */
const seen = JSON.parse(localStorage.getItem("seen") ?? "{}");

function isNew({ date, id }, key) {
  const [seenDate, seenId] = seen[key] ?? [0, 0];
  return date > seenDate || (date === seenDate && id > seenId);
}

function read(chat) {
  const inSight = !document.hidden && !(narrow.matches && document.body.dataset.pane !== "talk");
  const newest = chat.messages.at(-1);
  const key = `${view.me}/${chat.id}`;
  if (!inSight || !newest || !isNew(newest, key)) return;
  seen[key] = [newest.date, newest.id];
  localStorage.setItem("seen", JSON.stringify(seen));
}

function unread(chat) {
  return chat.messages.filter((m) => !m.mine && !m.service && isNew(m, `${view.me}/${chat.id}`)).length;
}

function people() {
  const button = ({ id, name, language, newest }) => {
    const waits = id !== view.me && newest && isNew(newest, `${id}/${id}`);
    const tongue = language?.startsWith("zh") ? "中文" : "English";
    const label = waits ? `${name}, ${say("waiting")}` : name;
    const look = { type: "button", className: "person", aria: { pressed: id === view.me, label: `${label}, ${tongue}` } };
    const lines = make("span", {}, make("b", {}, name), make("small", {}, tongue));
    // A group stays open when one becomes another of its members.
    const stay = () => view.chats.find((c) => c.id === route().chat)?.group;
    const press = () => go(id, stay() ? route().chat : narrow.matches ? null : id, null);
    return make("button", { ...look, click: press }, face(name, id), lines, waits && make("i", { className: "dot" }));
  };
  refill(at("people"), view.people.map(button));
}

function chats(open) {
  let total = 0;
  const row = (chat) => {
    const count = chat.id === open?.id && !narrow.matches ? 0 : unread(chat);
    total += count;
    const name = chat.group ? chat.title : view.bot.name;
    const last = chat.messages.at(-1);
    const author = last && !last.service && (last.mine ? say("you") : chat.group ? last.author : "");
    const line = chat.doing ? talk.doing(chat) : last ? talk.preview(last) : placeholder(chat);
    const look = { type: "button", className: "chat", click: () => go(view.me, chat.id) };
    const current = chat.id === open?.id ? { current: "true" } : {};
    return make("li", {}, make(
      "button",
      { ...look, aria: current },
      face(name, chat.id, !chat.group),
      make("span", { className: "chat-name" }, name),
      make("time", {}, last ? clock(last.date) : ""),
      make(
        "span",
        { className: `chat-line${chat.doing ? " doing" : ""}` },
        author && !chat.doing ? `${author}: ` : "",
        line,
      ),
      count > 0 && make("span", { className: "badge", title: say("unread", count) }, String(count)),
    ));
  };
  refill(at("chats"), view.chats.map(row));
  at("back-count").hidden = total === 0;
  at("back-count").textContent = total;
  document.title = `${total > 0 ? `(${total}) ` : ""}Telecast ${say("demo")}`;
}

function placeholder(chat) {
  if (chat.blocked) return say("blocked");
  if (chat.group) return chat.has_bot ? say("no_messages") : say("not_in_group", view.bot.name);
  return say(chat.started ? "no_messages" : "press_start");
}

/** Replaces rows only where they differ, so that the focus stays. */
function refill(list, rows) {
  rows.forEach((row, index) => {
    const old = list.children[index];
    if (!old) list.append(row);
    else if (!old.isEqualNode(row)) {
      const focused = old.contains(document.activeElement);
      old.replaceWith(row);
      if (focused) (row.matches("button") ? row : row.querySelector("button")).focus();
    }
  });
  while (list.children.length > rows.length) list.lastChild.remove();
}

function placeMenu() {
  const { bottom, right } = at("more").getBoundingClientRect();
  at("menu").style.top = `${bottom + 4}px`;
  at("menu").style.right = `${innerWidth - right}px`;
}

async function begin() {
  talk.begin();
  speak(navigator.language);
  at("back").addEventListener("click", () => go(view.me));
  at("to-side").addEventListener("click", () => go(view.me, openChat()?.id ?? view.me, "side"));
  at("from-side").addEventListener("click", () => go(view.me, route().chat));
  at("shade").addEventListener("click", () => go(view.me, route().chat));
  at("menu").addEventListener("beforetoggle", placeMenu);
  document.addEventListener("open-chat", ({ detail }) => go(view.me, detail));
  document.addEventListener("visibilitychange", () => view && show());
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && document.body.dataset.pane === "side") go(view.me, route().chat);
  });
  addEventListener("hashchange", arrive);
  addEventListener("resize", () => view && arrive());
  arrive();
}

begin();
