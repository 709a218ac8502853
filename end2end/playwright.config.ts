// The flows in a real browser: with and without scripts, narrow and wide, light and dark. Each test has a server and a demo
// database of its own (see fixtures.ts), so no test can see what another did.
import { defineConfig } from '@playwright/test';

// Playwright cannot download its own browser everywhere; the system's Chromium serves.
const launchOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  workers: 2,
  forbidOnly: !!process.env.CI,
  timeout: 45_000,
  reporter: [['list']],
  use: { browserName: 'chromium', launchOptions, trace: 'retain-on-failure', timezoneId: 'UTC', locale: 'en-GB' },
  projects: [
    { name: 'with scripts', testIgnore: /pages\.spec/, use: { viewport: { width: 1280, height: 900 } } },
    {
      name: 'without scripts',
      testMatch: /flows\.spec/,
      use: { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false },
    },
    { name: 'narrow', testMatch: /flows\.spec/, use: { viewport: { width: 390, height: 844 } } },
    { name: 'pages', testMatch: /pages\.spec/ },
  ],
});
