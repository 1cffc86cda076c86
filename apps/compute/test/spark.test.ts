import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { ComputeToServer, PlanBody, PlanEngine } from '@boathouse/contracts';
import { EngineCheck } from '@boathouse/contracts';
import { signed, startCompute } from './harness.ts';

type Message<T extends ComputeToServer['type']> = Extract<ComputeToServer, { type: T }>;

/** Port 1 of this machine: nobody listens there. */
const nobody: PlanEngine = { engineId: 'e1', name: 'the cluster', url: 'sc://127.0.0.1:1', tls: false };

test('an attached Spark that nobody runs is told by the check and by a statement, not waited for', async (t) => {
  const { server } = await startCompute(t);
  server.send({ type: 'question', id: 1, question: { ask: 'checkEngine', engine: nobody } });
  const { answer } = await server.wait<Message<'answer'>>((message) => message.type === 'answer');
  assert.ok(answer.ok);
  const { steps } = EngineCheck.parse(answer.value);
  assert.deepEqual(
    steps.map(({ name, ok }) => [name, ok]),
    [['address', false]],
  );
  assert.match(steps[0]!.message, /127\.0\.0\.1:1 cannot be reached: nothing listens on this port/);

  const body: PlanBody = {
    kind: 'query',
    query: { engineText: [], sparkText: ['SELECT 1'], tables: [], columns: [], ordered: false },
  };
  const runId = randomUUID();
  const plan = signed(body, runId, { engine: nobody });
  server.send({ type: 'order', order: { kind: 'statement', runId, sessionId: 's1', plan, pageRows: 100 } });
  const { event } = await server.wait<Message<'event'>>(
    (message) => message.type === 'event' && message.runId === runId && message.event.type === 'finished',
    30_000,
  );
  assert.ok(event.type === 'finished' && event.error);
  assert.deepEqual([event.state, event.error.code], ['failed', 'ENGINE_UNREACHABLE']);
  assert.match(event.error.message, /The embedded engine runs without it/);
});
