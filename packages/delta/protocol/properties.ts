import { deltaErrors } from '../errors.ts';

/**
 * Table properties that a writer here honours, with the values it takes. Any other `delta.…` name is refused, because a
 * property that is kept but not obeyed promises something false. Names without that prefix are the user's own.
 */
const known: Record<string, RegExp> = {
  'delta.appendOnly': /^(true|false)$/,
  'delta.checkpointInterval': /^[1-9]\d{0,5}$/,
  'delta.dataSkippingNumIndexedCols': /^(-1|\d{1,5})$/,
  'delta.deletedFileRetentionDuration': /^interval \d+ (second|minute|hour|day|week)s?$/i,
  'delta.logRetentionDuration': /^interval \d+ (second|minute|hour|day|week)s?$/i,
};
const canonicalNames = new Map(Object.keys(known).map((name) => [name.toLowerCase(), name]));

/** Configuration of a new table. Throws DELTA_UNKNOWN_CONFIGURATION. */
export function configurationOf(properties: Readonly<Record<string, string>>): Record<string, string> {
  const configuration: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (!name.toLowerCase().startsWith('delta.')) {
      configuration[name] = value;
      continue;
    }
    const canonical = canonicalNames.get(name.toLowerCase());
    if (!canonical || !known[canonical]?.test(value)) throw deltaErrors.unknownProperty(`${name} = ${value}`);
    configuration[canonical] = value;
  }
  return configuration;
}

/** Milliseconds of a retention property such as `interval 30 days`. */
export function retentionMs(configuration: Readonly<Record<string, string>>, name: string, fallbackMs: number): number {
  const match = /^interval (\d+) (second|minute|hour|day|week)s?$/i.exec(configuration[name] ?? '');
  if (!match) return fallbackMs;
  const unitMs = { second: 1e3, minute: 6e4, hour: 36e5, day: 864e5, week: 6048e5 }[
    match[2]!.toLowerCase() as 'second'
  ];
  return Number(match[1]) * unitMs;
}
