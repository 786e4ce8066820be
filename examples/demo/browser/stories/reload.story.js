// Pages come and go; the conversation stays.
import { expect, test } from '../house.js';

test('both pages are loaded again in the middle of a chat', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const gil = await customer('Gil Ames');
  await gil.escalates('My phone is lost');
  await mary.accepts('Gil Ames');
  await mary.says('Where was it last?');
  await expect(gil.lines.last()).toHaveText('Where was it last?');
  await gil.says('On the train');
  await expect(mary.lines.last()).toHaveText('On the train');
  const before = await gil.lines.allTextContents();

  await gil.page.reload();
  await expect(gil.lines).toHaveText(before);
  await expect(gil.status).toHaveAttribute('data-state', 'live');
  await expect(gil.page.getByLabel('Your name')).toHaveValue('Gil Ames');

  await mary.page.reload();
  await mary.opens('Gil Ames');
  await expect(mary.standing).toHaveText('With you');
  await expect(mary.problem).toHaveText('My phone is lost');
  await expect(mary.lines).toHaveText(['Where was it last?', 'On the train']);
  await expect(mary.message('Where was it last?')).toHaveAttribute('data-status', 'delivered');

  await gil.says('The one to Ulm');
  await expect(mary.lines.last()).toHaveText('The one to Ulm');
  await mary.says('Found it');
  await expect(gil.lines).toHaveText([...before, 'The one to Ulm', 'Found it']);
  await mary.ends();
  await gil.page.reload();
  await gil.isWithBot();
});

test('what was said while a page was away is there when it comes back', async ({ customer, agent, demo }) => {
  const mary = await agent('Mary Moss');
  const zoe = await customer('Zoe Kern');
  await zoe.escalates('I come and go');
  await mary.accepts('Zoe Kern');
  const address = zoe.page.url();
  await zoe.page.goto('about:blank');
  await mary.says('Are you still there?');
  await expect(mary.message('Are you still there?')).toHaveAttribute('data-status', 'delivered');
  await zoe.page.goto(address);
  await expect(zoe.lines.last()).toHaveText('Are you still there?');

  await mary.page.goto('about:blank');
  await zoe.says('Back again');
  await mary.page.goto(demo.agent);
  await expect(mary.entry('Zoe Kern').locator('.item-mark')).toHaveText('1');
  await mary.opens('Zoe Kern');
  await expect(mary.lines.last()).toHaveText('Back again');
  await mary.ends();
});
