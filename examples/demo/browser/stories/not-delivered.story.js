// A message that Teams refuses: the live agent is told at the message, and can send it again.
import { expect, test } from '../house.js';

test('the live agent sees what was not delivered and why, and sends it again', async ({ customer, agent, demo }) => {
  const fault = async (mode, conversationId) => {
    const answer = await fetch(`${demo.customer}/api/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target: 'connector', mode, conversationId }),
    });
    expect(answer.ok).toBe(true);
  };
  const mary = await agent('Mary Moss');
  const sam = await customer('Sam Ito');
  await sam.escalates('Nothing works');
  await mary.accepts('Sam Ito');
  await mary.says('First');
  await expect(sam.lines.last()).toHaveText('First');

  await fault('forbidden', sam.conversationId);
  await mary.says('Second');
  const second = mary.message('Second');
  await expect(second).toHaveAttribute('data-status', 'not-delivered');
  await expect(second.locator('.reason')).toHaveText(/^Not delivered\. .{8,}/);
  await expect(sam.from('agent')).toHaveText(['First']);

  await fault('none', sam.conversationId);
  await second.getByTestId('retry').click();
  await expect(second).toHaveAttribute('data-status', 'delivered');
  await expect(second.locator('.reason')).toHaveCount(0);
  await mary.says('Third');
  await expect(sam.from('agent')).toHaveText(['First', 'Second', 'Third']);
  await expect(sam.status).toHaveAttribute('data-state', 'live');
  await mary.ends();
});
