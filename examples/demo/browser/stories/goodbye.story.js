// The customer leaves: the goodbye is the bot's business, and the live agent sees it.
import { expect, test } from '../house.js';

test('a customer says goodbye to the live agent', async ({ customer, agent, demo }) => {
  const mary = await agent('Mary Moss');
  const ben = await customer('Ben Okri');
  await ben.escalates('My screen is dark');
  await mary.accepts('Ben Okri');
  await mary.says('Is it plugged in?');
  await expect(ben.lines.last()).toHaveText('Is it plugged in?');

  await ben.says('Good bye');
  await expect(mary.standing).toHaveText('Ended by the customer');
  await expect(mary.entry('Ben Okri')).toHaveAttribute('data-status', 'ended');
  await expect(ben.lines.last()).toHaveText('Contoso Live Chat conversation ended');

  await expect(mary.composer).toBeHidden();
  await expect(mary.page.getByTestId('end-chat')).toBeHidden();
  const late = await fetch(`${demo.agent}/api/chat/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ conversationId: await mary.conversationId(), message: 'Too late' }),
  });
  expect(late.ok).toBe(false);

  await ben.isWithBot();
  await expect(ben.from('agent')).toHaveText(['Is it plugged in?']);
});

test('a customer leaves before anybody has answered', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const eva = await customer('Eva Lind');
  await eva.escalates('Never mind');
  await expect(mary.entry('Eva Lind')).toHaveAttribute('data-status', 'waiting');
  await eva.says('Bye');
  await expect(mary.entry('Eva Lind')).toHaveAttribute('data-status', 'ended');
  await eva.isWithBot();
});

test('a customer who comes back is a new conversation', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const tom = await customer('Tom Reed');
  await tom.escalates('First problem');
  await mary.accepts('Tom Reed');
  await tom.says('Good bye');
  await expect(mary.standing).toHaveText('Ended by the customer');

  await tom.escalates('Second problem');
  const again = mary.entry('Tom Reed').and(mary.page.locator('[data-status=waiting]'));
  await again.click();
  await mary.page.getByTestId('accept').click();
  await mary.says('Here I am again');
  await expect(tom.lines.last()).toHaveText('Here I am again');
  await expect(mary.problem).toHaveText('Second problem');
  await expect(mary.lines).toHaveText(['Here I am again']);
  await mary.ends();
});
