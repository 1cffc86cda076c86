import { defineConfig } from '@playwright/test';

/**
 * Two files at a time: each starts a whole product of its own, and while one waits for its server or browser the other goes
 * on. Limits are generous, because the machine may be busy.
 */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    screenshot: 'only-on-failure',
    // Recording a trace costs more than the pages themselves: asked for where a failure is looked into.
    trace: process.env.BOATHOUSE_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      ...(process.env.BOATHOUSE_CHROMIUM ? { executablePath: process.env.BOATHOUSE_CHROMIUM } : {}),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
