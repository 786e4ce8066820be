// What every story begins with: a demo that runs, customers and live agents who come, and pages that are watched.
import { test as base, expect } from '@playwright/test';
import { Agent } from './agent.js';
import { Customer } from './customer.js';
import { startDemo } from './demo.js';
import { watch } from './watch.js';

export { expect };

export const test = base.extend({
  /** Whose live chat it is; each project of the suite has one. */
  vendor: ['contoso', { option: true, scope: 'worker' }],

  /** One for all stories of a vendor; a new one after a story that failed. */
  demo: [
    async ({ vendor }, use) => {
      const demo = await startDemo(vendor);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker', timeout: 90_000 },
  ],

  /** Opens a page in a browser profile of its own; at the story's end nothing may have gone wrong on it. */
  open: async ({ browser }, use) => {
    const problems = [];
    const contexts = [];
    await use(async (who, options) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      await watch(context, who, problems);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
    expect(problems, 'what went wrong on the pages').toEqual([]);
  },

  /** A customer in a fresh conversation. Each story has names of its own: the console shows the conversations of all. */
  customer: async ({ demo, open }, use) => {
    await use(async (name, options) => {
      const customer = new Customer(await open(name, options), name);
      await customer.arrive(demo.customer);
      return customer;
    });
  },

  /** A live agent at the console. */
  agent: async ({ demo, open }, use) => {
    await use(async (name, options) => {
      const agent = new Agent(await open(name, options), name);
      await agent.arrive(demo.agent);
      return agent;
    });
  },
});
