// @ts-check
// One request to the vendor, by `fetch`. Its host is the name of an upstream: the gateway knows the address and adds the
// credential.

import { ofNoResponse } from "./failure.js";

/** @typedef {Awaited<ReturnType<typeof post>>} Answer */

/**
 * Posts JSON.
 *
 * @param {string} upstream
 * @param {string} path
 * @param {object} body
 */
export async function post(upstream, path, body) {
  const { response, text } = await exchange(`http://${upstream}${path}`, body);
  return {
    status: response.status,
    ok: response.ok,
    /** A header's value; names without regard to case. @param {string} name */
    header: (name) => response.headers.get(name) ?? undefined,
    /** The body as JSON; `undefined` where it is none. @returns {any} */
    json: () => {
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
    },
  };
}

async function exchange(/** @type {string} */ url, /** @type {object} */ body) {
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    return { response, text: await response.text() };
  } catch (error) {
    throw ofNoResponse(error);
  }
}
