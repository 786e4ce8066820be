// @ts-check
// From Acme to the bot: one request, many events.

/**
 * @typedef {import("handover:connector/types@1.0.0").Event} Event
 * @typedef {import("handover:connector/callback@1.0.0").MappedEvent} MappedEvent
 */

/** @param {string} why */
function malformed(why) {
  return Object.assign(new Error(why), { payload: { tag: "malformed", val: why } });
}

/**
 * @param {import("handover:connector/types@1.0.0").Context} _context
 * @param {import("handover:connector/callback@1.0.0").Request} request
 * @returns {import("handover:connector/callback@1.0.0").Mapped}
 */
export function map(_context, request) {
  const body = read(request.body);
  if (!Array.isArray(body?.events)) {
    throw malformed("`events` is no list");
  }
  return {
    events: body.events.flatMap(mapped),
    answer: undefined,
    // "What is not answered with 2xx is sent again": 410 would have it sent for ever.
    answerWhenClosed: { status: 200, headers: [], body: new Uint8Array() },
  };
}

/** None for what belongs to no chat: it must not hold back the others. @param {any} one @returns {MappedEvent[]} */
function mapped(one) {
  const lookupKey = text(one?.chat);
  if (!lookupKey) {
    return [];
  }
  // Acme's id of the event: the same when it comes again.
  return [{ lookupKey, dedupeId: text(one.id) || undefined, time: undefined, event: event(one) }];
}

/** @param {any} one @returns {Event} */
function event(one) {
  if (one.by === "visitor") {
    return { tag: "ignored", val: "the customer's own" }; // An echo.
  }
  const agent = { id: undefined, name: text(one.name), role: "agent", avatarUrl: undefined };
  switch (one.type) {
    case "joined":
      return { tag: "joined", val: agent };
    case "message": {
      const said = text(one.text);
      if (!said?.trim()) {
        return { tag: "ignored", val: "a message without a text" };
      }
      const message = { id: text(one.message), author: agent, text: said, attachments: [], replyTo: undefined };
      return { tag: "message", val: { ...message, format: "plain" } };
    }
    case "closed":
      return { tag: "ended", val: { by: "live-agent", detail: text(one.reason) } };
    default:
      // `unmapped` would hold back the whole request, with all that is known in it.
      return { tag: "ignored", val: "an event of a kind that is not known" };
  }
}

/** @param {Uint8Array} bytes @returns {any} */
function read(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed("no JSON");
  }
}

/** A string. JSON can spell half a character ("\ud800"), which is no text. @param {unknown} value */
function text(value) {
  return typeof value === "string" && !/[\ud800-\udfff]/u.test(value) ? value : undefined;
}
