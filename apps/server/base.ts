import { createPrivateKey, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemError } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { PrismaClient } from '../../prisma/generated/client.ts';
import { createBus } from './bus.ts';
import type { ServerConfig } from './config.ts';
import type { BaseServices } from './services.ts';

/** Opens what every room needs. Throws INSTALLATION_KEY_MISSING. */
export async function createBase(
  config: ServerConfig,
  log: Logger,
): Promise<BaseServices & { close: () => Promise<void> }> {
  const keyFile = join(config.home, 'installation.key');
  const pem = await readFile(keyFile, 'utf8').catch((cause: unknown) => {
    throw systemError(
      'INSTALLATION_KEY_MISSING',
      `The installation key ${keyFile} cannot be read. Start Boathouse with npm start, which makes it.`,
      { cause },
    );
  });
  const pool = new Pool({
    connectionString: config.databaseUrl,
    max: 12,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
  });
  // A lost connection is an event of the pool, too; the query that needed it reports the error.
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection was lost'));
  // One that is lent out at that moment tells its borrower by the failing query; unheard, the event would end the process.
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ err: error }, 'a lent database connection was lost')),
  );
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    config,
    serverId: randomUUID(),
    log,
    prisma,
    pool,
    store: await createLocalStore(join(config.home, 'storage')),
    clock: Date.now,
    bus: createBus(log),
    installationKey: createPrivateKey(pem),
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
