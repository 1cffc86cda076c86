import { type Parsed, UsageError } from '../arguments.ts';
import { conditionOf, placeInTime } from './at.ts';
import type { OpenTable } from './open.ts';
import type { Print } from './output.ts';
import { showList, showOne } from './show.ts';

const HOUR_MS = 3_600_000;

/** `checkpoint`: of the latest version, as the table's policy says. */
export async function checkpoint(table: OpenTable, parsed: Parsed, print: Print): Promise<void> {
  const written = await table.delta.checkpoint(table.location);
  const version = written?.version ?? (await table.delta.latestVersion(table.location));
  showOne(
    { version, written: written !== null, files: (written?.keys ?? []).map((key) => relative(table, key)) },
    parsed,
    print,
  );
}

/** `optimize`: small files become large ones; by Z-order or clustering where that is asked or set. */
export async function optimize(table: OpenTable, parsed: Parsed, print: Print): Promise<void> {
  const { options, flags } = parsed;
  const { columns, metadata } = await table.delta.snapshot(table.location);
  const partitions = columns.filter(({ name }) => metadata.partitionColumns.includes(name));
  const where = conditionOf(options.where, partitions);
  const { version, metrics } = await table.delta.optimize(table.location, {
    ...(where ? { where: where.text, prune: where.predicates, predicates: [options.where ?? ''] } : {}),
    ...(options.zorder === undefined ? {} : { zOrderBy: options.zorder.split(',').map((name) => name.trim()) }),
    full: flags.has('full'),
  });
  const { numFilesAdded, numFilesRemoved, filesAdded, filesRemoved, partitionsOptimized, totalConsideredFiles } =
    metrics;
  showOne(
    {
      version,
      numFilesAdded,
      numFilesRemoved,
      bytesAdded: filesAdded.totalSize,
      bytesRemoved: filesRemoved.totalSize,
      partitionsOptimized,
      totalConsideredFiles,
    },
    parsed,
    print,
  );
}

/** `vacuum`: removes files that no retained version needs, or lists them (`--dry-run`). */
export async function vacuum(table: OpenTable, parsed: Parsed, print: Print): Promise<void> {
  const { options, flags } = parsed;
  const hours = options['retain-hours'];
  if (hours !== undefined && !/^\d{1,9}(\.\d{1,6})?$/.test(hours))
    throw new UsageError(`--retain-hours must be a number of hours; it is "${hours}".`);
  const { version, files, metrics } = await table.delta.vacuum(table.location, {
    ...(hours === undefined ? {} : { retentionMs: Math.round(Number(hours) * HOUR_MS) }),
    mode: flags.has('lite') ? 'lite' : 'full',
    dryRun: flags.has('dry-run'),
    force: flags.has('force'),
  });
  if (flags.has('dry-run'))
    return showList(
      files.map((path) => ({ path })),
      ['path'],
      parsed,
      print,
    );
  showOne({ version, ...metrics }, parsed, print);
}

/** `restore`: makes the table what it was at a version or time, as a new version. */
export async function restore(table: OpenTable, parsed: Parsed, print: Print): Promise<void> {
  const { version: toVersion, timestampMs: toTimestampMs } = placeInTime(parsed.options);
  if (toVersion === undefined && toTimestampMs === undefined)
    throw new UsageError('Say with --version N or --timestamp T to which version the table is to be restored.');
  const { version, metrics } = await table.delta.restore(table.location, { toVersion, toTimestampMs });
  showOne({ version, ...metrics }, parsed, print);
}

const relative = ({ location }: OpenTable, key: string): string => key.slice(location.length + 1);
