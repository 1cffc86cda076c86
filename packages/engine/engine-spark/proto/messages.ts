import { DataTypeMessage } from './data-type.ts';
import { bool, bytes, int, many, message, one, string } from './wire.ts';

/**
 * Messages of Spark Connect as of 4.2 with the fields that we use: `spark/connect/base.proto`, `commands.proto`,
 * `relations.proto`. Servers of 4.0 and 4.1 know all of them but chunked batches, which are asked for and not required.
 */
export const UserContext = message({ userId: one(1, string), userName: one(2, string) });

export const Sql = message({ query: one(1, string) });
/** `localRelation`: rows of a command, sent back as they came. */
export const Relation = message({ sql: one(10, Sql), localRelation: one(11, bytes) });

const Pair = message({ key: one(1, string), value: one(2, string) });

/** SaveMode of WriteOperation. */
export const SAVE_MODE_OVERWRITE = 2;
export const WriteOperation = message({
  input: one(1, Relation),
  source: one(2, string),
  path: one(3, string),
  mode: one(5, int),
  options: many(9, Pair),
});
export const SqlCommand = message({ sql: one(1, string), input: one(6, Relation) });
export const Command = message({ writeOperation: one(2, WriteOperation), sqlCommand: one(5, SqlCommand) });
export const Plan = message({ root: one(1, Relation), command: one(2, Command) });

const RequestOption = message({
  reattach: one(1, message({ reattachable: one(1, bool) })),
  chunking: one(2, message({ allowArrowBatchChunking: one(1, bool) })),
});
const session = {
  sessionId: one(1, string),
  userContext: one(2, UserContext),
};
export const ExecutePlanRequest = message({
  ...session,
  plan: one(3, Plan),
  clientType: one(4, string),
  requestOptions: many(5, RequestOption),
  operationId: one(6, string),
  tags: many(7, string),
  observedSessionId: one(8, string),
});

const ArrowBatch = message({
  rowCount: one(1, int),
  data: one(2, bytes),
  startOffset: one(3, int),
  chunkIndex: one(4, int),
  chunks: one(5, int),
});
const StageInfo = message({
  stageId: one(1, int),
  tasks: one(2, int),
  completedTasks: one(3, int),
  inputBytesRead: one(4, int),
  done: one(5, bool),
});
export const ExecutionProgress = message({ stages: many(1, StageInfo), inflightTasks: one(2, int) });
export const ExecutePlanResponse = message({
  arrowBatch: one(2, ArrowBatch),
  sqlCommandResult: one(5, message({ relation: one(1, Relation) })),
  schema: one(7, DataTypeMessage),
  operationId: one(12, string),
  responseId: one(13, string),
  resultComplete: one(14, message({})),
  serverSessionId: one(15, string),
  progress: one(18, ExecutionProgress),
});

export const ReattachExecuteRequest = message({
  ...session,
  operationId: one(3, string),
  clientType: one(4, string),
  lastResponseId: one(5, string),
  observedSessionId: one(6, string),
});
export const ReleaseExecuteRequest = message({
  ...session,
  operationId: one(3, string),
  clientType: one(4, string),
  releaseAll: one(5, message({})),
  releaseUntil: one(6, message({ responseId: one(1, string) })),
  observedSessionId: one(7, string),
});
export const ReleaseExecuteResponse = message({ operationId: one(2, string) });

/** InterruptType. */
export const INTERRUPT_OPERATION_ID = 3;
export const InterruptRequest = message({
  ...session,
  clientType: one(3, string),
  type: one(4, int),
  operationId: one(6, string),
  observedSessionId: one(7, string),
});
export const InterruptResponse = message({ interruptedIds: many(2, string) });

export const ConfigRequest = message({
  ...session,
  operation: one(
    3,
    message({
      set: one(1, message({ pairs: many(1, Pair), silent: one(2, bool) })),
      getOption: one(4, message({ keys: many(1, string) })),
      unset: one(6, message({ keys: many(1, string) })),
    }),
  ),
  clientType: one(4, string),
  observedSessionId: one(8, string),
});
export const ConfigResponse = message({
  pairs: many(2, Pair),
  warnings: many(3, string),
  serverSessionId: one(4, string),
});

export const AnalyzePlanRequest = message({
  ...session,
  clientType: one(3, string),
  schema: one(4, message({ plan: one(1, Plan) })),
  sparkVersion: one(10, message({})),
  observedSessionId: one(17, string),
});
export const AnalyzePlanResponse = message({
  schema: one(2, message({ schema: one(1, DataTypeMessage) })),
  sparkVersion: one(8, message({ version: one(1, string) })),
  serverSessionId: one(15, string),
});

export const ReleaseSessionRequest = message({ ...session, clientType: one(3, string) });
export const ReleaseSessionResponse = message({ sessionId: one(1, string) });

export const FetchErrorDetailsRequest = message({
  ...session,
  errorId: one(3, string),
  clientType: one(4, string),
  observedSessionId: one(5, string),
});
const QueryContext = message({
  objectType: one(1, string),
  objectName: one(2, string),
  startIndex: one(3, int),
  stopIndex: one(4, int),
  fragment: one(5, string),
});
const SparkThrowable = message({
  errorClass: one(1, string),
  messageParameters: many(2, Pair),
  queryContexts: many(3, QueryContext),
  sqlState: one(4, string),
});
export const FetchErrorDetailsResponse = message({
  rootErrorIndex: one(1, int),
  errors: many(
    2,
    message({
      typeHierarchy: many(1, string),
      message: one(2, string),
      causeIndex: one(4, int),
      sparkThrowable: one(5, SparkThrowable),
    }),
  ),
});

/** `google.rpc.Status` and `google.rpc.ErrorInfo`: what a failed call carries in `grpc-status-details-bin`. */
export const RpcStatus = message({
  code: one(1, int),
  message: one(2, string),
  details: many(3, message({ typeUrl: one(1, string), value: one(2, bytes) })),
});
export const RpcErrorInfo = message({ reason: one(1, string), domain: one(2, string), metadata: many(3, Pair) });
