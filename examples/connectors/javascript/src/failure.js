// @ts-check
// Failures with the right advice. It decides whether the gateway tries again, and whether a customer's message may
// arrive twice or never: the most important lines of a connector.

/**
 * @typedef {import("handover:connector/types@1.0.0").FailureReason} FailureReason
 * @typedef {import("handover:connector/types@1.0.0").RetryAdvice} RetryAdvice
 */

/** An error that the gateway reads: it looks at `payload`. */
class Failed extends Error {
  /** @param {import("handover:connector/types@1.0.0").Failure} payload */
  constructor(payload) {
    super(payload.detail);
    this.payload = payload;
  }
}

/**
 * @param {FailureReason} reason
 * @param {RetryAdvice} retry `never`: it will fail again. `safe`: nothing has happened. `unknown-outcome`: it may have.
 * @param {string} detail For the operator: neither a message text nor a secret.
 */
export function failed(reason, retry, detail) {
  return new Failed({ reason, retry, detail });
}

/** A response that is no success, by what its status means. */
export function ofStatus(/** @type {import("./post.js").Answer} */ response) {
  const detail = `the vendor answered ${response.status}`;
  const wait = response.header("retry-after")?.trim() ?? "";
  const after = /^\d{1,9}$/.test(wait) ? BigInt(wait) * 1000n : undefined; // Milliseconds.
  switch (response.status) {
    case 401:
    case 403:
      return failed({ tag: "misconfigured", val: "credential" }, { tag: "never" }, detail);
    case 404:
    case 410:
      return failed({ tag: "conversation-gone" }, { tag: "never" }, detail);
    case 413:
      return failed({ tag: "too-large" }, { tag: "never" }, detail);
    case 429:
      return failed({ tag: "rate-limited" }, { tag: "safe", val: after }, detail);
  }
  if (response.status === 503 && after !== undefined) {
    // A vendor that says when to come back has not done it.
    return failed({ tag: "unavailable" }, { tag: "safe", val: after }, detail);
  }
  if (response.status >= 500) {
    // It may have failed after the work was done.
    return failed({ tag: "unavailable" }, { tag: "unknown-outcome" }, detail);
  }
  return failed({ tag: "rejected" }, { tag: "never" }, detail);
}

/** There is no response. `fetch` says the same of all that can go wrong, so the vendor may have done it. */
export function ofNoResponse(/** @type {unknown} */ error) {
  return failed({ tag: "unavailable" }, { tag: "unknown-outcome" }, String(error));
}
