// A live agent, on the console that all vendors' live chats share.
import { expect } from '@playwright/test';

export class Agent {
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.standing = page.getByTestId('standing');
    this.problem = page.getByTestId('customer-problem');
    this.customerName = page.getByTestId('customer-name');
    this.composer = page.getByTestId('composer');
    this.typing = page.getByTestId('typing');
    this.messages = page.getByTestId('message');
    /** What customer and agents said, in order. */
    this.lines = this.messages.locator('.bubble');
  }

  async arrive(url) {
    await this.page.goto(url);
    await expect(this.page.getByTestId('connection')).toHaveAttribute('data-state', 'live');
    await this.page.getByTestId('agent-name').fill(this.name);
  }

  /** A customer's entry in the list. */
  entry(customer) {
    return this.page
      .getByTestId('conversation-item')
      .filter({ has: this.page.locator('.item-name').getByText(customer, { exact: true }) });
  }

  async opens(customer) {
    await this.entry(customer).click();
    await expect(this.customerName).toHaveText(customer);
  }

  /** Opens a waiting conversation and takes it. */
  async accepts(customer) {
    await this.opens(customer);
    await this.page.getByTestId('accept').click();
    await expect(this.standing).toHaveText('With you');
  }

  async says(text) {
    await this.composer.fill(text);
    await this.page.getByTestId('send').click();
  }

  /** Sends files with a text, or alone. */
  async sends(files, text = '') {
    await this.page.getByTestId('file').setInputFiles(files);
    await this.says(text);
  }

  /** The message with this text. */
  message(text) {
    return this.messages.filter({ has: this.page.locator('.bubble').getByText(text, { exact: true }) });
  }

  async conversationId() {
    return this.page.getByTestId('conversation-id').textContent();
  }

  async ends() {
    await this.page.getByTestId('end-chat').click();
    await this.page.getByTestId('confirm-end').click();
    await expect(this.standing).toHaveText(`Ended by ${this.name}`);
  }
}
