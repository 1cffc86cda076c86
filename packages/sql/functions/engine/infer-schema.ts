import { userError } from '@boathouse/contracts';
import { splitCsv } from './csv.ts';
import { type Json, parseJson } from './json.ts';
import { isTrue, leniency, type TextOptions } from './json-options.ts';
import { parseBoolean } from './number-text.ts';
import { fitting, temporalJson, Unfit } from './record.ts';
import { mergeSchemas, nothing, schemaText, type VariantSchema } from './variant-text.ts';

const named = (name: string): VariantSchema => ({ kind: 'scalar', name });
const string = named('STRING');

/** Precision and scale of a number's text; undefined beyond 38 digits. */
function decimalSchema(text: string): VariantSchema | undefined {
  const [mantissa, exponent = '0'] = text.toLowerCase().replace('-', '').split('e') as [string, string | undefined];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string | undefined];
  const scale = fraction.length - Number(exponent);
  const digits = (whole + fraction).replace(/^0+(?=\d)/, '').length;
  if (scale < 0) return digits - scale <= 38 ? { kind: 'decimal', precision: digits - scale, scale: 0 } : undefined;
  const precision = Math.max(digits, scale);
  return precision <= 38 ? { kind: 'decimal', precision, scale } : undefined;
}

function number(text: string, options: TextOptions): VariantSchema {
  if (!/^-?\d/.test(text)) return named('DOUBLE');
  if (/^-?\d+$/.test(text)) {
    if (BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return named('BIGINT');
    return decimalSchema(text) ?? named('DOUBLE');
  }
  return (isTrue(options, 'prefersDecimal') ? decimalSchema(text) : undefined) ?? named('DOUBLE');
}

function inferred(value: Json, options: TextOptions): VariantSchema {
  const plain = isTrue(options, 'primitivesAsString');
  switch (value.kind) {
    case 'null':
      return nothing;
    case 'true':
    case 'false':
      return plain ? string : named('BOOLEAN');
    case 'number':
      return plain ? string : number(value.text, options);
    case 'string':
      return string;
    case 'array':
      return {
        kind: 'array',
        element: value.items
          .map((item) => inferred(item, options))
          .reduce((sum, next) => mergeSchemas(sum, next, string), nothing),
      };
    case 'object':
      return {
        kind: 'object',
        fields: value.fields
          .map(([key, item]): [string, VariantSchema] => [key, inferred(item, options)])
          .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
      };
  }
}

/** What is only NULL is text. */
function settled(schema: VariantSchema): VariantSchema {
  if (schema.kind === 'array') return { kind: 'array', element: settled(schema.element) };
  if (schema.kind === 'object') return { kind: 'object', fields: schema.fields.map(([key, of]) => [key, settled(of)]) };
  return schema.kind === 'scalar' && schema.name === 'VOID' ? string : schema;
}

/** The schema of a JSON text as DDL. Throws where the text is no JSON. */
export function schemaOfJson(text: string, options: TextOptions): string {
  if (isTrue(options, 'inferTimestamp'))
    throw userError('UNSUPPORTED_FUNCTION', 'schema_of_json: the option inferTimestamp is not supported.');
  if (text.trim() === '') return 'STRING';
  const value = parseJson(text, leniency(options));
  if (!value)
    throw userError('MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION', `The text is no JSON: ${text.slice(0, 200)}`, {
      sqlState: '22023',
    });
  return schemaText(settled(inferred(value, options)), 'STRUCT');
}

const reads = (read: () => unknown): boolean => {
  try {
    fitting(read);
    return true;
  } catch (error) {
    if (error instanceof Unfit) return false;
    throw error;
  }
};

/** The type of one field of a CSV record. */
function csvField(text: string, options: TextOptions): string {
  if (text === '' || text === options.nullvalue) return 'STRING';
  if (/^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace('+', ''));
    if (BigInt.asIntN(32, value) === value) return 'INT';
    if (BigInt.asIntN(64, value) === value) return 'BIGINT';
  }
  if (/^[+-]?\d+\.?$/.test(text)) {
    const digits = text.replace(/[+.-]/g, '').replace(/^0+(?=\d)/, '').length;
    if (digits <= 38) return `DECIMAL(${digits},0)`;
  }
  const numbers = [options.nanvalue ?? 'NaN', options.positiveinf ?? 'Inf', options.negativeinf ?? '-Inf'];
  const isDouble = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/.test(text.trim());
  if (isDouble || numbers.includes(text) || /^[+-]?(?:NaN|Infinity)$/.test(text.trim())) return 'DOUBLE';
  if (/^T?\d{1,2}:\d/.test(text.trim()))
    throw userError('UNSUPPORTED_FUNCTION', 'schema_of_csv: a time of day alone is not supported.');
  const preferDate = isTrue(options, 'preferDate', true);
  const time = { ...options };
  if (preferDate && /^\d{4}-\d\d-\d\d$/.test(text) && reads(() => temporalJson(text, { kind: 'date' }, time, 'UTC')))
    return 'DATE';
  if (/\d/.test(text) && reads(() => temporalJson(text, { kind: 'timestamp' }, time, 'UTC'))) return 'TIMESTAMP';
  return reads(() => parseBoolean(text)) && /^(true|false)$/i.test(text) ? 'BOOLEAN' : 'STRING';
}

/** The schema of one CSV record as DDL: `STRUCT<_c0: INT, …>`. */
export function schemaOfCsv(text: string, options: TextOptions): string {
  if (text === '') throw userError('INTERNAL_ERROR', 'schema_of_csv needs a text that is not empty.');
  const fields = splitCsv(text, options).map((token, index) => `_c${index}: ${csvField(token.text, options)}`);
  return `STRUCT<${fields.join(', ')}>`;
}
