import type { Delta } from '../../types.ts';
import { column } from '../support.ts';

/** What the killed processes do to a table of rows (id, v), and what each operation makes of the rows. */
export const kinds = [
  'append',
  'overwrite',
  'delete',
  'update',
  'merge',
  'optimize',
  'vacuum',
  'checkpoint',
  'restore',
  'alter',
] as const;
export type Kind = (typeof kinds)[number];

export interface Operation {
  kind: Kind;
  txnId: string;
  /** New rows: this many ids from `first` on, with `v` of `id % 97`. Merges also update the ids before `first`. */
  first: number;
  count: number;
  /** Rows are hit where `id % of = 0`. */
  of: number;
}

/** Value by id. */
export type Rows = ReadonlyMap<number, number>;

export const columns = [column('id', 'bigint'), column('v', 'bigint')];
const PLUS = 1000;
const fresh = (id: number): number => id % 97;

/** Runs one; `floor` is the earliest version whose files are all there. Gives the version it committed, or null. */
export async function perform(delta: Delta, operation: Operation, floor: number): Promise<number | null> {
  const { txnId, first, count, of } = operation;
  const rows = (from: number, to: number) => `SELECT range AS id, range % 97 AS v FROM range(${from}, ${to})`;
  const hit = `target."id" % ${of} = 0`;
  switch (operation.kind) {
    case 'append':
      return (await delta.insert('t', { mode: 'append', rows: rows(first, first + count), txnId })).version;
    case 'overwrite':
      return (await delta.insert('t', { mode: 'overwrite', rows: rows(first, first + count), txnId })).version;
    case 'delete':
      return (await delta.delete('t', { where: hit, txnId })).version;
    case 'update': {
      const set = [{ column: 'v', value: `target."v" + ${PLUS}` }];
      return (await delta.update('t', { where: hit, set, txnId })).version;
    }
    case 'merge': {
      const both = (side: string) => columns.map(({ name }) => ({ column: name, value: `${side}."${name}"` }));
      const merged = await delta.merge('t', {
        source: `(${rows(Math.max(0, first - count), first + count)})`,
        on: 'target."id" = source."id"',
        matched: [{ condition: null, action: { kind: 'update', set: both('source') } }],
        notMatched: [{ condition: null, values: both('source') }],
        notMatchedBySource: [{ condition: hit, action: { kind: 'delete' } }],
        txnId,
      });
      return merged.version;
    }
    case 'optimize':
      return (await delta.optimize('t', { txnId })).version;
    case 'vacuum':
      return (await delta.vacuum('t', { retentionMs: 0, force: true, txnId })).version;
    case 'checkpoint':
      await delta.checkpoint('t');
      return null;
    case 'restore':
      return (
        await delta.restore('t', { toVersion: restored(await delta.latestVersion('t'), operation, floor), txnId })
      ).version;
    case 'alter': {
      const properties = { 'delta.logRetentionDuration': `interval ${30 + (first % 300)} days` };
      return (await delta.alter('t', { kind: 'setProperties', properties }, { txnId })).version;
    }
  }
}

/** The version that a restore goes back to. */
export const restored = (latest: number, { of }: Operation, floor: number): number => Math.max(floor, latest - of);

/** What an operation makes of rows; a restore's rows are those of its version. */
export function applied(rows: Rows, { kind, first, count, of }: Operation, then: () => Rows): Rows {
  const added = (from: number, to: number): [number, number][] =>
    Array.from({ length: to - from }, (_, index) => [from + index, fresh(from + index)]);
  switch (kind) {
    case 'append':
      return new Map([...rows, ...added(first, first + count)]);
    case 'overwrite':
      return new Map(added(first, first + count));
    case 'delete':
      return new Map([...rows].filter(([id]) => id % of !== 0));
    case 'update':
      return new Map([...rows].map(([id, v]) => [id, id % of === 0 ? v + PLUS : v]));
    case 'merge': {
      const source = added(Math.max(0, first - count), first + count);
      const named = new Map(source);
      return new Map([...[...rows].filter(([id]) => named.has(id) || id % of !== 0), ...source]);
    }
    case 'restore':
      return then();
    case 'optimize':
    case 'vacuum':
    case 'checkpoint':
    case 'alter':
      return rows;
  }
}
