// Without a mouse: the customer asks and the live agent answers, on the keyboard alone.
import { expect, test } from '../house.js';

/** Presses a key until something has the focus. */
const reach = async (page, key, target) => {
  for (let presses = 0; presses < 40; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`40 times ${key} do not lead to ${target}`);
};

test('a whole handover on the keyboard', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const finn = await customer('Finn Lark');
  const [there, here] = [finn.page.keyboard, mary.page.keyboard];

  await expect(finn.composer).toBeFocused();
  await there.type('I want to talk with a person');
  await there.press('Enter');
  await expect(finn.lines.last()).toHaveText('Please briefly explain your problem:');
  await there.type('No mouse');
  await there.press('Enter');

  const entry = mary.entry('Finn Lark');
  await expect(entry).toHaveAttribute('data-status', 'waiting');
  await here.press('Enter'); // leaves the field for the name
  await reach(mary.page, 'j', entry);
  await here.press('Enter');
  await expect(mary.page.getByTestId('accept')).toBeFocused();
  await here.press('Enter');
  await expect(mary.composer).toBeFocused();
  await here.type('A line');
  await here.press('Shift+Enter');
  await here.type('and another');
  await here.press('Enter');
  await expect(finn.lines.last()).toHaveText(/A line\s*and another/);

  await there.type('I see both');
  await there.press('Enter');
  await expect(mary.lines.last()).toHaveText('I see both');

  const end = mary.page.getByTestId('end-chat');
  await reach(mary.page, 'Shift+Tab', end);
  await here.press('Enter');
  await expect(mary.page.getByTestId('confirm-end')).toBeFocused();
  await here.press('Escape');
  await expect(end).toBeFocused();
  await here.press('Enter');
  await here.press('Enter');
  await expect(mary.standing).toHaveText('Ended by Mary Moss');
  await expect(finn.status).toHaveAttribute('data-state', 'bot');
  await expect(finn.composer).toBeFocused();
});
