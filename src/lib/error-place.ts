import type { ErrorInfo } from '@boathouse/contracts';

/** The message with its line and column before it; parser messages say their place themselves. */
export const messageWithPlace = (error: Pick<ErrorInfo, 'message'> & { position?: ErrorInfo['position'] }): string =>
  error.position && !/\(line \d+/.test(error.message)
    ? `Line ${error.position.line}, column ${error.position.column}: ${error.message}`
    : error.message;
