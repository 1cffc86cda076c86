import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  BoathouseError,
  type EngineCheck,
  type EngineCheckStep,
  type ObjectStore,
  type PlanEngine,
} from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import { batchRows } from '../arrow/decode.ts';
import type { Engine } from '../engine.ts';
import { quoteFile } from '../engine-duckdb/types.ts';
import { STAGING_PREFIX } from '../files/gzip.ts';
import { plainColumns, readBatches } from './arrow/batches.ts';
import { sparkAddress } from './client/address.ts';
import { tlsReason } from './client/failure.ts';
import { DEFAULT_PATIENCE, type Patience, SparkSession } from './client/session.ts';
import { sessionSettings } from './client/settings.ts';
import { sparkUrl } from './relations.ts';
import { sparkName } from './text.ts';

export interface CheckDeps {
  engine: Engine;
  delta: Delta;
  store: ObjectStore;
}

type StepName = EngineCheckStep['name'];

/** A step that failed, with what to do. */
class Failed extends Error {}

/**
 * Tries an attached Spark from end to end with a table of one row that it makes and removes: address, TLS, token, version,
 * our storage, Delta Lake, and files that Spark writes for us. Stops at the first step that fails. Never throws for what is
 * wrong with the Spark.
 */
export async function checkSpark(
  deps: CheckDeps,
  engine: PlanEngine,
  patience: Patience = DEFAULT_PATIENCE,
): Promise<EngineCheck> {
  const steps: EngineCheckStep[] = [];
  const step = async <T>(name: StepName, work: () => Promise<{ message: string; value: T }>): Promise<T> => {
    try {
      const { message, value } = await work();
      steps.push({ name, ok: true, message });
      return value;
    } catch (error) {
      if (!(error instanceof Failed || error instanceof BoathouseError)) throw error;
      steps.push({ name, ok: false, message: error.message });
      throw new Failed(error.message);
    }
  };
  const probe = `${STAGING_PREFIX}check-${randomUUID()}`;
  let session: SparkSession | null = null;
  try {
    await step('address', () => reach(engine, patience));
    await step('tls', () => secure(engine, patience));
    const opened = await step('token', async () => ({
      value: await SparkSession.open(engine, 'boathouse', sessionSettings('UTC'), patience),
      message: engine.token ? 'The server accepts the token.' : 'The server lets us in without a token.',
    }));
    session = opened;
    await step('version', async () => versionStep(opened.version));
    const value = randomUUID();
    await makeProbe(deps, probe, value);
    await step('storage', () => storageStep(deps, opened, probe));
    await step('delta', () => deltaStep(deps, opened, probe, value));
    await step('write', () => writeStep(deps, opened, probe, value));
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
  } finally {
    await session?.close();
    deps.delta.forget(probe);
    await deps.store.deletePrefix(`${probe}/`).catch(() => {});
  }
  return { steps, ...(session?.version ? { version: session.version } : {}) };
}

const reasons: Record<string, string> = {
  ENOTFOUND: 'there is no host of this name. Correct the address.',
  EAI_AGAIN: 'the name of the host cannot be looked up at the moment. Try again, or give its IP address.',
  ECONNREFUSED: 'nothing listens on this port. Start the Spark Connect server, or correct the port.',
  EHOSTUNREACH: 'there is no way to this host. Check the network between this workspace and the host.',
  ENETUNREACH: 'there is no way to this host. Check the network between this workspace and the host.',
};
const silence = 'nobody answers. Check the address, and whether a firewall stands between this workspace and the host.';

function reach(engine: PlanEngine, patience: Patience): Promise<{ message: string; value: null }> {
  const { host, port } = sparkAddress(engine.url);
  const { promise, resolve, reject } = Promise.withResolvers<{ message: string; value: null }>();
  const socket = connect({ host: bareHost(host), port });
  socket.setTimeout(patience.connectMs);
  socket.once('connect', () => resolve({ message: `${host}:${port} accepts connections.`, value: null }));
  socket.once('timeout', () => reject(new Failed(`${host}:${port} cannot be reached: ${silence}`)));
  socket.once('error', (error) => {
    const code = 'code' in error ? String(error.code) : '';
    reject(new Failed(`${host}:${port} cannot be reached: ${reasons[code] ?? silence}`));
  });
  return promise.finally(() => socket.destroy());
}

const bareHost = (host: string): string => host.replace(/^\[|\]$/g, '');

