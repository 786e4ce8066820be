// @ts-check
// The Contoso connector in JavaScript: what the gateway calls, one object per interface of wit/contoso.wit.
//
// A connector keeps nothing between calls: variables of a module are gone after each call. What has to be remembered
// is returned as `state` and comes back with the next call as `session.state`; Contoso needs none.
//
// Names of the WIT become camelCase (`lookup-keys` is `lookupKeys`), an `option` is a value or `undefined`, a `variant` is
// `{ tag, val }`, and a `result` is returned, or thrown as the `payload` of an error. A function that waits for `fetch` is
// async: the call ends when its promise does.

import { describe } from "./description.js";
import { end, report, send, start, typing } from "./to-vendor.js";
import { map } from "./from-vendor.js";

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

/** @type {Waiting<typeof import("handover:connector/signals@1.0.0")>} */
export const signals = { typing, report };
