import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Snapshot } from '../index.ts';
import { column, openRoom } from './support.ts';

/** Numerical Recipes' generator: the same steps for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const seen = async (snapshot: Snapshot) => ({
  version: snapshot.version,
  files: (await snapshot.files()).map((file) => file.path).sort(),
  columns: snapshot.columns,
  txn: snapshot.txnVersion('app'),
});

test('whatever happens to a table, a snapshot grown commit by commit is the one read afresh, and holds the rows written', async () => {
  const seed = Number(process.env.SEED ?? 7);
  const next = random(seed);
  const room = await openRoom();
  try {
    let columns = [column('v', 'int')];
    let model: number[] = [];
    const models: number[][] = [[]];
    await room.delta.create('t', { columns, properties: { 'delta.checkpointInterval': '4' } });
    for (let step = 1; step <= 30; step++) {
      const values = Array.from({ length: next(4) }, () => next(1000));
      const source = `SELECT v${columns.length > 1 ? ', NULL AS w' : ''} FROM (SELECT unnest([${values.join(', ')}]::INT[]) AS v)`;
      const adds = await room.delta.writeFiles({ location: 't', columns, partitionColumns: [] }, source);
      const mode = (['append', 'append', 'append', 'overwrite', 'replace'] as const)[next(5)]!;
      const writer = next(2) ? room.delta : room.other();
      const definition = { columns, properties: { 'delta.checkpointInterval': '4' } };
      await writer.commit('t', { operation: 'WRITE', mode, adds, definition, txn: { appId: 'app', version: step } });
      model = mode === 'append' ? [...model, ...values] : values;
      models.push(model);
      if (mode === 'replace') columns = columns.length > 1 ? columns : [...columns, column('w', 'string')];
      if (next(3) === 0) await room.delta.snapshot('t');
      const failed = `seed ${seed}, step ${step}`;
      assert.deepEqual(
        await seen(await room.delta.snapshot('t')),
        await seen(await room.other().snapshot('t')),
        failed,
      );
      const rows = (await room.read('t')).map(([value]) => value as number);
      assert.deepEqual(
        rows,
        model.toSorted((left, right) => left - right),
        failed,
      );
    }
    for (const [version, values] of models.entries()) {
      const rows = (await room.read('t', version)).map(([value]) => value as number);
      assert.deepEqual(
        rows,
        values.toSorted((left, right) => left - right),
        `seed ${seed}, version ${version}`,
      );
    }
  } finally {
    await room.close();
  }
});
