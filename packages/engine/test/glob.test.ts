import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileFormat } from '@boathouse/contracts';
import { globMatcher } from '../files/glob.ts';
import { filesRelation } from '../index.ts';
import { column, openRoom } from './helper.ts';

const names = ['v/a.csv', 'v/b.csv', 'v/ab.csv', 'v/sub/a.csv', 'v/x{1}.csv', 'v/y,z.csv'];
const chosen = (glob: string): string[] => names.filter(globMatcher(glob));

test('a pattern of files chooses by stars, classes and braces, and a folder gives all that lies beneath', () => {
  assert.deepEqual(
    chosen('v/*.csv'),
    names.filter((it) => it !== 'v/sub/a.csv'),
  );
  assert.deepEqual(chosen('v/?.csv'), ['v/a.csv', 'v/b.csv']);
  assert.deepEqual(chosen('v/[b-z].csv'), ['v/b.csv']);
  assert.deepEqual(chosen('v/[!a].csv'), ['v/b.csv']);
  assert.deepEqual(chosen('v/{b,sub/{a,c}}.csv'), ['v/b.csv', 'v/sub/a.csv']);
  assert.deepEqual(chosen('v/s*'), ['v/sub/a.csv']);
  assert.deepEqual(chosen('v/s*/'), ['v/sub/a.csv']);
  assert.deepEqual(chosen('v/*{*'), ['v/x{1}.csv']);
  assert.deepEqual(chosen('v/y,*'), ['v/y,z.csv']);
  assert.deepEqual(chosen('v/[z-a].csv'), []);
  assert.deepEqual(chosen('v/*a*b*c*v'), ['v/ab.csv']);
});

test('no pattern of files holds up the process that everybody shares', () => {
  const started = performance.now();
  assert.equal(globMatcher(`v/${'*a'.repeat(100)}*b`)(`v/${'a'.repeat(250)}`), false);
  assert.throws(() => globMatcher(`v/${'{a,b}'.repeat(30)}`), { code: 'INVALID_FILE_PATTERN' });
  assert.ok(performance.now() - started < 1000);
});

test('a file whose name holds characters of patterns is read by itself, and once', async (t) => {
  const room = await openRoom(t);
  for (const [index, name] of ['a*b', 'a?b', 'a#b', 'a[1]', 'a{x}'].entries())
    await room.store.put(`uploads/w/${name}.csv`, Buffer.from(`x\n${index}\n`));
  const rows = async (location: string) =>
    room.engine.rows(
      `SELECT * FROM ${await filesRelation(room, {
        source: 'files',
        path: '/Volumes/main/test/w',
        location,
        format: 'csv' as FileFormat,
        options: { header: 'true' },
        columns: [column('x', 'int')],
        needed: ['x'],
        stream: false,
      })} ORDER BY x`,
    );
  assert.deepEqual(await rows('uploads/w/'), [{ x: 0 }, { x: 1 }, { x: 2 }, { x: 3 }, { x: 4 }]);
  assert.deepEqual(await rows('uploads/w/a*b.csv'), [{ x: 0 }, { x: 1 }, { x: 2 }]);
  assert.deepEqual(await rows('uploads/w/a[1].csv'), [{ x: 3 }]);
  assert.deepEqual(await rows('uploads/w/a{x}.csv'), [{ x: 4 }]);
});
