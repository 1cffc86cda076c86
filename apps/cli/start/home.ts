import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { systemError, userError } from '@boathouse/contracts';
import { z } from 'zod';

/** Counts incompatible changes of the home's layout. */
export const HOME_FORMAT = 1;

const HomeFile = z.object({ format: z.number().int(), madeBy: z.string() });
const Secrets = z.object({ databasePassword: z.string(), computeToken: z.string() });

export interface Home {
  path: string;
  database: string;
  logs: string;
  storage: string;
  keyFile: string;
  publicKeyFile: string;
  secrets: z.infer<typeof Secrets>;
  /** The lock: held by a listening abstract socket, so the kernel lets go of it when the process dies. */
  lock: Server;
}

function writePrivate(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}

/** Throws HOME_BROKEN. */
function readJson<T>(file: string, shape: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success)
    throw systemError('HOME_BROKEN', `${file} is damaged. Restore it from a backup; nothing was changed.`);
  return parsed.data;
}

/** Takes the home for this supervisor alone. Throws HOME_IN_USE. */
function lockHome(path: string): Promise<Server> {
  const name = `\0boathouse:${createHash('sha256').update(realpathSync(path)).digest('hex').slice(0, 32)}`;
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end());
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? userError(
              'HOME_IN_USE',
              `Another Boathouse is running on ${path}. Stop it, or set BOATHOUSE_HOME to another folder.`,
            )
          : error,
      ),
    );
    server.listen(name, () => resolve(server));
  });
}

/** Throws HOME_IN_USE; makes nothing. */
export async function checkHomeIsFree(path: string): Promise<void> {
  if (existsSync(path)) (await lockHome(path)).close();
}

/** Opens or makes the home folder. Throws HOME_IN_USE, HOME_NEWER, HOME_BROKEN, HOME_NOT_WRITABLE or DISK_FULL; nothing is changed then. */
export async function openHome(path: string, version: string): Promise<Home> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw homeError(path, error);
  }
  const lock = await lockHome(path);
  try {
    const homeFile = join(path, 'home.json');
    if (existsSync(homeFile)) {
      const made = readJson(homeFile, HomeFile);
      if (made.format > HOME_FORMAT) {
        throw userError(
          'HOME_NEWER',
          `${path} was made by a newer version of Boathouse (${made.madeBy}). Start that version, or set BOATHOUSE_HOME to another folder; nothing was changed.`,
        );
      }
    }
    const logs = join(path, 'logs');
    const storage = join(path, 'storage');
    for (const folder of [logs, storage]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const keyFile = join(path, 'installation.key');
    const publicKeyFile = join(path, 'installation.pub');
    if (!existsSync(keyFile)) {
      const pair = generateKeyPairSync('ed25519');
      writeFileSync(publicKeyFile, pair.publicKey.export({ type: 'spki', format: 'pem' }));
      writePrivate(keyFile, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    }
    const secretsFile = join(path, 'secrets.json');
    if (!existsSync(secretsFile)) {
      writePrivate(
        secretsFile,
        JSON.stringify({
          databasePassword: randomBytes(24).toString('hex'),
          computeToken: randomBytes(32).toString('hex'),
        }),
      );
    }
    if (!existsSync(homeFile)) writePrivate(homeFile, JSON.stringify({ format: HOME_FORMAT, madeBy: version }));
    const secrets = readJson(secretsFile, Secrets);
    return { path, database: join(path, 'database'), logs, storage, keyFile, publicKeyFile, secrets, lock };
  } catch (error) {
    lock.close();
    throw homeError(path, error);
  }
}

function homeError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC')
    return userError('DISK_FULL', `The disk that holds ${path} is full: free some space and start again.`);
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR') {
    return userError('HOME_NOT_WRITABLE', `${path} cannot be written. Set BOATHOUSE_HOME to a folder of yours.`);
  }
  return error;
}
