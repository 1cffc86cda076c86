import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { functionsPage } from './functions.ts';

test('the page of functions says what the function table has', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/sql-functions.md'), 'utf8');
  assert.equal(page, await functionsPage(), 'run npm run docs:functions');
});
