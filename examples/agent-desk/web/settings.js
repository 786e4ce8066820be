// The desk itself: whether there are agents, what they can do, and trouble on purpose. It is the server's, so every
// console shows the same.

import { byId, setText } from "./element.js";
import { get, post, remove } from "./server.js";

/** What the list offers, as faults of all requests; the delay is the field's. */
const CALLS = {
  slow: { fault: "slow" },
  error500: { fault: "status", status: 500 },
  throttled429: { fault: "status", status: 429, retryAfter: 1 },
  hold: { fault: "hold" },
  drop: { fault: "reset" },
  dropAfter: { fault: "reset", after: true },
};
const WEBHOOKS = ["duplicate", "reorder", "drop-answer"];
const NOTICE = { slow: "Calls are slow", status: "Calls fail", hold: "Calls are not answered", reset: "Calls are cut off" };
const DELAY_MS = 3000;

let skills = [];

/** Whether agents of this vendor can do this. */
export const can = (skill) => skills.includes(skill);

export function renderDesk(desk) {
  skills = desk.skills;
  const isWebhooks = ({ fault }) => WEBHOOKS.includes(fault);
  const calls = desk.faults.find((fault) => !isWebhooks(fault));
  const webhooks = desk.faults.find(isWebhooks);
  byId("closed").checked = !desk.open;
  byId("fault").value = calls ? choice(calls) : "none";
  byId("webhooks").value = webhooks ? (forAll(webhooks) && webhooks.fault !== "reorder" ? webhooks.fault : "others") : "none";
  const delay = byId("delay");
  if (document.activeElement !== delay) delay.value = String(calls?.ms ?? DELAY_MS);
  byId("delay-field").hidden = calls?.fault !== "slow";
  const notices = [!desk.open && "No agents", calls && NOTICE[calls.fault], webhooks && "Webhooks misbehave"].filter(Boolean);
  setText(byId("switch-notice"), notices.join(" · "));
  byId("switch-notice").hidden = notices.length === 0;
}

const forAll = ({ operation, times }) => operation === "*" && times === undefined;

/** The choice that means this fault. */
function choice(fault) {
  const same = ([, { fault: kind, status, after = false }]) =>
    kind === fault.fault && status === fault.status && after === fault.after;
  return (forAll(fault) && Object.entries(CALLS).find(same)?.[0]) || "others";
}

/** After a break the server may be another one. */
export const fetchDesk = () => get("/desk").then(renderDesk).catch(() => {});

/** Sets the faults that the lists say, in place of all others. */
async function setFaults() {
  // Read first: the desk's news of each step paints the lists anew.
  const calls = CALLS[byId("fault").value];
  const webhooks = byId("webhooks").value;
  const ms = Math.max(0, Math.round(byId("delay").valueAsNumber || 0));
  await remove("/desk/faults");
  if (calls) await post("/desk/faults", { operation: "*", ...calls, ...(calls.fault === "slow" && { ms }) });
  if (WEBHOOKS.includes(webhooks)) await post("/desk/faults", { operation: "*", fault: webhooks });
  await fetchDesk();
}

export function setUpSettings(trouble) {
  const tell = (error) => trouble(error.message);
  byId("closed").addEventListener("change", (event) => {
    post(`/desk/${event.target.checked ? "close" : "open"}`, {}).then(renderDesk).catch(tell);
  });
  const set = () => setFaults().catch(tell);
  for (const id of ["fault", "webhooks", "delay"]) byId(id).addEventListener("change", set);
  byId("settings").addEventListener("submit", (event) => event.preventDefault());
}
