// Small things that every part of the page uses: elements, the clipboard, toasts and windows.

import { say } from "./words.js";

/** The element with this id. */
export const at = (id) => document.getElementById(id);

/**
 * Makes an element. `given` holds properties; of `data` and `aria` each entry becomes an attribute, and a function
 * listens to the event that it is named after. Text becomes text nodes, never markup.
 */
export function make(tag, given = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "aria") for (const key in value) node.setAttribute(`aria-${key}`, value[key]);
    else if (name === "role") node.setAttribute("role", value);
    else node[name] = value;
  }
  node.append(...inside.filter((part) => part !== undefined && part !== null && part !== false));
  return node;
}

/** A line icon, drawn like those in index.html. */
export function icon(path) {
  const drawn = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
  const [svg, line] = [drawn("svg"), drawn("path")];
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const COPY = "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9";
export const REPLY = "M10 6l-6 5.5L10 17v-3.5c5 0 8 1.5 10 5-.5-6-4-9-10-9z";
export const LOCK = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3";
export const QUIET = "M6 17h12l-1.5-3V10a4.5 4.5 0 0 0-9 0v4zM4 4l16 16";
export const ARROW = "M8 16l8-8M9 8h7v7";
export const FILE = "M7 3.5h7l4 4v13H7zM14 3.5v4h4";

/** Makes `node` act as a button: a click, Enter or the space bar. */
export function pressable(node, press) {
  node.tabIndex = 0;
  node.setAttribute("role", "button");
  node.addEventListener("click", press);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press(event);
  });
  return node;
}

/** A link as an address that the page may open; `null` for any other kind, `javascript:` above all. */
export function address(link) {
  try {
    const url = new URL(link.includes("://") ? link : `https://${link}`);
    return ["http:", "https:", "tg:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** The round picture of a chat or person: the first letter, or the bot's mark. */
export function face(name, id, bot) {
  if (bot) return make("img", { className: "face", src: "/page/icon.svg", alt: "" });
  const letter = [...name.trim()][0] ?? "?";
  return make("span", { className: "face", data: { tint: Math.abs(id) % 6 }, aria: { hidden: "true" } }, letter);
}

let fading;

/** Shows a passing line. */
export function toast(text) {
  const line = at("toast");
  clearTimeout(fading);
  line.textContent = text;
  line.classList.add("shown");
  fading = setTimeout(() => line.classList.remove("shown"), 2500 + 40 * text.length);
}

/** Shows a window that waits to be closed. */
export function alertWindow(title, text) {
  at("alert-title").textContent = title;
  at("alert-text").textContent = text;
  if (!at("alert").open) at("alert").showModal();
}

/** Puts `text` on the clipboard and says so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
    return true;
  } catch {
    alertWindow(say("not_copied"), text);
    return false;
  }
}
