import * as messages from '../proto/messages.ts';
import type { MessageCodec } from '../proto/wire.ts';

/** A call of the service `spark.connect.SparkConnectService`. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
}

const method = <Request, Response>(
  name: string,
  request: MessageCodec<Request>,
  response: MessageCodec<Response>,
): Method<Request, Response> => ({ path: `/spark.connect.SparkConnectService/${name}`, request, response });

export const executePlan = method('ExecutePlan', messages.ExecutePlanRequest, messages.ExecutePlanResponse);
export const reattachExecute = method('ReattachExecute', messages.ReattachExecuteRequest, messages.ExecutePlanResponse);
export const releaseExecute = method('ReleaseExecute', messages.ReleaseExecuteRequest, messages.ReleaseExecuteResponse);
export const interrupt = method('Interrupt', messages.InterruptRequest, messages.InterruptResponse);
export const config = method('Config', messages.ConfigRequest, messages.ConfigResponse);
export const analyzePlan = method('AnalyzePlan', messages.AnalyzePlanRequest, messages.AnalyzePlanResponse);
export const releaseSession = method('ReleaseSession', messages.ReleaseSessionRequest, messages.ReleaseSessionResponse);
export const fetchErrorDetails = method(
  'FetchErrorDetails',
  messages.FetchErrorDetailsRequest,
  messages.FetchErrorDetailsResponse,
);

/** The bytes of one response message, for a server that speaks the protocol (tests have one in the process). */
export type ResponseOf<M> = M extends Method<unknown, infer Response> ? Response : never;
