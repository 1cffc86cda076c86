import type { Logger } from 'pino';
import { createAuth } from './auth/index.ts';
import { createBase } from './base.ts';
import { createCatalog } from './catalog/index.ts';
import { createCollab } from './collab/index.ts';
import type { Compute } from './compute/index.ts';
import type { ServerConfig } from './config.ts';
import { createEngines } from './engines/index.ts';
import { createExecution } from './execution.ts';
import { createFiles } from './files/index.ts';
import { createPages } from './http/pages.ts';
import { databricksConfig, health } from './http/probes.ts';
import { createRouter } from './http/router.ts';
import { listen } from './http/server.ts';
import { createUpgrades, type SocketRoute } from './http/sockets.ts';
import { createPlanning } from './planning/index.ts';
import { routes } from './routes/index.ts';
import type { Services } from './services.ts';
import { createSamples, createUploads } from './uploads/index.ts';
import { createAccess, createObjects, createSharing } from './workspace/index.ts';

export interface App {
  port: number;
  services: Services;
  /** Resolves when pages can be served. */
  ready: Promise<void>;
  close: () => Promise<void>;
}

/** Wires the control plane and listens. One line per room, in the order in which they need each other. */
export async function createApp(config: ServerConfig, log: Logger): Promise<App> {
  const base = await createBase(config, log);
  const late: { compute?: Pick<Compute, 'ask'> } = {};
  const catalog = createCatalog(base, { ask: async (question) => late.compute?.ask(question) });
  const auth = createAuth(base, catalog.bootstrap);
  const access = createAccess(base);
  const objects = createObjects(base, access);
  const sharing = createSharing(base, access);
  const collab = createCollab(base, access, auth.authenticate);
  const { documents } = collab;
  const engines = createEngines({ base, ask: async (question, options) => late.compute?.ask(question, options) });
  const planning = createPlanning({ ...base, catalog, engines });
  const files = createFiles({ ...base, catalog });
  const execution = createExecution(base, { catalog, access, objects, planning, documents, engines });
  late.compute = execution.compute;
  const uploads = createUploads({ ...base, ...execution.doors, planning });
  const samples = createSamples({ catalog, uploads, objects, access, runs: execution.doors.runs });
  const services: Services = {
    ...base,
    auth,
    access,
    objects,
    sharing,
    documents,
    catalog,
    engines,
    planning,
    files,
    uploads,
    samples,
    ...execution.doors,
  };
  if (config.adminToken !== undefined) await setUpByToken(services, config.adminToken);

  const { authenticate, workspaceNumber } = auth;
  const sockets: SocketRoute[] = [collab.socket, ...execution.sockets];
  const router = createRouter(routes(services), { log, authenticate, workspaceNumber });
  const upgrades = createUpgrades(sockets, { authenticate, computeToken: config.computeToken, log });
  const pages = config.pages ? createPages({ dev: config.dev, host: config.host, port: config.port }) : null;
  // A failure is reported by `ready`; without this line Node would end the process before anybody asks.
  pages?.catch(() => {});
  const http = await listen({
    config,
    listeners: [
      { prefix: '/healthz', exact: true, listen: health(base, () => execution.compute.status().computes.length) },
      { prefix: '/.well-known/databricks-config', exact: true, listen: databricksConfig(() => workspaceNumber(null)) },
      { prefix: '/api/auth/', listen: auth.listen },
      { prefix: '/api/', listen: router },
    ],
    upgrade: upgrades.upgrade,
    pages,
    onError: (error) => log.error({ err: error }, 'request failed'),
  });
  catalog.start();
  uploads.start();
  await execution.start();
  return {
    port: http.port,
    services,
    ready: pages ? pages.then(() => {}) : Promise.resolve(),
    close: async () => {
      upgrades.close();
      uploads.stop();
      const steps: [name: string, () => Promise<unknown>][] = [
        ['notebooks', collab.close],
        ['execution', execution.stop],
        ['http', () => http.close(2_000)],
        ['pages', async () => pages?.then((it) => it.close())],
        ['catalog', catalog.stop],
        ['database', base.close],
      ];
      // A connection that never answers must not keep the others from being closed.
      for (const [name, step] of steps) {
        const ended = await within(STEP_CLOSES_WITHIN_MS, step()).catch((err: unknown) =>
          log.warn({ err, name }, 'could not be closed'),
        );
        if (ended === 'late') log.warn({ name }, 'did not close in time');
      }
    },
  };
}

/** How long each part of the server may take to close. */
const STEP_CLOSES_WITHIN_MS = 3_000;

const within = (ms: number, work: Promise<unknown>): Promise<unknown> => {
  const late = new Promise((resolve) => setTimeout(resolve, ms, 'late').unref());
  return Promise.race([work, late]);
};

/** At first start only: later starts leave people and tokens as they are. */
async function setUpByToken({ auth }: Services, adminToken: string): Promise<void> {
  if (await auth.anybody()) return;
  const administrator = { name: 'Administrator', email: 'admin@localhost', password: null };
  await auth.setUp(administrator, { workspaceName: 'Boathouse', adminToken });
}
