import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { patternParts } from './pattern.ts';
import { formatInstant } from './pattern-format.ts';
import { parseByPattern, parseInstant } from './pattern-parse.ts';

/** The same, but NULL where the text does not follow the pattern; a wrong pattern stays an error, as in Spark. */
function withTry(func: EngineFunction): EngineFunction[] {
  const evaluate: EngineFunction['evaluate'] = (args) => {
    patternParts(args[1] as string);
    try {
      return func.evaluate(args);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'CANNOT_PARSE_TIMESTAMP') return null;
      throw error;
    }
  };
  return [func, { ...func, name: func.name.replace('spark_', 'spark_try_'), evaluate }];
}

export const patternFunctions: EngineFunction[] = [
  engineFunction('spark_date_format', ['BIGINT', 'VARCHAR', 'VARCHAR'], 'VARCHAR', ([instant, zone, pattern]) =>
    formatInstant(instant as bigint, zone as string, pattern as string),
  ),
  ...withTry(
    engineFunction('spark_parse_timestamp', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'BIGINT', ([text, pattern, zone]) =>
      parseInstant(text as string, pattern as string, zone as string),
    ),
  ),
  ...withTry(
    engineFunction(
      'spark_parse_ntz',
      ['VARCHAR', 'VARCHAR'],
      'BIGINT',
      ([text, pattern]) => parseByPattern(text as string, pattern as string).local,
    ),
  ),
];
