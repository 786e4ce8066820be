// Ctrl-C while pages are open: the demo ends all the same, and the pages say that it is gone.
import { test as base, expect } from '@playwright/test';
import { startDemo } from '../demo.js';

base('the demo stops while pages are open', async ({ page, context }) => {
  const demo = await startDemo();
  try {
    await page.goto(demo.customer);
    await expect(page.getByTestId('status')).toHaveAttribute('data-state', 'bot');
    const console = await context.newPage();
    await console.goto(demo.agent);
    await expect(console.getByTestId('connection')).toHaveAttribute('data-state', 'live');
    const admin = await context.newPage();
    await admin.goto(demo.admin);
    await expect(admin.getByTestId('connector')).toHaveCount(1);

    await demo.stop();
    await expect(page.getByTestId('status')).toHaveAttribute('data-state', 'offline');
    await expect(console.getByTestId('connection')).toHaveAttribute('data-state', 'lost');
    await expect(admin.getByRole('status')).toHaveText(/lost/);
  } finally {
    await demo.kill();
  }
});
