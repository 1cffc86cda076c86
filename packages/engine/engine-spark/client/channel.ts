import type { PlanEngine } from '@boathouse/contracts';
import { Client, type ClientReadableStream, credentials, Metadata } from '@grpc/grpc-js';
import { sparkAddress } from './address.ts';
import type { Method } from './methods.ts';

/** Spark cuts Arrow batches at 4 MB but cannot cut a row: its own clients take messages of up to 128 MB. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;
/** A call that finds no connection fails at once; the next attempts follow this closely. */
const RECONNECT_MS = { first: 200, most: 2_000 };

export interface CallLimits {
  /** Milliseconds until the call fails with DEADLINE_EXCEEDED. */
  timeoutMs: number;
}

/** One HTTP/2 connection to a Spark Connect server. Calls reject with gRPC's own errors: `failure.ts` reads them. */
export class Channel {
  readonly engine: PlanEngine;
  private client: Client;

  /** Throws ENGINE_ADDRESS. Nothing is sent yet. */
  constructor(engine: PlanEngine) {
    this.engine = engine;
    this.client = connect(engine);
  }

  /** A call with one answer. */
  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { timeoutMs }: CallLimits,
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const { serialize, deserialize } = coders(method);
    this.client.makeUnaryRequest(
      method.path,
      serialize,
      deserialize,
      request,
      this.metadata(),
      { deadline: Date.now() + timeoutMs },
      (error, response) => (error || response === undefined ? reject(error) : resolve(response)),
    );
    return promise;
  }

  /** A call with many answers: read it as an async iterable; a slow reader slows the server. */
  stream<Request, Response>(method: Method<Request, Response>, request: Request): ClientReadableStream<Response> {
    const { serialize, deserialize } = coders(method);
    return this.client.makeServerStreamRequest(method.path, serialize, deserialize, request, this.metadata());
  }

  /** Drops the connection: one that swallows what is sent would hold its calls for a quarter of an hour. */
  reset(): void {
    this.client.close();
    this.client = connect(this.engine);
  }

  close(): void {
    this.client.close();
  }

  private metadata(): Metadata {
    const metadata = new Metadata();
    if (this.engine.token) metadata.set('authorization', `Bearer ${this.engine.token}`);
    return metadata;
  }
}

function connect(engine: PlanEngine): Client {
  const { host, port } = sparkAddress(engine.url);
  const security = engine.tls
    ? credentials.createSsl(engine.caCertificate ? Buffer.from(engine.caCertificate) : null)
    : credentials.createInsecure();
  return new Client(`${host}:${port}`, security, {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.initial_reconnect_backoff_ms': RECONNECT_MS.first,
    'grpc.min_reconnect_backoff_ms': RECONNECT_MS.first,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS.most,
    // A connection of its own: `reset` must not get the swallowing one back from a pool.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
  });
}

const coders = <Request, Response>(method: Method<Request, Response>) => ({
  serialize: (value: Request) => Buffer.from(method.request.encode(value)),
  deserialize: (bytes: Buffer) => method.response.decode(bytes),
});
