// On a phone: everything can be reached, and nothing has to be scrolled sideways.
import { expect, test } from '../house.js';

const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitaen'.repeat(4);

const fits = (page) =>
  expect.poll(() => page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);

test('a whole handover on two phones', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss', PHONE);
  const lina = await customer('Lina Hoff', PHONE);
  await fits(lina.page);
  await fits(mary.page);
  await lina.escalates(`My word is ${LONG}`);
  await fits(lina.page);
  await fits(mary.page);
  await expect(lina.composer).toBeInViewport({ ratio: 1 });

  await mary.accepts('Lina Hoff');
  await fits(mary.page);
  await expect(mary.composer).toBeInViewport({ ratio: 1 });
  await mary.says(`Mine is \`${LONG}\``);
  await expect(lina.lines.last()).toContainText(LONG);
  await fits(lina.page);
  await fits(mary.page);
  await expect(lina.lines.last()).toBeInViewport();
  await lina.says('https://example.com/' + 'a'.repeat(200));
  await expect(mary.lines.last()).toContainText('https://example.com/');
  await expect(mary.lines.last()).toBeInViewport();
  await fits(mary.page);

  // To the list and back again.
  await mary.page.getByTestId('back').click();
  await expect(mary.entry('Lina Hoff')).toBeInViewport();
  await expect(mary.composer).toBeHidden();
  await mary.opens('Lina Hoff');
  await mary.ends();
  await fits(mary.page);
  await lina.isWithBot();
  await fits(lina.page);
});

test("the operators' page on a phone", async ({ demo, open }) => {
  const page = await open('operator', PHONE);
  await page.goto(demo.admin);
  await expect(page.getByTestId('connector')).toHaveCount(1);
  await fits(page);
});
