import type { PlanBody, PlanTable } from '@boathouse/contracts';
import { unreachable } from '@boathouse/contracts';
import type { ExecutorDeps } from './execute.ts';
import { sourceName } from './names.ts';
import { openTables, spliceText, type TableOpener } from './tables.ts';

type Explain = Extract<PlanBody, { kind: 'explain' }>;
type DeltaTable = Extract<PlanTable, { source: 'delta' }>;

/** The one row of EXPLAIN: what each table would cost in files and bytes, then the operators of the engine. Nothing runs. */
export async function explainRows(deps: ExecutorDeps, opener: TableOpener, body: Explain): Promise<string[][]> {
  const lines = [`Statement: ${body.statement}`];
  for (const table of body.tables) lines.push(await sourceLine(opener, table));
  if (body.engineText) {
    const { relations } = await openTables(opener, body.tables);
    const rows = await deps.engine.rows(`EXPLAIN ${spliceText(body.engineText, relations)}`);
    const plan = rows.map((row) => String(row.explain_value ?? '')).join('\n');
    // The engine knows tables by their folders; people know them by their names.
    const named = body.tables.map(sourceName).sort((left, right) => right.key.length - left.key.length);
    lines.push('', ...named.reduce((text, { key, name }) => text.replaceAll(key, name), plan).split('\n'));
  }
  return [[lines.join('\n').trimEnd()]];
}

function sourceLine(opener: TableOpener, table: PlanTable): Promise<string> | string {
  switch (table.source) {
    case 'files':
      return `Files ${table.path}: format ${table.format}, columns ${namesOf(table.needed)}`;
    case 'delta':
      return table.changes ? changesLine(opener, table, table.changes) : tableLine(opener, table);
    default:
      return unreachable(table);
  }
}

async function tableLine({ delta }: TableOpener, table: DeltaTable): Promise<string> {
  const snapshot = await delta.snapshot(table.location, {
    ...(table.versionAsOf === undefined ? {} : { version: table.versionAsOf }),
    ...(table.timestampAsOfMs === undefined ? {} : { timestampMs: table.timestampAsOfMs }),
  });
  const pruned = await delta.prune(snapshot, table.predicates);
  const skipped = pruned.filesTotal - pruned.files.length;
  const conditions = table.predicates.map(predicateText).join(' AND ');
  return [
    `Delta table ${table.fullName} version ${snapshot.version}: reads ${pruned.files.length} of ${pruned.filesTotal} files, ${pruned.bytes} of ${pruned.bytesTotal} bytes`,
    `skips ${skipped} files, ${pruned.bytesTotal - pruned.bytes} bytes`,
    `columns ${namesOf(table.needed)}`,
    ...(conditions ? [`where ${conditions}`] : []),
  ].join('; ');
}

async function changesLine(
  { delta }: TableOpener,
  table: DeltaTable,
  changes: NonNullable<DeltaTable['changes']>,
): Promise<string> {
  const feed = await delta.changes(table.location, { ...changes, needed: table.needed });
  return `Changes of Delta table ${table.fullName}, versions ${feed.fromVersion} to ${feed.toVersion}: reads ${feed.files} files, ${feed.bytes} bytes`;
}

const namesOf = (needed: readonly string[]): string => needed.join(', ') || 'none';

const predicateText = ({ column, op, values }: DeltaTable['predicates'][number]): string =>
  [column, op, ...(values.length ? [op === 'in' ? `(${values.join(', ')})` : values.join(', ')] : [])].join(' ');
