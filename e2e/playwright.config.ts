import { defineConfig } from '@playwright/test';

/** One worker: every test file starts a whole product of its own, and two cores serve it and its browser. */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
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
