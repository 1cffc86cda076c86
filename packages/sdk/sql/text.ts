/** SQL text: names, literals, and just enough reading to know a query from a command and to find parameters. */

/** A value that can be written as a SQL literal. */
export type SqlValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly SqlValue[]
  | ReadonlyMap<SqlValue, SqlValue>
  | { readonly [name: string]: SqlValue };

/** What a person wrote cannot become SQL. */
export class SdkError extends Error {
  override name = 'SdkError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** `main.samples.x` with each part quoted; parts in backticks stay as they are. `*` stays bare. */
export function quotePath(path: string): string {
  const parts: string[] = [];
  let rest = path.trim();
  for (;;) {
    const quoted = /^`((?:[^`]|``)*)`/.exec(rest);
    const bare = quoted ? null : /^[^.`]+/.exec(rest);
    const found = quoted ?? bare;
    if (!found)
      throw new SdkError('BAD_NAME', `"${path}" is not a name: write parts joined by dots, odd ones in backticks.`);
    parts.push(quoted ? quoted[0] : found[0].trim() === '*' ? '*' : quoteName(found[0].trim()));
    rest = rest.slice(found[0].length);
    if (!rest) return parts.join('.');
    if (!rest.startsWith('.'))
      throw new SdkError('BAD_NAME', `"${path}" is not a name: there is a text after a quoted part.`);
    rest = rest.slice(1);
  }
}

const MAX_LONG = 2n ** 63n;

/** A literal of the type that Spark would give the value: doubles for fractions, timestamps for dates, structs for objects. */
export function literal(value: SqlValue): string {
  if (value === null || value === undefined) return 'NULL';
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'string':
      return quoteText(value);
    case 'bigint':
      if (value >= -MAX_LONG + 1n && value < MAX_LONG) return `${value}L`;
      return `CAST(${quoteText(String(value))} AS DECIMAL(38, 0))`;
    case 'number':
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
      if (!Number.isFinite(value)) return `CAST(${quoteText(String(value))} AS DOUBLE)`;
      return `CAST(${quoteText(String(Object.is(value, -0) ? '-0.0' : value))} AS DOUBLE)`;
    case 'object':
      return objectLiteral(value);
    default:
      throw new SdkError('BAD_VALUE', `A ${typeof value} cannot be written as a SQL value.`);
  }
}

function objectLiteral(value: NonNullable<Extract<SqlValue, object>>): string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime()))
      throw new SdkError('BAD_VALUE', 'An invalid Date cannot be written as a SQL value.');
    return `TIMESTAMP ${quoteText(value.toISOString())}`;
  }
  if (value instanceof Uint8Array) return `X'${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}'`;
  if (Array.isArray(value)) return `array(${value.map(literal).join(', ')})`;
  if (value instanceof Map) return `map(${[...value].flat().map(literal).join(', ')})`;
  const fields = Object.entries(value as Record<string, SqlValue>);
  if (!fields.length) throw new SdkError('BAD_VALUE', 'An object without fields cannot be written as a SQL value.');
  return `named_struct(${fields.map(([name, field]) => `${quoteText(name)}, ${literal(field)}`).join(', ')})`;
}

/** A string literal: Spark reads backslashes as escapes. */
export const quoteText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '\\0')}'`;
