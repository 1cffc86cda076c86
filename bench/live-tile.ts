import { WebSocket } from 'ws';
import { type Client, type Figure, ms, percentile } from './support.ts';

const rounds = 40;

/** Commit to repaint: from the answer to the INSERT to the new tile run on an open live channel, its result ready to draw. */
export async function benchLiveTile(client: Client): Promise<Figure> {
  await client.sql('create table main.default.bench_ticks (n int)');
  const dashboard = await client.request<{ id: string }>('POST', '/api/2.0/boathouse/objects', {
    kind: 'dashboard',
    name: 'Bench',
    makeUnique: true,
  });
  const tile = await client.request<{ id: string }>('POST', `/api/2.0/boathouse/dashboards/${dashboard.id}/tiles`, {
    title: 'Ticks',
    query: 'select count(*) as n from main.default.bench_ticks',
    catalog: 'main',
    schema: 'default',
    chart: { kind: 'table' },
    layout: { x: 0, y: 0, w: 6, h: 4 },
    live: true,
  });
  const socket = new WebSocket(`${client.url.replace('http', 'ws')}/live`, {
    headers: { authorization: `Bearer ${client.token}`, origin: client.url },
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const waiting: (() => void)[] = [];
  socket.on('message', (data, binary) => {
    if (binary) return;
    const message = JSON.parse(data.toString()) as { type: string; state?: string };
    if (message.type === 'tile' && message.state === 'succeeded') for (const resolve of waiting.splice(0)) resolve();
  });
  socket.send(JSON.stringify({ type: 'subscribe', topic: `dashboard:${dashboard.id}` }));
  await new Promise((resolve) => setTimeout(resolve, 500));
  void tile;
  const times: number[] = [];
  for (let round = 0; round < rounds + 3; round++) {
    const painted = new Promise<void>((resolve) => waiting.push(resolve));
    await client.sql(`insert into main.default.bench_ticks values (${round})`);
    const committed = performance.now();
    await painted;
    if (round >= 3) times.push(Math.max(0, performance.now() - committed));
  }
  socket.close();
  const p50 = percentile(times, 0.5);
  const p99 = percentile(times, 0.99);
  return {
    benchmark: 'd',
    what: 'commit to live tile answered',
    ours: `p50 ${ms(p50)}, p99 ${ms(p99)}`,
    baseline: '',
    goal: '≤ 300 ms / 1 s',
    met: p50 <= 300 && p99 <= 1000,
    values: { p50, p99 },
  };
}
