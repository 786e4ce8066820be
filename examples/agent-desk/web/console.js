// The console: what it knows, what it hears, and which part of the page shows it.

import { byId } from "./element.js";
import { get, listen, mention } from "./server.js";
import { agentName, setUpName } from "./me.js";
import { moveInList, renderList, setUpList } from "./list.js";
import { hideTrouble, renderCustomer, showTrouble, setUpActions, showDetails } from "./customer.js";
import { clearThread, clearTyping, renderThread, showTyping } from "./thread.js";
import { leaveComposer, renderComposer, setUpComposer } from "./composer.js";
import { renderFiles, setUpFiles } from "./files.js";
import { renderRouting, setUpRouting } from "./routing.js";
import { closeStrips, isStripOpen } from "./strip.js";
import { fetchDesk, renderDesk, setUpSettings } from "./settings.js";

const LINKS = { connecting: "Connecting…", live: "Connected", lost: "Reconnecting…" };

const conversations = new Map();
/** The conversation in view, in full; none while it is fetched. */
let shown = null;
let shownId = null;
/** Messages heard of while the conversation in view is fetched; the answer may be older than they are. */
let early = null;

function render() {
  renderList([...conversations.values()], shownId, agentName());
  byId("nothing").hidden = shownId !== null;
  byId("room").hidden = shown === null;
  byId("details").hidden = shown === null;
  if (!shown) return;
  renderCustomer(shown, agentName());
  renderRouting(shown, agentName());
  renderThread(shown, agentName());
  renderComposer(shown, agentName());
  renderFiles(shown);
}

async function open(id, { focus = true } = {}) {
  if (id !== shownId) {
    leaveComposer(shown);
    clearThread();
    hideTrouble();
    shown = null;
    closeStrips();
    showDetails(false);
  }
  shownId = id;
  early = [];
  document.body.dataset.view = "room";
  let fetched;
  try {
    fetched = await get(`/desk/conversations/${encodeURIComponent(id)}`);
  } catch (error) {
    // Otherwise the next hello fetches again.
    if (shownId === id && error.status === 404) close();
    return;
  }
  if (shownId !== id) return;
  shown = fetched;
  for (const event of early) takeMessage(event);
  early = null;
  takeSummary(summaryOf(fetched));
  Object.assign(shown, conversations.get(id));
  render();
  markRead();
  if (focus) focusRoom();
}

/** Back to the list. */
function close() {
  leaveComposer(shown);
  const id = shownId;
  shown = null;
  shownId = null;
  document.body.dataset.view = "list";
  clearThread();
  render();
  document.querySelector(`[data-conversation-id="${CSS.escape(id ?? "")}"]`)?.focus();
}

function focusRoom() {
  // On a phone the keyboard would cover what is to be read.
  const narrow = matchMedia("(max-width: 719px)").matches;
  const target = narrow ? "log" : { waiting: "accept", active: "text", ended: "log" }[shown.status];
  byId(target).focus();
}

function summaryOf(detail) {
  const { messages, transcript, attributes, ...summary } = detail;
  return summary;
}

/** Tells that the customer's messages were seen: by whoever has the conversation, or may take it. */
function markRead() {
  const mine = shown && (!shown.agent || shown.agent === agentName());
  if (mine && shown.unread > 0 && !document.hidden) mention(shown.id, "read", { agent: agentName() });
}

function takeMessage({ revision, message }) {
  if (revision < shown.revision) return;
  const known = shown.messages.findIndex(({ id }) => id === message.id);
  if (known < 0) shown.messages.push(message);
  else shown.messages[known] = message;
}

const heard = {
  link(state) {
    const link = byId("link");
    link.dataset.state = state;
    link.textContent = LINKS[state];
  },
  async hello() {
    const list = await get("/desk/conversations").catch(() => null);
    if (!list) return;
    const present = new Set(list.map(({ id }) => id));
    for (const id of conversations.keys()) if (!present.has(id)) conversations.delete(id);
    for (const summary of list) takeSummary(summary);
    fetchDesk().then(render);
    render();
    if (shownId) open(shownId, { focus: false });
  },
  conversation(summary) {
    takeSummary(summary);
    if (summary.id === shownId && summary.status === "ended") clearTyping();
    render();
    if (summary.id === shownId) markRead();
  },
  message(event) {
    if (event.conversationId !== shownId) return;
    if (event.message.kind === "customer") showTyping("customer", null);
    early?.push(event);
    if (!shown) return;
    takeMessage(event);
    renderThread(shown, agentName());
  },
  typing({ conversationId, from, name, typing }) {
    if (conversationId !== shownId || !shown) return;
    if (from === "agent" && name === agentName()) return;
    showTyping(from, typing ? name || "The customer" : null);
  },
  desk(desk) {
    renderDesk(desk);
    render();
  },
};

function takeSummary(summary) {
  const known = conversations.get(summary.id);
  if (known && known.revision > summary.revision) return;
  conversations.set(summary.id, summary);
  if (shown?.id === summary.id && shown.revision <= summary.revision) Object.assign(shown, summary);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [popover]");
  if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
  if (event.key === "Escape" && document.body.dataset.view === "room" && !isStripOpen()) return close();
  if (moveInList(event)) event.preventDefault();
});
document.addEventListener("visibilitychange", markRead);
// Waiting times are told in words that grow old.
setInterval(render, 30_000);

setUpName(render);
setUpList(open);
setUpActions(() => shown, heard.conversation, close);
setUpRouting(() => shown, heard.conversation);
setUpComposer(() => shown);
setUpFiles();
setUpSettings(showTrouble);
render();
listen(heard);
