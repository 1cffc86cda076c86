import { readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { BoathouseError, userError } from '@boathouse/contracts';
import { SupervisedChild } from './child.ts';
import { readConfig, type StartConfig } from './config.ts';
import { checkHomeIsFree, openHome } from './home.ts';
import { endLeftOver, leftOver } from './left-over.ts';
import { ensureDatabase, migrate } from './migrate.ts';
import { type RunningPostgres, startPostgres } from './postgres.ts';
import { watchSources } from './watch.ts';

export interface StartOptions {
  root: string;
  version: string;
  env: NodeJS.ProcessEnv;
  /** Hot reload: the server restarts on changes and Next compiles as pages are asked for. */
  dev: boolean;
  /** With `dev`: restart the server when its sources change. */
  watch?: boolean;
  say: (text: string) => void;
}

const minFreeBytes = 200 << 20;

function checkPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? userError(
              'PORT_IN_USE',
              `Port ${port} on ${host} is in use. Stop what uses it, or set PORT to another one.`,
            )
          : userError(
              'ADDRESS_NOT_USABLE',
              `Boathouse cannot listen on ${host}:${port} (${error.code}). Set HOST and PORT to an address of this machine.`,
            ),
      ),
    );
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/** A database that was given: reachable or one sentence. */
async function migrateGiven(url: string, directory: string): Promise<number> {
  try {
    return await migrate(url, directory);
  } catch (error) {
    if (error instanceof BoathouseError) throw error;
    const at = new URL(url);
    throw userError(
      'DATABASE_UNREACHABLE',
      `The database of DATABASE_URL (${at.hostname}:${at.port || 5432}${at.pathname}) cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/** Starts everything and returns when a signal has stopped all of it. Throws typed errors; nothing is left running then. */
export async function start(options: StartOptions): Promise<void> {
  const { root, say } = options;
  // Nobody reads any more (a closed terminal, `| head`): that ends neither the workspace nor its orderly stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const config: StartConfig = readConfig(options.env);
  try {
    await checkPort(config.host, config.port);
  } catch (error) {
    // Most often it is another Boathouse, and then its home says more than its port.
    await checkHomeIsFree(config.home);
    if (leftOver(config.home).length === 0) throw error;
    await endLeftOver(config.home);
    await checkPort(config.host, config.port);
  }
  const home = await openHome(config.home, options.version);
  await endLeftOver(home.path);
  const space = statfsSync(home.path);
  if (space.bavail * space.bsize < minFreeBytes) {
    home.lock.close();
    throw userError(
      'DISK_FULL',
      `The disk that holds ${home.path} is full (less than 200 MB free): free some space and start again.`,
    );
  }

  let postgres: RunningPostgres | null = null;
  /** A start of the cluster that is under way: PostgreSQL may run already while nobody holds it yet. */
  let cluster: Promise<RunningPostgres> | null = null;
  const giveUp = new AbortController();
  const children: SupervisedChild[] = [];
  let stopWatching = () => {};
  let stopping: Promise<void> | null = null;
  const stopAll = (): Promise<void> => {
    stopping ??= (async () => {
      stopWatching();
      giveUp.abort(new Error('The start was given up.'));
      await Promise.all(children.map((child) => child.stop(2500)));
      await (await cluster?.catch(() => null))?.stop(1500);
      home.lock.close();
    })();
    return stopping;
  };
  const ended = new Promise<void>((resolve) => {
    const onSignal = () => {
      say('Stopping …');
      void stopAll().then(resolve);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal);
  });

  try {
    const migrations = join(root, 'prisma', 'migrations');
    let databaseUrl: string;
    if (config.databaseUrl) {
      say('Checking the database …');
      databaseUrl = config.databaseUrl;
      await migrateGiven(databaseUrl, migrations);
    } else {
      say('Starting the database …');
      const startCluster = (): Promise<RunningPostgres> => {
        cluster = startPostgres({
          dataDir: home.database,
          logFile: join(home.logs, 'postgres.log'),
          password: home.secrets.databasePassword,
          port: postgres?.port,
          signal: giveUp.signal,
          onExit: () => {
            if (stopping) return;
            say('The database ended; starting it again.');
            restart(100);
          },
        });
        return cluster;
      };
      const restart = (delayMs: number): void => {
        setTimeout(() => {
          if (stopping) return;
          startCluster().then(
            (running) => {
              postgres = running;
            },
            (error: unknown) => {
              if (stopping) return;
              say(error instanceof Error ? error.message : String(error));
              restart(Math.min(delayMs * 2, 10_000));
            },
          );
        }, delayMs);
      };
      postgres = await startCluster();
      if (stopping) return await ended;
      databaseUrl = await ensureDatabase(postgres.url, 'boathouse');
      const applied = await migrate(databaseUrl, migrations);
      if (applied) say(`Prepared the database (${applied} ${applied === 1 ? 'migration' : 'migrations'}).`);
    }
    if (stopping) return await ended;

    say('Starting the workspace …');
    const common: NodeJS.ProcessEnv = {
      ...options.env,
      BOATHOUSE_HOME: home.path,
      BOATHOUSE_PARENT_PID: String(process.pid),
      BOATHOUSE_COMPUTE_TOKEN: home.secrets.computeToken,
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'boathouse', 'compile'),
      NODE_ENV: options.dev ? 'development' : 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      PORT: String(config.port),
      HOST: config.host,
    };
    const { BOATHOUSE_ADMIN_TOKEN: _admin, DATABASE_URL: _database, ...withoutSecrets } = common;
    const server = new SupervisedChild({
      name: 'server',
      script: join(root, 'apps', 'server', 'main.ts'),
      logs: home.logs,
      say,
      env: {
        ...common,
        DATABASE_URL: databaseUrl,
        ...(config.adminToken ? { BOATHOUSE_ADMIN_TOKEN: config.adminToken } : {}),
        ...(options.dev ? { BOATHOUSE_DEV: '1' } : {}),
      },
    });
    const serverHost = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
    const compute = new SupervisedChild({
      name: 'compute',
      script: join(root, 'apps', 'compute', 'main.ts'),
      logs: home.logs,
      say,
      // Compute holds no credentials to the metadata database: only the link and the public key.
      env: {
        ...withoutSecrets,
        BOATHOUSE_SERVER_URL: `ws://${serverHost.includes(':') ? `[${serverHost}]` : serverHost}:${config.port}/internal/compute`,
        BOATHOUSE_PUBLIC_KEY: Buffer.from(readFileSync(home.publicKeyFile)).toString('base64'),
      },
    });
    children.push(server, compute);
    server.start();
    compute.start();
    try {
      // From source, the first start also compiles the frame of the pages.
      await Promise.race([server.ready(options.dev ? 180_000 : 60_000), ended]);
      await Promise.race([compute.ready(60_000), ended]);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw userError(
        'START_FAILED',
        `The workspace did not start in time: ${why.slice(0, 300)} (logs: ${home.logs}).`,
      );
    }
    if (options.dev && options.watch && !stopping) {
      stopWatching = watchSources([join(root, 'apps', 'server'), join(root, 'packages')], (file) => {
        say(`${file} changed; starting the server again.`);
        void server.restart();
      });
    }
    if (!stopping) say(`Boathouse is ready at http://localhost:${config.port}`);
    await ended;
  } catch (error) {
    // Somebody stopped it while it was starting: what failed by that is no news.
    if (stopping) return await ended;
    await stopAll();
    throw error;
  }
}
