import { userError } from '@boathouse/contracts';

/** Failures of reading the change data feed: codes are Spark's where Spark has one. */
export const changeErrors = {
  noStart: () =>
    userError('DELTA_NO_START_FOR_CDC_READ', 'Say from which version or time on changes are wanted.', {
      sqlState: '42601',
    }),
  twoBounds: (which: 'start' | 'end') =>
    userError(
      'DELTA_MULTIPLE_CDC_BOUNDARY',
      `Two ${which}s are given for the changes, a version and a time. Give one of them.`,
      { sqlState: '42614' },
    ),
  startAfterLatest: (start: number, latest: number) =>
    userError(
      'DELTA_CDC_START_VERSION_AFTER_LATEST',
      `Changes cannot start at version ${start}: the latest version of the table is ${latest}.`,
      { sqlState: '22003' },
    ),
  endBeforeStart: (start: number, end: number) =>
    userError(
      'DELTA_INVALID_CDC_RANGE',
      `Changes from version ${start} to version ${end} cannot be read: the end is before the start.`,
      { sqlState: '22003' },
    ),
  notRecorded: (location: string, start: number, end: number, off: readonly string[]) =>
    userError(
      'DELTA_MISSING_CHANGE_DATA',
      `The changes of the table at "${location}" from version ${start} to ${end} cannot be read: its change data feed was off in ${off.join(', ')}. Set delta.enableChangeDataFeed = true to record changes from then on, and read from a version where it was on.`,
      { sqlState: 'KD002' },
    ),
  schemaChanged: (start: number, end: number, changed: number, column: string) =>
    userError(
      'DELTA_CHANGE_DATA_FEED_INCOMPATIBLE_SCHEMA_CHANGE',
      `Changes from version ${start} to ${end} cannot be read at once: at version ${changed} column "${column}" does not fit the table's schema at version ${end}. Read the versions before and after the change of schema separately.`,
      { sqlState: '0AKDC' },
    ),
};
