import { expect } from '@playwright/test';
import type { Person } from './people.ts';

/** Runs a statement as the person, over the API that the pages use; fails with its error. */
export async function runStatement(person: Person, url: string, statement: string): Promise<void> {
  const answer = await person.context.request.post('/api/2.0/sql/statements', {
    data: { statement, wait_timeout: '30s' },
    headers: { origin: url },
  });
  const body = (await answer.json()) as { status: { state: string; error?: { message: string } } };
  expect(body.status.error?.message ?? body.status.state).toBe('SUCCEEDED');
}
