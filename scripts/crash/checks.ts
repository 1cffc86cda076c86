import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, until } from './api.ts';
import type { Deed } from './deeds.ts';
import type { House } from './house.ts';

export const named = (deed: Deed): string =>
  `${deed.kind} ${deed.runId} into ${deed.table} (told: ${deed.told}${deed.why ? `, ${deed.why}` : ''})`;

/** What is wrong with the rows found for a deed, or null. */
function judge(deed: Deed, found: number): string | null {
  const once = found === deed.rows;
  switch (deed.told) {
    case 'succeeded':
      return once ? null : `${found} of ${deed.rows} rows are there: ${named(deed)}`;
    case 'lost':
      return once || found === 0 ? null : `${found} of ${deed.rows} rows are there: ${named(deed)}`;
    case 'failed':
    case 'cancelled':
    case 'refused':
      return found === 0 ? null : `${found} rows are there although it did not succeed: ${named(deed)}`;
    default:
      return `nobody was told how it ended: ${named(deed)}`;
  }
}

/** Every acknowledged deed is there once; every other one whole or not at all. Answers what is wrong. */
export async function checkDeeds(api: Api, deeds: Deed[]): Promise<string[]> {
  const wrong: (string | null)[] = [];
  const inserts = Map.groupBy(
    deeds.filter((deed) => deed.kind === 'insert' || deed.kind === 'cell'),
    (deed) => deed.table,
  );
  for (const [table, list] of inserts) {
    const rows = await api.sql(`select id, count(*), count(distinct part) from ${table} group by id`);
    const found = new Map(rows.map(([id, count, parts]) => [id, { count: Number(count), parts: Number(parts) }]));
    for (const deed of list) {
      const { count, parts } = found.get(deed.runId) ?? { count: 0, parts: 0 };
      wrong.push(count === parts ? judge(deed, count) : `${count} rows with ${parts} parts: ${named(deed)}`);
      found.delete(deed.runId);
    }
    for (const id of found.keys()) wrong.push(`${table} has rows of ${id}, which nobody wrote`);
  }
  for (const deed of deeds.filter((it) => it.kind === 'create' || it.kind === 'load')) {
    const path = `/api/2.1/unity-catalog/tables/${deed.table}/exists`;
    const { table_exists } = await api.request<{ table_exists: boolean }>('GET', path);
    const rows = table_exists ? Number((await api.sql(`select count(distinct id) from ${deed.table}`))[0]?.[0]) : 0;
    wrong.push(judge(deed, rows));
  }
  return wrong.filter((it) => it !== null);
}

/** After the leases nothing is left of what was cut: no run that goes on, no name held, no folder without an owner. */
export async function checkNothingHangs(house: House): Promise<void> {
  const { api } = house;
  await until('no run is queued or running', 30_000, async () => {
    const { runs } = await api.request<{ runs: { id: string; text: string; state: string }[] }>(
      'GET',
      '/api/2.0/boathouse/running',
    );
    if (runs.length > 0) throw new Error(runs.map((run) => `${run.id} ${run.state}`).join(', '));
    return true;
  });
  await until('no table is half there', 60_000, async () => {
    const reserved = await house.query<{ name: string }>(`select name from "table" where state <> 'published'`);
    if (reserved.length > 0) throw new Error(reserved.map((row) => row.name).join(', '));
    return true;
  });
  await until('no folder without an owner', 60_000, async () => {
    const known = new Set(
      (await house.query<{ id: string }>('select id from "table" union all select id from upload')).map(
        (row) => row.id,
      ),
    );
    const left = ['tables', 'uploads'].flatMap((area) => foldersOf(join(house.home, 'storage', area)));
    const orphans = left.filter((folder) => !known.has(folder));
    if (orphans.length > 0) throw new Error(orphans.join(', '));
    return true;
  });
  await until('no unfinished write of a dead process', 5000, async () => {
    const left = unfinishedOfTheDead(house.home);
    if (left.length > 0) throw new Error(left.join(', '));
    return true;
  });
}

/** Unfinished writes are named `<host>-<pid>-<uuid>`: those of dead processes are swept by the next. */
function unfinishedOfTheDead(home: string): string[] {
  const folder = join(home, 'storage', '.boathouse-tmp');
  return readdirSync(folder).filter((name) => !existsSync(`/proc/${name.split('-')[1]}`));
}

/** `<area>/<workspace>/<id>`: the ids. */
function foldersOf(area: string): string[] {
  if (!existsSync(area)) return [];
  return readdirSync(area).flatMap((workspace) => readdirSync(join(area, workspace)));
}
