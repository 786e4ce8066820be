// Who the customer is, what they need, and what the agent can do about the conversation as a whole.

import { byId, customerName, element, paintAvatar, setText, since } from "./element.js";
import { act } from "./server.js";
import { agentName } from "./me.js";
import { can } from "./settings.js";
import { closeStrips, setUpStrip } from "./strip.js";

export function renderCustomer(conversation, agent) {
  const { status } = conversation;
  paintAvatar(byId("customer-avatar"), conversation);
  setText(byId("customer-name"), customerName(conversation));
  setText(byId("standing"), standing(conversation, agent));
  byId("room").dataset.status = status;
  setText(byId("problem"), conversation.problem ?? "");
  byId("problem").hidden = !conversation.problem;
  byId("accept").hidden = status !== "waiting";
  byId("leave").hidden = status !== "active" || conversation.agent !== agent || !can("leave");
  byId("end-chat").hidden = status === "ended";
  if (status === "ended") closeStrips();
  setText(byId("confirm-name"), customerName(conversation));
  renderDetails(conversation);
}

function standing({ status, agent, startedAt, endedBy, queuePosition }, me) {
  if (status === "waiting") return `Waiting · ${since(startedAt)}${place(queuePosition)}`;
  if (status === "ended") return `Ended by ${endedBy === "agent" ? agent ?? "the agent" : `the ${endedBy}`}`;
  return agent === me ? "With you" : `With ${agent}`;
}

function place(position) {
  if (position === null || position === undefined) return "";
  return position === 0 ? " · next in line" : ` · ${position} before`;
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

/**
 * Connects the buttons; `shown()` is the conversation in view, `take` hears what has become of it, `close()` leads back
 * to the list.
 */
export function setUpActions(shown, take, close) {
  const attempt = async (deed) => {
    hideTrouble();
    try {
      // Not only with the push: what gets the focus next must be there.
      take(await act(shown().id, deed, { agent: agentName() }));
      return true;
    } catch (error) {
      showTrouble(error.message);
      return false;
    }
  };
  byId("accept").addEventListener("click", async () => (await attempt("accept")) && byId("text").focus());
  byId("leave").addEventListener("click", async () => (await attempt("leave")) && byId("accept").focus());
  byId("back").addEventListener("click", close);

  const first = byId("confirm-end");
  setUpStrip({ strip: byId("confirm"), button: byId("end-chat"), cancel: byId("keep"), first });
  first.addEventListener("click", async () => {
    closeStrips();
    await attempt("end");
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
