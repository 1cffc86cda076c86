import type { Sample } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';

/** `TABLESAMPLE [SYSTEM | BERNOULLI] (…) [REPEATABLE (seed)]`; nothing where another clause begins. */
export function sample(cursor: Cursor): Sample | undefined {
  if (!cursor.is('TABLESAMPLE') || (cursor.peek(1).key !== '(' && cursor.peek(1).kind !== 'word')) return undefined;
  const mark = cursor.mark();
  cursor.next();
  const method = cursor.accept('SYSTEM') ? 'system' : 'bernoulli';
  if (method === 'bernoulli') cursor.accept('BERNOULLI');
  const size = cursor.parenthesised(() => sampleSize(cursor));
  const node: Sample = { method, size, range: cursor.rangeFrom(mark) };
  if (cursor.accept('REPEATABLE')) node.repeatable = cursor.parenthesised(() => cursor.expectInteger('a seed'));
  node.range = cursor.rangeFrom(mark);
  return node;
}

/** `n PERCENT`, `n ROWS`, `BUCKET x OUT OF y`; sizes in bytes Spark knows and refuses. */
function sampleSize(cursor: Cursor): Sample['size'] {
  const mark = cursor.mark();
  if (cursor.is(')'))
    throw refused(cursor, '_LEGACY_ERROR_TEMP_0014', 'TABLESAMPLE needs a share or a number of rows.');
  if (cursor.is('BUCKET') && cursor.peek(1).kind === 'number') return bucket(cursor);
  const signed = cursor.is('-') ? 1 : 0;
  if (cursor.peek(signed).kind === 'number' && cursor.peek(signed + 1).key === 'PERCENT') {
    if (signed) cursor.next();
    const { value } = cursor.token;
    if (!/^(\d+\.?\d*|\.\d+)$/.test(value)) cursor.fail('a plain number of percent');
    cursor.next();
    cursor.next();
    return share(cursor, (signed ? -1 : 1) * (Number(value) / 100), mark);
  }
  const rows = expression(cursor);
  if (cursor.accept('ROWS')) return { unit: 'rows', rows };
  if (!cursor.is(')')) cursor.fail('PERCENT or ROWS');
  const written = cursor.text.slice(rows.range.start, rows.range.end);
  if (/^\d+[bkmg]$/i.test(written))
    throw refused(cursor, '_LEGACY_ERROR_TEMP_0015', `TABLESAMPLE by bytes (${written}) does not exist.`);
  throw refused(cursor, '_LEGACY_ERROR_TEMP_0016', `${written} says neither PERCENT nor ROWS.`);
}

function bucket(cursor: Cursor): Sample['size'] {
  const mark = cursor.mark();
  cursor.expect('BUCKET');
  const part = cursor.expectInteger();
  cursor.expect('OUT', 'OF');
  const parts = cursor.expectInteger();
  if (cursor.is('ON'))
    throw refused(cursor, '_LEGACY_ERROR_TEMP_0015', 'TABLESAMPLE (BUCKET … ON …) does not exist: leave ON out.');
  return share(cursor, Number(part) / Number(parts), mark);
}

function share(cursor: Cursor, value: number, mark: number): Sample['size'] {
  // Spark forgives rounding of the division, and nothing beyond it.
  if (value >= -1e-6 && value <= 1 + 1e-6) return { unit: 'share', share: Math.min(1, Math.max(0, value)) };
  const message = `A sample is between 0 and 100 percent of the rows, not ${value * 100}.`;
  throw cursor.error('_LEGACY_ERROR_TEMP_0064', message, '42000', cursor.rangeFrom(mark));
}

const refused = (cursor: Cursor, code: string, message: string) => cursor.error(code, message, '42000');
