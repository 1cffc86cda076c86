import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { BoathouseError, type RunSummary, type UploadInfo, type UploadPreview, userError } from '@boathouse/contracts';
import { readArguments, UsageError } from './arguments.ts';
import { connect } from './client.ts';

export const usage = 'boathouse import FILE CATALOG.SCHEMA.TABLE [--url URL] [--token TOKEN]';

const base = '/api/2.0/boathouse';

/** Uploads a file and loads it into a new table in one commit; what was inferred is kept as it is. */
export async function run(args: string[], env: NodeJS.ProcessEnv, print: (text: string) => void): Promise<number> {
  const { positionals, options } = readArguments(args, ['url', 'token'], { min: 2, max: 2, usage });
  const [file, name] = positionals as [string, string];
  const parts = name.split('.');
  if (parts.length !== 3 || parts.some((part) => part === ''))
    throw new UsageError(`"${name}" is not a table name: use CATALOG.SCHEMA.TABLE, such as main.default.orders.`);
  const info = await stat(file).catch(() => null);
  if (!info?.isFile()) throw userError('FILE_NOT_FOUND', `There is no file ${file}.`);
  const client = connect({ url: options.url, token: options.token, env });
  const upload = await client.send<UploadInfo>(
    `${base}/uploads?fileName=${encodeURIComponent(basename(file))}`,
    await openAsBlob(file),
  );
  try {
    const preview = await client.request<UploadPreview>('POST', `${base}/uploads/${upload.uploadId}/preview`, {
      rows: 1,
    });
    const runId = crypto.randomUUID();
    const [catalog, schema, table] = parts;
    await client.request('POST', `${base}/uploads/${upload.uploadId}/load`, {
      runId,
      catalog,
      schema,
      table,
      format: preview.format,
      options: preview.options,
      columns: preview.columns.map((column) => ({ from: column.name, name: column.name, type: column.type })),
    });
    for (;;) {
      const run = await client.request<RunSummary>('GET', `${base}/runs/${runId}`);
      if (run.state === 'succeeded') {
        print(`${name}: ${run.writes[0]?.rows ?? 0} rows, ${preview.columns.length} columns\n`);
        return 0;
      }
      if (run.state !== 'queued' && run.state !== 'running')
        throw run.error
          ? BoathouseError.fromInfo(run.error)
          : userError('IMPORT_FAILED', `Loading ${name} was ${run.state}. Nothing was loaded.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch (error) {
    // Nothing was loaded: the upload goes too. Should this fail, it goes by itself after a day.
    await client
      .request('DELETE', `${base}/uploads/${upload.uploadId}`)
      .catch((second: unknown) =>
        print(`The upload could not be discarded: ${second instanceof Error ? second.message : String(second)}\n`),
      );
    throw error;
  }
}
