// @ts-check
// One request to Acme: a form goes, JSON comes. The host of the address is the name of the upstream: the gateway knows where
// it is, and adds the token.

import { ofNoResponse } from "./failure.js";

/** @typedef {Awaited<ReturnType<typeof post>>} Answer */

/**
 * @param {string} path
 * @param {Record<string, string>} fields
 */
export async function post(path, fields) {
  const { response, text } = await exchange(`http://api${path}`, new URLSearchParams(fields).toString());
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

async function exchange(/** @type {string} */ url, /** @type {string} */ body) {
  try {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const response = await fetch(url, { method: "POST", headers, body });
    return { response, text: await response.text() };
  } catch (error) {
    throw ofNoResponse(error);
  }
}
