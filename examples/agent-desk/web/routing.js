// Where a conversation goes: to a queue or another agent, and which place it has among those who wait.

import { byId, setText } from "./element.js";
import { act } from "./server.js";
import { agentName } from "./me.js";
import { hideTrouble, showTrouble } from "./customer.js";
import { can } from "./settings.js";
import { closeStrips, setUpStrip } from "./strip.js";

/** For whom the place was typed: what is being typed is not painted over. */
let painted = null;

export function renderRouting(conversation, agent) {
  const { id, status, queuePosition } = conversation;
  const mine = status === "active" && conversation.agent === agent;
  byId("transfer-open").hidden = !mine || !can("transfer");
  if (byId("transfer-open").hidden && !byId("transfer").hidden) closeStrips();
  byId("place").hidden = status !== "waiting" || !can("queue");
  const known = queuePosition ?? null;
  setText(byId("place-told"), known === null ? "" : "The customer knows");
  const number = byId("place-number");
  if (painted === id && document.activeElement === number) return;
  painted = id;
  number.value = known === null ? "" : String(known);
}

/** Connects the controls; `shown()` is the conversation in view, `take` hears what has become of it. */
export function setUpRouting(shown, take) {
  const [transfer, name, kind] = [byId("transfer"), byId("transfer-name"), byId("transfer-kind")];
  setUpStrip({ strip: transfer, button: byId("transfer-open"), cancel: byId("transfer-cancel"), first: name });
  const attempt = async (deed, body) => {
    hideTrouble();
    try {
      const summary = await act(shown().id, deed, body);
      // Not only with the push: what gets the focus next must be there.
      take(summary);
      return summary;
    } catch (error) {
      showTrouble(error.message);
      return null;
    }
  };
  transfer.addEventListener("submit", async (event) => {
    event.preventDefault();
    const to = { [kind.value]: name.value.trim() };
    const given = await attempt("transfer", { agent: agentName(), to });
    if (!given) return;
    name.value = "";
    closeStrips();
    byId(given.status === "waiting" ? "accept" : "log").focus();
  });
  byId("place").addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt("queue", { position: byId("place-number").valueAsNumber });
  });
}
