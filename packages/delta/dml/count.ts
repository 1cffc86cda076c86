import { z } from 'zod';
import type { AddFile } from '../actions/types.ts';
import { identifier } from '../schema/engine.ts';
import { liveCount, rowCounts, type TouchedFile } from './outcome.ts';
import type { Work } from './work.ts';

const count = z.union([z.bigint(), z.number()]).transform(Number);
const Rows = z.array(z.object({ f: count, n: count }));

/** Files with rows that fulfil a condition: only the columns that it names are read. */
export async function countTouched(work: Work, files: readonly AddFile[], where: string): Promise<TouchedFile[]> {
  if (!files.length) return [];
  const rows = await work.engine.rows(
    `SELECT ${identifier(work.names.file)} AS f, count(*) AS n FROM ${await work.target(files)} WHERE (${where}) GROUP BY f ORDER BY f`,
  );
  const found = Rows.parse(rows).flatMap(({ f, n }) => {
    const file = files[f];
    return file ? [{ index: f, file, count: n }] : [];
  });
  const counts = await rowCounts(
    work,
    found.map(({ file }) => file),
  );
  return found.map((one) => ({ ...one, live: liveCount(one.file, counts) }));
}
