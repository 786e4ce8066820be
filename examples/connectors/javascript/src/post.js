// @ts-check
// One request to the vendor. It names an upstream and a path: the gateway knows the address and adds the credential.

import { send } from "handover:connector/http@1.0.0";

import { ofNoResponse } from "./failure.js";

/** @typedef {ReturnType<typeof post>} Answer */

/**
 * Posts JSON.
 *
 * @param {string} upstream
 * @param {string} path
 * @param {object} body
 */
export function post(upstream, path, body) {
  const response = exchange(upstream, path, body);
  return {
    status: response.status,
    ok: response.status >= 200 && response.status < 300,
    /** A header's value; names without regard to case. @param {string} name */
    header: (name) => response.headers.find((header) => header.name.toLowerCase() === name)?.value,
    /** The body as JSON; `undefined` where it is none. @returns {any} */
    json: () => {
      try {
        return JSON.parse(new TextDecoder().decode(response.body));
      } catch {
        return undefined;
      }
    },
  };
}

function exchange(/** @type {string} */ upstream, /** @type {string} */ path, /** @type {object} */ body) {
  try {
    return send(upstream, {
      method: "post",
      path,
      host: undefined,
      headers: [{ name: "content-type", value: "application/json" }],
      body: new TextEncoder().encode(JSON.stringify(body)),
      timeout: undefined, // As long as the call may take.
    });
  } catch (error) {
    throw ofNoResponse(/** @type {any} */ (error).payload);
  }
}
