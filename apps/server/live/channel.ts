import { BoathouseError, LIVE_CLOSE, LiveClientMessage, type Principal, type RunEventRow } from '@boathouse/contracts';
import type { WebSocket } from 'ws';
import { listen } from '../events/index.ts';
import type { RunRecord, RunService } from '../runs/index.ts';
import { withoutOutput } from '../runs/index.ts';
import type { BaseServices } from '../services.ts';
import { LiveClient, MAX_BUFFERED_BYTES, type Subscription } from './client.ts';

export interface LiveOptions {
  base: Pick<BaseServices, 'bus' | 'log' | 'clock' | 'serverId'>;
  runs: RunService;
  /** May this person follow the topic? Throws BoathouseError where not. By the topic's kind; `workspace` and `run` are built in. */
  topics: Record<string, (principal: Principal, workspaceId: string, id: string) => Promise<unknown>>;
  /** The person as they are now. Throws where they have left the workspace. */
  refresh: (userId: string, workspaceId: string) => Promise<Principal>;
  pingMs?: number;
  maxBufferedBytes?: number;
}

export interface Live {
  open(socket: WebSocket, who: { principal: Principal; workspaceId: string }): void;
  /** Lets another room decide on its own kind of topic. */
  addTopic(kind: string, authorise: (principal: Principal, workspaceId: string, id: string) => Promise<unknown>): void;
  /** Tells all viewers of a dashboard about a tile. */
  tile(news: { dashboardId: string; tileId: string; runId: string; state: string }): void;
  clients(): number;
  /** Somebody at this server follows the topic. */
  follows(topic: string): boolean;
  stop(): void;
}

/** A right that was looked at is believed for so long: a revoked share ends the flow of news within it. */
const RECHECK_MS = 5000;
/** Events that put a run into the list of what is running, or take it out. */
const listed = new Set<RunEventRow['event']['type']>(['queued', 'started', 'finished']);
const MAX_TOPICS = 500;
const REPLAY_ROWS = 1000;
/** Runs of other servers whose progress is remembered. */
const REMEMBERED_RUNS = 2000;

