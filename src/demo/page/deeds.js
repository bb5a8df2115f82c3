// What a person does: each deed is a request to the demo. Also the taps that wait for the bot's answer.

import { address, alertWindow, copy, toast } from "./dom.js";
import { say } from "./words.js";

/** How long a button shows that its tap waits, milliseconds. */
const PATIENCE = 15_000;

/** Tells which chat a deed has opened: `open-chat` on the document. */
const openChat = (chat) => document.dispatchEvent(new CustomEvent("open-chat", { detail: chat }));
/** Tells that other buttons wait now: `taps` on the document. */
const tapsChanged = () => document.dispatchEvent(new CustomEvent("taps"));

/** Buttons whose tap has not been answered, by place. */
const busy = new Set();
/** The place of each query that waits. */
const waiting = new Map();
/** The newest answers. One may come before the request that asked has returned. */
let latest = { toasts: [], bot: "" };

/** Where a button stands. */
export const place = (chat, message, row, column) => [chat, message, row, column].join("/");
/** Whether a tap on the button at this place waits for the bot. */
export const isBusy = (where) => busy.has(where);

async function send(path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    toast(say("offline"));
    return null;
  }
  if (answer.status === 204) return {};
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  toast(told.error ?? `${answer.status} ${answer.statusText}`);
  return null;
}

/** Does something in the world; `null` when that failed, which the person has then been told. */
export const act = (deed) => send("/page/do", deed);

/** Clicks in the panel at the side. */
export const click = (what) => send("/side", { click: what });

/** Follows a link: those to the bot lead to its chat, others to a new tab. */
export async function follow(user, link) {
  if (!isTelegram(link)) {
    window.open(link, "_blank", "noopener,noreferrer");
    return;
  }
  const done = await act({ do: "open", user, link });
  if (done?.chat !== undefined) openChat(done.chat);
  else if (done?.url) window.open(done.url, "_blank", "noopener,noreferrer");
}

function isTelegram(link) {
  return ["t.me", "telegram.me"].includes(address(link)?.hostname);
}

/** Presses a button under a message. */
export async function tap(user, chat, message, row, column) {
  const where = place(chat, message, row, column);
  if (busy.has(where)) return;
  busy.add(where);
  tapsChanged();
  const done = await act({ do: "tap", user, chat, message, row, column });
  if (done?.query) {
    waiting.set(done.query, { where, user });
    setTimeout(() => release(done.query) && toast(say("no_answer")), PATIENCE);
  } else {
    busy.delete(where);
    tapsChanged();
  }
  if (done?.copied !== undefined) await copy(done.copied);
  if (done?.url) await follow(user, done.url);
  settle();
}

/** No longer waits for a query; `undefined` when nobody did. */
function release(query) {
  const tapped = waiting.get(query);
  if (!tapped) return undefined;
  waiting.delete(query);
  busy.delete(tapped.where);
  tapsChanged();
  return tapped;
}

/** Takes the answers to taps. The view holds all that were ever given; those to taps elsewhere are passed over. */
export function answered(toasts, bot) {
  latest = { toasts, bot };
  settle();
}

function settle() {
  for (const answer of latest.toasts) {
    const tapped = release(answer.query);
    if (!tapped) continue;
    if (answer.url) follow(tapped.user, answer.url);
    else if (answer.alert) alertWindow(latest.bot, answer.text);
    else if (answer.text) toast(answer.text);
  }
}

/** Forgets all that waits, when the demo has started afresh or another person is chosen. */
export function forget() {
  busy.clear();
  waiting.clear();
  latest = { toasts: [], bot: "" };
  tapsChanged();
}
