import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { userError } from '@boathouse/contracts';
import pg from 'pg';
import { z } from 'zod';
import { readConfig } from '../start/config.ts';
import { readArguments, UsageError } from './arguments.ts';

export const usage = 'boathouse token create [--user EMAIL] [--comment TEXT] [--days N]';

const Secrets = z.object({ databasePassword: z.string() });

/** The database of the home on this machine: DATABASE_URL, or the embedded one while it runs. */
function databaseUrl(env: NodeJS.ProcessEnv): string {
  const config = readConfig(env);
  if (config.databaseUrl) return config.databaseUrl;
  const pidFile = join(config.home, 'database', 'postmaster.pid');
  const secretsFile = join(config.home, 'secrets.json');
  if (!existsSync(pidFile) || !existsSync(secretsFile)) {
    throw userError(
      'NOT_RUNNING',
      `No workspace runs on ${config.home}. Start it with "boathouse start", or set BOATHOUSE_HOME.`,
    );
  }
  const port = readFileSync(pidFile, 'utf8').split('\n')[3]?.trim();
  const { databasePassword } = Secrets.parse(JSON.parse(readFileSync(secretsFile, 'utf8')));
  return `postgresql://boathouse:${encodeURIComponent(databasePassword)}@127.0.0.1:${port}/boathouse`;
}

/**
 * Makes an access token on the machine that holds the home: whoever may read the home's secrets may act as its
 * administrator. The token is printed once; its SHA-256 is stored.
 */
export async function run(args: string[], env: NodeJS.ProcessEnv, print: (text: string) => void): Promise<number> {
  const { positionals, options } = readArguments(args, ['user', 'comment', 'days'], { min: 1, max: 1, usage });
  if (positionals[0] !== 'create') throw new UsageError(`Usage: ${usage}`);
  const days = options.days === undefined ? null : Number(options.days);
  if (days !== null && !(Number.isInteger(days) && days >= 1 && days <= 3650))
    throw new UsageError(`--days must be a whole number from 1 to 3650; it is "${options.days}".`);
  const client = new pg.Client({ connectionString: databaseUrl(env), connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
  } catch (error) {
    throw userError(
      'DATABASE_UNREACHABLE',
      'The database of the workspace does not answer. Is the workspace running?',
      { cause: error },
    );
  }
  try {
    const found = await client.query<{ userId: string; workspaceId: string }>(
      `select m."userId", m."workspaceId" from member m join "user" u on u.id = m."userId"
       where ($1::text is null and m.role = 'admin') or lower(u.email) = lower($1) order by m."createdAt" limit 1`,
      [options.user ?? null],
    );
    const member = found.rows[0];
    if (!member)
      throw userError(
        'NO_SUCH_USER',
        options.user
          ? `${options.user} is no member of the workspace.`
          : 'The workspace has no administrator yet: open it in a browser first.',
      );
    const token = `bh_${randomBytes(32).toString('base64url')}`;
    await client.query(
      'insert into access_token (id, "workspaceId", "userId", comment, hash, "expiresAt") values ($1, $2, $3, $4, $5, $6)',
      [
        randomUUID(),
        member.workspaceId,
        member.userId,
        options.comment ?? 'Made on the command line',
        createHash('sha256').update(token).digest('hex'),
        days === null ? null : new Date(Date.now() + days * 86_400_000),
      ],
    );
    print(`${token}\n`);
    return 0;
  } finally {
    await client.end();
  }
}
