// Files that go with the next message: chosen, pasted or dropped, and shown until they are sent.

import { byId, element } from "./element.js";
import { upload } from "./server.js";
import { can } from "./settings.js";
import { hideTrouble, showTrouble } from "./customer.js";

/** The server takes no larger ones. */
const MOST_BYTES = 50 * 1024 * 1024;
const SIZES = ["B", "kB", "MB"];

/** What was chosen and not sent, by conversation. */
const chosen = new Map();
let shownId = null;

export function renderFiles(conversation) {
  shownId = conversation.status === "ended" ? null : conversation.id;
  byId("attach").hidden = !can("attachments");
  paint();
}

/** Takes the files that wait to be sent. */
export function takeFiles(id) {
  const files = chosen.get(id) ?? [];
  chosen.delete(id);
  paint();
  return files;
}

/** They could not be sent. */
export function putBackFiles(id, files) {
  chosen.set(id, [...files, ...(chosen.get(id) ?? [])]);
  paint();
}

/** Brings them to the server; what is to be said of them. */
export const uploadAll = (files) => Promise.all(files.map(upload));

export function setUpFiles() {
  const picker = byId("file");
  byId("attach").addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    add([...picker.files]);
    // So that the same file can be chosen again.
    picker.value = "";
    byId("text").focus();
  });
  byId("text").addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length || !can("attachments")) return;
    event.preventDefault();
    add([...event.clipboardData.files]);
  });
  const room = byId("room");
  room.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  room.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    // Otherwise the browser leaves the page for the file.
    event.preventDefault();
    if (can("attachments")) add([...event.dataTransfer.files]);
  });
}

function add(files) {
  if (!shownId) return;
  hideTrouble();
  const large = files.find(({ size }) => size > MOST_BYTES);
  if (large) showTrouble(`${large.name} is too large: 50 MB at most.`);
  const fit = files.filter(({ size }) => size <= MOST_BYTES);
  chosen.set(shownId, [...(chosen.get(shownId) ?? []), ...fit]);
  paint();
}

function paint() {
  const files = chosen.get(shownId) ?? [];
  byId("files").hidden = files.length === 0;
  byId("files").replaceChildren(...files.map(chip));
}

function chip(file) {
  const drop = () => {
    chosen.set(shownId, chosen.get(shownId).filter((one) => one !== file));
    paint();
    byId("text").focus();
  };
  return element("li", { class: "file", "data-testid": "file-chosen" },
    element("span", { class: "file-name" }, file.name),
    element("span", { class: "soft" }, size(file.size)),
    element("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: drop }, "×"));
}

function size(bytes) {
  const step = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${Number((bytes / 1000 ** step).toPrecision(2))} ${SIZES[step]}`;
}
