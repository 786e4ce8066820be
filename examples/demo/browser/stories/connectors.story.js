// The operators' page: what is loaded, and what became of a file that was dropped in.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../house.js';

test('a broken file is shown as rejected, and goes when it is removed', async ({ demo, open }) => {
  const page = await open('operator');
  await page.goto(demo.admin);
  const contoso = page.locator('[data-testid=connector][data-name=contoso]');
  await expect(contoso).toHaveAttribute('data-state', 'active');
  await expect(contoso).toContainText('Contoso Live Chat');

  const broken = page.getByTestId('connector').filter({ hasText: 'broken.wasm' });
  const file = join(demo.connectors, 'broken.wasm');
  await writeFile(file, 'This is no component.\n');
  await expect(broken).toHaveAttribute('data-state', 'rejected');
  await expect(broken.locator('.reason')).toHaveText(/\w{3,}/);
  await expect(contoso).toHaveAttribute('data-state', 'active');

  await rm(file);
  await expect(broken).toHaveCount(0);
  await expect(contoso).toHaveAttribute('data-state', 'active');
});

test('the figures follow a handover', async ({ demo, open, customer, agent }) => {
  const page = await open('operator');
  await page.goto(demo.admin);
  const figure = async (id) => Number(await page.locator(`#${id}`).textContent());
  await expect(page.locator('#active')).toHaveText(/^\d+$/);
  const [waiting, active] = [await figure('waiting'), await figure('active')];

  const mary = await agent('Mary Moss');
  const pia = await customer('Pia Wolf');
  await pia.escalates('Count me');
  await expect(page.locator('#waiting')).toHaveText(String(waiting + 1));
  await mary.accepts('Pia Wolf');
  await expect(page.locator('#waiting')).toHaveText(String(waiting));
  await expect(page.locator('#active')).toHaveText(String(active + 1));
  await mary.ends();
  await expect(page.locator('#active')).toHaveText(String(active));
});
