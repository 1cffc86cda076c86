import { createPublicKey, type KeyObject } from 'node:crypto';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { userError } from '@boathouse/contracts';
import { z } from 'zod';

const optionalInt = z.preprocess(
  (value) => (value === '' ? undefined : value),
  z.coerce.number().int().positive().optional(),
);

const Env = z.object({
  BOATHOUSE_SERVER_URL: z.string().regex(/^wss?:\/\//, 'a WebSocket URL'),
  BOATHOUSE_COMPUTE_TOKEN: z.string().min(1),
  /** Base64 of the installation's public key: Ed25519, SPKI in PEM. */
  BOATHOUSE_PUBLIC_KEY: z.string().min(1),
  BOATHOUSE_HOME: z.string().startsWith('/', 'an absolute path'),
  BOATHOUSE_PARENT_PID: optionalInt,
  BOATHOUSE_COMPUTE_MEMORY_BYTES: optionalInt,
  BOATHOUSE_COMPUTE_THREADS: optionalInt,
  /** Idle kernels end after it; default 15 minutes. */
  BOATHOUSE_KERNEL_IDLE_MS: optionalInt,
  BOATHOUSE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface ComputeConfig {
  serverUrl: string;
  token: string;
  publicKey: KeyObject;
  storageRoot: string;
  /** Spill folders of all compute processes of the home, `compute-<pid>` each. */
  tempRoot: string;
  tempDirectory: string;
  parentPid: number | undefined;
  memoryLimitBytes: number;
  threads: number;
  kernelIdleMs: number | undefined;
  logLevel: string;
}

/** Share of the machine's memory that the engine may use: the rest is the server's, PostgreSQL's and the file cache's. */
const MEMORY_SHARE = 0.6;

/** Reads the environment once. Throws INVALID_CONFIGURATION naming the variable. */
export function readConfig(env: NodeJS.ProcessEnv): ComputeConfig {
  const parsed = Env.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw userError(
      'INVALID_CONFIGURATION',
      `The environment variable ${issue.path.join('.')} is wrong or missing: ${issue.message}.`,
    );
  }
  const value = parsed.data;
  return {
    serverUrl: value.BOATHOUSE_SERVER_URL,
    token: value.BOATHOUSE_COMPUTE_TOKEN,
    publicKey: publicKey(value.BOATHOUSE_PUBLIC_KEY),
    storageRoot: join(value.BOATHOUSE_HOME, 'storage'),
    tempRoot: join(value.BOATHOUSE_HOME, 'tmp'),
    tempDirectory: join(value.BOATHOUSE_HOME, 'tmp', `compute-${process.pid}`),
    parentPid: value.BOATHOUSE_PARENT_PID,
    memoryLimitBytes: value.BOATHOUSE_COMPUTE_MEMORY_BYTES ?? Math.floor(totalmem() * MEMORY_SHARE),
    threads: value.BOATHOUSE_COMPUTE_THREADS ?? cpus().length,
    kernelIdleMs: value.BOATHOUSE_KERNEL_IDLE_MS,
    logLevel: value.BOATHOUSE_LOG_LEVEL,
  };
}

function publicKey(base64: string): KeyObject {
  try {
    const key = createPublicKey(Buffer.from(base64, 'base64').toString('utf8'));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Falls through to the one sentence that says what is wanted.
  }
  throw userError(
    'INVALID_CONFIGURATION',
    'The environment variable BOATHOUSE_PUBLIC_KEY must be an Ed25519 public key: SPKI in PEM, as base64.',
  );
}
