// @ts-check
// From the bot to the live chat: start, send, end, and small signs.

import { API } from "./description.js";
import { failed, ofStatus } from "./failure.js";
import { post } from "./post.js";

/**
 * @typedef {import("handover:connector/types@1.0.0").Context} Context
 * @typedef {import("handover:connector/types@1.0.0").Session} Session
 * @typedef {import("handover:connector/types@1.0.0").Update} Update
 * @typedef {import("handover:connector/handoff@1.0.0").StartOutcome} StartOutcome
 * @typedef {import("handover:connector/handoff@1.0.0").Sent} Sent
 */

/** Nothing to remember. @type {Update} */
const UNCHANGED = { state: undefined, tokens: undefined };

/** Contoso's words for who said something, where they differ from the contract's. @type {Record<string, string>} */
const ROLES = { "live-agent": "agent" };

/** Contoso's words for why a conversation ends, where they differ. @type {Record<string, string>} */
const REASONS = { "live-agent": "agent", "vendor-failure": "failure" };

/**
 * @param {Context} _context
 * @param {import("handover:connector/handoff@1.0.0").NewSession} session
 * @returns {Promise<StartOutcome>}
 */
export async function start(_context, session) {
  const { id, customer, channel, problem, transcript, attributes, routing } = session;
  const response = await post(API, "/api/chat/start", {
    sessionId: id, // Contoso starts one conversation per id, however often it is asked.
    customer: {
      id: customer.id,
      name: customer.name ?? null,
      email: customer.email ?? null,
      locale: customer.locale ?? null,
    },
    channel,
    locale: customer.locale ?? null,
    problem: problem ?? null,
    transcript: transcript.map((turn) => ({
      role: ROLES[turn.author] ?? turn.author,
      name: turn.name ?? null,
      text: turn.text,
      time: turn.time === undefined ? null : rfc3339(turn.time),
    })),
    attributes: Object.fromEntries([...attributes, ...routing].map(({ name, value }) => [name, value])),
  });
  const answer = response.json();
  if (!response.ok) {
    if (answer?.code === "no-agents") {
      throw failed({ tag: "no-agents" }, { tag: "never" }, "the live chat is closed");
    }
    if (response.status === 404 || response.status === 410) {
      // There is no conversation yet that could be gone: the address is wrong.
      const key = { tag: /** @type {const} */ ("misconfigured"), val: "upstreams.api.base_url" };
      throw failed(key, { tag: "never" }, `the vendor answered ${response.status}`);
    }
    throw ofStatus(response);
  }
  if (typeof answer?.conversationId !== "string") {
    const detail = `status ${response.status} with an unexpected body`;
    throw failed({ tag: "rejected" }, { tag: "never" }, detail);
  }
  const queued = { position: undefined, waitSeconds: undefined, text: undefined };
  return {
    tag: "started",
    val: {
      lookupKeys: [answer.conversationId], // Callbacks will name the conversation so.
      state: "",
      tokens: undefined,
      events: answer.status === "waiting" ? [{ tag: "queued", val: queued }] : [],
      problemTold: answer.problemShown === true, // Else the gateway delivers the problem as a message.
    },
  };
}

/**
 * @param {Context} _context
 * @param {Session} session
 * @param {import("handover:connector/types@1.0.0").Message} message
 * @returns {Promise<Sent>}
 */
export async function send(_context, session, message) {
  const links = message.attachments.map((file) => `\n[${file.name}](${file.url})`);
  const response = await post(API, "/api/chat/receive", {
    conversationId: session.lookupKeys[0] ?? "",
    message: (message.text + links.join("")).trim(),
    sender: message.author ?? session.customer.name ?? "unknown-user",
    id: message.id, // The same on every attempt, so that Contoso shows the message once.
    timestamp: rfc3339(message.time),
  });
  if (!response.ok) {
    throw ofStatus(response);
  }
  const taken = response.json(); // The message was taken, whatever the answer looks like.
  const vendorMessageId = typeof taken?.messageId === "string" ? taken.messageId : undefined;
  return { vendorMessageId, update: UNCHANGED };
}

/**
 * @param {Context} _context
 * @param {Session} session
 * @param {import("handover:connector/types@1.0.0").EndReason} reason
 * @returns {Promise<Update>}
 */
export async function end(_context, session, reason) {
  const body = { conversationId: session.lookupKeys[0] ?? "", reason: REASONS[reason] ?? reason };
  const response = await post(API, "/api/chat/end", body);
  // A conversation that is gone has ended: ending is done again where its outcome was lost.
  if (response.ok || response.status === 404 || response.status === 410) {
    return UNCHANGED;
  }
  throw ofStatus(response);
}

/** @param {Context} _context @param {Session} session @param {boolean} on */
export async function typing(_context, session, on) {
  const sender = session.customer.name ?? null;
  return signal("/api/chat/typing", { conversationId: session.lookupKeys[0] ?? "", typing: on, sender });
}

/**
 * @param {Context} _context
 * @param {Session} session
 * @param {import("handover:connector/signals@1.0.0").Receipt} receipt
 */
export async function report(_context, session, receipt) {
  return signal("/api/chat/receipt", {
    conversationId: session.lookupKeys[0] ?? "",
    messageId: receipt.messageId,
    status: receipt.outcome.tag,
    reason: receipt.outcome.tag === "not-delivered" ? receipt.outcome.val : null,
  });
}

/** Microsoft's own live chat has no such routes: it cannot show them, and that is no fault. */
async function signal(/** @type {string} */ path, /** @type {object} */ body) {
  const response = await post(API, path, body);
  if (!response.ok && ![404, 405, 410].includes(response.status)) {
    throw ofStatus(response);
  }
}

/** The contract's times are milliseconds since 1970, as a BigInt. */
function rfc3339(/** @type {bigint} */ time) {
  return new Date(Number(time)).toISOString();
}
