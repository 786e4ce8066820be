// @ts-check
// The Acme connector: what the gateway calls, one object per interface of wit/acme.wit. Acme shows no typing and no
// receipts: no `signals`.

import { describe } from "./description.js";
import { map } from "./from-vendor.js";
import { end, send, start } from "./to-vendor.js";

/** @type {typeof import("handover:connector/descriptor@1.0.0")} */
export const descriptor = { describe };

/**
 * An interface whose functions may wait, which the generated types do not know.
 *
 * @template Interface
 * @typedef {{ [Name in keyof Interface]: Interface[Name] extends (...given: infer Given) => infer Result
 *   ? (...given: Given) => Result | Promise<Result> : never }} Waiting
 */

/** @type {Waiting<typeof import("handover:connector/handoff@1.0.0")>} */
export const handoff = { start, send, end };

/** @type {typeof import("handover:connector/callback@1.0.0")} */
export const callback = { map };
