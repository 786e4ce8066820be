// The list of conversations: those who wait, those being helped, those who were.

import { byId, customerName, element, paintAvatar, setText, shortTime, since } from "./element.js";

/** Ended conversations shown; the server keeps them all. */
const ENDED_SHOWN = 20;

const rows = new Map();
let open = () => {};

/** `opened(id)` is called for the conversation somebody chooses. */
export function setUpList(opened) {
  open = opened;
}

const ORDER = {
  // Whoever waits longest comes first.
  waiting: (a, b) => a.startedAt.localeCompare(b.startedAt),
  active: (a, b) => (b.lastMessageAt ?? b.startedAt).localeCompare(a.lastMessageAt ?? a.startedAt),
  ended: (a, b) => b.endedAt.localeCompare(a.endedAt),
};

export function renderList(conversations, shownId, agent) {
  const focused = document.activeElement?.closest?.("[data-testid=conversation-item]");
  const present = new Set();
  for (const section of byId("list").querySelectorAll("section")) {
    const status = section.dataset.group;
    const all = conversations.filter((conversation) => conversation.status === status).sort(ORDER[status]);
    const group = status === "ended" ? all.slice(0, ENDED_SHOWN) : all;
    section.hidden = group.length === 0;
    const count = section.querySelector(".count");
    if (count) setText(count, String(group.length));
    const list = section.querySelector("ul");
    group.forEach((conversation, position) => {
      present.add(conversation.id);
      const row = paintRow(conversation, shownId, agent);
      if (list.children[position] !== row) list.insertBefore(row, list.children[position] ?? null);
    });
  }
  for (const [id, row] of rows) {
    if (present.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  // Moving an element takes the focus from it.
  if (focused?.isConnected && document.activeElement === document.body) focused.focus();
  byId("list-empty").hidden = present.size > 0;
}

/** Moves the focus with j and k, and inside the list with the arrows too. */
export function moveInList(event) {
  const inList = byId("list").contains(document.activeElement);
  const step = { j: 1, k: -1, ...((inList || document.activeElement === document.body) && { ArrowDown: 1, ArrowUp: -1 }) }[event.key];
  if (!step) return false;
  const items = [...byId("list").querySelectorAll("[data-testid=conversation-item]")];
  const here = items.indexOf(document.activeElement);
  const start = here >= 0 ? here : items.findIndex((item) => item.getAttribute("aria-current") === "true");
  const next = start < 0 ? 0 : Math.min(Math.max(start + step, 0), items.length - 1);
  items[next]?.focus();
  return true;
}

function preview({ lastMessage, problem }) {
  return lastMessage === "" ? "A file" : lastMessage ?? problem ?? "No message yet";
}

function paintRow(conversation, shownId, agent) {
  let row = rows.get(conversation.id);
  if (!row) {
    row = element("li", {},
      element("button", { type: "button", class: "item", "data-testid": "conversation-item", "data-conversation-id": conversation.id, onclick: () => open(conversation.id) },
        element("span", { class: "avatar", "aria-hidden": "true" }),
        element("span", { class: "item-name" }),
        element("span", { class: "item-time" }),
        element("span", { class: "item-text" }),
        element("span", { class: "item-mark" })));
    rows.set(conversation.id, row);
  }
  const { status, unread } = conversation;
  const item = row.firstElementChild;
  const part = (name) => item.querySelector(`.${name}`);
  item.dataset.status = status;
  item.dataset.unread = String(unread);
  item.setAttribute("aria-current", String(conversation.id === shownId));
  paintAvatar(part("avatar"), conversation);
  setText(part("item-name"), customerName(conversation));
  setText(part("item-time"), status === "waiting" ? since(conversation.startedAt) : shortTime(conversation.lastMessageAt ?? conversation.startedAt));
  const other = conversation.agent && conversation.agent !== agent && status === "active" ? `With ${conversation.agent}: ` : "";
  setText(part("item-text"), other + preview(conversation));
  const mark = part("item-mark");
  setText(mark, unread > 0 ? String(unread) : "");
  mark.toggleAttribute("data-on", unread > 0);
  if (unread > 0) mark.setAttribute("aria-label", `${unread} unread`);
  else mark.removeAttribute("aria-label");
  return row;
}
