// Small pieces of page: elements, times, faces. Text goes in as text only, never as HTML.

export const byId = (id) => document.getElementById(id);

/** An element with attributes (`class`, `data-…`) or listeners (`onclick`), and children. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Sets text only where it changed, so that screen readers are not told again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** The hour for today, else the day. */
export function shortTime(iso) {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "";
  return time.toDateString() === new Date().toDateString() ? clock.format(time) : day.format(time);
}

export function clockTime(iso) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "" : clock.format(time);
}

/** How long ago, in words. */
export function since(iso) {
  const minutes = Math.floor((Date.now() - new Date(iso).getTime()) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}

export const customerName = (conversation) => conversation.customer.name || "Customer";

/** Initials and a colour that stay the same for the same conversation. */
export function paintAvatar(node, conversation) {
  const words = customerName(conversation).trim().split(/\s+/);
  const initials = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...word][0] ?? "").join("");
  setText(node, initials.toUpperCase());
  const sum = [...conversation.id].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) % 9973, 7);
  node.dataset.hue = String(sum % 6);
}
