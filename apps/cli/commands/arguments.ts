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
}

/** Positional arguments and `--name value` options. Throws UsageError naming what is unknown or missing. */
export function readArguments(
  args: string[],
  names: string[],
  positionals: { min: number; max: number; usage: string },
): Parsed {
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    });
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message.split('. ')[0] : String(error)}. Usage: ${positionals.usage}`,
    );
  }
  if (parsed.positionals.length < positionals.min || parsed.positionals.length > positionals.max)
    throw new UsageError(`Usage: ${positionals.usage}`);
  return { positionals: parsed.positionals, options: parsed.values as Record<string, string | undefined> };
}

export function chooseFrom<T extends string>(value: string | undefined, choices: readonly T[], name: string): T {
  if (value === undefined) return choices[0]!;
  const found = choices.find((choice) => choice === value);
  if (!found) throw new UsageError(`--${name} must be ${choices.join(', ')}; it is "${value}".`);
  return found;
}
