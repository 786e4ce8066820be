// One browser, Debian's Chromium, and one demo at a time; whatever a run leaves lies in a temporary folder.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
if (!existsSync(chromium)) {
  throw new Error(
    `There is no ${chromium}: install it (apt-get install chromium), or name another Chromium in CHROMIUM.`,
  );
}

// The test processes inherit it, so that all of them write to the same place.
process.env.HANDOVER_BROWSER_OUT ||= mkdtempSync(join(tmpdir(), 'handover-browser-'));

const VENDORS = ['zendesk', 'servicenow', 'genesys', 'salesforce', 'matrix'];
const ofVendors = 'vendors.story.js';

export default defineConfig({
  testDir: 'stories',
  testMatch: '*.story.js',
  // All stories are told with Contoso; how a handover goes, with each of the others too.
  projects: [
    { name: 'contoso', testIgnore: ofVendors },
    ...VENDORS.map((vendor) => ({ name: vendor, testMatch: ofVendors, use: { vendor } })),
  ],
  outputDir: join(process.env.HANDOVER_BROWSER_OUT, 'failures'),
  globalTeardown: './left.js',
  reporter: 'list',
  workers: 1,
  // A story that fails is looked at, not tried again.
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    headless: true,
    locale: 'en-US',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1180, height: 800 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
