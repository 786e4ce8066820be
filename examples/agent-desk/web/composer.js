// Writing: drafts, typing notices, sending.

import { byId } from "./element.js";
import { act, mention } from "./server.js";
import { agentName } from "./me.js";
import { hideTrouble, showTrouble } from "./customer.js";
import { putBackFiles, takeFiles, uploadAll } from "./files.js";
import { can } from "./settings.js";

/** How often typing is renewed, and when a pause ends it. */
const RENEW_MS = 3000;
const PAUSE_MS = 4000;

/** What was written and not sent, by conversation. */
const drafts = new Map();
let painted = null;
let told = { id: null, at: 0 };
let pause = null;
/** The last sending; the next one waits for it, so that no text overtakes a large file. */
let sending = Promise.resolve();

const text = byId("text");

export function renderComposer(conversation, agent) {
  byId("composer").hidden = conversation.status === "ended";
  const other = conversation.agent && conversation.agent !== agent;
  text.placeholder = conversation.status === "waiting" ? "Write to accept and answer"
    : other ? `${conversation.agent} has this conversation` : "Write a message";
  if (painted === conversation.id) return;
  painted = conversation.id;
  text.value = drafts.get(conversation.id) ?? "";
  grow();
}

/** Puts the draft away when another conversation comes into view. */
export function leaveComposer(conversation) {
  if (!conversation) return;
  stopTyping();
  drafts.set(conversation.id, text.value);
  painted = null;
}

export function setUpComposer(shown) {
  text.addEventListener("input", () => {
    grow();
    tellTyping(shown());
  });
  text.addEventListener("blur", stopTyping);
  text.addEventListener("keydown", (event) => {
    // During composition Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send(shown());
  });
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send(shown());
    text.focus();
  });
}

async function send(conversation) {
  const message = text.value.trim();
  if (!conversation) return;
  const { id } = conversation;
  const files = takeFiles(id);
  if (!message && !files.length) return;
  text.value = "";
  drafts.delete(id);
  grow();
  hideTrouble();
  // The message itself tells the customer that the typing is over.
  clearTimeout(pause);
  told = { id: null, at: 0 };
  const agent = agentName();
  const say = async () => act(id, "say", { text: message, agent, attachments: await uploadAll(files) });
  try {
    await (sending = sending.then(say, say));
  } catch (error) {
    putBackFiles(id, files);
    if (painted === id && !text.value) text.value = message;
    else drafts.set(id, message);
    grow();
    showTrouble(`Not sent. ${error.message}`);
  }
}

function tellTyping(conversation) {
  clearTimeout(pause);
  if (!can("typing") || conversation?.status !== "active" || !text.value.trim()) return stopTyping();
  pause = setTimeout(stopTyping, PAUSE_MS);
  if (told.id === conversation.id && Date.now() - told.at < RENEW_MS) return;
  told = { id: conversation.id, at: Date.now() };
  mention(conversation.id, "typing", { typing: true, agent: agentName() });
}

function stopTyping() {
  clearTimeout(pause);
  if (!told.id) return;
  mention(told.id, "typing", { typing: false, agent: agentName() });
  told = { id: null, at: 0 };
}

/** As high as the text, up to what the style sheet allows. */
function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
}
