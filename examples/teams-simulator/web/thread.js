// The thread: one bubble per line, grouped as Teams groups them, kept at the end while the reader is there.
import { markdown, plain } from './markdown.js';

const thread = document.getElementById('thread');
const scroll = document.getElementById('scroll');
const newer = document.getElementById('newer');
const typing = document.getElementById('typing');
const typingText = document.getElementById('typing-text');
const GROUPED_MS = 3 * 60_000;

const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit' });
const calendar = new Intl.DateTimeFormat([], { weekday: 'long', day: 'numeric', month: 'long' });

let atEnd = true;
let typingTimer;
/** Lines by their place, for edits. */
const shown = new Map();

scroll.addEventListener('scroll', () => {
  atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  if (atEnd) newer.hidden = true;
});
newer.addEventListener('click', toEnd);
// A soft keyboard or a growing composer must not push the last line out of sight.
new ResizeObserver(() => atEnd && toEnd()).observe(scroll);

export function toEnd() {
  scroll.scrollTop = scroll.scrollHeight;
  atEnd = true;
  newer.hidden = true;
}

export function clear() {
  thread.replaceChildren();
  shown.clear();
  hideTyping();
  atEnd = true;
}

/** Adds a line, or shows again one that was edited or deleted. */
export function show(entry) {
  const known = shown.get(entry.seq);
  if (known) {
    known.querySelector('.bubble').replaceChildren(content(entry));
    known.classList.toggle('deleted', !!entry.deleted);
    known.querySelector('.edited').hidden = !entry.edited || !!entry.deleted;
    return;
  }
  if (entry.from !== 'customer') hideTyping();
  const previous = [...shown.values()].at(-1);
  const time = new Date(entry.time);
  if (!previous || new Date(previous.dataset.time).toDateString() !== time.toDateString()) {
    thread.append(day(time));
  }
  const line = bubble(entry, time);
  line.classList.toggle('follows', follows(previous, line));
  thread.append(line);
  shown.set(entry.seq, line);
  if (atEnd || entry.from === 'customer') toEnd();
  else newer.hidden = false;
}

function bubble(entry, time) {
  const line = element('li', `message ${entry.from}`);
  Object.assign(line.dataset, {
    testid: 'message',
    from: entry.from,
    name: entry.name,
    seq: entry.seq,
    time: entry.time,
  });
  const name = entry.from === 'customer' ? 'You' : entry.name;
  const face = element('div', 'avatar');
  face.setAttribute('aria-hidden', 'true');
  face.textContent = initials(entry.name);
  if (entry.from === 'bot') face.classList.add('bot');
  if (entry.from === 'agent') face.classList.add('agent', `tint-${tint(entry.name)}`);

  const stamp = element('time');
  stamp.dateTime = entry.time;
  stamp.textContent = clock.format(time);
  stamp.title = time.toLocaleString();
  const edited = element('span', 'edited');
  edited.textContent = 'Edited';
  edited.hidden = !entry.edited;
  const meta = element('div', 'meta');
  const who = element('span', 'name');
  who.textContent = name;
  const role = element('span', 'role');
  role.textContent = 'Live agent';
  role.hidden = entry.from !== 'agent';
  meta.append(who, role, stamp, edited);

  const text = element('div', 'bubble');
  text.append(content(entry));
  const body = element('div', 'body');
  body.append(meta, text);
  line.append(face, body);
  line.classList.toggle('deleted', !!entry.deleted);
  return line;
}

function content(entry) {
  if (entry.deleted) return plain('This message has been deleted.');
  let text = entry.text;
  // The name leads a live agent's text; here it stands above the bubble.
  const lead = `**${entry.name}**: `;
  if (entry.from === 'agent' && text.startsWith(lead)) text = text.slice(lead.length);
  return entry.textFormat === 'markdown' ? markdown(text) : plain(text);
}

function follows(previous, line) {
  return (
    !!previous &&
    previous === thread.lastElementChild &&
    previous.dataset.from === line.dataset.from &&
    previous.dataset.name === line.dataset.name &&
    new Date(line.dataset.time) - new Date(previous.dataset.time) < GROUPED_MS
  );
}

function day(time) {
  const line = element('li', 'day');
  line.textContent = time.toDateString() === new Date().toDateString() ? 'Today' : calendar.format(time);
  return line;
}

/** A notice of the page's own. */
export function notice(text) {
  const line = element('li', 'message system');
  const said = element('div', 'bubble');
  said.append(plain(text));
  line.append(said);
  thread.append(line);
  toEnd();
}

export function showTyping({ name, seconds }) {
  typingText.textContent = `${name} is typing`;
  typing.hidden = false;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(hideTyping, seconds * 1000);
  if (atEnd) toEnd();
}

function hideTyping() {
  clearTimeout(typingTimer);
  typing.hidden = true;
}

export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join('') || '?';
}

/** The same agent always has the same colour. */
function tint(name) {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + char.codePointAt(0)) % 9973;
  return sum % 5;
}

function element(tag, classes) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  return made;
}
