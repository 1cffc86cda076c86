import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineScalar, EngineValue } from '../function.ts';
import { engineFunction } from '../function.ts';
import { itemBytes, murmur128 } from './murmur.ts';
import { readTheta } from './theta.ts';

/** Tuple sketches while they keep every key: each hash of a key has a summary, a number that further rows change. */
type Entries = Map<bigint, number>;
type Mode = (a: number, b: number) => number;
interface Form {
  name: 'double' | 'integer';
  summaries: EngineScalar;
  /** Bytes of a summary: the number, and a byte for its mode. */
  size: number;
  write(view: Buffer, value: number, at: number): void;
  read(view: Buffer, at: number): number;
  wrap(value: number): number;
}

const forms: Form[] = [
  {
    name: 'double',
    summaries: 'DOUBLE[]',
    size: 9,
    write: (view, value, at) => view.writeDoubleLE(value, at),
    read: (view, at) => view.readDoubleLE(at),
    wrap: (value) => value,
  },
  {
    name: 'integer',
    summaries: 'INTEGER[]',
    size: 5,
    write: (view, value, at) => view.writeInt32LE(value, at),
    read: (view, at) => view.readInt32LE(at),
    wrap: (value) => value | 0,
  },
];

const modes: Record<string, Mode> = {
  sum: (a, b) => a + b,
  min: Math.min,
  max: Math.max,
  alwaysone: () => 1,
};

/** Slots of the library's hash table as it grows eightfold: the compact form lists hashes in their order. */
function tableOrder(hashes: readonly bigint[], lgK: number): bigint[] {
  let lg = 5 + ((lgK + 1 - 5) % 3);
  let table = new Map<number, bigint>();
  const put = (hash: bigint) => {
    const mask = 2 ** lg - 1;
    const stride = 2 * Number((hash >> BigInt(lg)) & 127n) + 1;
    let at = Number(hash & BigInt(mask));
    while (table.has(at)) at = (at + stride) & mask;
    table.set(at, hash);
  };
  const inOrder = () => [...table].sort((a, b) => a[0] - b[0]).map(([, hash]) => hash);
  for (const hash of hashes) {
    put(hash);
    if (lg > lgK || table.size <= 2 ** (lg - 1)) continue;
    const old = inOrder();
    lg = Math.min(lg + 3, lgK + 1);
    table = new Map();
    old.forEach(put);
  }
  return inOrder();
}

const unsupported = (what: string): Error =>
  userError('UNSUPPORTED_FUNCTION', `${what} is not supported.`, { sqlState: '0A000' });

function write(entries: Entries, form: Form, lgK: number, mode: Mode): Uint8Array {
  if (entries.size > 2 ** lgK) throw unsupported(`A tuple sketch of more than ${2 ** lgK} keys`);
  if (entries.size === 0) return Uint8Array.from([1, 3, 9, 1, 0, 0x0e, 0xcc, 0x93]);
  const single = entries.size === 1;
  const head = single ? 8 : 16;
  const bytes = Buffer.alloc(head + entries.size * (8 + form.size));
  bytes.set([single ? 1 : 2, 3, 9, 1, 0, 0x0a, 0xcc, 0x93]);
  if (!single) bytes.writeInt32LE(entries.size, 8);
  for (const [index, hash] of tableOrder([...entries.keys()], lgK).entries()) {
    const at = head + index * (8 + form.size);
    bytes.writeBigInt64LE(hash, at);
    form.write(bytes, entries.get(hash)!, at + 8);
    bytes[at + 7 + form.size] = Object.values(modes).indexOf(mode);
  }
  return Uint8Array.from(bytes);
}

function read(bytes: Uint8Array, form: Form, name: string): Entries {
  const view = Buffer.from(bytes);
  if (view.length < 8 || view[2] !== 9)
    throw userError('TUPLE_INVALID_INPUT_SKETCH_BUFFER', `${name}: the bytes are not a tuple sketch.`, {
      sqlState: '22546',
    });
  const entries: Entries = new Map();
  for (let at = view[0] === 1 ? 8 : 16; at + 8 + form.size <= view.length; at += 8 + form.size)
    entries.set(view.readBigInt64LE(at), form.read(view, at + 8));
  return entries;
}

