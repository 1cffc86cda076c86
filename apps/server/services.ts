import type { KeyObject } from 'node:crypto';
import type { ObjectStore } from '@boathouse/contracts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { PrismaClient } from '../../prisma/generated/client.ts';
import type { Auth } from './auth/index.ts';
import type { EventBus } from './bus.ts';
import type { CatalogService } from './catalog/index.ts';
import type { Documents } from './collab/index.ts';
import type { ServerConfig } from './config.ts';
import type { Engines } from './engines/index.ts';
import type { Execution } from './execution.ts';
import type { Files } from './files/index.ts';
import type { Planning } from './planning/index.ts';
import type { SampleData, Uploads } from './uploads/index.ts';
import type { Access, Sharing, WorkspaceObjects } from './workspace/index.ts';

/** What every room of the server may use. */
export interface BaseServices {
  config: ServerConfig;
  /** This process: a new id at every start. */
  serverId: string;
  log: Logger;
  prisma: PrismaClient;
  /** For hot paths: plain SQL. */
  pool: Pool;
  store: ObjectStore;
  /** Milliseconds since the epoch. */
  clock: () => number;
  bus: EventBus;
  /** The installation's Ed25519 key: signs plans; secrets derive from it. */
  installationKey: KeyObject;
}

/**
 * All doors of the control plane. A room exports `createX(base, …doors it needs)` and has one field here and one line in
 * `app.ts`, where the order of wiring can be read.
 */
export interface Services extends BaseServices, Execution {
  /** Who people are: sign-in, tokens, members. */
  auth: Auth;
  /** Who may do what with folders, notebooks, dashboards and files. */
  access: Access;
  objects: WorkspaceObjects;
  sharing: Sharing;
  /** What stands in notebooks. */
  documents: Documents;
  /** What tables, views and volumes there are, and who may do what with them. */
  catalog: CatalogService;
  /** Attached engines: who may use which, and how to reach it. */
  engines: Engines;
  /** Text in, signed plan out. */
  planning: Planning;
  /** Files of volumes. */
  files: Files;
  /** Files of one's own on their way to a table. */
  uploads: Uploads;
  samples: SampleData;
}
