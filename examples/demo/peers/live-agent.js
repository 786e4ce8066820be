// A live agent of the Contoso live chat, by its HTTP calls.
import { until } from './until.js';

export class LiveAgent {
  constructor(liveChat, name) {
    this.liveChat = liveChat;
    this.name = name;
  }

  async #post(path, body) {
    const answer = await fetch(this.liveChat + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ agent: this.name, ...body }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async #get(path) {
    return (await fetch(this.liveChat + path)).json();
  }

  conversation(id) {
    return this.#get(`/api/conversations/${id}`);
  }

  /** How many conversations there are. */
  async count() {
    return (await this.#get('/api/conversations')).length;
  }

  accept(id) {
    return this.#post('/api/chat/accept', { conversationId: id });
  }

  say(id, message) {
    return this.#post('/api/chat/send', { conversationId: id, message });
  }

  end(id) {
    return this.#post('/api/chat/close', { conversationId: id });
  }

  /** What the customer wrote, once it is so many messages. */
  hears(id, count) {
    return until(`${count} messages of the customer`, async () => {
      const { messages } = await this.conversation(id);
      const texts = messages.filter(({ kind }) => kind === 'customer').map(({ message }) => message);
      return texts.length >= count && texts;
    });
  }

  /** Waits until a message of the agent's has come to an end; returns how. */
  outcome(id, text) {
    return until(`an outcome for "${text}"`, async () => {
      const { messages } = await this.conversation(id);
      const found = messages.find(({ kind, message }) => kind === 'agent' && message === text);
      return ['delivered', 'not-delivered'].includes(found?.status) && found.status;
    });
  }

  hasEnded(id) {
    return until('the end in the live chat', async () => {
      const { status, endedBy } = await this.conversation(id);
      return status === 'ended' && endedBy;
    });
  }
}
