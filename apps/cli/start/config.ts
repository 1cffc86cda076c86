import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { userError } from '@boathouse/contracts';
import { z } from 'zod';

const Environment = z.object({
  PORT: z.coerce.number().int().min(1).max(65535).default(8080),
  HOST: z.string().min(1).default('127.0.0.1'),
  BOATHOUSE_HOME: z.string().min(1).optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
    .optional(),
  BOATHOUSE_ADMIN_TOKEN: z.string().min(16, 'must have 16 characters or more').optional(),
});

export interface StartConfig {
  port: number;
  host: string;
  home: string;
  databaseUrl?: string;
  adminToken?: string;
}

/** Reads the environment once. Throws INVALID_ENVIRONMENT naming the variable. */
export function readConfig(env: NodeJS.ProcessEnv): StartConfig {
  const given = Object.fromEntries(
    Object.keys(Environment.shape).map((key) => [key, env[key] === '' ? undefined : env[key]]),
  );
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw userError(
      'INVALID_ENVIRONMENT',
      `The environment variable ${String(issue.path[0])} is not valid: ${issue.message}.`,
    );
  }
  const value = parsed.data;
  return {
    port: value.PORT,
    host: value.HOST,
    home: resolve(value.BOATHOUSE_HOME ?? join(homedir(), '.boathouse')),
    databaseUrl: value.DATABASE_URL,
    adminToken: value.BOATHOUSE_ADMIN_TOKEN,
  };
}
