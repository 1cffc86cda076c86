import type { Expression, Name, Statement } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { name } from './names.ts';
import { timeTravelClause } from './relations.ts';
import { unsupportedRest } from './unsupported.ts';

/** OPTIMIZE t [FULL] [WHERE condition] [ZORDER BY (a, b)]. */
export function optimize(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('OPTIMIZE');
  if (cursor.is('TABLE') && cursor.peek(1).kind === 'word' && cursor.peek(1).key !== 'FULL') cursor.next();
  const table = name(cursor, 'the name of a table');
  const full = cursor.accept('FULL');
  const where: { where?: Expression } = cursor.accept('WHERE') ? { where: expression(cursor) } : {};
  const zorderBy = cursor.acceptAll('ZORDER', 'BY') ? columnList(cursor) : [];
  return { kind: 'optimize', table, full, ...where, zorderBy, range: cursor.rangeFrom(mark) };
}

function columnList(cursor: Cursor): Name[] {
  const names = () => cursor.list(() => name(cursor, 'the name of a column'));
  return cursor.is('(') ? cursor.parenthesised(names) : names();
}

/** VACUUM t [FULL | LITE] [RETAIN n HOURS] [DRY RUN], the options in any order. */
export function vacuum(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('VACUUM');
  const table = name(cursor, 'the name of a table');
  const node: Extract<Statement, { kind: 'vacuum' }> = {
    kind: 'vacuum',
    table,
    mode: 'full',
    dryRun: false,
    range: table.range,
  };
  for (;;) {
    if (cursor.accept('LITE')) node.mode = 'lite';
    else if (cursor.accept('FULL')) node.mode = 'full';
    else if (cursor.acceptAll('DRY', 'RUN')) node.dryRun = true;
    else if (cursor.accept('RETAIN')) {
      if (cursor.token.kind !== 'number') cursor.fail('a number of hours');
      node.retainHours = cursor.next().value;
      cursor.expect('HOURS');
    } else break;
  }
  return { ...node, range: cursor.rangeFrom(mark) };
}

/** RESTORE [TABLE] t TO VERSION AS OF n | TIMESTAMP AS OF time. */
export function restore(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('RESTORE');
  if (cursor.is('TABLE') && cursor.peek(1).key !== 'TO') cursor.next();
  const table = name(cursor, 'the name of a table');
  cursor.accept('TO');
  const to = timeTravelClause(cursor);
  if (!to) cursor.fail('VERSION AS OF or TIMESTAMP AS OF');
  return { kind: 'restore', table, to, range: cursor.rangeFrom(mark) };
}

/** REORG TABLE t [WHERE condition] APPLY (PURGE). */
export function reorg(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('REORG', 'TABLE');
  const table = name(cursor, 'the name of a table');
  const where: { where?: Expression } = cursor.accept('WHERE') ? { where: expression(cursor) } : {};
  cursor.expect('APPLY', '(');
  if (!cursor.is('PURGE')) return unsupportedRest(cursor, mark, `REORG TABLE … APPLY (${cursor.token.key})`);
  cursor.expect('PURGE', ')');
  return { kind: 'reorg', table, ...where, range: cursor.rangeFrom(mark) };
}

/** ANALYZE TABLE t COMPUTE [DELTA] STATISTICS [NOSCAN | FOR ALL COLUMNS | FOR COLUMNS …]. */
export function analyze(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('ANALYZE');
  if (!cursor.accept('TABLE')) return unsupportedRest(cursor, mark, `ANALYZE ${cursor.token.key}`);
  const table = name(cursor, 'the name of a table');
  if (cursor.is('PARTITION')) return unsupportedRest(cursor, mark, 'ANALYZE TABLE … PARTITION');
  cursor.expect('COMPUTE');
  const delta = cursor.accept('DELTA');
  cursor.expect('STATISTICS');
  if (!cursor.accept('NOSCAN') && cursor.accept('FOR')) {
    if (!cursor.acceptAll('ALL', 'COLUMNS')) {
      cursor.expect('COLUMNS');
      columnList(cursor);
    }
  }
  return { kind: 'analyze', table, delta, range: cursor.rangeFrom(mark) };
}
