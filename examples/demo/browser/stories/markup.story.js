// Markdown is shown; markup and script from either side stay text.
import { expect, test } from '../house.js';

const IMAGE = '<img src=x onerror="alert(1)">';
const SCRIPT = '<script>alert(2)</script>';
const LINK = '[click me](javascript:alert(3))';

/** Nothing that came as text has become an element that could act. */
const inert = async (page) => {
  const said = page.getByTestId('thread');
  await expect(said.locator('img, script, iframe, [onerror], [onclick]')).toHaveCount(0);
  await expect(said.locator('a:not([href^="http://"]):not([href^="https://"])')).toHaveCount(0);
};

test('what looks like code is text on both pages', async ({ customer, agent }) => {
  const mary = await agent('Mary <b>Moss</b>');
  const name = '<i onclick=alert(4)>Eve</i>';
  const eve = await customer(name);
  await eve.escalates(`${IMAGE} ${LINK}`);
  await mary.accepts(name);
  await expect(mary.problem).toHaveText(`${IMAGE} ${LINK}`);
  await expect(eve.lines.last()).toHaveText('You are now chatting with Mary <b>Moss</b>.');

  for (const hostile of [IMAGE, SCRIPT, LINK]) {
    await eve.says(hostile);
    await expect(mary.lines.last()).toHaveText(hostile);
    await mary.says(hostile);
    await expect(mary.messages.last()).toHaveAttribute('data-status', 'delivered');
  }
  await expect(eve.from('agent')).toHaveText([IMAGE, SCRIPT, LINK]);
  await expect(eve.from('customer').last()).toHaveText(LINK);
  await inert(eve.page);
  await inert(mary.page);

  // Also where the page shows it afresh.
  await eve.page.reload();
  await expect(eve.from('agent')).toHaveText([IMAGE, SCRIPT, LINK]);
  await inert(eve.page);
  await mary.ends();
});

test("a live agent's Markdown is shown as such", async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const ray = await customer('Ray Diaz');
  await ray.escalates('How do I reset it?');
  await mary.accepts('Ray Diaz');
  await mary.says('See **this** page: [the guide](https://example.com/guide)');
  await expect(ray.lines.last().locator('strong')).toHaveText('this');
  const link = ray.lines.last().getByRole('link', { name: 'the guide' });
  await expect(link).toHaveAttribute('href', 'https://example.com/guide');
  await expect(link).toHaveAttribute('rel', /noopener/);
  await mary.ends();
});
