import { systemError, userError } from '@boathouse/contracts';

export const streamErrors = {
  /** Two drivers on one checkpoint: the one that comes second stops, and the first goes on unharmed. */
  fenced: (folder: string, what: string) =>
    userError(
      'CONCURRENT_STREAM_UPDATE',
      'Another run is processing the same stream at this moment. Wait until it has ended, then run again.',
      { status: 409, detail: `${folder}: ${what} exists already` },
    ),
  corrupt: (key: string, why: string) =>
    systemError(
      'STREAM_CHECKPOINT_CORRUPT',
      'The checkpoint of this stream cannot be read. Run a full refresh to begin anew.',
      { detail: `${key}: ${why}` },
    ),
};