function secure(engine: PlanEngine, patience: Patience): Promise<{ message: string; value: null }> {
  const { host, port } = sparkAddress(engine.url);
  if (!engine.tls)
    return Promise.resolve({
      message: engine.token
        ? 'Without TLS, as chosen: the token travels readable for anyone on the way.'
        : 'Without TLS, as chosen.',
      value: null,
    });
  const { promise, resolve, reject } = Promise.withResolvers<{ message: string; value: null }>();
  const socket = connectTls({
    host: bareHost(host),
    port,
    servername: /^[\d.]+$|:/.test(bareHost(host)) ? '' : host,
    ALPNProtocols: ['h2'],
    ...(engine.caCertificate ? { ca: engine.caCertificate } : {}),
  });
  socket.setTimeout(patience.connectMs);
  socket.once('secureConnect', () =>
    resolve({ message: `The connection is secure (${socket.getProtocol() ?? 'TLS'}).`, value: null }),
  );
  socket.once('timeout', () => reject(new Failed('The server does not answer the TLS handshake. Does it speak TLS?')));
  socket.once('error', (error) =>
    reject(
      new Failed(
        `A secure connection cannot be made: ${tlsReason(`${'code' in error ? error.code : ''} ${error.message}`)}`,
      ),
    ),
  );
  return promise.finally(() => socket.destroy());
}

function versionStep(version: string): { message: string; value: null } {
  if (!version) return { message: 'The server does not tell its version; it speaks Spark Connect.', value: null };
  const major = Number(/^(\d+)\./.exec(version)?.[1] ?? Number.NaN);
  if (!(major >= 4)) throw new Failed(`The server runs Spark ${version}. Attach Spark 4.0 or newer.`);
  return { message: `Spark ${version}.`, value: null };
}

const columns = [{ name: 'value', type: 'string', nullable: true }];

/** A table of one row. */
async function makeProbe({ delta }: CheckDeps, location: string, value: string): Promise<void> {
  await delta.createAs(location, {
    columns,
    partitionColumns: [],
    properties: {},
    mode: 'create',
    operation: 'CREATE TABLE AS SELECT',
    rows: `SELECT '${value}' AS value`,
  });
}

async function storageStep({ store }: CheckDeps, session: SparkSession, probe: string) {
  const url = sparkUrl(session.engine, store, probe);
  const log = `${url}/_delta_log/${'0'.repeat(20)}.json`;
  try {
    const rows = await rowsOf(session, `SELECT value FROM text.${sparkName(log)} LIMIT 1`);
    if (rows.length) return { message: `It sees our storage at ${parentOf(url)}.`, value: null };
  } catch (error) {
    if (!(error instanceof BoathouseError)) throw error;
    throw new Failed(
      `Spark does not see our storage at ${parentOf(url)}. Mount the folder at the same path on every machine of the cluster, or say under which URL Spark finds it. Spark says: ${error.message.split('\n')[0]}`,
    );
  }
  throw new Failed(
    `Spark sees a folder at ${parentOf(url)}, but not what we wrote there. Say under which URL it finds our storage.`,
  );
}

const parentOf = (url: string): string => url.split('/').slice(0, -2).join('/');

async function deltaStep({ store }: CheckDeps, session: SparkSession, probe: string, value: string) {
  const url = sparkUrl(session.engine, store, probe);
  try {
    const rows = await rowsOf(session, `SELECT value FROM delta.${sparkName(url)} VERSION AS OF 0`);
    if (rows[0]?.[0] === value) return { message: 'It reads our tables.', value: null };
  } catch (error) {
    if (!(error instanceof BoathouseError)) throw error;
    throw new Failed(
      `Spark cannot read our tables: it needs Delta Lake. Start it with the package io.delta:delta-spark, spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension and spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog. Spark says: ${error.message.split('\n')[0]}`,
    );
  }
  throw new Failed('Spark read another row than the table has. Check that its storage URL leads to our storage.');
}

async function writeStep({ engine, store }: CheckDeps, session: SparkSession, probe: string, value: string) {
  const key = `${probe}/written`;
  try {
    await session.writeParquet(`SELECT '${value}' AS c0`, sparkUrl(session.engine, store, key));
  } catch (error) {
    if (!(error instanceof BoathouseError)) throw error;
    throw new Failed(
      `Spark cannot write into our storage, which INSERT and CREATE TABLE AS need. Let its user write to the folder. Spark says: ${error.message.split('\n')[0]}`,
    );
  }
  const files: string[] = [];
  for await (const info of store.list(`${key}/`)) if (info.key.endsWith('.parquet')) files.push(info.key);
  if (!files.length)
    throw new Failed('What Spark wrote did not arrive in our storage: its storage URL leads elsewhere.');
  await store.localise(files);
  const texts = files.map((file) => quoteFile(store.engineUri(file))).join(', ');
  const rows = await engine.rows(`SELECT c0 FROM read_parquet([${texts}])`);
  if (rows[0]?.c0 !== value) throw new Failed('We read other rows than Spark wrote.');
  return { message: 'We read what it writes.', value: null };
}

async function rowsOf(session: SparkSession, query: string): Promise<unknown[][]> {
  const answer = await session.query(query);
  const rows: unknown[][] = [];
  for await (const stream of answer.batches)
    for (const batch of readBatches(stream, answer.columns))
      rows.push(...batchRows(batch, plainColumns(answer.columns)));
  return rows;
}
