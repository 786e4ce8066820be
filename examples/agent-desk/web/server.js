// Talking with the server: requests, and the stream of changes.

/** Answers of requests that were refused. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function request(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused(0, "The live chat cannot be reached");
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw new Refused(answer.status, body.error || `Refused with ${answer.status}`);
}

export const get = (path) => request(path, { cache: "no-store" });

export const post = (path, body) =>
  request(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Posts what an agent does in a conversation. */
export const act = (id, deed, body) => post(`/desk/conversations/${encodeURIComponent(id)}/${deed}`, body);

/** Brings a file to the desk; what to say of it in a message. */
export const upload = (file) =>
  request(`/desk/files?name=${encodeURIComponent(file.name)}`, {
    method: "POST",
    headers: { "content-type": file.type || "application/octet-stream" },
    body: file,
  });

export const remove = (path) => request(path, { method: "DELETE" });

/** The same where nobody needs to know whether it worked. */
export const mention = (id, deed, body) => void act(id, deed, body).catch(() => {});

const RETRY_MS = 1000;
const HIDDEN_MS = 60_000;
const EVENTS = ["hello", "conversation", "message", "typing", "desk"];

/**
 * Listens for changes. `on[name](data)` hears them and `on.link(state)` how the connection fares. Each `hello` means:
 * from here nothing is missed, fetch what was before.
 */
export function listen(on) {
  let source = null;
  let hiding = null;

  function open() {
    on.link("connecting");
    source = new EventSource("/desk/events");
    source.onopen = () => on.link("live");
    source.onerror = () => {
      on.link("lost");
      // A browser gives up for good on some errors; this page never does.
      if (source?.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(() => source ?? open(), RETRY_MS);
      }
    };
    for (const name of EVENTS) source.addEventListener(name, (event) => on[name](JSON.parse(event.data)));
  }

  // A browser opens six connections to a server, all its tabs together: tabs nobody looks at must not keep one.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => {
        source?.close();
        source = null;
      }, HIDDEN_MS);
    } else if (!source) {
      open();
    }
  });
  open();
}
