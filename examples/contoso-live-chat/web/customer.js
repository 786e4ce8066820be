// Who the customer is, what they need, and what the agent can do about the conversation as a whole.

import { byId, customerName, element, paintAvatar, setText, since } from "./element.js";
import { post } from "./server.js";
import { agentName } from "./me.js";

export function renderCustomer(conversation, agent) {
  const { status } = conversation;
  paintAvatar(byId("customer-avatar"), conversation);
  setText(byId("customer-name"), customerName(conversation));
  setText(byId("standing"), standing(conversation, agent));
  byId("room").dataset.status = status;
  setText(byId("problem"), conversation.problem ?? "");
  byId("problem").hidden = !conversation.problem;
  byId("accept").hidden = status !== "waiting";
  byId("leave").hidden = status !== "active" || conversation.agent !== agent;
  byId("end-chat").hidden = status === "ended";
  if (status === "ended") byId("confirm").hidden = true;
  setText(byId("confirm-name"), customerName(conversation));
  renderDetails(conversation);
}

function standing({ status, agent, startedAt, endedBy }, me) {
  if (status === "waiting") return `Waiting · ${since(startedAt)}`;
  if (status === "ended") return `Ended by ${endedBy === "agent" ? agent ?? "the agent" : "the customer"}`;
  return agent === me ? "With you" : `With ${agent}`;
}

function renderDetails(conversation) {
  const { customer } = conversation;
  const facts = [
    ["Channel", conversation.channel],
    ["Email", customer.email],
    ["Language", customer.locale ?? conversation.locale],
    ["Customer id", customer.id],
    ["Agent", conversation.agent],
    ["Started", new Date(conversation.startedAt).toLocaleString()],
    ["End reason", conversation.endReason],
  ];
  const attributes = Object.entries(conversation.attributes ?? {});
  const rows = (pairs) =>
    element("dl", {}, ...pairs.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  byId("details").replaceChildren(
    element("h3", {}, "Customer"),
    rows(facts),
    ...(attributes.length ? [element("h3", {}, "From the bot"), rows(attributes)] : []),
    element("h3", {}, "Conversation"),
    element("p", { class: "conversation-id", "data-testid": "conversation-id" }, conversation.id),
  );
}

export function showTrouble(text) {
  byId("trouble").hidden = false;
  setText(byId("trouble"), text);
}

export function hideTrouble() {
  byId("trouble").hidden = true;
}

/** Connects the buttons; `shown()` is the conversation in view, `close()` leads back to the list. */
export function setUpActions(shown, close) {
  const act = async (path) => {
    hideTrouble();
    try {
      await post(path, { conversationId: shown().id, agent: agentName() });
      return true;
    } catch (error) {
      showTrouble(error.message);
      return false;
    }
  };
  byId("accept").addEventListener("click", async () => (await act("/api/chat/accept")) && byId("text").focus());
  byId("leave").addEventListener("click", async () => (await act("/api/chat/leave")) && byId("accept").focus());
  byId("back").addEventListener("click", close);

  const confirm = byId("confirm");
  byId("end-chat").addEventListener("click", () => {
    confirm.hidden = !confirm.hidden;
    if (!confirm.hidden) byId("confirm-end").focus();
  });
  const keep = () => {
    confirm.hidden = true;
    byId("end-chat").focus();
  };
  byId("keep").addEventListener("click", keep);
  confirm.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    keep();
  });
  byId("confirm-end").addEventListener("click", async () => {
    confirm.hidden = true;
    await act("/api/chat/close");
    byId("log").focus();
  });

  // Where the details lie over the thread, a click on the thread puts them away.
  byId("room").addEventListener("click", (event) => {
    const opened = byId("room").dataset.details === "open";
    if (event.target.closest("#details-button")) showDetails(!opened);
    else if (opened) showDetails(false);
  });
}

/** Shows the details where the page is too narrow to show them always. */
export function showDetails(opened) {
  byId("room").dataset.details = opened ? "open" : "closed";
  byId("details-button").setAttribute("aria-expanded", String(opened));
}
