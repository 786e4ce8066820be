// Who sits here: the agent's name, kept for this tab only, so that each tab can be another agent.

import { byId } from "./element.js";

/** The name the server gives agents who have none. */
const NOBODY = "Contoso Support";
const KEY = "agent-name";

const field = byId("agent-name");

export const agentName = () => field.value.trim() || NOBODY;

export function setUpName(changed) {
  field.value = sessionStorage.getItem(KEY) ?? "";
  field.addEventListener("input", () => {
    sessionStorage.setItem(KEY, field.value);
    changed();
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && field.blur());
}
