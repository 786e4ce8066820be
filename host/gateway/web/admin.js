// Follows the gateway's state and shows it.

const find = (id) => document.getElementById(id);

function limits({ text_limit: limit, text_formats: formats, attachments: files }) {
  const texts = `texts: ${formats.join(", ") || "plain"}${limit ? `, at most ${limit[0]} ${limit[1]}` : ""}`;
  const size = files.size ? `, at most ${files.size} bytes` : "";
  return `${texts} · files: ${[files.mode, ...files.types].join(", ")}${size}`;
}

// What becomes of what, as a table: one row for each kind of thing, one column for each channel.
function table(kinds, channels) {
  const row = (cell, texts) => {
    const row = document.createElement("tr");
    row.append(...texts.map((text) => Object.assign(document.createElement(cell), { textContent: text })));
    return row;
  };
  const lines = kinds.map((line) => row("td", [line.direction, line.kind, ...line.channels]));
  return [row("th", ["direction", "kind", ...channels]), ...lines];
}

function connector(line, fallback, becomes) {
  const item = find("connector").content.firstElementChild.cloneNode(true);
  const show = (part, text) => { item.querySelector(part).textContent = text ?? ""; };
  item.dataset.state = line.state;
  item.dataset.name = line.name;
  show(".name", line.name);
  show(".state", line.state);
  show(".vendor", line.description?.vendor);
  show(".version", line.version && `version ${line.version}`);
  item.querySelector(".default").hidden = !(line.name === fallback && line.state === "active");
  item.querySelector(".reason").hidden = !line.reason;
  show(".reason", line.reason);
  if (line.state === "compiling" && line.since) {
    item.querySelector(".reason").hidden = false;
    show(".reason", `compiling, ${Math.round((Date.now() - line.since) / 1000)} s`);
  }
  const can = Object.entries(line.description?.capabilities ?? {}).filter(([, has]) => has).map(([name]) => name);
  const asks = (line.description?.imports ?? []).filter((name) => name.includes(":"));
  const facts = [
    line.file,
    line.digest && `sha256 ${line.digest.slice(0, 12)}`,
    line.signer ? `signed by ${line.signer}` : line.digest && line.version && "not signed",
    line.description?.upstreams.length && `reaches ${line.description.upstreams.join(", ")}`,
    can.length && `also ${can.join(", ")}`,
    asks.length && `asks for ${asks.join(", ")}`,
    line.instances && `instances: ${line.instances}`,
    line.since && `since ${new Date(line.since).toLocaleString()}`,
  ];
  show(".facts", facts.filter(Boolean).join(" · "));
  show(".limits", line.description && limits(line.description));
  const kinds = becomes.connectors[line.name];
  item.querySelector(".becomes").hidden = !(kinds && line.state === "active");
  if (kinds) item.querySelector(".becomes table").replaceChildren(...table(kinds, becomes.channels));
  return item;
}

function show(state) {
  find("version").textContent = state.version;
  const { sessions = {}, pending = "–", dead = "–", unread = {} } = state.store;
  const count = (...phases) => phases.reduce((sum, phase) => sum + (sessions[phase] ?? 0), 0);
  find("waiting").textContent = count("requested", "queued");
  find("active").textContent = count("active");
  find("ending").textContent = count("ending");
  find("unread").textContent = Object.values(unread).reduce((sum, kept) => sum + kept, 0);
  find("pending").textContent = pending;
  find("dead").textContent = dead;
  find("breakers-section").hidden = state.breakers.length === 0;
  find("breakers").replaceChildren(...state.breakers.map(({ target, state: at }) => {
    const item = document.createElement("li");
    item.textContent = `${target}: ${at}`;
    return item;
  }));
  find("connectors").replaceChildren(...state.connectors.map((line) => connector(line, state.default, state.becomes)));
  find("none").hidden = state.connectors.length > 0;
}

function link(kind, text) {
  find("link").dataset.link = kind;
  find("link").textContent = text;
}

const events = new EventSource("/admin/api/events");
events.onopen = () => link("live", "live");
events.onerror = () => {
  link("lost", "connection lost; trying again");
  // The gateway answered, and not with events: whoever is not signed in any more is led to where that can be done.
  if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000);
};
events.onmessage = (event) => show(JSON.parse(event.data));
