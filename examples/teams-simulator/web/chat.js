// The conversation: opened or continued, pushed by the server, written to by the customer.
import * as thread from './thread.js';
import { lab } from './lab.js';

const byId = (id) => document.getElementById(id);
const status = byId('status');
const text = byId('text');
const name = byId('name');
const problem = byId('problem');
const TYPING_EVERY_MS = 3000;

let conversation;
let events;
let bot = {};
let typedAt = 0;

name.value = localStorage.getItem('name') || 'Jane Doe';

async function call(path, body) {
  const request = body === undefined ? {} : {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, request);
  if (!response.ok) throw Object.assign(new Error(`${response.status}`), { status: response.status });
  return response.status === 204 ? null : response.json().catch(() => null);
}

const path = (rest = '') => `/api/conversations/${encodeURIComponent(conversation)}${rest}`;

async function begin() {
  localStorage.setItem('name', name.value);
  const opened = await call('/api/conversations', { name: name.value, locale: navigator.language || 'en-US' });
  conversation = opened.conversationId;
  // Not an entry of the browser's history each time: Back leaves the page.
  history.replaceState(null, '', `#${encodeURIComponent(conversation)}`);
  follow();
}

function follow() {
  events?.close();
  thread.clear();
  showState({ bot: 'idle' });
  lab.conversation(conversation);
  const source = (events = new EventSource(path('/events')));
  const on = (kind, take) => source.addEventListener(kind, (event) => take(JSON.parse(event.data)));
  on('entry', thread.show);
  on('state', showState);
  on('typing', thread.showTyping);
  source.onopen = () => showState(bot);
  source.onerror = () => {
    tell('offline', 'Reconnecting …');
    // The browser tries again by itself, unless it was answered that there is no such conversation.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => source === events && recover(), 1000);
  };
}

async function recover() {
  try {
    const state = await call(path());
    name.value = state.name;
    follow();
  } catch (error) {
    if (error.status === 404) {
      await begin().catch(failed);
      thread.notice('The earlier conversation is no longer there; this is a new one.');
    } else {
      setTimeout(recover, 1500);
    }
  }
}

function failed() {
  tell('offline', 'Reconnecting …');
  setTimeout(() => begin().catch(failed), 1500);
}

function showState(state) {
  bot = state;
  const parked = state.bot === 'parked';
  if (parked && state.agent) tell('live', `Live chat with ${state.agent}`);
  else if (parked && state.status === 'connected') tell('live', 'Live chat');
  else if (parked) tell('waiting', 'Waiting for a person');
  else if (state.bot === 'starting') tell('waiting', 'Looking for a person …');
  else tell('bot', 'You are talking to Contoso Agent');
  byId('quick-escalate').hidden = state.bot !== 'idle';
  byId('quick-goodbye').hidden = !parked;
}

function tell(state, words) {
  status.dataset.state = state;
  // Said again only when it changes: it is read out.
  if (status.textContent !== words) status.textContent = words;
}

async function write(words) {
  if (!words.trim() || !conversation) return false;
  try {
    await call(path('/messages'), { text: words });
    problem.hidden = true;
    typedAt = 0;
    return true;
  } catch {
    problem.textContent = 'This was not sent. Please try again.';
    problem.hidden = false;
    return false;
  }
}

byId('compose').addEventListener('submit', async (event) => {
  event.preventDefault();
  const words = text.value;
  text.value = '';
  fit();
  if (!(await write(words)) && !text.value) text.value = words;
  fit();
  text.focus();
});

text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId('compose').requestSubmit();
});

text.addEventListener('input', () => {
  fit();
  if (bot.bot !== 'parked' || !text.value || Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  call(path('/typing'), {}).catch(() => {});
});

function fit() {
  text.style.height = 'auto';
  text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
  byId('compose').classList.toggle('ready', !!text.value.trim());
}

for (const id of ['quick-escalate', 'quick-goodbye']) {
  byId(id).addEventListener('click', (event) => {
    write(event.currentTarget.textContent);
    text.focus();
  });
}

byId('arrival').addEventListener('submit', (event) => {
  event.preventDefault();
  begin().catch(failed);
  text.focus();
});

function fromHash() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}

addEventListener('hashchange', () => {
  if (fromHash() && fromHash() !== conversation) {
    conversation = fromHash();
    recover();
  }
});

conversation = fromHash();
if (conversation) recover();
else begin().catch(failed);
fit();
// A soft keyboard that opens by itself hides half of a phone's page.
if (matchMedia('(hover: hover)').matches) text.focus();
