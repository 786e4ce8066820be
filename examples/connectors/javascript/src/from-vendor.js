// @ts-check
// From the live chat to the bot: reads its webhook. The same request must always give the same events, so nothing here
// looks at a clock or rolls dice.

/** @typedef {import("handover:connector/types@1.0.0").Event} Event */

/** An error that the gateway reads: what the live chat sent is no use, and it is told why. */
class Refused extends Error {
  /** @param {import("handover:connector/callback@1.0.0").Refusal} payload */
  constructor(payload) {
    super(payload.val);
    this.payload = payload;
  }
}

/** Answered with 400. The sentence goes to whoever sent it, so it repeats no value. */
const malformed = (/** @type {string} */ why) => new Refused({ tag: "malformed", val: why });

/** Kept, and mapped again by the next version of this connector. */
const unmapped = (/** @type {string} */ why) => new Refused({ tag: "unmapped", val: why });

/**
 * @param {import("handover:connector/types@1.0.0").Context} context
 * @param {import("handover:connector/callback@1.0.0").Request} request
 * @returns {import("handover:connector/callback@1.0.0").Mapped}
 */
export function map(context, request) {
  const settings = JSON.parse(context.settings);
  const body = read(request.body);
  const lookupKey = text(body, "conversationid");
  if (!lookupKey) {
    throw malformed("`conversationId` is missing or empty");
  }
  // An empty id names nothing: as a name it would make every message after the first a duplicate.
  const id = text(body, "id") || undefined;
  const sender = text(body, "sender") || settings.agent_name || "Contoso Support";
  const type = text(body, "type") ?? "message";
  const time = text(body, "timestamp");
  // What has no id is told apart by its time; what has neither cannot be told apart at all.
  const byTime = time ? namedBy(lookupKey, type, time, text(body, "message") ?? "") : undefined;
  return {
    events: [{ lookupKey, dedupeId: id ?? byTime, time: undefined, event: event(type.toLowerCase(), id, sender, body) }],
    answer: answer({
      message: "Message received successfully",
      timestamp: new Date(Number(context.now)).toISOString(),
      receivedFrom: sender,
    }),
    answerWhenClosed: undefined,
  };
}

/**
 * A name made of all that tells something apart (FNV-1a, twice), short however long that is: the gateway takes 512 bytes.
 * @param {string[]} parts
 */
function namedBy(...parts) {
  const all = JSON.stringify(parts);
  let [one, other] = [0x811c9dc5, 0x62b82175];
  for (let at = 0; at < all.length; at++) {
    one = Math.imul(one ^ all.charCodeAt(at), 0x01000193);
    other = Math.imul(other ^ one, 0x01000193);
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/**
 * @param {string} type
 * @param {string | undefined} id
 * @param {string} sender
 * @param {Map<string, unknown>} body
 * @returns {Event}
 */
function event(type, id, sender, body) {
  const agent = { id: undefined, name: sender, role: "agent", avatarUrl: undefined };
  switch (type) {
    case "message": {
      const said = text(body, "message");
      if (!said?.trim()) {
        throw malformed("`message` is missing or empty");
      }
      const message = { id, author: agent, text: said, attachments: [], replyTo: undefined };
      return { tag: "message", val: { ...message, format: "markdown" } };
    }
    case "joined":
      return { tag: "joined", val: agent };
    case "left":
      return { tag: "left", val: agent };
    case "typing":
      return { tag: "typing", val: { author: agent, on: flag(body, "typing") ?? true } };
    case "ended":
      return { tag: "ended", val: { by: "live-agent", detail: text(body, "reason") } };
    default:
      throw unmapped(`events of type ${JSON.stringify(type)} are not known`);
  }
}

/**
 * The members of a JSON object, their names in lower case: the live chat writes `ConversationId`, its documentation
 * `conversationId`.
 *
 * @param {Uint8Array} bytes
 * @returns {Map<string, unknown>}
 */
function read(bytes) {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed("no JSON");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw malformed("no JSON object");
  }
  return new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
}

/** A string; absent and null are the same. */
function text(/** @type {Map<string, unknown>} */ body, /** @type {string} */ name) {
  const value = body.get(name) ?? undefined;
  // JSON can spell half a character ("\ud800"), which is no text.
  if (value !== undefined && (typeof value !== "string" || /[\ud800-\udfff]/u.test(value))) {
    throw malformed(`\`${name}\` is no text`);
  }
  return value;
}

/** True or false; absent and null are the same. */
function flag(/** @type {Map<string, unknown>} */ body, /** @type {string} */ name) {
  const value = body.get(name) ?? undefined;
  if (value !== undefined && typeof value !== "boolean") {
    throw malformed(`\`${name}\` is neither true nor false`);
  }
  return value;
}

/** What the webhook answers to the live chat. */
function answer(/** @type {object} */ body) {
  const headers = [{ name: "content-type", value: "application/json" }];
  return { status: 200, headers, body: new TextEncoder().encode(JSON.stringify(body)) };
}
