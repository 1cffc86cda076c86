import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineScalar, EngineValue } from '../function.ts';
import { engineFunction } from '../function.ts';
import { doubleText, floatText } from '../number-text.ts';

/** KLL sketches while they keep every value: quantiles and ranks are exact. `k` is the number of values they keep. */
type Item = bigint | number;
interface Sketch {
  k: number;
  items: Item[];
}
interface Form {
  name: string;
  list: EngineScalar;
  one: EngineScalar;
  title: string;
  size: number;
  write(view: Buffer, item: Item, at: number): void;
  read(view: Buffer, at: number): Item;
  text(item: Item): string;
}

const forms: Form[] = [
  {
    name: 'bigint',
    list: 'BIGINT[]',
    one: 'BIGINT',
    title: 'Longs',
    size: 8,
    write: (view, item, at) => view.writeBigInt64LE(BigInt(item), at),
    read: (view, at) => view.readBigInt64LE(at),
    text: String,
  },
  {
    name: 'double',
    list: 'DOUBLE[]',
    one: 'DOUBLE',
    title: 'Doubles',
    size: 8,
    write: (view, item, at) => view.writeDoubleLE(Number(item), at),
    read: (view, at) => view.readDoubleLE(at),
    text: (item) => doubleText(Number(item)),
  },
  {
    name: 'float',
    list: 'FLOAT[]',
    one: 'FLOAT',
    title: 'Floats',
    size: 4,
    write: (view, item, at) => view.writeFloatLE(Number(item), at),
    read: (view, at) => view.readFloatLE(at),
    text: (item) => floatText(Number(item)),
  },
];

function limited(sketch: Sketch): Sketch {
  if (sketch.items.length > sketch.k)
    throw userError(
      'UNSUPPORTED_FUNCTION',
      `A KLL sketch of more than ${sketch.k} values is not supported. Use percentile_approx.`,
      { sqlState: '0A000' },
    );
  return sketch;
}

const ascending = (items: readonly Item[]): Item[] => [...items].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** The library's compact form of one level. */
function write({ k, items }: Sketch, form: Form): Uint8Array {
  const n = items.length;
  const head = n < 2 ? 8 : 24;
  const bytes = Buffer.alloc(head + form.size * (n < 2 ? n : n + 2));
  bytes.set([n < 2 ? 2 : 5, n === 1 ? 2 : 1, 15, n === 0 ? 1 : n === 1 ? 4 : 0, k & 0xff, k >> 8, 8, 0]);
  const all = n < 2 ? items : [ascending(items)[0]!, ascending(items).at(-1)!, ...items];
  if (n >= 2) {
    bytes.writeBigInt64LE(BigInt(n), 8);
    bytes.writeUInt16LE(k, 16);
    bytes[18] = 1;
    bytes.writeInt32LE(k - n, 20);
  }
  for (const [index, item] of all.entries()) form.write(bytes, item, head + form.size * index);
  return Uint8Array.from(bytes);
}

function read(bytes: Uint8Array, form: Form): Sketch {
  const view = Buffer.from(bytes);
  if (view.length < 8 || view[2] !== 15) throw invalid('the bytes are not a KLL sketch');
  const k = view.readUInt16LE(4);
  if (view[3]! & 1) return { k, items: [] };
  const single = (view[3]! & 4) !== 0;
  const from = single ? 8 : 24 + 2 * form.size;
  const count = single ? 1 : Number(view.readBigInt64LE(8));
  return { k, items: Array.from({ length: count }, (_, index) => form.read(view, from + form.size * index)) };
}

const invalid = (why: string): Error =>
  userError('KLL_INVALID_INPUT_SKETCH_BUFFER', `The argument cannot be read: ${why}.`, { sqlState: '22546' });

function quantile(sorted: readonly Item[], share: number): Item {
  if (!(share >= 0 && share <= 1))
    throw userError('KLL_SKETCH_INVALID_QUANTILE_RANGE', `A rank lies between 0 and 1, not at ${share}.`, {
      sqlState: '22003',
    });
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
}

const rank = (items: readonly Item[], value: Item): number =>
  items.filter((item) => item <= value).length / items.length;

function filled(sketch: Sketch): Sketch {
  if (sketch.items.length === 0) throw invalid('the sketch is empty');
  return sketch;
}

function summary({ k, items }: Sketch, form: Form): string {
  const n = items.length;
  const percent = (share: number) => `${(100 * share).toFixed(3)}%`;
  const compact = n === 0 ? 8 : n === 1 ? 8 + form.size : 24 + form.size * (n + 2);
  const lines: [string, string | number][] = [
    ['K', k],
    ['Dynamic min K', k],
    ['M', 8],
    ['N', n],
    ['Epsilon', percent(2.296 / k ** 0.9723)],
    ['Epsilon PMF', percent(2.446 / k ** 0.9433)],
    ['Empty', String(n === 0)],
    ['Estimation Mode', 'false'],
    ['Levels', 1],
    ['Level 0 Sorted', 'false'],
    ['Capacity Items', k],
    ['Retained Items', n],
    ['Free Space', k - n],
    ['ReadOnly', 'false'],
    ['Updatable Storage Bytes', 28 + form.size * (k + 2)],
    ['Compact Storage Bytes', compact],
    ['Min Item', n ? form.text(ascending(items)[0]!) : 'null'],
    ['Max Item', n ? form.text(ascending(items).at(-1)!) : 'null'],
  ];
  const body = lines.map(([label, value]) => `   ${label.padEnd(23)}: ${value}\n`).join('');
  return `\n### KllKll${form.title}Sketch Summary:\n${body}### End sketch summary\n`;
}

const itemsOf = (list: EngineValue): Item[] =>
  ((list ?? []) as EngineValue[]).filter((item) => typeof item === 'bigint' || typeof item === 'number');

const functionsOf = (form: Form): EngineFunction[] => {
  const open = (bytes: EngineValue) => read(bytes as Uint8Array, form);
  return [
    {
      name: `spark_kll_agg_${form.name}`,
      parameters: [form.list, 'INTEGER'],
      returns: 'BLOB',
      nullAware: true,
      evaluate: ([list, k]) => write(limited({ k: k as number, items: itemsOf(list!) }), form),
    },
    engineFunction(`spark_kll_merge_${form.name}`, ['BLOB[]'], 'BLOB', ([list]) => {
      const sketches = (list as EngineValue[]).filter((bytes) => bytes !== null).map(open);
      const k = Math.min(200, ...sketches.map((sketch) => sketch.k));
      return write(limited({ k, items: sketches.flatMap(({ items }) => items) }), form);
    }),
    engineFunction(`spark_kll_n_${form.name}`, ['BLOB'], 'BIGINT', ([bytes]) => BigInt(open(bytes!).items.length)),
    engineFunction(`spark_kll_text_${form.name}`, ['BLOB'], 'VARCHAR', ([bytes]) => summary(open(bytes!), form)),
    engineFunction(`spark_kll_quantiles_${form.name}`, ['BLOB', 'DOUBLE[]'], form.list, ([bytes, shares]) => {
      const sorted = ascending(filled(open(bytes!)).items);
      return itemsOf(shares!).map((share) => quantile(sorted, Number(share)));
    }),
    engineFunction(`spark_kll_ranks_${form.name}`, ['BLOB', form.list], 'DOUBLE[]', ([bytes, values]) => {
      const { items } = filled(open(bytes!));
      return itemsOf(values!).map((value) => rank(items, value));
    }),
  ];
};

export const kllFunctions: EngineFunction[] = forms.flatMap(functionsOf);
