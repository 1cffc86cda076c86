import type { Column } from '@boathouse/contracts';
import { quoteName } from '@boathouse/engine';
import type { CompiledCondition } from '@boathouse/sql';
import { chooseFrom, type Parsed, UsageError, wholeNumber } from '../arguments.ts';
import { conditionOf, namesOf, snapshotOf } from './at.ts';
import type { OpenTable } from './open.ts';
import { type Print, type RowFormat, rowFormats, writeRows } from './output.ts';

/** A printed table of more rows than this must be asked for. */
const PRINTED_ROWS = 100;

/** `rows`: the table's rows, at a version or time, with chosen columns and a condition. */
export async function rows(table: OpenTable, { options }: Parsed, print: Print): Promise<void> {
  const snapshot = await snapshotOf(table, options);
  const names = snapshot.columns.map(({ name }) => name);
  const where = conditionOf(options.where, snapshot.columns);
  const { files } = await table.delta.prune(snapshot, where?.predicates ?? []);
  const relation = await table.delta.relation(snapshot, files, names, { timeZone: 'UTC' });
  await select(table, { relation, columns: snapshot.columns, where }, options, print);
}

/** `changes`: what versions inserted, deleted and updated. */
export async function changes(table: OpenTable, { options }: Parsed, print: Print): Promise<void> {
  const from = wholeNumber(options.from, 'from');
  if (from === undefined) throw new UsageError('Say with --from N from which version on changes are wanted.');
  const to = wholeNumber(options.to, 'to');
  const feed = await table.delta.changes(table.location, {
    fromVersion: from,
    ...(to === undefined ? {} : { toVersion: to }),
    timeZone: 'UTC',
  });
  const where = conditionOf(options.where, feed.columns);
  await select(table, { relation: feed.relation, columns: feed.columns, where }, options, print);
}

async function select(
  table: OpenTable,
  { relation, columns, where }: { relation: string; columns: readonly Column[]; where: CompiledCondition | null },
  options: Parsed['options'],
  print: Print,
): Promise<void> {
  const format: RowFormat = chooseFrom(options.format, rowFormats, 'format');
  const names = namesOf(options.columns, columns);
  const limit = wholeNumber(options.limit, 'limit') ?? (isPrinted(format, options) ? PRINTED_ROWS : undefined);
  const sql = `SELECT ${names.map(quoteName).join(', ')} FROM ${relation} AS target${where ? ` WHERE (${where.text}) IS TRUE` : ''}${limit === undefined ? '' : ` LIMIT ${limit}`}`;
  const chosen = names.flatMap((name) => columns.filter((column) => column.name === name));
  await writeRows(
    table,
    { sql, columns: chosen, format, ...(options.out === undefined ? {} : { out: options.out }) },
    print,
  );
}

const isPrinted = (format: RowFormat, options: Parsed['options']): boolean =>
  format === 'table' && options.out === undefined;