function modeOf(mode: EngineValue): Mode {
  const found = modes[String(mode).toLowerCase()];
  if (found) return found;
  throw userError('TUPLE_INVALID_SUMMARY_MODE', `The mode is sum, min, max or alwaysone, not ${String(mode)}.`, {
    sqlState: '22546',
  });
}

/** What becomes of a key in both, and which keys stay. */
function combined(operation: string, a: Entries, b: Entries, mode: Mode, wrap: (value: number) => number): Entries {
  const merged = (hash: bigint, value: number) => (b.has(hash) ? wrap(mode(value, b.get(hash)!)) : value);
  const both = [...a].filter(([hash]) => operation === 'union' || b.has(hash) === (operation === 'intersection'));
  const kept: Entries = new Map(both.map(([hash, value]) => [hash, merged(hash, value)]));
  if (operation === 'union') for (const [hash, value] of b) if (!kept.has(hash)) kept.set(hash, value);
  return kept;
}

const functionsOf = (form: Form): EngineFunction[] => {
  const open = (bytes: EngineValue) => read(bytes as Uint8Array, form, `tuple_sketch_${form.name}`);
  const building = (kind: string, keys: EngineScalar): EngineFunction => ({
    name: `spark_tuple_agg_${form.name}_${kind}`,
    parameters: [keys, form.summaries, 'INTEGER', 'VARCHAR'],
    returns: 'BLOB',
    nullAware: true,
    evaluate: ([keyList, summaries, lgK, modeName]) => {
      const mode = modeOf(modeName!);
      const entries: Entries = new Map();
      for (const [index, key] of ((keyList ?? []) as EngineValue[]).entries()) {
        const bytes = itemBytes(key);
        const summary = (summaries as EngineValue[])[index];
        if (!bytes || typeof summary !== 'number') continue;
        const hash = murmur128(bytes)[0] >> 1n;
        const known = entries.get(hash);
        const first = mode === modes.alwaysone ? 1 : summary;
        entries.set(hash, known === undefined ? first : form.wrap(mode(known, summary)));
      }
      return write(entries, form, lgK as number, mode);
    },
  });
  return [
    building('long', 'BIGINT[]'),
    building('double', 'DOUBLE[]'),
    building('text', 'VARCHAR[]'),
    building('bytes', 'BLOB[]'),
    engineFunction(`spark_tuple_estimate_${form.name}`, ['BLOB'], 'DOUBLE', ([bytes]) => open(bytes!).size),
    engineFunction(`spark_tuple_theta_${form.name}`, ['BLOB'], 'DOUBLE', ([bytes]) =>
      open(bytes!).size < 0 ? null : 1,
    ),
    engineFunction(`spark_tuple_summary_${form.name}`, ['BLOB', 'VARCHAR'], 'DOUBLE', ([bytes, mode]) => {
      const values = [...open(bytes!).values()];
      const merge = modeOf(mode!);
      if (values.length) return values.reduce((a, b) => merge(a, b));
      if (merge !== modes.sum) throw unsupported('The summary of an empty tuple sketch but as a sum');
      return form.name === 'integer' ? 0 : null;
    }),
    engineFunction(
      `spark_tuple_combine_${form.name}`,
      ['VARCHAR', 'BLOB[]', 'BOOLEAN', 'INTEGER', 'VARCHAR'],
      'BLOB',
      ([operation, sketches, plain, lgK, modeName]) => {
        const mode = modeOf(modeName!);
        const sets = (sketches as EngineValue[]).flatMap((bytes, index) => {
          if (!(bytes instanceof Uint8Array)) return [];
          if (plain && index === 1) return [new Map(readTheta(bytes, 'tuple').map((hash) => [hash, 0] as const))];
          return [open(bytes)];
        });
        // A plain theta sketch has no summaries: it adds nothing to those of the other.
        const [first = new Map<bigint, number>(), ...others] = sets;
        const all = others.reduce((a, b) => combined(operation as string, a, b, mode, form.wrap), first);
        return write(all, form, lgK as number, mode);
      },
    ),
  ];
};

export const tupleFunctions: EngineFunction[] = forms.flatMap(functionsOf);
