// Who sits here: the agent's name, kept for this tab only, so that each tab can be another agent.

import { byId } from "./element.js";

const KEY = "agent-name";

const field = byId("agent-name");

/** Without a name, the one the server gives agents who have none. */
export const agentName = () => field.value.trim() || field.placeholder;

export function setUpName(changed) {
  field.value = sessionStorage.getItem(KEY) ?? "";
  field.addEventListener("input", () => {
    sessionStorage.setItem(KEY, field.value);
    changed();
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && field.blur());
}
