import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { patternSteps, type Use } from './pattern.ts';
import { formatInstant } from './pattern-format.ts';
import { parseInstant, parseWall } from './pattern-parse.ts';

/** The same, but NULL where the text does not follow the pattern; a wrong pattern stays an error, as in Spark. */
function withTry(func: EngineFunction, use: Use): EngineFunction[] {
  const evaluate: EngineFunction['evaluate'] = (args) => {
    patternSteps(args[1] as string, use);
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
    'parse',
  ),
  ...withTry(
    engineFunction('spark_parse_ntz', ['VARCHAR', 'VARCHAR'], 'BIGINT', ([text, pattern]) =>
      parseWall(text as string, pattern as string),
    ),
    'parseStrictly',
  ),
];
