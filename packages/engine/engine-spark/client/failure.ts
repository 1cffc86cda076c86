import { type BoathouseError, type PlanEngine, systemError, userError } from '@boathouse/contracts';
import { Metadata, status } from '@grpc/grpc-js';
import { RpcErrorInfo, RpcStatus } from '../proto/messages.ts';

/** What a failed call says, without its classes. */
export interface Failure {
  code: number;
  /** Message of the status. */
  text: string;
  /** Spark's error condition (`TABLE_OR_VIEW_NOT_FOUND`, `INVALID_HANDLE.SESSION_NOT_FOUND`), where it has one. */
  condition?: string;
  sqlState?: string;
  parameters?: Record<string, string>;
  /** Names the error for FetchErrorDetails. */
  errorId?: string;
  /** Java's class of the error. */
  errorClass?: string;
}

/** Reads gRPC's error; null where it is none. */
export function failureOf(error: unknown): Failure | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return null;
  const text = 'details' in error && typeof error.details === 'string' ? error.details : error.message;
  const info = 'metadata' in error && error.metadata instanceof Metadata ? errorInfoOf(error.metadata) : new Map();
  const failure: Failure = { code: error.code, text };
  // Sail names the condition only in the text.
  const condition = info.get('errorClass') ?? /\[([A-Z][A-Z0-9]*_[A-Z0-9_]*(?:\.[A-Z0-9_]+)?)\]/.exec(text)?.[1];
  if (condition) failure.condition = condition;
  const sqlState = info.get('sqlState');
  if (sqlState) failure.sqlState = sqlState;
  const parameters = parametersOf(info.get('messageParameters'));
  if (parameters) failure.parameters = parameters;
  if (info.get('errorId')) failure.errorId = info.get('errorId');
  const javaClass = info.get('classes') ? /"([^"]+)"/.exec(info.get('classes') ?? '')?.[1] : undefined;
  if (javaClass) failure.errorClass = javaClass;
  return failure;
}

function errorInfoOf(metadata: Metadata): Map<string, string> {
  const [details] = metadata.get('grpc-status-details-bin');
  const info = new Map<string, string>();
  if (!details || typeof details === 'string') return info;
  for (const { typeUrl, value } of RpcStatus.decode(details).details ?? []) {
    if (!value || !typeUrl?.endsWith('google.rpc.ErrorInfo')) continue;
    for (const { key, value: text } of RpcErrorInfo.decode(value).metadata ?? [])
      if (key && text !== undefined) info.set(key, text);
  }
  return info;
}

function parametersOf(text: string | undefined): Record<string, string> | undefined {
  if (!text) return undefined;
  // A header has 8 KB at most: Spark cuts what is longer, and half of a JSON text is none.
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]));
  } catch {
    return undefined;
  }
}

/** The connection broke, or the server is away or overloaded: the same call may succeed in a moment. */
export const isBreak = ({ code, condition, text }: Failure): boolean =>
  condition === undefined
    ? code === status.UNAVAILABLE ||
      // Our own cancelling is told by its signal: this is a server on its way down.
      code === status.CANCELLED ||
      code === status.DEADLINE_EXCEEDED ||
      // grpc-js: a stream that the peer or a proxy reset.
      (code === status.INTERNAL && /RST_STREAM|premature|Connection dropped/i.test(text)) ||
      (code === status.UNKNOWN && text === '')
    : condition === 'INVALID_CURSOR.DISCONNECTED';

/** The server does not know what we named: it was restarted, or waited too long for us. */
export const isForgotten = ({ condition, text }: Failure): boolean =>
  /INVALID_HANDLE\.(SESSION|OPERATION)_(NOT_FOUND|CLOSED|CHANGED|ABANDONED)|INVALID_CURSOR\.POSITION_NOT_AVAILABLE/.test(
    condition ?? text,
  ) ||
  // Sail names no conditions.
  (condition === undefined && /\b(?:operation|session) not found\b/i.test(text));

export const cancelled = (): BoathouseError => userError('CANCELLED', 'The statement was cancelled.', { status: 409 });

/** ENGINE_UNREACHABLE, ENGINE_TOKEN_REFUSED, ENGINE_TLS and their like: what a failure without Spark's own error means. */
export function connectionError(engine: PlanEngine, failure: Failure): BoathouseError {
  const { name, url } = engine;
  const detail = failure.text;
  switch (failure.code) {
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return userError(
        'ENGINE_TOKEN_REFUSED',
        engine.token
          ? `The Spark server of ${name} refused the token. Give the engine a valid token on the compute page.`
          : `The Spark server of ${name} asks for a token. Give the engine its token on the compute page.`,
        { status: 403, detail },
      );
    case status.UNIMPLEMENTED:
      return userError(
        'ENGINE_UNSUPPORTED',
        `The server of ${name} at ${url} does not answer a call of Spark Connect that this needs. Attach Spark 4.0 or newer.`,
        { status: 501, detail },
      );
    case status.RESOURCE_EXHAUSTED:
      return userError(
        'ENGINE_MESSAGE_TOO_LARGE',
        `${name} cannot send an answer with rows this large, or has no room for more work. Read fewer columns, or run it again later.`,
        { status: 507, detail },
      );
    case status.UNAVAILABLE:
    case status.CANCELLED:
    case status.DEADLINE_EXCEEDED:
      if (/certificate|self.signed|unable to (?:verify|get)|altnames|SSL|TLS|wrong version number/i.test(detail))
        return userError(
          'ENGINE_TLS',
          `A secure connection to ${name} at ${url} cannot be made: ${tlsReason(detail)}`,
          { status: 502, detail },
        );
      return systemError(
        'ENGINE_UNREACHABLE',
        `The Spark server of ${name} at ${url} does not answer. Start it, or check its address; then run this again. The embedded engine runs without it.`,
        { status: 503, detail },
      );
    default:
      return systemError('ENGINE_ERROR', `${name} could not run this statement: ${firstLine(detail)}`, { detail });
  }
}

/** Enough of a message to know what it is about. */
const firstLine = (text: string): string => {
  const line = text.trim().split('\n')[0]!;
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};

/** Why TLS failed, and what to do. */
export function tlsReason(text: string): string {
  if (/wrong version number|packet length too long|EPROTO/i.test(text))
    return 'the server speaks without TLS on this port. Turn TLS off for this engine, or on at the server.';
  if (/altnames|does not match/i.test(text))
    return 'its certificate is for another host name. Use the name in the certificate as the address.';
  if (/expired/i.test(text)) return 'its certificate has expired. Renew it at the server.';
  if (/self.signed|unable to (?:verify|get)/i.test(text))
    return 'no known authority signed its certificate. Give the engine the certificate of its authority.';
  return 'the handshake failed. Look at the certificate of the server.';
}
