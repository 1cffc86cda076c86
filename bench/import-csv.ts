import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { openRawDuckDb } from './raw-duckdb.ts';
import { type Client, type Figure, median } from './support.ts';

const rowCount = 1_500_000;

/** About 100 MB of CSV: ids, times, names, amounts, flags; the same bytes every time. */
async function writeCsv(file: string): Promise<void> {
  const stream = createWriteStream(file);
  stream.write('id,at,customer,amount,quantity,country,paid\n');
  let seed = 42;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  const countries = ['DE', 'FR', 'US', 'IN', 'BR', 'JP', 'ZA'];
  let block = '';
  for (let id = 0; id < rowCount; id++) {
    const at = new Date(Date.UTC(2024, 0, 1) + id * 17_000).toISOString().slice(0, 19).replace('T', ' ');
    block += `${id},${at},customer-${next(100_000)},${(next(1_000_000) / 100).toFixed(2)},${next(50)},${countries[next(7)]},${next(2) ? 'true' : 'false'}\n`;
    if (block.length > 1 << 20) {
      if (!stream.write(block)) await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
      block = '';
    }
  }
  stream.end(block);
  await finished(stream);
}

/** 100 MB of CSV, last byte uploaded to committed Delta table, beside DuckDB's own read_csv + COPY to Parquet. */
export async function benchImport(client: Client): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'boathouse-bench-'));
  const csv = join(folder, 'orders.csv');
  try {
    await writeCsv(csv);
    const bytes = statSync(csv).size;
    const duckdb = await openRawDuckDb();
    const raw: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < 4; round++) {
      const rawStart = performance.now();
      await duckdb.run(
        `copy (select * from read_csv('${csv}')) to '${join(folder, `raw-${round}.parquet`)}' (format parquet, compression zstd)`,
      );
      if (round > 0) raw.push(performance.now() - rawStart);

      const upload = await client.request<{ uploadId: string }>(
        'POST',
        '/api/2.0/boathouse/uploads?fileName=orders.csv',
        readFileSync(csv),
      );
      const preview = await client.request<{
        format: string;
        options: Record<string, string>;
        columns: { name: string; type: string }[];
      }>('POST', `/api/2.0/boathouse/uploads/${upload.uploadId}/preview`, {});
      const runId = crypto.randomUUID();
      const started = performance.now();
      await client.request('POST', `/api/2.0/boathouse/uploads/${upload.uploadId}/load`, {
        runId,
        catalog: 'main',
        schema: 'default',
        table: `orders_${round}`,
        format: preview.format,
        options: preview.options,
        columns: preview.columns.map(({ name, type }) => ({ from: name, name, type })),
      });
      const run = await client.waitFor(runId);
      if (run.state !== 'succeeded') throw new Error(run.error?.message ?? run.state);
      if (round > 0) ours.push(performance.now() - started);
    }
    const count = await client.sql('select count(*) from main.default.orders_1');
    if (count[0]?.[0] !== String(rowCount)) throw new Error(`the table has ${count[0]?.[0]} rows`);
    duckdb.close();
    const oursRate = rowCount / (median(ours) / 1000);
    const rawRate = rowCount / (median(raw) / 1000);
    const ratio = oursRate / rawRate;
    return {
      benchmark: 'b',
      what: `${Math.round(bytes / 1e6)} MB CSV to a committed Delta table`,
      ours: `${(oursRate / 1e6).toFixed(2)} M rows/s`,
      baseline: `DuckDB read_csv + COPY: ${(rawRate / 1e6).toFixed(2)} M rows/s`,
      goal: '≥ 0.8×',
      met: ratio >= 0.8,
      values: { ratio, oursRowsPerSecond: oursRate, rawRowsPerSecond: rawRate, bytes },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
