import { once } from 'node:events';
import { LivePage, LiveServerMessage } from '@boathouse/contracts';
import { WebSocket } from 'ws';
import { decodeFrame } from '../compute/frame.ts';
import { until } from '../compute/test/stand-in.ts';

type Page = LivePage & { bytes: Buffer; atMs: number };
type Message = LiveServerMessage & { atMs: number };

/** A browser's end of the live channel: keeps what it hears. */
export class LiveBrowser {
  readonly messages: Message[] = [];
  readonly pages: Page[] = [];
  closeCode: number | null = null;
  readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('close', (code) => {
      this.closeCode = code;
    });
    socket.on('message', (data: Buffer, binary) => {
      if (!binary)
        return void this.messages.push({
          ...LiveServerMessage.parse(JSON.parse(String(data))),
          atMs: performance.now(),
        });
      const { header, bytes } = decodeFrame(LivePage, data);
      this.pages.push({ ...header, bytes, atMs: performance.now() });
    });
  }

  static async open(origin: string, headers: Record<string, string>): Promise<LiveBrowser> {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/live`, { headers: { origin, ...headers } });
    const browser = new LiveBrowser(socket);
    await once(socket, 'open');
    return browser;
  }

  /** Resolves with true where the topic is granted. */
  async follow(topic: string, after?: number): Promise<boolean> {
    this.socket.send(JSON.stringify({ type: 'subscribe', topic, ...(after === undefined ? {} : { after }) }));
    const answer = await this.wait((it) => (it.type === 'subscribed' || it.type === 'refused') && it.topic === topic);
    return answer.type === 'subscribed';
  }

  async wait(matches: (message: LiveServerMessage) => boolean, timeoutMs = 15_000): Promise<Message> {
    await until(() => this.messages.some(matches), timeoutMs);
    return this.messages.find(matches)!;
  }

  close(): void {
    this.socket.terminate();
  }
}
