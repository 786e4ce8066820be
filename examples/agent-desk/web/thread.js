// The messages: what was said before, what is said now, and how far each answer has come.

import { byId, clockTime, customerName, element, setText } from "./element.js";
import { act } from "./server.js";

/** How near to the end still counts as reading the end, in pixels. */
const NEAR = 80;
/** Typing that is not renewed is over. */
const TYPING_MS = 8000;
const STATUS = { sending: "Sending…", accepted: "Sent", delivered: "Delivered", read: "Read" };

const bubbles = new Map();
let filled = false;

export function clearThread() {
  bubbles.clear();
  filled = false;
  // A whole conversation read aloud at once helps nobody; only what is said from now on is.
  byId("log").setAttribute("aria-live", "off");
  byId("log").replaceChildren();
  byId("newer").hidden = true;
  clearTyping();
}

export function renderThread(conversation, agent) {
  const log = byId("log");
  const atEnd = !filled || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const before = bubbles.size;
  if (!filled) {
    if (conversation.transcript.length) log.append(transcript(conversation));
    log.append(element("p", { class: "line ending", hidden: true }));
  }
  const ending = log.lastElementChild;
  let next = log.querySelector("[data-testid=message]") ?? ending;
  let previous = null;
  for (const message of conversation.messages) {
    let bubble = bubbles.get(message.id);
    if (!bubble) {
      bubble = makeBubble(message);
      bubbles.set(message.id, bubble);
    }
    if (bubble === next) next = bubble.nextElementSibling;
    else next.before(bubble);
    paintBubble(bubble, message, conversation, agent, previous);
    previous = message;
  }
  setText(ending, endingText(conversation));
  ending.hidden = conversation.status !== "ended";
  if (!filled) {
    filled = true;
    setTimeout(() => log.setAttribute("aria-live", "polite"), 200);
  }
  if (atEnd) log.scrollTop = log.scrollHeight;
  else if (bubbles.size > before) byId("newer").hidden = false;
}

function endingText({ status, endedBy, endedAt, agent }) {
  if (status !== "ended") return "";
  const who = endedBy === "agent" ? agent ?? "The agent" : `The ${endedBy}`;
  return `${who} ended the chat · ${clockTime(endedAt)}`;
}

function transcript(conversation) {
  const names = { bot: "Bot", agent: "Agent", customer: customerName(conversation) };
  const turns = conversation.transcript.map(({ role, name, text, time }) =>
    element("li", { "data-role": role },
      element("b", {}, name || names[role.toLowerCase()] || role),
      element("span", {}, text),
      time ? element("time", { datetime: time }, clockTime(time)) : null));
  return element("details", { class: "transcript", open: true, "data-testid": "transcript" },
    element("summary", {}, `Before the handover · ${turns.length} ${turns.length === 1 ? "message" : "messages"}`),
    element("ol", {}, ...turns));
}

function makeBubble(message) {
  if (message.kind === "system") {
    return element("p", { class: "line", "data-testid": "message", "data-sender-kind": "system" }, message.message);
  }
  return element("article", { class: "message", "data-testid": "message", "data-sender-kind": message.kind, "data-message-id": message.id },
    element("p", { class: "sender" }),
    element("p", { class: "bubble" }, message.message, ...(message.attachments ?? []).map(attachment)),
    element("p", { class: "meta" }, element("time", { datetime: message.timestamp }, clockTime(message.timestamp)), element("span", { class: "state" })));
}

/** A link only where it leads to the web: the address is the customer's. */
function attachment({ name, contentType, url }) {
  const web = /^https?:\/\//i.test(url);
  const attributes = { class: "attachment", title: contentType, "data-testid": "attachment" };
  return web
    ? element("a", { ...attributes, href: url, target: "_blank", rel: "noopener noreferrer" }, name)
    : element("span", attributes, name);
}

function paintBubble(bubble, message, conversation, agent, previous) {
  if (message.kind === "system") return;
  const { status } = message;
  if (status) bubble.dataset.status = status;
  const follows = previous?.kind === message.kind && previous?.sender === message.sender;
  bubble.toggleAttribute("data-follows", follows);
  const mine = message.kind === "agent" && message.sender === agent;
  const sender = message.kind === "customer" ? customerName(conversation) : mine ? "You" : message.sender;
  setText(bubble.querySelector(".sender"), sender);
  setText(bubble.querySelector(".state"), STATUS[status] ? ` · ${STATUS[status]}` : "");
  const failure = bubble.querySelector(".failure");
  if (status !== "not-delivered") return failure?.remove();
  const shown = failure ?? bubble.appendChild(makeFailure(conversation.id, message.id));
  setText(shown.querySelector(".reason"), `Not delivered. ${message.reason}`);
  shown.querySelector("button").hidden = conversation.status === "ended";
}

function makeFailure(conversationId, messageId) {
  // What comes of the new attempt is pushed to the message itself.
  const again = () => act(conversationId, "retry", { messageId }).catch(() => {});
  return element("p", { class: "failure" }, element("span", { class: "reason" }),
    element("button", { type: "button", "data-testid": "retry", onclick: again }, "Try again"));
}

const typists = { customer: null, agent: null };
const timers = {};

/** Shows that somebody types; no name means no longer. */
export function showTyping(from, name) {
  clearTimeout(timers[from]);
  typists[from] = name;
  if (name) timers[from] = setTimeout(() => showTyping(from, null), TYPING_MS);
  const names = Object.values(typists).filter(Boolean);
  byId("typing").hidden = names.length === 0;
  setText(byId("typing-name"), names.length ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} typing` : "");
}

export function clearTyping() {
  for (const from of Object.keys(typists)) showTyping(from, null);
}

const log = byId("log");
log.addEventListener("scroll", () => {
  if (log.scrollHeight - log.scrollTop - log.clientHeight < NEAR) byId("newer").hidden = true;
});
byId("newer").addEventListener("click", () => log.scrollTo({ top: log.scrollHeight }));
// A keyboard that slides in, or a line that grows, must not hide the newest message.
new ResizeObserver(() => byId("newer").hidden && (log.scrollTop = log.scrollHeight)).observe(log);
