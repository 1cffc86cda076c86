import { randomUUID } from 'node:crypto';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import * as methods from '../engine-spark/client/methods.ts';
import type { DataTypeMessage } from '../engine-spark/proto/data-type.ts';
import { RpcErrorInfo, RpcStatus } from '../engine-spark/proto/messages.ts';

type RequestOf<M> = M extends methods.Method<infer Request, unknown> ? Request : never;
type Response = methods.ResponseOf<typeof methods.executePlan>;
type Details = methods.ResponseOf<typeof methods.fetchErrorDetails>;

/** What a query answers: its schema, its Arrow streams, and then its end, or nothing more for ever. */
export interface Script {
  schema?: DataTypeMessage;
  batches: Uint8Array[];
  /** Other responses that come before the batches. */
  before?: Response[];
  end?: 'complete' | 'hang';
  error?: { code: number; text: string; info?: Record<string, string>; details?: Details };
  /** Responses after which the server ends the stream, as Spark does after some minutes. */
  cutAfter?: number;
}

interface Operation {
  responses: Response[];
  script: Script;
}

/**
 * A server of Spark Connect's protocol in this process: it keeps what it sent until it is released, so that clients
 * re-attach, and forgets its sessions when told to.
 */
export class ConnectServer {
  readonly calls: string[] = [];
  readonly interrupted: string[] = [];
  readonly settings = new Map<string, string>();
  readonly users: string[] = [];
  version = '4.2.1';
  token: string | null = null;
  scripts = new Map<string, Script>();
  private readonly operations = new Map<string, Operation>();
  private serverSessionId = randomUUID();
  private readonly server = new Server();
  port = 0;

