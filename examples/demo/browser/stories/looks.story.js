// How the pages look: pictures for people, in light and dark, on a desk and on a phone. Nothing is compared.
import { join } from 'node:path';
import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from '../house.js';
import { typeUntil } from '../typing.js';

const SIZES = { desk: { width: 1180, height: 800 }, phone: { width: 390, height: 780 } };

test('pictures of the three pages', async ({ customer, agent, demo, open }) => {
  const picture = (page, name) =>
    page.screenshot({ path: join(process.env.HANDOVER_BROWSER_OUT, `${name}.png`), animations: 'disabled' });
  const dress = async (page, name) => {
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await picture(page, `${name}-${size}-${colorScheme}`);
      }
    }
    await page.setViewportSize(SIZES.desk);
  };

  const mary = await agent('Mary Moss');
  const [jane, waiting] = [await customer('Jane Doe'), await customer('Robin Vale')];
  await jane.escalates('My laptop does not start any more');
  await waiting.escalates('I cannot sign in');
  await mary.accepts('Jane Doe');
  const question = 'Good morning! Does a light come on when you press the button?';
  await mary.says(question);
  await expect(jane.lines.last()).toHaveText(question);
  await jane.says('No, **nothing** at all');
  await expect(mary.lines.last()).toContainText('nothing');
  await mary.says('Then please try:\n1. take it off the mains\n2. hold the button for *ten* seconds\n3. [more help](https://example.com)');
  await expect(jane.lines.last()).toContainText('more help');
  await fetch(`${demo.customer}/api/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: 'connector', mode: 'forbidden', conversationId: jane.conversationId, count: 1 }),
  });
  await mary.says('Shall I send somebody?');
  await expect(mary.message('Shall I send somebody?')).toHaveAttribute('data-status', 'not-delivered');
  await typeUntil(jane.composer, mary.typing);
  await dress(mary.page, 'console');
  await mary.page.setViewportSize(SIZES.phone);
  await mary.page.getByTestId('back').click();
  await picture(mary.page, 'console-phone-list');
  await mary.page.setViewportSize(SIZES.desk);
  await dress(jane.page, 'customer');
  await jane.page.getByTestId('lab-open').click();
  await picture(jane.page, 'customer-lab');

  await jane.page.getByRole('button', { name: 'Close' }).click();

  const admin = await open('operator');
  await admin.goto(demo.admin);
  await writeFile(join(demo.connectors, 'broken.wasm'), 'This is no component.\n');
  await expect(admin.getByTestId('connector')).toHaveCount(2);
  await dress(admin, 'admin');
  await rm(join(demo.connectors, 'broken.wasm'));

  await mary.opens('Jane Doe');
  await mary.ends();
  await picture(mary.page, 'console-ended');
  await waiting.says('Bye');
  await expect(mary.entry('Robin Vale')).toHaveAttribute('data-status', 'ended');
});
