import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { type Api, until } from './api.ts';

interface TileSeen {
  shown: { createdAtMs: number; stale: unknown[]; state: string } | null;
}

/** A live tile over the table that is written now; its viewer comes back after each crash, as a browser does. */
export interface LiveTile {
  follow(table: string): Promise<void>;
  /** A commit repaints it, whatever was killed before. Answers what is wrong. */
  check(table: string): Promise<string[]>;
}

const REPAINT_MS = 5000;

export async function createTile(api: Api): Promise<LiveTile> {
  const base = '/api/2.0/boathouse/dashboards';
  const dashboard = await api.request<{ id: string }>('POST', base, { name: 'Crash' });
  let tile: { id: string } | null = null;
  return {
    async follow(table) {
      const query = `select count(*) as n from ${table}`;
      if (tile) await api.request('PATCH', `${base}/${dashboard.id}/tiles/${tile.id}`, { query });
      else tile = await api.request('POST', `${base}/${dashboard.id}/tiles`, { title: 'Rows', query });
    },
    async check(table) {
      const socket = new WebSocket(`${api.url.replace('http', 'ws')}/live`, {
        headers: { authorization: `Bearer ${api.token}`, origin: api.url },
      });
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      try {
        // The server answers messages in their order: after this one's answer the topic is followed.
        const followed = new Promise((resolve) => socket.once('message', resolve));
        socket.send(JSON.stringify({ type: 'subscribe', topic: `dashboard:${dashboard.id}` }));
        await Promise.race([followed, new Promise((resolve) => setTimeout(resolve, 500))]);
        const began = Date.now();
        // A row of its own table would look like one that nobody wrote: no rows, but a commit.
        await api.startRun(randomUUID(), `insert into ${table} select 'none', 0 from range(1) where id < 0`);
        await until('the live tile is repainted', REPAINT_MS, async () => {
          const seen = await api.request<{ tiles: TileSeen[] }>('GET', `${base}/${dashboard.id}`);
          const shown = seen.tiles[0]?.shown;
          return shown && shown.createdAtMs >= began && shown.stale.length === 0;
        });
        return [];
      } catch (error) {
        return [String(error)];
      } finally {
        socket.close();
      }
    },
  };
}
