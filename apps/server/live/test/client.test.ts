import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { LIVE_CLOSE } from '@boathouse/contracts';
import { WebSocket } from 'ws';
import { socketServer, until } from '../../compute/test/stand-in.ts';
import { LiveClient } from '../client.ts';

const who = { principal: { userId: 'ada', name: 'Ada', admin: false }, workspaceId: 'w' };

test('a browser that reads too slowly is told so by the close code, and others go on', async () => {
  const opened: { socket: WebSocket; client: LiveClient }[] = [];
  const server = await socketServer((socket) =>
    opened.push({ socket, client: new LiveClient(socket, who, 1024 * 1024) }),
  );
  const [slow, quick] = [new WebSocket(server.url), new WebSocket(server.url)];
  await Promise.all([once(slow, 'open'), once(quick, 'open')]);
  await until(() => opened.length === 2);
  let received = 0;
  quick.on('message', () => received++);
  const closed = once(slow, 'close');
  slow.pause();
  const page = new Uint8Array(256 * 1024);
  for (let index = 0; index < 200; index++) {
    for (const { client } of opened)
      client.sendPage({ type: 'page', topic: 't', runId: 'r', rows: 1, more: true }, page);
    await new Promise((resolve) => setImmediate(resolve));
    if (opened[0]!.socket.readyState !== WebSocket.OPEN) break;
  }
  assert.notEqual(opened[0]!.socket.readyState, WebSocket.OPEN);
  slow.resume();
  assert.equal((await closed)[0], LIVE_CLOSE.tooSlow);
  await until(() => received > 0);
  assert.equal(quick.readyState, WebSocket.OPEN);
  quick.terminate();
  await server.close();
});
