/**
 * Tag of data files that this engine wrote. It promises: timestamps are INT64 microseconds in UTC, and a column with a NaN
 * has no bounds. Readers here then need no look into the file's footer.
 */
export const OWN_FILE = 'boathouse.writer';
export const OWN_FILE_VERSION = '1';
