import { userError } from '@boathouse/contracts';
import { Cron } from 'croner';

const refuse = (message: string): never => {
  throw userError('INVALID_PARAMETER_VALUE', message);
};

/**
 * Quartz cron (seconds first, 1 = Sunday, one of the day fields is `?`), as of Databricks' `quartz_cron_expression`.
 * croner only computes times here; it owns no timers.
 */
function parse(expression: string, timeZone: string): Cron {
  const fields = expression.trim().split(/\s+/);
  if (fields.length < 6 || fields.length > 7) {
    refuse(
      `"${expression}" is not a Quartz cron expression: it has six or seven fields, seconds first, such as "0 30 7 * * ?".`,
    );
  }
  const [, , , dayOfMonth = '', , dayOfWeek = ''] = fields;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    refuse(`"${expression}": exactly one of day of month and day of week must be "?".`);
  }
  if (/L-\d/.test(dayOfMonth))
    refuse(`"${dayOfMonth}" (days before the last of the month) is not supported. Use "L" or a number.`);
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
  } catch {
    refuse(`"${timeZone}" is not a time zone. Use a name such as Europe/Berlin or UTC.`);
  }
  try {
    return new Cron(expression, { timezone: timeZone, alternativeWeekdays: true, sloppyRanges: true, paused: true });
  } catch (error) {
    return refuse(
      `"${expression}" is not a Quartz cron expression: ${error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)}.`,
    );
  }
}

/** The first time after `afterMs`, in milliseconds, or null where there is none. Throws INVALID_PARAMETER_VALUE. */
export function nextFire(expression: string, timeZone: string, afterMs: number): number | null {
  return parse(expression, timeZone).nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** The next `count` times after `afterMs`. */
export function nextFires(expression: string, timeZone: string, afterMs: number, count: number): number[] {
  return parse(expression, timeZone)
    .nextRuns(count, new Date(afterMs))
    .map((at) => at.getTime());
}
