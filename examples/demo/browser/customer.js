// The customer, on the page of the simulated Teams.
import { expect } from '@playwright/test';

export const ASK = 'I want to talk with a person';
export const GREETING = "Hello, I'm Contoso Agent. How can I help you today?";

export class Customer {
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.status = page.getByTestId('status');
    this.composer = page.getByTestId('composer');
    this.typing = page.getByTestId('typing');
    this.messages = page.getByTestId('message');
    /** Everything that was said, in order, without who said it. */
    this.lines = this.messages.locator('.bubble');
  }

  /** Opens the page and begins a conversation under this customer's name. */
  async arrive(url) {
    await this.page.goto(url);
    await expect(this.lines).toHaveText([GREETING]);
    const before = this.conversationId;
    await this.page.getByLabel('Your name').fill(this.name);
    await this.page.getByTestId('new-conversation').click();
    await expect.poll(() => this.conversationId).not.toBe(before);
    await expect(this.lines).toHaveText([GREETING]);
  }

  /** The channel's id of the conversation; the page's address names it. */
  get conversationId() {
    return decodeURIComponent(new URL(this.page.url()).hash.slice(1));
  }

  from(who) {
    return this.page.locator(`[data-testid=message][data-from=${who}] .bubble`);
  }

  async says(text) {
    await this.composer.fill(text);
    await this.page.getByTestId('send').click();
  }

  /** Asks for a person and tells the problem. */
  async escalates(problem) {
    await this.says(ASK);
    await expect(this.lines.last()).toHaveText('Please briefly explain your problem:');
    await this.says(problem);
    await expect(this.status).toHaveAttribute('data-state', /waiting|live/);
  }

  async isWithBot() {
    await expect(this.status).toHaveAttribute('data-state', 'bot');
    await this.says('Hello');
    await expect(this.messages.last()).toHaveAttribute('data-from', 'bot');
    await expect(this.lines.last()).toHaveText(GREETING);
  }
}
