import { Buffer } from 'node:buffer';
import type { EngineFunction, EngineValue } from './function.ts';
import { engineFunction } from './function.ts';
import { withTry } from './number-text.ts';
import { decimalOf, decodeVariant, encodeVariant, objectOf, type Variant } from './variant.ts';
import { castVariant, typeOfText } from './variant-cast.ts';
import {
  mergeSchemas,
  nothing,
  parseVariant,
  schemaText,
  variantAt,
  variantJson,
  variantPath,
  variantSchema,
} from './variant-text.ts';

const read = (value: EngineValue): Variant => decodeVariant(value as Uint8Array);
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const hex = (value: Variant): string => Buffer.from(encodeVariant(value)).toString('hex');

/** Scalars as the planner writes them: a letter for the kind, and the value's text. */
const scalars: Record<string, (text: string) => Variant> = {
  i: (text) => ({ kind: 'long', value: BigInt(text) }),
  d: (text) => ({ kind: 'double', value: Number(text) }),
  f: (text) => ({ kind: 'float', value: Number(text) }),
  m: (text) => {
    const [whole, fraction = ''] = text.split('.') as [string, string | undefined];
    return decimalOf(BigInt(whole + fraction), fraction.length);
  },
  s: (text) => ({ kind: 'string', value: text }),
  B: (text) => ({ kind: 'binary', value: unhex(text) }),
  D: (text) => ({ kind: 'date', days: Number(text) }),
  T: (text) => ({ kind: 'timestamp', micros: BigInt(text) }),
  N: (text) => ({ kind: 'timestamp_ntz', micros: BigInt(text) }),
  V: (text) => decodeVariant(unhex(text)),
};

/** The variant of parsed planner text: arrays are arrays, `{o: [key, value, …]}` is an object. */
function built(node: unknown): Variant {
  if (node === null) return { kind: 'null' };
  if (typeof node === 'boolean') return { kind: 'boolean', value: node };
  if (typeof node === 'string') return scalars[node[0]!]!(node.slice(1));
  if (Array.isArray(node)) return { kind: 'array', items: node.map(built) };
  if (typeof node !== 'object' || !('o' in node) || !Array.isArray(node.o)) throw new Error('broken text of a variant');
  const parts: unknown[] = node.o;
  const fields: [string, Variant][] = [];
  for (let at = 0; at < parts.length; at += 2) fields.push([String(parts[at]), built(parts[at + 1])]);
  return objectOf(fields);
}

function get(value: Variant, path: string, name: string): Uint8Array | null {
  const found = variantAt(value, variantPath(path, name));
  return found ? encodeVariant(found) : null;
}

/** Elements of an array, or fields of an object; NULL for anything else. */
function parts(value: Variant): [string | null, Variant][] | null {
  if (value.kind === 'array') return value.items.map((item) => [null, item]);
  return value.kind === 'object' ? value.fields : null;
}

export const variantFunctions: EngineFunction[] = [
  ...withTry(
    engineFunction('spark_parse_json', ['VARCHAR'], 'BLOB', ([text]) => encodeVariant(parseVariant(text as string))),
  ),
  engineFunction('spark_variant_json', ['BLOB', 'VARCHAR'], 'VARCHAR', ([value, zone]) =>
    variantJson(read(value!), zone as string),
  ),
  engineFunction('spark_variant_get', ['BLOB', 'VARCHAR', 'VARCHAR'], 'BLOB', ([value, path, name]) =>
    get(read(value!), path as string, name as string),
  ),
  engineFunction(
    'spark_variant_cast',
    ['BLOB', 'VARCHAR', 'VARCHAR', 'BOOLEAN'],
    'VARCHAR',
    ([value, ddl, zone, tried]) => {
      const text = castVariant(read(value!), typeOfText(ddl as string), {
        zone: zone as string,
        tried: tried as boolean,
      });
      return text === 'null' ? null : `{"v":${text}}`;
    },
  ),
  engineFunction('spark_variant_build', ['VARCHAR'], 'BLOB', ([text]) =>
    encodeVariant(built(JSON.parse(text as string))),
  ),
  engineFunction('spark_is_variant_null', ['BLOB'], 'BOOLEAN', ([value]) => read(value!).kind === 'null'),
  engineFunction('spark_variant_schema', ['BLOB'], 'VARCHAR', ([value]) => schemaText(variantSchema(read(value!)))),
  engineFunction('spark_variant_schemas', ['VARCHAR[]'], 'VARCHAR', ([values]) =>
    schemaText(
      (values as string[])
        .map((text) => variantSchema(decodeVariant(unhex(text))))
        .reduce((sum, next) => mergeSchemas(sum, next), nothing),
    ),
  ),
  engineFunction(
    'spark_variant_keys',
    ['BLOB'],
    'VARCHAR[]',
    ([value]) => parts(read(value!))?.map(([key]) => key) ?? null,
  ),
  engineFunction(
    'spark_variant_values',
    ['BLOB'],
    'VARCHAR[]',
    ([value]) => parts(read(value!))?.map(([, item]) => hex(item)) ?? null,
  ),
];
