import type { CallError } from '../wire/protocol.ts';

/** The host refused a call: a SQL error, a missing right. Carries the code that the workspace shows. */
export class CallFailed extends Error {
  override name = 'SqlError';
  readonly code: string;
  readonly info: CallError;
  constructor(info: CallError) {
    super(info.message);
    this.code = info.code;
    this.info = info;
  }
}
