import { type Column, type ExpectationCounts, type FlowPlan, userError } from '@boathouse/contracts';
import { type AddFile, type Delta, liveRows } from '@boathouse/delta';
import { type Engine, quoteName } from '@boathouse/engine';

type Expectations = FlowPlan['expectations'];

export interface Quality {
  /** Rows that went into the table. */
  kept: number;
  dropped: number;
  expectations: ExpectationCounts[];
}

export interface CheckedRows {
  files: AddFile[];
  quality: Quality;
}

export interface CheckTarget {
  location: string;
  fullName: string;
  columns: Column[];
  partitionColumns: string[];
  properties: Record<string, string>;
}

/**
 * Writes rows (a SELECT with exactly the target's columns) into data files and counts its expectations over the same rows:
 * the source is scanned once, into a table of the engine that lives until the files are written. NULL counts as failed; a row
 * that fails several drop rules is dropped once. Nothing is committed. Throws EXPECTATION_VIOLATED where a `fail` rule fails.
 */
export async function writeChecked(
  deps: { engine: Engine; delta: Delta; ids: () => string },
  target: CheckTarget,
  expectations: Expectations,
  rowsSql: string,
): Promise<CheckedRows> {
  const { engine, delta } = deps;
  if (!expectations.length) {
    const files = await delta.writeFiles(target, rowsSql);
    return { files, quality: { kept: rowsOf(files), dropped: 0, expectations: [] } };
  }
  const stage = quoteName(`stage ${deps.ids()}`);
  const flags = flagNames(expectations.length, target.columns);
  try {
    await engine.rows(`CREATE TABLE ${stage} AS ${flaggedRows(rowsSql, expectations, flags)}`);
    const quality = await count(engine, stage, target.fullName, expectations, flags);
    const violated = expectations.findIndex(
      ({ action }, i) => action === 'fail' && quality.expectations[i]!.failed_records > 0,
    );
    if (violated >= 0) throw violation(target.fullName, expectations[violated]!, quality.expectations[violated]!);
    const columns = target.columns.map(({ name }) => quoteName(name)).join(', ');
    const files = await delta.writeFiles(target, `SELECT ${columns} FROM ${stage}${keptWhere(expectations, flags)}`);
    return { files, quality };
  } finally {
    // Outside of the flow's scope: what a cancelled flow has staged goes too.
    await engine.scope({}, () => engine.rows(`DROP TABLE IF EXISTS ${stage}`));
  }
}

/** The rows with one boolean column an expectation. */
function flaggedRows(rowsSql: string, expectations: Expectations, flags: readonly string[]): string {
  const columns = expectations.map(
    ({ engineText }, i) => `coalesce((${engineText}), false) AS ${quoteName(flags[i]!)}`,
  );
  return `SELECT *, ${columns.join(', ')} FROM (${rowsSql}) AS source`;
}

function keptWhere(expectations: Expectations, flags: readonly string[]): string {
  const drops = flags.filter((_, i) => expectations[i]!.action === 'drop').map(quoteName);
  return drops.length ? ` WHERE ${drops.join(' AND ')}` : '';
}

async function count(
  engine: Engine,
  stage: string,
  dataset: string,
  expectations: Expectations,
  flags: readonly string[],
): Promise<Quality> {
  const passed = flags.map((flag, i) => `count(*) FILTER (WHERE ${quoteName(flag)}) AS p${i}`);
  const [row] = await engine.rows(
    `SELECT count(*) AS total, (SELECT count(*) FROM ${stage}${keptWhere(expectations, flags)}) AS kept, ${passed.join(', ')} FROM ${stage}`,
  );
  const total = Number(row!.total);
  const kept = Number(row!.kept);
  return {
    kept,
    dropped: total - kept,
    expectations: expectations.map(({ name }, i) => {
      const passedRows = Number(row![`p${i}`]);
      return { name, dataset, passed_records: passedRows, failed_records: total - passedRows };
    }),
  };
}

/** Names that no column has. */
function flagNames(count: number, columns: readonly Column[]): string[] {
  let prefix = 'passes ';
  while (columns.some(({ name }) => name.toLowerCase().startsWith(prefix))) prefix = `_${prefix}`;
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

function violation(dataset: string, { name, expression }: Expectations[number], counts: ExpectationCounts) {
  const rows =
    counts.failed_records === 1 ? '1 row fails' : `${counts.failed_records.toLocaleString('en-US')} rows fail`;
  return userError(
    'EXPECTATION_VIOLATED',
    `${rows} the expectation ${name} (${expression}) of ${dataset}, so nothing of this batch was written. Correct the data, or change ON VIOLATION.`,
  );
}

const rowsOf = (files: readonly AddFile[]): number => files.reduce((sum, file) => sum + (liveRows(file) ?? 0), 0);
