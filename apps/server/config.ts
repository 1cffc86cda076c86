import { z } from 'zod';

/** What the server is told by its supervisor, read once. Sizes in bytes, times in milliseconds where named so. */
export const ServerConfig = z.object({
  port: z.coerce.number().int().min(0).max(65535).default(8080),
  host: z.string().min(1).default('127.0.0.1'),
  /** Folder of the installation: key, tables, logs. */
  home: z.string().min(1),
  databaseUrl: z.string().min(1),
  /** At first start, creates the administrator `admin@localhost` with this API token. */
  adminToken: z.string().min(16).optional(),
  /** Shared with compute: who opens `/internal/compute` must know it. */
  computeToken: z.string().min(16),
  /** The supervisor: when this process is gone, the server ends. */
  parentPid: z.coerce.number().int().positive().optional(),
  /** Pages from source with hot reload. */
  dev: z.boolean().default(false),
  /** Serve the pages too; false where only the API is wanted. */
  pages: z.boolean().default(true),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});
export type ServerConfig = z.infer<typeof ServerConfig>;

const present = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** Reads the environment. Throws ZodError naming the variable's field when a value cannot be used. */
export function readConfig(env: Record<string, string | undefined>): ServerConfig {
  return ServerConfig.parse({
    port: present(env.PORT),
    host: present(env.HOST),
    home: env.BOATHOUSE_HOME,
    databaseUrl: env.DATABASE_URL,
    adminToken: present(env.BOATHOUSE_ADMIN_TOKEN),
    computeToken: env.BOATHOUSE_COMPUTE_TOKEN,
    parentPid: present(env.BOATHOUSE_PARENT_PID),
    dev: present(env.BOATHOUSE_DEV) !== undefined && env.BOATHOUSE_DEV !== '0',
    pages: env.BOATHOUSE_PAGES !== '0',
    logLevel: present(env.BOATHOUSE_LOG_LEVEL),
  });
}