/** The live channel of this server (contracts/live.ts): decides on each topic, filters outputs by viewer, replays logs. */
export function createLive(options: LiveOptions): Live {
  const { base, runs } = options;
  const clients = new Set<LiveClient>();
  const topics = { ...options.topics };
  const foreignSeq = new Map<string, number>();
  const failed = (error: unknown) => base.log.error({ err: error }, 'news could not be sent');

  async function authorise(client: LiveClient, topic: string): Promise<void> {
    if (topic === 'workspace') return;
    const [, kind, id] = /^(\w+):(.+)$/.exec(topic) ?? [];
    if (kind === 'run' && id) {
      const run = await runs.get(client.workspaceId, id);
      if (!run) throw new BoathouseError('RESOURCE_DOES_NOT_EXIST', `There is no run ${id}.`, 'user', { status: 404 });
      return runs.requireView(client.principal, run);
    }
    const decide = kind && Object.hasOwn(topics, kind) ? topics[kind] : undefined;
    if (!decide || !id) throw new BoathouseError('INVALID_PARAMETER_VALUE', `There is no topic "${topic}".`, 'user');
    await decide(client.principal, client.workspaceId, id);
  }

  /** False, and the subscription is gone, where the person has lost the right since. */
  async function still(client: LiveClient, subscription: Subscription): Promise<boolean> {
    if (base.clock() - subscription.checkedAtMs < RECHECK_MS) return true;
    try {
      client.principal = await options.refresh(client.principal.userId, client.workspaceId);
      await authorise(client, subscription.topic);
      subscription.checkedAtMs = base.clock();
      return true;
    } catch (error) {
      refuse(client, subscription.topic, error);
      return false;
    }
  }

  function refuse(client: LiveClient, topic: string, error: unknown): void {
    client.subscriptions.delete(topic);
    if (!(error instanceof BoathouseError)) failed(error);
    client.send({
      type: 'refused',
      topic,
      message: error instanceof BoathouseError ? error.message : 'The workspace hit an internal error. Try again.',
    });
  }

  /** Calls `work` in order for every browser that follows the topic and still may. */
  function forTopic(
    topic: string,
    workspaceId: string | null,
    work: (client: LiveClient, subscription: Subscription) => Promise<void> | void,
  ): void {
    for (const client of clients) {
      const subscription = client.subscriptions.get(topic);
      if (!subscription || (workspaceId !== null && client.workspaceId !== workspaceId)) continue;
      client.inOrder(async () => {
        if (client.subscriptions.get(topic) === subscription && (await still(client, subscription)))
          await work(client, subscription);
      }, failed);
    }
  }

  const visible = (rows: RunEventRow[], withheld: { message: string } | null): RunEventRow[] =>
    withheld ? rows.flatMap((row) => withoutOutput(row, withheld.message) ?? []) : rows;

  /** Topics on which a run shows, apart from its own. */
  const topicsOf = (run: RunRecord): string[] => [
    ...(run.notebookId ? [`notebook:${run.notebookId}`] : []),
    ...(run.pipelineId ? [`pipeline:${run.pipelineId}`] : []),
  ];

  function tellRun(run: RunRecord, rows: RunEventRow[]): void {
    const moved = rows.some(
      ({ event }) =>
        event.type !== 'stream' && event.type !== 'display' && event.type !== 'progress' && event.type !== 'flow',
    );
    for (const topic of topicsOf(run)) {
      forTopic(topic, run.workspaceId, async (client) => {
        const withheld = await runs.withheld(client.principal, run);
        client.sendRows(topic, visible(rows, withheld));
        if (moved) client.send({ type: 'run', topic, run: await runs.summary(client.principal, run) });
      });
    }
    // The list of what is running, of those who have this run in theirs.
    if (rows.some(({ event }) => listed.has(event.type))) {
      forTopic('workspace', run.workspaceId, (client) => {
        if (client.principal.userId !== run.principalId && !client.principal.admin) return;
        client.send({ type: 'changed', topic: 'workspace', kind: 'run', id: run.id });
      });
    }
    const own = `run:${run.id}`;
    forTopic(own, run.workspaceId, async (client, subscription) => {
      await catchUp(client, subscription, run, rows);
      if (moved) client.send({ type: 'run', topic: own, run: await runs.summary(client.principal, run) });
    });
  }

  /** Sends what follows `sentSeq`: the rows at hand where they fit on, else from the stored log. */
  async function catchUp(
    client: LiveClient,
    subscription: Subscription,
    run: RunRecord,
    rows: RunEventRow[],
  ): Promise<void> {
    const fresh = rows.filter((row) => row.seq > subscription.sentSeq);
    if (fresh.length > 0 && fresh[0]!.seq === subscription.sentSeq + 1) {
      client.sendRows(subscription.topic, visible(fresh, await runs.withheld(client.principal, run)));
      subscription.sentSeq = fresh.at(-1)!.seq;
      return;
    }
    for (let more = fresh.length > 0 || rows.length === 0; more; ) {
      const stored = await runs.runStore.events(run.id, subscription.sentSeq, REPLAY_ROWS);
      client.sendRows(subscription.topic, visible(stored, await runs.withheld(client.principal, run)));
      subscription.sentSeq = stored.at(-1)?.seq ?? subscription.sentSeq;
      more = stored.length === REPLAY_ROWS;
    }
  }

  async function subscribe(client: LiveClient, topic: string, after: number | undefined): Promise<void> {
    if (client.subscriptions.size >= MAX_TOPICS && !client.subscriptions.has(topic)) {
      return refuse(
        client,
        topic,
        new BoathouseError('RESOURCE_LIMIT', `One page may follow ${MAX_TOPICS} topics.`, 'user'),
      );
    }
    try {
      await authorise(client, topic);
    } catch (error) {
      return refuse(client, topic, error);
    }
    const subscription: Subscription = { topic, sentSeq: after ?? 0, checkedAtMs: base.clock() };
    client.subscriptions.set(topic, subscription);
    client.send({ type: 'subscribed', topic });
    if (!topic.startsWith('run:')) return;
    const run = await runs.get(client.workspaceId, topic.slice('run:'.length));
    if (!run) return;
    await catchUp(client, subscription, run, []);
    const now = (await runs.get(client.workspaceId, run.id)) ?? run;
    client.send({ type: 'run', topic, run: await runs.summary(client.principal, now) });
  }

  /** A table moved on: outputs on screen that read an older version are marked. */
  async function markStale(tableId: string): Promise<void> {
    const notebooks = new Set<string>();
    for (const client of clients) {
      for (const topic of client.subscriptions.keys())
        if (topic.startsWith('notebook:')) notebooks.add(topic.slice('notebook:'.length));
    }
    if (notebooks.size === 0) return;
    for (const run of await runs.runStore.latestReaders([...notebooks], tableId)) {
      for (const topic of topicsOf(run)) {
        forTopic(topic, run.workspaceId, async (client) =>
          client.send({ type: 'run', topic, run: await runs.summary(client.principal, run) }),
        );
      }
    }
  }

  const endings = [
    runs.onLog(({ run, rows }) => tellRun(run, rows)),
    runs.onPage((run, page) => {
      for (const topic of [...topicsOf(run), `run:${run.id}`]) {
        forTopic(topic, run.workspaceId, async (client) => {
          if (await runs.withheld(client.principal, run)) return;
          client.sendPage({ type: 'page', topic, runId: page.runId, rows: page.rows, more: page.more }, page.bytes);
        });
      }
    }),
    listen(base.bus, 'run.changed', (event) => {
      if (event.serverId === base.serverId) return;
      const wanted = [`run:${event.runId}`, `notebook:${event.notebookId}`];
      if (![...clients].some((client) => wanted.some((topic) => client.subscriptions.has(topic)))) return;
      void (async () => {
        const after = foreignSeq.get(event.runId) ?? event.seq - 1;
        const rows = await runs.runStore.events(event.runId, after, REPLAY_ROWS);
        // Read after its log: what is told of the run is as new as the rows.
        const run = await runs.get(event.workspaceId, event.runId);
        if (!run) return;
        foreignSeq.set(event.runId, rows.at(-1)?.seq ?? after);
        if (foreignSeq.size > REMEMBERED_RUNS)
          for (const first of foreignSeq.keys()) {
            foreignSeq.delete(first);
            break;
          }
        if (rows.length > 0) tellRun(run, rows);
      })().catch(failed);
    }),
    listen(base.bus, 'table.changed', (event) => {
      const topic = `table:${event.tableId}`;
      forTopic(topic, event.workspaceId, (client) => {
        client.send({
          type: 'table.changed',
          topic,
          tableId: event.tableId,
          fullName: event.fullName,
          version: event.version,
        });
      });
      void markStale(event.tableId).catch(failed);
    }),
    listen(base.bus, 'changed', ({ workspaceId, kind, id }) => {
      for (const topic of ['workspace', `${kind}:${id}`]) {
        forTopic(topic, workspaceId, (client) => client.send({ type: 'changed', topic, kind, id }));
      }
    }),
  ];

  const pinging = setInterval(() => {
    for (const client of clients) if (!client.ping()) client.terminate();
  }, options.pingMs ?? 15_000);
  pinging.unref();

  return {
    open(socket, who) {
      const client = new LiveClient(socket, who, options.maxBufferedBytes ?? MAX_BUFFERED_BYTES);
      clients.add(client);
      client.send({ type: 'hello', userId: who.principal.userId, serverId: base.serverId });
      socket.on('pong', () => {
        client.alive = true;
      });
      socket.on('close', () => clients.delete(client));
      socket.on('error', () => clients.delete(client));
      socket.on('message', (data, binary) => {
        client.alive = true;
        const message = binary ? null : parseMessage(String(data));
        if (!message) return client.close(LIVE_CLOSE.badMessage, 'not a message of this channel');
        switch (message.type) {
          case 'ping':
            return client.send({ type: 'pong' });
          case 'unsubscribe':
            client.subscriptions.delete(message.topic);
            return;
          case 'subscribe':
            return client.inOrder(() => subscribe(client, message.topic, message.after), failed);
        }
      });
    },
    addTopic(kind, decide) {
      topics[kind] = decide;
    },
    tile(news) {
      const topic = `dashboard:${news.dashboardId}`;
      forTopic(topic, null, (client) => client.send({ type: 'tile', topic, ...news }));
    },
    clients: () => clients.size,
    follows: (topic) => [...clients].some((client) => client.subscriptions.has(topic)),
    stop() {
      clearInterval(pinging);
      for (const end of endings) end();
      for (const client of clients) client.close(LIVE_CLOSE.serverStops, 'the server stops');
    },
  };
}

function parseMessage(text: string): LiveClientMessage | null {
  try {
    return LiveClientMessage.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
