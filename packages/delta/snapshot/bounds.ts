import type { CheckpointSource } from '../checkpoint/source.ts';
import { countOf } from '../checkpoint/source.ts';
import { identifier, literal } from '../schema/engine.ts';
import { ownTagTest } from '../write/tags.ts';

/** A column whose bounds are asked: its physical path, and the kind of its leaf. */
export interface BoundColumn {
  path: readonly string[];
  kind: string;
  isPartition: boolean;
}

/** Number of a row in a checkpoint: its file above, its place in the file below. */
export const ROW_BITS = 40;
export const rowId = `((scan.file_index::BIGINT << ${ROW_BITS}) + scan.file_row_number)`;

const numbers = new Set(['tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'decimal']);
const texts = new Set(['string', 'char', 'varchar']);

export const isText = (kind: string): boolean => texts.has(kind);
/** Whether the engine can tell a range of the kind. */
export const hasBounds = (kind: string, isPartition: boolean): boolean =>
  numbers.has(kind) ||
  texts.has(kind) ||
  kind === 'date' ||
  kind === 'timestamp' ||
  kind === 'timestamp_ntz' ||
  (kind === 'boolean' && isPartition);

/** More than the error of a bound that went through a double, or through the text of a float. */
export const slackOf = (kind: string): number => (kind === 'float' ? 1e-6 : 1e-12);
/** Statistics are cut to milliseconds. */
const lostOf = (kind: string): number => (kind === 'timestamp' || kind === 'timestamp_ntz' ? 1000 : 0);

/**
 * SELECT of `rid, lo, hi, top, nulls, n` a file. Numbers (days, microseconds) as DOUBLE, already widened by what a double
 * loses: unknown bounds are infinite, and a file without any value has an empty range. `top` is `hi` where no NaN can lie
 * above it. Texts as they are, NULL for unknown.
 */
export async function boundsSelect(source: CheckpointSource, column: BoundColumn): Promise<string> {
  const raw = await rawSelect(source, column);
  if (isText(column.kind)) return `SELECT rid, lo, hi, nulls, n FROM (${raw})`;
  const widened = (value: string, sign: '+' | '-', lost: number) =>
    `${value} ${sign} (abs(${value}) * ${number(slackOf(column.kind))} + ${number(lost)})`;
  const isFloating = column.kind === 'float' || column.kind === 'double';
  return `SELECT rid, CASE WHEN gone THEN ${number(Infinity)} ELSE coalesce(${widened('lo', '-', 0)}, ${number(-Infinity)}) END AS lo,
      CASE WHEN gone THEN ${number(-Infinity)} ELSE coalesce(high, ${number(Infinity)}) END AS hi,
      CASE WHEN gone THEN ${number(-Infinity)} ${isFloating ? `WHEN NOT own THEN ${number(Infinity)}` : ''} ELSE coalesce(high, ${number(Infinity)}) END AS top, nulls, n
    FROM (SELECT *, ${widened('hi', '+', lostOf(column.kind))} AS high, coalesce(n = 0 OR nulls = n, false) AS gone FROM (${raw}))`;
}

const number = (value: number): string => `${literal(String(value))}::DOUBLE`;

async function rawSelect(source: CheckpointSource, column: BoundColumn): Promise<string> {
  const from = `FROM ${source.relation} AS scan WHERE scan."add"."size" IS NOT NULL`;
  if (column.isPartition) {
    const text = `nullif(scan."add".partitionValues[${literal(column.path[0] ?? '')}], '')`;
    const value = ofText('v', column.kind, true);
    return `SELECT rid, ${value} AS lo, ${value} AS hi, (v IS NULL)::BIGINT AS nulls, 1::BIGINT AS n, true AS own FROM (SELECT ${rowId} AS rid, ${text} AS v ${from})`;
  }
  const own = source.addFields.has('tags') ? `coalesce(${ownTagTest('scan."add".tags')}, false)` : 'false';
  return (
    (await ofStructs(source, column, own, from)) ??
    (source.addFields.has('stats')
      ? `SELECT rid, ${ofText('v[1]', column.kind, false)} AS lo, ${ofText('v[2]', column.kind, false)} AS hi, TRY_CAST(v[3] AS BIGINT) AS nulls, TRY_CAST(v[4] AS BIGINT) AS n, own
         FROM (SELECT ${rowId} AS rid, scan."add".stats ->> [${jsonPaths(column.path)}] AS v, ${own} AS own ${from})`
      : `SELECT ${rowId} AS rid, NULL::DOUBLE AS lo, NULL::DOUBLE AS hi, NULL::BIGINT AS nulls, NULL::BIGINT AS n, false AS own ${from}`)
  );
}

/** From struct statistics, where they are there for the column: only its own leaves are read. */
async function ofStructs(
  source: CheckpointSource,
  column: BoundColumn,
  own: string,
  from: string,
): Promise<string | null> {
  if (!source.addFields.has('stats_parsed') || countOf(source, 'add, stats_parsed, numRecords') === 0) return null;
  const leaf = (group: string) => ['scan."add".stats_parsed', group, ...column.path.map(identifier)].join('.');
  try {
    const types = await source.engine.rows(
      `DESCRIBE SELECT ${leaf('minValues')} AS lo, ${leaf('maxValues')} AS hi, ${leaf('nullCount')} AS nulls ${from}`,
    );
    const [lo, hi] = types.map(({ column_type }) => String(column_type));
    const low = ofTyped(leaf('minValues'), lo ?? '', column.kind);
    const high = ofTyped(leaf('maxValues'), hi ?? '', column.kind);
    return `SELECT ${rowId} AS rid, ${low} AS lo, ${high} AS hi, TRY_CAST(${leaf('nullCount')} AS BIGINT) AS nulls, TRY_CAST(scan."add".stats_parsed.numRecords AS BIGINT) AS n, ${own} AS own ${from}`;
  } catch {
    // The struct has no such column: JSON may.
    return null;
  }
}

const jsonPaths = (path: readonly string[]): string => {
  const pointer = path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return [`/minValues${pointer}`, `/maxValues${pointer}`, `/nullCount${pointer}`, '/numRecords']
    .map(literal)
    .join(', ');
};

const finite = (value: string): string => `CASE WHEN isnan(${value}) THEN NULL ELSE ${value} END`;

function ofTyped(value: string, type: string, kind: string): string {
  if (isText(kind)) return `${value}::VARCHAR`;
  if (type === 'DATE') return `TRY((${value} - DATE '1970-01-01')::DOUBLE)`;
  if (type.startsWith('TIMESTAMP')) return `TRY(epoch_us(${value})::DOUBLE)`;
  if (type === 'VARCHAR') return ofText(value, kind, false);
  return finite(`TRY_CAST(${value} AS DOUBLE)`);
}

function ofText(text: string, kind: string, isPartition: boolean): string {
  if (isText(kind)) return text;
  if (numbers.has(kind)) return finite(`TRY_CAST(${text} AS DOUBLE)`);
  switch (kind) {
    case 'boolean':
      return `CASE lower(${text}) WHEN 'true' THEN 1.0::DOUBLE WHEN 'false' THEN 0.0::DOUBLE END`;
    case 'date':
      return `TRY((TRY_CAST(${text} AS DATE) - DATE '1970-01-01')::DOUBLE)`;
    case 'timestamp': {
      const zoned = `regexp_matches(substr(${text}, 11), '(Z|[+-]\\d\\d(:?\\d\\d)?)\\s*$')`;
      // Which instant a partition's time without a zone is depends on the session; statistics without one are in UTC.
      const bare = isPartition ? 'NULL' : `${text} || 'Z'`;
      return `TRY(epoch_us(TRY_CAST(CASE WHEN ${zoned} THEN ${text} ELSE ${bare} END AS TIMESTAMPTZ))::DOUBLE)`;
    }
    default:
      return `TRY(epoch_us(TRY_CAST(${text} AS TIMESTAMP))::DOUBLE)`;
  }
}
