import { parseArgs } from 'node:util';
import { BoathouseError } from '@boathouse/contracts';

/** A command called wrongly: exit code 2, and how to call it. */
export class UsageError extends BoathouseError {
  constructor(message: string) {
    super('USAGE', message, 'user');
  }
}

export interface Parsed {
  positionals: string[];
  options: Record<string, string | undefined>;
  /** The flags that were given. */
  flags: ReadonlySet<string>;
}

/** Positional arguments, `--name value` options and `--name` flags. Throws UsageError naming what is unknown or missing. */
export function readArguments(
  args: readonly string[],
  names: readonly string[],
  positionals: { min: number; max: number; usage: string },
  flags: readonly string[] = [],
): Parsed {
  let values: Record<string, unknown>;
  let given: string[];
  try {
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries([
        ...names.map((name) => [name, { type: 'string' as const }]),
        ...flags.map((name) => [name, { type: 'boolean' as const }]),
      ]),
    });
    values = parsed.values;
    given = parsed.positionals;
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message.split('. ')[0] : String(error)}. Usage: ${positionals.usage}`,
    );
  }
  if (given.length < positionals.min || given.length > positionals.max)
    throw new UsageError(`Usage: ${positionals.usage}`);
  const options: Parsed['options'] = {};
  for (const name of names) {
    const value = values[name];
    if (typeof value === 'string') options[name] = value;
  }
  return { positionals: given, options, flags: new Set(flags.filter((name) => values[name] === true)) };
}

/** A whole number of an option. Throws UsageError. */
export function wholeNumber(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} must be a whole number; it is "${text}".`);
  return Number(text);
}

export function chooseFrom<T extends string>(value: string | undefined, choices: readonly T[], name: string): T {
  if (value === undefined) return choices[0]!;
  const found = choices.find((choice) => choice === value);
  if (!found) throw new UsageError(`--${name} must be ${choices.join(', ')}; it is "${value}".`);
  return found;
}
