// A skill parent made of the official SDK alone: what calls the gateway as its skill and takes in what comes back.
import { once } from 'node:events';
import {
  ChannelServiceRoutes,
  CloudAdapter,
  CloudSkillHandler,
  ConfigurationBotFrameworkAuthentication,
  MemoryStorage,
  SkillConversationIdFactory,
} from 'botbuilder';
import express from 'express';
import { until } from './until.js';

const NOBODY = '';

/** Copilot Studio gives its skill the same conversation for every action, so it is not forgotten when one ends. */
class LastingIds extends SkillConversationIdFactory {
  async deleteConversationReference() {}
}

export class SkillParent {
  /** The status of every answer the gateway got here. */
  answers = [];
  #authentication = new ConfigurationBotFrameworkAuthentication({});
  #ids = new LastingIds(new MemoryStorage());
  #conversations = new Map();
  #skill;
  #server;
  #url;

  constructor(skill) {
    this.#skill = skill;
  }

  async listen() {
    const adapter = new CloudAdapter(this.#authentication);
    // What the skill says to the customer would go on to the parent's own channel; here it is kept.
    adapter.use({
      onTurn: async (context, next) => {
        context.onSendActivities(async (_, activities) => {
          for (const activity of activities) this.#keep(activity.conversation.id, activity);
          return activities.map(() => ({ id: crypto.randomUUID() }));
        });
        await next();
      },
    });
    adapter.onTurnError = async (_, error) => {
      throw error;
    };
    const logic = async ({ activity }) => this.#keep(activity.conversation.id, { ...activity });
    const handler = new CloudSkillHandler(adapter, logic, this.#ids, this.#authentication);

    const app = express();
    app.use((_, response, next) => {
      response.on('finish', () => this.answers.push(response.statusCode));
      next();
    });
    new ChannelServiceRoutes(handler).register(app, '/api/skills');
    this.#server = app.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A customer's conversation with the parent. */
  async conversation(channelId = 'test') {
    const id = crypto.randomUUID();
    const parent = {
      channelId,
      serviceUrl: `${this.#url}/channel`,
      conversation: { id },
      from: { id: 'customer-1', name: 'Jane Doe', role: 'user' },
      recipient: { id: 'parent-bot', name: 'Parent' },
      locale: 'en-US',
    };
    const skillConversation = await this.#ids.createSkillConversationIdWithOptions({
      fromBotOAuthScope: NOBODY,
      fromBotId: NOBODY,
      activity: { ...parent, type: 'message' },
      botFrameworkSkill: { appId: NOBODY, skillEndpoint: this.#skill },
    });
    const inbox = [];
    this.#conversations.set(id, inbox);
    const post = (activity) =>
      this.#authentication
        .createBotFrameworkClient()
        .postActivity(NOBODY, NOBODY, this.#skill, `${this.#url}/api/skills`, skillConversation, {
          ...structuredClone(parent),
          id: crypto.randomUUID(),
          ...activity,
        });
    return new Conversation(post, inbox);
  }

  #keep(id, activity) {
    this.#conversations.get(id).push(activity);
  }
}

class Conversation {
  #post;

  constructor(post, inbox) {
    this.#post = post;
    /** All that came from the skill, in order. */
    this.inbox = inbox;
  }

  event(name, value = {}, more = {}) {
    return this.#post({ type: 'event', name, value, ...more });
  }

  message(text, more = {}) {
    return this.#post({ type: 'message', text, ...more });
  }

  /** The action's interruption, as the SDK's dialogs tell it. */
  cancel() {
    return this.#post({ type: 'endOfConversation' });
  }

  texts() {
    return this.inbox.filter(({ type }) => type === 'message').map(({ text }) => text);
  }

  ends() {
    return this.inbox.filter(({ type }) => type === 'endOfConversation');
  }

  /** The nth end of an action, from 1. */
  end(nth) {
    return until(`endOfConversation number ${nth}`, () => this.ends()[nth - 1]);
  }

  says(text) {
    return until(`the message "${text}"`, () => this.texts().includes(text));
  }
}
