/** Schedules that people choose from, and their Quartz form (seconds first, 1 = Sunday). */
export type Preset =
  | { every: 'hour'; minute: number }
  | { every: 'day'; hour: number; minute: number }
  | { every: 'weekday'; hour: number; minute: number }
  | { every: 'week'; day: number; hour: number; minute: number }
  | { every: 'month'; day: number; hour: number; minute: number };

export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export function toCron(preset: Preset): string {
  switch (preset.every) {
    case 'hour':
      return `0 ${preset.minute} * * * ?`;
    case 'day':
      return `0 ${preset.minute} ${preset.hour} * * ?`;
    case 'weekday':
      return `0 ${preset.minute} ${preset.hour} ? * 2-6`;
    case 'week':
      return `0 ${preset.minute} ${preset.hour} ? * ${preset.day}`;
    case 'month':
      return `0 ${preset.minute} ${preset.hour} ${preset.day} * ?`;
  }
}

/** The preset that an expression is, or null for one that only Quartz says. */
export function fromCron(cron: string): Preset | null {
  const [second, minuteText = '', hourText = '', dayOfMonth = '', month, dayOfWeek = '', ...rest] = cron
    .trim()
    .split(/\s+/);
  const number = (text: string, from: number, to: number) =>
    /^\d{1,2}$/.test(text) && Number(text) >= from && Number(text) <= to ? Number(text) : null;
  const minute = number(minuteText, 0, 59);
  if (second !== '0' || month !== '*' || rest.length > 0 || minute === null) return null;
  if (hourText === '*') return dayOfMonth === '*' && dayOfWeek === '?' ? { every: 'hour', minute } : null;
  const hour = number(hourText, 0, 23);
  if (hour === null) return null;
  if (dayOfMonth === '*' && dayOfWeek === '?') return { every: 'day', hour, minute };
  if (dayOfMonth === '?' && /^(2-6|MON-FRI)$/i.test(dayOfWeek)) return { every: 'weekday', hour, minute };
  const weekday = number(dayOfWeek, 1, 7);
  if (dayOfMonth === '?' && weekday !== null) return { every: 'week', day: weekday, hour, minute };
  const day = number(dayOfMonth, 1, 31);
  return dayOfWeek === '?' && day !== null ? { every: 'month', day, hour, minute } : null;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `Every day at 07:30`, or the expression itself. */
export function describeCron(cron: string): string {
  const preset = fromCron(cron);
  if (!preset) return cron;
  if (preset.every === 'hour') return preset.minute === 0 ? 'Every hour' : `Every hour at minute ${preset.minute}`;
  const time = `${two(preset.hour)}:${two(preset.minute)}`;
  if (preset.every === 'day') return `Every day at ${time}`;
  if (preset.every === 'weekday') return `Monday to Friday at ${time}`;
  if (preset.every === 'week') return `Every ${weekdays[preset.day - 1]} at ${time}`;
  return `On day ${preset.day} of the month at ${time}`;
}
