import { LivePage, LiveServerMessage } from '@boathouse/contracts';
import { create } from 'zustand';

type Listener = (message: LiveServerMessage) => void;
export interface LivePageFrame {
  header: LivePage;
  /** Arrow IPC stream. */
  body: Uint8Array;
}
type PageListener = (page: LivePageFrame) => void;

/** `connecting` only before the first connection; later losses are `offline`. */
export type LiveStatus = 'connecting' | 'online' | 'offline';
export const useLiveStatus = create<{ status: LiveStatus }>(() => ({ status: 'connecting' }));

interface Topic {
  listeners: Set<Listener>;
  pageListeners: Set<PageListener>;
  /** Last seq seen, for `run:` topics: a reconnect replays only what is missing. */
  after: number | undefined;
}

/**
 * The live channel of this browser: one WebSocket for all topics. It reconnects with back-off, subscribes again and tells
 * its listeners (`onReconnect`) to read afresh what a push may have missed.
 */
class LiveChannel {
  private socket: WebSocket | null = null;
  private readonly topics = new Map<string, Topic>();
  private readonly reconnectListeners = new Set<() => void>();
  private delayMs = 250;
  private wasOnline = false;
  private lastMessageAt = 0;
  private watchdog: ReturnType<typeof setInterval> | null = null;

  private connect(): void {
    if (this.socket) return;
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    socket.onopen = () => {
      this.delayMs = 250;
      this.lastMessageAt = Date.now();
      useLiveStatus.setState({ status: 'online' });
      for (const [topic, state] of this.topics)
        this.send({ type: 'subscribe', topic, ...(state.after === undefined ? {} : { after: state.after }) });
      if (this.wasOnline) for (const listener of this.reconnectListeners) listener();
      this.wasOnline = true;
    };
    socket.onmessage = (event) => {
      this.lastMessageAt = Date.now();
      if (typeof event.data === 'string') this.receive(event.data);
      else this.receivePage(event.data as ArrayBuffer);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (this.wasOnline || useLiveStatus.getState().status === 'connecting')
        useLiveStatus.setState({ status: this.wasOnline ? 'offline' : 'connecting' });
      setTimeout(() => this.topics.size > 0 && this.connect(), this.delayMs);
      this.delayMs = Math.min(this.delayMs * 2, 5000);
    };
    this.watchdog ??= setInterval(() => {
      if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return;
      if (Date.now() - this.lastMessageAt > 30_000) this.socket.close();
      else this.send({ type: 'ping' });
    }, 10_000);
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private receive(text: string): void {
    const parsed = LiveServerMessage.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const message = parsed.data;
    if (!('topic' in message)) return;
    const topic = this.topics.get(message.topic);
    if (!topic) return;
    if (message.type === 'event') topic.after = Math.max(topic.after ?? 0, message.row.seq);
    for (const listener of topic.listeners) listener(message);
  }

  private receivePage(buffer: ArrayBuffer): void {
    const headerLength = new DataView(buffer).getUint32(0, true);
    const header = LivePage.parse(JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength))));
    const body = new Uint8Array(buffer.slice(4 + headerLength));
    for (const listener of this.topics.get(header.topic)?.pageListeners ?? []) listener({ header, body });
  }

  /** Follows a topic until the returned function is called. */
  follow(name: string, listener: Listener, options: { after?: number; onPage?: PageListener } = {}): () => void {
    let topic = this.topics.get(name);
    const isNew = !topic;
    topic ??= { listeners: new Set(), pageListeners: new Set(), after: options.after };
    this.topics.set(name, topic);
    topic.listeners.add(listener);
    if (options.onPage) topic.pageListeners.add(options.onPage);
    if (!this.socket) this.connect();
    else if (isNew)
      this.send({ type: 'subscribe', topic: name, ...(options.after === undefined ? {} : { after: options.after }) });
    return () => {
      topic.listeners.delete(listener);
      if (options.onPage) topic.pageListeners.delete(options.onPage);
      if (topic.listeners.size > 0 || this.topics.get(name) !== topic) return;
      this.topics.delete(name);
      this.send({ type: 'unsubscribe', topic: name });
    };
  }

  /** Called after each reconnection. */
  onReconnect(listener: () => void): () => void {
    this.reconnectListeners.add(listener);
    return () => this.reconnectListeners.delete(listener);
  }
}

export const live = new LiveChannel();
