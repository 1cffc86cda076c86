import { z } from 'zod';
import type { AddFile } from '../actions/types.ts';
import { partitionLiteral } from '../scan/partition-value.ts';
import { findField } from '../schema/columns.ts';
import { engineType, identifier } from '../schema/engine.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { Work } from './work.ts';

const Numbers = z.array(z.object({ number: z.number() }));

/**
 * The files of which every row fulfils a condition that names partition columns alone: the log decides, no data file is
 * opened. Null where the condition may rest on more.
 */
export async function filesByPartition(
  work: Work,
  files: readonly AddFile[],
  where: string,
): Promise<readonly AddFile[] | null> {
  const { configuration, partitionColumns } = work.read.metadata;
  if (!files.length || !namesOnly(where, partitionColumns)) return null;
  const mode = mappingMode(configuration);
  const columns = partitionColumns.flatMap((name) => {
    const field = findField(work.read.fields, name);
    return field?.type.kind === 'leaf' ? [{ field, type: field.type.type, key: physicalName(field, mode) }] : [];
  });
  const partitions = new Map<string, { file: AddFile; files: AddFile[] }>();
  for (const file of files) {
    const key = JSON.stringify(columns.map((column) => file.partitionValues[column.key] ?? null));
    const found = partitions.get(key);
    if (found) found.files.push(file);
    else partitions.set(key, { file, files: [file] });
  }
  const groups = [...partitions.values()];
  const zone = work.request.timeZone ?? 'UTC';
  const tuples = groups.map(({ file }, number) => {
    const literals = columns.map(({ key, type }) => partitionLiteral(file.partitionValues[key], type, zone));
    return `(${[number, ...literals].join(', ')})`;
  });
  const typed = columns.map(
    ({ field }, index) => `CAST(c${index} AS ${engineType(field.type, field.name)}) AS ${identifier(field.name)}`,
  );
  const values = `(VALUES ${tuples.join(', ')}) AS partition(${['number', ...columns.map((_, index) => `c${index}`)].join(', ')})`;
  const { row } = work.names;
  const rows = await work.engine.rows(
    `SELECT target.${identifier(row)} AS number FROM (SELECT number AS ${identifier(row)}, ${typed.join(', ')} FROM ${values}) AS target WHERE (${where})`,
  );
  return Numbers.parse(rows).flatMap(({ number }) => groups[number]?.files ?? []);
}

/** Whether every column that an expression names is one of these; false where that cannot be told from its text. */
function namesOnly(expression: string, columns: readonly string[]): boolean {
  const known = new Set(columns.map((name) => name.toLowerCase()));
  const named = [...expression.matchAll(/\btarget\."((?:[^"]|"")*)"/gi)].map((match) =>
    match[1]!.replaceAll('""', '"'),
  );
  const quoted = [...expression.matchAll(/"(?:[^"]|"")*"/g)].length;
  return (
    named.length > 0 &&
    named.every((name) => known.has(name.toLowerCase())) &&
    // No subquery, no other quoted name and no other mention of the table.
    quoted === named.length &&
    [...expression.matchAll(/\btarget\b/gi)].length === named.length &&
    !/\bselect\b/i.test(expression)
  );
}
