// @ts-check
// From the bot to Acme.

import { failed, ofStatus } from "./failure.js";
import { post } from "./post.js";

/**
 * @typedef {import("handover:connector/types@1.0.0").Context} Context
 * @typedef {import("handover:connector/types@1.0.0").Session} Session
 * @typedef {import("handover:connector/types@1.0.0").Update} Update
 * @typedef {import("handover:connector/handoff@1.0.0").NewSession} NewSession
 * @typedef {import("handover:connector/handoff@1.0.0").StartOutcome} StartOutcome
 * @typedef {import("handover:connector/handoff@1.0.0").Sent} Sent
 */

/** Nothing to remember. @type {Update} */
const UNCHANGED = { state: undefined, tokens: undefined };

/**
 * First the visitor, then the chat.
 *
 * @param {Context} _context
 * @param {NewSession} session
 * @returns {Promise<StartOutcome>}
 */
export async function start(_context, session) {
  if (session.progress === undefined) {
    const { id, name } = session.customer;
    const visitor = begun(await post("/visitors", { external_id: id, name: name ?? "Customer" })).visitor;
    // Stored; `start` is called again with it.
    return { tag: "continue", val: { state: JSON.stringify({ visitor: text(visitor) }), tokens: undefined } };
  }
  const { visitor } = JSON.parse(session.progress);
  const chat = begun(await post("/chats", { visitor, topic: session.problem ?? "Chat", request_id: session.id }));
  const queued = { position: Number(chat.position) || undefined, waitSeconds: undefined, text: undefined };
  return {
    tag: "started",
    val: {
      lookupKeys: [text(chat.chat)],
      state: "",
      tokens: undefined,
      events: [{ tag: "queued", val: queued }],
      problemTold: session.problem !== undefined, // It is the topic: the gateway need not send it as a message, too.
    },
  };
}

/** What a step of the start has made. */
function begun(/** @type {import("./post.js").Answer} */ response) {
  const body = response.json() ?? {};
  if (response.ok) {
    return body;
  }
  if (body.error === "desk_closed") {
    throw failed({ tag: "no-agents" }, { tag: "never" }, "the desk is closed");
  }
  if (response.status === 404 || response.status === 410) {
    // There is no chat yet that could be gone: the address is wrong.
    throw failed({ tag: "misconfigured", val: "upstreams.api.base_url" }, { tag: "never" }, `status ${response.status}`);
  }
  throw ofStatus(response);
}

/** An id of Acme's. */
function text(/** @type {unknown} */ value) {
  if (typeof value !== "string" || !value) {
    throw failed({ tag: "rejected" }, { tag: "never" }, "a success with an unexpected body");
  }
  return value;
}

/**
 * @param {Context} _context
 * @param {Session} session
 * @param {import("handover:connector/types@1.0.0").Message} message
 * @returns {Promise<Sent>}
 */
export async function send(_context, session, message) {
  // `request_id` is the same on each attempt: Acme shows the message once.
  const response = await post(`${path(session)}/messages`, { text: message.text, request_id: message.id });
  if (!response.ok) {
    throw ofStatus(response);
  }
  const id = response.json()?.message;
  return { vendorMessageId: typeof id === "string" ? id : undefined, update: UNCHANGED };
}

/** @param {Context} _context @param {Session} session @returns {Promise<Update>} */
export async function end(_context, session) {
  const response = await post(`${path(session)}/close`, {});
  // Closed already, or gone: it has ended.
  if (response.ok || [404, 409, 410].includes(response.status)) {
    return UNCHANGED;
  }
  throw ofStatus(response);
}

/** An id is data: it must not become another path. */
function path(/** @type {Session} */ session) {
  return `/chats/${encodeURIComponent(session.lookupKeys[0] ?? "")}`;
}