  static async open(t: TestContext, credentials = ServerCredentials.createInsecure()): Promise<ConnectServer> {
    const opened = new ConnectServer();
    opened.serve();
    opened.port = await new Promise<number>((resolve, reject) =>
      opened.server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve(port))),
    );
    t.after(() => opened.server.forceShutdown());
    return opened;
  }

  get engine() {
    return { engineId: 'e1', name: 'the cluster', url: `sc://127.0.0.1:${this.port}`, tls: false };
  }

  /** As after a restart: nothing of before is known. */
  forget(): void {
    this.operations.clear();
    this.serverSessionId = randomUUID();
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private serve(): void {
    const unary = <Request, Answer>(method: methods.Method<Request, Answer>, answer: (request: Request) => Answer) => ({
      path: method.path,
      requestStream: false,
      responseStream: false,
      requestSerialize: (value: Request) => Buffer.from(method.request.encode(value)),
      requestDeserialize: (bytes: Buffer) => method.request.decode(bytes),
      responseDeserialize: (bytes: Buffer) => method.response.decode(bytes),
      responseSerialize: (value: Answer) => Buffer.from(method.response.encode(value)),
      handle: (call: ServerUnaryCall<Request, Answer>, done: sendUnaryData<Answer>) => {
        this.calls.push(method.path.split('/')[2]!);
        const refused = this.refused(call.metadata);
        if (refused) return done(refused);
        try {
          done(null, answer(call.request));
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
        }
      },
    });
    const streaming = <Request>(
      method: methods.Method<Request, Response>,
      answer: (request: Request, call: ServerWritableStream<Request, Response>) => void,
    ) => ({
      path: method.path,
      requestStream: false,
      responseStream: true,
      requestSerialize: (value: Request) => Buffer.from(method.request.encode(value)),
      requestDeserialize: (bytes: Buffer) => method.request.decode(bytes),
      responseDeserialize: (bytes: Buffer) => method.response.decode(bytes),
      responseSerialize: (value: Response) => Buffer.from(method.response.encode(value)),
      handle: (call: ServerWritableStream<Request, Response>) => {
        this.calls.push(method.path.split('/')[2]!);
        const refused = this.refused(call.metadata);
        if (refused) call.emit('error', refused);
        else answer(call.request, call);
      },
    });
    const definition = {
      executePlan: streaming(methods.executePlan, (request, call) => this.execute(request, call)),
      reattach: streaming(methods.reattachExecute, (request, call) => this.reattach(request, call)),
      release: unary(methods.releaseExecute, ({ operationId = '', releaseAll }) => {
        if (releaseAll) this.operations.delete(operationId);
        return { operationId };
      }),
      interrupt: unary(methods.interrupt, ({ operationId = '' }) => {
        this.interrupted.push(operationId);
        return { interruptedIds: [operationId] };
      }),
      config: unary(methods.config, ({ operation }) => {
        for (const { key = '', value = '' } of operation?.set?.pairs ?? []) this.settings.set(key, value);
        for (const key of operation?.unset?.keys ?? []) this.settings.delete(key);
        const keys = operation?.getOption?.keys ?? [];
        return {
          pairs: keys.map((key) => ({ key, ...(this.settings.has(key) ? { value: this.settings.get(key)! } : {}) })),
        };
      }),
      analyze: unary(methods.analyzePlan, ({ schema, userContext }) => {
        if (userContext?.userId) this.users.push(userContext.userId);
        const script = this.scripts.get(schema?.plan?.root?.sql?.query ?? '');
        return {
          serverSessionId: this.serverSessionId,
          ...(schema
            ? { schema: { schema: script?.schema ?? { struct: {} } } }
            : { sparkVersion: { version: this.version } }),
        };
      }),
      releaseSession: unary(methods.releaseSession, ({ sessionId = '' }) => ({ sessionId })),
      details: unary(methods.fetchErrorDetails, ({ errorId = '' }) => {
        const found = [...this.scripts.values()].find(({ error }) => error?.info?.errorId === errorId);
        return found?.error?.details ?? {};
      }),
    };
    this.server.addService(
      Object.fromEntries(Object.entries(definition).map(([name, { handle: _, ...rest }]) => [name, rest])),
      Object.fromEntries(Object.entries(definition).map(([name, { handle }]) => [name, handle])),
    );
  }

  private refused(metadata: Metadata) {
    if (this.token === null || metadata.get('authorization')[0] === `Bearer ${this.token}`) return null;
    return { code: status.UNAUTHENTICATED, details: 'Invalid authentication token' };
  }

  private execute(request: RequestOf<typeof methods.executePlan>, call: ServerWritableStream<unknown, Response>): void {
    if (request.observedSessionId && request.observedSessionId !== this.serverSessionId)
      return void call.emit('error', failure({ code: status.INTERNAL, text: handle('SESSION_CHANGED') }));
    const script = this.scripts.get(request.plan?.root?.sql?.query ?? '');
    if (!script) return void call.emit('error', failure({ code: status.INTERNAL, text: 'no such script' }));
    const answers: Response[] = [
      ...(script.schema ? [{ schema: script.schema }] : []),
      ...(script.before ?? []),
      ...script.batches.map((data) => ({ arrowBatch: { data, rowCount: 1 } })),
      ...(script.end === 'hang' || script.error ? [] : [{ resultComplete: {} }]),
    ];
    const responses = answers.map((answer) => ({
      ...answer,
      responseId: randomUUID(),
      operationId: request.operationId!,
    }));
    const operation = { responses, script };
    this.operations.set(request.operationId!, operation);
    this.send(operation, 0, call);
  }

  private reattach(
    request: RequestOf<typeof methods.reattachExecute>,
    call: ServerWritableStream<unknown, Response>,
  ): void {
    const operation = this.operations.get(request.operationId!);
    if (!operation)
      return void call.emit('error', failure({ code: status.INTERNAL, text: handle('OPERATION_NOT_FOUND') }));
    const last = operation.responses.findIndex(({ responseId }) => responseId === request.lastResponseId);
    this.send(operation, last + 1, call);
  }

  private send({ responses, script }: Operation, from: number, call: ServerWritableStream<unknown, Response>): void {
    const to = Math.min(responses.length, script.cutAfter ? from + script.cutAfter : responses.length);
    for (const response of responses.slice(from, to)) call.write(response);
    if (to < responses.length) return void call.end();
    if (script.error) return void call.emit('error', failure(script.error));
    if (script.end !== 'hang') call.end();
  }
}

const handle = (what: string): string => `[INVALID_HANDLE.${what}] The handle is invalid. SQLSTATE: HY000`;

function failure({ code, text, info }: NonNullable<Script['error']>) {
  const metadata = new Metadata();
  if (info) {
    const value = RpcErrorInfo.encode({
      reason: 'org.apache.spark.SparkException',
      domain: 'org.apache.spark',
      metadata: Object.entries(info).map(([key, told]) => ({ key, value: told })),
    });
    const details = [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value }];
    metadata.set('grpc-status-details-bin', Buffer.from(RpcStatus.encode({ code, message: text, details })));
  }
  return { code, details: text, metadata };
}

/** A wire between client and server that can be cut, or go dead without a word. */
export class Wire {
  port = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: NetServer;
  private dead = new Set<Socket>();

  private constructor(target: number) {
    this.server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(one);
        one.on('data', (bytes) => {
          if (!this.dead.has(one)) other.write(bytes);
        });
        one.on('error', () => {});
        one.on('close', () => {
          this.sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  static async open(t: TestContext, target: number): Promise<Wire> {
    const wire = new Wire(target);
    await new Promise<void>((resolve) => wire.server.listen(0, '127.0.0.1', resolve));
    const address = wire.server.address();
    wire.port = typeof address === 'object' && address ? address.port : 0;
    t.after(() => {
      wire.cut();
      wire.server.close();
    });
    return wire;
  }

  /** Breaks every connection; new ones are taken. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** What is open swallows everything from now on; new connections work. */
  silence(): void {
    this.dead = new Set(this.sockets);
  }
}
