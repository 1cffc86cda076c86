import { randomUUID } from 'node:crypto';
import { type Api, Refused, until } from './api.ts';
import { named } from './checks.ts';
import { type Deed, ended, newDeed } from './deeds.ts';
import type { Chance } from './random.ts';

const volume = 'main.default.crash_landing';
const folder = `/Volumes/${volume.replaceAll('.', '/')}`;
const table = 'main.default.landed';
const totals = 'main.default.landed_totals';
const cell = [
  `-- MAGIC %pipeline`,
  `-- MAGIC CREATE OR REFRESH STREAMING TABLE landed (CONSTRAINT kept EXPECT (part >= 0) ON VIOLATION DROP ROW)`,
  `-- MAGIC AS SELECT id, part FROM STREAM read_files('${folder}', format => 'csv', header => true);`,
  `-- MAGIC CREATE OR REFRESH MATERIALIZED VIEW landed_totals AS SELECT count(*) AS n FROM landed;`,
].join('\n');

/** A pipeline over a volume into which files fall while it runs. */
export interface Pipeline {
  /** A new file, and an update that takes it in; now and then from the beginning. */
  next(luck: Chance): Deed;
  /** Each file that was stored is in the table once, and the view over it agrees. Answers what is wrong. */
  check(): Promise<string[]>;
}

const UPDATED_WITHIN_MS = 60_000;
const ROWS = 3;

export async function createPipeline(api: Api): Promise<Pipeline> {
  const [catalog, schema, name] = volume.split('.');
  await api.sql(`create volume ${catalog}.${schema}.${name}`);
  const { notebookId } = await api.importNotebook('/crash-pipeline', cell);
  const updates = `/api/2.0/boathouse/notebooks/${notebookId}/pipeline/updates`;
  const deeds: Deed[] = [];
  /** Files of which the server has said that it has them. */
  const stored = new Set<string>();

  /** Not twice: a file that is stored never changes. */
  async function put(id: string): Promise<void> {
    if (stored.has(id)) return;
    const rows = Array.from({ length: ROWS }, (_, part) => `${id},${part}`);
    await api
      .request('PUT', `/api/2.0/fs/files${folder}/${id}.csv`, `id,part\n${rows.join('\n')}\n${id},-1\n`)
      .catch((error: unknown) => {
        if (!(error instanceof Refused && error.code.endsWith('ALREADY_EXISTS'))) throw error;
      });
    stored.add(id);
  }

  async function countById(): Promise<Map<string | null, { count: number; parts: number }>> {
    const { table_exists } = await api.request<{ table_exists: boolean }>(
      'GET',
      `/api/2.1/unity-catalog/tables/${table}/exists`,
    );
    if (!table_exists) return new Map();
    const rows = await api.sql(`select id, count(*), count(distinct part) from ${table} group by id`);
    return new Map(rows.map(([id, count, parts]) => [id!, { count: Number(count), parts: Number(parts) }]));
  }

  /** Files whose rows are not what they must be: all of them once, or (where `missing` is allowed) none. */
  async function unlike(missing: (deed: Deed) => boolean): Promise<string[]> {
    const found = await countById();
    return deeds.flatMap((deed) => {
      const { count, parts } = found.get(deed.runId) ?? { count: 0, parts: 0 };
      const right = (count === ROWS && parts === ROWS) || (count === 0 && missing(deed));
      return right ? [] : [`${count} rows with ${parts} parts of the file of ${named(deed)}`];
    });
  }

  return {
    next(luck) {
      const fullRefresh = luck.next() < 0.15;
      const deed = newDeed({ kind: 'update', table, rows: ROWS }, async (runId) => {
        await put(runId);
        await api.request('POST', updates, { id: runId, fullRefresh });
      });
      deeds.push(deed);
      return deed;
    },
    async check() {
      if (deeds.length === 0) return [];
      const wrong = deeds
        .filter((deed) => deed.told === null)
        .map((deed) => `nobody was told the end of ${named(deed)}`);
      wrong.push(...(await unlike((deed) => deed.told !== 'succeeded')));
      const id = randomUUID();
      await until('an update begins', UPDATED_WITHIN_MS, () => api.request('POST', updates, { id }));
      const run = await until('an update ends', UPDATED_WITHIN_MS, async () => {
        const seen = await api.run(id);
        return ended(seen) ? seen : null;
      });
      if (run.state !== 'succeeded') wrong.push(`the update ${id} ${run.state}: ${run.error?.message}`);
      wrong.push(...(await unlike((deed) => !stored.has(deed.runId))));
      const [counted] = await api.sql(`select count(*), max(n) from ${table} cross join ${totals}`);
      if (counted?.[0] !== counted?.[1]) wrong.push(`${totals} says ${counted?.[1]} of ${counted?.[0]} rows`);
      return wrong;
    },
  };
}
