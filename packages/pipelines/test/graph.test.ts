import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlowNode, flowNodes, newUpdate, step, type UpdateEffect, type UpdateOperation } from '../index.ts';

const node = (dataset: string, ...needs: string[]): FlowNode => ({ dataset, needs, excluded: false });
const diamond = [node('a'), node('b', 'a'), node('c', 'a'), node('d', 'b', 'c')];

const words = (effects: UpdateEffect[]) =>
  effects.map((it) => (it.type === 'finish' ? it.state : `${it.type === 'skip' ? it.status : 'start'} ${it.dataset}`));

/** The effects of each operation in turn. */
function play(nodes: FlowNode[], operations: UpdateOperation[], atOnce = 2): string[][] {
  let run = newUpdate(nodes);
  return operations.map((operation) => {
    const next = step(nodes, run, operation, atOnce);
    run = next.run;
    return words(next.effects);
  });
}
const ended = (dataset: string, status: 'COMPLETED' | 'FAILED' | 'STOPPED' = 'COMPLETED'): UpdateOperation => ({
  type: 'ended',
  dataset,
  status,
});

test('a flow starts when all that it reads is done, and the update completes with the last', () => {
  assert.deepEqual(play(diamond, [{ type: 'begin' }, ended('a'), ended('c'), ended('b'), ended('d')]), [
    ['start a'],
    ['start b', 'start c'],
    [],
    ['start d'],
    ['COMPLETED'],
  ]);
});

test('a failed flow skips what reads it, also at a distance, and leaves the rest alone', () => {
  const nodes = [...diamond, node('alone')];
  assert.deepEqual(play(nodes, [{ type: 'begin' }, ended('a', 'FAILED'), ended('alone')]), [
    ['start a', 'start alone'],
    ['SKIPPED b', 'SKIPPED c', 'SKIPPED d'],
    ['FAILED'],
  ]);
});

test('a cancelled update waits for what runs and starts nothing more', () => {
  assert.deepEqual(play(diamond, [{ type: 'begin' }, { type: 'cancel' }, ended('a', 'STOPPED')]), [
    ['start a'],
    ['STOPPED b', 'STOPPED c', 'STOPPED d'],
    ['CANCELED'],
  ]);
  assert.deepEqual(play(diamond, [{ type: 'cancel' }]), [
    ['STOPPED a', 'STOPPED b', 'STOPPED c', 'STOPPED d', 'CANCELED'],
  ]);
});

test('a dataset that the update leaves out does not hold up what reads it', () => {
  const nodes = [{ ...node('a'), excluded: true }, node('b', 'a')];
  assert.deepEqual(play(nodes, [{ type: 'begin' }, ended('b')]), [['EXCLUDED a', 'start b'], ['COMPLETED']]);
});

test('no more flows run at once than allowed', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => node(name));
  assert.deepEqual(play(nodes, [{ type: 'begin' }, ended('b')]), [['start a', 'start b'], ['start c']]);
});

test('an update without flows is complete at once', () => {
  assert.deepEqual(play([], [{ type: 'begin' }]), [['COMPLETED']]);
});

test('tables and files from outside are no need of a flow, and names compare without case', () => {
  const flows = [
    { dataset: 'Main.s.Raw', inputs: ['/Volumes/main/s/v'], refresh: 'refresh' as const },
    { dataset: 'main.s.clean', inputs: ['main.s.raw', 'main.s.other'], refresh: 'refresh' as const },
  ];
  assert.deepEqual(
    flowNodes(flows).map(({ needs }) => needs),
    [[], ['Main.s.Raw']],
  );
});

test('whatever order flows end in, each starts once, after its needs, and the update ends once', () => {
  for (let seed = 1; seed <= 200; seed++) {
    let state = seed * 2654435761;
    const random = () => {
      state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
      return state / 2 ** 32;
    };
    const nodes = Array.from({ length: 8 }, (_, i) =>
      node(`n${i}`, ...Array.from({ length: i }, (_unused, j) => `n${j}`).filter(() => random() < 0.3)),
    );
    let { run, effects } = step(nodes, newUpdate(nodes), { type: 'begin' }, 3);
    const running: string[] = [];
    const completed = new Set<string>();
    const started = new Set<string>();
    let ends = 0;
    for (;;) {
      for (const effect of effects) {
        if (effect.type === 'finish') ends++;
        if (effect.type !== 'start') continue;
        const needs = nodes.find((it) => it.dataset === effect.dataset)!.needs;
        assert.ok(!started.has(effect.dataset), `seed ${seed}: ${effect.dataset} started twice`);
        assert.ok(
          needs.every((need) => completed.has(need)),
          `seed ${seed}: ${effect.dataset} began too early`,
        );
        started.add(effect.dataset);
        running.push(effect.dataset);
      }
      assert.ok(running.length <= 3, `seed ${seed}`);
      if (!running.length) break;
      const [dataset] = running.splice(Math.floor(random() * running.length), 1);
      const status = random() < 0.15 ? 'FAILED' : 'COMPLETED';
      if (status === 'COMPLETED') completed.add(dataset!);
      ({ run, effects } = step(nodes, run, ended(dataset!, status), 3));
    }
    assert.equal(ends, 1, `seed ${seed}: the update ended ${ends} times`);
  }
});
