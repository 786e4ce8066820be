// The switches for trouble on purpose. They are the server's, so every console shows the same.

import { byId, setText } from "./element.js";
import { get, post } from "./server.js";
import { showTrouble } from "./customer.js";

const NOTICE = {
  slow: "Calls are slow",
  error500: "Calls fail",
  throttled429: "Calls are throttled",
  drop: "Calls are cut off",
  dropAfter: "Calls are cut off",
};

export function renderSwitches({ closed, fault, delayMs }) {
  byId("closed").checked = closed;
  byId("fault").value = fault;
  const delay = byId("delay");
  if (document.activeElement !== delay) delay.value = String(delayMs);
  byId("delay-field").hidden = fault !== "slow";
  const notices = [closed && "No agents", NOTICE[fault]].filter(Boolean);
  setText(byId("switch-notice"), notices.join(" · "));
  byId("switch-notice").hidden = notices.length === 0;
}

/** After a break the server may be another one. */
export const fetchSwitches = () => get("/api/switches").then(renderSwitches).catch(() => {});

export function setUpSettings() {
  const set = (change) => post("/api/switches", change).then(renderSwitches).catch((error) => showTrouble(error.message));
  byId("closed").addEventListener("change", (event) => set({ closed: event.target.checked }));
  byId("fault").addEventListener("change", (event) => set({ fault: event.target.value }));
  byId("delay").addEventListener("change", (event) => set({ delayMs: Math.max(0, Math.round(event.target.valueAsNumber || 0)) }));
  byId("settings").addEventListener("submit", (event) => event.preventDefault());
}
