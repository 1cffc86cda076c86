import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTasks } from '../graph.ts';
import { type JobEvent, type JobRunState, newJobRun, step, type TaskSpec } from '../machine.ts';
import { isFinalRun, isFinalTask } from '../states.ts';

const task = (key: string, dependsOn: string[] = [], maxRetries = 0): TaskSpec => ({ key, dependsOn, maxRetries });
const play = (run: JobRunState, ...events: JobEvent[]): JobRunState =>
  events.reduce((state, event) => step(state, event).run, run);
const states = (run: JobRunState) => Object.fromEntries(run.tasks.map((one) => [one.key, one.state]));
const failed = (key: string, mayRetry = true): JobEvent => ({
  type: 'failed',
  task: key,
  message: 'no such table',
  mayRetry,
});
const started = (key: string): JobEvent => ({ type: 'started', task: key });
const succeeded = (key: string): JobEvent => ({ type: 'succeeded', task: key });
const begin: JobEvent = { type: 'begin' };
const cancel: JobEvent = { type: 'cancel', message: 'Stopped by Ada.' };

const cases: { name: string; tasks: TaskSpec[]; events: JobEvent[]; state: string; tasks_: Record<string, string> }[] =
  [
    {
      name: 'a task waits for the one it depends on',
      tasks: [task('load'), task('report', ['load'])],
      events: [begin, started('load')],
      state: 'running',
      tasks_: { load: 'running', report: 'blocked' },
    },
    {
      name: 'a task is ready when all it depends on succeeded',
      tasks: [task('a'), task('b'), task('c', ['a', 'b'])],
      events: [begin, started('a'), started('b'), succeeded('a'), succeeded('b')],
      state: 'running',
      tasks_: { a: 'succeeded', b: 'succeeded', c: 'ready' },
    },
    {
      name: 'a failed task keeps everything after it from starting',
      tasks: [task('a'), task('b', ['a']), task('c', ['b'])],
      events: [begin, started('a'), failed('a')],
      state: 'failed',
      tasks_: { a: 'failed', b: 'upstream_failed', c: 'upstream_failed' },
    },
    {
      name: 'a branch that does not depend on the failed task goes on',
      tasks: [task('a'), task('b')],
      events: [begin, started('a'), started('b'), failed('a')],
      state: 'running',
      tasks_: { a: 'failed', b: 'running' },
    },
    {
      name: 'a task with a retry left is ready again',
      tasks: [task('a', [], 1)],
      events: [begin, started('a'), failed('a')],
      state: 'running',
      tasks_: { a: 'ready' },
    },
    {
      name: 'retries end',
      tasks: [task('a', [], 1)],
      events: [begin, started('a'), failed('a'), started('a'), failed('a')],
      state: 'failed',
      tasks_: { a: 'failed' },
    },
    {
      name: 'what must not run twice is not retried',
      tasks: [task('a', [], 3)],
      events: [begin, started('a'), failed('a', false)],
      state: 'failed',
      tasks_: { a: 'failed' },
    },
    {
      name: 'cancelling waits for what runs and starts nothing more',
      tasks: [task('a'), task('b', ['a'])],
      events: [begin, started('a'), cancel],
      state: 'cancelling',
      tasks_: { a: 'running', b: 'cancelled' },
    },
    {
      name: 'a cancelled run ends when its last attempt has',
      tasks: [task('a'), task('b', ['a'])],
      events: [begin, started('a'), cancel, { type: 'cancelled', task: 'a' }],
      state: 'cancelled',
      tasks_: { a: 'cancelled', b: 'cancelled' },
    },
    {
      name: 'a task that succeeded while it was being cancelled stays succeeded',
      tasks: [task('a'), task('b', ['a'])],
      events: [begin, started('a'), cancel, succeeded('a')],
      state: 'cancelled',
      tasks_: { a: 'succeeded', b: 'cancelled' },
    },
    {
      name: 'a queued run can be cancelled',
      tasks: [task('a')],
      events: [cancel],
      state: 'cancelled',
      tasks_: { a: 'cancelled' },
    },
    {
      name: 'late news of an ended run changes nothing',
      tasks: [task('a')],
      events: [begin, started('a'), succeeded('a'), failed('a'), cancel],
      state: 'succeeded',
      tasks_: { a: 'succeeded' },
    },
    {
      name: 'a run without a free place is skipped',
      tasks: [task('a')],
      events: [{ type: 'skip', message: 'One run at a time.' }, begin],
      state: 'skipped',
      tasks_: { a: 'cancelled' },
    },
  ];

for (const one of cases) {
  test(one.name, () => {
    const run = play(newJobRun(one.tasks), ...one.events);
    assert.equal(run.state, one.state);
    assert.deepEqual(states(run), one.tasks_);
  });
}

/** A small generator with a seed, so that a failure can be played again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

test('random graphs, failures, cancels and repeated news always come to an end, and nothing starts before what it depends on', () => {
  const seeds = process.env.BOATHOUSE_TEST_LONG ? 20_000 : 1_500;
  for (let seed = 1; seed <= seeds; seed++) {
    const next = random(seed);
    const keys = Array.from({ length: 1 + next(7) }, (_, index) => `t${index}`);
    const tasks = keys.map((key, index) =>
      task(
        key,
        keys.slice(0, index).filter(() => next(3) === 0),
        next(2),
      ),
    );
    let run = play(newJobRun(tasks), begin);
    for (let turn = 0; !isFinalRun(run.state); turn++) {
      assert.ok(turn < 400, `seed ${seed}: the run does not end`);
      const ready = run.tasks.filter((one) => one.state === 'ready');
      const running = run.tasks.filter((one) => one.state === 'running');
      const events: JobEvent[] = [];
      if (ready.length && next(2)) events.push(started(ready[next(ready.length)]!.key));
      else if (running.length) {
        const one = running[next(running.length)]!.key;
        events.push(
          run.state === 'cancelling' && next(2)
            ? { type: 'cancelled', task: one }
            : next(4)
              ? succeeded(one)
              : failed(one, next(2) === 0),
        );
        // The worker's answer is lost and sent again.
        if (next(3) === 0) events.push(events[0]!);
      } else if (ready.length) events.push(started(ready[0]!.key));
      if (next(30) === 0) events.push(cancel);
      for (const event of events) {
        const before = run;
        run = step(run, event).run;
        for (const one of run.tasks) {
          const was = before.tasks.find((other) => other.key === one.key)!;
          if (isFinalTask(was.state))
            assert.equal(one.state, was.state, `seed ${seed}: ${one.key} left its final state`);
          if (one.state === 'running')
            assert.ok(
              one.dependsOn.every((key) => run.tasks.find((other) => other.key === key)!.state === 'succeeded'),
              `seed ${seed}: ${one.key} runs too early`,
            );
          assert.ok(one.attempts <= one.maxRetries + 1, `seed ${seed}: too many attempts of ${one.key}`);
        }
      }
    }
    assert.ok(
      run.tasks.every((one) => isFinalTask(one.state)),
      `seed ${seed}`,
    );
  }
});

test('tasks that depend on each other in a circle are refused with the path', () => {
  assert.throws(() => checkTasks([task('a', ['c']), task('b', ['a']), task('c', ['b'])]), /a → c → b → a/);
  assert.throws(() => checkTasks([task('a', ['x'])]), /"x", which is no task/);
  assert.throws(() => checkTasks([task('a'), task('a')]), /Two tasks/);
  assert.throws(() => checkTasks([]), /at least one task/);
});
